"""Which alerts stand at an instant, and when the next one turns merely because time passes. No clock, no thread.

Made from the series' judgement, operators' acts, the whitelist and one clock reading (rules G7, G22, G28).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from gateconsole.judgement.alerts import Alert, AlertInputs, JobsOf, alerts, no_rates, silence, sort_key
from gateconsole.judgement.operator_acts import NONE, Acts
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.judgement.silence import RunPulse
from gateconsole.model import Whitelist
from gateconsole.snapshot import Banner, Phase
from gateconsole.statistics.figures import Policy
from gateconsole.text import counted, iso_second

_OPEN: Final = frozenset({"firing", "acknowledged", "pending", "no data"})


class AlertEvaluator:
    """The alerts of one root. Mutable; what it hands out is not, and is the same object while nothing changed."""

    def __init__(self, silent_after: int | None = None) -> None:
        """`silent_after`: microseconds without a run that are a silence; None: what the root's own gaps say."""
        self.acts: Acts = NONE
        self.lost: tuple[Alert, ...] = ()
        """Alerts that stood when their runs went: without data until a later run of their policy comes (rule G7)."""
        self._silent_after = silent_after
        self._alerts: tuple[Alert, ...] = ()
        self._inputs: tuple[object, ...] = ()
        self._spikes: Mapping[str, PolicySpikes] = {}
        self._found: dict[str, AlertInputs] = {}
        self._turn: int | None = None
        self._made_at = 0

    def alerts_at(
        self,
        spikes: Mapping[str, PolicySpikes],
        pulse: RunPulse,
        whitelist: Whitelist,
        now: int,
        *,
        phase: Phase = "live",
        policies: Iterable[Policy] = (),
        jobs_of: JobsOf | None = None,
    ) -> tuple[Alert, ...]:
        """The alerts at `now` (microseconds UTC). While the root is away none has data; a silence is only told live."""
        away = phase == "waiting"
        rows = rows_without_evidence(policies, spikes, pulse, now, self._silent_after) if phase == "live" else ()
        late = overdue(spikes, pulse, now)
        inputs = (self.acts, whitelist, away, rows, late, self.lost)
        if spikes is not self._spikes or inputs != self._inputs or self.turns(now):
            if inputs[:3] != self._inputs[:3] or self.turns(now):
                self._found = {}
            acts = self.acts.alerts
            found = alerts(
                spikes,
                acts,
                whitelist,
                now,
                overdue=late,
                rows=rows,
                away=away,
                found_last=self._found,
                jobs_of=jobs_of,
            )
            found = self._with_lost(found, spikes)
            self._alerts = self._alerts if found == self._alerts else found
            self._turn = self._next_turn(spikes, pulse, now)
            self._spikes, self._inputs, self._made_at = spikes, inputs, now
        return self._alerts

    def turns(self, now: int) -> bool:
        """Whether the alerts may say something else by now only because time has passed, or the clock was set back."""
        return now < self._made_at or (self._turn is not None and now >= self._turn)

    def remember(self, stood: tuple[Alert, ...]) -> None:
        """The runs of these alerts, as they stood a moment ago, may have gone."""
        self.lost = tuple(alert for alert in stood if alert.state in _OPEN and alert.policy_hash is not None)

    def _with_lost(self, found: tuple[Alert, ...], spikes: Mapping[str, PolicySpikes]) -> tuple[Alert, ...]:
        if not self.lost:
            return found
        known = {alert.key for alert in found}
        gone = [alert for alert in self.lost if alert.key not in known and not _came_since(alert, spikes)]
        return tuple(sorted((*found, *(replace(alert, state="no data") for alert in gone)), key=sort_key))

    def _next_turn(self, spikes: Mapping[str, PolicySpikes], pulse: RunPulse, now: int) -> int | None:
        """When a snooze ends, a silence begins, of a policy too, or a run ahead of the clock is due; None: never."""
        ends = [alert.until for alert in self._alerts if alert.until is not None and alert.until > now]
        heart = pulse.heartbeat(now)
        if heart is not None:
            ends.append(heart.newest + (heart.limit if self._silent_after is None else self._silent_after) + 1)
        beats = (pulse.policy_heartbeat(policy_hash, now) for policy_hash in _with_open(spikes))
        ends.extend(beat.newest + beat.limit + 1 for beat in beats if beat is not None)
        ends.extend(moment for moment in (pulse.next_due,) if moment is not None)
        return min((end for end in ends if end > now), default=None)


def rows_without_evidence(
    policies: Iterable[Policy],
    spikes: Mapping[str, PolicySpikes],
    pulse: RunPulse,
    now: int,
    silent_after: int | None = None,
) -> tuple[Alert, ...]:
    """The rows (silence) and (no rate) at `now`; `silent_after`: the setting, microseconds."""
    silent = silence(pulse.heartbeat(now), now, silent_after)
    return (*(() if silent is None else (silent,)), *no_rates(policies, spikes))


def overdue(spikes: Mapping[str, PolicySpikes], pulse: RunPulse, now: int) -> dict[str, int]:
    """The newest run of each policy with an open alert that had none for longer than its own gaps say (rule G28)."""
    late = {}
    for policy_hash in _with_open(spikes):
        beat = pulse.policy_heartbeat(policy_hash, now)
        if beat is not None and now - beat.newest > beat.limit:
            late[policy_hash] = beat.newest
    return late


def _with_open(spikes: Mapping[str, PolicySpikes]) -> Iterator[str]:
    """The policies with an alert that has not ended."""
    return (policy_hash for policy_hash, policy in spikes.items() if policy.active or policy.pending)


def ahead_banner(runs: int) -> tuple[Banner, ...]:
    """That runs are stamped ahead of the clock, which keeps them from being judged yet (rule G4)."""
    if not runs:
        return ()
    text = f"{counted(runs, 'run')} stamped ahead of the clock: neither newest nor judged until that time"
    return (Banner("stamped_ahead", text, "mend the clock or the time zone of the machine that writes them"),)


def silence_banner(alert: Alert) -> Banner:
    """No run comes any more: a dead CI must not look calm (rule G28)."""
    if alert.since is None:
        return Banner("silence", alert.rule, "see whether CI writes its artifacts below this folder, and it is mounted")
    since = iso_second(alert.since)
    return Banner("silence", f"{alert.rule}: the newest is of {since}", "see whether CI still runs and where it writes")


def _came_since(alert: Alert, spikes: Mapping[str, PolicySpikes]) -> bool:
    """Whether a run of the alert's policy stands behind the last spike it was about: then the runs decide again."""
    policy = spikes.get(alert.policy_hash or "")
    if policy is None or policy.last_run is None or alert.last_run is None:
        return False
    return policy.last_run.key(policy.policy_hash) > alert.last_run.key(policy.policy_hash)
