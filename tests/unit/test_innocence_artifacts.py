"""Results from artifacts (rule Q20), the back-up, the audit."""

from __future__ import annotations

import json
import sqlite3

import pytest

from gateconsole.ledger.actor import Actor, RefusedError
from gateconsole.ledger.events import Event
from gateconsole.ledger.payloads import RunDispatched, RunMarked, RunResult
from gateconsole.model import ARTIFACT_NAME as NAME
from gateconsole.patch_queue import backup, builder_acts, operator_acts
from gateconsole.patch_queue.artifact_results import Artifact, book
from gateconsole.patch_queue.audit import audit
from gateconsole.patch_queue.builder_acts import VerdictChanges
from gateconsole.patch_queue.reported_results import (
    SAYS,
    Booking,
    LedgerRun,
    ReportedResult,
    UnusableResult,
    classify,
    reported_result,
)
from gateconsole.patch_queue.timeline import timeline
from gateconsole.tui.queue import actions
from tests.tools.queue_in_memory import TC, Queue, memory_ledger

CLAIM = ReportedResult("3f41-7", TC, ("a", "b"))
KNOWN = LedgerRun(TC, ("b", "a"))


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
    assert classify(CLAIM, outcome, "3f41", KNOWN) == Booking("3f41-7", says, outcome)  # type: ignore[arg-type]


def test_a_fail_signal_is_a_fail_whatever_is_set() -> None:
    assert classify(CLAIM, "FAIL", "3f41", KNOWN, {**SAYS, "FAIL": "pass"}) == Booking("3f41-7", "fail", "FAIL")


def test_warn_and_review_may_be_set() -> None:
    assert classify(CLAIM, "WARN", "3f41", KNOWN, {**SAYS, "WARN": "fail"}) == Booking("3f41-7", "fail", "WARN")


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
    claim: ReportedResult, known: LedgerRun | None, outcome: str, rule: str
) -> None:
    found = classify(claim, outcome, "3f41", known)
    assert isinstance(found, UnusableResult)
    assert found.rule == rule


@pytest.mark.parametrize("data", [b"{}", b"queue_run", b'["queue_run"]', b'{"queue_run": 7}', b'{"queue_run": "\xff"}'])
def test_bytes_without_a_usable_queue_run_claim_nothing(data: bytes) -> None:
    assert reported_result(data) is None


def test_a_claim_is_read_from_the_bytes() -> None:
    fields = {"queue_run": "3f41-7", "testcase": TC, "patches": ["a", "b"], "outcome": "PASS"}
    assert reported_result(json.dumps(fields).encode()) == CLAIM
    assert reported_result(json.dumps({**fields, "patches": "a"}).encode()) == CLAIM._replace(patches=None)


def artifact(queue: Queue, outcome: str, number: int = 1, patches: tuple[str, ...] = ("1", "2")) -> Artifact:
    return Artifact(f"run-{number}/gate_result.json", outcome, ReportedResult(queue.run(number), TC, patches))


def say(queue: Queue, outcome: str, path: str = "debian", number: int = 1) -> list[VerdictChanges | UnusableResult]:
    """An artifact at a path says this now; what came of it."""
    claim = ReportedResult(queue.run(number), TC, ("1", "2"))
    return [one.outcome for one in book(queue.ledger, [Artifact(f"{path}/{NAME}", outcome, claim)], queue.when())]


def kinds(queue: Queue) -> list[str]:
    return [each.what for each in queue.board().conflicts]


def dispatched(patches: int = 2) -> Queue:
    """A queue whose run 1 holds all patches."""
    queue = Queue(patches=patches)
    queue.next()
    return queue


def test_an_artifact_is_booked_once_a_state() -> None:
    queue = dispatched()
    (effect,) = say(queue, "PASS")
    assert isinstance(effect, VerdictChanges)
    assert queue.states() == {"1": "good", "2": "good"}
    before = len(list(queue.ledger.events()))
    assert say(queue, "PASS") == []
    assert say(queue, "COMMENT") == []  # another word for the same
    assert len(list(queue.ledger.events())) == before


