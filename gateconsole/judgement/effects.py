"""Effects: listed against unlisted classes, and spikes against FAIL (rules G19, G23). By counting, no resampling.

What is found is an association, never a cause: the words here say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import Final, NamedTuple

import polars as pl

from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.model import STATE_MIXED
from gateconsole.statistics.figures import Stats
from gateconsole.statistics.intervals import (
    ContingencyTable,
    Limits,
    benjamini_hochberg,
    fisher_exact,
    katz,
    log_limits,
    newcombe_independent,
    newcombe_paired,
    phi,
)

ENOUGH: Final = 40
"""Valid runs below which an effect is shown as too few (the seed)."""

SIGNIFICANT: Final = 0.05
"""An adjusted p below this is called an association."""


class Risk(NamedTuple):
    """Risk difference and ratio of runs with a listed class (W) against runs with an unlisted one (N), rule G19.

    `n` valid runs; `n_w`, `n_n` those in W and in N (a mixed run is in both); `difference` = n_w/n - n_n/n with
    Newcombe's paired limits, None for n = 0; `ratio` = n_w/n_n with log limits, None for n_n = 0 (limits also for
    n_w = 0).
    """

    n: int
    n_w: int
    n_n: int
    difference: float | None
    limits: Limits | None
    ratio: float | None
    ratio_limits: Limits | None


def risk(n: int, n_w: int, n_n: int, mixed: int) -> Risk:
    """The effect from counts: valid runs, runs in W, in N, in both."""
    only_w, only_n = n_w - mixed, n_n - mixed
    table = ContingencyTable(mixed, only_w, only_n, n - mixed - only_w - only_n)
    ratio = n_w / n_n if n_n else None
    within = None
    if ratio:
        within = log_limits(ratio, sqrt((only_w + only_n) / (n_w * n_n)))
    return Risk(n, n_w, n_n, (only_w - only_n) / n if n else None, newcombe_paired(table), ratio, within)


def risk_of(stats: Stats) -> Risk:
    """The effect of one policy, or of one policy in one stratum."""
    return risk(stats.n_valid, stats.n_listed, stats.n_unlisted, stats.listed.get(STATE_MIXED, 0))


class MeanRates(NamedTuple):
    """Mean unknown_rate of the runs with a listed class and of those with an unlisted one; None without runs."""

    listed: float | None
    unlisted: float | None


NO_RATES: Final = MeanRates(None, None)


def mean_rates(listed: pl.DataFrame) -> dict[str, MeanRates]:
    """The mean rates of both groups, exact decimals of the rates as written (rule G12), by policy_hash.

    `listed`: runs as `with_listing` gives them. Policies without a run with a rate above 0 are left out.
    """
    counts = (
        listed.filter(pl.col("unknown_rate") > 0)
        .group_by("policy_hash", "unknown_rate")
        .agg((pl.col("whitelisted_reasons", "unlisted_reasons") != "").sum())
        .sort("policy_hash", "unknown_rate")
    )
    by_policy: dict[str, tuple[_Mean, _Mean]] = {}
    for policy_hash, rate, n_listed, n_unlisted in counts.iter_rows():
        pair = by_policy.setdefault(policy_hash, (_Mean(), _Mean()))
        value = Decimal(repr(rate))
        for mean, runs in zip(pair, (n_listed, n_unlisted), strict=True):
            mean.add(value, runs)
    return {policy_hash: MeanRates(*(mean.value for mean in pair)) for policy_hash, pair in by_policy.items()}


@dataclass(slots=True)
class _Mean:
    """The mean of rates that are counted."""

    total: Decimal = Decimal(0)
    runs: int = 0

    def add(self, rate: Decimal, runs: int) -> None:
        """So many runs of this rate."""
        self.total += rate * runs
        self.runs += runs

    @property
    def value(self) -> float | None:
        """The mean; None without runs."""
        return float(self.total / self.runs) if self.runs else None


class Association(NamedTuple):
    """Spikes holding a class against all other valid runs of the policy, FAIL signal or not (rule G23).

    `table`: both, spike only, FAIL only, neither. `difference` = P(FAIL given spike) - P(FAIL given none) with
    Newcombe's independent limits; `ratio` with Katz's; `phi` None if a margin is 0; `p` Fisher's exact,
    `p_adjusted` after Benjamini-Hochberg over all rows with enough runs, None for the others.
    """

    policy_hash: str
    class_name: str
    table: ContingencyTable
    difference: float | None
    limits: Limits | None
    ratio: float | None
    ratio_limits: Limits | None
    phi: float | None
    p: float
    p_adjusted: float | None

    @property
    def n(self) -> int:
        """Valid runs of the policy."""
        return self.table.n

    @property
    def words(self) -> str:
        """What may be said: `too few (n = 23 of 40)`, or whether there is an association."""
        few = is_too_few(self.n)
        if few is not None:
            return few
        if self.p_adjusted is None or self.p_adjusted >= SIGNIFICANT:
            return "no sign of an association"
        return f"association: FAIL signals {'more' if (self.difference or 0) > 0 else 'less'} often with these spikes"


def is_too_few(n: int, enough: int = ENOUGH) -> str | None:
    """`too few (n = 23 of 40)`, or None when they are enough."""
    return f"too few (n = {n} of {enough})" if n < enough else None


def associations(policies: Iterable[PolicySpikes]) -> tuple[Association, ...]:
    """Every class with a spike in every policy, policies as given, classes by code points.

    Costs one Fisher test a class: for a screen or an export, not for every run.
    """
    rows = [_association(policy, name) for policy in policies for name in sorted(policy.tracks)]
    enough = [at for at, row in enumerate(rows) if row.n >= ENOUGH]
    adjusted = benjamini_hochberg([rows[at].p for at in enough])
    for at, p_adjusted in zip(enough, adjusted, strict=True):
        rows[at] = rows[at]._replace(p_adjusted=p_adjusted)
    return tuple(rows)


def _association(policy: PolicySpikes, name: str) -> Association:
    track = policy.tracks[name]
    both, fail_only = track.fails, policy.n_fails - track.fails
    others = policy.n_valid - track.spikes
    table = ContingencyTable(both, track.spikes - both, fail_only, others - fail_only)
    ratio = (both / track.spikes) / (fail_only / others) if fail_only else None
    return Association(
        policy_hash=policy.policy_hash,
        class_name=name,
        table=table,
        difference=both / track.spikes - fail_only / others if others else None,
        limits=newcombe_independent(both, track.spikes, fail_only, others),
        ratio=ratio,
        ratio_limits=katz(both, track.spikes, fail_only, others),
        phi=phi(table),
        p=fisher_exact(table),
        p_adjusted=None,
    )
