"""Alerts as they are listed, and what is known of one: its episode's spikes, acts, association with FAIL.

The filter chooses among spikes, as it chooses among runs elsewhere: an alert is found when one of its spikes matches.
`reason:` asks for the alert's own class, `state:` for how the whitelist stands to it, and a bare word also for what the
list says of the alert (`firing`, `listed`, `mika`). Any thread may ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from gateconsole.judgement.alerts import Alert, OperatorAct
from gateconsole.judgement.effects import Association
from gateconsole.judgement.episodes import RunRef, Spike
from gateconsole.judgement.false_positives import Verdict
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.model import STATE_NOT_WHITELISTED, STATE_WHITELISTED, Stratum
from gateconsole.policy_review import associations_by_class
from gateconsole.query import EVERYTHING, Query
from gateconsole.query.run_like_rows import matching_row_numbers
from gateconsole.rows.sorts import Sort
from gateconsole.snapshot import Snapshot
from gateconsole.statistics.frozen_runs import jobs_of
from gateconsole.text import join_list

ALERT_COLUMNS: Final = {
    "alert": False,
    "policy": False,
    "class": False,
    "rule": False,
    "peak": True,
    "spikes": True,
    "fails": True,
    "first": True,
    "last": True,
    "by": False,
}
"""Every column alerts can be sorted by, and whether it falls at first; `alert` is the order they are given in."""

UNSORTED: Final = Sort("alert", False)

AlertKey = tuple[str | None, str]


def listed_alerts(snapshot: Snapshot, query: Query = EVERYTHING, sort: Sort = UNSORTED) -> tuple[Alert, ...]:
    """The alerts with a spike that matches, in order; those without the value sorted by come last, ties as given."""
    found = snapshot.alerts
    if query:
        jobs = _jobs(snapshot) if "job" in query.columns else {}
        places = matching_row_numbers(_spike_rows(snapshot, jobs), query, snapshot.taken_at)
        found = tuple(alert for place, alert in enumerate(found) if place in places)
    if sort.column == "alert":
        return found[::-1] if sort.falling else found
    having = [alert for alert in found if _value(alert, sort.column) is not None]
    lacking = [alert for alert in found if _value(alert, sort.column) is None]
    ordered = sorted(having, key=lambda alert: _value(alert, sort.column), reverse=sort.falling)
    return (*ordered, *lacking)


def _value(alert: Alert, column: str) -> Any:
    """What an alert is compared by; None if it has no such value."""
    match column:
        case "policy":
            return alert.policy_hash
        case "class":
            return alert.class_name
        case "rule":
            return alert.rule
        case "peak":
            return alert.peak
        case "spikes":
            return alert.spikes
        case "fails":
            return alert.fails
        case "by":
            return alert.actor
    run = alert.first_run if column == "first" else alert.last_run
    return alert.since if run is None else run.timestamp


# the filter


def _jobs(snapshot: Snapshot) -> dict[str, str]:
    """Folder -> job of the spikes whose run names one."""
    return jobs_of(
        snapshot.runs, {spike.run.folder for policy in snapshot.spikes.values() for spike in policy.spikes()}
    )


def _spike_rows(snapshot: Snapshot, jobs: Mapping[str, str]) -> Iterator[tuple[object, ...]]:
    """Every spike as the filter sees it, once for each alert whose class it holds; an alert without any as one row."""
    by_policy: dict[str | None, dict[str, int]] = {}
    for place, alert in enumerate(snapshot.alerts):
        by_policy.setdefault(alert.policy_hash, {})[alert.class_name] = place
    for policy_hash, places in by_policy.items():
        policy = snapshot.spikes.get(policy_hash or "")
        if policy is None or policy_hash is None:
            yield from (_row(snapshot, place, snapshot.alerts[place], None, None) for place in places.values())
            continue
        for spike in policy.spikes():
            for name in spike.classes:
                if name in places:
                    yield _row(snapshot, places[name], snapshot.alerts[places[name]], spike, jobs.get(spike.run.folder))


def _row(snapshot: Snapshot, place: int, alert: Alert, spike: Spike | None, job: str | None) -> tuple[object, ...]:
    run = spike.run if spike is not None else alert.last_run
    stratum: Stratum | None = None if run is None else run.stratum
    listed = snapshot.whitelist.entry(alert.class_name, stratum) is not None
    said = "\n".join((run.folder if run is not None else "", *searchable_text(alert)))
    return (
        place,
        run.run_id if run is not None else None,
        run.timestamp if run is not None else alert.since,
        alert.policy_hash,
        spike.outcome if spike is not None else None,
        spike.rate if spike is not None else alert.peak,
        join_list([alert.class_name]),
        stratum,
        said,
        STATE_WHITELISTED if listed else STATE_NOT_WHITELISTED,
        job,
    )


def searchable_text(alert: Alert) -> Iterator[str]:
    """The words of an alert that a bare word of the filter finds."""
    yield alert.state
    yield "acked" if alert.state == "acknowledged" else ""
    yield "listed" if alert.listed else ""
    yield "provisional" if alert.provisional else ""
    yield alert.rule
    yield alert.actor or ""


# one alert


class SpikeRow(NamedTuple):
    """A run of an alert's episode, the verdict on it, if any, and the job its artifact names."""

    spike: Spike
    verdict: Verdict | None
    job: str | None = None


