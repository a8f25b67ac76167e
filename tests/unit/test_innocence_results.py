"""What results, lost runs, marks and operators' acts mean for verdicts (rules Q4-Q16)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateconsole.ledger.actor import RefusedError
from gateconsole.patch_queue import builder_acts, operator_acts, queries
from gateconsole.patch_queue.builder_acts import DispatchResult
from tests.tools.queue_in_memory import TC, Queue


def conflicts(queue: Queue) -> list[str]:
    return [each.what for each in queue.board().conflicts]


def test_a_pass_makes_every_undecided_patch_of_the_run_good() -> None:
    queue = Queue(patches=2)
    queue.next()
    assert queue.report(1, "pass").verdicts == (("1", "good"), ("2", "good"))
    assert queue.testcase().considered == 0


def test_a_failed_run_of_several_decides_nothing_and_stays_open_with_its_suspects() -> None:
    queue = Queue(patches=6)
    queue.next()
    assert queue.report(1, "fail").verdicts == ()
    assert [run.suspects for run in queue.testcase().open_runs] == [("1", "2", "3", "4", "5", "6")]
    assert queue.patch("3").suspect_of == (queue.run(1),)


def test_suspects_shrink_as_patches_turn_out_good() -> None:
    queue = Queue(patches=4)
    queue.next()
    queue.submit("5")
    queue.next()  # 5 1 2
    queue.report(1, "fail")
    queue.report(2, "pass")
    assert [(run.suspects, run.size) for run in queue.testcase().open_runs] == [(("3", "4"), 4)]
    assert queue.testcase().suspected == 2


def test_a_proposal_says_which_failed_run_it_repeats() -> None:
    queue = Queue("0.95", patches=4)
    queue.next()
    queue.report(1, "fail")
    proposal = queue.testcase().proposal
    assert [held.run for held in proposal.holds] == [queue.run(1)]
    assert (
        f"holds all 4 suspects of run {queue.run(1)}: will fail unless run {queue.run(1)} was a flake" in proposal.why
    )


def test_the_same_result_again_changes_nothing_and_is_no_event() -> None:
    queue = Queue(patches=2)
    queue.next()
    queue.report(1, "pass")
    before = len(list(queue.ledger.events()))
    assert queue.report(1, "pass").news is False
    assert len(list(queue.ledger.events())) == before


def test_a_late_result_of_a_lost_run_counts() -> None:
    queue = Queue(patches=1)
    queue.next()
    queue.lost(1)
    assert queue.testcase().in_flight == ()
    assert queue.report(1, "fail").verdicts == (("1", "bad"),)


def test_a_run_with_a_result_cannot_be_lost() -> None:
    queue = Queue(patches=1)
    queue.next()
    queue.report(1, "fail")
    with pytest.raises(RefusedError, match="has a result"):
        queue.lost(1)


@pytest.mark.parametrize("order", [("pass", "fail"), ("fail", "pass")])
def test_contradictory_results_of_a_run_are_kept_and_shown_whatever_came_first(order: tuple[str, str]) -> None:
    queue = Queue(patches=1)
    queue.next()
    for result in order:
        queue.report(1, result)
    assert queue.states() == {"1": "bad"}
    assert conflicts(queue) == ["run_contradicts_itself", "bad_but_passed"]


def test_a_failed_run_all_of_whose_patches_are_good_is_a_conflict() -> None:
    queue = Queue(patches=2)
    queue.next()
    queue.next()
    queue.report(1, "fail")
    queue.report(2, "pass")
    assert conflicts(queue) == ["failed_without_suspect"]
    assert queue.testcase().open_runs == ()


def test_a_broken_base_takes_a_verdict_back_and_the_patch_returns_with_its_k() -> None:
    queue = Queue(patches=1, text="shorter")
    queue.next()
    queue.report(1, "fail")
    assert queue.states() == {"1": "bad"}
    assert queue.base(1, "fail").verdicts == (("1", ""),)
    assert queue.p() == {"1": 0.81}


def test_a_base_is_built_only_after_a_failure() -> None:
    queue = Queue(patches=1)
    queue.next()
    with pytest.raises(RefusedError, match="has not failed"):
        queue.base(1, "fail")


def test_a_good_base_changes_nothing() -> None:
    queue = Queue(patches=1)
    queue.next()
    queue.report(1, "fail")
    queue.base(1, "pass")
    assert queue.states() == {"1": "bad"}


def on(queue: Queue, base: str, *, anyway: bool = False) -> DispatchResult:
    return builder_acts.next_run(queue.ledger, TC, "tb1", queue.when(), base=base, anyway=anyway)


def test_a_commit_that_was_built_red_gets_no_run_until_a_later_result_says_it_is_green() -> None:
    queue = Queue(patches=12)
    on(queue, "c0ffee")
    queue.report(1, "fail")
    queue.base(1, "fail")
    red = on(queue, "c0ffee")
    assert (red.run, red.kind, red.patches, red.product) == (None, None, (), None)
    assert red.why == (
        f"base c0ffee was built after run {queue.run(1)} and failed: nothing is dispatched on it until a later result "
        "says that it is green (--anyway overrides)"
    )
    assert on(queue, "badcab").run == queue.run(2)
    assert on(queue, "c0ffee", anyway=True).run == queue.run(3)
    assert builder_acts.next_run(queue.ledger, TC, "tb1", queue.when()).run == queue.run(4)  # on no base that is named
    assert queue.base(1, "pass").news
    assert on(queue, "c0ffee").run == queue.run(5)
    assert queue.base(1, "fail").news  # told before, but since then it was green
    assert not queue.base(1, "fail").news
    assert on(queue, "c0ffee").run is None


def test_a_red_commit_of_one_testcase_is_not_red_in_another() -> None:
    queue = Queue(patches=12)
    operator_acts.configure(queue.ledger, "mac", queue.when(), p="0.9")
    on(queue, "c0ffee")
    queue.report(1, "fail")
    queue.base(1, "fail")
    assert builder_acts.next_run(queue.ledger, "mac", "tb1", queue.when(), base="c0ffee").run == queue.run(2)


def test_a_base_result_speaks_for_every_failed_run_on_its_commit() -> None:
    queue = Queue("0.5", patches=4, literal=False)  # every run holds another patch, alone
    for base in ("c0ffee", "c0ffee", "badcab", "c0ffee"):
        on(queue, base)
    for run in (1, 2, 3):
        queue.report(run, "fail")
    assert queue.states() == {"1": "bad", "2": "bad", "3": "bad", "4": "pending"}
    effect = queue.base(1, "fail")
    assert effect.verdicts == (("1", ""), ("2", ""))
    queue.report(4, "fail")  # dispatched before, reported after
    assert queue.states() == {"1": "pending", "2": "pending", "3": "bad", "4": "pending"}
    board = queries.runs(queue.connection, queue.testcase().testcase, 0)
    assert [run.state for run in board] == ["says_nothing", "says_nothing", "failed", "says_nothing"]


def test_a_failed_set_on_a_red_commit_is_no_evidence() -> None:
    queue = Queue(patches=6)
    on(queue, "c0ffee")
    on(queue, "c0ffee")
    queue.report(1, "fail")
    queue.report(2, "fail")
    assert len(queue.testcase().open_runs) == 2
    queue.base(2, "fail")
    assert queue.testcase().open_runs == ()


def test_a_pass_on_a_red_commit_stands_as_a_conflict() -> None:
    queue = Queue("0.5", patches=2, literal=False)
    on(queue, "c0ffee")
    on(queue, "c0ffee")
    queue.report(1, "fail")
    queue.report(2, "pass")
    effect = queue.base(1, "fail")
    assert queue.states() == {"1": "pending", "2": "good"}
    texts = [each.text for each in queue.board().conflicts]
    assert texts == [f"run {queue.run(2)} passed, yet its base c0ffee was built and failed"]
    assert [each.text for each in effect.conflicts] == texts


def test_runs_dispatched_after_a_commit_was_found_green_speak_again() -> None:
    queue = Queue("0.5", patches=3, literal=False)
    on(queue, "c0ffee")
    queue.report(1, "fail")
    queue.base(1, "fail")
    red = on(queue, "c0ffee", anyway=True).patches[0]
    queue.base(1, "pass")
    green = on(queue, "c0ffee").patches[0]
    queue.report(2, "fail")
    queue.report(3, "fail")
    assert queue.states()[red] == "pending"
    assert queue.states()[green] == "bad"


def test_base_results_of_two_runs_that_disagree_on_a_commit_are_a_conflict() -> None:
    queue = Queue("0.5", patches=2, literal=False)
    on(queue, "c0ffee")
    on(queue, "c0ffee")
    queue.report(1, "fail")
    queue.report(2, "fail")
    queue.base(1, "fail")
    queue.base(2, "pass")
    assert conflicts(queue) == ["base_contradicts_itself"]
    text = f"the base c0ffee was reported as fail with run {queue.run(1)} and as pass with run {queue.run(2)}"
    assert queue.board().conflicts[0].text == text


def test_a_marked_run_says_nothing_until_it_speaks_again() -> None:
    queue = Queue(patches=3)
    queue.next()
    queue.report(1, "pass")
    queue.mark(1)
    assert set(queue.states().values()) == {"pending"}
    queue.mark(1, "speaks")
    assert set(queue.states().values()) == {"good"}


def test_a_verdict_with_another_leg_survives_a_run_that_says_nothing() -> None:
    queue = Queue(patches=1)
    queue.next()
    queue.next()
    queue.report(1, "pass")
    queue.report(2, "pass")
    queue.mark(1)
    assert queue.states() == {"1": "good"}


def test_a_verdict_lost_after_landing_is_a_conflict_and_the_patch_stays_away() -> None:
    queue = Queue(patches=2)
    queue.next()
    queue.report(1, "pass")
    operator_acts.land(queue.ledger, "1", queue.when())
    queue.mark(1)
    assert conflicts(queue) == ["verdict_lost"]
    assert queue.states() == {"1": "landed", "2": "pending"}
    assert "1" not in queue.p()


def test_reopening_mutes_the_runs_that_had_spoken_and_later_results_count_again() -> None:
    queue = Queue(patches=1)
    for _ in range(3):
        queue.next()
    queue.report(1, "fail")
    operator_acts.reopen(queue.ledger, "1", "the machine was broken", queue.when())
    assert queue.states() == {"1": "pending"}
    queue.report(1, "pass")  # the same run: still mute
    assert queue.states() == {"1": "pending"}
    queue.report(2, "pass")
    assert queue.states() == {"1": "good"}


def test_only_a_verdict_can_be_reopened() -> None:
    queue = Queue(patches=1)
    with pytest.raises(RefusedError, match="no verdict"):
        operator_acts.reopen(queue.ledger, "1", "why not", queue.when())


def test_withdrawing_a_suspect_closes_the_failed_run() -> None:
    queue = Queue(patches=3)
    queue.next()
    queue.report(1, "fail")
    operator_acts.withdraw(queue.ledger, "2", "", queue.when())
    assert queue.testcase().open_runs == ()
    assert queue.states()["2"] == "withdrawn"


def test_a_revision_is_a_new_patch_with_k_0_and_the_old_one_never_returns() -> None:
    queue = Queue(patches=3)
    queue.next()
    queue.submit("1b", revises="1")
    assert queue.states()["1"] == "revised"
    assert queue.patch("1b").k == 0
    with pytest.raises(RefusedError, match="never returns"):
        queue.submit("1")


def test_first_goes_before_all_of_equal_k_but_not_before_more_innocent_ones() -> None:
    queue = Queue(patches=2)
    queue.submit("urgent", first=True)
    queue.submit("more urgent", first=True)
    assert queue.testcase().proposal.patches == ("more urgent", "urgent", "1", "2")
    queue.next()
    queue.submit("new")
    assert queue.testcase().proposal.patches[0] == "new"


def test_held_and_conflicting_patches_wait_until_released() -> None:
    queue = Queue(patches=3)
    operator_acts.hold(queue.ledger, "1", "vacation", queue.when())
    operator_acts.conflict(queue.ledger, "2", "does not apply", queue.when())
    assert queue.testcase().proposal.patches == ("3",)
    assert queue.states() == {"1": "held", "2": "conflicting", "3": "pending"}
    for name in ("1", "2"):
        operator_acts.release(queue.ledger, name, queue.when())
    assert queue.testcase().proposal.patches == ("1", "2", "3")


def test_a_held_patch_does_not_count_for_the_only_patch_under_consideration() -> None:
    queue = Queue(patches=2)
    operator_acts.hold(queue.ledger, "2", "", queue.when())
    assert queue.testcase().proposal.choice.kind == "pessimistic"


def test_a_lost_run_no_longer_holds_the_guard_back() -> None:
    queue = Queue("0.7", literal=False, patches=2)
    queue.next()
    queue.next()
    queue.lost(2)
    assert queue.next().patches == ("2",)


def test_planning_changes_nothing() -> None:
    queue = Queue(patches=8)
    with queue.ledger.reading() as connection:
        once = builder_acts.preview(connection, TC)
        again = builder_acts.preview(connection, TC)
    assert once == again
    assert queue.testcase().builds == 0


def test_while_paused_nothing_is_given_and_the_reason_is_said() -> None:
    queue = Queue(patches=2)
    operator_acts.pause(queue.ledger, "disk swap", queue.when())
    given = queue.next()
    assert (given.run, given.patches, given.why) == (None, (), "paused: disk swap")
    operator_acts.resume(queue.ledger, queue.when())
    assert queue.next().patches == ("1", "2")


def request(queue: Queue, key: str, builder: str = "tb1", base: str | None = None) -> DispatchResult:
    return builder_acts.next_run(queue.ledger, TC, builder, queue.when(), request=key, base=base)


def test_a_request_gets_its_run_again_while_it_is_in_flight_whoever_asks() -> None:
    queue = Queue(patches=9)
    first = request(queue, "job 7")
    again = request(queue, "job 7", "tb2")
    assert again[:5] == first[:5]
    assert (again.state, again.builder, again.repeated) == ("in_flight", "tb1", True)
    assert again.why == "request job 7 has this run already: tb1 asked first"
    assert (first.state, first.builder, first.repeated, first.earlier) == ("in_flight", "tb1", False, None)
    assert len(queue.testcase().in_flight) == 1


def _fail(queue: Queue) -> None:
    queue.report(1, "fail")


def _pass(queue: Queue) -> None:
    queue.report(1, "pass")


def _lose(queue: Queue) -> None:
    queue.lost(1)


def _mark(queue: Queue) -> None:
    queue.mark(1)


@pytest.mark.parametrize(
    ("ends", "word"), [(_fail, "failed"), (_pass, "passed"), (_lose, "was lost"), (_mark, "says nothing")]
)
def test_a_request_whose_run_has_ended_starts_a_new_one_and_says_so(ends: Callable[[Queue], None], word: str) -> None:
    queue = Queue(patches=9)
    request(queue, "job 7")
    ends(queue)
    new = request(queue, "job 7", "tb2")
    assert (new.run, new.builder, new.repeated) == (queue.run(2), "tb2", False)
    assert new.earlier == queue.run(1)
    assert new.why.endswith(f"request job 7 had run {queue.run(1)} before, which {word}: this is a new run")
    assert request(queue, "job 7").run == queue.run(2)  # the newest of the key is the one that counts


def test_a_request_whose_run_has_ended_says_so_where_nothing_is_to_be_built() -> None:
    queue = Queue(patches=2)
    request(queue, "job 7")
    queue.report(1, "pass")
    idle = request(queue, "job 7")
    assert (idle.run, idle.state, idle.builder, idle.earlier) == (None, None, None, queue.run(1))
    assert idle.why == f"no patch is under consideration; request job 7 had run {queue.run(1)} before, which passed"


def test_testcases_are_independent_and_a_patch_is_good_only_in_all_of_them() -> None:
    queue = Queue(patches=2)
    operator_acts.configure(queue.ledger, "mac", queue.when(), p="0.8")
    operator_acts.submit(queue.ledger, "linux only", queue.when(), testcases=[TC])
    queue.next()
    queue.report(1, "pass")
    shown = {each.patch: (each.state, each.text) for each in queue.board().overall}
    assert shown == {"1": ("pending", "good in 1/2"), "2": ("pending", "good in 1/2"), "linux only": ("good", "good")}
    mac = builder_acts.next_run(queue.ledger, "mac", "tb9", queue.when())
    assert mac.patches == ("1", "2")
    operator_acts.hold(queue.ledger, "2", "", queue.when())
    builder_acts.next_run(queue.ledger, "mac", "tb9", queue.when())
    builder_acts.report(queue.ledger, queue.run(3), "fail", queue.when())
    shown = {each.patch: (each.state, each.text) for each in queue.board().overall}
    assert shown["1"] == ("bad", "bad in 1/2")


def test_a_testcase_added_later_claims_only_patches_that_have_not_left() -> None:
    queue = Queue(patches=3)
    operator_acts.land(queue.ledger, "1", queue.when())
    operator_acts.withdraw(queue.ledger, "2", "", queue.when())
    operator_acts.configure(queue.ledger, "mac", queue.when(), p="0.8")
    assert [row.patch for row in queue.board().testcases[1].patches] == ["3"]


def test_a_single_patch_in_an_optimistic_run_is_condemned_by_its_failure() -> None:
    queue = Queue("0.51", patches=2)
    given = queue.next()
    assert (given.kind, given.patches) == ("optimistic", ("1",))
    queue.report(1, "fail")
    assert queue.states()["1"] == "bad"


def test_the_number_at_dispatch_decides_not_the_number_left() -> None:
    queue = Queue(patches=2)
    queue.next()  # 1 2
    operator_acts.withdraw(queue.ledger, "1", "", queue.when())
    queue.report(1, "fail")
    assert queue.states()["2"] == "pending"


def test_a_pass_on_decided_patches_is_kept_as_evidence() -> None:
    queue = Queue(patches=1)
    queue.next()
    queue.next()
    queue.report(1, "fail")
    queue.report(2, "pass")
    assert queue.states() == {"1": "bad"}
    queue.mark(1)
    assert queue.states() == {"1": "good"}
