"""What operators did about alerts and alarms: a fold of the ledger's events, and each act, one transaction.

Acts count at once and can be undone; an act that was undone is as if it had never been. Times in microseconds UTC.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from gateconsole.judgement.alerts import (
    Acknowledgement,
    Alert,
    AlertContext,
    LevelAdoption,
    OperatorAct,
    Snoozed,
    alert_context,
)
from gateconsole.judgement.episodes import RunRef
from gateconsole.judgement.false_positives import Verdict, VerdictWord, latest_verdicts
from gateconsole.ledger import payloads_alerts as said
from gateconsole.ledger.actor import Actor, RefusedError, checked_name
from gateconsole.ledger.events import ACT_KINDS, Event, EventError, Payload, decode
from gateconsole.ledger.location import LedgerUnusableError
from gateconsole.ledger.store import Ledger
from gateconsole.ledger.watch import LedgerFollow
from gateconsole.model import STRATA, Stratum
from gateconsole.statistics.runs_frame import RunKey

_WORDS: Final[tuple[VerdictWord, ...]] = ("accepted", "rejected")

HOOK: Final = "on_alert"
"""The way of telling that is not a screen, as the last text of an occasion in the ledger."""

Occasion = tuple[str, ...]
"""What is told once in all (`alerts.Alert.occasion`); with HOOK behind it, what the hook was run for."""


class Attempt(NamedTuple):
    """The last run of the hook for an occasion that it has not ended well for: its number from 1, and from when the
    next one may be made (microseconds UTC)."""

    number: int
    again_at: int


@dataclass(frozen=True, slots=True)
class Acts:
    """What holds now, in the ledger's order. `notified`: the occasions somebody was told of and that did not vanish.

    `attempts`: occasions for which the hook was run and has not ended well yet. `vanished`: how often an occasion did.
    """

    alerts: tuple[OperatorAct, ...] = ()
    verdicts: Mapping[RunKey, Verdict] = field(default_factory=lambda: MappingProxyType({}))
    notified: frozenset[Occasion] = frozenset()
    attempts: Mapping[Occasion, Attempt] = field(default_factory=lambda: MappingProxyType({}))
    vanished: Mapping[Occasion, int] = field(default_factory=lambda: MappingProxyType({}))


NONE: Final = Acts()


class ActsFollower:
    """The acts of a ledger that may come, change, be replaced and go. Used by one thread.

    `problem` says, printably, why the ledger cannot be read now; what was read last stays meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self.problem: str | None = None
        self._followed = LedgerFollow(path)
        self._seq = 0
        self._log: dict[str, Event] = {}
        self._acts = NONE

    def look(self) -> Acts:
        """The acts in force now; the same object while nothing changed."""
        try:
            self._refresh()
            self.problem = None
        except (LedgerUnusableError, EventError) as error:
            self.problem = str(error)
            self.close()
        return self._acts

    def close(self) -> None:
        """Let the ledger go; the next look opens it again."""
        self._followed.close()

    def _refresh(self) -> None:
        news = self._followed.look()
        if news in {"anew", "gone"}:
            self._log, self._seq = {}, 0
        if news == "none":
            return
        known = len(self._log)
        if self._followed.ledger is not None:
            for event in self._followed.ledger.events(self._seq):
                self._seq = event.seq
                if event.kind in ACT_KINDS:
                    self._log[event.id] = event
        if len(self._log) != known or news != "more":
            found = replay_acts(self._log.values())
            self._acts = self._acts if found == self._acts else found


def replay_acts(events: Iterable[Event], until: int | None = None) -> Acts:
    """What these events (in order; other kinds do not count) come to; `until`: only those up to that time.

    Raises EventError.
    """
    held: dict[str, OperatorAct | Verdict] = {}
    notices = _Notices()
    for event in events:
        if event.kind not in ACT_KINDS or (until is not None and event.at > until):
            continue
        payload = decode(event)
        if isinstance(payload, said.ActUndone):
            held.pop(payload.event, None)
        elif not notices.take(payload):
            held[event.id] = _act(event, payload)
    if not held and not notices.any:
        return NONE
    acts = tuple(act for act in held.values() if isinstance(act, OperatorAct))
    verdicts = latest_verdicts(act for act in held.values() if isinstance(act, Verdict))
    return Acts(acts, MappingProxyType(verdicts), *notices.frozen())


