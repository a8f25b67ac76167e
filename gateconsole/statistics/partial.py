"""Partial: what the statistics of a set of runs need, and nothing else. Partials add up and can be taken back.

A cell is one policy in one stratum, or one policy whole. Per cell: how often each unknown_rate occurs (`ValueCounts`),
how many runs there are, how many have a rate. Per policy and stratum: how often each *mix* of outcome and unknown
classes occurs, from which outcomes, class frequency and whitelist split follow for any whitelist.
All of it is whole numbers, so the order of adding never shows (rules G11-G15, G27).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

import polars as pl

from gateconsole.model import Stratum
from gateconsole.statistics.value_counts import SCHEMA as COUNTS_SCHEMA
from gateconsole.statistics.value_counts import ValueCounts

WHOLE: Final = "whole"
"""Stands for all strata of a policy together."""

Scope = Stratum | None | Literal["whole"]
"""A stratum, None for runs that name none, or WHOLE."""


class Mix(NamedTuple):
    """What a run adds to every count but the rate's: outcome, unknown classes (joined, "" for none)."""

    outcome: str
    classes: str


class Partial:
    """The exact statistics' raw material for a set of runs. Mutable."""

    def __init__(self) -> None:
        self.rates = ValueCounts()
        self.n_valid: dict[int, int] = {}
        self.mixes: dict[tuple[str, Stratum | None], dict[Mix, int]] = {}
        self._cells: dict[tuple[str, Scope], int] = {}

    @classmethod
    def of(cls, runs: pl.DataFrame) -> Partial:
        """The Partial of these runs (RUNS_SCHEMA)."""
        partial = cls()
        partial.add(runs)
        return partial

    def policies(self) -> set[str]:
        """Every policy_hash with a run."""
        return {policy_hash for policy_hash, _ in self.mixes}

    def size(self, policy_hash: str) -> int:
        """How many runs a policy has; a step for each mix of outcome and classes."""
        strata: tuple[Stratum | None, ...] = ("pinned", "unpinned", None)
        return sum(n for stratum in strata for n in self.mixes.get((policy_hash, stratum), {}).values())

    def cell(self, policy_hash: str, scope: Scope) -> int:
        """The number of a cell; given on first use, the same from then on."""
        return self._cells.setdefault((policy_hash, scope), len(self._cells))

    def add(self, runs: pl.DataFrame) -> set[str]:
        """Add these runs (RUNS_SCHEMA); gives the policies touched."""
        return self._count(runs, 1)

    def take_back(self, runs: pl.DataFrame) -> set[str]:
        """Take these runs (RUNS_SCHEMA) back, as they were when added; gives the policies touched."""
        return self._count(runs, -1)

    def merge(self, other: Partial) -> None:
        """Add everything the other one holds: as if its runs had been added here."""
        for (policy_hash, stratum), mixes in other.mixes.items():
            self._add_mixes(policy_hash, stratum, mixes.items())
        names = {cell: name for name, cell in other._cells.items()}
        counts = other.rates.frame()
        ours = [self.cell(*names[cell]) for cell in counts["cell"]]
        self.rates.merge(counts.with_columns(pl.Series("cell", ours, dtype=COUNTS_SCHEMA["cell"])))
        for cell, n in other.n_valid.items():
            mine = self.cell(*names[cell])
            self.n_valid[mine] = self.n_valid.get(mine, 0) + n

    def _count(self, runs: pl.DataFrame, sign: int) -> set[str]:
        touched: set[str] = set()
        if runs.is_empty():
            return touched
        for policy_hash, stratum, outcome, classes, n in _mix_counts(runs):
            touched.add(policy_hash)
            self._add_mixes(policy_hash, stratum, [(Mix(outcome, classes), sign * n)])
        self._add_rates(runs, sign)
        return touched

    def _add_mixes(self, policy_hash: str, stratum: Stratum | None, counts: Iterable[tuple[Mix, int]]) -> None:
        mixes = self.mixes.setdefault((policy_hash, stratum), {})
        for mix, n in counts:
            total = mixes.get(mix, 0) + n
            if total:
                mixes[mix] = total
            else:
                del mixes[mix]
        if not mixes:
            del self.mixes[policy_hash, stratum]

    def _add_rates(self, runs: pl.DataFrame, sign: int) -> None:
        """Each valid rate counts in its stratum's cell and in the whole policy's."""
        cells: list[int] = []
        values: list[float] = []
        counts: list[int] = []
        for policy_hash, stratum, rate, n in _rate_counts(runs):
            for cell in (self.cell(policy_hash, stratum), self.cell(policy_hash, WHOLE)):
                cells.append(cell)
                values.append(rate)
                counts.append(sign * n)
                self.n_valid[cell] = self.n_valid.get(cell, 0) + sign * n
        if cells:
            self.rates.merge(pl.DataFrame({"cell": cells, "value": values, "n": counts}, schema=COUNTS_SCHEMA))


_FEW: Final = 16


def _mix_counts(runs: pl.DataFrame) -> Iterable[tuple[str, Stratum | None, str, str, int]]:
    """(policy_hash, stratum, outcome, unknown classes, number of runs), each once, or run by run when they are few."""
    keys = ("policy_hash", "stratum", "outcome")
    classes = pl.when(pl.col("unknown_rate") > 0).then("reasons").alias("classes")
    rows = runs.select(*keys, classes)
    if runs.height > _FEW:
        rows = rows.group_by(*keys, "classes").len()
        return [(p, s, o, c or "", n) for p, s, o, c, n in rows.iter_rows()]
    return [(p, s, o, c or "", 1) for p, s, o, c in rows.iter_rows()]


def _rate_counts(runs: pl.DataFrame) -> Iterable[tuple[str, Stratum | None, float, int]]:
    """(policy_hash, stratum, valid rate, number of runs), each once, or run by run when they are few."""
    rows = runs.select("policy_hash", "stratum", "unknown_rate")
    if runs.height > _FEW:
        rows = rows.drop_nulls("unknown_rate").group_by("policy_hash", "stratum", "unknown_rate").len()
        return list(rows.iter_rows())
    return [(p, s, rate, 1) for p, s, rate in rows.iter_rows() if rate is not None]
