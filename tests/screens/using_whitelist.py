"""The screen Whitelist, and its form over any screen, in use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from gateconsole.snapshot import Banner
from gateconsole.tui.alerts.screen import AlertsScreen
from gateconsole.tui.app import Console
from gateconsole.tui.shell.operator import Operator
from gateconsole.tui.whitelist.form import WhitelistForm
from gateconsole.tui.whitelist.screen import WhitelistScreen
from gateconsole.tui.widgets.latest_worker import LatestWorker
from tests.screens.fake_whitelist import FakeWhitelist
from tests.screens.plain_source import PlainSource
from tests.screens.using import InUse


class WhitelistInUse(InUse):
    """A console whose whitelist can be written."""

    @property
    def screen(self) -> WhitelistScreen:
        """The screen Whitelist."""
        return self.app.query_one(WhitelistScreen)

    @property
    def form(self) -> WhitelistForm | None:
        """The form, while it is open."""
        form = self.app.whitelisting.form
        return form if form is not None and form.display else None

    @property
    def reasons(self) -> list[str]:
        """The reasons in the list."""
        return [line.standing.entry.reason for line in self.screen._table.rows]

    @property
    def flat(self) -> str:
        """The screen without frames and folds."""
        return " ".join(" ".join(line.strip(" │") for line in self.lines).split())

    async def quiet(self) -> None:
        """Nothing is being worked out or written any more."""
        screen, alerts = self.screen, self.app.query_one(AlertsScreen)
        work: list[LatestWorker[Any, Any]] = [screen.listing, screen.reading, self.app.frame.undoing.working]
        work += [alerts._lists, alerts._looking, screen.outlook.preparing, screen.outlook.looking]
        for _ in range(2):
            await self.done()
            form = self.app.whitelisting.form
            if form is not None:
                work += [form.outlook.preparing, form.outlook.looking, form.saving, form.looking]
            await self.idle(work)
        await self.pilot.pause()

    async def idle(self, work: list[LatestWorker[Any, Any]]) -> None:
        """None of these is busy."""
        await self.until(lambda: not any(each.busy for each in work))

    async def to(self, place: int) -> None:
        """Put the cursor on an entry, by its place in the list."""
        self.screen._table.move_to(place)
        await self.quiet()


@asynccontextmanager
async def opened(
    listed: FakeWhitelist,
    size: tuple[int, int] = (120, 36),
    theme: str = "gate-dark",
    *,
    screen: str = "4",
    hand: Operator | None = None,
    ascii_only: bool = False,
    says: str = "",
) -> AsyncIterator[WhitelistInUse]:
    """A console on this root, on the screen of this key; `says`: the banner's words for a broken file."""
    snapshot, acting = listed.snapshot(), hand or listed.hand()
    if says:
        snapshot = replace(snapshot, banners=(Banner("whitelist_broken", says, "mend the file"),))
    app = Console(
        lambda: PlainSource(snapshot),
        root_label="ci-artifacts",
        theme=theme,
        root=listed.root,
        hand=lambda: acting,
        ascii_only=ascii_only,
    )
    async with app.run_test(size=size) as pilot:
        seen = WhitelistInUse(app, pilot)
        await seen.until(lambda: app.frame.snapshot is snapshot and app.frame.current is not None)
        await seen.press(screen)
        yield seen
        app.stop_source()