class _Notices:
    """What the events of telling come to."""

    def __init__(self) -> None:
        self._notified: set[Occasion] = set()
        self._attempts: dict[Occasion, Attempt] = {}
        self._vanished: Counter[Occasion] = Counter()

    @property
    def any(self) -> bool:
        """Whether there was any."""
        return bool(self._notified or self._attempts or self._vanished)

    def take(self, payload: Payload) -> bool:
        """Count an event of telling; False if it is another one."""
        if isinstance(payload, said.AlertNotified):
            self._notified.add(payload.occasion)
            if payload.occasion[-1:] == (HOOK,):
                self._attempts.pop(payload.occasion[:-1], None)
        elif isinstance(payload, said.AlertVanished):
            self._notified -= {payload.occasion, (*payload.occasion, HOOK)}
            self._attempts.pop(payload.occasion, None)
            self._vanished[payload.occasion] += 1
        elif isinstance(payload, said.HookAttempted):
            self._attempts[payload.occasion] = Attempt(payload.attempt, payload.again_at)
        elif isinstance(payload, said.HookFailed):
            last = self._attempts.get(payload.occasion)
            if last is not None and last.number == payload.attempt:
                self._attempts[payload.occasion] = last._replace(again_at=payload.again_at)
        else:
            return False
        return True

    def frozen(self) -> tuple[frozenset[Occasion], Mapping[Occasion, Attempt], Mapping[Occasion, int]]:
        """`notified`, `attempts` and `vanished` of the acts."""
        return frozenset(self._notified), MappingProxyType(self._attempts), MappingProxyType(dict(self._vanished))


def _act(event: Event, payload: Payload) -> OperatorAct | Verdict:
    if isinstance(payload, said.AlarmJudged):
        word = next((word for word in _WORDS if word == payload.verdict), None)
        if word != payload.verdict:
            raise EventError(f"event {event.seq}: alarm_judged: verdict: expected accepted, rejected or null")
        stratum = _stratum(event, payload.stratum)
        return Verdict(payload.run_id, payload.policy_hash, stratum, word, event.actor, event.at, payload.job)
    assert isinstance(payload, said.AlertAcknowledged | said.AlertSnoozed | said.LevelAdopted)
    run = RunRef(payload.run_id, payload.timestamp, _stratum(event, payload.stratum), payload.folder)
    seen = AlertContext(payload.spikes, payload.peak, payload.outcome, run)
    about = (payload.policy_hash, payload.class_name, event.actor, event.at, seen)
    if isinstance(payload, said.AlertSnoozed):
        return Snoozed(*about, payload.until)
    return Acknowledgement(*about) if isinstance(payload, said.AlertAcknowledged) else LevelAdoption(*about)


def _stratum(event: Event, text: str | None) -> Stratum | None:
    found = next((stratum for stratum in STRATA if stratum == text), None)
    if found != text:
        raise EventError(f"event {event.seq}: {event.kind}: stratum: expected pinned, unpinned or null")
    return found


# Each returns the id of its event: what `undo` takes. All raise LedgerUnusableError and RefusedError (no name).


def acknowledge(ledger: Ledger, alert: Alert, last_run: RunRef, when: Actor) -> str:
    """The alert is known and worked on. `last_run`: the policy's last valid run as it was seen."""
    return append_event(ledger, said.AlertAcknowledged(*_about(alert, last_run)), when)


def snooze(ledger: Ledger, alert: Alert, last_run: RunRef, until: int, when: Actor) -> str:
    """The same until then. RefusedError when that is not later than now."""
    if until <= when.at:
        raise RefusedError("a snooze ends later than now: give a time to come")
    return append_event(ledger, said.AlertSnoozed(*_about(alert, last_run), until), when)