def test_every_leg_of_a_matrix_speaks_and_a_fail_beside_a_pass_is_a_conflict_and_no_pass() -> None:
    queue = dispatched()
    for path, outcome in (("debian", "PASS"), ("fedora", "FAIL"), ("suse", "PASS")):
        (effect,) = say(queue, outcome, path)
        assert isinstance(effect, VerdictChanges)
    assert set(queue.states().values()) == {"pending"}
    assert [run.suspects for run in queue.testcase().open_runs] == [("1", "2")]
    assert kinds(queue) == ["run_contradicts_itself"]
    assert audit(queue.ledger).difference is None


def test_review_first_does_not_silence_the_legs_that_say_more() -> None:
    queue = dispatched()
    say(queue, "REVIEW", "debian")
    assert queue.testcase().in_flight == ()
    assert set(queue.states().values()) == {"pending"}
    say(queue, "PASS", "fedora")
    assert set(queue.states().values()) == {"good"}
    say(queue, "FAIL", "suse")
    assert set(queue.states().values()) == {"pending"}


@pytest.mark.parametrize(
    ("earlier", "later", "states", "in_flight"),
    [
        ("PASS", "FAIL", "pending", 0),
        ("FAIL", "PASS", "good", 0),
        ("REVIEW", "PASS", "good", 0),
        ("PASS", "REVIEW", "pending", 0),
        ("FAIL", "MAYBE", "pending", 1),
    ],
)
def test_a_file_rewritten_in_place_takes_its_earlier_word_back(
    earlier: str, later: str, states: str, in_flight: int
) -> None:
    queue = dispatched()
    say(queue, earlier)
    say(queue, later)
    assert set(queue.states().values()) == {states}
    assert len(queue.testcase().in_flight) == in_flight
    assert kinds(queue) == []
    say(queue, earlier)
    say(queue, "FAIL")
    assert [run.suspects for run in queue.testcase().open_runs] == [("1", "2")]


def test_the_verdict_of_a_patch_alone_follows_the_file_that_is_rewritten() -> None:
    queue = Queue(patches=1)
    queue.next()
    claim = ReportedResult(queue.run(1), TC, ("1",))
    for outcome, verdict in (("FAIL", "bad"), ("PASS", "good"), ("BLOCK", "bad"), ("REVIEW", "pending")):
        book(queue.ledger, [Artifact(NAME, outcome, claim)], queue.when())
        assert queue.states() == {"1": verdict}
        last = timeline(list(queue.ledger.events()), TC, "1")[-1]
        assert last.verdict == verdict.replace("pending", "")


def test_a_file_that_speaks_of_another_run_from_now_on_takes_nothing_back() -> None:
    queue = dispatched()
    say(queue, "PASS", "latest")
    queue.submit("3")
    queue.next()
    book(queue.ledger, [Artifact(f"latest/{NAME}", "FAIL", ReportedResult(queue.run(2), TC, ("3",)))], queue.when())
    assert queue.states() == {"1": "good", "2": "good", "3": "bad"}


def test_an_explicit_report_stands_beside_what_artifacts_say() -> None:
    queue = dispatched()
    queue.report(1, "pass")
    say(queue, "REVIEW")
    assert set(queue.states().values()) == {"good"}
    say(queue, "PASS")
    say(queue, "FAIL")
    assert set(queue.states().values()) == {"pending"}
    assert kinds(queue) == ["run_contradicts_itself"]
    say(queue, "PASS")
    assert set(queue.states().values()) == {"good"}
    assert kinds(queue) == []


def test_a_report_that_says_what_an_artifact_said_stands_when_that_is_rewritten() -> None:
    queue = dispatched()
    say(queue, "PASS")
    assert queue.report(1, "pass").verdicts == ()
    say(queue, "REVIEW")
    assert set(queue.states().values()) == {"good"}


def test_an_operator_silences_every_source_and_lets_them_speak_again() -> None:
    queue = dispatched()
    say(queue, "PASS", "debian")
    say(queue, "REVIEW", "fedora")
    queue.mark(1)
    assert set(queue.states().values()) == {"pending"}
    say(queue, "FAIL", "suse")
    assert queue.testcase().open_runs == ()
    queue.mark(1, "speaks")
    assert [run.suspects for run in queue.testcase().open_runs] == [("1", "2")]


