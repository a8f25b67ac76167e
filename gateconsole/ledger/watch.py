"""A ledger followed while others write: one look costs a stat and a number unless something changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal

from gateconsole.ledger.store import Ledger

News = Literal["none", "more", "anew", "gone"]
"""Nothing was written; something was; it is opened (again), maybe another one; there is no ledger."""


PATIENCE: Final = 1.0
"""Seconds to wait for another process that has the ledger locked: what follows it has other things to do."""


class LedgerFollow:
    """A ledger that may come, change, be replaced and go. Used by one thread.

    Whoever cannot use what a look found closes it: then the next look opens it again, and nothing is missed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ledger: Ledger | None = None
        self._mark: tuple[int, int] | None = None
        self._version = -1

    def look(self) -> News:
        """What there is to be read now. Raises LedgerUnusableError."""
        mark = _mark(self.path)
        if mark != self._mark:
            self.close()
        anew = self.ledger is None
        if self.ledger is None:
            self.ledger = Ledger.for_reading(self.path, PATIENCE)
            if self.ledger is None:
                return "gone"
            self._mark = mark
        before, self._version = self._version, self.ledger.data_version()
        return "anew" if anew else "none" if before == self._version else "more"

    def close(self) -> None:
        """Let the ledger go."""
        if self.ledger is not None:
            self.ledger.close()
        self.ledger, self._mark, self._version = None, None, -1


def _mark(path: Path) -> tuple[int, int] | None:
    """Which file it is, None when there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
