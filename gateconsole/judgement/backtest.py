"""What a cut would have done to the runs there are: mini-backtest, sweep, proposed settings (rule G26)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import polars as pl

from gateconsole.judgement.effects import is_too_few
from gateconsole.judgement.rules import DEFAULT, SpikeRules, Statistic
from gateconsole.model import STATE_WHITELISTED, STRATA, Stratum
from gateconsole.statistics.figures import Policy
from gateconsole.statistics.intervals import Limits, wilson
from gateconsole.statistics.partial import WHOLE, Scope
from gateconsole.statistics.runs_frame import RUNS_SCHEMA
from gateconsole.text import noun

POINTS: Final = 64
"""Cuts in a sweep at most."""


class Backtest(NamedTuple):
    """The runs of one stratum under a cut (rule G26), `whole` for all strata together.

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


class Graded(NamedTuple):
    """The runs of one policy without a FAIL signal that have a rate, by rate: what a cut would do to them.

    `rates` in order, none twice; `runs` and `unlisted`: how many runs, and how many of them the whitelist does not
    cover, the first 0, 1, 2 ... rates have.
    """

    rates: Sequence[float] = ()
    runs: Sequence[int] = (0,)
    unlisted: Sequence[int] = (0,)

    def sweep(self, cuts: Iterable[float] = ()) -> tuple[Point, ...]:
        """Points from cut 0 to the largest rate, at most POINTS of the rates there are, and these cuts as well."""
        step = max(1, -(-len(self.rates) // POINTS))
        chosen = sorted({0.0, *self.rates[::step], *self.rates[-1:], *cuts})
        return tuple(self.point(cut) for cut in chosen)

    def above(self, cut: float) -> tuple[int, int]:
        """(runs above the cut, all runs)."""
        point = self.point(cut)
        return point.above, point.n

    def point(self, cut: float) -> Point:
        """What is above a cut."""
        upto = bisect_right(self.rates, cut)
        return Point(cut, self.runs[-1], self.runs[-1] - self.runs[upto], self.unlisted[-1] - self.unlisted[upto])


NOTHING_GRADED: Final = Graded()
"""A policy none of whose runs without a FAIL signal has a rate."""


def graded(listed: pl.DataFrame) -> dict[str, Graded]:
    """Every policy's runs by rate, policies without such runs left out (listed: runs as `with_listing` gives them)."""
    counts = (
        _flagged(listed)
        .filter(~pl.col("fail") & ~pl.col("block") & pl.col("unknown_rate").is_not_null())
        .group_by("policy_hash", "unknown_rate")
        .agg(pl.len().cast(pl.Int64).alias("runs"), pl.col("uncovered").sum().cast(pl.Int64))
        .sort("policy_hash", "unknown_rate")
        .group_by("policy_hash", maintain_order=True)
        .agg("unknown_rate", pl.col("runs", "uncovered").cum_sum())
    )
    return {
        str(policy_hash): Graded(rates, [0, *runs], [0, *unlisted])
        for policy_hash, rates, runs, unlisted in counts.iter_rows()
    }


def backtests(listed: pl.DataFrame, cuts: Mapping[str, float]) -> dict[str, tuple[Backtest, ...]]:
    """What its cut does to each of these policies (listed: runs as `with_listing` gives them), by policy_hash.

    All strata together, then each with runs; without, then with the whitelist.
    """
    table = pl.DataFrame(
        {"policy_hash": list(cuts), "cut": list(cuts.values())},
        schema={"policy_hash": RUNS_SCHEMA["policy_hash"], "cut": pl.Float64()},
    )
    free, rate = ~pl.col("fail") & ~pl.col("block"), pl.col("unknown_rate")
    above = (free & (rate > pl.col("cut"))).fill_null(False)
    sums = {
        "passed": free & (rate <= pl.col("cut")),
        "listed": above & ~pl.col("uncovered"),
        "unlisted": above & pl.col("uncovered"),
        "fail": pl.col("fail"),
        "block": pl.col("block"),
        "without_rate": free & rate.is_null(),
    }
    counts = (
        _flagged(listed)
        .join(table, on="policy_hash")
        .select("policy_hash", "stratum", **sums)
        .group_by("policy_hash", "stratum")
        .agg(pl.len(), pl.col(*sums).sum())
    )
    found: dict[str, dict[Stratum | None, _Tested]] = {policy_hash: {} for policy_hash in cuts}
    for policy_hash, stratum, *counted in counts.iter_rows():
        found[policy_hash][stratum] = _Tested(*counted)
    return {policy_hash: tuple(_backtests(by, cuts[policy_hash])) for policy_hash, by in found.items()}


def _flagged(listed: pl.DataFrame) -> pl.DataFrame:
    """Of each run what a cut goes by: FAIL and BLOCK, which none changes, and whether the whitelist leaves it out."""
    return listed.select(
        "policy_hash",
        "stratum",
        "unknown_rate",
        fail=pl.col("outcome") == "FAIL",
        block=pl.col("outcome") == "BLOCK",
        uncovered=pl.col("whitelist_state") != STATE_WHITELISTED,
    )


class _Tested(NamedTuple):
    """The runs of one stratum under a cut; those above it are `listed` (whitelisted) or not."""

    n: int
    passed: int
    listed: int
    unlisted: int
    fail: int
    block: int
    without_rate: int


_NONE_TESTED: Final = _Tested(0, 0, 0, 0, 0, 0, 0)


def _backtests(by: Mapping[Stratum | None, _Tested], cut: float) -> Iterator[Backtest]:
    strata = [stratum for stratum in (*STRATA, None) if stratum in by]
    whole = _Tested(*(sum(counts) for counts in zip(_NONE_TESTED, *by.values(), strict=True)))
    scopes: list[tuple[Scope, _Tested]] = [(WHOLE, whole), *((stratum, by[stratum]) for stratum in strata)]
    for scope, tested in scopes:
        n, passed, listed, unlisted, *rest = tested
        yield Backtest(scope, False, cut, n, passed, 0, listed + unlisted, *rest)
        yield Backtest(scope, True, cut, n, passed, listed, unlisted, *rest)


def proposals(policy: Policy, graded: Graded, rules: SpikeRules = DEFAULT) -> tuple[Proposal, Proposal]:
    """The p95-based and the median-based cut for a policy, side by side, never below the floor of rule G20."""
    stats = policy.whole
    median = None
    if stats.unknown_rate_median is not None:
        median = float(Decimal(repr(stats.unknown_rate_median)) * Decimal(rules.factor))
    few = is_too_few(stats.n_valid, rules.at_least)
    note = f"; {few}" if few else ""
    runs = f"of {stats.n_valid} {noun(stats.n_valid, 'valid run')}"
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
    runs = f"{noun(n, 'run')} without a FAIL signal {'is' if n == 1 else 'are'}"
    reason = f"{name} = {value:.4f}{raised}; {above} of {n} {runs} above it{note}"
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
    """By their newest run, those without timestamps first, then by policy_hash. Never pooled (rule G27)."""
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
