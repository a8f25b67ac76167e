"""Alert states: rules G18, G22, G28 from runs, acts and one clock reading."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateconsole.engine.alert_evaluator import overdue
from gateconsole.judgement.alerts import (
    SILENCE,
    Acknowledgement,
    Alert,
    AlertContext,
    AlertInputs,
    LevelAdoption,
    OperatorAct,
    Snoozed,
    adoptions,
    alert_context,
    alerts,
    silence,
)
from gateconsole.judgement.episodes import RunRef
from gateconsole.judgement.judge import Judge
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.judgement.silence import DAY, LEAST_SILENCE, MINUTE, RunGaps, RunPulse
from gateconsole.judgement.spikes import judge_policies
from gateconsole.model import EMPTY, Entry, Stratum, Whitelist
from gateconsole.statistics.runs_frame import Row, frame_of, with_run_ids
from gateconsole.text import join_list

START = 1_772_323_200_000_000
NOW = START + DAY
QUIET = [0.02] * 45


def row(
    number: int,
    rate: float | None,
    outcome: str = "COMMENT",
    reasons: Sequence[str] = ("x",),
    policy: str = "p",
    stratum: Stratum | None = "pinned",
) -> Row:
    moment = START + number * MINUTE
    return f"run-{number}", moment, policy, outcome, rate, join_list(list(reasons)), stratum, f"f{number}"


def ref(number: int) -> RunRef:
    return RunRef(f"run-{number}", START + number * MINUTE, "pinned", f"f{number}")


def series(rates: Sequence[float], outcomes: dict[int, str] | None = None) -> list[Row]:
    return [row(at, rate, (outcomes or {}).get(at, "COMMENT")) for at, rate in enumerate([*QUIET, *rates])]


def judge(rows: list[Row], acts: Sequence[OperatorAct] = ()) -> dict[str, PolicySpikes]:
    pairs = [(policy, one) for policy, found in adoptions(acts).items() for one in found]
    return judge_policies(with_run_ids(frame_of(rows)), adoptions=pairs)


def one(rows: list[Row], acts: Sequence[OperatorAct] = (), whitelist: Whitelist = EMPTY, now: int = NOW) -> Alert:
    """The only alert there is after the quiet start."""
    (found,) = alerts(judge(rows, acts), acts, whitelist, now)
    return found


def ack(rows: list[Row], at: int, acts: Sequence[OperatorAct] = ()) -> Acknowledgement:
    """An acknowledgement by mika when the runs up to this one were there."""
    return Acknowledgement("p", "x", "mika", NOW, seen_at(rows, at, acts))


def seen_at(rows: list[Row], at: int, acts: Sequence[OperatorAct] = ()) -> AlertContext:
    return alert_context(one(rows[: at + 1], acts), ref(at))


FIRING = [0.5, 0.5, 0.5]


def test_one_or_two_spikes_are_pending_three_fire_ten_quiet_runs_resolve() -> None:
    assert one(series([0.5])).state == "pending"
    assert one(series([0.5, 0.5])).state == "pending"
    assert one(series(FIRING)).state == "firing"
    assert one(series([*FIRING, *[0.02] * 9])).state == "firing"
    assert one(series([*FIRING, *[0.02] * 10])).state == "resolved"


def test_an_alert_names_rule_cut_peak_spikes_and_runs() -> None:
    found = one(series([0.5, 0.7, 0.6], {46: "FAIL"}))
    assert (found.rule, found.cut, found.peak, found.spikes, found.fails) == ("p95 of 47", 0.02, 0.7, 43, 1)
    assert found.last_run == ref(47)


def test_under_fixed_it_is_provisional_and_not_loud() -> None:
    found = one([row(at, 0.5) for at in range(3)])
    assert (found.state, found.provisional, found.loud, found.rule) == ("firing", True, False, "fixed 0.01")
    assert one(series(FIRING)).loud


def test_it_is_listed_only_when_every_spike_is_in_its_own_stratum() -> None:
    rows = series([])
    rows += [row(45, 0.5, stratum="pinned"), row(46, 0.5, stratum="unpinned"), row(47, 0.5, stratum=None)]
    pinned, unpinned = Entry("x", scope="pinned"), Entry("x", scope="unpinned")
    assert not one(rows, whitelist=Whitelist((pinned,))).listed
    assert not one(rows, whitelist=Whitelist((pinned, unpinned))).listed
    listed = one(rows, whitelist=Whitelist((Entry("x"),)))
    assert (listed.listed, listed.loud, listed.state) == (True, False, "firing")
    assert one(rows[:46], whitelist=Whitelist((pinned,))).listed


def test_an_acknowledged_alert_says_by_whom_and_is_quiet() -> None:
    rows = series([*FIRING, 0.5, 0.5])
    found = one(rows, [ack(rows, 47)])
    assert (found.state, found.actor, found.loud) == ("acknowledged", "mika", False)


@pytest.mark.parametrize(
    ("seen", "later", "state"),
    [
        ("COMMENT", "COMMENT", "acknowledged"),
        ("COMMENT", "PASS", "acknowledged"),
        ("COMMENT", "WARN", "firing"),
        ("REVIEW", "WARN", "acknowledged"),
        ("REVIEW", "FAIL", "firing"),
        ("FAIL", "FAIL", "firing"),
        ("BLOCK", "FAIL", "firing"),
        ("COMMENT", "SKIPPED", "acknowledged"),
    ],
)
def test_a_later_spike_with_a_fail_signal_or_worse_than_any_seen_breaks_it(seen: str, later: str, state: str) -> None:
    rows = series([*FIRING, 0.02, 0.5], {46: seen, 49: later})
    found = one(rows, [ack(rows, 48)])
    assert found.state == state
    assert found.broken_by == (ref(49) if state == "firing" else None)


def test_a_fail_without_a_spike_or_of_another_class_does_not_break_it() -> None:
    rows = series(FIRING)
    rows += [row(48, 0.02, "FAIL"), row(49, 0.5, "FAIL", ("y",))]
    found = {alert.class_name: alert for alert in alerts(judge(rows), [ack(rows, 47)], EMPTY, NOW)}
    assert found["x"].state == "acknowledged"


def test_a_worse_spike_that_came_late_breaks_it_although_it_stands_before_what_was_seen() -> None:
    rows = series([*FIRING, 0.5])
    act = ack(rows, 48)
    late: Row = ("late", START + 46 * MINUTE + 1, "p", "FAIL", 0.5, "x", "pinned", "late")
    assert one([*rows, late], [act]).state == "firing"


def test_a_broken_act_is_another_occasion_to_tell_and_a_new_act_holds() -> None:
    rows = series([*FIRING, 0.02, 0.5], {49: "FAIL"})
    first = ack(rows, 47)
    before, broken = one(rows[:48], [first]), one(rows, [first])
    assert before.occasion != broken.occasion
    assert one(rows, [first, ack(rows, 49, [first])]).state == "acknowledged"


@pytest.mark.parametrize("breaking", ["FAIL", "REVIEW"])
def test_what_follows_the_spike_that_broke_an_act_is_no_further_occasion(breaking: str) -> None:
    rows = series([*FIRING, 0.5, 0.5, 0.5, 0.5], {49: breaking, 50: "FAIL", 51: "BLOCK"})
    act = ack(rows, 48)
    told = {one(rows[:end], [act]).occasion for end in (50, 51, 52)}
    assert told == {("p", "x", "broken", "run-49", "pinned")}


def test_a_snooze_is_acknowledged_until_then() -> None:
    rows = series(FIRING)
    snooze = Snoozed("p", "x", "mika", NOW, seen_at(rows, 47), NOW + 10)
    asleep, awake = one(rows, [snooze], now=NOW + 9), one(rows, [snooze], now=NOW + 10)
    assert (asleep.state, asleep.until) == ("acknowledged", NOW + 10)
    assert (awake.state, awake.woken) == ("firing", NOW + 10)
    assert asleep.occasion != awake.occasion


def test_the_last_act_counts() -> None:
    rows = series(FIRING)
    snooze = Snoozed("p", "x", "mika", NOW, seen_at(rows, 47), NOW)
    assert one(rows, [snooze, ack(rows, 47)]).state == "acknowledged"
    assert one(rows, [ack(rows, 47), snooze]).state == "firing"


def test_an_act_is_over_with_its_episode() -> None:
    rows = series([*FIRING, *[0.02] * 10, *FIRING])
    assert one(rows, [ack(rows, 47)]).state == "firing"


def test_an_adopted_level_ends_the_episode() -> None:
    rows = series([0.5] * 20)
    act = LevelAdoption("p", "x", "mika", NOW, seen_at(rows, 64))
    found = one(rows, [act])
    assert found.state == "resolved"
    assert found.episode is not None
    assert found.episode.end == "adopted"


def test_only_while_the_root_is_away_an_alert_has_no_data() -> None:
    policies = judge(series(FIRING))
    (away,) = alerts(policies, [], EMPTY, NOW, away=True)
    (there,) = alerts(policies, [], EMPTY, NOW)
    assert (away.state, away.loud, there.state) == ("no data", False, "firing")
    (over,) = alerts(judge(series([*FIRING, *[0.02] * 10])), [], EMPTY, NOW, away=True)
    assert over.state == "resolved"


def test_a_policy_without_a_run_for_long_says_so_and_goes_on_firing() -> None:
    policies = judge(series(FIRING))
    (late,) = alerts(policies, [], EMPTY, NOW, overdue={"p": NOW - DAY})
    assert (late.state, late.loud, late.no_run_since) == ("firing", True, NOW - DAY)
    (acked,) = alerts(policies, [ack(series(FIRING), 47)], EMPTY, NOW, overdue={"p": NOW - DAY})
    assert (acked.state, acked.no_run_since) == ("acknowledged", NOW - DAY)
    (over,) = alerts(judge(series([*FIRING, *[0.02] * 10])), [], EMPTY, NOW, overdue={"p": NOW - DAY})
    assert (over.state, over.no_run_since) == ("resolved", None)


def test_what_is_found_of_a_policy_is_found_anew_when_its_runs_stay_away() -> None:
    policies, found = judge(series(FIRING)), dict[str, AlertInputs]()
    for late in ({}, {"p": NOW - DAY}, {}):
        (alert,) = alerts(policies, [], EMPTY, NOW, overdue=late, found_last=found)
        assert alert.no_run_since == late.get("p")


def test_runs_of_other_policies_and_days_hide_no_firing_alert() -> None:
    """One of 60 policies burns, its newest run 9 minutes before forty runs of others."""
    others = [row(60 + at, 0.0, policy=f"q{at}") for at in range(59)]
    rows = [*series(FIRING), *others]
    runs = with_run_ids(frame_of(rows))
    for now in (NOW, NOW + DAY, NOW + 400 * DAY):
        pulse = RunPulse.of(runs, now)
        late = overdue(judge(rows), pulse, now)
        (alert,) = alerts(judge(rows), [], EMPTY, now, overdue=late)
        assert (alert.key, alert.state) == (("p", "x"), "firing")
        assert alert.no_run_since == (None if now == NOW else START + 47 * MINUTE)


def test_firing_alerts_come_first_then_by_policy_and_class() -> None:
    rows = [row(at, 0.5, policy=policy, reasons=why) for policy in "qp" for at in range(3) for why in [("y", "x")]]
    rows += [row(9, 0.5, policy="a")]
    found = alerts(judge(rows), [], EMPTY, NOW)
    assert [(alert.state, *alert.key) for alert in found] == [
        ("firing", "p", "x"), ("firing", "p", "y"), ("firing", "q", "x"), ("firing", "q", "y"), ("pending", "a", "x"),
    ]  # fmt: skip


def test_of_the_firing_alerts_those_that_call_somebody_come_first() -> None:
    rows = [row(at, 0.005, policy="z") for at in range(40)]
    rows += [row(at, 0.5, policy=policy, reasons=("x", "w")) for policy in "az" for at in range(40, 43)]
    whitelist = Whitelist((Entry("w", "known"),))
    found = alerts(judge(rows), [], whitelist, NOW)
    assert [(alert.loud, *alert.key) for alert in found] == [
        (True, "z", "x"), (False, "a", "w"), (False, "a", "x"), (False, "z", "w"),
    ]  # fmt: skip


# Silence.


def test_no_run_for_longer_than_the_root_is_used_to_is_a_row_of_its_own() -> None:
    beat = RunGaps(NOW, 4 * 60 * MINUTE, days_held=True)
    assert silence(beat, NOW + 6 * 60 * MINUTE) is None
    found = silence(beat, NOW + 6 * 60 * MINUTE + 1)
    assert found is not None
    assert (found.key, found.state, found.since, found.loud) == ((None, SILENCE), "firing", NOW, True)
    assert found.rule == "no run for over 6.0 h"
    assert alerts({}, [], EMPTY, NOW, rows=[found]) == (found,)


def test_half_an_hour_is_never_a_silence_and_a_young_root_may_rest_a_day() -> None:
    assert RunGaps(NOW, MINUTE, days_held=True).limit == LEAST_SILENCE
    assert RunGaps(NOW, 30 * DAY, days_held=False).limit == DAY
    assert silence(RunGaps(NOW, 0, days_held=False), NOW + 2 * MINUTE, limit=MINUTE) is not None
    never = silence(None, NOW)
    assert never is not None
    assert (never.key, never.state, never.rule, never.since) == ((None, SILENCE), "firing", "no run yet", None)


def test_the_pulse_is_the_longest_gap_of_the_last_seven_days() -> None:
    hours = [0, 1, 50, 51, 53, 24 * 8, 24 * 8 + 1]
    rows = [row(60 * hour, 0.0) for hour in hours]
    newest = START + hours[-1] * 60 * MINUTE
    beat = RunPulse.of(with_run_ids(frame_of(rows)), newest).heartbeat(newest)
    assert beat == RunGaps(newest, (24 * 8 - 53) * 60 * MINUTE, days_held=True)
    young = RunPulse.of(with_run_ids(frame_of(rows[:5])), newest).heartbeat(newest)
    assert young == RunGaps(START + 53 * 60 * MINUTE, 49 * 60 * MINUTE, days_held=False)


def test_without_timestamps_the_newest_arrival_of_the_session_counts() -> None:
    undated = [(*row(at, 0.0)[:1], None, *row(at, 0.0)[2:]) for at in range(3)]
    pulse = RunPulse.of(with_run_ids(frame_of(undated)), NOW)
    assert pulse.heartbeat(NOW + DAY) == RunGaps(NOW, 0, days_held=False)
    assert silence(pulse.heartbeat(NOW + DAY), NOW + DAY) is None
    assert silence(pulse.heartbeat(NOW + DAY), NOW + DAY + 1) is not None
    assert pulse.policy_heartbeat("p", NOW) is None
    pulse.take_back(with_run_ids(frame_of(undated)))
    assert pulse.heartbeat(NOW) is None


def test_a_run_ahead_of_the_clock_is_neither_newest_nor_last_until_its_time_comes() -> None:
    ahead = row(2 * 24 * 60, 0.0, policy="q")
    pulse = RunPulse.of(with_run_ids(frame_of([row(1, 0.0), ahead])), NOW)
    assert pulse.heartbeat(NOW) == pulse.policy_heartbeat("p", NOW) == RunGaps(START + MINUTE, 0, days_held=False)
    assert pulse.policy_heartbeat("q", NOW) is None
    later = START + 2 * DAY
    beat = pulse.policy_heartbeat("q", later)
    assert beat is not None
    assert beat.newest == later
    beat = pulse.heartbeat(later)
    assert beat is not None
    assert beat.newest == later


def test_a_newest_run_that_goes_with_an_older_one_is_not_remembered() -> None:
    minutes = [0, 1, 2, 30, 31, 32]
    held = [row(minute, 0.0) for minute in minutes] + [row(60 + at, 0.0) for at in range(45)]
    pulse = RunPulse.of(with_run_ids(frame_of(held)), NOW)
    gone = [held[-1], held[1]]  # the newest, and one inside its ten minutes
    pulse.take_back(with_run_ids(frame_of(gone)))
    left = RunPulse.of(with_run_ids(frame_of([one for one in held if one not in gone])), NOW)
    assert pulse.stale or pulse.heartbeat(NOW) == left.heartbeat(NOW)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_the_pulse_after_any_coming_and_going_is_that_of_the_runs_left(seed: int) -> None:
    chance = random.Random(seed)
    held: dict[int, Row] = {}
    pulse = RunPulse()
    for _ in range(30):
        number = chance.choice([chance.randint(0, 90), chance.randint(0, 15 * 24 * 60), chance.randint(0, 3) * 9000])
        if number in held:
            pulse.take_back(with_run_ids(frame_of([held.pop(number)])))
        else:
            held[number] = row(number, 0.0, policy=chance.choice("pqrs"))
            pulse.add(with_run_ids(frame_of([held[number]])), NOW)
        if pulse.stale:
            pulse = RunPulse.of(with_run_ids(frame_of(list(held.values()))), NOW)
    many = RunPulse.of(with_run_ids(frame_of([*held.values()] * 30)), NOW)  # so many that they are counted in bulk
    for now in (NOW, NOW + 40 * DAY):
        expected = naive_heartbeat(held.values(), now)
        assert of_matter(pulse.heartbeat(now)) == of_matter(many.heartbeat(now)) == of_matter(expected)
        for policy in "pqrs":
            expected = naive_heartbeat([run for run in held.values() if run[2] == policy], now)
            assert of_matter(pulse.policy_heartbeat(policy, now)) == of_matter(expected)
            assert of_matter(many.policy_heartbeat(policy, now)) == of_matter(expected)


def of_matter(beat: RunGaps | None) -> tuple[int, int] | None:
    """Gaps of less than 20 minutes do not matter, and the pulse may not know them."""
    return None if beat is None else (beat.newest, beat.limit)


def naive_heartbeat(rows: Iterable[Row], now: int) -> RunGaps | None:
    """Row 28, said naively."""
    times = sorted(run[1] for run in rows if run[1] is not None and run[1] <= now + 5 * MINUTE)
    if not times:
        return None
    since = times[-1] - 7 * DAY
    gaps = [late - early for early, late in pairwise(times) if late > since]
    return RunGaps(times[-1], max(gaps, default=0), times[0] <= since)


# A pure function: no order of arrival shows.


def some_rows(chance: random.Random) -> list[Row]:
    rates: list[float] = []
    while len(rates) < 90:
        rates += [chance.choice([0.02, 0.02, 0.021, 0.5, 0.3])] * chance.randint(1, 8)
    words, classes = ["PASS", "COMMENT", "WARN", "FAIL"], [("x",), ("y",), ("x", "y")]
    return [row(at, rate, chance.choice(words), chance.choice(classes)) for at, rate in enumerate(rates)]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_any_order_of_arrival_gives_the_same_alerts(seed: int) -> None:
    chance = random.Random(seed)
    rows = some_rows(chance)
    acts: list[OperatorAct] = []
    for _ in range(chance.randint(0, 4)):
        kind, at = chance.choice([Acknowledgement, LevelAdoption]), chance.randint(40, 89)
        seen = AlertContext(3, 0.5, chance.choice(["PASS", "WARN", "FAIL"]), ref(at))
        acts.append(kind("p", chance.choice("xy"), "mika", NOW, seen))
    expected = alerts(judge(rows, acts), acts, EMPTY, NOW)
    arrived = Judge()
    shuffled = chance.sample(rows, len(rows))
    for at in range(0, len(rows), 7):
        arrived.take(with_run_ids(frame_of(shuffled[at : at + 7])), with_run_ids(frame_of([])))
        if chance.random() < 0.3:
            arrived.adopt(adoptions(acts))
    arrived.adopt(adoptions(acts))
    for _ in arrived.catch_up(lambda: with_run_ids(frame_of(rows))):
        continue
    assert alerts(arrived.policies(), acts, EMPTY, NOW) == expected
