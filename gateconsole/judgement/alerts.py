"""Alert states from runs, operators' acts and one clock reading (rules G18, G22, G28). Pure.

Whether something fires is decided by the runs alone (`series.classes`); here follow what an operator did about it, what
the whitelist says, and whether the policy still has runs.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from gateconsole.judgement.episodes import Adoption, Episode, OrderKey, RunRef, Spike, severity
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.judgement.silence import RunGaps
from gateconsole.model import Whitelist
from gateconsole.statistics.figures import Policy

AlertState = Literal["firing", "acknowledged", "pending", "no data", "resolved"]
"""Where an alert stands (rule G22); in the order in which alerts are listed."""

STATES: Final[tuple[AlertState, ...]] = ("firing", "acknowledged", "pending", "no data", "resolved")

SILENCE: Final = "(silence)"
"""The class of the row that says no run comes any more (rule G28); it has no policy."""

NO_RATE: Final = "(no rate)"
"""The class of the row that says a policy's last runs have no usable rate (rule G28)."""

LEAST_RATELESS: Final = 5
"""So many last runs without a usable rate are no chance."""


class AlertContext(NamedTuple):
    """What an act saw of its alert's episode: spikes, peak rate, the most severe outcome, the policy's last run."""

    spikes: int
    peak: float
    outcome: str
    last_run: RunRef


@dataclass(frozen=True, slots=True)
class OperatorAct:
    """Something an operator did about one alert: who, when (microseconds UTC), what they saw."""

    policy_hash: str
    class_name: str
    actor: str
    time: int
    seen: AlertContext


@dataclass(frozen=True, slots=True)
class Acknowledgement(OperatorAct):
    """Known, worked on: quiet until the episode ends, or something worse comes."""


@dataclass(frozen=True, slots=True)
class Snoozed(OperatorAct):
    """Acknowledged, but only `until` then (microseconds UTC)."""

    until: int


@dataclass(frozen=True, slots=True)
class LevelAdoption(OperatorAct):
    """The level is the normal one from now on: spikes up to the last run seen count as they are, the episode ends."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as it stands: one per (policy, class), and one for silence, whose policy_hash is None.

    `rule`, `cut`: of the last spike. `peak`, `spikes`, `fails`, `first_run`, `last_run`: of all spikes of the class in
    the policy. `episode`: the latest one; `recent`: spikes that may yet lead to one. `actor`, `until`: of the act in
    force. `breaker`: the spike that ended an act's quiet; `woken`: when a snooze ended it. `since`: of (silence) the
    newest run, of (no rate) the last one with a rate, None if there never was one. `no_run_since`: the newest run of a
    policy that has had none for longer than its own gaps say. `job`: of the run that `occasion` names, if its artifact
    names one. Times in microseconds UTC.
    """

    policy_hash: str | None
    class_name: str
    state: AlertState
    provisional: bool = False
    listed: bool = False
    rule: str = ""
    cut: float | None = None
    peak: float | None = None
    spikes: int = 0
    fails: int = 0
    first_run: RunRef | None = None
    last_run: RunRef | None = None
    episode: Episode | None = None
    recent: int = 0
    actor: str | None = None
    until: int | None = None
    breaker: Spike | None = None
    woken: int | None = None
    since: int | None = None
    no_run_since: int | None = None
    job: str | None = None

    @property
    def key(self) -> tuple[str | None, str]:
        """What the alert is one of: policy and class."""
        return self.policy_hash, self.class_name

    @property
    def broken_by(self) -> RunRef | None:
        """The run that ended an act's quiet."""
        return None if self.breaker is None else self.breaker.run

    @property
    def loud(self) -> bool:
        """Whether it may call anyone: firing, neither provisional nor listed (rules G18, G22)."""
        return self.state == "firing" and not self.provisional and not self.listed

    @property
    def without_evidence(self) -> bool:
        """Whether it says that nothing can be told: (silence), (no rate)."""
        return self.class_name in {SILENCE, NO_RATE} and self.episode is None

    @property
    def occasion(self) -> tuple[str, ...]:
        """What is told once in all: this firing, or what broke an act's quiet. Equal for every console."""
        if self.episode is None:
            return (self.policy_hash or "", self.class_name, str(self.since))
        run = self.broken_by or self.episode.fired
        what = "broken" if self.broken_by else "fired" if self.woken is None else f"woken {self.woken}"
        return (self.policy_hash or "", self.class_name, what, *run_part(run, self.job))

    @property
    def telling_run(self) -> RunRef | None:
        """The run that `occasion` names: the one that broke an act's quiet, else the one that fired the episode."""
        return None if self.episode is None else self.broken_by or self.episode.fired


JobsOf = Callable[[Collection[str]], Mapping[str, str]]
"""Folder -> job of those of these runs whose artifact names one."""


