"""What judgement adds to a run's detail: its spike rule, the alerts it is part of, its verdict, its queue run. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateconsole.rows.sorts import RunRow
from gateconsole.snapshot import Snapshot
from gateconsole.tui.theme.paint import Painter, Parts
from gateconsole.tui.theme.wrap import field
from gateconsole.view import MISSING, format_time

if TYPE_CHECKING:
    from gateconsole.rows.judgement import Judgement, Part

_STATE_INKS: Final = {"firing": "bad", "acknowledged": "notice", "pending": "text"}


def judged_facts(
    paint: Painter, run: RunRow, snapshot: Snapshot, width: int, *, judged: Judgement | None, queue_run: str
) -> list[Parts]:
    """Lines below the whitelist's. `judged` None: it cannot be told yet; `queue_run` empty: the ledger knows none."""
    lines = [
        *_rule(paint, judged, width),
        *_alerts(paint, run, judged, snapshot, width),
        *_verdict(paint, run, judged, snapshot, width),
    ]
    return [*lines, *field(paint, "queue_run", queue_run, width)] if queue_run else lines


def _rule(paint: Painter, judged: Judgement | None, width: int) -> list[Parts]:
    if judged is None:
        return field(paint, "spike", "? not judged yet", width, "notice")
    if judged.unjudged:
        return field(paint, "spike", judged.unjudged, width, "notice")
    if judged.rule is None:
        return field(paint, "spike", "no spike: it has no rate", width, "muted")
    if judged.spike:
        return field(paint, "spike", f"× above the cut: {judged.rule}", width, "warn")
    return field(paint, "spike", f"no spike: not above the cut, {judged.rule}", width, "muted")


def _alerts(paint: Painter, run: RunRow, judged: Judgement | None, snapshot: Snapshot, width: int) -> list[Parts]:
    if judged is None or not judged.spike:
        return []
    states = {one.class_name: one.state for one in snapshot.alerts if one.policy_hash == run.policy_hash}
    lines: list[Parts] = []
    for place, part in enumerate(judged.parts):
        state = states.get(part.class_name, "")
        ink = _STATE_INKS.get(state, "muted") if part.goes_on or part.pending else "muted"
        lines += field(paint, "alert" if place == 0 else "", _alert(part, state), width, ink)
    return lines


def _alert(part: Part, state: str) -> str:
    """Which episode a spike is part of, as far as that is known."""
    if part.pending:
        return f"{part.class_name}: may yet fire, pending"
    if part.fired is None:
        return f"{part.class_name}: in no episode that goes on or was the last"
    fired = "it fired here" if part.here else f"fired at {part.fired}"
    return f"{part.class_name}: {fired}, {state if part.goes_on and state else 'over'}"


def _verdict(paint: Painter, run: RunRow, judged: Judgement | None, snapshot: Snapshot, width: int) -> list[Parts]:
    from gateconsole.judgement.false_positives import CAUTIONS  # it loads polars, which is there once a run is

    verdicts = snapshot.acts.verdicts if snapshot.acts is not None else {}
    found = verdicts.get((run.run_id, run.job, run.policy_hash, run.stratum))
    alarm = run.outcome in CAUTIONS or (judged is not None and judged.spike)
    if found is not None:
        meaning = {"accepted": "the alarm was right", "rejected": "the alarm was false"}.get(found.word or "", MISSING)
        words = f"{found.word} by {found.actor}, {format_time(found.time, snapshot.taken_at)}: {meaning}"
        return field(paint, "verdict", words, width, "text" if alarm else "muted")
    if judged is None and not alarm:
        return []
    jobless = verdicts.get((run.run_id, None, run.policy_hash, run.stratum))
    if alarm and jobless is not None:
        words = f"unjudged; {jobless.word} by {jobless.actor} names the run id without a job"
        return field(paint, "verdict", words, width, "notice")
    return field(paint, "verdict", "unjudged" if alarm else "no alarm: nothing to judge", width, "muted")
