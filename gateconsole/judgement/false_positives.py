"""Verdicts on alarms: was it right to raise a hand? (rule G24). Pure.

An *alarm* is a run whose outcome is WARN or REVIEW, or that is a spike. An operator accepts it, or rejects it: the
alarm was false.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import polars as pl

from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.model import FAIL_SIGNALS, STATE_WHITELISTED, Stratum
from gateconsole.statistics.intervals import Limits, wilson
from gateconsole.statistics.runs_frame import RUNS_SCHEMA, RunKey

VerdictWord = Literal["accepted", "rejected"]
"""accepted: the alarm was right; rejected: it was false."""

CAUTIONS: Final = ("WARN", "REVIEW")
"""The outcomes that are alarms by themselves."""

_KEY: Final = ("run_id", "job", "policy_hash", "stratum")
"""The columns of a run's `RunKey`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an operator said of one run's alarm: `word` None takes it back. `time` in microseconds UTC.

    Without a `job` it is about the run that names none, never about the jobs of a matrix that share the run id: which
    of them a verdict of before jobs were told apart was about, no ledger says.
    """

    run_id: str
    policy_hash: str
    stratum: Stratum | None
    word: VerdictWord | None
    actor: str
    time: int
    job: str | None = None

    @property
    def run(self) -> RunKey:
        """Which run (rule G6)."""
        return self.run_id, self.job, self.policy_hash, self.stratum


def latest_verdicts(verdicts: Iterable[Verdict]) -> dict[RunKey, Verdict]:
    """The last verdict on each run, in the ledger's order; runs whose verdict was taken back have none."""
    last = {verdict.run: verdict for verdict in verdicts}
    return {run: verdict for run, verdict in last.items() if verdict.word is not None}


class Share(NamedTuple):
    """Some of some: `value` is None for n = 0, the limits are Wilson's."""

    runs: int
    n: int

    @property
    def value(self) -> float | None:
        """runs / n."""
        return self.runs / self.n if self.n else None

    @property
    def limits(self) -> Limits | None:
        """The 95 % limits of the share."""
        return wilson(self.runs, self.n)


class FalseAlarms(NamedTuple):
    """What is known of a policy's alarms.

    `false_positives`: rejected of the judged; `unjudged` alarms stand beside it. `proxy`, without any verdict: runs of
    state `whitelisted` among WARN / REVIEW runs. `overrides`: WARN / REVIEW runs judged rejected. `before` (A): alarms
    without a FAIL signal; `after` (B): those left without the `whitelisted` ones.
    """

    alarms: int
    false_positives: Share
    unjudged: int
    proxy: Share
    overrides: int
    before: int
    after: int

    @property
    def reduction(self) -> float | None:
        """Share of false alarms the whitelist takes away, (A - B) / A; None for A = 0."""
        return (self.before - self.after) / self.before if self.before else None


NO_ALARMS: Final = FalseAlarms(0, Share(0, 0), 0, Share(0, 0), 0, 0, 0)


def false_alarms(
    listed: pl.DataFrame, policies: Iterable[PolicySpikes], verdicts: Iterable[Verdict]
) -> dict[str, FalseAlarms]:
    """The alarms of every policy that has any, by policy_hash.

    `listed`: runs as `with_listing` gives them, with their `job`; without that column none names one. `policies`: their
    judgements, as far as there are any. Verdicts on runs that are no alarm (any more) do not count.
    """
    if "job" not in listed.columns:
        listed = listed.with_columns(pl.lit(None, dtype=pl.String).alias("job"))
    found = alarm_runs(listed.select(*_KEY, "folder", "outcome", "whitelist_state"), policies)
    outcome, word = pl.col("outcome").cast(pl.String), pl.col("word")
    caution, before = outcome.is_in(CAUTIONS), ~outcome.is_in(list(FAIL_SIGNALS))
    covered = pl.col("whitelist_state") == STATE_WHITELISTED
    sums = {
        "rejected": (word == "rejected").fill_null(False),
        "judged": word.is_not_null(),
        "cautions": caution,
        "whitelisted": caution & covered,
        "overrides": caution & (word == "rejected").fill_null(False),
        "before": before,
        "after": before & ~covered,
    }
    counts = (
        found.with_columns(pl.Series("word", _words(found, latest_verdicts(verdicts)), dtype=pl.String))
        .select("policy_hash", **sums)
        .group_by("policy_hash")
        .agg(pl.len().alias("alarms"), pl.col(*sums).sum())
    )
    return {row["policy_hash"]: _false_alarms(row) for row in counts.iter_rows(named=True)}


def _false_alarms(counts: Mapping[str, int]) -> FalseAlarms:
    return FalseAlarms(
        alarms=counts["alarms"],
        false_positives=Share(counts["rejected"], counts["judged"]),
        unjudged=counts["alarms"] - counts["judged"],
        proxy=Share(counts["whitelisted"], counts["cautions"]),
        overrides=counts["overrides"],
        before=counts["before"],
        after=counts["after"],
    )


def alarm_runs(runs: pl.DataFrame, policies: Iterable[PolicySpikes]) -> pl.DataFrame:
    """The runs (of RUNS_SCHEMA, any policies) that are WARN, REVIEW or a spike, with a column `spike` (Boolean).

    `policies`: the judgements that say which runs are spikes. A run is known by its folder: jobs may share a run id.
    """
    folders = [spike.run.folder for policy in policies for spike in policy.spikes()]
    keys = pl.DataFrame({"folder": folders}, schema={"folder": RUNS_SCHEMA["folder"]})
    spike = pl.col("spike").fill_null(False)
    return (
        runs.join(keys.with_columns(spike=pl.lit(True)), on="folder", how="left", maintain_order="left")
        .with_columns(spike)
        .filter(spike | pl.col("outcome").cast(pl.String).is_in(CAUTIONS))
    )


def _words(runs: pl.DataFrame, held: Mapping[RunKey, Verdict]) -> list[VerdictWord | None]:
    """What was said of each of these runs. The ledger's text need be no UTF-8, so it never becomes a frame."""
    if not held:
        return [None] * runs.height
    said = {run: verdict.word for run, verdict in held.items()}
    return [said.get(run) for run in runs.select(_KEY).iter_rows()]
