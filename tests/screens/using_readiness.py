"""The screen Readiness in use, and the policies it is looked at with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateconsole.snapshot import Snapshot
from gateconsole.tui.readiness.screen import ReadinessScreen
from tests.screens.fake_alerts import FakeAlerts
from tests.screens.using import InUse, console, paged

HOSTILE = "[bold red]x[/] \x1b]0;p\x07 漢字 @click=quit"


class ReadinessInUse(InUse):
    """A console on the screen Readiness."""

    @property
    def screen(self) -> ReadinessScreen:
        """The screen."""
        return self.app.query_one(ReadinessScreen)

    @property
    def hashes(self) -> list[str]:
        """The policies in the list."""
        return [line.policy_hash for line in self.screen._table.rows]

    @property
    def page(self) -> str:
        """Everything the detail says, whatever fits."""
        return "\n".join(paged(self.screen))

    async def to(self, policy_hash: str) -> None:
        """Put the cursor on a policy."""
        self.screen._table.move_to(self.hashes.index(policy_hash))
        await self.done()


@pytest.fixture
def fake(tmp_path: Path) -> FakeAlerts:
    """A ready policy, one with too few runs, others that are not ready; no verdict yet."""
    made = FakeAlerts(tmp_path / "ledger.db").filled()
    made.calm("e4f5a6", 60, 0.0)
    made.calm("f00d01", 23, 0.0)
    return made


@asynccontextmanager
async def opened(
    snapshot: Snapshot, size: tuple[int, int] = (120, 36), theme: str = ""
) -> AsyncIterator[ReadinessInUse]:
    """The screen Readiness on a Snapshot."""
    async with console(snapshot, size, screen="6", theme=theme) as seen:
        mine = ReadinessInUse(seen.app, seen.pilot)
        await mine.done()
        yield mine
