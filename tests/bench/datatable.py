"""The peer of the console's table: Textual's own DataTable with the same rows, changed cell by cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from textual.app import App, ComposeResult
from textual.message import Message
from textual.widgets import DataTable, Static

from gateconsole.snapshot import Policy, Snapshot
from gateconsole.view import (
    format_count,
    format_rate,
    format_time_short,
    listed_share,
    outcome_bar,
    policies_in_order,
    trend,
)

TITLES = ("POLICY", "N", "VALID", "OUTCOMES", "MIN", "MEDIAN", "P95", "MAX", "LAST 33 RUNS", "LISTED", "LAST")


class Source(Protocol):
    """What publishes Snapshots."""

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Begin to publish."""


class Published(Message):
    """A Snapshot has come."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, Published)


def cells(policy: Policy, now: int) -> tuple[str, ...]:
    """The same words as the console's row."""
    stats = policy.whole
    rates = (stats.unknown_rate_min, stats.unknown_rate_median, stats.unknown_rate_p95, stats.unknown_rate_max)
    blocks = "".join("-" if point.level is None else "▁▂▃▄▅▆▇█"[point.level] for point in trend(policy, 33))
    numbers = (format_count(stats.n), format_count(stats.n_valid), outcome_bar(stats, 10), *map(format_rate, rates))
    return (policy.policy_hash, *numbers, blocks, listed_share(stats), format_time_short(policy.newest, now))


class Peer(App[None]):
    """A DataTable that changes only the cells that differ."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source
        self._shown: dict[str, tuple[str, ...]] = {}

    def compose(self) -> ComposeResult:
        """The table alone."""
        table: DataTable[str] = DataTable(cursor_type="row")
        for title in TITLES:
            table.add_column(title, key=title)
        yield table

    def on_mount(self) -> None:
        """Begin."""
        self._source.start(self._take)

    def _take(self, snapshot: Snapshot) -> None:
        self.post_message(Published(snapshot))

    def on_snapshot_published(self, message: Published) -> None:
        """Add new rows, and update the cells that differ."""
        table = self.query_one(DataTable)
        for policy in policies_in_order(message.snapshot):
            key, new = policy.policy_hash, cells(policy, message.snapshot.taken_at)
            old = self._shown.get(key)
            if old is None:
                table.add_row(*new, key=key)
            else:
                for title, was, now in zip(TITLES, old, new, strict=True):
                    if was != now:
                        table.update_cell(key, title, now)
            self._shown[key] = new


class Bare(App[None]):
    """The least Textual application: one word on the screen."""

    def compose(self) -> ComposeResult:
        """The word."""
        yield Static("painted")


def run_table(source: Source) -> None:
    """Run the peer until it is killed."""
    Peer(source).run()


if __name__ == "__main__":
    Bare().run()
