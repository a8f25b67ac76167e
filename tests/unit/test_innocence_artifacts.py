"""Results from artifacts (DOMAIN row 20), the back-up, the audit."""

from __future__ import annotations

import json
import sqlite3

import pytest

from gateconsole.innocence import acts, backup
from gateconsole.innocence.artifacts import SAYS, Booking, Claim, Known, Odd, claim_of, judge
from gateconsole.innocence.audit import audit
from gateconsole.innocence.booking import Artifact, book
from gateconsole.innocence.dispatch import Effect
from gateconsole.innocence.known import Refused
from gateconsole.ledger.events import Event
from gateconsole.ledger.payloads import Dispatched
from tests.tools.queue_in_memory import TC, Queue, memory_ledger

CLAIM = Claim("3f41-7", TC, ("a", "b"))
KNOWN = Known(TC, ("b", "a"))


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        ("PASS", "pass"),
        ("COMMENT", "pass"),
        ("WARN", "pass"),
        ("REVIEW", "nothing"),
        ("FAIL", "fail"),
        ("BLOCK", "fail"),
    ],
)
def test_each_outcome_says_something(outcome: str, says: str) -> None:
    assert judge(CLAIM, outcome, "3f41", KNOWN) == Booking("3f41-7", says, outcome)  # type: ignore[arg-type]


def test_a_fail_signal_is_a_fail_whatever_is_set() -> None:
    assert judge(CLAIM, "FAIL", "3f41", KNOWN, {**SAYS, "FAIL": "pass"}) == Booking("3f41-7", "fail", "FAIL")


def test_warn_and_review_may_be_set() -> None:
    assert judge(CLAIM, "WARN", "3f41", KNOWN, {**SAYS, "WARN": "fail"}) == Booking("3f41-7", "fail", "WARN")


@pytest.mark.parametrize(
    ("claim", "known", "outcome", "rule"),
    [
        (CLAIM._replace(queue_run="aaaa-7"), KNOWN, "PASS", "foreign_run"),
        (CLAIM, None, "PASS", "unknown_run"),
        (CLAIM._replace(testcase="mac"), KNOWN, "PASS", "testcase_disagrees"),
        (CLAIM._replace(testcase=None), KNOWN, "PASS", "testcase_disagrees"),
        (CLAIM._replace(patches=("a",)), KNOWN, "FAIL", "patches_disagree"),
        (CLAIM._replace(patches=None), KNOWN, "PASS", "patches_disagree"),
        (CLAIM, KNOWN, "MAYBE", "outcome_unknown"),
    ],
)
def test_what_is_foreign_or_disagrees_is_a_diagnostic(
    claim: Claim, known: Known | None, outcome: str, rule: str
) -> None:
    found = judge(claim, outcome, "3f41", known)
    assert isinstance(found, Odd)
    assert found.rule == rule


@pytest.mark.parametrize("data", [b"{}", b"queue_run", b'["queue_run"]', b'{"queue_run": 7}', b'{"queue_run": "\xff"}'])
def test_bytes_without_a_usable_queue_run_claim_nothing(data: bytes) -> None:
    assert claim_of(data) is None


def test_a_claim_is_read_from_the_bytes() -> None:
    fields = {"queue_run": "3f41-7", "testcase": TC, "patches": ["a", "b"], "outcome": "PASS"}
    assert claim_of(json.dumps(fields).encode()) == CLAIM
    assert claim_of(json.dumps({**fields, "patches": "a"}).encode()) == CLAIM._replace(patches=None)


def artifact(queue: Queue, outcome: str, number: int = 1, patches: tuple[str, ...] = ("1", "2")) -> Artifact:
    return Artifact(f"run-{number}/gate_result.json", outcome, Claim(queue.run(number), TC, patches))


def test_an_artifact_is_booked_once_even_if_it_is_rewritten() -> None:
    queue = Queue(patches=2)
    queue.next()
    (booked,) = book(queue.ledger, [artifact(queue, "PASS")], queue.when())
    assert isinstance(booked.outcome, Effect)
    assert queue.states() == {"1": "good", "2": "good"}
    assert list(book(queue.ledger, [artifact(queue, "PASS"), artifact(queue, "FAIL")], queue.when())) == []


def test_review_marks_the_run_as_saying_nothing() -> None:
    queue = Queue(patches=2)
    queue.next()
    list(book(queue.ledger, [artifact(queue, "REVIEW")], queue.when()))
    assert queue.testcase().in_flight == ()
    assert set(queue.states().values()) == {"pending"}


