"""The patches of a testcase as they are listed: those that a filter finds, in an order. Any thread may ask.

The filter is that of the runs. A bare word asks for what the list says of a patch (`held`, `suspect`, `good in 1/2`),
for why it was held or removed, for its testcase and for builders of runs in flight that hold it; `time:` is its
arrival, `run:` a run that holds it or suspects it. Of runs' other fields a patch has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from operator import is_
from typing import Any, Final, NamedTuple

import polars as pl

from gateconsole.patch_queue.overview import Board, Overall, TestcaseBoard
from gateconsole.patch_queue.queries import PatchRow
from gateconsole.query import EVERYTHING, WORD, Query
from gateconsole.query.run_like_rows import frame_of, row_numbers
from gateconsole.rows.order import natural
from gateconsole.rows.sorts import Sort

PATCH_COLUMNS: Final = {
    "queue": False,
    "patch": False,
    "arrived": True,
    "p": False,
    "k": True,
    "stands": False,
    "overall": False,
}
"""Every column patches can be sorted by, and whether it falls at first; `queue` is its own order."""

IN_ORDER: Final = Sort("queue", False)
"""Those under consideration as they are chosen, then the others by age."""

_FIELDS: Final = frozenset({WORD, "run", "time", "since", "until"})
"""Keys of the query language that ask for something a patch has."""

_SETTLED: Final = ("pending", "conflicting", "held", "bad", "good", "revised", "withdrawn", "landed")
"""States in the order of how much is still to be done."""

_PLACE: Final = PatchRow._fields.index("place")


class PatchQuery(NamedTuple):
    """Which patches are wanted: of which testcase (the first, if there is none of that name), filtered, in an order.

    `now` (microseconds UTC) is what relative times count from.
    """

    board: Board
    testcase: str
    query: Query = EVERYTHING
    sort: Sort = IN_ORDER
    now: int = 0


class PatchList(NamedTuple):
    """The testcase, None if none is configured; the patches found in their order; each by its place among them."""

    each: TestcaseBoard | None
    patches: Sequence[PatchRow]
    places: Mapping[str, int]
    overall: Mapping[str, Overall]


NO_PATCHES: Final = PatchList(None, (), {}, {})
"""Before any queue is known."""


class PatchLister:
    """Lists patches; what a filter looks through is made once a state of the queue. Used by one thread at a time."""

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()
        self._frame = pl.DataFrame()

    def list(self, asked: PatchQuery) -> PatchList:
        """What was asked for. Reads every patch: not for the event loop."""
        each = testcase_of(asked.board, asked.testcase)
        overall = {one.patch: one for one in asked.board.overall}
        if each is None:
            return PatchList(None, (), {}, overall)
        found = self._matching(each, asked, overall) if asked.query else each.patches
        ordered = in_order(found, asked.sort, overall)
        return PatchList(each, ordered, {row.patch: place for place, row in enumerate(ordered)}, overall)

    def _matching(self, each: TestcaseBoard, asked: PatchQuery, overall: Mapping[str, Overall]) -> tuple[PatchRow, ...]:
        builders = {run.run: run.builder for run in each.in_flight}
        of = (each.patches, asked.board.overall, each.proposal, each.open_runs)
        if len(self._of) != 5 or not all(map(is_, self._of, of)) or self._of[4] != builders:
            self._of = (*of, builders)
            self._frame = frame_of(_filter_rows(each, overall, builders))
        return tuple(each.patches[place] for place in sorted(_places(self._frame, len(each.patches), asked)))


def testcase_of(board: Board, name: str) -> TestcaseBoard | None:
    """The testcase of this name, else the first; None if none is configured."""
    boards = board.testcases
    return next((one for one in boards if one.testcase.name == name), boards[0] if boards else None)


def matching_board(board: Board, query: Query, now: int) -> Board:
    """The queue with only those patches that match, each testcase by itself; its proposals stay those of all."""
    found = []
    for each in board.testcases:
        asked = PatchQuery(board, each.testcase.name, query, IN_ORDER, now)
        found.append(replace(each, patches=tuple(PatchLister().list(asked).patches)))
    return replace(board, testcases=tuple(found))


# the filter


def _places(frame: pl.DataFrame, number: int, asked: PatchQuery) -> set[int]:
    """The places of the patches that match: a patch has what any of its rows has, so `!` leaves out by all of them."""
    found = set(range(number))
    for term in asked.query.terms:
        alone = Query((term._replace(inverted=False),))
        having = row_numbers(frame, alone, asked.now) if term.key in _FIELDS else frozenset[int]()
        found = found - having if term.inverted else found & having
    return found


def _filter_rows(
    each: TestcaseBoard, overall: Mapping[str, Overall], builders: Mapping[str, str]
) -> Iterator[tuple[object, ...]]:
    """Every patch as the filter sees it: once for each run that holds or suspects it."""
    chosen = frozenset(each.proposal.patches)
    for place, row in enumerate(each.patches):
        said = "\n".join(searchable_text(each, row, overall.get(row.patch), row.patch in chosen, builders))
        for run in (*row.in_flight, *row.suspect_of) or (None,):
            yield place, run, row.at, None, None, None, None, None, said, None, None


def searchable_text(
    each: TestcaseBoard, row: PatchRow, overall: Overall | None, chosen: bool, builders: Mapping[str, str]
) -> Iterator[str]:
    """The words of a patch that a bare word of the filter finds. `builders`: of each run in flight."""
    yield row.patch
    yield row.state
    yield row.verdict
    yield "dirty" if row.dirty else ""
    yield "in flight" if row.in_flight else ""
    yield "suspect" if row.suspect_of else ""
    yield "next" if chosen else ""
    yield row.why
    yield overall.text if overall is not None else ""
    yield each.testcase.name
    yield from (builders.get(run, "") for run in row.in_flight)


def fields_missing(query: Query) -> str:
    """What a filter asks for that no patch has, as a sentence; empty if there is nothing of the kind."""
    keys = list(dict.fromkeys(term.key for term in query.terms if term.key not in _FIELDS))
    if not keys:
        return ""
    return f"patches have no {', no '.join(keys)}; words, run: and time: find them"


# the order


def in_order(patches: Sequence[PatchRow], sort: Sort, overall: Mapping[str, Overall]) -> Sequence[PatchRow]:
    """Patches in an order; those without the value last, ties in the queue's own order."""
    if sort == IN_ORDER:
        return patches
    having: list[tuple[Any, PatchRow]] = []
    lacking: list[PatchRow] = []
    for row in patches:
        value = _value(row, sort.column, overall)
        if value is None:
            lacking.append(row)
        else:
            having.append((value, row))
    having.sort(key=lambda pair: pair[0], reverse=sort.falling)
    return [*(row for _, row in having), *lacking]


