"""What a screen and `queue status` show: board, ages, overdue runs, following a ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateconsole.ledger.actor import Actor
from gateconsole.ledger.events import Event
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import builder_acts, operator_acts
from gateconsole.patch_queue.explain import why_not
from gateconsole.patch_queue.follow import Follower
from gateconsole.patch_queue.overview import EMPTY, board, with_ages
from tests.tools.queue_in_memory import TC, Queue

MINUTE = 60_000_000


def at(seconds: int) -> Actor:
    return Actor(seconds * 1_000_000, "tester")


def timed_queue() -> Queue:
    """Three runs that took 10, 20 and 30 minutes; the fourth has been in flight since minute 100."""
    queue = Queue("0.7", literal=False, patches=9)
    for number, minutes in ((1, 10), (2, 20), (3, 30)):
        builder_acts.next_run(queue.ledger, TC, "tb1", Actor(0, "tester"))
        builder_acts.report(queue.ledger, queue.run(number), "pass", Actor(minutes * MINUTE, "tester"))
    builder_acts.next_run(queue.ledger, TC, "tb2", Actor(100 * MINUTE, "tester"))
    return queue


def test_a_run_in_flight_is_expected_to_take_the_median_of_past_ones_and_is_overdue_behind_it() -> None:
    queue = timed_queue()
    with queue.ledger.reading() as connection:
        early = board(connection, 118 * MINUTE).testcases[0]
        late = board(connection, 131 * MINUTE).testcases[0]
    (run,) = early.in_flight
    assert (run.elapsed, run.expected, run.overdue) == (18 * MINUTE, 20 * MINUTE, False)
    assert late.in_flight[0].overdue
    assert (early.overdue, late.overdue) == (0, 1)


def test_a_clock_that_went_back_does_not_make_durations_negative() -> None:
    queue = Queue(patches=3)
    builder_acts.next_run(queue.ledger, TC, "tb1", Actor(50 * MINUTE, "tester"))
    builder_acts.report(queue.ledger, queue.run(1), "fail", Actor(20 * MINUTE, "tester"))
    builder_acts.next_run(queue.ledger, TC, "tb1", Actor(60 * MINUTE, "tester"))
    with queue.ledger.reading() as connection:
        (run,) = board(connection, 60 * MINUTE).testcases[0].in_flight
    assert (run.expected, run.overdue) == (0, False)


def test_before_any_run_ended_nothing_is_expected_or_overdue() -> None:
    queue = Queue(patches=2)
    queue.next()
    with queue.ledger.reading() as connection:
        (run,) = board(connection, 10**15).testcases[0].in_flight
    assert (run.expected, run.overdue) == (None, False)


def test_an_aged_board_is_the_same_object_until_a_minute_or_overdue_turns() -> None:
    queue = timed_queue()
    with queue.ledger.reading() as connection:
        shown = board(connection, 118 * MINUTE)
        later = board(connection, 131 * MINUTE)
    assert with_ages(shown, 118 * MINUTE + 59_000_000) is shown
    assert with_ages(shown, 131 * MINUTE) == later
    assert with_ages(EMPTY, 5) is EMPTY


def test_builders_builds_and_bound_are_counted() -> None:
    queue = timed_queue()
    shown = queue.testcase()
    assert [(each.builder, each.runs, each.in_flight) for each in shown.builders] == [("tb1", 3, 0), ("tb2", 1, 1)]
    assert (shown.builds, shown.verdicts) == (4, 3)
    assert shown.bound == pytest.approx(3 * 0.8812909, abs=1e-6)


def test_a_base_build_is_a_build_spent() -> None:
    queue = Queue(patches=2)
    queue.next()
    queue.report(1, "fail")
    queue.base(1, "pass")
    assert queue.testcase().builds == 2


def test_a_set_that_a_run_in_flight_holds_already_is_warned_of() -> None:
    queue = Queue("0.95", patches=3)
    assert queue.testcase().warnings == ()
    queue.next("tb1")
    assert queue.testcase().warnings == ()  # the only builder is busy
    queue.next("tb2")
    assert queue.testcase().proposal.patches == ("1", "2", "3")
    assert f"run {queue.run(2)} in flight holds the very set" in queue.testcase().warnings[0]
    queue.submit("4")
    assert queue.testcase().warnings == ()


def test_considered_patches_come_first_in_the_rules_order() -> None:
    queue = Queue(patches=8)
    queue.next()
    operator_acts.hold(queue.ledger, "7", "", queue.when())
    assert [row.patch for row in queue.testcase().patches] == ["8", "1", "2", "3", "4", "5", "6", "7"]
    assert [row.place for row in queue.testcase().patches] == [1, 2, 3, 4, 5, 6, 7, None]


def test_why_not_mine_has_an_answer_for_every_patch() -> None:
    queue = Queue("0.9", literal=False, patches=9)
    operator_acts.hold(queue.ledger, "8", "", queue.when())
    operator_acts.withdraw(queue.ledger, "9", "", queue.when())
    proposal = queue.testcase().proposal
    with queue.ledger.reading() as connection:
        said = {name: why_not(connection, proposal, name) for name in ("1", "7", "8", "9")}
    assert said == {
        "1": "1 is in the set",
        "7": "7 comes later: its 1+k = 1, the set leaves 0 of M = 6",
        "8": "8 is not under consideration: held",
        "9": "9 is not under consideration: withdrawn",
    }


def test_why_not_mine_names_the_run_it_waits_for() -> None:
    queue = Queue("0.7", literal=False, patches=2)
    queue.next()
    proposal = queue.testcase().proposal
    with queue.ledger.reading() as connection:
        assert why_not(connection, proposal, "1") == f"1 waits for run {queue.run(1)}, which holds it alone"


def test_a_follower_sees_a_ledger_come_change_be_replaced_and_go(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    follower = Follower(path)
    assert follower.look(0) is EMPTY
    ledger = Ledger.for_writing(path)
    operator_acts.configure(ledger, TC, at(1), p="0.9")
    first = follower.look(0)
    assert [each.testcase.name for each in first.testcases] == [TC]
    assert follower.look(0) is first
    operator_acts.submit(ledger, "I1", at(2))
    assert [row.patch for row in follower.look(0).testcases[0].patches] == ["I1"]
    ledger.close()
    path.unlink()
    assert follower.look(0) is EMPTY
    operator_acts.configure(Ledger.for_writing(path), "mac", at(1), p="0.8")
    assert [each.testcase.name for each in follower.look(0).testcases] == ["mac"]
    follower.close()


def test_a_follower_keeps_the_last_board_and_says_why_it_cannot_read_on(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = Ledger.for_writing(path)
    operator_acts.configure(ledger, TC, at(1), p="0.9")
    ledger.close()
    follower = Follower(path)
    shown = follower.look(0)
    path.unlink()
    path.write_bytes(b"something else entirely " * 50)
    assert follower.look(0) is shown
    assert follower.problem is not None
    assert "is no ledger" in follower.problem


def test_acts_that_are_not_the_queues_do_not_make_it_fold_again(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = Ledger.for_writing(path)
    operator_acts.configure(ledger, TC, at(1), p="0.9")
    with ledger.transaction(2, "mika") as transaction:
        transaction.insert(Event(3, "ack", 2, "mika", "alert_acknowledged", 1, "{}"))
    follower = Follower(path)
    assert follower.look(0).testcases[0].testcase.name == TC
    with ledger.reading() as connection:
        assert connection.execute("SELECT applied FROM queue_meta").fetchone() == (2,)
    operator_acts.submit(ledger, "I1", at(3))
    assert len(follower.look(0).testcases[0].patches) == 1
