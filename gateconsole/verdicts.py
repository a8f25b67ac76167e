"""Verdicts on alarms: was it right to raise a hand? (DOMAIN row 24). Pure.

An *alarm* is a run whose outcome is WARN or REVIEW, or that is a spike. An operator accepts it, or rejects it: the
alarm was false.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import polars as pl

from gateconsole.model import FAIL_SIGNALS, STATE_WHITELISTED, Stratum
from gateconsole.series.intervals import Limits, wilson
from gateconsole.series.judged import PolicySpikes
from gateconsole.series.listing import with_listing
from gateconsole.series.runs import RUNS_SCHEMA, Key
from gateconsole.whitelist.match import Whitelist

VerdictWord = Literal["accepted", "rejected"]
"""accepted: the alarm was right; rejected: it was false."""

CAUTIONS: Final = ("WARN", "REVIEW")
"""The outcomes that are alarms by themselves."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an operator said of one run's alarm: `word` None takes it back. `time` in microseconds UTC."""

    run_id: str
    policy_hash: str
    stratum: Stratum | None
    word: VerdictWord | None
    actor: str
    time: int

    @property
    def run(self) -> Key:
        """Which run (DOMAIN row 6)."""
        return self.run_id, self.policy_hash, self.stratum


def in_force(verdicts: Iterable[Verdict]) -> dict[Key, Verdict]:
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


def false_alarms(
    runs: pl.DataFrame, policy: PolicySpikes | None, verdicts: Iterable[Verdict], whitelist: Whitelist
) -> FalseAlarms:
    """The alarms of one policy. `runs`: its runs (RUNS_SCHEMA, any order); `policy`: its judgement, None without one.

    Verdicts on runs that are no alarm (any more) do not count.
    """
    found = alarms(runs, policy)
    held = in_force(verdicts)
    words = [held[run].word if run in held else None for run in _keys(found)]
    caution = pl.col("outcome").cast(pl.String).is_in(CAUTIONS)
    failed = pl.col("outcome").cast(pl.String).is_in(list(FAIL_SIGNALS))
    marked = with_listing(found, whitelist).select(
        caution.alias("caution"),
        (pl.col("whitelist_state") == STATE_WHITELISTED).alias("whitelisted"),
        (~failed).alias("before"),
        pl.Series("word", words, dtype=pl.String),
    )
    flags = {name: pl.col(name) for name in ("caution", "whitelisted", "before")}
    counts = marked.select(
        rejected=(pl.col("word") == "rejected").sum(),
        judged=pl.col("word").is_not_null().sum(),
        cautions=flags["caution"].sum(),
        whitelisted=(flags["caution"] & flags["whitelisted"]).sum(),
        overrides=(flags["caution"] & (pl.col("word") == "rejected")).sum(),
        before=flags["before"].sum(),
        after=(flags["before"] & ~flags["whitelisted"]).sum(),
    ).row(0, named=True)
    return FalseAlarms(
        alarms=marked.height,
        false_positives=Share(counts["rejected"], counts["judged"]),
        unjudged=marked.height - counts["judged"],
        proxy=Share(counts["whitelisted"], counts["cautions"]),
        overrides=counts["overrides"],
        before=counts["before"],
        after=counts["after"],
    )


def alarms(runs: pl.DataFrame, policy: PolicySpikes | None) -> pl.DataFrame:
    """The runs of one policy that are WARN, REVIEW or a spike, with a column `spike` (Boolean)."""
    spikes = () if policy is None else policy.spikes()
    keys = pl.DataFrame(
        [(spike.run.run_id, spike.run.stratum, True) for spike in spikes],
        schema={"run_id": pl.String(), "stratum": RUNS_SCHEMA["stratum"], "spike": pl.Boolean()},
        orient="row",
    )
    marked = runs.join(keys, on=["run_id", "stratum"], how="left", nulls_equal=True, maintain_order="left")
    spike = pl.col("spike").fill_null(False)
    return marked.with_columns(spike).filter(spike | pl.col("outcome").cast(pl.String).is_in(CAUTIONS))


def _keys(runs: pl.DataFrame) -> Iterable[Key]:
    return [(run, policy, stratum) for run, policy, stratum in runs.select("run_id", "policy_hash", "stratum").rows()]