def _value(row: PatchRow, column: str, overall: Mapping[str, Overall]) -> Any:
    """What a patch is compared by; None if it has no such value."""
    match column:
        case "queue":
            return row.place
        case "patch":
            return natural(row.patch)
        case "arrived":
            return row.at
        case "p":
            return None if row.place is None else row.p
        case "k":
            return row.k
        case "stands":
            return _standing(row)
    known = overall.get(row.patch)
    return None if known is None else (_SETTLED.index(known.state), known.text)


def _standing(row: PatchRow) -> tuple[int, int]:
    """Where a patch stands, from what presses most: dirty, suspect, in flight, waiting; then what is settled."""
    pressing = 0 if row.dirty else 1 if row.suspect_of else 2 if row.in_flight else 3
    return _SETTLED.index(row.state), pressing


# what is newer


def newer_patches(board: Board, held: Board) -> int:
    """How many patches came, went or stand otherwise since a board that is held, each counted in each testcase."""
    if board is held:
        return 0
    before = {each.testcase.name: each.patches for each in held.testcases}
    now = {each.testcase.name: each.patches for each in board.testcases}
    return sum(_apart(now.get(name, ()), before.get(name, ())) for name in {**before, **now})


def _apart(patches: Sequence[PatchRow], held: Sequence[PatchRow]) -> int:
    """Patches that differ in more than their place in the order."""
    if patches is held:
        return 0
    known = {row.patch: row for row in held}
    same = sum(_alike(row, known[row.patch]) for row in patches if row.patch in known)
    return len(patches) + len(known.keys() - {row.patch for row in patches}) - same


def _alike(row: PatchRow, held: PatchRow) -> bool:
    return row is held or (row[:_PLACE] == held[:_PLACE] and row[_PLACE + 1 :] == held[_PLACE + 1 :])
