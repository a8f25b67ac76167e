"""Cut, spikes and episodes: rules G20-G22 said naively, and the fold held against them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import NamedTuple

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateconsole.judgement import judge as judge_module
from gateconsole.judgement import late_runs as near_module
from gateconsole.judgement import spike_detector as fold_module
from gateconsole.judgement.episodes import Adoption, Episode
from gateconsole.judgement.judge import Judge
from gateconsole.judgement.late_runs import place_runs
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.judgement.rules import DEFAULT, UNATTRIBUTED, SpikeRules
from gateconsole.judgement.spikes import judge_policies, judge_policy, judged_runs
from gateconsole.statistics.policies import mean_of_two, p95_rank
from gateconsole.statistics.recent_runs import order_key
from gateconsole.statistics.runs_frame import Row, frame_of, with_run_ids
from gateconsole.text import join_list, split_list

MINUTE = 60_000_000
START = 1_772_323_200_000_000
SMALL = SpikeRules(window=12, at_least=4, fire_at=2, among=3, resolve_after=3)


def row(
    number: int, rate: float | None, reasons: tuple[str, ...] = ("x",), outcome: str = "COMMENT", policy: str = "p"
) -> Row:
    moment = START + number * MINUTE
    return f"run-{number}", moment, policy, outcome, rate, join_list(reasons), "pinned", f"f{number}"


def runs(rows: list[Row]) -> pl.DataFrame:
    return with_run_ids(frame_of(rows))


def series(rates: list[float], reasons: tuple[str, ...] = ("x",)) -> list[Row]:
    return [row(number, rate, reasons) for number, rate in enumerate(rates)]


def judge(rates: list[float], rules: SpikeRules = DEFAULT) -> PolicySpikes:
    return judge_policy(runs(series(rates)), rules)


def episode(policy: PolicySpikes, name: str = "x") -> Episode:
    found = policy.tracks[name].episode
    assert found is not None
    return found


class Naive(NamedTuple):
    """What the rows say of a series: cut of each run, its baseline's size, episodes as (class, fired, ended)."""

    cuts: list[float]
    baselines: list[int]
    spikes: list[int]
    episodes: list[tuple[str, int, int | None]]


