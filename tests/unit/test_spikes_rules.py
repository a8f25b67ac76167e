"""Each edge of rules G20-G22 by hand, and the rule simulated: in control it stays calm, in an incident it holds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import NamedTuple

import pytest

from gateconsole.judgement.episodes import Adoption, Episode
from gateconsole.judgement.late_runs import place_runs
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.judgement.rules import DEFAULT, UNATTRIBUTED, SpikeRules, parse_statistic
from gateconsole.judgement.spike_detector import SpikeDetector
from gateconsole.judgement.spikes import frame_of_spikes, judge_policies, judge_policy, judged_runs
from gateconsole.statistics.recent_runs import order_key
from gateconsole.statistics.runs_frame import Row, frame_of, with_run_ids
from gateconsole.text import join_list

MINUTE = 60_000_000
START = 1_772_323_200_000_000


def row(number: int, rate: float | None, reasons: Iterable[str] = ("x",), policy: str = "p") -> Row:
    moment = START + number * MINUTE
    return f"run-{number}", moment, policy, "COMMENT", rate, join_list(list(reasons)), "pinned", f"f{number}"


def judge(rates: Iterable[float | None], rules: SpikeRules = DEFAULT, adopted: Iterable[int] = ()) -> PolicySpikes:
    rows = [row(number, rate) for number, rate in enumerate(rates)]
    return judge_policy(with_run_ids(frame_of(rows)), rules, [Adoption(order_key(row(at, 0.0)), "x") for at in adopted])


def cuts(
    rates: Iterable[float | None], rules: SpikeRules = DEFAULT
) -> list[tuple[float | None, str | None, bool | None]]:
    found = judged_runs(with_run_ids(frame_of([row(number, rate) for number, rate in enumerate(rates)])), rules)
    return found.select("cut", "rule", "spike").rows()


def spikes(policy: PolicySpikes) -> list[int]:
    return [spike.number for spike in policy.spikes()]


def episode(policy: PolicySpikes, name: str = "x") -> Episode:
    found = policy.tracks[name].episode
    assert found is not None
    return found


def quiet(n: int) -> list[float]:
    """In control, below any cut of itself: 0.020 .. 0.029 in turn."""
    return [round(0.02 + at % 10 / 1000, 3) for at in range(n)]


# Row 20: the cut.


def test_the_first_40_valid_runs_are_held_against_the_fixed_cut_and_the_41st_against_the_p95_of_40() -> None:
    found = cuts([*quiet(38), 0.5, 0.4, 0.3])
    assert {line[:2] for line in found[:40]} == {(0.01, "fixed 0.01")}
    assert found[40] == (0.029, "p95 of 40 = 0.0290", True)


def test_runs_without_a_rate_are_no_runs_of_the_baseline() -> None:
    found = cuts([0.02, None] * 40 + [0.02])
    assert found[1] == (None, None, None)
    assert found[78][1] == "fixed 0.01"
    assert found[80] == (0.02, "p95 of 40 = 0.0200", False)


def test_a_rate_at_exactly_the_cut_is_no_spike() -> None:
    assert spikes(judge([0.01, 0.010001])) == [1]
    assert [line[2] for line in cuts([*quiet(40), 0.029, 0.0291])[40:]] == [False, True]


def test_the_cut_is_never_below_the_floor_and_says_so() -> None:
    assert cuts([*[0.0] * 40, 0.01, 0.011])[41] == (0.01, "p95 of 41 = 0.0100 (floor)", True)


def test_the_baseline_is_the_last_200_runs() -> None:
    found = cuts([*[0.9] * 20, *quiet(190), 0.02])
    assert found[209][:2] == (0.9, "p95 of 200 = 0.9000")
    assert found[210][:2] == (0.029, "p95 of 200 = 0.0290")


def test_the_statistic_may_be_a_median_times_a_factor() -> None:
    assert parse_statistic("median*2.5") == ("median", "2.5")
    assert parse_statistic("p95")[0] == "p95"
    found = cuts([*[0.012, 0.03] * 20, 0.06], SpikeRules("median", "2.5"))
    assert found[40] == (0.0525, "2.5 x median of 40 = 0.0525", True)


@pytest.mark.parametrize("text", ["p96", "median", "median*0.5", "median*x", ""])
def test_another_statistic_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"median\*FACTOR"):
        parse_statistic(text)


@pytest.mark.parametrize("wrong", [{"at_least": 0}, {"at_least": 201}, {"fire_at": 6}, {"resolve_after": 0}])
def test_rules_that_contradict_themselves_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="was expected"):
        SpikeRules(**wrong)  # type: ignore[arg-type]


def test_one_run_and_no_run_are_judged_too() -> None:
    assert judge([]).n_valid == 0
    assert judge([None]).n_valid == 0
    assert spikes(judge([0.02])) == [0]


def test_a_spike_without_a_reason_is_unattributed() -> None:
    policy = judge_policy(with_run_ids(frame_of([row(at, 0.5, ()) for at in range(3)])))
    assert list(policy.tracks) == [UNATTRIBUTED]
    assert policy.tracks[UNATTRIBUTED].fired == 1


def test_policies_are_judged_apart() -> None:
    rows = [row(at, 0.5, policy="pq"[at % 2]) for at in range(5)]
    found = judge_policies(with_run_ids(frame_of(rows)))
    assert {name: policy.tracks["x"].fired for name, policy in found.items()} == {"p": 1, "q": 0}


# Row 21: recurring patterns.


def test_a_class_on_three_spikes_is_a_recurring_pattern() -> None:
    gap = [0.0] * 20
    assert judge([0.5, *gap, 0.5, *gap]).recurring() == ()
    policy = judge([0.5, *gap, 0.5, *gap, 0.5])
    assert [(name, track.spikes) for name, track in policy.recurring()] == [("x", 3)]


def test_spikes_come_as_a_frame_with_their_rule() -> None:
    found = frame_of_spikes([judge([*quiet(40), 0.5])]).tail(1)
    assert found.select("policy_hash", "run_id", "unknown_rate", "cut", "rule").row(0) == (
        "p", "run-40", 0.5, 0.029, "p95 of 40 = 0.0290",
    )  # fmt: skip
    assert found["classes"].to_list() == [["x"]]


# Row 22: firing and resolving.


@pytest.mark.parametrize(
    ("tail", "fired"),
    [([1, 1, 1], 1), ([1, 1], 0), ([1, 0, 1, 0, 1], 1), ([1, 0, 0, 1, 0, 1], 0), ([1, 1, 0, 0, 1], 1)],
)
def test_three_spikes_among_the_last_five_valid_runs_fire(tail: list[int], fired: int) -> None:
    assert judge([*quiet(50), *(0.5 * one for one in tail)]).tracks["x"].fired == 1 + fired


def test_it_resolves_after_ten_valid_runs_without_a_spike_of_the_class() -> None:
    firing = [*quiet(50), 0.5, 0.5, 0.5]
    assert episode(judge([*firing, *quiet(9)])).active
    assert episode(judge([*firing, None, *quiet(9)])).active
    over = episode(judge([*firing, *quiet(10)]))
    assert (over.active, over.end, over.spikes, over.provisional) == (False, "resolved", 3, False)


def test_a_spike_of_another_class_does_not_keep_it_firing() -> None:
    rows = [row(at, rate) for at, rate in enumerate([*quiet(50), 0.5, 0.5, 0.5])]
    rows += [row(60 + at, 0.5, ("y",)) for at in range(10)]
    policy = judge_policy(with_run_ids(frame_of(rows)))
    assert policy.active == {"y"}


def test_an_episode_under_fixed_is_provisional_and_ends_when_the_cut_leaves_fixed() -> None:
    assert episode(judge([0.05] * 40)).provisional
    assert episode(judge([0.05] * 40)).active
    over = episode(judge([0.05] * 41))
    assert (over.active, over.end) == (False, "left fixed")


def test_spikes_under_fixed_do_not_lead_to_an_episode_after_it() -> None:
    policy = judge([*[0.0] * 38, 0.02, 0.02, 0.05])
    assert spikes(policy) == [38, 39, 40]
    assert policy.tracks["x"].fired == 0
    assert {name: len(found) for name, found in policy.pending.items()} == {"x": 1}


def test_pending_spikes_are_those_among_the_last_five_runs() -> None:
    assert len(judge([*quiet(50), 0.5, 0.0, 0.5]).pending["x"]) == 2
    assert judge([*quiet(50), 0.5, *quiet(4)]).pending["x"]
    assert not judge([*quiet(50), 0.5, *quiet(5)]).pending


# Row 20: what an incident does to the cut.


def test_a_lasting_incident_keeps_firing_and_moves_the_cut_neither_up_nor_down() -> None:
    policy = judge([*quiet(250), *[0.2] * 1000])
    assert episode(policy).active
    assert episode(policy).spikes == 1000
    assert {spike.cut for spike in policy.spikes() if spike.number >= 253} == {0.029}


def test_the_next_incident_like_it_fires_again() -> None:
    policy = judge([*quiet(250), *[0.2] * 400, *quiet(50), *[0.2] * 3])
    assert policy.tracks["x"].fired == 3  # the first of them under fixed
    assert episode(policy).active


def test_under_a_median_a_lasting_incident_holds_too() -> None:
    policy = judge([*quiet(250), *[0.2] * 1000], SpikeRules("median", "3"))
    assert episode(policy).spikes == 1000


def test_a_spike_that_belongs_to_no_fired_episode_counts_as_it_is() -> None:
    rates = [*quiet(60), *[0.5, *quiet(9)] * 14]
    assert judge(rates).cut.cut == 0.5


def test_an_adopted_level_counts_as_it_is_and_ends_the_episode() -> None:
    incident = [*quiet(250), *[0.2] * 30]
    assert judge(incident).cut.cut == 0.029
    policy = judge(incident, adopted=[279])
    assert policy.cut.cut == 0.2
    assert (episode(policy).active, episode(policy).end) == (False, "adopted")
    assert judge([*incident, *[0.2] * 50], adopted=[279]).tracks["x"].fired == 2  # one under fixed, one adopted


def test_a_level_adopted_too_soon_fires_again() -> None:
    policy = judge([*quiet(250), *[0.2] * 20], adopted=[252])
    assert episode(policy).active
    assert episode(policy).fired.run_id == "run-255"


# The rule simulated.


class Watched(NamedTuple):
    """What happened over a series: firings, runs while firing, runs under fixed, whether the end is quiet."""

    fired: int
    firing: list[bool]
    fixed: int


def watch(rates: Iterable[float]) -> Watched:
    fold, firing, fixed = SpikeDetector("p"), [], 0
    for number, rate in enumerate(rates):
        fixed += not fold.append(place_runs(row(number, rate))).baseline
        firing.append(bool(fold.active))
    tracks = fold.product().tracks
    return Watched(tracks["x"].fired if tracks else 0, firing, fixed)


def step(chance: random.Random) -> float:
    return 0.03 + 0.02 * chance.random()


IN_CONTROL: dict[str, Callable[[random.Random], float]] = {
    "continuous": lambda chance: chance.random(),
    "exponential": lambda chance: min(1.0, chance.expovariate(30)),
    "around 0.03": lambda chance: abs(chance.gauss(0.03, 0.01)),
    "tight around 0.03": lambda chance: 0.03 + 1e-6 * chance.random(),
    "tight around 0.05": lambda chance: 0.05 + 1e-9 * chance.random(),
    "constant 0.03": lambda chance: 0.03,
    "constant 0.05": lambda chance: 0.05,
    "all zero": lambda chance: 0.0,
    "two levels, 2 %": lambda chance: 0.05 if chance.random() < 0.02 else 0.03,
    "two levels, 5 %": lambda chance: 0.05 if chance.random() < 0.05 else 0.03,
    "two levels, 8 %": lambda chance: 0.05 if chance.random() < 0.08 else 0.03,
    "two levels, half": lambda chance: 0.05 if chance.random() < 0.5 else 0.03,
    "zero and 0.05": lambda chance: 0.05 if chance.random() < 0.1 else 0.0,
}


@pytest.mark.parametrize("name", IN_CONTROL)
def test_in_control_it_fires_seldom_and_not_for_long(name: str) -> None:
    """13 in 10,000 and 3 % are the bounds over 100,000 runs; 10,000 runs may stray a little from what they aim at."""
    chance, n = random.Random(7), 10_000
    found = watch(IN_CONTROL[name](chance) for _ in range(n))
    assert found.fixed == 40
    assert found.fired <= 16
    assert sum(found.firing) <= 0.03 * n
    assert not all(found.firing[-150:])


@pytest.mark.parametrize("seed", range(5))
def test_a_step_is_seen_after_three_runs_and_fires_for_all_of_its_400(seed: int) -> None:
    chance = random.Random(seed)
    before, between = ([step(chance) for _ in range(n)] for n in (200, 250))
    found = watch([*before, *[0.2] * 400, *between, *[0.2] * 400]).firing
    assert not any(found[195:200])
    assert found[200:600] == [False] * 2 + [True] * 398
    assert found[850 : 850 + 400][2:] == [True] * 398
