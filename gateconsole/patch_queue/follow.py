"""The queue followed while others act on it: one look costs a stat and a number unless something changed."""

from __future__ import annotations

from pathlib import Path

from gateconsole.ledger.actor import RefusedError
from gateconsole.ledger.events import EventError
from gateconsole.ledger.location import LedgerUnusableError
from gateconsole.ledger.watch import LedgerFollow
from gateconsole.patch_queue.overview import EMPTY, Board, board, with_ages
from gateconsole.patch_queue.state import is_current, replay


class Follower:
    """The board of a ledger that may come, change, be replaced and go. Used by one thread.

    `history`: microseconds for which what was decided is shown; None: always (rule Q23). `problem` says, printably, why
    the ledger cannot be read now; the last board stays meanwhile.
    """

    def __init__(self, path: Path, history: int | None = None) -> None:
        self.path = path
        self._history = history
        self.problem: str | None = None
        self.ledger_id = ""
        """The digits of the ledger that the last board is of: another one has others. Empty without any."""
        self._board = EMPTY
        self._followed = LedgerFollow(path)

    def look(self, now: int) -> Board:
        """The queue now (microseconds UTC); the same object while nothing shown changed."""
        try:
            self._refresh(now)
            self.problem = None
        except (LedgerUnusableError, RefusedError, EventError) as error:
            self.problem = str(error)
            self.close()
        self._board = with_ages(self._board, now)
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
                state = connection if is_current(connection) else replay(ledger.events())
                self._board, self.ledger_id = board(state, now, self._history), ledger.id
