"""The list of files that are no run. No polars."""

from __future__ import annotations

from typing import Final, Literal

from gateconsole.model import Rejected
from gateconsole.query import EVERYTHING, Query
from gateconsole.snapshot import Snapshot

RejectedColumn = Literal["since", "path", "place", "rule"]

REJECTED_COLUMNS: Final[tuple[RejectedColumn, ...]] = ("since", "path", "place", "rule")
"""What rejected files can be sorted by."""


def newer_files(snapshot: Snapshot, held: Snapshot) -> int:
    """How many files were rejected since a Snapshot that is held in sight; those that left do not count."""
    return 0 if snapshot.rejected is held.rejected else len(set(snapshot.rejected).difference(held.rejected))


def rejected_rows(
    snapshot: Snapshot, query: Query = EVERYTHING, column: RejectedColumn = "since", falling: bool = True
) -> tuple[Rejected, ...]:
    """The rejected files that hold every bare word, latest first by default, ties by path. A row's key is its path.

    A file that is no run has no policy, outcome ...: a term that asks one does not hold, an inverted one does.
    """
    rows = sorted((one for one in snapshot.rejected if query.matches_rejected(one)), key=lambda one: one.path)
    if column == "path":
        return tuple(reversed(rows) if falling else rows)
    return tuple(sorted(rows, key=lambda one: getattr(one, column), reverse=falling))