def test_an_artifact_that_contradicts_a_report_is_a_conflict() -> None:
    queue = Queue(patches=2)
    queue.next()
    queue.report(1, "pass")
    list(book(queue.ledger, [artifact(queue, "FAIL")], queue.when()))
    assert [each.what for each in queue.board().conflicts] == ["run_contradicts_itself"]


def busy_queue() -> Queue:
    queue = Queue("0.8", literal=False, patches=7)
    for number in range(1, 7):
        queue.next()
        if number % 2:
            queue.report(number, "fail" if number % 3 else "pass")
    acts.hold(queue.ledger, "3", "ünïcode \u2028", queue.when())
    return queue


def test_the_back_up_restores_every_byte_and_the_state() -> None:
    queue = busy_queue()
    saved = list(backup.lines(queue.ledger))
    restored = Queue.__new__(Queue)
    restored.ledger, restored.seconds = memory_ledger(), queue.seconds
    assert backup.restore(restored.ledger, saved, queue.when()) == (0, len(saved))
    assert list(backup.lines(restored.ledger)) == saved
    restored.seconds = queue.seconds
    assert restored.board() == queue.board()


def test_a_back_up_comes_in_once_and_goes_on_where_it_ended() -> None:
    queue = busy_queue()
    saved = list(backup.lines(queue.ledger))
    copy = memory_ledger()
    backup.restore(copy, saved[:9], queue.when())
    assert backup.restore(copy, saved, queue.when()) == (9, len(saved) - 9)
    assert backup.restore(copy, saved, queue.when()) == (len(saved), 0)


def test_a_back_up_of_another_ledger_is_refused_whole() -> None:
    queue, other = busy_queue(), Queue(patches=1)
    before = list(backup.lines(other.ledger))
    with pytest.raises(Refused, match="line 1: the ledger has another event"):
        backup.restore(other.ledger, list(backup.lines(queue.ledger)), queue.when())
    assert list(backup.lines(other.ledger)) == before


@pytest.mark.parametrize(("line", "text"), [(5, ""), (5, "{}"), (5, None)])
def test_a_broken_back_up_is_refused_with_its_line(line: int, text: str | None) -> None:
    saved = list(backup.lines(busy_queue().ledger))
    if text is None:
        del saved[line - 1]
    else:
        saved[line - 1] = text
    with pytest.raises(Refused, match=f"line {line}"):
        backup.restore(memory_ledger(), saved, Queue().when())


def test_a_back_up_that_cannot_be_folded_is_refused() -> None:
    saved = list(backup.lines(busy_queue().ledger))
    index = next(at for at, line in enumerate(saved) if '"kind":"dispatched"' in line)
    saved[index] = saved[index].replace('"kind":"optimistic"', '"kind":"telepathic"')
    with pytest.raises(Refused, match="expected kind"):
        backup.restore(memory_ledger(), saved, Queue().when())


def test_the_audit_goes_through_every_decision() -> None:
    found = audit(busy_queue().ledger)
    assert (found.decisions, found.difference) == (6, None)


def test_the_audit_names_the_first_decision_the_rule_would_not_make() -> None:
    queue = Queue(patches=3)
    with queue.ledger.transaction(1, "eve") as transaction:
        transaction.append(Dispatched(queue.run(1), TC, "optimistic", ("3", "1", "2"), (), "0.9", 6, "tb1", None, None))
    queue.next()
    found = audit(queue.ledger)
    assert found.difference is not None
    assert "patches" in found.difference
    assert "3 1 2, the rule says 1 2 3" in found.difference


def test_the_audit_finds_a_state_that_is_not_the_fold_of_its_events() -> None:
    queue = busy_queue()
    connection: sqlite3.Connection = queue.ledger._connection
    connection.execute("UPDATE claims SET k = k + 1 WHERE patch = 2")
    found = audit(queue.ledger)
    assert found.difference is not None
    assert found.difference.startswith("claims:")


def test_tables_that_are_behind_or_of_another_form_are_folded_again() -> None:
    queue = busy_queue()
    board = queue.board()
    connection: sqlite3.Connection = queue.ledger._connection
    connection.execute("UPDATE queue_meta SET form = 0")
    connection.execute("DELETE FROM members")
    queue.submit("new")
    assert {row.patch for row in queue.testcase().patches} == {row.patch for row in board.testcases[0].patches} | {
        "new"
    }
    assert audit(queue.ledger).difference is None


def test_events_that_are_not_the_queues_change_nothing() -> None:
    queue = busy_queue()
    before = queue.board()
    with queue.ledger.transaction(1, "mika") as transaction:
        transaction.insert(Event(before.seq + 1, "x", 1, "mika", "alert_acknowledged", 1, "{}"))
    queue.submit("new")
    assert len(queue.testcase().patches) == len(before.testcases[0].patches) + 1
