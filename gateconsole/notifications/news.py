"""Which loud alerts are news, and when they are told: never what stood at start-up, a burst as one. Pure: no clock.

Whatever is loud or acknowledged in the first Snapshot that is live and judged is history. Nothing is written for that:
a console that starts later has it in its own history.

An occasion is known once it was told or answered, not because it was loud for a moment. A firing that was told and
then vanished, as runs came out of order, is unknown again: what fires later is never silenced by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

from gateconsole.judgement.alerts import Alert, run_part
from gateconsole.judgement.episodes import Episode, OrderKey, Spike
from gateconsole.judgement.operator_acts import HOOK, NONE, Acts, Occasion, attempt_hook, claim_notification
from gateconsole.ledger.actor import Actor, RefusedError
from gateconsole.ledger.location import LedgerUnusableError
from gateconsole.ledger.store import Ledger
from gateconsole.snapshot import Snapshot
from gateconsole.statistics.frozen_runs import jobs_of
from gateconsole.text import counted, run_words

__all__ = ["HOOK", "SCREEN", "Call", "News", "Occasion"]

GATHER: Final = 0.5
"""Seconds for which the first news waits for more of its burst; what is over by then was a blink, and is not told."""

PAUSE: Final = 10.0
"""Seconds between two tellings; what comes meanwhile is told as one."""

CLAIMS: Final = 50
"""Occasions taken on in the ledger for one telling; of a larger burst the first ones stand for all."""

RETRY_FIRST: Final = 5.0
"""Seconds until a hook that failed is run again; each further time twice as long, at most RETRY_MOST."""

RETRY_MOST: Final = 300.0

SCREEN: Final = ""

_NAMED: Final = 3

_Key = tuple[str | None, str]


class News:
    """Follows Snapshots and knows what has been told or needs no telling. Used by one thread; times in seconds."""

    def __init__(self, ways: tuple[str, ...] = (SCREEN,)) -> None:
        """`ways`: how this one tells; what is told by all of them is no news."""
        self._ways = ways
        self._known: set[Occasion] | None = None
        self._loud: dict[_Key, Occasion] = {}
        self._waiting: dict[_Key, Alert] = {}
        self._vanished: list[Occasion] = []
        self._due: float | None = None
        self._free_from = 0.0

    @property
    def due(self) -> float | None:
        """When there is something to tell, if it is still news then; None: nothing waits."""
        return self._due

    def look(self, snapshot: Snapshot, now: float) -> None:
        """See another Snapshot."""
        if snapshot.phase != "live":
            return
        alerts = [alert for alert in snapshot.alerts if alert.policy_hash not in snapshot.judging]
        loud = {alert.key: alert for alert in alerts if alert.loud}
        if self._known is None:
            if not snapshot.judging:
                self._begin(snapshot, alerts, loud)
            return
        self._known |= set(_in_hand(alerts))
        for key, waits in list(self._waiting.items()):
            if key not in loud and waits.policy_hash not in snapshot.judging:
                del self._waiting[key]  # it is over, or somebody has it in hand
        self._forget_vanished(snapshot, loud, self._known)
        for key, alert in loud.items():
            if alert.occasion in self._known or self._is_told(alert, snapshot, self._known):
                self._known.add(alert.occasion)
                self._waiting.pop(key, None)
            else:
                self._waiting[key] = alert
        stays = {key: occasion for key, occasion in self._loud.items() if key[0] in snapshot.judging}
        self._loud = stays | {key: alert.occasion for key, alert in loud.items()}
        if not self._waiting:
            self._due = None
        elif self._due is None:
            self._due = max(now + GATHER, self._free_from)

    def take(self, now: float) -> tuple[Alert, ...]:
        """What is to be told now, by policy and class; it is known from now on."""
        if self._due is None or now < self._due:
            return ()
        found = tuple(sorted(self._waiting.values(), key=lambda alert: (alert.policy_hash or "", alert.class_name)))
        self._waiting, self._due = {}, None
        self._free_from = now + PAUSE
        if self._known is not None:
            self._known |= {alert.occasion for alert in found}
        return found

    def take_vanished(self) -> list[Occasion]:
        """The occasions that were known and stand no longer since the last call: the ledger is to know."""
        found, self._vanished = self._vanished, []
        return found

    def _begin(self, snapshot: Snapshot, alerts: list[Alert], loud: dict[_Key, Alert]) -> None:
        """What stands is history; what the ledger calls told and stands no longer is not."""
        self._known = set(_in_hand(alerts)) | {alert.occasion for alert in loud.values()}
        self._loud = {key: alert.occasion for key, alert in loud.items()}
        told = {_without_way(one) for one in _acts(snapshot).notified}
        self._vanished += sorted(_vanished_among(told - self._known, snapshot))

    def _forget_vanished(self, snapshot: Snapshot, loud: dict[_Key, Alert], known: set[Occasion]) -> None:
        """A firing that was told, and that the runs no longer make, silences nothing."""
        quiet = (occasion for key, occasion in self._loud.items() if key not in loud and occasion in known)
        vanished = _vanished_among(quiet, snapshot)
        known -= set(vanished)
        self._vanished += vanished

    def _is_told(self, alert: Alert, snapshot: Snapshot, known: set[Occasion]) -> bool:
        """Whether it was told in every way, here or by somebody else, perhaps under another of its runs."""
        acts = _acts(snapshot)
        last = self._loud.get(alert.key)
        if last in known and last is not None and _same_firing(alert, snapshot, {last}, SCREEN, unbroken=True):
            return True  # it has been loud all the time: a late run only moved it
        if _same_firing(alert, snapshot, known, SCREEN):
            return True
        return all(
            for_channel(alert.occasion, way) in acts.notified
            or (way == HOOK and alert.occasion in acts.attempts)
            or _same_firing(alert, snapshot, acts.notified, way)
            for way in self._ways
        )


def _acts(snapshot: Snapshot) -> Acts:
    return NONE if snapshot.acts is None else snapshot.acts


def _in_hand(alerts: Iterable[Alert]) -> Iterable[Occasion]:
    """The occasions somebody answered: taking an act back is no news."""
    return (alert.occasion for alert in alerts if alert.state == "acknowledged")


def _spikes_of(policy_hash: str, class_name: str, snapshot: Snapshot) -> Iterator[Spike]:
    """The spikes of a class of a policy, in order; none where the policy is not held."""
    policy = snapshot.spikes.get(policy_hash)
    return iter(()) if policy is None else (spike for spike in policy.spikes() if class_name in spike.classes)


def _place(spike: Spike, policy_hash: str) -> OrderKey:
    return spike.run.key(policy_hash)


def _same_firing(
    alert: Alert, snapshot: Snapshot, told: Iterable[Occasion], way: str, *, unbroken: bool = False
) -> bool:
    """Whether this firing was told under another of its runs: a late run may become the one that fired it.

    A run that was told and stands before the one that fires now proves nothing: that firing vanished, and its spikes
    merely led to this one. `unbroken`: the alert was loud all the time, so that it is the same one even then.
    """
    episode, policy_hash = alert.episode, alert.policy_hash or ""
    if episode is None or alert.broken_by is not None or alert.woken is not None:
        return False
    here = (one for one in told if one[:3] == alert.occasion[:3])
    runs = {_without_way(one)[3:] for one in here if for_channel(_without_way(one), way) == one}
    if not runs:
        return False
    begin = (episode.first.run if unbroken else episode.fired).key(policy_hash)
    named = _named_by(runs, policy_hash, alert.class_name, snapshot)
    return any(_place(spike, policy_hash) >= begin for _, spike in named)


def _named_by(
    runs: Collection[Occasion], policy_hash: str, class_name: str, snapshot: Snapshot
) -> Iterator[tuple[Occasion, Spike]]:
    """The spikes of a class of a policy whose run is named here (`alerts.run_part`), with that name, in order."""
    ids = {run[:2] for run in runs}
    every = _spikes_of(policy_hash, class_name, snapshot)
    spikes = [spike for spike in every if run_part(spike.run, None) in ids]
    jobs = jobs_of(snapshot.runs, {spike.run.folder for spike in spikes})
    parts = ((run_part(spike.run, jobs.get(spike.run.folder)), spike) for spike in spikes)
    return (one for one in parts if one[0] in runs)


def _vanished_among(occasions: Iterable[Occasion], snapshot: Snapshot) -> list[Occasion]:
    """Those whose run that fired is still a spike of its class, but no longer one that an episode fired by.

    A run of an earlier episode says nothing: of those nothing is kept.
    """
    wanted: dict[tuple[str, str], dict[tuple[str, ...], Occasion]] = {}
    for one in occasions:
        if one[2:3] == ("fired",) and len(one) > 4 and one[0] not in snapshot.judging:
            wanted.setdefault((one[0], one[1]), {})[one[3:]] = one
    vanished = []
    for (policy_hash, class_name), runs in wanted.items():
        policy = snapshot.spikes.get(policy_hash)
        track = None if policy is None else policy.tracks.get(class_name)
        if track is None:
            continue
        for run, spike in _named_by(runs, policy_hash, class_name, snapshot):
            if not _stands(_place(spike, policy_hash), track.episode, policy_hash):
                vanished.append(runs[run])
    return vanished


def _stands(at: OrderKey, episode: Episode | None, policy_hash: str) -> bool:
    """Whether a spike at this place is one by which the latest episode, or an earlier one, fired or went on."""
    if episode is None:
        return False
    if at < _place(episode.first, policy_hash):
        return True
    return episode.fired.key(policy_hash) <= at <= _place(episode.last, policy_hash)


def for_channel(occasion: Occasion, way: str) -> Occasion:
    """The occasion as it is kept for a way of telling."""
    return (*occasion, way) if way else occasion


def _without_way(occasion: Occasion) -> Occasion:
    """The occasion, without the way of telling it is kept for."""
    return occasion[:-1] if occasion[-1:] == (HOOK,) else occasion


# words


def message(alerts: tuple[Alert, ...]) -> str:
    """What is said of them: one with what it is about, several as one."""
    if len(alerts) > 1:
        names = ", ".join(_name(alert) for alert in alerts[:_NAMED])
        more = f" and {len(alerts) - _NAMED:,} more" if len(alerts) > _NAMED else ""
        return f"{len(alerts):,} new firing alerts: {names}{more}"
    (alert,) = alerts
    if alert.policy_hash is None:
        return f"new firing alert: {alert.rule}"
    if alert.without_evidence:
        return f"new firing alert: {alert.policy_hash}: {alert.rule}"
    why = ""
    if alert.broken_by is not None:
        why = f", woken by {run_words(alert.broken_by.run_id, alert.job)}"
    elif alert.woken is not None:
        why = ", its snooze is over"
    peak = "" if alert.episode is None else f": {counted(alert.episode.spikes, 'spike')}, peak {alert.episode.peak:.4f}"
    return f"new firing alert: {_name(alert)}{peak}{why}"


def _name(alert: Alert) -> str:
    return alert.class_name if alert.policy_hash is None else f"{alert.policy_hash} {alert.class_name}"


# once in all


def claim_notifications(ledger: Ledger, alerts: tuple[Alert, ...], when: Actor, acts: Acts = NONE) -> bool:
    """Take it on to tell of these on the screen, once in all. Raises LedgerUnusableError, RefusedError."""
    first = [alert.occasion for alert in alerts[:CLAIMS]]
    mine = [claim_notification(ledger, one, when, vanished=acts.vanished.get(one, 0)) for one in first]
    return any(mine)


class Call(NamedTuple):
    """One run of the hook that is due for an alert. `occasion`: as the ledger has it, which a late run may have moved.

    `attempt` counts from 1; `vanished` as `Acts.vanished`.
    """

    alert: Alert
    occasion: Occasion
    attempt: int = 1
    vanished: int = 0


def first_calls(alerts: Iterable[Alert], snapshot: Snapshot) -> list[Call]:
    """The calls for new alerts, but for those that somebody makes or made already."""
    acts = _acts(snapshot)
    return [
        Call(alert, alert.occasion, 1, acts.vanished.get(alert.occasion, 0))
        for alert in alerts
        if alert.occasion not in acts.attempts and for_channel(alert.occasion, HOOK) not in acts.notified
    ]


def calls_again(snapshot: Snapshot) -> list[tuple[int, Call]]:
    """The calls that did not end well, of alerts that are still loud, each with when it may be made again.

    Whoever made them: also a console that was killed half way. Times in microseconds UTC.
    """
    acts = _acts(snapshot)
    if snapshot.phase != "live" or not acts.attempts:
        return []
    found = []
    for alert in snapshot.alerts:
        if not alert.loud or alert.policy_hash in snapshot.judging:
            continue
        for occasion, last in acts.attempts.items():
            if occasion == alert.occasion or _same_firing(alert, snapshot, {occasion}, SCREEN, unbroken=True):
                vanished = acts.vanished.get(occasion, 0)
                found.append((last.again_at, Call(alert, occasion, last.number + 1, vanished)))
    return found


def retry_pause(attempt: int) -> float:
    """Seconds from the failure of an attempt to the next one."""
    return min(RETRY_FIRST * 2.0 ** min(attempt - 1, 30), RETRY_MOST)


def begin_calls(ledger: Ledger, calls: list[Call], when: Actor, limit: float) -> list[Call]:
    """Those of the calls that are ours to make now, by the ledger; `limit`: seconds a run of the hook may take.

    Raises LedgerUnusableError, RefusedError.
    """
    mine = []
    for call in calls[:CLAIMS]:
        again_at = when.at + int((limit + retry_pause(call.attempt)) * 1_000_000)
        if attempt_hook(ledger, call.occasion, when, attempt=call.attempt, again_at=again_at, vanished=call.vanished):
            mine.append(call)
    return mine


PROBLEMS: Final = (LedgerUnusableError, RefusedError)
"""What the ledger may answer instead."""
