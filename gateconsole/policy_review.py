"""What is worked out of a Snapshot only when somebody asks: effects, readiness, backtest, proposals a policy. Pure.

One place, so that the same figure stands on the screen, in CSV, Markdown and JSON. It looks at every run, so it is
nothing for the event loop; any thread may ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple, TypeVar

import polars as pl

from gateconsole.judgement.backtest import NOTHING_GRADED, Backtest, Point, Proposal, backtests, graded, proposals
from gateconsole.judgement.effects import NO_RATES, Association, MeanRates, Risk, associations, mean_rates, risk_of
from gateconsole.judgement.false_positives import NO_ALARMS, FalseAlarms, Verdict, false_alarms
from gateconsole.judgement.readiness import JudgedAlarms, Readiness, readiness, runs_with_unknowns
from gateconsole.model import Stratum
from gateconsole.snapshot import Snapshot
from gateconsole.statistics.figures import Policy
from gateconsole.statistics.frozen_runs import labelled
from gateconsole.statistics.runs_frame import RUNS_SCHEMA
from gateconsole.statistics.whitelist_split import with_listing

_P = TypeVar("_P", Association, Verdict)

BATCH_POLICIES: Final = 256
BATCH_RUNS: Final = 100_000
"""Policies and runs looked at at once, at most; a policy of more runs is looked at alone."""

_COLUMNS: Final = ("run_id", "policy_hash", "outcome", "unknown_rate", "reasons", "stratum", "folder", "job")


class PolicyReview(NamedTuple):
    """One policy reviewed.

    `risk`, `risks`: whole, and per stratum with runs (rule G19). `associations`: its classes with a spike by code
    points, `p_adjusted` over all policies (rule G23). `sweep` holds the cut in force and the proposed ones among its
    points. `proposals`: p95-based, then median-based. `backtest`: at the p95-based cut, whole, then per stratum,
    without, then with the whitelist; empty when no run has a rate (rule G26).
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
    return tuple(_linked(snapshot, snapshot.policies))


def review(snapshot: Snapshot, policy_hash: str) -> PolicyReview | None:
    """One policy reviewed; None if the Snapshot has no such policy, or holds no runs. Costs a look at every run."""
    wanted = [policy for policy in snapshot.policies if policy.policy_hash == policy_hash]
    return next(_linked(snapshot, wanted), None)


def in_batches(snapshot: Snapshot, policies: Iterable[Policy]) -> Iterator[tuple[PolicyReview, ...]]:
    """These policies of a Snapshot reviewed, in their order, some at once; none for a Snapshot that holds no runs.

    A batch is worked out when it is asked for, so whoever goes through them can say how far it is. Associations are
    left out: they hang on the spikes of every policy (`links`), all else on those of its own.
    """
    batches = tuple(_batches(policies))
    if snapshot.runs is None or not batches:
        return
    verdicts = _by_policy(snapshot.acts.verdicts.values() if snapshot.acts else ())
    for batch, runs in zip(batches, _parts(labelled(snapshot.runs), batches), strict=True):
        said = [verdict for policy in batch for verdict in verdicts.get(policy.policy_hash, ())]
        yield tuple(_reviews(snapshot, batch, with_listing(runs, snapshot.whitelist), said))


def associations_by_class(snapshot: Snapshot) -> Mapping[tuple[str, str], Association]:
    """Every (policy_hash, class) that ever had a spike, with its association with FAIL signals. Looks at no run."""
    return {(one.policy_hash, one.class_name): one for one in associations(snapshot.spikes.values())}


def _linked(snapshot: Snapshot, policies: Sequence[Policy]) -> Iterator[PolicyReview]:
    """These policies reviewed, with their associations."""
    linked = _by_policy(associations_by_class(snapshot).values()) if policies else {}
    for one in chain.from_iterable(in_batches(snapshot, policies)):
        yield one._replace(associations=tuple(linked.get(one.policy_hash, ())))


def _batches(policies: Iterable[Policy]) -> Iterator[list[Policy]]:
    """The policies in their order, so many at once that a batch is neither much to hold nor long to wait for."""
    batch: list[Policy] = []
    runs = 0
    for policy in policies:
        if batch and (len(batch) == BATCH_POLICIES or runs + policy.whole.n > BATCH_RUNS):
            yield batch
            batch, runs = [], 0
        batch.append(policy)
        runs += policy.whole.n
    if batch:
        yield batch


def _parts(runs: pl.DataFrame, batches: Sequence[Sequence[Policy]]) -> Iterator[pl.DataFrame]:
    """The runs of each batch, unsorted."""
    numbers = {policy.policy_hash: number for number, batch in enumerate(batches) for policy in batch}
    table = pl.DataFrame(
        {"policy_hash": list(numbers), "_batch": list(numbers.values())},
        schema={"policy_hash": RUNS_SCHEMA["policy_hash"], "_batch": pl.UInt32()},
    )
    wanted = runs.select(_COLUMNS).join(table, on="policy_hash")
    if len(batches) == 1:
        yield wanted.drop("_batch")
        return
    parts = wanted.partition_by("_batch", include_key=False, as_dict=True)
    for number in range(len(batches)):
        yield parts.pop((number,), wanted.clear().drop("_batch"))


def _reviews(
    snapshot: Snapshot, policies: Sequence[Policy], listed: pl.DataFrame, verdicts: Sequence[Verdict]
) -> Iterator[PolicyReview]:
    """Policies with their runs, listed, and the verdicts on them."""
    spikes = {one.policy_hash: one for one in (snapshot.spikes.get(each.policy_hash) for each in policies) if one}
    alarms = false_alarms(listed, spikes.values(), verdicts)
    means, unknown, rated = mean_rates(listed), runs_with_unknowns(listed), graded(listed)
    rules = snapshot.yardstick.rules
    proposed = {one.policy_hash: proposals(one, rated.get(one.policy_hash, NOTHING_GRADED), rules) for one in policies}
    tested = backtests(listed, {name: p95.cut for name, (p95, _) in proposed.items() if p95.cut is not None})
    for policy in policies:
        name = policy.policy_hash
        found = alarms.get(name, NO_ALARMS)
        cuts = [proposal.cut for proposal in proposed[name]] + [spikes[name].cut.cut if name in spikes else None]
        yield PolicyReview(
            policy_hash=name,
            readiness=readiness(
                policy,
                unknown.get(name, 0),
                JudgedAlarms(found.overrides, *found.false_positives),
                snapshot.yardstick.limits,
            ),
            false_alarms=found,
            risk=risk_of(policy.whole),
            risks=tuple((stratum, risk_of(stats)) for stratum, stats in policy.strata),
            means=means.get(name, NO_RATES),
            associations=(),
            sweep=rated.get(name, NOTHING_GRADED).sweep(cut for cut in cuts if cut is not None),
            proposals=proposed[name],
            backtest=tested.get(name, ()),
        )


def _by_policy(found: Iterable[_P]) -> dict[str, list[_P]]:
    by_policy: dict[str, list[_P]] = {}
    for one in found:
        by_policy.setdefault(one.policy_hash, []).append(one)
    return by_policy