def test_a_run_that_an_operator_lets_speak_is_in_flight_until_an_artifact_says_something_new() -> None:
    queue = dispatched()
    say(queue, "REVIEW")
    queue.mark(1, "speaks")
    assert len(queue.testcase().in_flight) == 1
    assert say(queue, "REVIEW") == []
    assert len(queue.testcase().in_flight) == 1
    say(queue, "PASS")
    assert set(queue.states().values()) == {"good"}


def test_what_an_outcome_was_booked_as_stands_whoever_looks_with_other_settings() -> None:
    queue = dispatched()
    say(queue, "WARN")
    claim = ReportedResult(queue.run(1), TC, ("1", "2"))
    warned = [Artifact(f"debian/{NAME}", "WARN", claim)]
    assert book(queue.ledger, warned, queue.when(), {**SAYS, "WARN": "fail"}) == []
    assert set(queue.states().values()) == {"good"}


def test_artifacts_of_several_roots_at_the_same_path_are_several() -> None:
    queue = dispatched()
    leg = [Artifact(f"run-1/{NAME}", "PASS", ReportedResult(queue.run(1), TC, ("1", "2")))]
    book(queue.ledger, leg, queue.when(), origin="/ci/debian")
    book(queue.ledger, [leg[0]._replace(outcome="FAIL")], queue.when(), origin="/ci/fedora")
    assert kinds(queue) == ["run_contradicts_itself"]


def test_results_of_artifacts_that_an_older_version_booked_are_read_as_theirs() -> None:
    queue = dispatched()
    run, path = queue.run(1), f"debian/{NAME}"
    with queue.ledger.transaction(1, "old") as transaction:
        transaction.append(RunResult(run, "pass", path), f"artifact-{run}")
    queue.submit("3")
    assert queue.states() == {"1": "good", "2": "good", "3": "pending"}
    assert say(queue, "PASS") == []
    say(queue, "FAIL")  # the same file, rewritten
    assert set(queue.states().values()) == {"pending"}
    assert kinds(queue) == []


def test_a_review_that_an_older_version_booked_no_longer_silences_a_report() -> None:
    queue = dispatched()
    run = queue.run(1)
    with queue.ledger.transaction(1, "old") as transaction:
        transaction.append(RunMarked(run, "nothing", f"REVIEW in debian/{NAME}"), f"artifact-{run}")
    queue.submit("3")
    assert queue.testcase().in_flight == ()
    queue.report(1, "pass")
    assert queue.states() == {"1": "good", "2": "good", "3": "pending"}


def test_a_ledger_that_has_no_queue_yet_refuses_and_does_not_break() -> None:
    ledger = memory_ledger()
    with ledger.transaction(1, "mika"):
        pass  # as an act on an alert leaves it
    claim = ReportedResult(f"{ledger.id}-1", TC, ("1",))
    (booked,) = book(ledger, [Artifact(NAME, "PASS", claim)], Actor(1, "mika"))
    assert isinstance(booked.outcome, UnusableResult)
    assert booked.outcome.rule == "unknown_run"


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
    operator_acts.hold(queue.ledger, "3", "ünïcode \u2028", queue.when())
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
    with pytest.raises(RefusedError, match="line 1: the ledger has another event"):
        backup.restore(other.ledger, list(backup.lines(queue.ledger)), queue.when())
    assert list(backup.lines(other.ledger)) == before


def imported(queue: Queue, saved: list[str]) -> Queue:
    """A ledger into which a back-up of a lost one came."""
    restored = Queue.__new__(Queue)
    restored.ledger, restored.seconds = memory_ledger(), queue.seconds
    backup.restore(restored.ledger, saved, queue.when())
    return restored


def test_an_imported_ledger_never_gives_a_run_id_again() -> None:
    lost = Queue(patches=2)
    lost.next()
    saved = list(backup.lines(lost.ledger))
    lost.submit("3")
    never_built_there = lost.next()
    restored = imported(lost, saved)
    restored.submit("4")
    digits = restored.ledger.id
    run = restored.next().run
    assert run == f"{digits}-2"
    assert digits != lost.ledger.id
    assert never_built_there.run == f"{lost.ledger.id}-2"
    with pytest.raises(RefusedError, match="no run"):
        builder_acts.report(restored.ledger, str(never_built_there.run), "pass", restored.when())
    late = Artifact(NAME, "PASS", ReportedResult(str(never_built_there.run), TC, never_built_there.patches))
    (booked,) = book(restored.ledger, [late], restored.when())
    assert isinstance(booked.outcome, UnusableResult)
    assert booked.outcome.rule == "foreign_run"
    assert set(restored.states().values()) == {"pending"}
    assert restored.ledger.id == digits
    assert str(restored.next().run).startswith(f"{digits}-")
    assert audit(restored.ledger).difference is None