class AlertDetail(NamedTuple):
    """What is known of one alert.

    `policy`: its policy's judgement, None when that is gone. `spikes`: those of the episode, or those that may yet lead
    to one, newest first. `others`: further policies with a spike of the class. `link`: its association with FAIL.
    `acts`: what operators did about it and still counts, newest first.
    """

    alert: Alert
    policy: PolicySpikes | None
    spikes: tuple[SpikeRow, ...]
    others: tuple[str, ...]
    link: Association | None
    acts: tuple[OperatorAct, ...]


class AlertDetails:
    """Looks alerts up; what belongs to all of them is worked out once a judgement. Used by one thread at a time."""

    def __init__(self) -> None:
        self._spikes: Mapping[str, PolicySpikes] | None = None
        self._links: Mapping[tuple[str, str], Association] = {}

    def look(self, asked: tuple[Snapshot, AlertKey]) -> AlertDetail | None:
        """What is known of the alert of this key; None when there is no such alert (any more)."""
        snapshot, key = asked
        alert = next((one for one in snapshot.alerts if one.key == key), None)
        if alert is None:
            return None
        policy_hash, name = key
        policy = None if policy_hash is None else snapshot.spikes.get(policy_hash)
        if policy is None or policy_hash is None:
            return AlertDetail(alert, None, (), (), None, _acts_on(snapshot, key))
        return AlertDetail(
            alert=alert,
            policy=policy,
            spikes=tuple(_judged(snapshot, policy_hash, episode_spikes(alert, policy))),
            others=tuple(
                other for other, one in snapshot.spikes.items() if other != policy_hash and name in one.tracks
            ),
            link=self._all_links(snapshot).get((policy_hash, name)),
            acts=_acts_on(snapshot, key),
        )

    def _all_links(self, snapshot: Snapshot) -> Mapping[tuple[str, str], Association]:
        if snapshot.spikes is not self._spikes:
            self._spikes, self._links = snapshot.spikes, associations_by_class(snapshot)
        return self._links


def episode_spikes(alert: Alert, policy: PolicySpikes) -> Sequence[Spike]:
    """The spikes of the alert's latest episode, or those that may yet lead to one; newest first."""
    name, episode = alert.class_name, alert.episode
    if episode is None or (not episode.active and name in policy.pending):
        return policy.pending.get(name, ())[::-1]
    found = []
    for spike in reversed(policy.spikes()):
        if spike.number < episode.first.number:
            break
        if name in spike.classes and spike.number <= episode.last.number:
            found.append(spike)
    return found


def _judged(snapshot: Snapshot, policy_hash: str, spikes: Iterable[Spike]) -> Iterator[SpikeRow]:
    verdicts = snapshot.acts.verdicts if snapshot.acts is not None else {}
    found = tuple(spikes)
    jobs = jobs_of(snapshot.runs, {spike.run.folder for spike in found})
    for spike in found:
        run, job = spike.run, jobs.get(spike.run.folder)
        yield SpikeRow(spike, verdicts.get((run.run_id, job, policy_hash, run.stratum)), job)


def _acts_on(snapshot: Snapshot, key: AlertKey) -> tuple[OperatorAct, ...]:
    acts = snapshot.acts.alerts if snapshot.acts is not None else ()
    return tuple(act for act in reversed(acts) if (act.policy_hash, act.class_name) == key)


def broken_with(alert: Alert) -> tuple[RunRef, str] | None:
    """The run that broke an act's quiet, and its outcome; None if none did."""
    return None if alert.breaker is None else (alert.breaker.run, alert.breaker.outcome)