def adopt(ledger: Ledger, alert: Alert, last_run: RunRef, when: Actor) -> str:
    """The level of the alert's policy up to `last_run` is the normal one from now on."""
    return append_event(ledger, said.LevelAdopted(*_about(alert, last_run)), when)


def judge(ledger: Ledger, run: RunKey, word: VerdictWord | None, when: Actor) -> str:
    """The alarm of a run was right or false; None: it is not judged any more."""
    run_id, job, policy_hash, stratum = run
    return append_event(ledger, said.AlarmJudged(run_id, policy_hash, stratum, word, job), when)


def undo(ledger: Ledger, event_id: str, when: Actor) -> str:
    """An act counts no more; the id of the event that says so, once in all. An undo cannot be undone."""
    undoing = f"undo-{event_id}"
    return append_event(ledger, said.ActUndone(event_id), when, undoing) or undoing


def claim_notification(ledger: Ledger, occasion: Occasion, when: Actor, way: str = "", *, vanished: int = 0) -> bool:
    """Take it on to tell of an occasion; False when somebody has told of it already, once in all.

    `way`: how it is told, where that is not on a screen: whoever has no hook does not take it from one who has; for
    HOOK it says that the hook ended well. `vanished`: how often the occasion did so far (`Acts.vanished`).
    """
    whole = (*occasion, way) if way else occasion
    again = f"-{vanished}" if vanished else ""
    return bool(append_event(ledger, said.AlertNotified(whole), when, f"notified-{_digest(whole)}{again}"))


def vanish(ledger: Ledger, occasion: Occasion, when: Actor, *, vanished: int) -> None:
    """A firing that was told stands no longer; `vanished`: how often it did before. Once in all."""
    append_event(ledger, said.AlertVanished(occasion), when, f"vanished-{_digest(occasion)}-{vanished}")


def attempt_hook(
    ledger: Ledger, occasion: Occasion, when: Actor, *, attempt: int, again_at: int, vanished: int
) -> bool:
    """Take it on to run the hook for an occasion; False when somebody else does, or it ended well already."""
    digest, again = _digest(occasion), f"-{vanished}" if vanished else ""
    done = f"notified-{_digest((*occasion, HOOK))}{again}"
    payload = said.HookAttempted(occasion, attempt, again_at)
    return bool(append_event(ledger, payload, when, f"hook-{digest}-{vanished}-{attempt}", unless=done))


def hook_failed(ledger: Ledger, occasion: Occasion, when: Actor, *, attempt: int, why: str, again_at: int) -> None:
    """The hook failed for an occasion; `again_at`: when it may be run again (microseconds UTC)."""
    append_event(ledger, said.HookFailed(occasion, attempt, why, again_at), when)


def _digest(occasion: Occasion) -> str:
    return hashlib.sha256("\0".join(occasion).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _about(alert: Alert, last_run: RunRef) -> tuple[str, str, int, float, str, str, int | None, str | None, str]:
    if alert.policy_hash is None or alert.without_evidence:
        what = "a silence ends with the next run" if alert.policy_hash is None else "it ends with the next rate"
        raise RefusedError(f"{what}: it cannot be acknowledged")
    seen = alert_context(alert, last_run)
    run = seen.last_run
    told = (seen.spikes, float(seen.peak), seen.outcome)
    return (alert.policy_hash, alert.class_name, *told, run.run_id, run.timestamp, run.stratum, run.folder)


def append_event(ledger: Ledger, payload: Payload, when: Actor, event_id: str | None = None, unless: str = "") -> str:
    """Append one event; empty when one of this id is there already, or one of the id `unless`."""
    with ledger.transaction(when.at, checked_name("actor", when.actor)) as transaction:
        known = "SELECT 1 FROM events WHERE id IN (?, ?)"
        if event_id is not None and transaction.connection.execute(known, (event_id, unless)).fetchone():
            return ""
        return transaction.append(payload, event_id).id
