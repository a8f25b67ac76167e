"""The queue at one instant, frozen: what a screen, `queue status` and an export show (architecture 3)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from gateconsole.patch_queue import queries
from gateconsole.patch_queue.conflicts import Conflict, conflicts
from gateconsole.patch_queue.operator_acts import estimate_of
from gateconsole.patch_queue.probability import Estimate, bound, outside, warnings
from gateconsole.patch_queue.proposal import OpenRun, Proposal, Testcase, all_testcases, propose
from gateconsole.patch_queue.queries import Builder, PatchRow, PatchState, QueueRunRow, patch_state


class Overall(NamedTuple):
    """A patch over all its testcases (rule Q16): its state, and the same in words (`good in 2/3`)."""

    patch: str
    state: PatchState
    text: str


@dataclass(frozen=True, slots=True)
class TestcaseBoard:
    """One testcase. `builds` are runs and base builds; `bound` is n H(p) for the `verdicts` there are (rule Q19).

    `earlier`: how many patches were decided before those that are shown (rule Q23); `oldest`: when the one of these was
    decided that is history first, microseconds UTC.
    """

    testcase: Testcase
    estimate: Estimate
    proposal: Proposal
    patches: tuple[PatchRow, ...]
    in_flight: tuple[QueueRunRow, ...]
    open_runs: tuple[OpenRun, ...]
    builders: tuple[Builder, ...]
    builds: int
    verdicts: int
    bound: float
    warnings: tuple[str, ...]
    earlier: int = 0
    oldest: int | None = None

    @property
    def considered(self) -> int:
        """How many patches are under consideration."""
        return sum(row.place is not None for row in self.patches)

    @property
    def suspected(self) -> int:
        """How many undecided patches are suspects of an open failed run (rule Q19)."""
        return sum(bool(row.suspect_of) for row in self.patches)

    @property
    def overdue(self) -> int:
        """How many runs in flight are overdue."""
        return sum(row.overdue for row in self.in_flight)


@dataclass(frozen=True, slots=True)
class Board:
    """The queue at one instant; `seq` is the last event in it.

    `history`: of what was decided, that of so many microseconds before is shown (rule Q23); None: everything, the
    testcases that were retired too. `retired` names those that are not shown.
    """

    seq: int = 0
    testcases: tuple[TestcaseBoard, ...] = ()
    overall: tuple[Overall, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    history: int | None = None
    retired: tuple[str, ...] = ()


EMPTY: Final = Board()
"""Before anything is configured."""


def board(connection: sqlite3.Connection, now: int, history: int | None = None) -> Board:
    """The queue as these tables hold it, with the undecided and what was decided in the last `history` microseconds.

    `now` (microseconds UTC) says how long runs have been in flight, and what is history. What was decided before is
    never read (rule Q23), however much it is; without `history` everything is.
    """
    (seq,) = connection.execute("SELECT applied FROM queue_meta").fetchone()
    since = None if history is None else now - history
    testcases = all_testcases(connection)
    return Board(
        seq,
        tuple(
            _testcase(connection, testcase, now, since)
            for testcase in testcases
            if history is None or testcase.retired is None
        ),
        overall(connection, since),
        tuple(conflicts(connection)),
        history,
        tuple(each.name for each in testcases if each.retired is not None and history is not None),
    )


def with_ages(shown: Board, now: int) -> Board:
    """The same queue a while later: how long runs have been in flight, which are overdue, and what is history by then.

    Rows whose whole minutes and overdue stay are the same objects; so is the board when nothing changes.
    """
    testcases = tuple(_aged_testcase(each, now, shown.history) for each in shown.testcases)
    if all(new is old for new, old in zip(testcases, shown.testcases, strict=True)):
        return shown
    return replace(shown, testcases=testcases, overall=_aged_overall(shown, testcases))


def _aged_testcase(each: TestcaseBoard, now: int, history: int | None) -> TestcaseBoard:
    in_flight = tuple(queries.with_ages(run, now) for run in each.in_flight)
    if any(new is not old for new, old in zip(in_flight, each.in_flight, strict=True)):
        each = replace(each, in_flight=in_flight)
    if history is None or each.oldest is None or each.oldest >= now - history:
        return each
    recent = tuple(row for row in each.patches if row.settled is None or row.settled >= now - history)
    earlier = each.earlier + len(each.patches) - len(recent)
    return replace(each, patches=recent, earlier=earlier, oldest=_oldest(recent))


def _oldest(patches: Sequence[PatchRow]) -> int | None:
    return min((row.settled for row in patches if row.settled is not None), default=None)


def _aged_overall(shown: Board, testcases: Sequence[TestcaseBoard]) -> tuple[Overall, ...]:
    """Without the patches that no testcase shows any more."""
    now = {row.patch for each in testcases for row in each.patches}
    gone = {row.patch for each in shown.testcases for row in each.patches} - now
    return tuple(one for one in shown.overall if one.patch not in gone) if gone else shown.overall


def _testcase(connection: sqlite3.Connection, testcase: Testcase, now: int, since: int | None) -> TestcaseBoard:
    in_flight = queries.runs(connection, testcase, now, only_in_flight=True)
    open_runs = queries.open_runs(connection, testcase)
    patches = queries.patches(connection, testcase, in_flight, open_runs, since)
    judged = estimate_of(connection, testcase)
    verdicts = judged.good + judged.bad
    considered = sum(row.place is not None for row in patches)
    builds, claims = connection.execute("SELECT builds, claims FROM testcases WHERE id = ?", (testcase.id,)).fetchone()
    proposal, builders = propose(connection, testcase), queries.builders(connection, testcase)
    repeats = _repeated(proposal, in_flight) if len(builders) > 1 else None
    flying = sum(one.in_flight > 0 for one in builders)
    return TestcaseBoard(
        testcase=testcase,
        estimate=judged,
        proposal=proposal,
        patches=patches,
        in_flight=in_flight,
        open_runs=open_runs,
        builders=builders,
        builds=builds,
        verdicts=verdicts,
        bound=bound(testcase.p, verdicts),
        warnings=(
            *outside(testcase.name, testcase.p, judged),
            *warnings(testcase.p, flying, considered, repeats),
        ),
        earlier=claims - len(patches),
        oldest=_oldest(patches),
    )


def _repeated(proposal: Proposal, in_flight: Sequence[QueueRunRow]) -> str | None:
    """The latest run in flight that holds just the proposed set."""
    chosen = set(proposal.patches)
    return next((run.run for run in reversed(in_flight) if set(run.patches) == chosen), None)


_RECENT = """
    WITH shown (patch) AS (
        SELECT c.patch FROM testcases t CROSS JOIN claims c ON c.testcase = t.id AND c.settled = 0 WHERE t.retired = 0
        UNION
        SELECT c.patch FROM testcases t CROSS JOIN claims c ON c.testcase = t.id AND c.settled >= ? WHERE t.retired = 0
        UNION SELECT id FROM patches WHERE orphan = 1)"""
_OVERALL = """
    SELECT p.name, p.fate, p.held, p.conflicting, count(t.id), ifnull(sum(t.id > 0 AND c.verdict = 'good'), 0),
        ifnull(sum(t.id > 0 AND c.verdict = 'bad'), 0)
    FROM patches p LEFT JOIN claims c ON c.patch = p.id
        LEFT JOIN testcases t ON t.id = c.testcase AND t.retired = 0"""


def overall(connection: sqlite3.Connection, since: int | None = None) -> tuple[Overall, ...]:
    """Every patch over all its testcases in force, by arrival: good only if good in all, bad if bad in any (rule Q16).

    `since`: only those undecided in a testcase, or decided in one since then (microseconds UTC).
    """
    if since is None:
        found = connection.execute(f"{_OVERALL} GROUP BY p.id ORDER BY p.id")
    else:
        found = connection.execute(
            f"{_RECENT} {_OVERALL} WHERE p.id IN (SELECT patch FROM shown) GROUP BY p.id ORDER BY p.id", (since,)
        )
    return tuple(map(_overall, found))


def _overall(row: tuple[str, str, int, int, int, int, int]) -> Overall:
    patch, fate, held, conflicting, testcases, good, bad = row
    verdict = "bad" if bad else "good" if testcases and good == testcases else ""
    state = patch_state(fate or verdict, conflicting, held)
    share = f"bad in {bad}/{testcases}" if bad else f"good in {good}/{testcases}" if good else ""
    if state == "good" or not share:
        return Overall(patch, state, state)
    return Overall(patch, state, share if state in {"bad", "pending"} else f"{state}, {share}")