def naive(rows: list[Row], rules: SpikeRules, adoptions: list[Adoption]) -> Naive:
    """Rows 20 and 22 by looking back over everything, run by run."""
    found = Naive([], [], [], [])
    value: list[float] = []
    rates = [r[4] or 0.0 for r in rows]
    active: dict[str, int] = {}
    barrier: dict[str, int] = {}
    levels: list[float] = []
    adopted, todo = 0, sorted(adoptions)
    classes = [split_list(r[5]) or (UNATTRIBUTED,) for r in rows]

    def end(name: str, at: int) -> None:
        position = active.pop(name)
        found.episodes[position] = (*found.episodes[position][:2], at)
        barrier[name] = at

    for i, rate in enumerate(rates):
        while todo and todo[0].place < order_key(rows[i]):
            name, todo = todo[0].class_name, todo[1:]
            value[:], adopted = rates[:i], i
            if name in active:
                end(name, i)
            barrier[name] = i
        cut = level = rules.floor
        window = sorted(value[-rules.window :])
        if i == rules.at_least:
            for name in list(active):
                end(name, i)
            barrier = dict.fromkeys({n for held in classes for n in held}, i) | {
                name: max(at, i) for name, at in barrier.items()
            }
        if i >= rules.at_least:
            if rules.statistic == "p95":
                cut = level = max(window[p95_rank(len(window)) - 1], rules.floor)
            else:
                level = mean_of_two(window[(len(window) - 1) // 2], window[len(window) // 2])
                cut = max(level * int(rules.factor), rules.floor)
        found.cuts.append(cut)
        levels.append(level)  # what a masked spike enters as
        found.baselines.append(len(window) if i >= rules.at_least else 0)
        value.append(rate)
        if rate > cut:
            found.spikes.append(i)
            for name in classes[i]:
                near = range(max(0, i + 1 - rules.among, barrier.get(name, 0)), i + 1)
                led = [j for j in near if j in found.spikes and name in classes[j]]
                if name not in active and len(led) >= rules.fire_at:
                    active[name] = len(found.episodes)
                    found.episodes.append((name, i, None))
                    for j in led:
                        if found.baselines[j] and j >= adopted:
                            value[j] = levels[j]
                elif name in active and found.baselines[i]:
                    value[i] = level
        for name in list(active):
            last = max(j for j in found.spikes if name in classes[j])
            if i - last >= rules.resolve_after:
                end(name, i + 1)
    return found


def summary(policy: PolicySpikes) -> dict[str, object]:
    """Everything a judgement says, comparable."""
    return {
        "n": (policy.n_valid, policy.n_fails, policy.n_spikes, policy.cut, policy.last_run),
        "tracks": dict(policy.tracks),
        "active": policy.active,
        "pending": dict(policy.pending),
        "spikes": policy.spikes(),
    }


_seeds = st.integers(0, 2**32)
_rules = st.sampled_from([SMALL, SpikeRules("median", "2", window=12, at_least=4, fire_at=2, among=3, resolve_after=3)])


def some_rates(chance: random.Random, n: int) -> list[float]:
    """A quiet level, incidents of some length, ties, zeros."""
    rates: list[float] = []
    while len(rates) < n:
        level, spread = chance.choice([(0.0, 0.0), (0.02, 0.02), (0.02, 0.02), (0.03, 0.0), (0.2, 0.0), (0.1, 0.2)])
        rates += [round(level + spread * chance.random(), 3) for _ in range(chance.randint(1, 12))]
    return rates[:n]


def some_rows(chance: random.Random, n: int) -> list[Row]:
    words = [(), ("x",), ("x",), ("y",), ("x", "y")]
    return [
        row(at, rate, chance.choice(words), chance.choice(["PASS", "WARN", "FAIL"]))
        for at, rate in enumerate(some_rates(chance, n))
    ]


def adoptions_of(drawn: list[tuple[int, str]]) -> list[Adoption]:
    return sorted(Adoption(order_key(row(number, 0.0)), name) for number, name in drawn)


@settings(max_examples=100, deadline=None)
@given(_seeds, _rules)
def test_the_fold_says_what_the_rows_say(seed: int, rules: SpikeRules) -> None:
    chance = random.Random(seed)
    rows = some_rows(chance, chance.randint(0, 80))
    adoptions = adoptions_of([(chance.randint(0, 79), chance.choice("xy")) for _ in range(chance.randint(0, 4))])
    expected = naive(rows, rules, adoptions)
    found = judged_runs(runs(rows), rules, adoptions)
    assert found["cut"].to_list() == pytest.approx(expected.cuts, rel=1e-12, abs=0)
    assert [at for at, spike in enumerate(found["spike"]) if spike] == expected.spikes
    policy = judge_policy(runs(rows), rules, [a for a in adoptions if rows and a.place < order_key(rows[-1])])
    latest = {name: (fired, ended) for name, fired, ended in expected.episodes}
    assert {n: t.fired for n, t in policy.tracks.items() if t.fired} == {
        name: sum(name == other for other, *_ in expected.episodes) for name in latest
    }
    for name, (fired, ended) in latest.items():
        assert episode(policy, name).fired.run_id == f"run-{fired}"
        assert episode(policy, name).active == (ended is None)


def test_a_late_run_a_replaced_one_and_a_deleted_one_end_where_the_cold_fold_ends() -> None:
    """Long enough that kept states, held rows and the series itself are all needed."""
    chance = random.Random(4)
    rows = [row(i, round(chance.random() ** 4, 3), ("x",) if chance.random() < 0.7 else ("x", "y")) for i in range(900)]
    rows[500:560] = [(*r[:4], 0.9, *r[5:]) for r in rows[500:560]]
    adoptions = {"p": [Adoption(order_key(rows[530]), "x")]}
    held = dict(enumerate(rows[:600]))
    judge = Judge()
    judge.adopt(adoptions)
    judge.take(runs(rows[:600]), runs([]))
    for step, number in enumerate([*range(600, 890), 40, 555, 888, 300, 12, 887, 120, 121]):
        gone = [held.pop(number)] if number in held else []
        come = [rows[number]] if not gone else [(*rows[number][:4], 0.5, *rows[number][5:])] * (step % 2)
        held.update((number, r) for r in come)
        judge.take(runs(come), runs(gone))
        if step % 3 == 0:
            caught_up(judge, held)
    assert summary(caught_up(judge, held)["p"]) == summary(cold(held, adoptions)["p"])


def test_a_run_that_comes_before_the_last_run_an_adoption_saw_counts_as_seen() -> None:
    """The run the operator saw is gone; what still comes before its place belongs to the adopted level."""
    rows = [row(at, 0.02 if at < 50 else 0.5) for at in range(60)]
    adoptions = {"p": [Adoption(order_key(row(58, 0.5)), "x")]}
    judge = Judge()
    judge.adopt(adoptions)
    judge.take(runs(rows[:55]), runs([]))
    assert judge.policies()["p"].active == frozenset()
    for number in (55, 56, 57):
        judge.take(runs(rows[number : number + 1]), runs([]))
    held = dict(enumerate(rows[:58]))
    found = caught_up(judge, held)["p"]
    assert found.active == frozenset()
    assert summary(found) == summary(cold(held, adoptions)["p"])


def caught_up(judge: Judge, held: dict[int, Row]) -> Mapping[str, PolicySpikes]:
    for _ in judge.catch_up(lambda: runs(list(held.values()))):
        continue
    return judge.policies()


def cold(
    held: dict[int, Row], adoptions: dict[str, list[Adoption]], rules: SpikeRules = DEFAULT
) -> dict[str, PolicySpikes]:
    pairs = [(policy, adoption) for policy, found in adoptions.items() for adoption in found]
    return judge_policies(runs(list(held.values())), rules, pairs)


def some_events(chance: random.Random) -> list[tuple[object, ...]]:
    """What may happen to a root: runs come in any order, change, go; levels are adopted; slices of work are done."""
    rates = some_rates(chance, 80)
    events: list[tuple[object, ...]] = []
    for kind in chance.choices(["next", "put", "drop", "adopt", "work"], [12, 4, 2, 1, 4], k=len(rates)):
        number = chance.randint(0, 50) if kind != "work" else chance.randint(0, 4)
        classes = chance.choice([("x",), ("y",), ("x", "y")])
        events.append((kind, number, rates[len(events)], classes, "p" if chance.random() < 0.8 else "q"))
    return events


@settings(max_examples=60, deadline=None)
@given(_seeds)
def test_any_order_of_arrival_gives_the_judgement_of_the_cold_fold(seed: int) -> None:
    chance = random.Random(seed)
    many = chance.choice([1, 3, 1000])
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in (
            (fold_module, "STRETCH", 4),
            (near_module, "STRETCH", 4),
            (near_module, "HELD", 8),
            (judge_module, "SLICE", 3),
            (judge_module, "PART", chance.choice([1, 8, 1000])),
            (judge_module, "_FEW", chance.choice([0, 6, 1000])),
            (judge_module, "_MANY", many),
        ):
            patch.setattr(module, name, value)
        check_events(some_events(chance))


def check_events(events: list[tuple[object, ...]]) -> None:
    """Puts, replacements, deletions, adoptions, and slices of catching up in between: equal to a cold fold."""
    judge, adoptions = Judge(SMALL), dict[str, list[Adoption]]()
    held: dict[int, Row] = {}
    taken: dict[int, Row] = {}

    def now() -> pl.DataFrame:
        return runs(list(taken.values()))

    work = judge.catch_up(now)
    seen: list[tuple[Mapping[str, PolicySpikes], dict[int, Row], list[Adoption]]] = []
    for kind, *what in [*events, ("work", 0)]:
        if not judge.stale and len(seen) < 5:
            seen.append((dict(judge.policies()), dict(taken), list(adoptions.get("p", ()))))
        number = int(str(what[0]))
        if kind in {"put", "next"}:
            number = max(held, default=0) + 1 if kind == "next" else number
            held[number] = row(number, what[1], what[2], policy=str(what[3]))  # type: ignore[arg-type]
        elif kind == "drop":
            held.pop(number, None)
        elif kind == "adopt":
            adoptions.setdefault("p", []).append(Adoption(order_key(row(number, 0.0)), "x"))
            judge.adopt(adoptions)
        else:
            come = [r for at, r in held.items() if taken.get(at) != r]
            gone = [r for at, r in taken.items() if held.get(at) != r]
            taken = dict(held)
            judge.take(runs(come), runs(gone))
            for _ in range(number):
                if next(work, "done") == "done":
                    work = judge.catch_up(now)
    for _ in work:
        continue
    expected = cold(held, adoptions, SMALL)
    found = caught_up(judge, held)
    assert {p: summary(policy) for p, policy in found.items()} == {p: summary(e) for p, e in expected.items()}
    for policies, then, adopted in [*seen, (found, held, adoptions.get("p", []))]:
        check_cuts(policies, then, adopted)


def check_cuts(policies: Mapping[str, PolicySpikes], held: dict[int, Row], adopted: list[Adoption]) -> None:
    """What a judgement says of the cut of each run is what it was, also once the fold has gone on."""
    for name, policy in policies.items():
        rows = [place_runs(r) for r in held.values() if r[2] == name]
        rows.sort(key=lambda run: run.place)
        expected = judged_runs(runs([run.row for run in rows]), SMALL, adopted if name == "p" else ())
        for run, cut in zip(rows, expected["cut"], strict=True):
            assert policy.before(run.place).cut_at(run.place, rows).cut == cut
