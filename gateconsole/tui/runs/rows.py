"""The lists of the screen Runs as sources of rows: only what is in sight is ever made."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from gateconsole.query import Query
from gateconsole.rows.rejected import DUPLICATE, REJECTED_COLUMNS, FileRow, RejectedColumn, rejected_rows
from gateconsole.rows.sorts import RunRow, Sort
from gateconsole.snapshot import Snapshot
from gateconsole.tui.widgets.lazy_rows import LazyRows
from gateconsole.view import run_rows

if TYPE_CHECKING:
    from gateconsole.rows.runs import RunsView

_CHUNK: Final = 64
_CHUNKS: Final = 16
PENDING: Final = "pending"
"""Stands for a rule while a file may still be being written."""

_DAY: Final = 86_400_000_000


class RunLine(NamedTuple):
    """A run as a row of the list; `today` (midnight, microseconds UTC) decides how its time is written."""

    run: RunRow
    today: int


class FileLine(NamedTuple):
    """A file that is in no figure as a row of the list; `since` is None where that is not known."""

    path: str
    place: str
    rule: str
    detail: str
    since: int | None
    today: int


class RunRows(LazyRows[RunLine]):
    """The runs of a view by their numbers, read in windows."""

    def __init__(self, view: RunsView | None = None, today: int = 0) -> None:
        self._view = view
        self._today = today
        self._chunks: dict[int, list[RunLine]] = {}

    def __len__(self) -> int:
        return self._view.matched if self._view is not None else 0

    def find(self, key: Hashable) -> int | None:
        """The number of the run of this key (its folder)."""
        return self._view.find(str(key)) if self._view is not None else None

    def _at(self, number: int) -> RunLine:
        chunk, within = divmod(number, _CHUNK)
        found = self._chunks.get(chunk)
        if found is None:
            if len(self._chunks) >= _CHUNKS:
                self._chunks.clear()
            rows = self._view.rows(chunk * _CHUNK, _CHUNK) if self._view is not None else []
            found = self._chunks[chunk] = [RunLine(row, self._today) for row in rows]
        return found[within]


class FileRows(LazyRows[FileLine]):
    """Files still being written, then those that are no run, or duplicates."""

    def __init__(self, pending: Sequence[str] = (), rejected: Sequence[FileRow] = (), today: int = 0) -> None:
        self._pending = pending
        self._rejected = rejected
        self._today = today

    def __len__(self) -> int:
        return len(self._pending) + len(self._rejected)

    def find(self, key: Hashable) -> int | None:
        """The number of the file of this path."""
        for place, path in enumerate(self._pending):
            if path == key:
                return place
        for place, one in enumerate(self._rejected):
            if one.path == key:
                return len(self._pending) + place
        return None

    def _at(self, number: int) -> FileLine:
        if number < len(self._pending):
            detail = "does not parse yet: it may still be being written; rejected once it has not changed for a second"
            return FileLine(self._pending[number], "-", PENDING, detail, None, self._today)
        one = self._rejected[number - len(self._pending)]
        return FileLine(one.path, one.place, one.rule, one.detail, one.since, self._today)


class RunListQuery(NamedTuple):
    """Which lists are wanted; `before` is the list of runs that was shown last."""

    snapshot: Snapshot
    query: Query
    sort: Sort
    files_sort: Sort
    before: RunsView | None


class Lists(NamedTuple):
    """The list of runs, None if the Snapshot holds none, and the files in no figure; so many of them duplicates."""

    view: RunsView | None
    files: tuple[FileRow, ...]
    duplicates: int


def both_lists(asked: RunListQuery) -> Lists:
    """Both lists; not on the screen's own thread."""
    snapshot, query = asked.snapshot, asked.query
    view = run_rows(snapshot, query, asked.sort, asked.before) if snapshot.runs is not None else None
    column: RejectedColumn = next(name for name in REJECTED_COLUMNS if name == asked.files_sort.column)
    files = rejected_rows(snapshot, query, column, asked.files_sort.falling)
    return Lists(view, files, sum(one.rule == DUPLICATE for one in files))