def run_part(run: RunRef, job: str | None) -> tuple[str, ...]:
    """How an occasion names a run: run id, stratum, and the job if there is one (rule G6)."""
    return (run.run_id, run.stratum or "", *(() if job is None else (f"job {job}",)))


def alert_context(alert: Alert, last_run: RunRef) -> AlertContext:
    """What an act on this alert sees; `last_run` is the policy's last valid run (`PolicySpikes.last_run`)."""
    episode = alert.episode
    if episode is None or not episode.active:
        return AlertContext(alert.recent, alert.peak or 0.0, "", last_run)
    return AlertContext(episode.spikes, episode.peak, episode.worst.outcome, last_run)


def adoptions(acts: Iterable[OperatorAct]) -> dict[str, list[Adoption]]:
    """The adopted levels by policy_hash, as the judgement takes them (`series.judge.Judge.adopt`)."""
    found: dict[str, list[Adoption]] = {}
    for act in acts:
        if isinstance(act, LevelAdoption):
            place = act.seen.last_run.key(act.policy_hash)
            found.setdefault(act.policy_hash, []).append(Adoption(place, act.class_name))
    return found


class AlertInputs(NamedTuple):
    """The alerts of one policy as they were found; `no_run_since`: as in Alert."""

    policy: PolicySpikes
    no_run_since: int | None
    alerts: tuple[Alert, ...]


def alerts(
    policies: Mapping[str, PolicySpikes],
    acts: Sequence[OperatorAct],
    whitelist: Whitelist,
    now: int,
    *,
    overdue: Mapping[str, int] | None = None,
    rows: Sequence[Alert] = (),
    away: bool = False,
    found_last: dict[str, AlertInputs] | None = None,
    jobs_of: JobsOf | None = None,
) -> tuple[Alert, ...]:
    """Every alert that ever fired or is pending: by state, then policy, then class by code points.

    `acts` that are in force, in the ledger's order. `overdue`: the newest run of each policy with none for longer than
    its own gaps say; that hides nothing. `rows`: those of `silence` and `no_rates`. `away`: the root is gone, so what
    has not ended has no data (rule G7). `found_last`: what was found by policy_hash with equal acts and whitelist, the
    root away or not as now, no snooze ended since; it is taken where a policy is the same object, and brought up to
    date. `jobs_of`: asked once, for the alerts made anew. Costs a step a class that ever had a spike, nothing that
    grows with the runs.
    """
    known = {} if found_last is None else found_last
    by_key: dict[tuple[str, str], list[OperatorAct]] = {}
    for act in acts:
        by_key.setdefault((act.policy_hash, act.class_name), []).append(act)
    made: dict[str, AlertInputs] = {}
    for policy_hash, policy in policies.items():
        since = (overdue or {}).get(policy_hash)
        last = known.get(policy_hash)
        if last is None or last.policy is not policy or last.no_run_since != since:
            here = (
                _alert(policy, name, whitelist, _quiet(policy, name, by_key.get((policy_hash, name), ()), now))
                for name in policy.tracks
            )
            there = (alert for alert in here if alert is not None)
            made[policy_hash] = AlertInputs(policy, since, tuple(_dated(one, since, away) for one in there))
    known.update(made if jobs_of is None else _with_jobs(made, jobs_of))
    for policy_hash in known.keys() - policies.keys():
        del known[policy_hash]
    found = [alert for policy_hash in policies for alert in known[policy_hash].alerts]
    return tuple(sorted([*rows, *found], key=sort_key))


def _with_jobs(made: Mapping[str, AlertInputs], jobs_of: JobsOf) -> dict[str, AlertInputs]:
    """The same with the jobs of the runs that the alerts' occasions name."""
    runs = {one.telling_run for each in made.values() for one in each.alerts}
    jobs = jobs_of({run.folder for run in runs if run is not None})
    if not jobs:
        return dict(made)
    return {name: each._replace(alerts=tuple(_of_job(one, jobs) for one in each.alerts)) for name, each in made.items()}


def _of_job(alert: Alert, jobs: Mapping[str, str]) -> Alert:
    run = alert.telling_run
    return alert if run is None else replace(alert, job=jobs.get(run.folder))


def sort_key(alert: Alert) -> tuple[int, bool, str, str]:
    """Where an alert stands in their list: by state, the loud before the quiet, then policy, class by code points."""
    return STATES.index(alert.state), not alert.loud, alert.policy_hash or "", alert.class_name


def silence(heartbeat: RunGaps | None, now: int, limit: int | None = None) -> Alert | None:
    """The row that says no run comes any more, or None. `limit`: the setting, microseconds; None: the root's own.

    A root without any run is silent, not calm (rule G28).
    """
    if heartbeat is None:
        return Alert(None, SILENCE, "firing", rule="no run yet")
    allowed = heartbeat.limit if limit is None else limit
    if now - heartbeat.newest <= allowed:
        return None
    minutes = allowed // 60_000_000
    shown = f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"
    return Alert(None, SILENCE, "firing", rule=f"no run for over {shown}", since=heartbeat.newest)


