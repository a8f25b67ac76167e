"""The queue followed while others act on it: one look costs a stat and a number unless something changed (DESIGN 3)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from gateconsole.innocence.board import EMPTY, Board, aged, board
from gateconsole.innocence.known import Refused
from gateconsole.innocence.state import folded, is_current
from gateconsole.ledger.events import EventWrong
from gateconsole.ledger.place import LedgerUnusable
from gateconsole.ledger.store import Ledger

PATIENCE: Final = 1.0
"""Seconds to wait for another process that has the ledger locked: what follows it has other things to do."""


class Follower:
    """The board of a ledger that may come, change, be replaced and go. Used by one thread.

    `problem` says, printably, why the ledger cannot be read now; the last board stays meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem: str | None = None
        self._board = EMPTY
        self._ledger: Ledger | None = None
        self._mark: tuple[int, int] | None = None
        self._version = -1

    def look(self, now: int) -> Board:
        """The queue now (microseconds UTC); the same object while nothing shown changed."""
        try:
            self._refresh(now)
            self.problem = None
        except (LedgerUnusable, Refused, EventWrong) as error:
            self.problem = str(error)
            self.close()
        self._board = aged(self._board, now)
        return self._board

    def close(self) -> None:
        """Let the ledger go; the next look opens it again."""
        if self._ledger is not None:
            self._ledger.close()
        self._ledger, self._mark, self._version = None, None, -1

    def _refresh(self, now: int) -> None:
        mark = _mark(self.path)
        if mark != self._mark:
            self.close()
        if self._ledger is None:
            self._ledger = Ledger.for_reading(self.path, PATIENCE)
            if self._ledger is None:
                self._board = EMPTY
                return
            self._mark = mark
        version = self._ledger.data_version()
        if version == self._version:
            return
        with self._ledger.reading() as connection:
            state = connection if is_current(connection) else folded(self._ledger.events())
            self._board = board(state, now)
        self._version = version


def _mark(path: Path) -> tuple[int, int] | None:
    """Which file it is, None when there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
