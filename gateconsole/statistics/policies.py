"""Statistics per policy and stratum from a Partial: exact, for any whitelist (rules G11-G13, G15-G19)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import polars as pl

from gateconsole.model import (
    FAIL_SIGNALS,
    OUTCOMES,
    STATE_MIXED,
    STATE_NONE,
    STATE_NOT_WHITELISTED,
    STATE_WHITELISTED,
    STRATA,
    Stratum,
    Whitelist,
    state,
)
from gateconsole.statistics.figures import Policy, Stats
from gateconsole.statistics.partial import WHOLE, Mix, Partial, Scope
from gateconsole.statistics.recent_runs import RecentRuns
from gateconsole.text import split_list

CLASSES_SCHEMA: Final = pl.Schema(
    {"class": pl.String, "runs": pl.Int64, "share": pl.Float64, "fail_runs": pl.Int64, "listed": pl.String}
)
"""Unknown classes of one policy: see `snapshot.Policy.classes`."""

_STATES: Final = (STATE_WHITELISTED, STATE_NOT_WHITELISTED, STATE_MIXED, STATE_NONE)


def p95_rank(n: int) -> int:
    """The nearest rank of the 95th percentile among n sorted values: ceil(95 n / 100), in whole numbers (rule G13)."""
    return -(-95 * n // 100)


def mean_of_two(low: float, high: float) -> float:
    """The middle of two rates as the decimals they are written as: (0.012, 0.03) -> 0.021 (rule G12)."""
    return float((Decimal(repr(low)) + Decimal(repr(high))) / 2)


def rate_figures(partial: Partial, policy_hash: str, scope: Scope) -> tuple[float, float, float, float] | None:
    """(min, median, p95, max) of the valid rates of one cell, or None when there are none."""
    cell = partial.cell(policy_hash, scope)
    n = partial.n_valid.get(cell, 0)
    if not n:
        return None
    ranks = [1, (n + 1) // 2, n // 2 + 1, p95_rank(n), n]
    low, middle, upper, p95, high = partial.rates.ranked(cell, ranks)
    return low, middle if middle == upper else mean_of_two(middle, upper), p95, high


def strata_of(partial: Partial, policy_hash: str) -> tuple[Stratum | None, ...]:
    """The strata in which the policy has runs: pinned, unpinned, then None for runs that name none."""
    return tuple(stratum for stratum in (*STRATA, None) if (policy_hash, stratum) in partial.mixes)


def stats(partial: Partial, policy_hash: str, scope: Scope, whitelist: Whitelist) -> Stats:
    """The figures of one cell."""
    strata = strata_of(partial, policy_hash) if scope == WHOLE else (scope,)
    outcomes: Counter[str] = Counter()
    states: Counter[str] = Counter()
    n_listed = n_unlisted = 0
    for stratum in strata:
        for mix, n in partial.mixes.get((policy_hash, stratum), {}).items():
            outcomes[mix.outcome] += n
            listed, unlisted = whitelist.split(split_list(mix.classes), stratum) if mix.classes else ((), ())
            states[state(listed, unlisted)] += n
            n_listed += n if listed else 0
            n_unlisted += n if unlisted else 0
    low, median, p95, high = rate_figures(partial, policy_hash, scope) or (None, None, None, None)
    return Stats(
        n=outcomes.total(),
        n_valid=partial.n_valid.get(partial.cell(policy_hash, scope), 0),
        unknown_rate_min=low,
        unknown_rate_median=median,
        unknown_rate_p95=p95,
        unknown_rate_max=high,
        outcomes={word: outcomes[word] for word in (*OUTCOMES, *sorted(outcomes.keys() - set(OUTCOMES)))},
        listed={name: states[name] for name in _STATES},
        n_listed=n_listed,
        n_unlisted=n_unlisted,
    )


def classes(partial: Partial, policy_hash: str, whitelist: Whitelist) -> pl.DataFrame:
    """The policy's unknown classes (CLASSES_SCHEMA), by runs falling, then name (rule G15)."""
    runs: Counter[str] = Counter()
    fails: Counter[str] = Counter()
    listed: Counter[str] = Counter()
    for stratum in strata_of(partial, policy_hash):
        for name, n, n_fail in _class_counts(partial.mixes[policy_hash, stratum].items()):
            runs[name] += n
            fails[name] += n_fail
            listed[name] += n if whitelist.entry(name, stratum) else 0
    n_valid = partial.n_valid.get(partial.cell(policy_hash, WHOLE), 0)
    rows = [
        (name, n, n / n_valid, fails[name], "listed" if listed[name] == n else "partly" if listed[name] else "unlisted")
        for name, n in sorted(runs.items(), key=lambda item: (-item[1], item[0]))
    ]
    return pl.DataFrame(rows, schema=CLASSES_SCHEMA, orient="row")


def policy_of(partial: Partial, policy_hash: str, whitelist: Whitelist, recent: RecentRuns) -> Policy:
    """Everything said of one policy that has runs."""
    last = recent.runs(policy_hash)
    rated = next((at for at, run in enumerate(reversed(last)) if run.unknown_rate is not None), len(last))
    return Policy(
        policy_hash=policy_hash,
        whole=stats(partial, policy_hash, WHOLE, whitelist),
        strata=tuple(
            (stratum, stats(partial, policy_hash, stratum, whitelist)) for stratum in strata_of(partial, policy_hash)
        ),
        classes=classes(partial, policy_hash, whitelist),
        recent=last,
        newest=recent.newest(policy_hash),
        rateless=rated,
        not_judged=recent.order.not_judged(policy_hash),
    )


def _class_counts(mixes: Iterable[tuple[Mix, int]]) -> Iterable[tuple[str, int, int]]:
    """(class, runs, runs with a FAIL signal), a row for each class of each mix."""
    for mix, n in mixes:
        if mix.classes:
            n_fail = n if mix.outcome in FAIL_SIGNALS else 0
            for name in split_list(mix.classes):
                yield name, n, n_fail
