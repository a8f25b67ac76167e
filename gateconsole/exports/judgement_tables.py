"""The tables `spikes` and `readiness` of `export`, and the risk figures of the table `policies`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from gateconsole.exports.alerts_table import yes_no
from gateconsole.exports.column import Row, columns_of_kind
from gateconsole.snapshot import Snapshot, Stats

if TYPE_CHECKING:
    from gateconsole.judgement.effects import Risk
    from gateconsole.judgement.episodes import Spike
    from gateconsole.judgement.policy_spikes import PolicySpikes
    from gateconsole.judgement.readiness import Row as Check


READINESS_COLUMNS: Final = (
    *columns_of_kind("word", "name"),
    *columns_of_kind("share", "value", "lower", "upper"),
    *columns_of_kind("count", "runs", "n"),
    *columns_of_kind("word", "relation"),
    *columns_of_kind("share", "limit"),
    *columns_of_kind("word", "state", "sure", "source"),
)
"""What is said of one line of a checklist; `lower` and `upper` are the Wilson limits of a share."""


def spike_rows(snapshot: Snapshot) -> Iterator[Row]:
    """Every spike with its rule, cut and job: by policy, then in the order of rule G5."""
    from gateconsole.statistics.frozen_runs import jobs_of

    folders = {spike.run.folder for policy in snapshot.spikes.values() for spike in policy.spikes()}
    jobs = jobs_of(snapshot.runs, folders)
    for policy in snapshot.spikes.values():
        for spike in policy.spikes():
            yield (*spike_row(policy, spike), jobs.get(spike.run.folder))


def spike_row(policy: PolicySpikes, spike: Spike) -> Row:
    """One spike."""
    run = spike.run
    what = (run.run_id, run.timestamp, run.stratum, spike.outcome, spike.rate)
    rule = policy.rules.text(spike.cut, spike.baseline, spike.rate)
    return policy.policy_hash, *what, spike.cut, rule, spike.classes


def readiness_rows(snapshot: Snapshot) -> Iterator[Row]:
    """Every line of every policy's checklist (rule G25), policies by policy_hash."""
    from gateconsole.policy_review import reviews

    for found in reviews(snapshot):
        for row in found.readiness.rows:
            yield found.policy_hash, found.readiness.verdict, *readiness_cells(row)


def readiness_cells(row: Check) -> Row:
    """One line of a checklist: a number of runs is an int, a share of runs a float."""
    lower, upper = row.limits or (None, None)
    counts = row.relation == ">="
    value, limit = (row.runs, row.limit and int(row.limit)) if counts else (row.value, row.limit)
    return (
        row.name,
        value,
        lower,
        upper,
        row.runs,
        row.n,
        row.relation,
        limit,
        row.state,
        yes_no(row.sure),
        row.source,
    )


def risk_cells(stats: Stats) -> tuple[float | None, ...]:
    """Risk difference and ratio with their limits, as the last cells of a row about a policy (rule G19)."""
    from gateconsole.judgement.effects import risk_of

    return risk_numbers(risk_of(stats))


def risk_numbers(found: Risk) -> tuple[float | None, ...]:
    """Difference, lower, upper, ratio, lower, upper."""
    return found.difference, *(found.limits or (None, None)), found.ratio, *(found.ratio_limits or (None, None))
