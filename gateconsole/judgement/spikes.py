"""Cut, rule and spike of every run of a policy at once, and spikes as a frame (rules G20, G21)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import polars as pl

from gateconsole.judgement.episodes import Adoption, Spike
from gateconsole.judgement.late_runs import place_runs
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.judgement.rules import DEFAULT, SpikeRules
from gateconsole.judgement.spike_detector import SpikeDetector
from gateconsole.statistics.run_order import in_order
from gateconsole.statistics.runs_frame import RUNS_SCHEMA, rows_of

JUDGED_SCHEMA: Final = pl.Schema({"cut": pl.Float64, "rule": pl.String, "spike": pl.Boolean})
"""The columns `judged` adds; all null where the run has no valid rate."""

SPIKES_SCHEMA: Final = pl.Schema(
    {
        "policy_hash": pl.String(),
        "run_id": pl.String(),
        "timestamp": pl.Datetime("us"),
        "stratum": pl.String(),
        "outcome": pl.String(),
        "unknown_rate": pl.Float64(),
        "cut": pl.Float64(),
        "rule": pl.String(),
        "classes": pl.List(pl.String()),
    }
)
"""A frame of spikes, one row a spike, in the order of rule G5. Raw text; `timestamp` is UTC without saying so."""


def judged_runs(runs: pl.DataFrame, rules: SpikeRules = DEFAULT, adoptions: Iterable[Adoption] = ()) -> pl.DataFrame:
    """The runs of one policy (RUNS_SCHEMA), in the order of rule G5, with the columns of JUDGED_SCHEMA.

    Equal to what a `PolicyFold` says of each run when the runs come to it in that order.
    """
    ordered = in_order(runs)
    fold = SpikeDetector(runs["policy_hash"][0] if runs.height else "", rules, adoptions)
    columns: list[tuple[float | None, str | None, bool | None]] = []
    for row in rows_of(ordered.select(RUNS_SCHEMA.names())):
        if row[4] is None:
            columns.append((None, None, None))
            continue
        cut = fold.append(place_runs(row))
        columns.append((cut.cut, rules.text(cut.cut, cut.baseline, row[4]), row[4] > cut.cut))
    return ordered.hstack(pl.DataFrame(columns, schema=JUDGED_SCHEMA, orient="row"))


def judge_policy(runs: pl.DataFrame, rules: SpikeRules = DEFAULT, adoptions: Iterable[Adoption] = ()) -> PolicySpikes:
    """The judgement of the runs of one policy (RUNS_SCHEMA, any order)."""
    valid = runs.filter(pl.col("unknown_rate").is_not_null()).select(RUNS_SCHEMA.names())
    fold = SpikeDetector(runs["policy_hash"][0] if runs.height else "", rules, adoptions)
    fold.extend(in_order(valid))
    fold.finish()
    return fold.product()


def judge_policies(
    runs: pl.DataFrame, rules: SpikeRules = DEFAULT, adoptions: Iterable[tuple[str, Adoption]] = ()
) -> dict[str, PolicySpikes]:
    """The judgement of every policy with a valid run (runs: RUNS_SCHEMA, any order), by policy_hash.

    Adoptions come with their policy_hash. Equal to what `series.judge.Judge` says once it has caught up.
    """
    by_policy: dict[str, list[Adoption]] = {}
    for policy_hash, adoption in adoptions:
        by_policy.setdefault(policy_hash, []).append(adoption)
    valid = runs.filter(pl.col("unknown_rate").is_not_null())
    parts = valid.partition_by("policy_hash", as_dict=True)
    named = sorted((str(name), part) for (name,), part in parts.items())
    return {name: judge_policy(part, rules, by_policy.get(name, ())) for name, part in named}


def frame_of_spikes(policies: Iterable[PolicySpikes]) -> pl.DataFrame:
    """Every spike of these policies (SPIKES_SCHEMA): policies as given, each one's spikes in order."""
    rows = [_row(policy, spike) for policy in policies for spike in policy.spikes()]
    return pl.DataFrame(rows, schema=SPIKES_SCHEMA, orient="row")


def _row(policy: PolicySpikes, spike: Spike) -> tuple[object, ...]:
    run = spike.run
    return (
        policy.policy_hash,
        run.run_id,
        run.timestamp,
        run.stratum,
        spike.outcome,
        spike.rate,
        spike.cut,
        policy.rules.text(spike.cut, spike.baseline, spike.rate),
        list(spike.classes),
    )
