"""The root's pulse: how long since its newest run, how long its gaps are, whose runs come last (DOMAIN rows 22, 28).

Gaps matter only from 20 minutes on, so timestamps are held as the ends of ten-minute buckets: a few numbers a day.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import Final, NamedTuple

import polars as pl

from gateconsole.series.episodes import OrderKey
from gateconsole.series.order import in_order
from gateconsole.series.recent import FUTURE, order_key
from gateconsole.series.runs import RUNS_SCHEMA, rows_of

LAST: Final = 40
"""A policy without a run among so many last ones of the root has `no data`."""

MINUTE: Final = 60_000_000
DAY: Final = 24 * 60 * MINUTE
LEAST_SILENCE: Final = 30 * MINUTE
"""No shorter time without a run is a silence. Microseconds, as all times here."""

_BUCKET: Final = 10 * MINUTE
_DAYS: Final = 7
_FEW: Final = 64


class Heartbeat(NamedTuple):
    """The newest timestamp, the longest gap that ended in the seven days before it, whether seven days are held."""

    newest: int
    longest_gap: int
    days_held: bool

    @property
    def limit(self) -> int:
        """How long no run may come before it is a silence (DOMAIN row 28)."""
        return max(LEAST_SILENCE, self.longest_gap * 3 // 2) if self.days_held else DAY


class _Bucket(NamedTuple):
    runs: int
    first: int
    last: int


class Pulse:
    """Timestamps and last runs of a root. Mutable. When `stale`, only the whole series can tell: `Pulse.of` it anew."""

    def __init__(self) -> None:
        self.stale = False
        self._buckets: dict[int, _Bucket] = {}
        self._numbers: list[int] = []
        self._ahead: list[tuple[int, OrderKey, str]] = []
        self._last: list[tuple[OrderKey, str]] = []

    def add(self, runs: pl.DataFrame, now: int) -> None:
        """These runs (RUNS_SCHEMA) entered the series. `now`: the clock; what is ahead of it waits (DOMAIN row 4)."""
        limit = pl.lit(now + FUTURE).cast(pl.Datetime("us"))
        due = pl.col("timestamp").is_null() | (pl.col("timestamp") <= limit)
        for row in rows_of(runs.filter(~due).select(RUNS_SCHEMA.names())):
            insort(self._ahead, (row[1] or 0, order_key(row), row[2]))
        held = runs.filter(due)
        self._count(held["timestamp"].drop_nulls())
        for row in rows_of(_newest(held).select(RUNS_SCHEMA.names())):
            self._place(order_key(row), row[2])

    def take_back(self, runs: pl.DataFrame) -> None:
        """These runs (RUNS_SCHEMA) left the series."""
        if self.stale or runs.height > _FEW:
            self.stale = self.stale or not runs.is_empty()
            return
        for row in rows_of(runs.select(RUNS_SCHEMA.names())):
            key, moment = order_key(row), row[1]
            ahead = (moment or 0, key, row[2])
            if moment is not None and ahead in self._ahead:
                self._ahead.remove(ahead)
            elif (key, row[2]) in self._last:
                self.stale = True
            elif moment is not None:
                self._uncount(moment)

    @classmethod
    def of(cls, runs: pl.DataFrame, now: int) -> Pulse:
        """The pulse of every run of a series (RUNS_SCHEMA)."""
        pulse = cls()
        pulse.add(runs, now)
        return pulse

    def last_policies(self, now: int) -> frozenset[str]:
        """The policies of the root's last runs that are not ahead of the clock."""
        self._admit(now)
        return frozenset(policy_hash for _, policy_hash in self._last)

    def heartbeat(self, now: int) -> Heartbeat | None:
        """The pulse; None without any timestamp that is not ahead of the clock."""
        self._admit(now)
        if not self._numbers:
            return None
        newest = self._buckets[self._numbers[-1]].last
        since, gap = newest - _DAYS * DAY, 0
        for at in range(len(self._numbers) - 1, 0, -1):
            bucket, before = self._buckets[self._numbers[at]], self._buckets[self._numbers[at - 1]]
            if bucket.last <= since:
                break
            gap = max(gap, bucket.first - before.last)
        return Heartbeat(newest, gap, self._buckets[self._numbers[0]].first <= since)

    @property
    def next_due(self) -> int | None:
        """When the first run that is ahead of the clock counts; None without one."""
        return self._ahead[0][0] - FUTURE if self._ahead else None

    def _admit(self, now: int) -> None:
        """What was ahead of the clock and is no longer counts from now on."""
        while self._ahead and self._ahead[0][0] <= now + FUTURE:
            moment, key, policy_hash = self._ahead.pop(0)
            self._count(pl.Series([moment]))
            self._place(key, policy_hash)

    def _place(self, key: OrderKey, policy_hash: str) -> None:
        if len(self._last) < LAST or key > self._last[0][0]:
            insort(self._last, (key, policy_hash))
            del self._last[:-LAST]

    def _count(self, moments: pl.Series) -> None:
        times = moments.to_physical().alias("time").to_frame()
        ends = (
            times.group_by(pl.col("time") // _BUCKET).agg(
                pl.len(), pl.col("time").min().alias("first"), pl.col("time").max().alias("last")
            )
            if times.height > 1
            else times.select(pl.col("time") // _BUCKET, pl.lit(1), first="time", last="time")
        )
        for number, runs, first, last in ends.iter_rows():
            held = self._buckets.get(number)
            if held is None:
                insort(self._numbers, number)
                held = _Bucket(0, first, last)
            self._buckets[number] = _Bucket(held.runs + runs, min(held.first, first), max(held.last, last))

    def _uncount(self, moment: int) -> None:
        number = moment // _BUCKET
        held = self._buckets.get(number)
        if held is None:
            self.stale = True
        elif held.runs == 1:
            del self._buckets[number]
            del self._numbers[bisect_left(self._numbers, number)]
        else:
            self._buckets[number] = held._replace(runs=held.runs - 1)
            self.stale = self.stale or moment in {held.first, held.last}


def _newest(runs: pl.DataFrame) -> pl.DataFrame:
    """The last LAST runs in order, those without a timestamp among them."""
    if runs.height <= LAST:
        return runs
    last = pl.col("timestamp").top_k(LAST).min()
    near = runs.filter(pl.col("timestamp").is_null() | (pl.col("timestamp") >= last))
    return in_order(near).tail(LAST)
