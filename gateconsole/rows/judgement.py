"""What the series' judgement says of one run: the cut of its time, and the episodes it is part of (rules 20, 22)."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from gateconsole.judgement.episodes import Episode, Spike
from gateconsole.judgement.late_runs import place_runs, since
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.rows.runs import newer_count
from gateconsole.rows.sorts import RunRow
from gateconsole.snapshot import Snapshot
from gateconsole.statistics.judging_order import FUTURE
from gateconsole.statistics.recent_runs import order_key
from gateconsole.statistics.run_order import in_order
from gateconsole.statistics.runs_frame import rows_of


class Part(NamedTuple):
    """A class of a spike, and where it stands: `fired` the run id that fired the episode it is part of, if it is known.

    `here`: it is the judged run itself; `pending`: it may yet lead to an episode; `goes_on`: its episode does.
    """

    class_name: str
    fired: str | None
    goes_on: bool = False
    pending: bool = False
    here: bool = False


class Judgement(NamedTuple):
    """One run judged. `rule`: the cut of its time with its rule, None without a rate; `parts`: only of a spike.

    `unjudged`: why it is not judged and never or not yet will be (rules G4, G5); empty for a run that is.
    """

    spike: bool
    rule: str | None
    parts: tuple[Part, ...] = ()
    unjudged: str = ""


def judgement_of(snapshot: Snapshot, run: RunRow) -> Judgement | None:
    """The judgement of a run; None while its policy is judged anew or not judged yet, or when the run has gone.

    For a run that is no spike some runs before it are judged again: not for the event loop.
    """
    policy = snapshot.spikes.get(run.policy_hash)
    if run.unknown_rate is None:
        return Judgement(False, None)
    if run.timestamp is not None and run.timestamp > snapshot.taken_at + FUTURE:
        return Judgement(False, None, unjudged="not judged yet: stamped ahead of the clock")
    if run.policy_hash in snapshot.judging:
        return None
    if run.timestamp is None and any(one.not_judged for one in snapshot.policies if one.policy_hash == run.policy_hash):
        return Judgement(False, None, unjudged="not judged: no time")
    if policy is None:
        return None
    spike = next((one for one in policy.spikes() if one.run.folder == run.folder), None)
    if spike is not None:
        rule = policy.rules.text(spike.cut, spike.baseline, spike.rate)
        return Judgement(True, rule, tuple(_part(policy, name, spike) for name in spike.classes))
    rule_then = _rule_then(snapshot, policy, run)
    return None if rule_then is None else Judgement(False, rule_then)


def _by_id(policy: PolicySpikes) -> bool:
    """Whether a policy is judged by run id: then no run that is judged has a time."""
    return policy.last_run is not None and policy.last_run.timestamp is None


def _part(policy: PolicySpikes, name: str, spike: Spike) -> Part:
    episode = policy.tracks[name].episode if name in policy.tracks else None
    pending = any(one.number == spike.number for one in policy.pending.get(name, ()))
    if episode is None or not _holds(episode, spike):
        return Part(name, None, pending=pending)
    return Part(name, episode.fired.run_id, episode.active, here=episode.fired.folder == spike.run.folder)


def _holds(episode: Episode, spike: Spike) -> bool:
    return episode.first.number <= spike.number <= episode.last.number


def _rule_then(snapshot: Snapshot, policy: PolicySpikes, run: RunRow) -> str | None:
    """The rule a run was held against, from the judgement as it stood not long before and the runs since then."""
    by_id, time = _by_id(policy), pl.col("timestamp").to_physical()
    if not by_id and run.timestamp is None:
        return None
    stamp = None if by_id else run.timestamp
    place = order_key((run.run_id, stamp, run.policy_hash, "", None, "", run.stratum, run.folder))
    earlier = policy.before(place)
    due = time.is_null() | (time <= snapshot.taken_at + FUTURE)
    wanted = due if by_id else time.is_not_null() & (time <= run.timestamp) & since(earlier.last_place)
    valid = (pl.col("policy_hash") == run.policy_hash) & pl.col("unknown_rate").is_not_null()
    runs = newer_count(snapshot).matching(valid & wanted)
    if run.folder not in runs["folder"]:
        return None
    if by_id:
        runs = runs.with_columns(pl.lit(None, dtype=runs.schema["timestamp"]).alias("timestamp"))
    cut = earlier.cut_at(place, (place_runs(row) for row in rows_of(in_order(runs))))
    return policy.rules.text(cut.cut, cut.baseline, run.unknown_rate)
