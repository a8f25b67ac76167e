"""The list of runs: made once a query and sort, then followed from Snapshot to Snapshot."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cmp_to_key
from typing import Final, NamedTuple

import polars as pl

from gateconsole.model import Whitelist
from gateconsole.query import EVERYTHING, Query
from gateconsole.rows.listed import run_row
from gateconsole.rows.order import RunSortKey, compare, key_of, raw_column, raw_of, row_numbers_in_order
from gateconsole.rows.sorts import NEWEST_FIRST, RunRow, Sort
from gateconsole.snapshot import Snapshot
from gateconsole.statistics.frozen_runs import Change, FrozenRuns
from gateconsole.statistics.runs_frame import Row, frame_of, rows_of, with_run_ids
from gateconsole.statistics.whitelist_split import with_listing

FOLLOWED: Final = 4096
"""Runs that may have entered or left since an order was made; with more it is made anew."""

_AROUND: Final = 32
_NONE_HELD: Final = FrozenRuns(object(), (), (), (), frozenset())


class _Order(NamedTuple):
    """The matching runs of one moment: `places[i]` is where number i stands in `runs`; `raw` is the sorted column."""

    runs: pl.DataFrame
    places: pl.Series
    raw: pl.Series
    timestamps: pl.Series


class _Added(NamedTuple):
    """A run that came after the order was made: it stands before number `before` of the order."""

    standing: RunSortKey
    before: int
    place: int
    row: Row


@dataclass(frozen=True, slots=True, eq=False)
class RunsView:
    """The runs of a Snapshot that match a query, in order. `total`: runs of the series, `matched`: those that match."""

    query: Query
    sort: Sort
    total: int
    matched: int
    _held: FrozenRuns
    _whitelist: Whitelist
    _key: tuple[object, ...]
    _order: _Order
    _added: tuple[_Added, ...] = ()
    _gone: tuple[int, ...] = ()
    _marks: tuple[int, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        marks = (added.before - bisect_left(self._gone, added.before) + i for i, added in enumerate(self._added))
        object.__setattr__(self, "_marks", tuple(marks))

    def rows(self, start: int, count: int) -> list[RunRow]:
        """At most `count` rows from number `start` on."""
        wanted = range(max(start, 0), min(start + count, self.matched))
        added = {number: found for number in wanted if (found := self._added_at(number)) is not None}
        ranks = [self._rank(number) for number in wanted if number not in added]
        order = self._order
        places = order.places[ranks].to_list() if ranks else []
        old = zip(places, rows_of(order.runs[places]) if places else (), strict=True)
        rows = ((added[number].place, added[number].row) if number in added else next(old) for number in wanted)
        return [run_row(row, self._whitelist, self._held.label(place)) for place, row in rows]

    def find(self, key: str, near: int | None = None) -> int | None:
        """The number of the run of this key (`RunRow.key`), or None if it is not in the list.

        `near`: where it was last; around there it is found without looking at all runs.
        """
        if near is not None:
            begin = max(near - _AROUND, 0)
            for number, row in enumerate(self.rows(begin, near + _AROUND - begin), begin):
                if row.key == key:
                    return number
        for mark, added in zip(self._marks, self._added, strict=True):
            if added.row[7] == key:
                return mark
        order = self._order
        places = (order.runs["folder"] == key).arg_true()
        ranks: list[int] = order.places.is_in(places.implode()).arg_true().to_list() if len(places) else []
        for rank in ranks:
            gone = bisect_left(self._gone, rank)
            if self._gone[gone : gone + 1] != (rank,):
                return rank - gone + self._added_up_to(rank - gone)
        return None

    def _added_up_to(self, live: int) -> int:
        """How many added runs stand before the one that has this number among those left of the order."""
        return bisect_right(range(len(self._marks)), live, key=lambda i: self._marks[i] - i)

    def _added_at(self, number: int) -> _Added | None:
        i = bisect_left(self._marks, number)
        return self._added[i] if self._marks[i : i + 1] == (number,) else None

    def _rank(self, number: int) -> int:
        """Which number of the order stands at this number of the list, where no added run does."""
        live = number - bisect_left(self._marks, number)
        return live + bisect_right(range(len(self._gone)), live, key=lambda i: self._gone[i] - i)


def run_rows(
    snapshot: Snapshot, query: Query = EVERYTHING, sort: Sort = NEWEST_FIRST, before: RunsView | None = None
) -> RunsView:
    """The runs of a Snapshot that match, in order. `before`: what was shown last; it makes this cheap.

    The same object again when nothing in it changed.
    """
    held = newer_count(snapshot)
    whitelist, key = snapshot.whitelist, query.key(snapshot.taken_at)
    judged = sort.column == "state" or "whitelist_state" in query.columns
    if before is None or (before.query, before.sort, before._key) != (query, sort, key):
        return _made(held, query, sort, key, snapshot)
    if whitelist != before._whitelist and judged:
        return _made(held, query, sort, key, snapshot)
    change = held.since(before._held)
    if change is None or len(change.entered) + len(change.left) + len(before._added) + len(before._gone) > FOLLOWED:
        return _made(held, query, sort, key, snapshot)
    if change == ([], []) and whitelist == before._whitelist:
        return before
    return _followed(before, held, change, snapshot)


def newer_count(snapshot: Snapshot) -> FrozenRuns:
    """The series of a Snapshot; a hand-made one may bring a frame instead."""
    if snapshot.runs is None:
        return _NONE_HELD
    return (
        snapshot.runs
        if isinstance(snapshot.runs, FrozenRuns)
        else FrozenRuns(object(), [snapshot.runs()], [0], (), frozenset())
    )


def _made(held: FrozenRuns, query: Query, sort: Sort, key: tuple[object, ...], snapshot: Snapshot) -> RunsView:
    """The list made anew."""
    runs, whitelist = held.every_row(), snapshot.whitelist
    mask = held.included() & matching(runs, query, snapshot, held.label_columns)
    places = mask.arg_true()
    order = _Order(
        runs,
        row_numbers_in_order(runs, places, sort, whitelist),
        raw_column(runs, sort, whitelist),
        runs["timestamp"].to_physical(),
    )
    total = held.count - len(held.excluded)
    return RunsView(query, sort, total, len(places), held, whitelist, key, order)


def matching(
    runs: pl.DataFrame, query: Query, snapshot: Snapshot, labels: Callable[[], pl.DataFrame] | None = None
) -> pl.Series:
    """For every run whether it matches. `runs`: RUNS_SCHEMA, run_id null where it is the folder.

    `labels`: gives the columns of LABEL_SCHEMA for these runs, where the frame lacks them.
    """
    columns = query.columns
    if not columns:
        return pl.repeat(True, runs.height, eager=True)
    asked = with_run_ids(runs) if "run_id" in columns else runs
    if "whitelist_state" in columns:
        asked = with_listing(asked, snapshot.whitelist)
    if "job" in columns and "job" not in runs.columns:
        asked = asked.with_columns(labels()["job"] if labels else pl.lit(None, dtype=pl.String).alias("job"))
    return asked.select(matches=query.expression(snapshot.taken_at)).to_series()


def _followed(before: RunsView, held: FrozenRuns, change: Change, snapshot: Snapshot) -> RunsView:
    """The list with what entered and left since."""
    follow = _Follow(before, snapshot.whitelist)
    for place, row in zip(change.left, held.rows(change.left), strict=True):
        follow.leave(place, row)
    rows = held.rows(change.entered)
    fitting = matching(frame_of(rows), before.query, snapshot, lambda: held.labels_at(change.entered)) if rows else ()
    for place, row, fits in zip(change.entered, rows, fitting, strict=True):
        if fits:
            follow.enter(place, row)
    return replace(
        before,
        total=held.count - len(held.excluded),
        matched=len(before._order.places) + len(follow.added) - len(follow.gone),
        _held=held,
        _whitelist=snapshot.whitelist,
        _added=tuple(follow.added),
        _gone=tuple(follow.gone),
    )


class _Follow:
    """Takes runs into a list and out of it, each by binary search."""

    def __init__(self, view: RunsView, whitelist: Whitelist) -> None:
        self._order, self._sort, self._whitelist = view._order, view.sort, whitelist
        self.added = list(view._added)
        self.gone = list(view._gone)
        self._by_order = cmp_to_key(self._compare)

    def enter(self, place: int, row: Row) -> None:
        """A run came."""
        standing = self._standing(row)
        added = _Added(standing, self._rank(standing), place, row)
        insort(self.added, added, key=lambda one: self._by_order(one.standing))

    def leave(self, place: int, row: Row) -> None:
        """A run went; one that is not in the list is nothing to do."""
        for i, added in enumerate(self.added):
            if added.place == place:
                del self.added[i]
                return
        rank = self._rank(self._standing(row))
        places = self._order.places
        if rank < len(places) and places[rank] == place:
            insort(self.gone, rank)

    def _compare(self, one: RunSortKey, other: RunSortKey) -> int:
        return compare(one, other, self._sort)

    def _standing(self, row: Row) -> RunSortKey:
        key = key_of(self._sort.column, raw_of(row, self._sort, self._whitelist))
        return RunSortKey(key, row[1], lambda: row)

    def _rank(self, standing: RunSortKey) -> int:
        """The number of the order before which this run stands."""
        wanted = self._by_order(standing)
        return bisect_left(range(len(self._order.places)), wanted, key=lambda i: self._by_order(self._at(i)))

    def _at(self, number: int) -> RunSortKey:
        order = self._order
        place = order.places[number]
        key = None if self._sort.column == "time" else key_of(self._sort.column, order.raw[place])
        return RunSortKey(key, order.timestamps[place], lambda: next(rows_of(order.runs[place : place + 1])))


def newer(snapshot: Snapshot, frozen: Snapshot) -> int:
    """How many runs came since a Snapshot that is held in sight; those that left do not count."""
    change = newer_count(snapshot).since(newer_count(frozen))
    return max(snapshot.completeness.parsed - frozen.completeness.parsed, 0) if change is None else len(change.entered)
