"""The series at one moment: whole as a frame, and what changed since an earlier moment. Later changes do not show."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import polars as pl

from gateconsole.series.runs import Row, frame_of, named, rows_of


class Change(NamedTuple):
    """What entered and what left the series between two moments: places, rising, for `Held.rows`."""

    entered: list[int]
    left: list[int]


class Held:
    """Every row ever put, in the order in which they came; its place is a row's name until the store tidies up.

    `epoch`: names are comparable only between moments of one epoch. `excluded`: places of rows that are no part of the
    series (gone, or duplicates); `duplicates`: those of them whose file is there.
    """

    __slots__ = ("_blocks", "_starts", "_tail", "count", "duplicates", "epoch", "excluded")

    def __init__(
        self,
        epoch: object,
        blocks: Sequence[pl.DataFrame],
        starts: Sequence[int],
        tail: Sequence[Row],
        excluded: frozenset[int],
        *,
        duplicates: frozenset[int] = frozenset(),
    ) -> None:
        self.epoch = epoch
        self.excluded = excluded
        self.duplicates = duplicates
        self._blocks, self._starts, self._tail = tuple(blocks), tuple(starts), tuple(tail)
        self.count = sum(block.height for block in self._blocks) + len(self._tail)

    def __call__(self) -> pl.DataFrame:
        """Every run of the series, unsorted (RUNS_SCHEMA)."""
        runs = self.every_row()
        if self.excluded:
            runs = runs.filter(self.included())
        return named(runs)

    def matching(self, wanted: pl.Expr) -> pl.DataFrame:
        """The runs of the series of which an expression holds, unsorted (RUNS_SCHEMA); for few of them.

        The expression is not over run_id, which is null here where it is the folder.
        """
        runs = self.every_row()
        places = runs.select(wanted).to_series().arg_true()
        if self.excluded:
            places = pl.Series([at for at in places if at not in self.excluded], dtype=places.dtype)
        return named(runs[places])

    def lost(self) -> pl.DataFrame:
        """The runs of files that are there but lost to another one of their key (DOMAIN row 6)."""
        return named(frame_of(self.rows(sorted(self.duplicates))))

    def every_row(self) -> pl.DataFrame:
        """Every row by its place, also those that are no part of the series; run_id is null where it is the folder.

        Shares its memory with the store.
        """
        return pl.concat([*self._blocks, frame_of(self._tail)])

    def included(self) -> pl.Series:
        """For every row whether it is a part of the series."""
        return pl.repeat(True, self.count, eager=True).scatter(sorted(self.excluded), False)

    def rows(self, places: Iterable[int]) -> list[Row]:
        """The rows at these places, in their order."""
        return [self._row(at) for at in places]

    def since(self, earlier: Held) -> Change | None:
        """What changed since an earlier moment of the same store; None when that cannot be told."""
        if self.epoch is not earlier.epoch or self.count < earlier.count:
            return None
        entered = [at for at in range(earlier.count, self.count) if at not in self.excluded]
        if self.excluded is earlier.excluded:
            return Change(entered, [])
        left = [at for at in self.excluded - earlier.excluded if at < earlier.count]
        return Change(sorted(earlier.excluded - self.excluded) + entered, sorted(left))

    def _row(self, at: int) -> Row:
        framed = self.count - len(self._tail)
        if at >= framed:
            return self._tail[at - framed]
        index = bisect_right(self._starts, at) - 1
        return next(rows_of(self._blocks[index].slice(at - self._starts[index], 1)))
