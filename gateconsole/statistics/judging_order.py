"""Which runs are judged, and in which order: the judging order of rule G5, and what is ahead of the clock (rule G4).

A policy at least half of whose runs are dated is judged *by time*: its dated runs by the total key, the others are not
judged. Any other policy is judged *by run id*: all its runs, as if none had a time. A run stamped ahead of the clock is
no part of any of this until its time comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import polars as pl

from gateconsole.statistics.runs_frame import RUNS_SCHEMA, Row, frame_of, rows_of, with_run_ids

FUTURE: Final = 5 * 60 * 1_000_000
"""Microseconds a timestamp may lie ahead of the clock before it is flagged and waits for its time (rule G4)."""

_NEVER: Final = -(2**62)
_COLUMNS: Final = RUNS_SCHEMA.names()


class Due(NamedTuple):
    """What entered and left the runs whose time has come, and the policies that are judged in the other order now."""

    entered: pl.DataFrame
    left: pl.DataFrame
    turned: frozenset[str]

    @property
    def policies(self) -> set[str]:
        """Every policy of which something is another."""
        frames = (self.entered, self.left)
        return {str(name) for frame in frames for name in frame["policy_hash"].unique()} | self.turned


class JudgingOrder:
    """Which runs of a series are due, and by what each policy is judged. Mutable.

    `until`: the latest timestamp that is due, microseconds UTC; it falls only by `restart`.
    """

    def __init__(self) -> None:
        self.until = _NEVER
        self._latest = _NEVER
        self._ahead: list[tuple[int, str, Row]] = []
        self._undated: Counter[str] = Counter()
        self._by_id: set[str] = set()

    @classmethod
    def of(cls, runs: pl.DataFrame, now: int) -> JudgingOrder:
        """That of every run of a series (RUNS_SCHEMA) at `now`, microseconds UTC."""
        order = cls()
        sizes = {str(name): n for name, n in runs.group_by("policy_hash").len().iter_rows()}
        order.take(runs, runs.clear(), now, lambda policy_hash: sizes.get(policy_hash, 0))
        return order

    def waits(self, now: int) -> bool:
        """Whether the time of a run that is ahead of the clock has come; `take` then admits it."""
        return bool(self._ahead) and self._ahead[0][0] <= now + FUTURE

    def is_set_back(self, now: int) -> bool:
        """Whether the clock stands before the time of a run that was admitted: then `restart`."""
        return self._latest > now + FUTURE

    def restart(self, runs: pl.DataFrame, now: int, size: Callable[[str], int]) -> frozenset[str]:
        """Begin anew with every run of the series (RUNS_SCHEMA), as the clock was set back to `now`.

        Gives the policies of which a run is ahead of the clock: no other one is judged otherwise.
        """
        self.until = self._latest = _NEVER
        self._ahead, self._undated, self._by_id = [], Counter(), set()
        self.take(runs, runs.clear(), now, size)
        return frozenset(row[2] for _, _, row in self._ahead)

    def ahead(self) -> dict[str, int]:
        """Folder -> timestamp of the runs whose time has not come."""
        return {folder: moment for moment, folder, _ in self._ahead}

    def take(self, entered: pl.DataFrame, left: pl.DataFrame, now: int, size: Callable[[str], int]) -> Due:
        """These runs (RUNS_SCHEMA) entered and left the series; `size`: how many a policy has now, all of them."""
        gone = {row[7] for row in self._later(left)}
        if gone:
            self._ahead = [one for one in self._ahead if one[1] not in gone]
        left = self._due(left)
        self.until = max(self.until, now + FUTURE)
        later = [(row[1] or 0, row[7], row) for row in self._later(entered)]
        if later:
            self._ahead = sorted([*self._ahead, *later])
        entered = self._due(entered)
        if self._ahead and self._ahead[0][0] <= self.until:
            entered = pl.concat([entered, self._admitted()])
        latest = entered["timestamp"].to_physical().max()
        self._latest = max(self._latest, latest) if isinstance(latest, int) else self._latest
        for frame, sign in ((entered, 1), (left, -1)):
            undated = frame.filter(pl.col("timestamp").is_null()) if frame["timestamp"].null_count() else frame.clear()
            for name, n in undated.group_by("policy_hash").len().iter_rows():
                self._undated[str(name)] += sign * n
        return Due(entered, left, self._turn(entered, left, size))

    def by_id(self, policy_hash: str) -> bool:
        """Whether a policy is judged by run id."""
        return policy_hash in self._by_id

    def not_judged(self, policy_hash: str) -> int:
        """How many runs of a policy are not judged because they have no time."""
        return 0 if policy_hash in self._by_id else self._undated[policy_hash]

    def judged(self, runs: pl.DataFrame) -> pl.DataFrame:
        """Those of these runs (RUNS_SCHEMA, further columns welcome) that are judged.

        Of a policy judged by run id the timestamp is null, so that `series.order` and `recent.order_key` follow.
        """
        runs = self._due(runs)
        if not self._by_id:
            return runs.drop_nulls("timestamp") if runs["timestamp"].null_count() else runs
        names = pl.lit(pl.Series(sorted(self._by_id), dtype=RUNS_SCHEMA["policy_hash"])).implode()
        by_id = pl.col("policy_hash").is_in(names)
        time = pl.col("timestamp")
        return runs.filter(by_id | time.is_not_null()).with_columns(
            pl.when(by_id).then(None).otherwise(time).alias("timestamp")
        )

    def place_in(self, row: Row) -> Row | None:
        """A run as it is judged; None if it is not."""
        if row[2] in self._by_id:
            return (row[0], None, *row[2:]) if row[1] is None or row[1] <= self.until else None
        return row if row[1] is not None and row[1] <= self.until else None

    def _due(self, runs: pl.DataFrame) -> pl.DataFrame:
        """The runs whose time has come; those without a time too."""
        if not self._any_later(runs):
            return runs
        time = pl.col("timestamp").to_physical()
        return runs.filter(time.is_null() | (time <= self.until))

    def _later(self, runs: pl.DataFrame) -> Iterable[Row]:
        if not self._any_later(runs):
            return ()
        return rows_of(runs.filter(pl.col("timestamp").to_physical() > self.until).select(_COLUMNS))

    def _any_later(self, runs: pl.DataFrame) -> bool:
        latest = runs["timestamp"].to_physical().max()
        return isinstance(latest, int) and latest > self.until

    def _admitted(self) -> pl.DataFrame:
        """The runs whose time has come meanwhile."""
        due = [row for moment, _, row in self._ahead if moment <= self.until]
        del self._ahead[: len(due)]
        return with_run_ids(frame_of(due))

    def _turn(self, entered: pl.DataFrame, left: pl.DataFrame, size: Callable[[str], int]) -> frozenset[str]:
        """Find out by what the policies touched are judged; gives those that turned."""
        if not self._undated and not self._by_id:
            return frozenset()
        waiting = Counter(row[2] for _, _, row in self._ahead)
        turned = set()
        for policy_hash in Due(entered, left, frozenset()).policies:
            undated = self._undated[policy_hash]
            if not undated:
                del self._undated[policy_hash]
            dated = size(policy_hash) - undated - waiting[policy_hash]
            if (dated < undated) != (policy_hash in self._by_id):
                turned.add(policy_hash)
        self._by_id ^= turned
        return frozenset(turned)
