"""What is worked out of a Snapshot only when somebody asks: effects, readiness, backtest, proposals a policy. Pure.

One place, so that the same figure stands on the screen, in CSV, Markdown and JSON. It looks at every run, so it is
nothing for the event loop; any thread may ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import polars as pl

from gateconsole.model import Stratum
from gateconsole.series.backtest import Backtest, Graded, Point, Proposal, proposals
from gateconsole.series.effects import Association, MeanRates, Risk, associations, mean_rates, risk_of
from gateconsole.series.figures import Policy
from gateconsole.series.readiness import Judged, Readiness, readiness, runs_with_unknowns
from gateconsole.series.runs import RUNS_SCHEMA
from gateconsole.snapshot import Snapshot
from gateconsole.verdicts import FalseAlarms, Verdict, false_alarms


class PolicyReview(NamedTuple):
    """One policy reviewed.

    `risk`, `risks`: whole, and per stratum with runs (DOMAIN row 19). `associations`: its classes with a spike by code
    points, `p_adjusted` over all policies (row 23). `sweep` holds the cut in force and the proposed ones among its
    points. `proposals`: p95-based, then median-based. `backtest`: at the p95-based cut, whole, then per stratum,
    without, then with the whitelist; empty when no run has a rate (row 26).
    """

    policy_hash: str
    readiness: Readiness
    false_alarms: FalseAlarms
    risk: Risk
    risks: tuple[tuple[Stratum | None, Risk], ...]
    means: MeanRates
    associations: tuple[Association, ...]
    sweep: tuple[Point, ...]
    proposals: tuple[Proposal, Proposal]
    backtest: tuple[Backtest, ...]


def reviews(snapshot: Snapshot) -> tuple[PolicyReview, ...]:
    """Every policy reviewed, by policy_hash; none for a Snapshot that holds no runs. Costs a few looks at every run."""
    return tuple(_reviews(snapshot, snapshot.policies))


def review(snapshot: Snapshot, policy_hash: str) -> PolicyReview | None:
    """One policy reviewed; None if the Snapshot has no such policy, or holds no runs. Costs a look at every run."""
    wanted = [policy for policy in snapshot.policies if policy.policy_hash == policy_hash]
    return next(_reviews(snapshot, wanted), None)


def links(snapshot: Snapshot) -> Mapping[tuple[str, str], Association]:
    """Every (policy_hash, class) that ever had a spike, with its association with FAIL signals. Looks at no run."""
    return {(one.policy_hash, one.class_name): one for one in associations(snapshot.spikes.values())}


def _reviews(snapshot: Snapshot, policies: Iterable[Policy]) -> Iterator[PolicyReview]:
    wanted = {policy.policy_hash: policy for policy in policies}
    if snapshot.runs is None or not wanted:
        return
    runs = snapshot.runs()
    if len(wanted) < len(snapshot.policies):
        runs = runs.filter(pl.col("policy_hash").cast(pl.String).is_in(list(wanted)))
    parts = {str(name): part for (name,), part in runs.partition_by("policy_hash", as_dict=True).items()}
    verdicts, linked = _verdicts(snapshot), _by_policy(links(snapshot).values())
    for policy_hash, policy in wanted.items():
        part = parts.get(policy_hash, RUNS_SCHEMA.to_frame())
        found = false_alarms(part, snapshot.spikes.get(policy_hash), verdicts.get(policy_hash, ()), snapshot.whitelist)
        yield _review(snapshot, policy, part, found)._replace(associations=tuple(linked.get(policy_hash, ())))


def _review(snapshot: Snapshot, policy: Policy, runs: pl.DataFrame, found: FalseAlarms) -> PolicyReview:
    """One policy, its runs at hand; its associations are still to come."""
    graded = Graded(runs, snapshot.whitelist)
    proposed = proposals(policy, graded, snapshot.yardstick.rules)
    judged = snapshot.spikes.get(policy.policy_hash)
    cuts = [proposal.cut for proposal in proposed] + [None if judged is None else judged.cut.cut]
    unknown = runs_with_unknowns(runs).get(policy.policy_hash, 0)
    said = Judged(found.overrides, *found.false_positives)
    p95 = proposed[0].cut
    return PolicyReview(
        policy_hash=policy.policy_hash,
        readiness=readiness(policy, unknown, said, snapshot.yardstick.limits),
        false_alarms=found,
        risk=risk_of(policy.whole),
        risks=tuple((stratum, risk_of(stats)) for stratum, stats in policy.strata),
        means=mean_rates(runs, snapshot.whitelist),
        associations=(),
        sweep=graded.sweep(cut for cut in cuts if cut is not None),
        proposals=proposed,
        backtest=() if p95 is None else graded.backtest(p95),
    )


def _verdicts(snapshot: Snapshot) -> dict[str, list[Verdict]]:
    """Operators' verdicts in force by policy_hash."""
    found: dict[str, list[Verdict]] = {}
    for verdict in snapshot.acts.verdicts.values() if snapshot.acts else ():
        found.setdefault(verdict.policy_hash, []).append(verdict)
    return found


def _by_policy(linked: Iterable[Association]) -> dict[str, list[Association]]:
    found: dict[str, list[Association]] = {}
    for one in linked:
        found.setdefault(one.policy_hash, []).append(one)
    return found
