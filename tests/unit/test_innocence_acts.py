"""What operators do to testcases and patches, and how what is so already differs from what cannot be (rule Q22)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateconsole.ledger.actor import Actor, RefusedError
from gateconsole.ledger.events import Event, EventError, decode, line_of
from gateconsole.ledger.payloads import BaseResult, RunDispatched
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import backup, builder_acts, operator_acts, queries, schema
from gateconsole.patch_queue.audit import audit
from gateconsole.patch_queue.explain import why_not
from gateconsole.patch_queue.overview import Overall, board, with_ages
from gateconsole.patch_queue.probability import estimate, max_units
from gateconsole.patch_queue.state import replay
from gateconsole.patch_queue.timeline import timeline
from gateconsole.patch_queue.transaction import Outcome
from tests.tools.queue_in_memory import TC, Queue, memory_ledger

DAY = 24 * 3600 * 1_000_000
Doing = Callable[[Ledger, Actor], Outcome]


def overall(queue: Queue) -> dict[str, str]:
    return {each.patch: each.text for each in queue.board().overall}


def events(queue: Queue) -> int:
    return len(list(queue.ledger.events()))


# priority


def test_a_patch_that_waits_can_be_put_first() -> None:
    queue = Queue(patches=8)
    outcome = queue.submit("7", first=True)
    assert (outcome.changed, outcome.text) == (
        True,
        "7 goes before all of equal innocence from now on; 7 is in the queue already",
    )
    assert queue.next().patches == ("7", "1", "2", "3", "4", "5")
    assert queue.next().patches == ("6", "8", "7", "1")  # of equal k it is first again


def test_it_is_said_when_a_patch_is_first_already() -> None:
    queue = Queue(patches=3)
    queue.submit("3", first=True)
    before = events(queue)
    again = queue.submit("3", first=True)
    assert (again.changed, again.text) == (
        False,
        "3 is in the queue already; 3 goes before all of equal innocence already",
    )
    assert events(queue) == before


def test_a_patch_that_is_decided_everywhere_cannot_go_first() -> None:
    queue = Queue(patches=1)
    queue.next()
    queue.report(1, "pass")
    with pytest.raises(RefusedError, match="has its verdict everywhere"):
        queue.submit("1", first=True)


def test_the_order_of_first_is_kept_when_more_patches_go_first() -> None:
    queue = Queue(patches=3)
    queue.submit("2", first=True)
    queue.submit("new", first=True)
    assert queue.next().patches == ("new", "2", "1", "3")


# revisions


@pytest.mark.parametrize(
    ("leave", "words"),
    [
        (lambda queue: operator_acts.withdraw(queue.ledger, "1", "broken", queue.when()), "1 was withdrawn already"),
        (lambda queue: operator_acts.land(queue.ledger, "1", queue.when()), "1 has landed already"),
        (lambda queue: queue.submit("other", revises="1"), "1 was superseded by other already"),
    ],
)
def test_the_successor_of_a_patch_that_left_is_accepted_and_says_so(
    leave: Callable[[Queue], Outcome], words: str
) -> None:
    queue = Queue(patches=2)
    leave(queue)
    outcome = queue.submit("1 r2", revises="1")
    assert (outcome.changed, outcome.text) == (True, f"1 r2 is in the queue; {words}")
    assert queue.states()["1 r2"] == "pending"
    again = queue.submit("1 r2", revises="1")  # a script that asks again
    assert (again.changed, again.text) == (False, f"1 r2 is in the queue already; {words}")


def test_a_successor_of_a_patch_nobody_knows_is_refused() -> None:
    queue = Queue(patches=1)
    with pytest.raises(RefusedError, match="no patch 'typo'"):
        queue.submit("1 r2", revises="typo")
    assert "1 r2" not in queue.states()


# testcases


def test_a_renamed_testcase_keeps_everything() -> None:
    queue = Queue(patches=9)
    queue.next()
    queue.report(1, "fail")
    queue.next()
    before = queue.testcase()
    outcome = operator_acts.rename(queue.ledger, TC, "linux-clang", queue.when())
    assert (outcome.changed, outcome.text) == (
        True,
        f"{TC} is linux-clang from now on: patches, runs and verdicts stay",
    )
    after = queue.testcase()
    assert after.testcase == before.testcase._replace(name="linux-clang")
    assert after.patches == before.patches
    assert [run.run for run in after.in_flight] == [run.run for run in before.in_flight]
    assert after.open_runs == before.open_runs
    queue.report(2, "pass")
    story = timeline(queue.ledger.events(), "linux-clang", "7")
    assert [moment.verdict for moment in story] == ["", "", "good"]
    assert audit(queue.ledger).difference is None


def test_the_old_name_is_refused_with_the_new_one_and_may_be_given_again() -> None:
    queue = Queue(patches=2)
    operator_acts.rename(queue.ledger, TC, "linux-clang", queue.when())
    with pytest.raises(RefusedError, match=f"no testcase '{TC}' any more: it was renamed to 'linux-clang'"):
        queue.next()
    again = operator_acts.rename(queue.ledger, TC, "linux-clang", queue.when())
    assert (again.changed, again.text) == (False, f"{TC} was renamed to linux-clang already")
    operator_acts.configure(queue.ledger, TC, queue.when(), p="0.5")
    assert queue.next().testcase == TC
    with pytest.raises(RefusedError, match="is there already"):
        operator_acts.rename(queue.ledger, TC, "linux-clang", queue.when())
    with pytest.raises(RefusedError, match="the word stands for every testcase"):
        operator_acts.rename(queue.ledger, TC, "all", queue.when())


def test_a_retired_testcase_is_out_of_every_overall_and_gets_no_run() -> None:
    queue = Queue(patches=2)
    operator_acts.configure(queue.ledger, "mac", queue.when(), p="0.9")
    queue.next()
    queue.report(1, "pass")
    assert overall(queue) == {"1": "good in 1/2", "2": "good in 1/2"}
    outcome = operator_acts.retire(queue.ledger, "mac", "no machine is left", queue.when())
    assert outcome.text == "mac is retired: out of every overall, no run any more; its history stays"
    assert overall(queue) == {"1": "good", "2": "good"}
    idle = builder_acts.next_run(queue.ledger, "mac", "tb1", queue.when())
    assert (idle.run, idle.kind, idle.why) == (None, None, "retired: no machine is left")
    again = operator_acts.retire(queue.ledger, "mac", "", queue.when())
    assert (again.changed, again.text) == (False, "mac is retired already")
    queue.submit("3")
    with pytest.raises(RefusedError, match="is retired: `gateconsole queue configure mac` brings it back"):
        operator_acts.submit(queue.ledger, "4", queue.when(), testcases=["mac"])
    assert [each.testcase.name for each in queue.board().testcases] == [TC, "mac"]  # the history stays
    assert [row.patch for row in queue.board().testcases[1].patches] == ["1", "2"]


def test_a_result_in_a_retired_testcase_is_kept_and_it_can_be_brought_back() -> None:
    queue = Queue(patches=2)
    operator_acts.configure(queue.ledger, "mac", queue.when(), p="0.9")
    builder_acts.next_run(queue.ledger, "mac", "tb1", queue.when())
    operator_acts.retire(queue.ledger, "mac", "", queue.when())
    queue.submit("3")
    queue.report(1, "pass")
    outcome = operator_acts.configure(queue.ledger, "mac", queue.when())
    assert (outcome.changed, outcome.text) == (True, "mac was retired and is in force again, p 0.9")
    assert overall(queue) == {"1": "good in 1/2", "2": "good in 1/2", "3": "pending"}
    assert {row.patch: row.verdict for row in queue.board().testcases[1].patches} == {"1": "good", "2": "good", "3": ""}
    assert audit(queue.ledger).difference is None


# already so, and cannot be


def _filled() -> Queue:
    """1 good, 2 held, 3 withdrawn, 4 landed, 5 pending."""
    queue = Queue(patches=1)
    queue.next()
    queue.report(1, "pass")
    for patch in ("2", "3", "4", "5"):
        queue.submit(patch)
    operator_acts.hold(queue.ledger, "2", "review", queue.when())
    operator_acts.withdraw(queue.ledger, "3", "broken", queue.when())
    operator_acts.land(queue.ledger, "4", queue.when())
    return queue


ALREADY: list[tuple[str, Doing]] = [
    ("5 is in the queue already", lambda ledger, when: operator_acts.submit(ledger, "5", when)),
    (
        "5 is in the queue already, in linux-gcc",
        lambda ledger, when: operator_acts.submit(ledger, "5", when, testcases=[TC]),
    ),
    ("2 is held already", lambda ledger, when: operator_acts.hold(ledger, "2", "again", when)),
    ("5 is neither held nor conflicting", lambda ledger, when: operator_acts.release(ledger, "5", when)),
    ("3 was withdrawn already", lambda ledger, when: operator_acts.withdraw(ledger, "3", "", when)),
    ("4 has landed already", lambda ledger, when: operator_acts.land(ledger, "4", when)),
    ("linux-gcc is not paused", lambda ledger, when: operator_acts.resume(ledger, when, testcase=TC)),
    ("nothing is paused", operator_acts.resume),
    ("linux-gcc is configured so already", lambda ledger, when: operator_acts.configure(ledger, TC, when, p="0.9")),
    ("linux-gcc has that name already", lambda ledger, when: operator_acts.rename(ledger, TC, TC, when)),
]


@pytest.mark.parametrize(("text", "act"), ALREADY, ids=[text for text, _ in ALREADY])
def test_what_is_so_already_is_no_event_and_says_what_is_so(text: str, act: Doing) -> None:
    queue = _filled()
    before = events(queue)
    outcome = act(queue.ledger, queue.when())
    assert (outcome.changed, outcome.text) == (False, text)
    assert events(queue) == before


CANNOT: list[tuple[str, Doing]] = [
    (
        "'3' was withdrawn and never returns: cannot hold it",
        lambda ledger, when: operator_acts.hold(ledger, "3", "", when),
    ),
    (
        "'4' has landed and never returns: cannot release it",
        lambda ledger, when: operator_acts.release(ledger, "4", when),
    ),
    (
        "'4' has landed and never returns: cannot withdraw it",
        lambda ledger, when: operator_acts.withdraw(ledger, "4", "", when),
    ),
    ("'3' was withdrawn and never returns: cannot land it", lambda ledger, when: operator_acts.land(ledger, "3", when)),
    (
        "'3' was withdrawn and never returns: cannot mark",
        lambda ledger, when: operator_acts.conflict(ledger, "3", "", when),
    ),
    (
        "'3' was withdrawn and never returns: cannot submit it",
        lambda ledger, when: operator_acts.submit(ledger, "3", when),
    ),
    ("'5' has no verdict to take back", lambda ledger, when: operator_acts.reopen(ledger, "5", "", when)),
]


@pytest.mark.parametrize(("text", "act"), CANNOT, ids=[text for text, _ in CANNOT])
def test_what_cannot_be_done_is_refused_and_no_event(text: str, act: Doing) -> None:
    queue = _filled()
    before = events(queue)
    with pytest.raises(RefusedError, match=text):
        act(queue.ledger, queue.when())
    assert events(queue) == before


def test_a_release_of_a_patch_that_was_held_and_left_is_not_told_as_so_already() -> None:
    queue = _filled()
    operator_acts.withdraw(queue.ledger, "2", "", queue.when())
    for act in (operator_acts.release, lambda ledger, patch, when: operator_acts.hold(ledger, patch, "", when)):
        with pytest.raises(RefusedError, match="was withdrawn and never returns"):
            act(queue.ledger, "2", queue.when())


def test_to_resume_what_only_a_pause_of_all_stops_cannot_be_done() -> None:
    queue = Queue(patches=1)
    operator_acts.pause(queue.ledger, "disk swap", queue.when())
    with pytest.raises(RefusedError, match="paused with all testcases: disk swap"):
        operator_acts.resume(queue.ledger, queue.when(), testcase=TC)


def test_a_run_silenced_by_its_base_cannot_be_made_to_speak() -> None:
    queue = Queue(patches=1)
    queue.next()
    queue.report(1, "fail")
    queue.base(1, "fail")
    with pytest.raises(RefusedError, match="is not marked: it says nothing because its base was built and failed"):
        queue.mark(1, "speaks")


def test_a_reopening_names_the_testcases_that_had_no_verdict() -> None:
    queue = Queue(patches=1)
    operator_acts.configure(queue.ledger, "mac", queue.when(), p="0.9")
    queue.next()
    queue.report(1, "pass")
    outcome = operator_acts.reopen(queue.ledger, "1", "wrong", queue.when(), testcases=[TC, "mac"])
    assert outcome.text == f"1 returns with its k in {TC}; it has no verdict in mac"


# the estimate of p


def solved(p_tc: float, good: int, bad: int, sets: list[int]) -> float:
    """Row 19 by bisection: p - right(p) has one root in (0, 1)."""
    judged = good + bad + sum(sets)

    def over(p: float) -> float:
        expected = sum(m * (1 - p) / sum((1 - p) * p**i for i in range(m)) for m in sets)
        return p - (good + sum(sets) - expected + 10 * p_tc) / (judged + 10)

    low, high = 1e-9, 1 - 1e-9
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if over(middle) > 0 else (middle, high)
    return low


@pytest.mark.parametrize(
    ("p", "good", "bad", "sets"),
    [("0.9", 0, 0, [6]), ("0.9", 40, 2, [1, 3, 6]), ("0.99", 300, 1, [68] * 9), ("0.5", 3, 9, [1, 1])],
)
def test_the_estimate_counts_what_open_sets_must_hold(p: str, good: int, bad: int, sets: list[int]) -> None:
    found = estimate(p, good, bad, sets)
    assert found.value == pytest.approx(solved(float(p), good, bad, sets), abs=1e-9)
    assert found.low is not None
    assert found.high is not None
    share = (found.value * (good + bad + sum(sets) + 10) - 10 * float(p)) / (good + bad + sum(sets))
    assert found.low < share < found.high  # the limits are those of the counts, without the prior
    assert (found.open_sets, found.suspects) == (len(sets), sum(sets))
    assert found.text.endswith(f", {len(sets)} open set{'s' if len(sets) > 1 else ''} counted")


def test_without_open_sets_the_estimate_is_what_it_was() -> None:
    assert estimate("0.9", 90, 10).p_text == "0.9000"
    assert estimate("0.9", 20, 10).text == "0.72 [0.49, 0.81]"


def test_only_disjoint_suspect_sets_are_counted_the_smallest_first() -> None:
    assert operator_acts.disjoint_sizes([("1", "2", "3"), ("3", "4"), ("5",), ("4", "6"), ("6", "7", "8")]) == (1, 2, 3)


def test_the_board_counts_its_open_runs_and_warns_of_a_p_outside_the_limits() -> None:
    queue = Queue("0.9", patches=24, literal=False)
    for run in range(1, 5):
        queue.next()
        queue.report(run, "fail")
    each = queue.testcase()
    sizes = [len(run.suspects) for run in each.open_runs]
    assert sizes == [6, 6, 6, 6]
    assert each.estimate == estimate("0.9", 0, 0, sizes)
    assert each.estimate.excludes("0.9") == (each.warnings != ())
    operator_acts.adopt(queue.ledger, TC, queue.when(), p="0.99")
    each = queue.testcase()
    assert each.warnings[0] == (
        f"p 0.99 is outside the limits of its estimate, {each.estimate.text}: adopting it (`gateconsole queue adopt "
        f"{TC}`) changes M 68 -> {max_units(each.estimate.p_text)}"
    )


def test_a_p_outside_its_limits_whose_estimate_has_the_same_m_says_that_m_stays() -> None:
    queue = Queue("0.7", patches=2)
    for run in (1, 2):
        queue.next()
        queue.report(run, "fail")
    each = queue.testcase()
    assert (max_units("0.7"), max_units(each.estimate.p_text)) == (1, 1)
    assert each.warnings[0].endswith("leaves M 1")


def test_adopting_names_how_m_changes() -> None:
    queue = Queue("0.9", patches=1)
    adopted = operator_acts.adopt(queue.ledger, TC, queue.when(), p="0.61")
    assert (adopted.text, adopted.m) == ("p 0.9 -> 0.61, M 6 -> 1 from now on", 1)
    before = events(queue)
    assert operator_acts.adopt(queue.ledger, TC, queue.when(), p="0.61").text == "p is 0.61 already, M 1"
    assert events(queue) == before


# the only suspect left


def test_the_only_suspect_left_is_bad_unless_the_run_was_a_flake_wherever_it_is_shown() -> None:
    queue = Queue(patches=8)
    for result in ("fail", "pass"):  # 1 to 6 fail, then 7, 8 and 1 pass
        queue.next()
        queue.report(int(queue.testcase().builds), result)
    while len(queue.testcase().open_runs[0].suspects) > 1:
        given = queue.next()
        queue.report(queue.testcase().builds, "fail" if "4" in given.patches else "pass")
        queue.submit(f"new {queue.seconds}")  # others wait too: the mail's rule sends it in sets again
    suspect = queue.patch("4")
    assert suspect.bad_unless == suspect.suspect_of != ()
    assert all(row.bad_unless == () for row in queue.testcase().patches if row.patch != "4")
    each = queue.testcase()
    words = f"holds 4, the only suspect left of run {suspect.bad_unless[0]}: will fail unless run "
    assert ("4" in each.proposal.patches) == (words in each.proposal.why)
    with queue.ledger.reading() as connection:
        assert why_not(connection, each.proposal, "4").endswith(
            f"4 is bad unless run {suspect.bad_unless[0]} was a flake"
            if len(suspect.bad_unless) == 1
            else f"4 is bad unless runs {', '.join(suspect.bad_unless)} were flakes"
        )


# history


def test_what_was_decided_long_ago_is_not_shown_and_not_read() -> None:
    queue = Queue("0.5", patches=3, literal=False)
    for run, result in ((1, "pass"), (2, "fail")):
        queue.next()
        queue.report(run, result)
    operator_acts.land(queue.ledger, "1", queue.when())
    queue.seconds += 2 * 24 * 3600
    queue.next()
    now = queue.seconds * 1_000_000
    with queue.ledger.reading() as connection:
        recent, everything = board(connection, now, DAY), board(connection, now)
        runs = queries.runs(connection, recent.testcases[0].testcase, now, since=now - DAY)
    assert [row.patch for row in recent.testcases[0].patches] == ["3"]
    assert (recent.testcases[0].earlier, everything.testcases[0].earlier) == (2, 0)
    assert recent.overall == (Overall("3", "pending", "pending"),)
    assert [run.run for run in runs] == [queue.run(3)]
    assert recent.testcases[0].estimate == everything.testcases[0].estimate
    assert recent.testcases[0].builds == everything.testcases[0].builds == 3
    assert {row.patch: row.state for row in everything.testcases[0].patches} == {
        "1": "landed",
        "2": "bad",
        "3": "pending",
    }


def test_a_patch_leaves_the_board_when_its_day_is_over_though_nothing_happens() -> None:
    queue = Queue("0.5", patches=2, literal=False)
    queue.next()
    queue.report(1, "pass")
    at = queue.seconds * 1_000_000
    with queue.ledger.reading() as connection:
        shown = board(connection, at, DAY)
    assert with_ages(shown, at + DAY - 1) is shown
    later = with_ages(shown, at + DAY + 1)
    assert [row.patch for row in later.testcases[0].patches] == ["2"]
    assert [each.patch for each in later.overall] == ["2"]
    assert later.testcases[0].earlier == 1
    assert with_ages(later, at + DAY + 2) is later


def test_the_board_and_next_read_no_more_when_patches_landed() -> None:
    steps = []
    for landed in (220, 660):  # durations are taken of the last 200 runs
        queue = Queue("0.5", patches=0, literal=False)
        for number in range(landed):
            queue.submit(f"old {number}")
        while (given := queue.next()).run is not None:
            queue.report(int(given.run.rpartition("-")[2]), "pass")
        for number in range(landed):
            operator_acts.land(queue.ledger, f"old {number}", queue.when())
        queue.seconds += 3 * 24 * 3600
        for number in range(30):
            queue.submit(str(number))
        steps.append((_steps(queue, queue.recent), _steps(queue, queue.next)))
    for few, many in zip(*steps, strict=True):
        assert many <= few * 1.2, steps


def _steps(queue: Queue, act: Callable[[], object]) -> int:
    """How much SQLite does for an act, in steps of its machine: work counted, no clock."""
    done = 0

    def count() -> int:
        nonlocal done
        done += 1
        return 0

    connection = queue.connection
    connection.set_progress_handler(count, 10)
    act()
    connection.set_progress_handler(None, 0)
    return done


# ledgers of earlier versions, and back-ups


def test_a_ledger_of_the_version_before_reads_as_it_was_meant() -> None:
    """Then a base result spoke for its run only, and nobody looked whether a base was red."""
    queue = Queue("0.5", patches=2, literal=False)
    for _ in range(2):
        builder_acts.next_run(queue.ledger, TC, "tb1", queue.when(), base="c0ffee")
    queue.report(1, "fail")
    queue.report(2, "fail")
    queue.base(1, "fail")
    old = [_as_before(event) for event in queue.ledger.events()]
    ledger = memory_ledger()
    backup.restore(ledger, map(line_of, old), queue.when())
    with ledger.reading() as connection:
        each = board(connection, 0).testcases[0]
    assert {row.patch: row.state for row in each.patches} == {"1": "pending", "2": "bad"}
    assert audit(ledger).difference is None
    red = builder_acts.next_run(ledger, TC, "tb1", queue.when(), base="c0ffee")
    assert red.run is None
    assert red.why.startswith("base c0ffee was built")


def _as_before(event: Event) -> Event:
    if event.kind == "dispatched":
        return event._replace(version=1, payload=event.payload.replace(',"anyway":false', ""))
    return event._replace(version=1)


def test_an_event_of_version_one_has_the_fields_of_version_one() -> None:
    queue = Queue(patches=1)
    queue.next()
    event = next(event for event in queue.ledger.events() if event.kind == "dispatched")
    assert event.version == 2
    payload = decode(event)
    assert isinstance(payload, RunDispatched)
    assert payload.anyway is False
    before = decode(_as_before(event))
    assert isinstance(before, RunDispatched)
    assert before == payload._replace(anyway=True)
    with pytest.raises(EventError, match="expected the fields"):
        decode(event._replace(version=1))
    assert BaseResult("x-1", "pass")._fields == ("run", "result")


def test_a_back_up_brings_the_same_state() -> None:
    queue = Queue(patches=5)
    builder_acts.next_run(queue.ledger, TC, "tb1", queue.when(), base="c0ffee", request="job")
    queue.report(1, "fail")
    queue.base(1, "fail")
    builder_acts.next_run(queue.ledger, TC, "tb1", queue.when(), base="c0ffee", anyway=True)
    queue.submit("5", first=True)
    operator_acts.rename(queue.ledger, TC, "clang", queue.when())
    operator_acts.configure(queue.ledger, "mac", queue.when(), p="0.7")
    operator_acts.retire(queue.ledger, "mac", "gone", queue.when())
    copy = memory_ledger()
    backup.restore(copy, backup.lines(queue.ledger), queue.when())
    with queue.ledger.reading() as mine, copy.reading() as theirs:
        assert schema.differences(mine, theirs) is None
        assert schema.differences(mine, replay(list(copy.events()))) is None
    assert audit(copy).difference is None
