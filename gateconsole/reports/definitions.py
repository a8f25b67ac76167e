"""What the words of rollout_series_v1.md mean, with the settings in force (rules 2.2, 2.3)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from gateconsole.judgement.alerts import LevelAdoption
from gateconsole.judgement.effects import ENOUGH
from gateconsole.judgement.policy_spikes import RECURRING
from gateconsole.judgement.rules import UNATTRIBUTED, SpikeRules
from gateconsole.snapshot import Snapshot

_WIDTH: Final = 120

_SERIES: Final = (
    "**run**: one `gate_result.json`; runs of different `policy_hash` are never pooled.",
    "**unknown_rate**: share of checks in the run whose result is unknown, a fraction 0..1. **n** counts every run,"
    " **n_valid** those with a usable unknown_rate; min, median, p95 and max are over n_valid.",
    "**median** of an even count is the exact mean of the two middle values; **p95** is the nearest rank, value number"
    " ceil(95 n / 100) of the sorted values.",
    "**stratum**: pinned or unpinned inputs as the artifact says, `(none)` when it does not; `all` is the whole"
    " policy.",
    "**outcome**: as the gate wrote it; `other` counts words outside the six and runs without one. FAIL or BLOCK is a"
    " FAIL signal.",
    "**unknown class**: a reason of a run with unknown_rate > 0; its share is runs with the class / n_valid.",
    "**whitelist**: splits a run's unknown classes into listed and unlisted ones, by the exact reason and its stratum;"
    " it never changes an outcome or hides a run. `whitelisted`: all of at least one class are listed; `mixed`: some;"
    " `not_whitelisted`: none; `none`: the run has no unknown class.",
    "**risk difference**, **risk ratio**: W = runs with unknown_rate > 0 and a listed class, N = the same with an"
    " unlisted class, a mixed run in both; W/n_valid - N/n_valid with Newcombe's limits for paired shares, W/N with log"
    f" limits. By counting, no resampling. `too few` stands where n_valid is below {ENOUGH}.",
)

_JUDGEMENT: Final = (
    f"**recurring pattern**: the same class on {RECURRING} or more spikes of one policy.",
    "**spikes and FAIL signals**: spikes holding the class against all other valid runs of the policy. difference ="
    " share of FAIL signals among these spikes - share among the others, with Newcombe's limits; ratio with Katz's;"
    " phi; Fisher's exact p, adjusted after Benjamini and Hochberg over all rows of n_valid >="
    f" {ENOUGH}. An association, never a cause.",
    "**alarm**: a run that is WARN, REVIEW or a spike. *judged false*: rejected by an operator, of those judged;"
    " *proxy*: WARN / REVIEW runs of state `whitelisted`, of all WARN / REVIEW runs; A = alarms without a FAIL signal,"
    " B = those left without the `whitelisted` ones, *reduction* = (A - B) / A. Limits of shares are Wilson's.",
    "**WARN readiness**: `not ready` if any check is not met, else `too few` if any is, else `ready`; a check is `not"
    " sure` when its interval lies on both sides of the limit. Nothing switches a mode by itself.",
    "**mini-backtest**: the runs there are under the p95-based cut: FAIL and BLOCK stay, a rate at or below the cut"
    " passes, above it a run is WARN if it is `whitelisted`, else REVIEW; without the whitelist always REVIEW.",
    "**stability**: policies in the order of their newest run, those without timestamps first.",
)


def definitions(snapshot: Snapshot) -> Iterator[str]:
    """The lines of a Markdown list."""
    for text in (*_SERIES, _spike(snapshot.yardstick.rules), *_JUDGEMENT, _what_counts(snapshot)):
        yield from textwrap.wrap(
            f"- {text}", _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )


def _spike(rules: SpikeRules) -> str:
    what = "p95" if rules.statistic == "p95" else f"{rules.factor} x median"
    return (
        f"**spike**: a run whose unknown_rate is strictly above the cut. The cut is {what} of the last {rules.window}"
        f" earlier valid runs of the policy (at least {rules.at_least}), never below {rules.floor:g}; before that"
        f" `{rules.name(0)}`. A spike of a fired alert episode enters later baselines at the level of its time until"
        f" an operator adopts the new one. An episode begins at {rules.fire_at} spikes holding a class among the last"
        f" {rules.among} valid runs and ends after {rules.resolve_after} in a row without one. A spike without a reason"
        f" is of the class `{UNATTRIBUTED}`."
    )


def _what_counts(snapshot: Snapshot) -> str:
    """What the report depends on: operators' acts that hold whatever the time count, the others do not."""
    acts = snapshot.acts
    verdicts = len(acts.verdicts) if acts else 0
    adopted = sum(isinstance(act, LevelAdoption) for act in acts.alerts) if acts else 0
    return (
        "**what counts**: artifacts, whitelist, settings, and of operators' acts in the ledger those that hold whatever"
        f" the time: verdicts on alarms ({verdicts}) and adopted levels ({adopted}). Acknowledgements, snoozes and the"
        " states of alerts hang on the time: `gateconsole alerts ROOT` tells them."
    )
