"""What the events about alerts and alarms say (rules G22, G24): one payload a kind.

An act on an alert keeps what it saw: spikes, peak rate, the most severe outcome, and the policy's last valid run whole,
so that its place in the order holds although files come and go. Times in microseconds UTC.
"""

from __future__ import annotations

from typing import NamedTuple


class AlertAcknowledged(NamedTuple):
    """The alert of a class of a policy is known and worked on."""

    policy_hash: str
    class_name: str
    spikes: int
    peak: float
    outcome: str
    run_id: str
    timestamp: int | None
    stratum: str | None
    folder: str


class AlertSnoozed(NamedTuple):
    """The same, but only until then."""

    policy_hash: str
    class_name: str
    spikes: int
    peak: float
    outcome: str
    run_id: str
    timestamp: int | None
    stratum: str | None
    folder: str
    until: int


class LevelAdopted(NamedTuple):
    """The policy's level up to that run is the normal one from now on."""

    policy_hash: str
    class_name: str
    spikes: int
    peak: float
    outcome: str
    run_id: str
    timestamp: int | None
    stratum: str | None
    folder: str


class AlarmJudged(NamedTuple):
    """A run's alarm was right (`accepted`), false (`rejected`), or is not judged any more (null).

    `job`: of a run whose artifact names one; events of version 1 lack it, they are about the run that names none.
    """

    run_id: str
    policy_hash: str
    stratum: str | None
    verdict: str | None
    job: str | None = None


class ActUndone(NamedTuple):
    """The act of this event id counts no more."""

    event: str


class AlertNotified(NamedTuple):
    """Somebody was told of this occasion (`alerts.Alert.occasion`); nobody is told again unless it vanishes."""

    occasion: tuple[str, ...]


class AlertVanished(NamedTuple):
    """The firing that was told stands no longer, as runs came out of order: should it fire again, it is told again."""

    occasion: tuple[str, ...]


class HookAttempted(NamedTuple):
    """The hook is run for this occasion, for the `attempt`-th time from 1; nobody else runs it before `again_at`.

    That it ended well says `AlertNotified`. `again_at` in microseconds UTC.
    """

    occasion: tuple[str, ...]
    attempt: int
    again_at: int


class HookFailed(NamedTuple):
    """That attempt failed, `why` says how; the next one may be made at `again_at` (microseconds UTC)."""

    occasion: tuple[str, ...]
    attempt: int
    why: str
    again_at: int