def test_a_run_that_the_back_up_holds_is_the_same_run_and_its_result_counts() -> None:
    lost = Queue(patches=2)
    run = str(lost.next().run)
    restored = imported(lost, list(backup.lines(lost.ledger)))
    restored.submit("3")
    restored.next()
    book(restored.ledger, [Artifact(NAME, "PASS", ReportedResult(run, TC, ("1", "2")))], restored.when())
    assert restored.states() == {"1": "good", "2": "good", "3": "pending"}


def test_a_foreign_result_is_foreign_also_before_the_imported_ledger_dispatches() -> None:
    lost = Queue(patches=2)
    saved = list(backup.lines(lost.ledger))
    run = str(lost.next().run)
    restored = imported(lost, saved)
    (booked,) = book(restored.ledger, [Artifact(NAME, "PASS", ReportedResult(run, TC, ("1", "2")))], restored.when())
    assert isinstance(booked.outcome, UnusableResult)
    assert booked.outcome.rule == "foreign_run"


def test_an_import_of_an_import_goes_on_under_digits_of_its_own_again() -> None:
    first = Queue(patches=1)
    second = imported(first, list(backup.lines(first.ledger)))
    second.next()
    saved = list(backup.lines(second.ledger))
    third = imported(second, saved)
    second.next()
    third.next()
    names = {run.run.rpartition("-")[0] for queue in (second, third) for run in queue.testcase().in_flight}
    assert names == {second.ledger.id, third.ledger.id}
    assert len({first.ledger.id, second.ledger.id, third.ledger.id}) == 3
    assert backup.restore(third.ledger, saved, third.when())[1] == 0
    assert audit(third.ledger).difference is None


def test_the_console_means_the_run_of_a_number_under_whatever_digits_it_was_dispatched() -> None:
    lost = Queue(patches=2)
    run = str(lost.next().run)
    restored = imported(lost, list(backup.lines(lost.ledger)))
    restored.submit("3")
    later = str(restored.next().run)
    assert [actions._run(restored.ledger, {"run": number}) for number in ("1", "2")] == [run, later]


def test_a_ledger_into_which_nothing_new_came_keeps_its_digits() -> None:
    queue = Queue(patches=1)
    digits = queue.ledger.id
    backup.restore(queue.ledger, list(backup.lines(queue.ledger)), queue.when())
    assert queue.next().run == f"{digits}-1"


@pytest.mark.parametrize(("line", "text"), [(5, ""), (5, "{}"), (5, None)])
def test_a_broken_back_up_is_refused_with_its_line(line: int, text: str | None) -> None:
    saved = list(backup.lines(busy_queue().ledger))
    if text is None:
        del saved[line - 1]
    else:
        saved[line - 1] = text
    with pytest.raises(RefusedError, match=f"line {line}"):
        backup.restore(memory_ledger(), saved, Queue().when())


def test_a_back_up_that_cannot_be_folded_is_refused() -> None:
    saved = list(backup.lines(busy_queue().ledger))
    index = next(at for at, line in enumerate(saved) if '"kind":"dispatched"' in line)
    saved[index] = saved[index].replace('"kind":"optimistic"', '"kind":"telepathic"')
    with pytest.raises(RefusedError, match="expected kind"):
        backup.restore(memory_ledger(), saved, Queue().when())


def test_the_audit_goes_through_every_decision() -> None:
    found = audit(busy_queue().ledger)
    assert (found.decisions, found.difference) == (6, None)


def test_the_audit_names_the_first_decision_the_rule_would_not_make() -> None:
    queue = Queue(patches=3)
    with queue.ledger.transaction(1, "eve") as transaction:
        transaction.append(
            RunDispatched(queue.run(1), TC, "optimistic", ("3", "1", "2"), (), "0.9", 6, "tb1", None, None)
        )
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
