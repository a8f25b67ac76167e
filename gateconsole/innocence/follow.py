"""The queue followed while others act on it: one look costs a stat and a number unless something changed (DESIGN 3)."""

from __future__ import annotations

from pathlib import Path

from gateconsole.innocence.board import EMPTY, Board, aged, board
from gateconsole.innocence.known import Refused
from gateconsole.innocence.state import folded, is_current
from gateconsole.ledger.events import EventWrong
from gateconsole.ledger.follow import Followed
from gateconsole.ledger.place import LedgerUnusable


class Follower:
    """The board of a ledger that may come, change, be replaced and go. Used by one thread.

    `history`: microseconds for which what was decided is shown; None: always (row 23). `problem` says, printably, why
    the ledger cannot be read now; the last board stays meanwhile.
    """

    def __init__(self, path: Path, history: int | None = None) -> None:
        self.path = path
        self._history = history
        self.problem: str | None = None
        self.ledger_id = ""
        """The digits of the ledger that the last board is of: another one has others. Empty without any."""
        self._board = EMPTY
        self._followed = Followed(path)

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
        self._followed.close()

    def _refresh(self, now: int) -> None:
        news = self._followed.look()
        ledger = self._followed.ledger
        if ledger is None:
            self._board, self.ledger_id = EMPTY, ""
        elif news != "none":
            with ledger.reading() as connection:
                state = connection if is_current(connection) else folded(ledger.events())
                self._board, self.ledger_id = board(state, now, self._history), ledger.id
