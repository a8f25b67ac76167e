"""What a cut would have done to the runs there are: mini-backtest, sweep, proposed settings (DOMAIN row 26)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
from typing import Final, NamedTuple

import polars as pl

from gateconsole.model import STATE_WHITELISTED, STRATA
from gateconsole.series.effects import too_few
from gateconsole.series.figures import Policy
from gateconsole.series.intervals import Limits, wilson
from gateconsole.series.listing import with_listing
from gateconsole.series.partial import WHOLE, Scope
from gateconsole.series.rules import DEFAULT, Rules, Statistic
from gateconsole.whitelist.match import Whitelist

POINTS: Final = 64
"""Cuts in a sweep at most."""

_KIND: Final = ("FAIL", "BLOCK")
"""What no cut changes."""


class Backtest(NamedTuple):
    """The runs of one stratum under a cut (DOMAIN row 26), `whole` for all strata together.

    FAIL and BLOCK stay; runs without a rate stand apart; a rate at or below the cut passes; above it a run is WARN if
    it is `whitelisted`, else REVIEW. Without the whitelist every run above the cut is REVIEW.
    """

    stratum: Scope
    with_whitelist: bool
    cut: float
    n: int
    passed: int
    warn: int
    review: int
    fail: int
    block: int
    without_rate: int


class Point(NamedTuple):
    """One cut of a sweep: runs above it among `n` runs without a FAIL signal that have a rate.

    `above` counts all of them, `unlisted` those the whitelist does not cover.
    """

    cut: float
    n: int
    above: int
    unlisted: int


class Proposal(NamedTuple):
    """A cut that the runs suggest, and why; `reason` is printable. `cut` None when there is nothing to go by."""

    statistic: Statistic
    cut: float | None
    n: int
    above: int
    limits: Limits | None
    reason: str


class Graded:
    """The runs of one policy sorted by what a cut would do to them. Frozen after it is made."""

    def __init__(self, runs: pl.DataFrame, whitelist: Whitelist) -> None:
        """`runs`: those of one policy (RUNS_SCHEMA, any order)."""
        outcome = pl.col("outcome").cast(pl.String)
        self._counts = (
            with_listing(runs, whitelist)
            .select(
                pl.col("stratum").cast(pl.String),
                pl.when(outcome.is_in(_KIND)).then(outcome).alias("kind"),
                (pl.col("whitelist_state") == STATE_WHITELISTED).alias("whitelisted"),
                pl.col("unknown_rate").alias("rate"),
            )
            .group_by("stratum", "kind", "whitelisted", "rate")
            .len("runs")
        )

    def backtest(self, cut: float) -> tuple[Backtest, ...]:
        """What this cut does: all strata together, then each with runs; without, then with the whitelist."""
        held = set(self._counts["stratum"].unique().to_list())
        strata = tuple(stratum for stratum in (*STRATA, None) if stratum in held)
        scopes: list[tuple[Scope, pl.DataFrame]] = [(WHOLE, self._counts)]
        scopes += [(stratum, self._counts.filter(pl.col("stratum").eq_missing(stratum))) for stratum in strata]
        return tuple(_backtest(scope, counts, cut, listed) for scope, counts in scopes for listed in (False, True))

    def sweep(self, cuts: Iterable[float] = ()) -> tuple[Point, ...]:
        """Points from cut 0 to the largest rate, at most POINTS of the rates there are, and these cuts as well."""
        rates = self._rates.values
        step = max(1, -(-len(rates) // POINTS))
        chosen = sorted({0.0, *rates[::step], *rates[-1:], *cuts})
        return tuple(self._rates.point(cut) for cut in chosen)

    def above(self, cut: float) -> tuple[int, int]:
        """(runs above the cut, all runs) among those without a FAIL signal that have a rate."""
        point = self._rates.point(cut)
        return point.above, point.n

    @cached_property
    def _rates(self) -> _Rates:
        """The runs without a FAIL signal that have a rate, by rate."""
        rated = self._counts.filter(pl.col("kind").is_null() & pl.col("rate").is_not_null())
        unlisted = pl.col("runs").filter(~pl.col("whitelisted")).sum().alias("unlisted")
        values, runs, not_listed = rated.group_by("rate").agg(pl.col("runs").sum(), unlisted).sort("rate").get_columns()
        return _Rates(values.to_list(), [0, *runs.cum_sum()], [0, *not_listed.cum_sum()])


class _Rates(NamedTuple):
    """Rates in order, and how many runs (and unlisted ones) the first 0, 1, 2 ... of them have."""

    values: list[float]
    runs: list[int]
    unlisted: list[int]

    def point(self, cut: float) -> Point:
        """What is above a cut."""
        upto = bisect_right(self.values, cut)
        return Point(cut, self.runs[-1], self.runs[-1] - self.runs[upto], self.unlisted[-1] - self.unlisted[upto])


def _backtest(scope: Scope, counts: pl.DataFrame, cut: float, with_whitelist: bool) -> Backtest:
    rated = pl.col("kind").is_null() & pl.col("rate").is_not_null()
    above = rated & (pl.col("rate") > cut)
    listed = above & pl.col("whitelisted") & pl.lit(with_whitelist)
    sums = counts.select(
        pl.col("runs").sum(),
        *(
            pl.col("runs").filter(which).sum().alias(name)
            for name, which in (
                ("passed", rated & ~above),
                ("warn", listed),
                ("review", above & ~listed),
                ("fail", pl.col("kind") == "FAIL"),
                ("block", pl.col("kind") == "BLOCK"),
                ("without_rate", pl.col("kind").is_null() & pl.col("rate").is_null()),
            )
        ),
    )
    return Backtest(scope, with_whitelist, cut, *sums.row(0))


def proposals(policy: Policy, graded: Graded, rules: Rules = DEFAULT) -> tuple[Proposal, Proposal]:
    """The p95-based and the median-based cut for a policy, side by side, never below the floor of row 20."""
    stats = policy.whole
    median = None
    if stats.unknown_rate_median is not None:
        median = float(Decimal(repr(stats.unknown_rate_median)) * Decimal(rules.factor))
    few = too_few(stats.n_valid, rules.at_least)
    note = f"; {few}" if few else ""
    runs = f"of {stats.n_valid} valid runs"
    return (
        _proposal("p95", (f"p95 {runs}", note), stats.unknown_rate_p95, graded, rules.floor),
        _proposal("median", (f"{rules.factor} x median {runs}", note), median, graded, rules.floor),
    )


def _proposal(
    statistic: Statistic, words: tuple[str, str], value: float | None, graded: Graded, floor: float
) -> Proposal:
    if value is None:
        return Proposal(statistic, None, 0, 0, None, "no run has a rate")
    cut = max(value, floor)
    above, n = graded.above(cut)
    name, note = words
    raised = f", raised to the floor {floor:g}" if cut != value else ""
    reason = f"{name} = {value:.4f}{raised}; {above} of {n} runs without a FAIL signal are above it{note}"
    return Proposal(statistic, cut, n, above, wilson(above, n), reason)


class Version(NamedTuple):
    """One policy in the line of its kind: how stable the rate is from version to version.

    `change`: of the median against the version before, None for the first. `newest`: microseconds UTC.
    """

    policy_hash: str
    newest: int | None
    n_valid: int
    median: float | None
    p95: float | None
    change: float | None


def stability(policies: Iterable[Policy]) -> tuple[Version, ...]:
    """The policies by their newest run, those without timestamps first, then by policy_hash. Never pooled (row 27)."""
    ordered = sorted(policies, key=lambda policy: (policy.newest is not None, policy.newest or 0, policy.policy_hash))
    return tuple(_versions(ordered))


def _versions(policies: Iterable[Policy]) -> Iterator[Version]:
    before: Decimal | None = None
    for policy in policies:
        stats = policy.whole
        median = None if stats.unknown_rate_median is None else Decimal(repr(stats.unknown_rate_median))
        change = None if median is None or before is None else float(median - before)
        yield Version(
            policy.policy_hash,
            policy.newest,
            stats.n_valid,
            stats.unknown_rate_median,
            stats.unknown_rate_p95,
            change,
        )
        before = before if median is None else median
