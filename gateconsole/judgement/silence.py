"""The pulse of a root and of each policy: how long since the newest run, how long the gaps are (rule G28).

Gaps matter only from 20 minutes on, so timestamps are held as the ends of ten-minute buckets: a few numbers a day, and
only for the days that can matter.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import Final, NamedTuple

import polars as pl

from gateconsole.statistics.judging_order import FUTURE

MINUTE: Final = 60_000_000
DAY: Final = 24 * 60 * MINUTE
LEAST_SILENCE: Final = 30 * MINUTE
"""No shorter time without a run is a silence. Microseconds, as all times here."""

_BUCKET: Final = 10 * MINUTE
_DAYS: Final = 7
_MOST_BUCKETS: Final = 2 * _DAYS * DAY // _BUCKET
_FEW: Final = 64


class RunGaps(NamedTuple):
    """The newest timestamp, the longest gap that ended in the seven days before it, whether seven days are held."""

    newest: int
    longest_gap: int
    days_held: bool

    @property
    def limit(self) -> int:
        """How long no run may come before it is a silence (rule G28)."""
        return max(LEAST_SILENCE, self.longest_gap * 3 // 2) if self.days_held else DAY


class _Bucket(NamedTuple):
    runs: int
    first: int
    last: int


class _Gaps:
    """Timestamps of one root or policy as buckets: those of the last days, the last before, and the first. Mutable."""

    __slots__ = ("_buckets", "_first", "_numbers", "stale")

    def __init__(self) -> None:
        self.stale = False
        """Only all the timestamps can tell what is so now."""
        self._first: int | None = None
        self._buckets: dict[int, _Bucket] = {}
        self._numbers: list[int] = []

    def count(self, runs: int, first: int, last: int) -> None:
        """So many timestamps of one bucket came, these its ends."""
        number = first // _BUCKET
        self._first = first if self._first is None else min(self._first, first)
        if self._numbers and number < self._numbers[0] and self._is_old(self._numbers[0]):
            return
        bucket = self._buckets.get(number)
        if bucket is None:
            insort(self._numbers, number)
            bucket = _Bucket(0, first, last)
        self._buckets[number] = _Bucket(bucket.runs + runs, min(bucket.first, first), max(bucket.last, last))
        if len(self._numbers) > _MOST_BUCKETS:
            self._forget()

    def uncount(self, moment: int) -> None:
        """A timestamp left."""
        number = moment // _BUCKET
        bucket = self._buckets.get(number)
        if bucket is None or moment == self._first or number in {self._numbers[0], self._numbers[-1]}:
            self.stale = True
        elif bucket.runs == 1:
            del self._buckets[number]
            del self._numbers[bisect_left(self._numbers, number)]
        else:
            self._buckets[number] = bucket._replace(runs=bucket.runs - 1)
            self.stale = self.stale or moment in {bucket.first, bucket.last}

    def heartbeat(self) -> RunGaps | None:
        """The pulse; None without any timestamp."""
        if not self._numbers or self._first is None:
            return None
        newest = self._buckets[self._numbers[-1]].last
        since, gap = newest - _DAYS * DAY, 0
        for at in range(len(self._numbers) - 1, 0, -1):
            bucket, before = self._buckets[self._numbers[at]], self._buckets[self._numbers[at - 1]]
            if bucket.last <= since:
                break
            gap = max(gap, bucket.first - before.last)
        return RunGaps(newest, gap, self._first <= since)

    def _forget(self) -> None:
        """Let the buckets go that no gap of the last days begins or ends in."""
        old = sum(self._is_old(number) for number in self._numbers)
        for number in self._numbers[: old - 1]:
            del self._buckets[number]
        del self._numbers[: max(0, old - 1)]

    def _is_old(self, number: int) -> bool:
        """Whether no run of this bucket is of the last days."""
        return self._buckets[number].last <= self._buckets[self._numbers[-1]].last - _DAYS * DAY


class RunPulse:
    """When runs came, of a root and of each policy. Mutable. When `stale`, only the whole series can tell: `Pulse.of`.

    A run stamped ahead of the clock counts when its time has come (rule G4).
    """

    def __init__(self) -> None:
        self.stale = False
        self._root = _Gaps()
        self._policies: dict[str, _Gaps] = {}
        self._ahead: list[tuple[int, str]] = []
        self._runs = 0
        self._arrived = 0

    def add(self, runs: pl.DataFrame, now: int) -> None:
        """These runs (RUNS_SCHEMA) entered the series at `now`."""
        if runs.is_empty():
            return
        self._runs += runs.height
        times = _times(runs)
        due = times.filter(pl.col("time") <= now + FUTURE)
        later = times.filter(pl.col("time") > now + FUTURE)
        if later.height < runs.height:
            self._arrived = max(self._arrived, now)
        if not later.is_empty():
            self._ahead = sorted([*self._ahead, *((moment, str(name)) for moment, name in later.iter_rows())])
        if due.height <= _FEW:
            for moment, policy_hash in due.iter_rows():
                self._count(str(policy_hash), 1, moment, moment)
        else:
            self._count_many(due)

    def take_back(self, runs: pl.DataFrame) -> None:
        """These runs (RUNS_SCHEMA) left the series."""
        if self.stale or runs.height > _FEW:
            self.stale = self.stale or not runs.is_empty()
            return
        self._runs -= runs.height
        for moment, name in _times(runs).iter_rows():
            policy_hash = str(name)
            ahead = (moment, policy_hash)
            if ahead in self._ahead:
                self._ahead.remove(ahead)
                continue
            for gaps in (self._root, self._policies.get(policy_hash, self._root)):
                gaps.uncount(moment)
                self.stale = self.stale or gaps.stale

    @classmethod
    def of(cls, runs: pl.DataFrame, now: int) -> RunPulse:
        """The pulse of every run of a series (RUNS_SCHEMA)."""
        pulse = cls()
        pulse.add(runs, now)
        return pulse

    def heartbeat(self, now: int) -> RunGaps | None:
        """The root's pulse; None without any run, or with none but those ahead of the clock.

        Where no run has a timestamp the newest arrival counts (rule G28).
        """
        self._admit(now)
        beat = self._root.heartbeat()
        undated = beat is None and self._runs > len(self._ahead)
        return RunGaps(self._arrived, 0, days_held=False) if undated else beat

    def policy_heartbeat(self, policy_hash: str, now: int) -> RunGaps | None:
        """The pulse of one policy; None without any timestamp that is due."""
        self._admit(now)
        gaps = self._policies.get(policy_hash)
        return None if gaps is None else gaps.heartbeat()

    @property
    def next_due(self) -> int | None:
        """When the first run that is ahead of the clock counts; None without one."""
        return self._ahead[0][0] - FUTURE if self._ahead else None

    def _admit(self, now: int) -> None:
        """What was ahead of the clock and is no longer counts from now on."""
        while self._ahead and self._ahead[0][0] <= now + FUTURE:
            moment, policy_hash = self._ahead.pop(0)
            self._count(policy_hash, 1, moment, moment)

    def _count(self, policy_hash: str, runs: int, first: int, last: int) -> None:
        gaps = self._policies.get(policy_hash)
        if gaps is None:
            gaps = self._policies[policy_hash] = _Gaps()
        self._root.count(runs, first, last)
        gaps.count(runs, first, last)

    def _count_many(self, times: pl.DataFrame) -> None:
        """The same for many, a step a bucket of the last days."""
        for name, runs, first, last in _ends(times):
            self._policies.setdefault(name, _Gaps()).count(runs, first, last)
        for _, runs, first, last in _ends(times.with_columns(policy_hash=pl.lit("", dtype=pl.Categorical))):
            self._root.count(runs, first, last)


def _times(runs: pl.DataFrame) -> pl.DataFrame:
    """The timestamps there are, in microseconds, with their policies."""
    dated = runs.select(time=pl.col("timestamp").to_physical(), policy_hash=pl.col("policy_hash"))
    return dated.drop_nulls("time")


def _ends(times: pl.DataFrame) -> Iterable[tuple[str, int, int, int]]:
    """(policy_hash, runs, first, last) of what matters of each policy, the latest first.

    That is every bucket of its last days, the last timestamp before them, and its first one, for no run.
    """
    time = pl.col("time")
    begin = time.max().over("policy_hash") - _DAYS * DAY
    recent, older = times.filter(time > begin), times.filter(time <= begin)
    ends = (pl.len().cast(pl.Int64), time.min().alias("first"), time.max().alias("last"))
    for part, of in (
        (recent, ends),
        (older, (pl.lit(1, pl.Int64).alias("len"), time.max().alias("first"), ends[2])),
        (times, (pl.lit(0, pl.Int64).alias("len"), ends[1], time.min().alias("last"))),
    ):
        keys = [pl.col("policy_hash"), *([(time // _BUCKET).alias("bucket")] if part is recent else [])]
        found = part.group_by(keys).agg(of).sort("last", descending=True)
        for name, runs, first, last in found.select("policy_hash", "len", "first", "last").iter_rows():
            yield str(name), runs, first, last
