"""Where the Snapshots of the console come from, and who tells of what is new in them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from gateconsole.snapshot import Banner, Snapshot
from gateconsole.tui.keys.key_hints import key

if TYPE_CHECKING:
    from gateconsole.notifications.notifier import Notification, Notifier


class SnapshotSource(Protocol):
    """What the console needs of the engine."""

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Begin to publish Snapshots, from any thread."""

    def stop(self) -> None:
        """Publish no more; called once, also if `start` never was."""


class SnapshotFeed:
    """A source and a teller: made and started in a thread, stopped once; after that nothing is passed on.

    `show`: a Snapshot has come; `say`: something is to be told. Both are called from any thread.
    """

    def __init__(
        self,
        make_source: Callable[[], SnapshotSource],
        show: Callable[[Snapshot], None],
        make_teller: Callable[[Callable[[Notification], None]], Notifier] | None,
        say: Callable[[Notification], None],
    ) -> None:
        self._make_source = make_source
        self._make_teller = make_teller
        self._show = show
        self._say = say
        self._source: SnapshotSource | None = None
        self._teller: Notifier | None = None
        self._lock = threading.Lock()
        self._ended = False
        self._leave = key("quit")  # here: the thread of the source does not know which keys hold

    def start(self) -> None:
        """Make the source, which may import slow modules, and begin; what it raises is shown."""
        try:
            source = self._make_source()
            with self._lock:
                if self._ended:
                    return
                self._source = source
                if self._make_teller is not None:
                    self._teller = self._make_teller(self._say)
                    self._teller.start()
            source.start(self.publish)
        except Exception as problem:
            self.publish(_failed(problem, self._leave))

    def publish(self, snapshot: Snapshot) -> None:
        """Pass a Snapshot on; from any thread."""
        if not self._ended:
            self._show(snapshot)
            if self._teller is not None:
                self._teller.put(snapshot)

    def stop(self) -> None:
        """Ask for no more Snapshots."""
        with self._lock:
            self._ended = True
            source, self._source = self._source, None
            teller, self._teller = self._teller, None
        if teller is not None:
            teller.stop()
        if source is not None:
            source.stop()


def _failed(problem: Exception, leave: str) -> Snapshot:
    """What is shown when the source cannot be made or started: nothing will come, so say why and what helps."""
    text = f"the engine could not start: {type(problem).__name__}: {problem}"
    remedy = f"{leave}, then gateconsole paths shows what was found where"
    return Snapshot(banners=(Banner("engine_failed", text, remedy),))
