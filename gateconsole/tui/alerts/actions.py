"""What an operator can do about an alert, or about a run's alarm: first on disk, then said. No widget, no thread.

An act keeps what it saw: it is made from the Snapshot the operator looks at.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from gateconsole.judgement import operator_acts
from gateconsole.judgement.alerts import Alert
from gateconsole.judgement.episodes import RunRef
from gateconsole.judgement.false_positives import Verdict, VerdictWord
from gateconsole.ledger.actor import Actor, RefusedError
from gateconsole.ledger.events import EventError
from gateconsole.ledger.location import LedgerUnusableError
from gateconsole.ledger.store import Ledger
from gateconsole.snapshot import Snapshot
from gateconsole.statistics.runs_frame import RunKey
from gateconsole.text import counted, printable, run_words
from gateconsole.tui.shell.operator import Operator
from gateconsole.tui.shell.questions import Answers, Field, Question, QueueRequest
from gateconsole.tui.shell.undo import UndoResult, UndoStep
from gateconsole.view import format_time

ALERT_ACTS: Final = ("alert_ack", "alert_snooze", "alert_adopt")
"""The acts on the alert under the cursor, by their ids in the registry."""

PATIENCE: Final = 5.0
"""Seconds to wait for another process that has the ledger locked before that is said."""

SNOOZES: Final = ("1h", "4h", "until 08:00Z")
TAKE_BACK: Final = "take back"
_WORDS: Final[dict[str, VerdictWord]] = {"accepted": "accepted", "rejected": "rejected"}
_OFFERED: Final[dict[VerdictWord | None, str]] = {None: "accepted", "accepted": "rejected", "rejected": TAKE_BACK}
_LONGEST: Final = timedelta(days=30)
_SPAN: Final = re.compile(r"(\d{1,5})\s*(m|min|h|d)")
_UNTIL: Final = re.compile(r"(?:until\s+)?(\d{1,2}):(\d{2})\s*z?", re.IGNORECASE)
_UNITS: Final = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days"}


class AlertAction(NamedTuple):
    """One act. `name`: what it is called once it is done; `ask.do` gives the id of its event.

    `said`: what is on disk then, by the answers and the time of the act; `at_once`: nothing is asked.
    """

    name: str
    ask: Question
    said: Callable[[Answers, int], str]
    at_once: bool = False


class ActionDone(NamedTuple):
    """What came of it: what to say; how to take it back, None when it did not happen."""

    text: str
    step: UndoStep | None


def action_for(action: str, snapshot: Snapshot, alert: Alert) -> AlertAction | None:
    """What an act on an alert does now; None while it could do nothing."""
    policy = None if alert.policy_hash is None else snapshot.spikes.get(alert.policy_hash)
    if (
        alert.without_evidence
        or policy is None
        or policy.last_run is None
        or alert.state not in {"firing", "acknowledged"}
    ):
        return None
    if action == "alert_ack":
        return None if alert.state == "acknowledged" and alert.until is None else _ack(alert, policy.last_run)
    if action == "alert_snooze":
        return _snooze(alert, policy.last_run)
    return _adopt(alert, policy.last_run) if action == "alert_adopt" else None


def _ack(alert: Alert, last_run: RunRef) -> AlertAction:
    name, spikes = _name(alert), alert.episode.spikes if alert.episode else alert.spikes
    ask = Question(
        f"ack {name}", "", (), lambda ledger, when, _: operator_acts.acknowledge(ledger, alert, last_run, when)
    )
    return AlertAction(
        f"ack of {name}",
        ask,
        lambda *_: f"acked {name}, {counted(spikes, 'spike')} seen; worse than these wakes it",
        True,
    )


def _snooze(alert: Alert, last_run: RunRef) -> AlertAction:
    name = _name(alert)
    ask = Question(
        f"snooze {name}",
        "acknowledged until then; something worse wakes it before",
        (Field("for", SNOOZES[0], SNOOZES),),
        lambda ledger, when, answers: operator_acts.snooze(
            ledger, alert, last_run, snooze_end(answers["for"], when.at), when
        ),
    )
    return AlertAction(
        f"snooze of {name}",
        ask,
        lambda answers, at: f"snoozed {name} until {format_time(snooze_end(answers['for'], at), at)}",
    )


def _adopt(alert: Alert, last_run: RunRef) -> AlertAction:
    policy = _policy(alert)
    ask = Question(
        f"adopt the level of {policy}",
        f"its spikes up to {printable(last_run.run_id)} count at their own rate; {printable(alert.class_name)} ends",
        (),
        lambda ledger, when, _: operator_acts.adopt(ledger, alert, last_run, when),
    )
    return AlertAction(f"adopted level of {policy}", ask, lambda *_: f"adopted the level of {policy}")


def verdict_action(run: RunKey, verdict: Verdict | None) -> AlertAction:
    """Judge the alarm of a run; `verdict`: the one in force. Reusable wherever a run is under a cursor."""
    shown = printable(run_words(*run[:2]))
    standing = None if verdict is None else verdict.word
    fields = (Field("verdict", _OFFERED[standing], (*_WORDS, *((TAKE_BACK,) if standing else ())), only=True),)

    def do(ledger: Ledger, when: Actor, answers: Answers) -> str:
        return operator_acts.judge(ledger, run, _WORDS.get(answers["verdict"]), when)

    def said(answers: Answers, _: int) -> str:
        word = answers["verdict"]
        return f"{shown}: {'the verdict is taken back' if word == TAKE_BACK else word}"

    ask = Question(f"verdict on {shown}", "accepted: the alarm was right; rejected: it was false", fields, do)
    return AlertAction(f"verdict on {shown}", ask, said)


def snooze_end(text: str, now: int) -> int:
    """When `1h`, `90m`, `2d`, `until 08:00Z` ends; microseconds UTC. Raises RefusedError saying what is expected."""
    begin = datetime.fromtimestamp(now // 1_000_000, UTC)
    said = text.strip().lower()
    span, until = _SPAN.fullmatch(said), _UNTIL.fullmatch(said)
    if span is not None:
        length = timedelta(**{_UNITS[span[2]]: int(span[1])})
    elif until is not None and int(until[1]) < 24 and int(until[2]) < 60:
        end = begin.replace(hour=int(until[1]), minute=int(until[2]), second=0)
        length = end - begin if end > begin else end - begin + timedelta(days=1)
    else:
        raise RefusedError(f"no time {printable(text)!r}: write 90m, 4h, 2d or until 08:00Z")
    if not timedelta() < length <= _LONGEST:
        raise RefusedError(
            f"a snooze of {printable(text)!r}: a minute to {_LONGEST.days} days; longer: adopt the level"
        )
    return now // 1_000_000 * 1_000_000 + length // timedelta(microseconds=1)


def perform(errand: QueueRequest[AlertAction]) -> ActionDone:
    """Do it: first it is on disk. Not on the screen's own thread."""
    hand, deed, answers = errand
    when = hand.when()
    try:
        event = _in_ledger(hand, lambda ledger: deed.ask.do(ledger, when, answers))
        said = f"on disk: {deed.said(answers, when.at)}"
        return ActionDone(said, UndoStep(deed.name, lambda: _back(hand, deed, event)))
    except (RefusedError, EventError, LedgerUnusableError) as problem:
        return ActionDone(str(problem), None)


def _back(hand: Operator, deed: AlertAction, event: str) -> UndoResult:
    try:
        _in_ledger(hand, lambda ledger: operator_acts.undo(ledger, event, hand.when()))
    except (RefusedError, EventError, LedgerUnusableError) as problem:
        return UndoResult(str(problem), on_disk=False)
    return UndoResult(f"on disk: the {deed.name} is undone", on_disk=True)


def _in_ledger(hand: Operator, write: Callable[[Ledger], str]) -> str:
    ledger = Ledger.for_writing(hand.ledger, PATIENCE)
    try:
        return write(ledger)
    finally:
        ledger.close()


def _name(alert: Alert) -> str:
    return f"{printable(alert.class_name)} in {_policy(alert)}"


def _policy(alert: Alert) -> str:
    return printable(alert.policy_hash or "")
