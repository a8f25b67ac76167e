"""The ledger beside a root: the queue and operators' acts as others change them, and the results that artifacts report
(rule Q20).

Used by one thread. Times are passed in, microseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateconsole.judgement.operator_acts import Acts, ActsFollower
from gateconsole.ledger.actor import Actor, RefusedError
from gateconsole.ledger.events import EventError
from gateconsole.ledger.location import LedgerUnusableError, default_ledger, origin_of
from gateconsole.ledger.store import Ledger
from gateconsole.ledger.watch import PATIENCE
from gateconsole.model import Diagnostic, Run, artifact_path
from gateconsole.patch_queue.artifact_results import Artifact, BookingOutcome, book, refused
from gateconsole.patch_queue.follow import Follower
from gateconsole.patch_queue.overview import Board
from gateconsole.patch_queue.reported_results import SAYS, Says, UnusableResult, named_run

BOOKER: Final = "gateconsole"
"""Who acts when nobody is named."""


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """Which ledger (None: the one in the root), who books results into it, whether at all, what an outcome says.

    `history`: microseconds for which what was decided is shown; None: always (rule Q23).
    """

    ledger: Path | None = None
    actor: str = BOOKER
    books: bool = False
    says: Mapping[str, Says] = field(default_factory=lambda: SAYS)
    history: int | None = None


class Desk:
    """Follows the queue's ledger, and books what artifacts report."""

    def __init__(self, root: Path, options: QueueOptions) -> None:
        self._options = options
        self._root = root
        self._path = options.ledger if options.ledger is not None else default_ledger(root)
        self._follower = Follower(self._path, options.history)
        self._acts = ActsFollower(self._path)
        self._claims: dict[str, Artifact] = {}
        self._waiting: set[str] = set()
        self._odd: dict[str, Diagnostic] = {}
        self._notes: tuple[tuple[str, Diagnostic], ...] | None = ()
        self._ledger = ""
        self._seq = 0
        self._booking_problem: str | None = None

    @property
    def problem(self) -> str | None:
        """Why the ledger cannot be read, or results cannot be booked; printable."""
        return self._follower.problem or self._acts.problem or self._booking_problem

    @property
    def meanwhile(self) -> str:
        """What is shown of the ledger as long as there is a problem."""
        if self._follower.problem is None and self._acts.problem is None:
            return "the queue is shown without them"
        if not self._seq:
            return "no queue and no act on an alert is shown until it can be read"
        return "the queue is shown as it was last read"

    def notes(self) -> tuple[tuple[str, Diagnostic], ...]:
        """(artifact path, why it reports nothing) of the artifacts that name a run they are no result of, by path.

        The same object while nothing changed.
        """
        if self._notes is None:
            self._notes = tuple(sorted(self._odd.items()))
        return self._notes

    def claim(self, folder: str, data: bytes, run: Run | None) -> None:
        """An artifact that may be a result of the queue; bytes without one when it is none any more."""
        path = artifact_path(folder)
        claim = named_run(data)
        self._note(path, None)
        if claim is None or run is None:
            self._claims.pop(path, None)
            self._waiting.discard(path)
        else:
            self._claims[path] = Artifact(path, run.outcome, claim)
            self._waiting.add(path)

    def _note(self, path: str, note: Diagnostic | None) -> None:
        if self._odd.get(path) != note:
            self._notes = None
            if note is None:
                del self._odd[path]
            else:
                self._odd[path] = note

    def look(self, now: int) -> Board:
        """Book what waits, and give the queue as it is now: the same object while nothing changed."""
        board = self._follower.look(now)
        if self._follower.ledger_id != self._ledger:  # another ledger than before, the first one, or none
            self._waiting = set(self._claims)
            for path in list(self._odd):
                self._note(path, None)
        elif board.seq != self._seq:
            self._waiting |= self._odd.keys()  # it may know the run by now
        self._ledger, self._seq = self._follower.ledger_id, board.seq
        if self._waiting and board.seq and self._follower.problem is None:
            self._compare(now)
            board = self._follower.look(now)
        return board

    def acts(self) -> Acts:
        """What operators did about alerts and alarms: the same object while nothing changed."""
        return self._acts.look()

    def close(self) -> None:
        """Let the ledger go."""
        self._follower.close()
        self._acts.close()

    def _compare(self, now: int) -> None:
        """Book what waits, or only see what of it the ledger refuses."""
        waiting = sorted(self._waiting & self._claims.keys())
        try:
            results = self._results([self._claims[path] for path in waiting], now)
        except (LedgerUnusableError, RefusedError, EventError) as error:
            self._booking_problem = (
                f"results of artifacts are not {'booked' if self._options.books else 'seen'}: {error}"
            )
            return
        refused_now = {one.path: one.outcome for one in results if isinstance(one.outcome, UnusableResult)}
        for path in waiting:
            odd = refused_now.get(path)
            self._note(path, None if odd is None else Diagnostic(odd.rule, "queue_run", odd.detail))
        self._booking_problem = None
        self._waiting.clear()

    def _results(self, artifacts: list[Artifact], now: int) -> list[BookingOutcome]:
        options = self._options
        if options.books:
            ledger: Ledger | None = Ledger.for_writing(self._path, PATIENCE)
        else:
            ledger = Ledger.for_reading(self._path, PATIENCE)
        if ledger is None:
            return []
        try:
            if not options.books:
                return refused(ledger, artifacts, options.says)
            when, origin = Actor(now, options.actor), origin_of(self._path, self._root)
            return book(ledger, artifacts, when, options.says, origin)
        finally:
            ledger.close()
