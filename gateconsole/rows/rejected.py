"""The list of files that are in no figure: those that are no run, and duplicates. No polars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple

from gateconsole.query import EVERYTHING, Query
from gateconsole.snapshot import Snapshot

RejectedColumn = Literal["since", "path", "place", "rule"]

REJECTED_COLUMNS: Final[tuple[RejectedColumn, ...]] = ("since", "path", "place", "rule")
"""What rejected files can be sorted by."""


DUPLICATE: Final = "duplicate"
"""Stands for a rule where a file holds a run, but another file's counts (rule G6)."""


class FileRow(NamedTuple):
    """A file that is in no figure, as listed. Raw texts; `since`: microseconds UTC, None where that is not known.

    Of a duplicate `place` is the path of the file that counts.
    """

    path: str
    place: str
    rule: str
    detail: str
    since: int | None


def newer_files(snapshot: Snapshot, held: Snapshot) -> int:
    """How many files came to this list since a Snapshot that is held in sight; those that left do not count."""
    now, then = (set[object]((*one.rejected, *one.duplicates)) for one in (snapshot, held))
    return len(now - then)


def rejected_rows(
    snapshot: Snapshot, query: Query = EVERYTHING, column: RejectedColumn = "since", falling: bool = True
) -> tuple[FileRow, ...]:
    """The rejected files and the duplicates that hold every bare word, latest first by default, ties by path.

    A row's key is its path. A file has no policy, outcome ... here: a term that asks one does not hold, an inverted
    one does. What has no time is last.
    """
    files = [FileRow(*one) for one in snapshot.rejected]
    files += [FileRow(one.path, one.kept, DUPLICATE, one.why, None) for one in snapshot.duplicates]
    rows = sorted((one for one in files if query.matches_file(*one[:4])), key=lambda one: one.path)
    if column == "path":
        return tuple(reversed(rows) if falling else rows)
    known = sorted(
        (one for one in rows if one.since is not None or column != "since"), key=_by(column), reverse=falling
    )
    return (*known, *(one for one in rows if one.since is None and column == "since"))


def _by(column: RejectedColumn) -> Callable[[FileRow], Any]:
    return lambda one: getattr(one, column)
