"""Value counts in sorted blocks: the exact multiset of values per cell, cheap to add to, take from and rank.

Medians do not merge, value counts do. A cell is a small number its owner gives (here: a policy in a stratum). All cells
share one sequence of blocks sorted by (cell, value), each a small polars frame, so that a new value costs one block
however many are held, and however many of them differ.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Final

import polars as pl

SCHEMA: Final = pl.Schema({"cell": pl.UInt32, "value": pl.Float64, "n": pl.Int64})
"""One block: rows sorted by (cell, value), each pair once, n never 0 (below 0 only in a difference)."""

_BLOCK: Final = 1024
_FEW: Final = 16
_WAITING: Final = 65536
_KEYS: Final = ("cell", "value")
_BEFORE: Final = float("-inf")


class ValueCounts:
    """How often each value occurs in each cell. Mutable; `merge` with negative counts takes back."""

    __slots__ = ("_blocks", "_firsts", "_totals", "_waiting")

    def __init__(self, counts: pl.DataFrame | None = None) -> None:
        """Empty, or holding `counts` (SCHEMA columns, any order, pairs may repeat)."""
        self._blocks: list[pl.DataFrame] = []
        self._firsts: list[tuple[int, float]] = []
        self._totals: list[int] = []
        self._waiting: list[pl.DataFrame] = []
        if counts is not None:
            self.merge(counts)

    def __len__(self) -> int:
        """Number of distinct (cell, value) pairs merged so far."""
        return sum(block.height for block in self._blocks)

    def frame(self) -> pl.DataFrame:
        """Everything held, as one frame of SCHEMA in its order."""
        self._settle()
        return pl.concat(self._blocks) if self._blocks else SCHEMA.to_frame()

    def merge(self, counts: pl.DataFrame) -> None:
        """Add these counts (SCHEMA columns, any order, pairs may repeat; negative n takes back)."""
        if counts.height <= _FEW and self._blocks and not self._waiting:
            for cell, value, n in counts.rows():
                self._add(cell, value, n)
            return
        self._waiting.append(counts)
        if sum(part.height for part in self._waiting) > max(_WAITING, len(self)):
            self._settle()

    def _settle(self) -> None:
        """Merge what waits: large additions are gathered, so that many of them cost one pass."""
        if not self._waiting:
            return
        counts = _summed(pl.concat(self._waiting))
        self._waiting = []
        if counts.is_empty():  # what was added was taken back
            return
        parts = list(self._by_block(counts)) if counts.height * 4 < len(self) else []
        if 0 < len(parts) * 2 < len(self._blocks):
            for index, part in reversed(parts):
                self._replace(index, index + 1, _summed(pl.concat([self._blocks[index], part])))
        else:
            self._replace(0, len(self._blocks), _summed(pl.concat([*self._blocks, counts])))

    def ranked(self, cell: int, ranks: Sequence[int]) -> list[float]:
        """The values at these ranks of one cell: 1 is the smallest, the cell's total the largest.

        Raises IndexError for a rank that the cell does not hold.
        """
        self._settle()
        first = self._home((cell, _BEFORE))
        upto = list(accumulate(self._totals[first : bisect_left(self._firsts, (cell + 1, _BEFORE))]))
        block = self._blocks[first]
        smaller_cells = sum(block["n"].head(_place(block, (cell, _BEFORE))).to_list())
        sums: dict[int, list[int]] = {}
        found: list[float] = []
        for rank in ranks:
            index = bisect_left(upto, rank + smaller_cells)
            block = self._blocks[first + index]
            if index not in sums:
                sums[index] = list(accumulate(block["n"].to_list()))
            inside = rank + smaller_cells - (upto[index - 1] if index else 0)
            found.append(block["value"][bisect_left(sums[index], inside)])
        return found

    def _home(self, row: tuple[int, float]) -> int:
        """The block in which this (cell, value) stands or would stand."""
        return max(bisect_right(self._firsts, row) - 1, 0)

    def _add(self, cell: int, value: float, n: int) -> None:
        """Add n to one pair: cut its block open where it belongs."""
        index = self._home((cell, value))
        block = self._blocks[index]
        place = _place(block, (cell, value))
        rest = place
        if place < block.height and block.row(place)[:2] == (cell, value):
            n += block["n"][place]
            rest += 1
        row = pl.DataFrame([(cell, value, n)], schema=SCHEMA, orient="row") if n else SCHEMA.to_frame()
        self._replace(index, index + 1, block.slice(0, place).vstack(row).vstack(block.slice(rest)))

    def _by_block(self, counts: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
        """Counts (sorted) cut up by the block each row belongs to."""
        homes = [self._home(row) for row in counts.select(_KEYS).rows()]
        cuts = [0, *(i + 1 for i, (a, b) in enumerate(pairwise(homes)) if a != b), len(homes)]
        for start, end in pairwise(cuts):
            yield homes[start], counts.slice(start, end - start)

    def _replace(self, start: int, end: int, rows: pl.DataFrame) -> None:
        """Put these rows (sorted) in the place of the blocks start..end, in blocks of at most _BLOCK rows."""
        size = _BLOCK // 2 if rows.height > _BLOCK else _BLOCK
        blocks = [rows.slice(at, size).rechunk() for at in range(0, rows.height, size)]
        self._blocks[start:end] = blocks
        self._firsts[start:end] = [block.row(0)[:2] for block in blocks]
        self._totals[start:end] = [int(block["n"].sum()) for block in blocks]


def _summed(counts: pl.DataFrame) -> pl.DataFrame:
    """Each (cell, value) once with its total, zeros left out, sorted."""
    summed = counts.group_by(_KEYS).agg(pl.col("n").sum())
    return summed.filter(pl.col("n") != 0).sort(_KEYS)


def _place(block: pl.DataFrame, row: tuple[int, float]) -> int:
    """Where this (cell, value) stands or would stand in a block."""
    return bisect_left(range(block.height), row, key=lambda at: block.row(at)[:2])
