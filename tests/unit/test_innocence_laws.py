"""Laws of the innocence queue that hold for every script (rules 3.1, Q2-Q8)."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from gateconsole.patch_queue.probability import max_units
from gateconsole.patch_queue.seed_strategy import Candidate, StrategyInput, choose
from tests.tools.queue_in_memory import Queue

HALF = Fraction(1, 2)
P = st.sampled_from(["0.4", "0.51", "0.7", "0.8", "0.9", "0.95"])
RESULTS = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["pass", "fail"])), max_size=25)


@settings(max_examples=80)
@given(P, st.integers(1, 12), st.booleans(), st.lists(st.sampled_from(["next", "pass", "fail", "lost"]), max_size=40))
def test_p_stays_at_or_below_p_tc_and_a_pessimistic_dispatch_returns_it_there(
    p: str, patches: int, literal: bool, script: list[str]
) -> None:
    queue = Queue(p, literal=literal, patches=patches)
    runs = 0
    for word in script:
        if word == "next":
            before = {row.patch: row.k for row in queue.testcase().patches}
            given = queue.next()
            runs += given.run is not None
            if given.kind == "optimistic":
                assert Fraction(p) ** sum(1 + before[patch] for patch in given.patches) > HALF
            elif given.kind == "pessimistic":
                assert queue.patch(given.patches[0]).k == 0
        elif runs:
            queue.lost(runs) if word == "lost" and not queue.testcase().verdicts and _in_flight(queue, runs) else None
            if word != "lost":
                queue.report(runs, word)
        assert all(row.k >= 0 for row in queue.testcase().patches)


def _in_flight(queue: Queue, number: int) -> bool:
    return queue.run(number) in {run.run for run in queue.testcase().in_flight}


@settings(max_examples=80)
@given(P, st.integers(1, 12), st.data())
def test_with_honest_builders_every_verdict_is_the_truth_and_every_patch_gets_one(
    p: str, patches: int, data: st.DataObject
) -> None:
    guilty = data.draw(st.sets(st.integers(1, patches).map(str)))
    queue = Queue(p, literal=False, patches=patches)
    waiting: list[tuple[int, str]] = []
    dispatched = 0
    for _ in range(400):
        given = queue.next()
        if given.run is not None:
            dispatched += 1
            waiting.append((dispatched, "fail" if guilty & set(given.patches) else "pass"))
        if not waiting:
            break
        if len(waiting) >= 3 or given.run is None:  # up to three builders at once, answering in any order
            queue.report(*waiting.pop(data.draw(st.integers(0, len(waiting) - 1))))
    expected = {str(name): "bad" if str(name) in guilty else "good" for name in range(1, patches + 1)}
    assert queue.states() == expected
    assert not queue.board().conflicts


@settings(max_examples=60)
@given(P, RESULTS, st.randoms(use_true_random=False))
def test_verdicts_and_conflicts_do_not_depend_on_the_order_of_results(
    p: str, results: list[tuple[int, str]], random: object
) -> None:
    shuffled = results.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    seen = []
    for order in (results, shuffled, [*shuffled, *results]):  # the last: everything twice
        queue = Queue(p, literal=False, patches=6)
        for _ in range(12):
            queue.next()
        for number, result in order:
            queue.report(1 + number % 12, result)
        board = queue.testcase()
        ledger = queue.ledger.id
        open_runs = [(run.run.removeprefix(ledger), run.suspects) for run in board.open_runs]
        conflicts = sorted(each.text.replace(ledger, "") for each in queue.board().conflicts)
        seen.append((queue.states(), open_runs, conflicts))
    assert seen[0] == seen[1] == seen[2]


@given(P, st.lists(st.integers(0, 7), min_size=1, max_size=30), st.booleans())
def test_the_choice_is_the_first_of_the_order_as_far_as_the_budget_goes(p: str, ks: list[int], alone: bool) -> None:
    m = max_units(p)
    order = sorted((Candidate(str(age), k, age) for age, k in enumerate(ks)), key=lambda c: (c.k, c.age))
    guiltiest = min(order, key=lambda c: (-c.k, c.age))
    choice = choose(StrategyInput(m, alone, min(2, len(order)), order[: m + 1], guiltiest))
    if choice.kind == "optimistic":
        taken = len(choice.patches)
        assert choice.patches == tuple(order[:taken])
        assert choice.units <= m
        assert (choice.left_out is None) == (taken == len(order))
        assert choice.left_out is None or choice.units + choice.left_out.units > m
    else:
        assert choice.patches == (guiltiest,)
        assert guiltiest.units > m or (alone and len(order) == 1)
