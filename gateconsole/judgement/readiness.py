"""May a policy go to WARN? The checklist of rule G25. The console reports, it never switches a mode."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

import polars as pl

from gateconsole.judgement.limits import LIMITS, Limit
from gateconsole.model import FAIL_SIGNALS, STRATA, Stratum
from gateconsole.statistics.figures import Policy, Stats
from gateconsole.statistics.intervals import Limits, wilson

RowState = Literal["met", "not met", "too few", "not applicable"]
PolicyVerdict = Literal["not ready", "too few", "ready"]
Source = Literal["seed", "default", "setting"]
"""Where a limit comes from: the rollout's own document, this program, the user's settings."""


class JudgedAlarms(NamedTuple):
    """What operators said (`verdicts.FalseAlarms`): WARN / REVIEW runs judged rejected; rejected of judged alarms."""

    overrides: int = 0
    rejected: int = 0
    judged: int = 0


NO_JUDGED_ALARMS: Final = JudgedAlarms()


class Row(NamedTuple):
    """One line of the checklist.

    `value`: the number of valid runs, or a share of runs as a fraction; None where there is nothing to count. `runs`
    of `n` is where it comes from. `limit` None: there is none. `sure`: the Wilson interval lies on one side.
    """

    name: str
    value: float | None
    runs: int
    n: int
    limit: float | None
    relation: Literal[">=", "<", "<="]
    state: RowState
    sure: bool
    source: Source

    @property
    def limits(self) -> Limits | None:
        """The Wilson interval of a share; None for the number of runs."""
        return None if self.relation == ">=" else wilson(self.runs, self.n)


class _Bound(NamedTuple):
    """A limit in force, and the one this program brings."""

    relation: Literal["<", "<="]
    limit: float | None
    default: float | None

    @property
    def source(self) -> Source:
        """Where it comes from."""
        return "default" if self.limit == self.default else "setting"


class Readiness(NamedTuple):
    """The checklist of one policy and what follows from it."""

    policy_hash: str
    verdict: PolicyVerdict
    rows: tuple[Row, ...]

    @property
    def unmet(self) -> int:
        """Rows that are not met."""
        return sum(row.state == "not met" for row in self.rows)


def readiness(
    policy: Policy, unknown_runs: int, judged: JudgedAlarms = NO_JUDGED_ALARMS, limits: Limit = LIMITS
) -> Readiness:
    """The checklist of one policy; `unknown_runs` of its valid runs have a rate above 0 (`runs_with_unknowns`)."""
    whole, strata = policy.whole, dict(policy.strata)
    rows = (
        _enough(whole, limits),
        *(_alarm_share(stratum, strata.get(stratum), limits) for stratum in (*STRATA, None)),
        _share("unknown runs", unknown_runs, whole.n_valid, _Bound("<", limits.unknown_runs, LIMITS.unknown_runs)),
        _share("overrides", judged.overrides, whole.n, _Bound("<=", limits.overrides, LIMITS.overrides)),
        _share("false positives", judged.rejected, judged.judged, _Bound("<", limits.false_positives, None)),
    )
    return Readiness(policy.policy_hash, _verdict(rows), rows)


def runs_with_unknowns(runs: pl.DataFrame) -> dict[str, int]:
    """How many runs have a rate above 0, by policy_hash (runs: RUNS_SCHEMA)."""
    counts = runs.group_by("policy_hash").agg((pl.col("unknown_rate") > 0).sum())
    return {str(policy_hash): n for policy_hash, n in counts.iter_rows()}


def _verdict(rows: Iterable[Row]) -> PolicyVerdict:
    states = {row.state for row in rows}
    return "not ready" if "not met" in states else "too few" if "too few" in states else "ready"


def _enough(stats: Stats, limits: Limit) -> Row:
    """Enough valid runs; a number is not estimated, so it is always sure."""
    state: RowState = "met" if stats.n_valid >= limits.runs else "too few"
    source: Source = "seed" if limits.runs == LIMITS.runs else "setting"
    return Row("valid runs", stats.n_valid, stats.n_valid, stats.n, limits.runs, ">=", state, True, source)


def _alarm_share(stratum: Stratum | None, stats: Stats | None, limits: Limit) -> Row:
    """WARN, FAIL and BLOCK among the runs of one stratum."""
    field = {"pinned": "alarms_pinned", "unpinned": "alarms_unpinned", None: "alarms_without_stratum"}[stratum]
    bound = _Bound("<", getattr(limits, field), getattr(LIMITS, field))
    name = f"WARN + FAIL + BLOCK, {stratum or 'without stratum'}"
    if stats is None:
        return Row(name, None, 0, 0, bound.limit, "<", "not applicable", False, bound.source)
    return _share(name, sum(stats.outcomes.get(word, 0) for word in ("WARN", *FAIL_SIGNALS)), stats.n, bound)


def _share(name: str, runs: int, n: int, bound: _Bound) -> Row:
    """A row about a share of runs."""
    value, within = (runs / n if n else None), wilson(runs, n)
    relation, limit, _ = bound
    if limit is None:
        return Row(name, value, runs, n, None, relation, "not applicable", False, bound.source)
    if value is None or within is None:
        return Row(name, None, 0, 0, limit, relation, "too few", False, bound.source)
    if relation == "<":
        met, sure = value < limit, within.upper < limit or within.lower >= limit
    else:
        met, sure = value <= limit, within.upper <= limit or within.lower > limit
    return Row(name, value, runs, n, limit, relation, "met" if met else "not met", sure, bound.source)
