"""The newest runs of each policy, in the order of DOMAIN row 5, and the newest timestamp (rows 4, 5)."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from typing import Final, NamedTuple

import polars as pl

from gateconsole.model import STRATA, artifact_path
from gateconsole.series.figures import RECENT_RUNS, RecentRun
from gateconsole.series.order import in_order
from gateconsole.series.runs import Row, rows_of
from gateconsole.text import split_list

FUTURE: Final = 5 * 60 * 1_000_000
"""Microseconds a timestamp may lie ahead of the clock before it is flagged and not counted as newest (row 4)."""

_STRATUM_ORDER: Final = {stratum: place for place, stratum in enumerate((*STRATA, None))}
_FEWEST: Final = 8
_FEW: Final = 32
_MANY: Final = 2048
_digits = re.compile("([0-9]+)").split


class _Placed(NamedTuple):
    """A run with its place in the order; the run itself never decides."""

    key: tuple[object, ...]
    run: RecentRun


class Recent:
    """Per policy the newest RECENT_RUNS runs and the newest timestamp. Mutable.

    Adding is local. Taking a run back that is held, or the newest one, makes its policy *stale*: `renew` it.
    """

    def __init__(self, charts: bool = True) -> None:
        """Without charts only so many runs are kept as tell whether there are rates."""
        self._kept = RECENT_RUNS if charts else _FEWEST
        self.stale: set[str] = set()
        self._placed: dict[str, list[_Placed]] = {}
        self._newest: dict[str, int] = {}
        self._ahead: dict[str, tuple[str, int]] = {}

    def runs(self, policy_hash: str) -> tuple[RecentRun, ...]:
        """The newest runs of a policy, newest last."""
        return tuple(placed.run for placed in self._placed.get(policy_hash, ()))

    def newest(self, policy_hash: str) -> int | None:
        """The policy's newest timestamp that is not ahead of the clock, microseconds UTC."""
        return self._newest.get(policy_hash)

    def ahead(self) -> dict[str, int]:
        """Artifact path -> timestamp of the runs that were ahead of the clock when it was last told."""
        return {path: timestamp for path, (_, timestamp) in self._ahead.items()}

    def ages(self, now: int) -> bool:
        """Whether a run is no longer ahead of the clock; `arrive` then counts it."""
        return any(timestamp <= now + FUTURE for _, timestamp in self._ahead.values())

    def arrive(self, now: int) -> set[str]:
        """Count the runs that are no longer ahead of the clock; gives their policies."""
        arrived = {path: run for path, run in self._ahead.items() if run[1] <= now + FUTURE}
        for path, (policy_hash, timestamp) in arrived.items():
            del self._ahead[path]
            self._newest[policy_hash] = max(timestamp, self._newest.get(policy_hash, timestamp))
        return {policy_hash for policy_hash, _ in arrived.values()}

    def add(self, runs: pl.DataFrame, now: int) -> None:
        """These runs (RUNS_SCHEMA) entered the series."""
        if runs.height > _FEW:
            self.fill(runs, now)
        else:
            for row in rows_of(runs):
                self._note_time(row, now)
                self._place(row)

    def take_back(self, runs: pl.DataFrame) -> None:
        """These runs (RUNS_SCHEMA) left the series."""
        for row in rows_of(runs):
            policy_hash, timestamp = row[2], row[1]
            self._ahead.pop(artifact_path(row[7]), None)
            placed = self._placed.get(policy_hash, [])
            at = bisect_left(placed, (order_key(row),))
            if (at < len(placed) and placed[at].key == order_key(row)) or timestamp == self._newest.get(policy_hash):
                self.stale.add(policy_hash)

    def fill(self, runs: pl.DataFrame, now: int) -> None:
        """The same for many runs at once: only the newest of each policy are looked at one by one."""
        ahead = pl.col("timestamp") > pl.lit(now + FUTURE).cast(pl.Datetime("us"))
        newest = runs.filter(~ahead).group_by("policy_hash").agg(pl.col("timestamp").max().to_physical())
        for policy_hash, timestamp in newest.iter_rows():
            self._newest[policy_hash] = max(timestamp, self._newest.get(policy_hash, timestamp))
        for row in rows_of(runs.filter(ahead)):
            self._note_time(row, now)
        for row in rows_of(_candidates(runs, self._kept)):
            self._place(row)

    def renew(self, runs: pl.DataFrame, now: int) -> None:
        """Start the stale policies anew from every run of the series (RUNS_SCHEMA)."""
        policies, self.stale = self.stale, set()
        for policy_hash in policies:
            self._placed.pop(policy_hash, None)
            self._newest.pop(policy_hash, None)
        self.fill(runs.filter(pl.col("policy_hash").is_in(list(policies))), now)

    def _note_time(self, row: Row, now: int) -> None:
        policy_hash, timestamp = row[2], row[1]
        if timestamp is not None:
            if timestamp > now + FUTURE:
                self._ahead[artifact_path(row[7])] = (policy_hash, timestamp)
            else:
                self._newest[policy_hash] = max(timestamp, self._newest.get(policy_hash, timestamp))

    def _place(self, row: Row) -> None:
        """Put a run in its place among the newest of its policy, if it is one of them."""
        placed = self._placed.setdefault(row[2], [])
        key = order_key(row)
        if len(placed) < self._kept or key > placed[0].key:
            insort(placed, _Placed(key, _recent_run(row)), key=lambda held: held.key)
            del placed[: -self._kept]


def order_key(row: Row) -> tuple[object, ...]:
    """The total order of DOMAIN row 5 as a key that Python compares; `series.order` is the same for frames."""
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
    run_id, timestamp, _, outcome, rate, reasons, stratum, _ = row
    return RecentRun(run_id, timestamp, stratum, outcome, rate, split_list(reasons) if rate else ())


def _candidates(runs: pl.DataFrame, kept: int) -> pl.DataFrame:
    """Runs among which are each policy's newest `kept`: those without a timestamp, and the latest ones."""
    last = pl.col("timestamp").top_k(kept).min().over("policy_hash")
    near = runs.filter(pl.col("timestamp").is_null() | (pl.col("timestamp") >= last))
    if near.height <= _MANY:
        return near
    newest = in_order(near).group_by("policy_hash", maintain_order=True).tail(kept)
    return newest.select(runs.columns)
