"""The judgement of a series that lives, and the alerts of a root: equal to a cold reading of what is there."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from gateconsole.artifacts.scan import Change
from gateconsole.engine.alert_evaluator import AlertEvaluator
from gateconsole.engine.engine import Options, read_once
from gateconsole.engine.root_state import Root
from gateconsole.engine.series import Series
from gateconsole.judgement import operator_acts
from gateconsole.judgement.alerts import SILENCE, Acknowledgement, Alert, OperatorAct, Snoozed, alert_context
from gateconsole.judgement.operator_acts import Acts
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.judgement.rules import SpikeRules
from gateconsole.judgement.silence import DAY, MINUTE, RunPulse
from gateconsole.judgement.spikes import judge_policies
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.location import default_ledger
from gateconsole.ledger.store import Ledger
from gateconsole.model import Entry, Run, Whitelist
from gateconsole.snapshot import Banner, Phase, Snapshot
from gateconsole.statistics.judging_order import JudgingOrder
from gateconsole.statistics.recent_runs import RecentRuns

START = 1_772_323_200_000_000
NOW = START + 2 * 60 * MINUTE
RULES = SpikeRules(window=12, at_least=6, resolve_after=4)
_END = object()

Stands = tuple[int | None, float | None, str]
"""Minute (None: no timestamp; some are ahead of the clock), rate and policy of the run in a file."""

MINUTES = st.integers(0, 90) | st.sampled_from([None, None, 300])
RATES = st.none() | st.sampled_from([0.0, 0.01, 0.02, 0.3])
STANDS = st.tuples(MINUTES, RATES, st.sampled_from(["p", "q"]))
STEPS = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(0, 60), st.none() | STANDS), max_size=40),
        st.sampled_from(["judge on", "begin judging", "give up"]),
    ),
    max_size=8,
)


def run_of(file: int, minute: int | None, rate: float | None, policy: str) -> Run:
    time = None if minute is None else START + minute * MINUTE
    return Run(f"run-{file}", time, policy, "WARN", rate, ("x",) if (minute or 0) % 3 else ("x", "y"), None)


def judged_cold(runs: pl.DataFrame) -> dict[str, PolicySpikes]:
    """The judgement of the runs that are judged, in the judging order (rule G5)."""
    return judge_policies(JudgingOrder.of(runs, NOW).judged(runs), RULES)


def told(spikes: Mapping[str, PolicySpikes]) -> object:
    """Everything a judgement says."""
    return {
        name: (one.n_valid, one.cut, one.active, dict(one.pending), dict(one.tracks), one.spikes(), one.last_run)
        for name, one in spikes.items()
    }


@given(STEPS)
@settings(max_examples=80, deadline=None)
def test_a_series_that_lives_is_judged_as_a_cold_one(
    steps: list[tuple[list[tuple[int, Stands | None]], str]],
) -> None:
    series = Series(RULES)
    work: Generator[None, None, None] | None = None
    for changes, act in steps:
        for file, stands in changes:
            series.drop(file) if stands is None else series.put(file, f"f{file}", run_of(file, *stands))
        series.settle(NOW)
        if act == "begin judging":
            series.keep_judging()
            series.pulse(NOW)
        elif work is not None and (act == "give up" or next(work, _END) is _END):
            work.close()
            work = None
        work = work or series.catch_up(lambda: NOW)
    if work is not None:
        work.close()
    series.keep_judging()
    for _ in series.catch_up(lambda: NOW):
        continue
    assert not series.judging
    runs = series.runs()()
    assert told(series.spikes()) == told(judged_cold(runs))
    warm, cold = series.pulse(NOW), RunPulse.of(runs, NOW)
    assert warm.heartbeat(NOW) == cold.heartbeat(NOW)


FILES = st.integers(0, 30)
INTERLEAVED = st.lists(
    st.one_of(
        st.tuples(st.just("put"), FILES, STANDS),
        st.tuples(st.sampled_from(["drop", "settle", "slice", "slice", "ask"]), FILES, st.just((0, 0.0, "p"))),
    ),
    max_size=120,
)


@given(st.lists(st.tuples(FILES, STANDS), max_size=30), INTERLEAVED)
@settings(max_examples=200, deadline=None)
def test_files_slices_and_settling_in_any_order_leave_the_judgement_of_a_cold_reading(
    first: list[tuple[int, Stands]], acts: list[tuple[str, int, Stands]]
) -> None:
    """Three files share a run id, so most files lose to another: none of them may stay in the judgement."""
    series = Series(RULES)
    for file, stands in first:
        series.put(file, f"f{file}", run_of(file % 11, *stands))
    series.settle(NOW)
    series.keep_recent(NOW, charts=True)
    series.keep_judging()
    work = series.catch_up(lambda: NOW)
    for act, file, stands in acts:
        if act == "put":
            series.put(file, f"f{file}", run_of(file % 11, *stands))
        elif act == "drop":
            series.drop(file)
        elif act == "settle":
            series.settle(NOW)
        elif act == "ask":
            series.policies(NOW), series.pulse(NOW)
        elif next(work, _END) is _END:
            work = series.catch_up(lambda: NOW)
    for _ in (*work, *series.catch_up(lambda: NOW)):
        continue
    series.settle(NOW)
    for _ in series.catch_up(lambda: NOW):
        continue
    runs = series.runs()()
    assert told(series.spikes()) == told(judged_cold(runs))
    cold = RecentRuns.of(runs, NOW)
    figures = {one.policy_hash: (one.recent, one.newest, one.whole.n) for one in series.policies(NOW)}
    n = dict(runs.group_by("policy_hash").len().iter_rows())
    assert figures == {name: (cold.runs(name), cold.newest(name), n[name]) for name in n}
    assert series.pulse(NOW).heartbeat(NOW) == RunPulse.of(runs, NOW).heartbeat(NOW)


@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(st.integers(0, 60), st.none() | STANDS), max_size=12),
            st.sampled_from(["", "ack", "snooze", "undo", "list"]),
            st.integers(-40, 40),  # minutes to the next look: the clock may be set back
        ),
        max_size=10,
    )
)
@settings(max_examples=60, deadline=None)
def test_alerts_that_are_kept_from_one_instant_to_the_next_are_those_found_anew(
    steps: list[tuple[list[tuple[int, Stands | None]], str, int]],
) -> None:
    series, kept, now = Series(RULES), AlertEvaluator(), NOW
    series.keep_judging()
    done: list[OperatorAct] = []
    whitelist = Whitelist()
    for changes, act, later in steps:
        now += later * MINUTE
        for file, stands in changes:
            series.drop(file) if stands is None else series.put(file, f"f{file}", run_of(file, *stands))
        series.settle(now)
        for _ in series.catch_up(lambda: NOW):
            continue
        before = kept.alerts_at(series.spikes(), series.pulse(now), whitelist, now)
        done = acted(done, act, [alert for alert in before if alert.state == "firing" and alert.last_run], now)
        whitelist = Whitelist((Entry("x"),)) if act == "list" else whitelist
        fresh = AlertEvaluator()
        kept.acts = fresh.acts = Acts(tuple(done))
        found = [one.alerts_at(series.spikes(), series.pulse(now), whitelist, now) for one in (kept, fresh)]
        assert found[0] == found[1]


def test_a_snooze_that_ended_holds_again_when_the_clock_is_set_back() -> None:
    series, standing = Series(RULES), AlertEvaluator()
    series.keep_judging()
    for file in range(60):
        series.put(file, f"f{file}", run_of(file, file, file / 100 if file > 56 else 0.0, "p"))
    series.settle(NOW)
    for _ in series.catch_up(lambda: NOW):
        continue

    def states(now: int) -> list[str]:
        found = standing.alerts_at(series.spikes(), series.pulse(now), Whitelist(), now)
        return [alert.state for alert in found if alert.class_name == "x"]

    found = standing.alerts_at(series.spikes(), series.pulse(NOW), Whitelist(), NOW)
    alert = next(one for one in found if one.class_name == "x")
    assert alert.last_run is not None
    until = NOW + 30 * MINUTE
    standing.acts = Acts((Snoozed("p", "x", "mika", NOW, alert_context(alert, alert.last_run), until),))
    assert states(NOW + MINUTE) == ["acknowledged"]
    assert states(until + MINUTE) == ["firing"]
    assert standing.turns(NOW + MINUTE)
    assert states(NOW + MINUTE) == ["acknowledged"]
    assert not standing.turns(NOW + MINUTE)


def acted(done: list[OperatorAct], act: str, firing: list[Alert], now: int) -> list[OperatorAct]:
    """The acts with one more on the first firing alert, or without the last one."""
    if act == "undo":
        return done[:-1]
    if act not in {"ack", "snooze"} or not firing:
        return done
    alert = firing[0]
    assert alert.last_run is not None
    assert alert.policy_hash is not None
    about = (alert.policy_hash, alert.class_name, "mika", now, alert_context(alert, alert.last_run))
    return [*done, Acknowledgement(*about) if act == "ack" else Snoozed(*about, now + 30 * MINUTE)]


# a root on disk


def put(root: Path, number: int, rate: float, outcome: str = "COMMENT", policy: str = "p") -> None:
    """Run `number`, a minute after the one before."""
    folder = root / f"run-{number}"
    folder.mkdir(parents=True, exist_ok=True)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=START + number * MINUTE)
    fields = {"policy_hash": policy, "outcome": outcome, "unknown_rate": rate, "top_reasons": ["x"]}
    (folder / "gate_result.json").write_text(json.dumps({**fields, "timestamp": moment.isoformat()}))


def incident(root: Path) -> None:
    """Forty-five quiet runs, then three spikes."""
    for number in range(45):
        put(root, number, 0.02)
    for number in range(45, 48):
        put(root, number, 0.5)


def look(root: Root, now: int, phase: Phase = "live", banners: tuple[Banner, ...] = ()) -> Snapshot:
    """What a console would show now, its judgement caught up."""
    for _ in root.work(root.scan.full(now=now * 1000), lambda: now):
        continue
    root.settle(now)
    root.series.keep_judging()
    root.look_at_ledger(now)
    for _ in root.judge(lambda: now):
        continue
    return root.snapshot(generation=1, phase=phase, mode="one scan", banners=banners, now=now)


def alert(snapshot: Snapshot) -> Alert:
    """The only alert of a policy."""
    (found,) = (one for one in snapshot.alerts if one.policy_hash is not None)
    return found


def test_one_scan_finds_the_alerts_that_stand(tmp_path: Path) -> None:
    incident(tmp_path)
    found = read_once(Options(tmp_path))
    assert found.judging == frozenset()
    assert (alert(found).state, alert(found).rule, alert(found).spikes) == ("firing", "p95 of 47", 43)


def test_copies_that_lose_while_a_late_run_is_caught_up_with_fire_no_alert(tmp_path: Path) -> None:
    """The first slice began before the copies had lost, and judged fifteen runs that are none."""
    for number in range(500):
        put(tmp_path, number, 0.0)
    root = Root(tmp_path)
    now = START + 600 * MINUTE
    assert look(root, now).alerts == ()
    run = json.loads((tmp_path / "run-499" / "gate_result.json").read_text())
    (tmp_path / "late").mkdir()
    (tmp_path / "late" / "gate_result.json").write_text(json.dumps({**run, "timestamp": "2026-03-01T00:00:30Z"}))
    work_of(root, root.scan.reconcile(now=now * 1000), now)
    root.settle(now)
    assert root.series.judging == {"p"}
    for copy in range(15):
        (tmp_path / f"copy-{copy}").mkdir()
        spiking = {**run, "run_id": "run-499", "unknown_rate": 0.9}
        spiking["timestamp"] = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=START)).isoformat()
        (tmp_path / f"copy-{copy}" / "gate_result.json").write_text(json.dumps(spiking))
    work_of(root, root.scan.reconcile(now=now * 1000), now)
    for _ in root.judge(lambda: now):
        continue
    live = root.snapshot(generation=2, phase="live", mode="one scan", banners=(), now=now)
    assert live.completeness.duplicate == 15
    assert told(live.spikes) == told(read_once(Options(tmp_path)).spikes)
    assert live.alerts == ()


def work_of(root: Root, batches: Iterator[list[Change]], now: int) -> None:
    """One pass from beginning to end."""
    for _ in root.work(batches, lambda: now):
        continue


def test_an_act_in_the_ledger_shows_at_the_next_look_and_its_undoing_too(tmp_path: Path) -> None:
    incident(tmp_path)
    root = Root(tmp_path)
    now = START + 50 * MINUTE
    firing = look(root, now)
    ledger, when = Ledger.for_writing(default_ledger(tmp_path)), Actor(now, "mika")
    last_run = firing.spikes["p"].last_run
    assert last_run is not None
    event = operator_acts.acknowledge(ledger, alert(firing), last_run, when)
    acked = look(root, now)
    assert (alert(acked).state, alert(acked).actor) == ("acknowledged", "mika")
    assert look(root, now).acts is acked.acts
    operator_acts.undo(ledger, event, when)
    assert alert(look(root, now)).state == "firing"


def test_an_adopted_level_raises_the_cut_and_ends_the_episode(tmp_path: Path) -> None:
    incident(tmp_path)
    root = Root(tmp_path)
    now = START + 50 * MINUTE
    firing = look(root, now)
    last_run = firing.spikes["p"].last_run
    assert last_run is not None
    event = operator_acts.adopt(
        Ledger.for_writing(default_ledger(tmp_path)), alert(firing), last_run, Actor(now, "mika")
    )
    adopted = look(root, now)
    assert alert(adopted).state == "resolved"
    assert adopted.spikes["p"].cut.cut == 0.5
    operator_acts.undo(Ledger.for_writing(default_ledger(tmp_path)), event, Actor(now, "mika"))
    assert look(root, now).spikes["p"].cut.cut == firing.spikes["p"].cut.cut


def test_a_snooze_ends_by_time_alone(tmp_path: Path) -> None:
    incident(tmp_path)
    root = Root(tmp_path)
    now, until = START + 50 * MINUTE, START + 60 * MINUTE
    firing = look(root, now)
    last_run = firing.spikes["p"].last_run
    assert last_run is not None
    operator_acts.snooze(
        Ledger.for_writing(default_ledger(tmp_path)), alert(firing), last_run, until, Actor(now, "mika")
    )
    assert alert(look(root, now)).until == until
    assert not root.ages(until - 1)
    assert root.ages(until)
    assert (alert(look(root, until)).state, alert(look(root, until)).woken) == ("firing", until)


def test_silence_begins_by_time_alone_and_is_a_banner_too(tmp_path: Path) -> None:
    put(tmp_path, 0, 0.0)
    root = Root(tmp_path)
    assert [one.class_name for one in look(root, START + DAY).alerts] == []
    assert not root.ages(START + DAY)
    assert root.ages(START + DAY + 1)
    silent = look(root, START + DAY + 1)
    assert [(one.policy_hash, one.class_name, one.state) for one in silent.alerts] == [(None, SILENCE, "firing")]
    assert [banner.code for banner in silent.banners] == ["silence"]
    put(tmp_path, 2000, 0.0)
    assert look(root, START + DAY + 600 * MINUTE).alerts == ()


def test_nothing_is_silent_while_the_first_scan_runs(tmp_path: Path) -> None:
    put(tmp_path, 0, 0.0)
    assert look(Root(tmp_path), START + 9 * DAY, phase="loading").alerts == ()


def test_a_root_that_is_away_has_no_data_and_no_silence(tmp_path: Path) -> None:
    incident(tmp_path)
    root = Root(tmp_path)
    assert alert(look(root, START + 50 * MINUTE)).state == "firing"
    away = look(root, START + 9 * DAY, phase="waiting")
    assert [one.state for one in away.alerts] == ["no data"]


def test_alerts_whose_runs_all_went_stay_without_data_until_their_policy_is_judged_again(tmp_path: Path) -> None:
    incident(tmp_path / "old")
    now = START + 50 * MINUTE
    stood = look(Root(tmp_path / "old"), now).alerts
    (tmp_path / "new").mkdir()
    root = Root(tmp_path / "new")
    root.standing.remember(stood)
    assert alert(look(root, now)).state == "no data"
    put(tmp_path / "new", 50, 0.0)
    assert look(root, now).alerts == ()


def test_an_alert_whose_spikes_went_stays_without_data_although_its_policy_keeps_older_runs(tmp_path: Path) -> None:
    incident(tmp_path / "old")
    now = START + 50 * MINUTE
    stood = look(Root(tmp_path / "old"), now).alerts
    for number in range(5):
        put(tmp_path / "new", number, 0.0)
    root = Root(tmp_path / "new")
    root.standing.remember(stood)
    assert alert(look(root, now)).state == "no data"
    put(tmp_path / "new", 48, 0.0)
    assert look(root, now).alerts == ()


def test_the_same_alerts_are_the_same_object(tmp_path: Path) -> None:
    incident(tmp_path)
    root = Root(tmp_path)
    now = START + 50 * MINUTE
    first = look(root, now)
    put(tmp_path, 48, 0.0, policy="another")
    second = look(root, now)
    assert second.policies != first.policies
    assert second.alerts is first.alerts
