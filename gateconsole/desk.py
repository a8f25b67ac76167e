"""The ledger beside a root: the queue and operators' acts as others change them, and the results that artifacts report
(DOMAIN 3.2 row 20).

Used by one thread. Times are passed in, microseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateconsole.acts import Acts, ActsFollower
from gateconsole.innocence.act import When
from gateconsole.innocence.artifacts import SAYS, Odd, Says, claim_of
from gateconsole.innocence.board import Board
from gateconsole.innocence.booking import Artifact, book
from gateconsole.innocence.follow import Follower
from gateconsole.innocence.known import Refused
from gateconsole.ledger.follow import PATIENCE
from gateconsole.ledger.place import LedgerUnusable, default_ledger
from gateconsole.ledger.store import Ledger
from gateconsole.model import Diagnostic, Run, artifact_path

BOOKER: Final = "gateconsole"
"""Who acts when nobody is named."""


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """Which ledger (None: the one in the root), who books results into it, whether at all, what an outcome says."""

    ledger: Path | None = None
    actor: str = BOOKER
    books: bool = False
    says: Mapping[str, Says] = field(default_factory=lambda: SAYS)


class Desk:
    """Follows the queue's ledger, and books what artifacts report."""

    def __init__(self, root: Path, options: QueueOptions) -> None:
        self._options = options
        self._path = options.ledger if options.ledger is not None else default_ledger(root)
        self._follower = Follower(self._path)
        self._acts = ActsFollower(self._path)
        self._claims: dict[str, Artifact] = {}
        self._waiting: set[str] = set()
        self._odd: dict[str, Diagnostic] = {}
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

    def notes(self) -> list[tuple[str, Diagnostic]]:
        """(artifact path, why it reports nothing) of the artifacts that name a run they are no result of."""
        return sorted(self._odd.items())

    def claim(self, folder: str, data: bytes, run: Run) -> None:
        """An artifact that may be a result of the queue."""
        path = artifact_path(folder)
        found = claim_of(data)
        self._odd.pop(path, None)
        if found is None:
            self._claims.pop(path, None)
        else:
            self._claims[path] = Artifact(path, run.outcome, found)
            self._waiting.add(path)

    def look(self, now: int) -> Board:
        """Book what waits, and give the queue as it is now: the same object while nothing changed."""
        board = self._follower.look(now)
        if board.seq < self._seq or not self._seq:
            self._waiting = set(self._claims)  # another ledger than before, or the first one
        self._seq = board.seq
        if self._waiting and board.seq and self._options.books and self._follower.problem is None:
            self._book(now)
            board = self._follower.look(now)
        return board

    def acts(self) -> Acts:
        """What operators did about alerts and alarms: the same object while nothing changed."""
        return self._acts.look()

    def close(self) -> None:
        """Let the ledger go."""
        self._follower.close()
        self._acts.close()

    def _book(self, now: int) -> None:
        artifacts = [self._claims[path] for path in sorted(self._waiting & self._claims.keys())]
        try:
            ledger = Ledger.for_writing(self._path, PATIENCE)
            try:
                for path, outcome in book(ledger, artifacts, When(now, self._options.actor), self._options.says):
                    if isinstance(outcome, Odd):
                        self._odd[path] = Diagnostic(outcome.rule, "queue_run", outcome.detail)
            finally:
                ledger.close()
        except (LedgerUnusable, Refused) as error:
            self._booking_problem = f"results of artifacts are not booked: {error}"
            return
        self._booking_problem = None
        self._waiting.clear()
