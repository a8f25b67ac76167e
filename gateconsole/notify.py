"""Which loud alerts are news, and when they are told: never what stood at start-up, a burst as one. Pure: no clock.

Whatever is loud or acknowledged in the first Snapshot that is live and judged is history. Nothing is written for that:
a console that starts later has it in its own history.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from gateconsole.alerts import Alert
from gateconsole.innocence.act import When
from gateconsole.innocence.known import Refused
from gateconsole.ledger.place import LedgerUnusable
from gateconsole.ledger.store import Ledger
from gateconsole.snapshot import Snapshot
from gateconsole.text import counted

GATHER: Final = 0.5
"""Seconds for which the first news waits for more of its burst."""

PAUSE: Final = 10.0
"""Seconds between two tellings; what comes meanwhile is told as one."""

CLAIMS: Final = 50
"""Occasions taken on in the ledger for one telling; of a larger burst the first ones stand for all."""

SCREEN: Final = ""
HOOK: Final = "on_alert"
"""The ways of telling, as `acts.notify` keeps them apart."""

_NAMED: Final = 3

Occasion = tuple[str, ...]


class News:
    """Follows Snapshots and knows what has been told or needs no telling. Used by one thread; times in seconds."""

    def __init__(self, ways: tuple[str, ...] = (SCREEN,)) -> None:
        """`ways`: how this one tells; what is told by all of them is no news."""
        self._ways = ways
        self._known: set[Occasion] | None = None
        self._waiting: dict[tuple[str | None, str], Alert] = {}
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
                self._known = set(_in_hand(alerts)) | {alert.occasion for alert in loud.values()}
            return
        for key, waits in list(self._waiting.items()):
            if key not in loud and waits.policy_hash not in snapshot.judging:
                del self._waiting[key]  # it is over, or somebody has it in hand
        for key, alert in loud.items():
            if alert.occasion not in self._known and not self._is_told(alert, snapshot, self._known):
                self._waiting[key] = alert
            self._known.add(alert.occasion)
        self._known |= set(_in_hand(alerts))
        if not self._waiting:
            self._due = None
        elif self._due is None:
            self._due = max(now + GATHER, self._free_from)

    def _is_told(self, alert: Alert, snapshot: Snapshot, known: set[Occasion]) -> bool:
        """Whether it was told in every way, here or by somebody else."""
        notified = snapshot.acts.notified if snapshot.acts is not None else frozenset()
        if _same_firing(alert, snapshot, known, SCREEN):
            return True
        return all(
            in_way(alert.occasion, way) in notified or _same_firing(alert, snapshot, notified, way)
            for way in self._ways
        )

    def take(self, now: float) -> tuple[Alert, ...]:
        """What is to be told now, by policy and class."""
        if self._due is None or now < self._due:
            return ()
        found = tuple(sorted(self._waiting.values(), key=lambda alert: (alert.policy_hash or "", alert.class_name)))
        self._waiting, self._due = {}, None
        self._free_from = now + PAUSE
        return found


def _in_hand(alerts: Iterable[Alert]) -> Iterable[Occasion]:
    """The occasions somebody answered: taking an act back is no news."""
    return (alert.occasion for alert in alerts if alert.state == "acknowledged")


def _same_firing(alert: Alert, snapshot: Snapshot, told: Iterable[Occasion], way: str) -> bool:
    """Whether this firing was told under another of its runs: a late run may become the one that fired it."""
    episode, policy = alert.episode, snapshot.spikes.get(alert.policy_hash or "")
    if episode is None or policy is None or alert.broken_by is not None or alert.woken is not None:
        return False
    head, size, tail = alert.occasion[:3], len(alert.occasion), in_way((), way)
    runs = {one[3:size] for one in told if one[:3] == head and one[size:] == tail}
    if not runs:
        return False
    return any(
        (spike.run.run_id, spike.run.stratum or "") in runs
        for spike in policy.spikes()
        if spike.number >= episode.first.number and alert.class_name in spike.classes
    )


def in_way(occasion: Occasion, way: str) -> Occasion:
    """The occasion as it is kept for a way of telling."""
    return (*occasion, way) if way else occasion


# words


def told_words(alerts: tuple[Alert, ...]) -> str:
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
        why = f", woken by {alert.broken_by.run_id}"
    elif alert.woken is not None:
        why = ", its snooze is over"
    peak = "" if alert.episode is None else f": {counted(alert.episode.spikes, 'spike')}, peak {alert.episode.peak:.4f}"
    return f"new firing alert: {_name(alert)}{peak}{why}"


def _name(alert: Alert) -> str:
    return alert.class_name if alert.policy_hash is None else f"{alert.policy_hash} {alert.class_name}"


# once in all


class Claimed(NamedTuple):
    """Whether it is ours to tell on the screen, and by the hook; `problem` says, printably, why nobody can know."""

    screen: bool
    hook: bool
    problem: str = ""


def claim(ledger: Ledger, alerts: tuple[Alert, ...], when: When, *, screen: bool, hook: bool) -> Claimed:
    """Take it on to tell of these, once in all for each way. Raises LedgerUnusable, Refused."""
    from gateconsole.acts import notify

    first = alerts[:CLAIMS]
    mine = [notify(ledger, alert, when) for alert in first] if screen else []
    hooked = [notify(ledger, alert, when, HOOK) for alert in first] if hook else []
    return Claimed(any(mine), any(hooked))


PROBLEMS: Final = (LedgerUnusable, Refused)
"""What a claim may answer instead."""
