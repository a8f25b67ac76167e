"""The queue against a second, naive implementation, over random scripts (rules 3)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from gateconsole.patch_queue import backup, builder_acts, operator_acts, schema
from gateconsole.patch_queue.audit import audit
from gateconsole.patch_queue.state import replay
from gateconsole.patch_queue.timeline import timeline
from gateconsole.patch_queue.transaction import Outcome
from tests.tools.queue_in_memory import TC, Queue, memory_ledger
from tests.tools.queue_naive import Naive, NaivePatch, NaiveRun

P = st.sampled_from(["0.3", "0.5", "0.51", "0.7", "0.71", "0.8", "0.9", "0.95"])
STEPS = st.lists(st.tuples(st.integers(0, 18), st.integers(0, 7)), max_size=40)


class Pair:
    """The queue and its naive double, told the same."""

    def __init__(self, p: str, longer: bool, literal: bool) -> None:
        self.queue = Queue(p, literal=literal, text="longer" if longer else "shorter")
        self.naive = Naive(p, longer, literal)
        self.name = TC
        self.retired = False
        self.waiting: list[tuple[str, bool]] = []
        """What was submitted while the testcase was retired: it comes in when the testcase is in force again."""
        self.asked: dict[str, NaiveRun] = {}

    def step(self, what: int, which: int) -> None:
        """One step of a script; `which` chooses a patch or run, the latest first."""
        if what <= 3:
            self._submit(first=what == 3)
        elif what <= 7:
            self._next(which)
        elif what <= 12 and self.naive.runs:
            self._run(what, which)
        elif what == 18:
            self._retire()
        elif self.alive and not (self.retired and what in {15, 16}):
            self._patch(what, self.alive[-1 - which % len(self.alive)])

    @property
    def alive(self) -> list[NaivePatch]:
        return [patch for patch in self.naive.patches if not patch.fate]

    def _submit(self, first: bool) -> None:
        name = f"i{len(self.naive.patches) + len(self.waiting)}"
        self.queue.submit(name, first=first)
        if self.retired:
            self.waiting.append((name, first))
        else:
            self.naive.submit(name, first)

    def _retire(self) -> None:
        """Out of force, or in force again with all that came meanwhile (rule Q16)."""
        ledger, when = self.queue.ledger, self.queue.when()
        if self.retired:
            assert operator_acts.configure(ledger, self.name, when).changed
            for name, first in self.waiting:
                self.naive.submit(name, first)
            self.waiting = []
        else:
            assert operator_acts.retire(ledger, self.name, "gone", when).changed
        self.retired = not self.retired

    def _next(self, which: int) -> None:
        base = (None, None, "c0ffee", "badcab")[which % 4]
        request = {1: "one", 5: "one", 6: "two"}.get(which)
        before = self.asked.get(request) if request else None
        again = before is not None and before.outstanding
        expected = before if again else None if self.retired else self.naive.dispatch(base, anyway=which == 7)
        if request and expected is not None:
            self.asked[request] = expected
        when = self.queue.when()
        got = builder_acts.next_run(
            self.queue.ledger, self.name, f"tb{which}", when, base=base, request=request, anyway=which == 7
        )
        assert got.repeated == again
        assert got.earlier == (None if before is None or again else self.queue.run(before.number))
        assert got.run == (expected and self.queue.run(expected.number))
        assert got.kind == (expected and expected.kind)
        assert got.patches == tuple(patch.name for patch in (expected.patches if expected else ()))

    def _run(self, what: int, which: int) -> None:
        run = self.naive.runs[-1 - which % len(self.naive.runs)]
        if what in {8, 9}:
            result = "pass" if what == 8 else "fail"
            self.queue.report(run.number, result)
            run.results.add(result)
        elif what == 10 and not run.results:
            self.queue.lost(run.number)
            run.lost = True
        elif what == 11:
            run.marked = not run.marked
            self.queue.mark(run.number, "nothing" if run.marked else "speaks")
        elif what == 12 and "fail" in run.results:
            result = "pass" if which % 2 else "fail"
            self.queue.base(run.number, result)
            self.naive.base_result(run, result)

    def _patch(self, what: int, patch: NaivePatch) -> None:
        ledger, when = self.queue.ledger, self.queue.when()
        if what == 13:
            fate = "withdrawn" if len(self.naive.runs) % 2 else "landed"
            act: Callable[[], Outcome] = lambda: (  # noqa: E731
                operator_acts.withdraw(ledger, patch.name, "", when)
                if fate == "withdrawn"
                else operator_acts.land(ledger, patch.name, when)
            )
            act()
            patch.fate = fate
        elif what == 14:
            if patch.held or patch.conflicting:
                operator_acts.release(ledger, patch.name, when)
                patch.held = patch.conflicting = False
            elif len(self.naive.runs) % 2:
                operator_acts.hold(ledger, patch.name, "", when)
                patch.held = True
            else:
                operator_acts.conflict(ledger, patch.name, "", when)
                patch.conflicting = True
        elif what == 16 and not self.naive.verdict(patch):
            self.queue.submit(patch.name, first=True)
            self.naive.put_first(patch)
        elif what == 17:
            self.name = f"{TC} {len(self.naive.runs)}"
            operator_acts.rename(ledger, self.queue.testcase().testcase.name, self.name, when)
        elif what == 15 and self.naive.verdict(patch):
            operator_acts.reopen(ledger, patch.name, "wrong", when)
            for run in self.naive.runs:
                if run.results and patch in run.patches:
                    run.muted.add(patch.name)

    def check(self) -> None:
        """Both say the same of everything."""
        board = self.queue.testcase()
        rows = {row.patch: row for row in board.patches}
        p = Fraction(self.queue.testcase().testcase.p)
        for patch in self.naive.patches:
            row = rows[patch.name]
            assert p ** (1 + row.k) == patch.p
            assert row.verdict == self.naive.verdict(patch)
        assert {row.patch for row in board.patches if row.place} == {patch.name for patch in self.naive.considered()}
        assert {int(run.run.split("-")[1]): list(run.suspects) for run in board.open_runs} == self.naive.open_runs()
        kind, chosen = (None, []) if self.retired else self.naive.propose()
        assert (board.proposal.choice.kind, board.proposal.patches) == (kind, tuple(patch.name for patch in chosen))
        if kind == "pessimistic":
            expected = tuple(self.queue.run(number) for number in self.naive.credits(chosen[0]))
            assert board.proposal.credits == expected
        recent = self.queue.recent()
        whole = self.queue.board().overall
        if self.retired:
            assert set(recent.overall) <= set(whole)
            assert (recent.testcases, recent.retired) == ((), (self.name,))
            assert not any(one.state in {"good", "bad"} for one in whole)
            return
        assert recent.overall == whole  # within a day nothing is history
        assert recent.testcases[0].patches == board.patches
        suspects = list(self.naive.open_runs().values())
        alone = {one for each in suspects if len(each) == 1 for one in each}
        assert {row.patch for row in board.patches if row.bad_unless} == alone
        names = {patch.name for patch in chosen}
        held = [number for number, suspects in self.naive.open_runs().items() if names.issuperset(suspects)]
        assert [run.run for run in board.proposal.holds] == [self.queue.run(number) for number in held]


@settings(max_examples=150)
@given(P, st.booleans(), st.booleans(), STEPS)
def test_it_agrees_with_the_naive_queue_at_every_step(
    p: str, longer: bool, literal: bool, steps: list[tuple[int, int]]
) -> None:
    pair = Pair(p, longer, literal)
    for what, which in steps:
        pair.step(what, which)
        pair.check()


@settings(max_examples=60)
@given(P, st.booleans(), st.booleans(), STEPS)
def test_the_state_is_the_fold_of_the_events_and_the_audit_finds_nothing(
    p: str, longer: bool, literal: bool, steps: list[tuple[int, int]]
) -> None:
    pair = Pair(p, longer, literal)
    for step in steps:
        pair.step(*step)
    ledger = pair.queue.ledger
    with ledger.reading() as connection:
        assert schema.differences(connection, replay(list(ledger.events()))) is None
    assert audit(ledger).difference is None
    copy = memory_ledger()
    backup.restore(copy, backup.lines(ledger), pair.queue.when())
    with ledger.reading() as mine, copy.reading() as theirs:
        assert schema.differences(mine, theirs) is None
    assert audit(copy).difference is None


@settings(max_examples=60)
@given(P, STEPS)
def test_a_patchs_timeline_ends_where_the_patch_stands(p: str, steps: list[tuple[int, int]]) -> None:
    pair = Pair(p, longer=True, literal=False)
    for step in steps:
        pair.step(*step)
    for row in pair.queue.testcase().patches:
        last = timeline(list(pair.queue.ledger.events()), pair.name, row.patch)[-1]
        assert (last.k, last.verdict) == (row.k, row.verdict)


ON_BASES = st.lists(
    st.tuples(st.sampled_from([5, 5, 8, 9, 9, 9, 12, 12]), st.sampled_from([0, 1, 2, 2, 3, 6, 7])),
    min_size=8,
    max_size=30,
)
"""Dispatches, mostly on two commits, results, and base results: enough of them that commits turn red and green."""


@settings(max_examples=200)
@given(st.sampled_from(["0.5", "0.7", "0.9"]), ON_BASES)
def test_commits_turn_red_and_green_as_the_naive_queue_reads_row_15(p: str, steps: list[tuple[int, int]]) -> None:
    pair = Pair(p, longer=True, literal=False)
    for which in range(6):
        pair.step(0, which)
    for what, which in steps:
        pair.step(what, which)
        pair.check()
    assert audit(pair.queue.ledger).difference is None
    for row in pair.queue.testcase().patches:
        last = timeline(list(pair.queue.ledger.events()), TC, row.patch)[-1]
        assert (last.k, last.verdict) == (row.k, row.verdict)
