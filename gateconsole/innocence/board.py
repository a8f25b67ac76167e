"""The queue at one instant, frozen: what a screen, `queue status` and an export show (DESIGN 3, SCREENS 3)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from gateconsole.innocence import rows
from gateconsole.innocence.acts import estimate_of
from gateconsole.innocence.conflicts import Conflict, conflicts
from gateconsole.innocence.numbers import Estimate, bound, warnings
from gateconsole.innocence.proposal import OpenRun, Proposal, Testcase, all_testcases, propose
from gateconsole.innocence.rows import Builder, PatchRow, PatchState, RunRow, patch_state


class Overall(NamedTuple):
    """A patch over all its testcases (row 16): its state, and the same in words (`good in 2/3`)."""

    patch: str
    state: PatchState
    text: str


@dataclass(frozen=True, slots=True)
class TestcaseBoard:
    """One testcase. `builds` are runs and base builds; `bound` is n H(p) for the `verdicts` there are (row 19)."""

    testcase: Testcase
    estimate: Estimate
    proposal: Proposal
    patches: tuple[PatchRow, ...]
    in_flight: tuple[RunRow, ...]
    open_runs: tuple[OpenRun, ...]
    builders: tuple[Builder, ...]
    builds: int
    verdicts: int
    bound: float
    warnings: tuple[str, ...]

    @property
    def considered(self) -> int:
        """How many patches are under consideration."""
        return sum(row.place is not None for row in self.patches)

    @property
    def suspected(self) -> int:
        """How many undecided patches are suspects of an open failed run (row 19)."""
        return sum(bool(row.suspect_of) for row in self.patches)

    @property
    def overdue(self) -> int:
        """How many runs in flight are overdue."""
        return sum(row.overdue for row in self.in_flight)


@dataclass(frozen=True, slots=True)
class Board:
    """The whole queue at one instant. `seq` is the last event in it, `ledger` the hex digits of its runs."""

    seq: int = 0
    testcases: tuple[TestcaseBoard, ...] = ()
    overall: tuple[Overall, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


EMPTY: Final = Board()
"""Before anything is configured."""


def board(connection: sqlite3.Connection, now: int) -> Board:
    """The queue as these tables hold it; `now` (microseconds UTC) only says how long runs have been in flight."""
    (seq,) = connection.execute("SELECT applied FROM queue_meta").fetchone()
    return Board(
        seq,
        tuple(_testcase(connection, testcase, now) for testcase in all_testcases(connection)),
        overall(connection),
        tuple(conflicts(connection)),
    )


def aged(shown: Board, now: int) -> Board:
    """The same queue a while later: only how long runs have been in flight, and which are overdue, differs.

    Rows whose whole minutes and overdue stay are the same objects; so is the board when none changes.
    """
    testcases = tuple(_aged_testcase(each, now) for each in shown.testcases)
    same = all(new is old for new, old in zip(testcases, shown.testcases, strict=True))
    return shown if same else replace(shown, testcases=testcases)


def _aged_testcase(each: TestcaseBoard, now: int) -> TestcaseBoard:
    in_flight = tuple(rows.aged(run, now) for run in each.in_flight)
    same = all(new is old for new, old in zip(in_flight, each.in_flight, strict=True))
    return each if same else replace(each, in_flight=in_flight)


def _testcase(connection: sqlite3.Connection, testcase: Testcase, now: int) -> TestcaseBoard:
    in_flight = rows.runs(connection, testcase, now, only_in_flight=True)
    open_runs = rows.open_runs(connection, testcase)
    patches = rows.patches(connection, testcase, in_flight, open_runs)
    judged = estimate_of(connection, testcase)
    verdicts = judged.good + judged.bad
    considered = sum(row.place is not None for row in patches)
    (builds,) = connection.execute(
        "SELECT count(*) + ifnull(sum(base_passed OR base_failed), 0) FROM runs WHERE testcase = ?", (testcase.id,)
    ).fetchone()
    proposal, builders = propose(connection, testcase), rows.builders(connection, testcase)
    repeats = _repeated(proposal, in_flight) if len(builders) > 1 else None
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
        warnings=warnings(testcase.p, sum(one.in_flight > 0 for one in builders), considered, repeats),
    )


def _repeated(proposal: Proposal, in_flight: Sequence[RunRow]) -> str | None:
    """The latest run in flight that holds just the proposed set."""
    chosen = set(proposal.patches)
    return next((run.run for run in reversed(in_flight) if set(run.patches) == chosen), None)


def overall(connection: sqlite3.Connection) -> tuple[Overall, ...]:
    """Every patch over all its testcases, in the order of arrival: good only if good in all, bad if bad in any."""
    found = connection.execute(
        "SELECT p.name, p.fate, p.held, p.conflicting, count(c.patch), "
        "ifnull(sum(c.verdict = 'good'), 0), ifnull(sum(c.verdict = 'bad'), 0) "
        "FROM patches p LEFT JOIN claims c ON c.patch = p.id GROUP BY p.id ORDER BY p.id"
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