def no_rates(policies: Iterable[Policy], spikes: Mapping[str, PolicySpikes]) -> list[Alert]:
    """A row for every policy whose last runs have no usable rate: no alert can fire there (rule G28)."""
    rows = []
    for policy in policies:
        if policy.rateless < LEAST_RATELESS:
            continue
        judged = spikes.get(policy.policy_hash)
        last = None if judged is None else judged.last_run
        rule = f"no usable rate in the last {LEAST_RATELESS} runs or more"
        since = None if last is None else last.timestamp
        rows.append(Alert(policy.policy_hash, NO_RATE, "firing", rule=rule, last_run=last, since=since))
    return rows


class _Quiet(NamedTuple):
    """What operators' acts make of an episode: the act that keeps it quiet, or why none does any more."""

    act: OperatorAct | None = None
    breaker: Spike | None = None
    woken: int | None = None


def _alert(policy: PolicySpikes, name: str, whitelist: Whitelist, quiet: _Quiet) -> Alert | None:
    """The alert of one class; None if it never fired and is not pending."""
    track, waiting = policy.tracks[name], policy.pending.get(name, ())
    episode = track.episode
    if episode is not None and (episode.active or not waiting):
        strata, provisional = episode.strata, episode.provisional
    elif waiting:
        strata, provisional = frozenset(spike.run.stratum for spike in waiting), not waiting[-1].baseline
    else:
        return None
    act = quiet.act
    state: AlertState = "acknowledged" if act else "firing"
    if name not in policy.active:
        state = "pending" if waiting else "resolved"
    return Alert(
        policy_hash=policy.policy_hash,
        class_name=name,
        state=state,
        provisional=provisional,
        listed=all(whitelist.entry(name, stratum) is not None for stratum in strata),
        rule=policy.rules.name(track.last.baseline),
        cut=track.last.cut,
        peak=track.peak,
        spikes=track.spikes,
        fails=track.fails,
        first_run=track.first.run,
        last_run=track.last.run,
        episode=episode,
        recent=len(waiting),
        actor=act.actor if act else None,
        until=act.until if isinstance(act, Snoozed) else None,
        breaker=quiet.breaker,
        woken=quiet.woken,
    )


def _quiet(policy: PolicySpikes, name: str, acts: Sequence[OperatorAct], now: int) -> _Quiet:
    """What the latest act on the class's episode does now; acts on earlier ones are over with them."""
    episode = policy.tracks[name].episode
    if not acts or episode is None or not episode.active:
        return _Quiet()
    fired = episode.fired.key(policy.policy_hash)
    for act in reversed(acts):
        if isinstance(act, LevelAdoption) or (act.seen.last_run.timestamp is None) != (episode.fired.timestamp is None):
            continue  # the policy is judged in another order now (rule G5): what the act saw has no place in it
        place = act.seen.last_run.key(policy.policy_hash)
        if place < fired:
            continue
        if _is_broken(episode, act.seen, place, policy.policy_hash):
            return _Quiet(breaker=_breaker(policy, name, episode, act.seen, place))
        if isinstance(act, Snoozed) and act.until <= now:
            return _Quiet(woken=act.until)
        return _Quiet(act)
    return _Quiet()


def _is_broken(episode: Episode, seen: AlertContext, place: OrderKey, policy_hash: str) -> bool:
    """Whether a spike is worse than what the act saw: a FAIL signal after it, or one more severe than any it saw.

    A more severe one breaks it wherever it stands in the order: the act cannot have seen it, it came late.
    """
    last_fail = episode.last_fail
    later = last_fail is not None and last_fail.run.key(policy_hash) > place
    return later or episode.severity > severity(seen.outcome)


def _breaker(policy: PolicySpikes, name: str, episode: Episode, seen: AlertContext, place: OrderKey) -> Spike:
    """The first spike that breaks a broken act: those that follow it are no further occasion to tell.

    Looks at every spike of the episode before it.
    """
    spikes, limit = policy.spikes(), severity(seen.outcome)
    for at in range(bisect_left(spikes, episode.first.number, key=lambda spike: spike.number), len(spikes)):
        spike = spikes[at]
        if name in spike.classes and (
            severity(spike.outcome) > limit or (spike.fail_signal and spike.run.key(policy.policy_hash) > place)
        ):
            return spike
    return episode.worst


def _dated(alert: Alert, no_run_since: int | None, away: bool) -> Alert:
    """The alert of a policy that has had no run for long, or whose root is gone: what is over stays over."""
    if alert.state == "resolved" or (no_run_since is None and not away):
        return alert
    return replace(alert, state="no data" if away else alert.state, no_run_since=no_run_since)
