"""A console in use: it shows a Snapshot, is typed at, and is looked at as text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from gateconsole.snapshot import Snapshot
from gateconsole.tui.app import Console
from gateconsole.tui.policies.effects import Effects
from gateconsole.tui.policies.screen import PoliciesScreen
from gateconsole.tui.readiness.screen import ReadinessScreen
from gateconsole.tui.runs.rows import FileLine, RunLine
from gateconsole.tui.runs.screen import RunsScreen
from gateconsole.tui.shell.screen import ConsoleScreen
from gateconsole.tui.widgets.latest_worker import LatestWorker
from gateconsole.tui.widgets.table import Table
from tests.screens.plain_source import PlainSource

SIZES = {"80x24": (80, 24), "120x36": (120, 36), "200x50": (200, 50)}
"""The sizes that every screen is looked at in."""


def paged(screen: ConsoleScreen) -> list[str]:
    """The lines that a screen gives to the pager."""
    page = screen.page()
    return page() if callable(page) else page


class Looked:
    """A running console, looked at as text."""

    def __init__(self, app: Console, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def lines(self) -> list[str]:
        """The screen, line by line."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """The screen."""
        return "\n".join(self.lines)

    @property
    def said(self) -> str:
        """What the last lines say, as one."""
        return " ".join(line.strip() for line in self.lines[-3:])


class InUse(Looked):
    """A running console."""

    @property
    def runs(self) -> RunsScreen:
        """The screen Runs."""
        return self.app.query_one(RunsScreen)

    @property
    def table(self) -> Table[RunLine] | Table[FileLine]:
        """The list in sight on it."""
        return self.runs.table

    @property
    def ids(self) -> list[str]:
        """The run ids in the list, from the top, that are in sight."""
        rows = self.runs._runs.rows
        return [line.run.run_id for line in rows[self.table.top : self.table.top + self.table.page]]

    @property
    def selected(self) -> str:
        """The run, or the path of the file, under the cursor."""
        line = self.table.selected
        return line.run.run_id if isinstance(line, RunLine) else line.path if line is not None else ""

    async def press(self, *keys: str) -> None:
        """Type keys, and wait until what they ask for is done."""
        await self.pilot.press(*keys)
        await self.quiet()

    async def type(self, text: str) -> None:
        """Type text."""
        names = {" ": "space", ":": "colon", ",": "comma", "!": "exclamation_mark", ">": "greater_than_sign"}
        names |= {".": "full_stop", "-": "minus", "_": "underscore", '"': "quotation_mark", "=": "equals_sign"}
        await self.press(*(names.get(mark, mark) for mark in text))

    async def publish(self, snapshot: Snapshot) -> None:
        """Let the engine publish."""
        self.app.publish(snapshot)
        await self.until(lambda: self.app.frame.snapshot is snapshot)
        await self.quiet()

    async def quiet(self) -> None:
        """Nothing of what this screen does is being done any more."""
        await self.done()

    async def done(self) -> None:
        """Nothing is being worked out any more."""
        frame = self.app.frame
        finding = self.app.query_one(PoliciesScreen)._finding
        work: list[LatestWorker[Any, Any]] = [self.runs._lists, self.runs._detail._reading, frame._head.counting]
        work += [frame._writing.working, finding, self.runs._detail._judging, self.app.query_one(Effects).reviewing]
        work += [self.app.query_one(ReadinessScreen).reviewing]
        await self.pilot.pause()
        await self.until(lambda: not any(each.busy for each in work))
        await self.pilot.pause()
        await self.pilot.pause()

    async def until(self, so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        for _ in range(1000):
            if so():
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"it never was:\n{self.text}")


def drawn_lines(monkeypatch: pytest.MonkeyPatch, table_id: str) -> list[int]:
    """The lines of a table, one after the other as they are drawn from now on."""
    drawn: list[int] = []
    render = Table.render_line

    def counted(table: Table[object], y: int) -> object:
        if table.id == table_id:
            drawn.append(y)
        return render(table, y)

    monkeypatch.setattr(Table, "render_line", counted)
    return drawn


@asynccontextmanager
async def console(
    snapshot: Snapshot,
    size: tuple[int, int] = (120, 36),
    *,
    root: Path | None = None,
    screen: str = "5",
    theme: str = "",
) -> AsyncIterator[InUse]:
    """A console that shows a Snapshot, on the screen of this key."""
    source = PlainSource(snapshot)
    app = Console(lambda: source, root_label="ci-artifacts", root=root, theme=theme or "gate-dark")
    async with app.run_test(size=size) as pilot:
        seen = InUse(app, pilot)
        await seen.until(lambda: app.frame.snapshot is snapshot)
        await seen.press(screen)
        yield seen
        app.stop_source()
