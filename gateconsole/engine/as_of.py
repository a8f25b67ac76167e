"""A Snapshot as of a time: the runs stamped up to then, operators' acts up to then, judged anew (rules 2.3). No clock.

The whitelist stays today's: what it was then is not kept. A run without a timestamp has no place in time: it is
there at every time. What is there now but says no time (rejected files, completeness) stays as it is; the queue is
told by `queue_until`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl

from gateconsole.engine.alert_evaluator import ahead_banner, overdue, rows_without_evidence, silence_banner
from gateconsole.judgement.alerts import SILENCE, adoptions, alerts
from gateconsole.judgement.operator_acts import NONE, Acts, replay_acts
from gateconsole.judgement.silence import RunPulse
from gateconsole.judgement.spikes import judge_policies
from gateconsole.ledger.store import Ledger
from gateconsole.model import Diagnostics, Whitelist
from gateconsole.patch_queue.overview import EMPTY, Board, board
from gateconsole.patch_queue.state import replay
from gateconsole.snapshot import Snapshot
from gateconsole.statistics.figures import Policy
from gateconsole.statistics.frozen_runs import FrozenRuns, jobs_of
from gateconsole.statistics.partial import Partial
from gateconsole.statistics.policies import policy_of
from gateconsole.statistics.recent_runs import RecentRuns
from gateconsole.statistics.run_order import path_of

_KEY: Final = ("run_id", "job", "policy_hash", "stratum")
_TIMELESS: Final = frozenset({"whitelist_broken", "queue_unusable", "runs_hidden"})
"""Banners that are as true then as now."""

_OF_NOW: Final = frozenset({"duplicate", "conflicting", "timestamp_in_future"})


def as_of(snapshot: Snapshot, time: int, acts: Acts) -> Snapshot:
    """The Snapshot as of `time` (microseconds UTC); `acts`: those up to then (`acts_until`).

    Equal to one of a root that holds only the artifacts stamped up to then and those without a timestamp, and at
    `snapshot.taken_at` equal to the Snapshot itself: live is as of now. Judges every run: nothing for the event
    loop. ValueError for a Snapshot that holds no runs.
    """
    if snapshot.runs is None:
        raise ValueError("this Snapshot was made by no engine: it holds no runs")
    held = snapshot.runs if time >= snapshot.taken_at else runs_until(snapshot.runs, time)
    runs = held()
    whitelist = snapshot.whitelist.at(time)
    recent = RecentRuns.of(runs, time)
    policies = _policies(runs, whitelist, recent)
    adopted = [(policy_hash, one) for policy_hash, found in adoptions(acts.alerts).items() for one in found]
    spikes = judge_policies(recent.order.judged(runs), snapshot.yardstick.rules, adopted)
    pulse = RunPulse.of(runs, time)
    standing = alerts(
        spikes,
        acts.alerts,
        whitelist,
        time,
        overdue=overdue(spikes, pulse, time),
        rows=rows_without_evidence(policies, spikes, pulse, time, snapshot.yardstick.silence),
        jobs_of=partial(jobs_of, held),
    )
    timed = ahead_banner(len(recent.order.ahead()))
    timed += tuple(silence_banner(alert) for alert in standing if alert.class_name == SILENCE)
    return replace(
        snapshot,
        phase="live",
        banners=tuple(banner for banner in snapshot.banners if banner.code in _TIMELESS) + timed,
        newest=max((policy.newest for policy in policies if policy.newest is not None), default=None),
        taken_at=time,
        policies=policies,
        runs=held if isinstance(held, FrozenRuns) else lambda: runs,
        spikes=spikes,
        judging=frozenset(),
        alerts=standing,
        acts=acts,
        whitelist=whitelist,
        diagnostics=lambda: _of_files(snapshot.diagnostics()),
    )


def runs_until(runs: Callable[[], pl.DataFrame], time: int) -> FrozenRuns:
    """The runs up to `time`: of one key the one that counted then (rule G6).

    Those without a timestamp have no place in time, so they are there at every time.
    """
    then = pl.col("timestamp").is_null() | (pl.col("timestamp") <= pl.lit(time).cast(pl.Datetime("us")))
    if not isinstance(runs, FrozenRuns):
        return FrozenRuns(object(), [runs().filter(then)], [0], (), frozenset())
    found = runs.with_labels().filter(then)
    standing = (pl.col("attempt"), pl.col("timestamp").is_not_null(), pl.col("timestamp"), path_of(pl.col("folder")))
    if runs.duplicates:
        found = found.sort(standing).unique(_KEY, keep="last", maintain_order=True)
    labels = None if runs.labels is None else runs.labels.renumbered(found["job"], found["attempt"])
    return FrozenRuns(object(), [found.drop("job", "attempt")], [0], (), frozenset(), labels=labels)


def _of_files(found: Diagnostics) -> Diagnostics:
    """What is unusable in a file is so at every time; what only the other runs or the clock make of it is not."""
    kept = ((path, tuple(note for note in notes if note.rule not in _OF_NOW)) for path, notes in found)
    return tuple((path, notes) for path, notes in kept if notes)


def queue_until(ledger: Path, time: int) -> Board:
    """The queue after its last event of up to `time` (microseconds UTC); empty without a ledger.

    Events stand in the order in which they were written: one before that, by a clock that was ahead, counts too.
    Raises LedgerUnusableError, EventError, RefusedError.
    """
    opened = Ledger.for_reading(ledger)
    if opened is None:
        return EMPTY
    try:
        events = list(opened.events())
    finally:
        opened.close()
    last = max((at for at, event in enumerate(events) if event.at <= time), default=-1)
    return board(replay(events[: last + 1]), time)


def undated(snapshot: Snapshot) -> int:
    """How many runs have no timestamp: they are counted at every time."""
    return 0 if snapshot.runs is None else snapshot.runs()["timestamp"].null_count()


def acts_until(ledger: Path, time: int) -> Acts:
    """Operators' acts up to `time` (microseconds UTC); none without a ledger.

    Raises LedgerUnusableError, EventError.
    """
    opened = Ledger.for_reading(ledger)
    if opened is None:
        return NONE
    try:
        return replay_acts(opened.events(), until=time)
    finally:
        opened.close()


def _policies(runs: pl.DataFrame, whitelist: Whitelist, recent: RecentRuns) -> tuple[Policy, ...]:
    """Every policy of these runs, by policy_hash."""
    partial = Partial.of(runs)
    return tuple(policy_of(partial, name, whitelist, recent) for name in sorted(partial.policies()))
