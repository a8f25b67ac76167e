"""A ledger followed while others write: one look costs a stat and a number unless something changed (DESIGN 3)."""

from __future__ import annotations

import os
from pathlib import Path

from gateconsole.ledger.events import Event
from gateconsole.ledger.place import LedgerUnusable
from gateconsole.ledger.store import Ledger, read_events


class Follower:
    """New events of a ledger that may come, change, be replaced and go. Used by one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ledger: Ledger | None = None
        self._mark: tuple[int, int] | None = None
        self._version = -1
        self._seq = 0

    def look(self) -> tuple[bool, list[Event]]:
        """(whether all is anew, the events since the last look). Anew: opened again, or there is none any more.

        Raises LedgerUnusable; the next look tries again and misses nothing.
        """
        try:
            return self._look()
        except LedgerUnusable:
            self.close()
            raise

    def close(self) -> None:
        """Let the ledger go; the next look opens it again and reads it from its beginning."""
        if self._ledger is not None:
            self._ledger.close()
        self._ledger, self._mark, self._version = None, None, -1

    def _look(self) -> tuple[bool, list[Event]]:
        mark = _mark(self.path)
        if mark != self._mark:
            self.close()
        anew = self._ledger is None
        if self._ledger is None:
            self._seq = 0
            self._ledger = Ledger.for_reading(self.path)
            if self._ledger is None:
                return True, []
            self._mark = mark
        version = self._ledger.data_version()
        if version == self._version:
            return False, []
        with self._ledger.reading() as connection:
            events = list(read_events(connection, self._seq))
        self._version = version
        self._seq = events[-1].seq if events else self._seq
        return anew, events


def _mark(path: Path) -> tuple[int, int] | None:
    """Which file it is, None when there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
