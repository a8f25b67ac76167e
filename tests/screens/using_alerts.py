"""The screen Alerts in use."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateconsole.notifications.notifier import Notification, Notifier
from gateconsole.snapshot import Snapshot
from gateconsole.tui.alerts.screen import AlertsScreen
from gateconsole.tui.app import Console
from gateconsole.tui.shell.operator import Operator
from tests.screens.plain_source import PlainSource
from tests.screens.using import InUse


class AlertsInUse(InUse):
    """A console on the screen Alerts."""

    @property
    def screen(self) -> AlertsScreen:
        """The screen Alerts."""
        return self.app.query_one(AlertsScreen)

    @property
    def keys(self) -> list[tuple[str | None, str]]:
        """The alerts in the list."""
        return [line.alert.key for line in self.screen._table.rows]

    async def quiet(self) -> None:
        """Nothing is being worked out or written any more."""
        screen = self.screen
        work = [screen._lists, screen._looking, screen._acting, self.app.frame.undoing.working]
        for _ in range(2):
            await self.done()
            await self.until(lambda: not any(each.busy for each in work))  # type: ignore[attr-defined]
        await self.pilot.pause()

    async def to(self, policy_hash: str | None, name: str) -> None:
        """Put the cursor on an alert."""
        self.screen._table.move_to(self.keys.index((policy_hash, name)))
        await self.quiet()


@asynccontextmanager
async def opened(
    snapshot: Snapshot,
    hand: Operator | None,
    size: tuple[int, int] = (120, 36),
    theme: str = "gate-dark",
    *,
    ascii_only: bool = False,
    tell: Callable[[Callable[[Notification], None]], Notifier] | None = None,
) -> AsyncIterator[AlertsInUse]:
    """A console with the screen Alerts in sight."""
    app = Console(
        lambda: PlainSource(snapshot),
        root_label="ci-artifacts",
        theme=theme,
        hand=None if hand is None else lambda: hand,
        ascii_only=ascii_only,
        tell=tell,
    )
    async with app.run_test(size=size) as pilot:
        seen = AlertsInUse(app, pilot)
        await seen.until(lambda: app.frame.snapshot is snapshot and app.frame.current is not None)
        await seen.press("2")
        yield seen
        app.stop_source()
