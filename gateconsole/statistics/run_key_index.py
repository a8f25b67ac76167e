"""Which rows hold a run key (rule G6): a flat index of 64-bit hashes, 12 bytes a run however many are held.

The newest hashes are in a dict; older ones in a few sorted frames, each several times larger than the next, so that
adding costs little on average and looking one up a binary search in each. A hash is only a hint: the caller compares.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

import polars as pl

_SCHEMA: Final = pl.Schema({"hash": pl.Int64, "row": pl.UInt32})
_NEWEST: Final = 8192
_GROWTH: Final = 6


class KeyIndex:
    """Rows by the hash of their run key."""

    __slots__ = ("_levels", "_newest")

    def __init__(self) -> None:
        self._newest: dict[int, int | list[int]] = {}
        self._levels: list[pl.DataFrame] = []

    def add(self, key_hash: int, row: int) -> list[int]:
        """Put a row in; gives the rows already there under this hash."""
        found = self._older(key_hash)
        known = self._newest.get(key_hash)
        if known is None:
            self._newest[key_hash] = row
            if len(self._newest) >= _NEWEST:
                self._settle()
        else:
            rows = known if isinstance(known, list) else [known]
            found += rows
            self._newest[key_hash] = [*rows, row]
        return found

    def add_new(self, key_hashes: list[int], rows: list[int]) -> list[tuple[int, list[int]]]:
        """Put many rows in; gives (row, rows already there under its hash) where there are any.

        Hashes must not repeat among themselves.
        """
        self._settle()
        batch = pl.DataFrame({"hash": key_hashes, "row": rows}, schema=_SCHEMA).sort("hash")
        found: dict[int, list[int]] = {}
        for level in self._levels:
            for key_hash, row in _matches(level, batch["hash"]):
                found.setdefault(key_hash, []).append(row)
        self._levels.append(batch)
        self._merge_levels()
        if not found:
            return []
        return [(row, found[key_hash]) for key_hash, row in batch.rows() if key_hash in found]

    def _older(self, key_hash: int) -> list[int]:
        rows: list[int] = []
        for level in self._levels:
            hashes = level["hash"]
            at = bisect_left(range(level.height), key_hash, key=hashes.__getitem__)
            while at < level.height and hashes[at] == key_hash:
                rows.append(level["row"][at])
                at += 1
        return rows

    def _settle(self) -> None:
        """Move the newest hashes into a sorted level."""
        if self._newest:
            pairs = [
                (key_hash, row)
                for key_hash, rows in self._newest.items()
                for row in (rows if isinstance(rows, list) else [rows])
            ]
            self._levels.append(pl.DataFrame(pairs, schema=_SCHEMA, orient="row").sort("hash"))
            self._newest = {}
            self._merge_levels()

    def _merge_levels(self) -> None:
        """Keep every level several times larger than the one after it."""
        while len(self._levels) > 1 and self._levels[-2].height < _GROWTH * self._levels[-1].height:
            last = self._levels.pop()
            self._levels[-1] = pl.concat([self._levels[-1], last]).sort("hash")


def _matches(level: pl.DataFrame, hashes: pl.Series) -> list[tuple[int, int]]:
    """The (hash, row) pairs of a sorted level whose hash is among these."""
    column = level["hash"]
    starts = column.search_sorted(hashes, side="left")
    last = level.height - 1
    hits = column.gather(starts.clip(0, last)) == hashes
    if not hits.any():
        return []
    ends = column.search_sorted(hashes, side="right")
    return [
        pair
        for start, end in zip(starts.filter(hits), ends.filter(hits), strict=True)
        for pair in level.slice(start, end - start).rows()
    ]
