"""The newest runs of each policy, in the judging order of rule G5, and the newest timestamp (rules G4, G5)."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from typing import Final, NamedTuple

import polars as pl

from gateconsole.model import STRATA, artifact_path
from gateconsole.statistics.figures import RECENT_RUNS, RecentRun
from gateconsole.statistics.judging_order import JudgingOrder
from gateconsole.statistics.run_order import in_order
from gateconsole.statistics.runs_frame import Row, rows_of
from gateconsole.text import split_list

_STRATUM_ORDER: Final = {stratum: place for place, stratum in enumerate((*STRATA, None))}
_FEWEST: Final = 8
_FEW: Final = 32
_STAMP: Final = "_stamp"
_MANY: Final = 2048
_digits = re.compile("([0-9]+)").split


class _Placed(NamedTuple):
    """A run with its place in the order; the run itself never decides."""

    key: tuple[object, ...]
    run: RecentRun


class RecentRuns:
    """Per policy the newest RECENT_RUNS runs that are judged, in that order, and the newest timestamp. Mutable.

    Adding is local. Taking a run back that is held, or the newest one, makes its policy *stale*: `renew` it.
    """

    def __init__(self, charts: bool = True, order: JudgingOrder | None = None) -> None:
        """Without charts only so many runs are kept as tell whether there are rates. `order`: that of the series."""
        self._kept = RECENT_RUNS if charts else _FEWEST
        self.order = JudgingOrder() if order is None else order
        self.stale: set[str] = set()
        self._placed: dict[str, list[_Placed]] = {}
        self._newest: dict[str, int] = {}

    @classmethod
    def of(cls, runs: pl.DataFrame, now: int, charts: bool = True) -> RecentRuns:
        """That of every run of a series (RUNS_SCHEMA) at `now`, microseconds UTC."""
        recent = cls(charts, JudgingOrder.of(runs, now))
        recent.fill(runs)
        return recent

    def runs(self, policy_hash: str) -> tuple[RecentRun, ...]:
        """The newest judged runs of a policy, newest last."""
        return tuple(placed.run for placed in self._placed.get(policy_hash, ()))

    def newest(self, policy_hash: str) -> int | None:
        """The policy's newest timestamp that is not ahead of the clock, microseconds UTC."""
        return self._newest.get(policy_hash)

    def add(self, runs: pl.DataFrame) -> None:
        """These runs (RUNS_SCHEMA) entered the runs that are due."""
        if runs.height > _FEW:
            self.fill(runs)
        else:
            for row in rows_of(runs):
                self._note_time(row)
                self._place(row)

    def take_back(self, runs: pl.DataFrame) -> None:
        """These runs (RUNS_SCHEMA) left them. To be told before the order turns."""
        for row in rows_of(runs):
            policy_hash, timestamp = row[2], row[1]
            judged = self.order.place_in(row)
            placed = self._placed.get(policy_hash, [])
            key = () if judged is None else order_key(judged)
            at = bisect_left(placed, (key,))
            if (at < len(placed) and placed[at].key == key) or timestamp == self._newest.get(policy_hash):
                self.stale.add(policy_hash)

    def fill(self, runs: pl.DataFrame) -> None:
        """The same as `add` for many runs at once: only the newest of each policy are looked at one by one."""
        time = pl.col("timestamp").to_physical()
        due = runs.filter(time <= self.order.until)
        for policy_hash, timestamp in due.group_by("policy_hash").agg(time.max()).iter_rows():
            self._newest[policy_hash] = max(timestamp, self._newest.get(policy_hash, timestamp))
        near = _candidates(self.order.judged(runs.with_columns(pl.col("timestamp").alias(_STAMP))), self._kept)
        stamped = near.with_columns(pl.col(_STAMP).alias("timestamp")).drop(_STAMP)
        for row in rows_of(stamped):
            self._place(row)

    def renew(self, runs: pl.DataFrame) -> None:
        """Start the stale policies anew from every run of the series (RUNS_SCHEMA)."""
        policies, self.stale = self.stale, set()
        for policy_hash in policies:
            self._placed.pop(policy_hash, None)
            self._newest.pop(policy_hash, None)
        self.fill(runs.filter(pl.col("policy_hash").is_in(list(policies))))

    def _note_time(self, row: Row) -> None:
        policy_hash, timestamp = row[2], row[1]
        if timestamp is not None:
            self._newest[policy_hash] = max(timestamp, self._newest.get(policy_hash, timestamp))

    def _place(self, row: Row) -> None:
        """Put a run in its place among the newest of its policy, if it is one of them."""
        judged = self.order.place_in(row)
        if judged is None:
            return
        placed = self._placed.setdefault(row[2], [])
        key = order_key(judged)
        if len(placed) < self._kept or key > placed[0].key:
            insort(placed, _Placed(key, _recent_run(row)), key=lambda held: held.key)
            del placed[: -self._kept]


def order_key(row: Row) -> tuple[object, ...]:
    """The total order of rule G5 as a key that Python compares; `series.order` is the same for frames."""
    run_id, timestamp, policy_hash, _, _, _, stratum, folder = row
    natural = tuple(_part(text, at) for at, text in enumerate(_digits(run_id)))
    return (
        timestamp is None, timestamp or 0, natural, _STRATUM_ORDER[stratum], artifact_path(folder), run_id, policy_hash
    )  # fmt: skip


def _part(text: str, at: int) -> str | tuple[int, str]:
    """A part of a run id: text, or at odd places digits, which compare as integers of any length."""
    if at % 2 == 0:
        return text
    number = text.lstrip("0")
    return len(number), number


def _recent_run(row: Row) -> RecentRun:
    run_id, timestamp, _, outcome, rate, reasons, stratum, folder = row
    return RecentRun(run_id, timestamp, stratum, outcome, rate, split_list(reasons) if rate else (), folder)


def _candidates(runs: pl.DataFrame, kept: int) -> pl.DataFrame:
    """Runs among which are each policy's newest `kept`: those without a timestamp, and the latest ones."""
    last = pl.col("timestamp").top_k(kept).min().over("policy_hash")
    near = runs.filter(pl.col("timestamp").is_null() | (pl.col("timestamp") >= last))
    if near.height <= _MANY:
        return near
    newest = in_order(near).group_by("policy_hash", maintain_order=True).tail(kept)
    return newest.select(runs.columns)
