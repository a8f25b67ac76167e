"""A source for tests that must not load polars."""

from __future__ import annotations

from collections.abc import Callable

from gateconsole.snapshot import Snapshot


class PlainSource:
    """Publishes what a test tells it to, and remembers that it was stopped."""

    def __init__(self, *snapshots: Snapshot) -> None:
        self.snapshots = snapshots
        self.publish: Callable[[Snapshot], None] | None = None
        self.stopped = False

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Publish the first Snapshots."""
        self.publish = publish
        for snapshot in self.snapshots:
            publish(snapshot)

    def stop(self) -> None:
        """Remember that the console ended."""
        self.stopped = True
