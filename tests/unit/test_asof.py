"""A Snapshot as of a time: what a root cut off there would show (rules 2.3)."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateconsole.engine.as_of import acts_until, as_of, runs_until, undated
from gateconsole.engine.engine import Options, read_once
from gateconsole.engine.root_state import Root
from gateconsole.engine.series import Series
from gateconsole.judgement import operator_acts
from gateconsole.judgement.alerts import SILENCE, Alert
from gateconsole.judgement.limits import ReadinessLimits
from gateconsole.judgement.rules import SpikeRules
from gateconsole.judgement.spikes import judged_runs
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.location import default_ledger
from gateconsole.ledger.store import Ledger
from gateconsole.model import Run
from gateconsole.rows.judgement import judgement_of
from gateconsole.rows.sorts import RunRow
from gateconsole.snapshot import EMPTY, Snapshot
from gateconsole.statistics.judging_order import JudgingOrder
from gateconsole.statistics.runs_frame import rows_of

START = 1_772_000_000_000_000
MINUTE = 60_000_000
NIGHT = 40


def at(minute: int) -> int:
    return START + minute * MINUTE


def put(root: Path, name: str, minute: int | None, rate: float, **fields: object) -> None:
    """One artifact; without a minute it has no timestamp."""
    document: dict[str, object] = {"policy_hash": "p", "outcome": "COMMENT", "unknown_rate": rate, "top_reasons": ["x"]}
    if minute is not None:
        document["timestamp"] = datetime.fromtimestamp(at(minute) / 1e6, UTC).isoformat()
    (root / name).mkdir(parents=True)
    (root / name / "gate_result.json").write_text(json.dumps(document | fields))


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """45 quiet runs, a minute apart, then three spikes, then quiet runs until it is over."""
    root = tmp_path / "root"
    for minute in range(60):
        put(root, f"run-{minute}", minute, 0.5 if 45 <= minute < 48 else 0.02)
    return root


def truncated(root: Path, minute: int, to: Path) -> Path:
    """A copy of the root without the artifacts stamped later."""
    shutil.copytree(root, to)
    for path in list(to.glob("**/gate_result.json")):
        stamp = json.loads(path.read_text()).get("timestamp")
        if stamp is not None and datetime.fromisoformat(stamp).timestamp() * 1e6 > at(minute):
            shutil.rmtree(path.parent)
    return to


def look(root: Path) -> Snapshot:
    return read_once(Options(root))


def alert(snapshot: Snapshot, name: str = "x") -> Alert:
    return next(one for one in snapshot.alerts if one.class_name == name)


def ledger(root: Path) -> Ledger:
    return Ledger.for_writing(default_ledger(root))


def told(snapshot: Snapshot) -> object:
    """Everything of a Snapshot that has a place in time."""
    assert snapshot.runs is not None
    policies = [
        (one.policy_hash, one.whole, one.strata, one.classes.rows(), one.recent, one.newest)
        for one in snapshot.policies
    ]
    spikes = {name: (one.n_valid, one.cut, one.spikes(), dict(one.tracks)) for name, one in snapshot.spikes.items()}
    return policies, spikes, snapshot.alerts, snapshot.newest, snapshot.taken_at, snapshot.banners


@pytest.mark.parametrize("minute", [0, 30, 46, 47, 52, 59])
def test_it_shows_what_a_truncated_root_shows(night: Path, tmp_path: Path, minute: int) -> None:
    short = look(truncated(night, minute, tmp_path / "short"))
    assert told(as_of(look(night), at(minute), operator_acts.NONE)) == told(
        as_of(short, at(minute), operator_acts.NONE)
    )


def test_the_alert_of_the_night_fires_then_and_is_over_now(night: Path) -> None:
    now = look(night)
    assert alert(as_of(now, at(47), operator_acts.NONE)).state == "firing"
    assert alert(as_of(now, at(46), operator_acts.NONE)).state == "pending"
    assert alert(as_of(now, at(59), operator_acts.NONE)).state == "resolved"


def test_a_run_stamped_exactly_then_counts(night: Path) -> None:
    assert [policy.whole.n for policy in as_of(look(night), at(10), operator_acts.NONE).policies] == [11]
    assert [policy.whole.n for policy in as_of(look(night), at(10) - 1, operator_acts.NONE).policies] == [10]


def test_a_run_without_a_timestamp_is_there_at_every_time_and_told(night: Path) -> None:
    put(night, "undated", None, 0.9)
    now = look(night)
    assert undated(now) == 1
    for time, n in ((at(59), 61), (at(9), 11), (now.taken_at, 61)):
        (policy,) = as_of(now, time, operator_acts.NONE).policies
        assert (policy.whole.n, policy.not_judged) == (n, 1)
    assert as_of(now, at(59), operator_acts.NONE).spikes["p"].n_valid == 60


def test_the_duplicate_that_lost_later_stands_then(night: Path) -> None:
    put(night, "early", 5, 0.03, run_id="twice")
    put(night, "late", 50, 0.04, run_id="twice")
    now = look(night)
    assert now.completeness.duplicate == 1
    assert now.runs is not None
    for minute, rate in ((49, 0.03), (50, 0.04)):
        then = runs_until(now.runs, at(minute))().filter(pl.col("run_id") == "twice")
        assert then["unknown_rate"].to_list() == [rate]


def test_acts_count_from_their_time_on_and_an_undone_one_until_it_was_undone(night: Path) -> None:
    now = look(night)
    firing, spikes = as_of(now, at(47), operator_acts.NONE), now.spikes["p"]
    last_run = as_of(now, at(47), operator_acts.NONE).spikes["p"].last_run
    assert last_run is not None
    assert spikes.last_run != last_run
    event = operator_acts.acknowledge(ledger(night), alert(firing), last_run, Actor(at(48), "mika"))
    operator_acts.undo(ledger(night), event, Actor(at(50), "mika"))
    states = []
    for minute in (47, 48, 49, 50):
        held = acts_until(default_ledger(night), at(minute))
        states.append(alert(as_of(now, at(minute), held)).state)
    assert states == ["firing", "acknowledged", "acknowledged", "firing"]


def test_a_level_adopted_later_does_not_count_before(night: Path) -> None:
    now = look(night)
    then = as_of(now, at(47), operator_acts.NONE)
    last_run = then.spikes["p"].last_run
    assert last_run is not None
    operator_acts.adopt(ledger(night), alert(then), last_run, Actor(at(50), "mika"))
    file = default_ledger(night)
    assert (
        as_of(now, at(49), acts_until(file, at(49))).spikes["p"].cut
        == as_of(now, at(49), operator_acts.NONE).spikes["p"].cut
    )
    assert as_of(now, at(50), acts_until(file, at(50))).spikes["p"].cut.cut == 0.5


def test_without_a_ledger_nobody_did_anything(tmp_path: Path) -> None:
    assert acts_until(default_ledger(tmp_path), at(0)) is operator_acts.NONE


def test_the_whitelist_is_todays(night: Path) -> None:
    (night / "unknown_whitelist.json").write_text('["x"]')
    assert alert(as_of(look(night), at(47), operator_acts.NONE)).listed


def test_silence_is_that_of_then(night: Path) -> None:
    now = look(night)
    assert [banner.code for banner in now.banners] == ["silence"]
    assert [banner.code for banner in as_of(now, at(60), operator_acts.NONE).banners] == []
    later = as_of(now, at(60 * 48), operator_acts.NONE)
    assert (alert(later, SILENCE).since, later.banners[0].code) == (at(59), "silence")


def test_before_the_first_run_there_is_nothing(night: Path) -> None:
    nothing = as_of(look(night), at(-1), operator_acts.NONE)
    assert (nothing.policies, nothing.newest) == ((), None)
    assert [(alert.class_name, alert.rule) for alert in nothing.alerts] == [("(silence)", "no run yet")]


def test_a_snapshot_that_holds_no_runs_is_refused() -> None:
    with pytest.raises(ValueError, match="holds no runs"):
        as_of(EMPTY, 0, operator_acts.NONE)


RUN = st.tuples(st.sampled_from(["a", "b", "c"]), st.none() | st.integers(0, 5), st.sampled_from([0.0, 0.02, 0.3]))


@given(st.lists(RUN, max_size=12), st.integers(0, 5))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_runs_of_then_are_those_a_series_of_then_would_hold(
    runs: list[tuple[str, int | None, float]], minute: int
) -> None:
    now, then = Series(), Series()
    for file, (name, stamp, rate) in enumerate(runs):
        run = Run(name, None if stamp is None else at(stamp), "p", "WARN", rate, (), None)
        now.put(file, f"f{file}", run)
        if stamp is None or stamp <= minute:
            then.put(file, f"f{file}", run)
    now.settle(at(9))
    then.settle(at(9))
    assert runs_until(now.runs(), at(minute))().sort("folder").rows() == then.runs()().sort("folder").rows()


STAMPS = st.none() | st.integers(0, 90)


@given(
    st.lists(st.tuples(st.sampled_from("pq"), STAMPS, st.none() | st.sampled_from([0.0, 0.02, 0.5])), max_size=40),
    st.lists(st.integers(0, 60), min_size=1, max_size=4),
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_live_is_always_as_of_now(runs: list[tuple[str, int | None, float | None]], clock: list[int]) -> None:
    """Runs come in the slices between the looks, with times before, at and ahead of the clock, or without one.

    The clock may be set back between two looks.
    """
    root = Root(Path("/nowhere"), yardstick=ReadinessLimits(SpikeRules(window=12, at_least=6, resolve_after=4)))
    root.series.keep_recent(at(clock[0]), charts=True)
    root.series.keep_judging()
    for look_number, minute in enumerate(clock):
        for file in range(look_number, len(runs), len(clock)):
            policy, stamp, rate = runs[file]
            time = None if stamp is None else at(stamp)
            root.series.put(file, f"f{file}", Run(f"run-{file % 30}", time, policy, "WARN", rate, ("x",), None))
        root.settle(at(minute))
        for _ in root.judge(partial(at, minute)):
            continue
        live = root.snapshot(generation=1, phase="live", mode="one scan", banners=(), now=at(minute))
        assert told(live) == told(as_of(live, at(minute), operator_acts.NONE))


def test_calm_runs_ahead_of_the_clock_or_of_another_zone_resolve_nothing(night: Path) -> None:
    firing = as_of(look(night), at(47), operator_acts.NONE)
    assert alert(firing).state == "firing"
    for number in range(10):
        put(night, f"ahead-{number}", 24 * 60 + 60 + number, 0.02)
    assert alert(as_of(look(night), at(47), operator_acts.NONE)).state == "firing"


def test_calm_runs_stamped_with_a_blank_before_the_offset_take_their_place_in_time(tmp_path: Path) -> None:
    """Undated they would come last, and ten of them would resolve whatever fires."""
    for minute in range(45):
        put(tmp_path, f"run-{minute}", minute, 0.02)
    for minute in range(45, 48):
        put(tmp_path, f"run-{minute}", minute, 0.5)
    for minute in range(10):
        stamp = datetime.fromtimestamp(at(minute) / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%S +0000")
        put(tmp_path, f"calm-{minute}", None, 0.02, timestamp=stamp)
    assert alert(look(tmp_path)).state == "firing"
    for minute in range(10):
        put(tmp_path, f"undated-{minute}", None, 0.02)
        put(tmp_path, f"odd-{minute}", None, 0.02, timestamp="yesterday")
    now = look(tmp_path)
    assert alert(now).state == "firing"
    assert now.policies[0].not_judged == 20


def test_the_rule_of_each_run_is_that_of_the_judging_order_also_by_run_id_and_none_for_what_is_not_judged(
    tmp_path: Path,
) -> None:
    for minute in range(60):
        put(
            tmp_path,
            f"p/run-{minute}",
            minute if minute % 5 == 0 else None,
            0.5 if minute > 50 else 0.001 * (minute % 9),
        )
        put(tmp_path, f"q/run-{minute}", None if minute % 5 == 0 else minute, 0.001 * (minute % 9), policy_hash="q")
    now = look(tmp_path)
    assert now.runs is not None
    order = JudgingOrder.of(now.runs(), now.taken_at)
    assert (order.by_id("p"), order.by_id("q")) == (True, False)
    for policy in "pq":
        runs = now.runs().filter(pl.col("policy_hash") == policy)
        cold = judged_runs(order.judged(runs))
        rules = dict(zip(cold["folder"], cold["rule"], strict=True))
        assert cold.height == (60 if policy == "p" else 48)
        for row in rows_of(runs):
            named = RunRow(*row[:5], (), row[6], row[7], "none", (), ())
            found = judgement_of(now, named)
            assert found is not None
            expected = (rules[row[7]], "") if row[7] in rules else (None, "not judged: no time")
            assert (found.rule, found.unjudged) == expected
