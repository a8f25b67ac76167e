"""The rows of the queue's tables, as they are shown: patches, runs, builders."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final, Literal, NamedTuple, cast

from gateconsole.innocence.dispatch import members
from gateconsole.innocence.numbers import power
from gateconsole.innocence.proposal import OpenRun, Testcase, suspects

OVERDUE: Final = 1.5
"""A run in flight is overdue after so many times the median of past durations."""

MINUTE: Final = 60_000_000
"""Microseconds; what is shown of a duration."""

DURATIONS: Final = 200
"""How many of the latest ended runs the median is taken of."""

PatchState = Literal["pending", "good", "bad", "held", "conflicting", "withdrawn", "revised", "landed"]
RunState = Literal["in_flight", "passed", "failed", "contradictory", "says_nothing", "lost"]


class PatchRow(NamedTuple):
    """A patch in a testcase. `age`: the smaller, the older; `at`: its arrival, microseconds UTC.

    `place`: its place in the order of innocence from 1, None when it is not under consideration. `in_flight`: runs that
    hold it and have no result; `suspect_of`: open failed runs it is a suspect of. `why`: what held or removed it.
    """

    patch: str
    age: int
    at: int
    k: int
    p: float
    state: PatchState
    verdict: str
    dirty: bool
    place: int | None
    in_flight: tuple[str, ...]
    suspect_of: tuple[str, ...]
    why: str


class RunRow(NamedTuple):
    """A run as it stands; times and durations in microseconds. `expected`: the median of past durations.

    `elapsed` is until its end, or until now; `suspects` are given while a failed run is open.
    """

    run: str
    kind: str
    patches: tuple[str, ...]
    state: RunState
    builder: str
    base: str | None
    product: float
    at: int
    ended: int | None
    elapsed: int
    expected: int | None
    overdue: bool
    suspects: tuple[str, ...]


class Builder(NamedTuple):
    """A builder of a testcase: how many runs it was given, those in flight, when it was last given one."""

    builder: str
    runs: int
    in_flight: int
    last: int


def patch_state(settled: str, conflicting: int, held: int) -> PatchState:
    """One word for a patch: its fate or verdict if it has one, else what keeps it back, else pending."""
    return cast(PatchState, settled or ("conflicting" if conflicting else "held" if held else "pending"))


def patches(
    connection: sqlite3.Connection,
    testcase: Testcase,
    in_flight: Sequence[RunRow],
    evidence: Sequence[OpenRun],
) -> tuple[PatchRow, ...]:
    """Every patch of a testcase, decided ones too: those under consideration first, in their order."""
    flying = _by_patch((run.run, run.patches) for run in in_flight)
    suspected = _by_patch((failed.run, failed.suspects) for failed in evidence)
    rows = connection.execute(
        "SELECT p.name, c.rank, p.at, c.k, c.verdict, p.fate, p.held, p.conflicting, p.why, c.considered "
        "FROM claims c JOIN patches p ON p.id = c.patch WHERE c.testcase = ? "
        "ORDER BY c.considered DESC, c.considered * c.k, c.rank",
        (testcase.id,),
    )
    made = []
    for place, (name, rank, at, k, verdict, fate, held, conflicting, why, considered) in enumerate(rows, 1):
        state = patch_state(fate or verdict, conflicting, held)
        made.append(
            PatchRow(
                patch=name,
                age=rank,
                at=at,
                k=k,
                p=power(testcase.p, 1 + k),
                state=state,
                verdict=verdict,
                dirty=bool(considered) and 1 + k > testcase.m,
                place=place if considered else None,
                in_flight=flying.get(name, ()),
                suspect_of=suspected.get(name, ()) if not verdict else (),
                why=why,
            )
        )
    return tuple(made)


def _by_patch(runs_of: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for run, patches_of in runs_of:
        for patch in patches_of:
            found.setdefault(patch, []).append(run)
    return {patch: tuple(names) for patch, names in found.items()}


def runs(
    connection: sqlite3.Connection, testcase: Testcase, now: int, only_in_flight: bool = False
) -> tuple[RunRow, ...]:
    """The runs of a testcase, oldest first."""
    expected = _expected(connection, testcase)
    which = " AND passed = 0 AND failed = 0 AND lost = 0 AND marked = 0" if only_in_flight else ""
    made = []
    for row in connection.execute(
        "SELECT number, ledger, kind, builder, base, units, p, at, ended, passed, failed, lost, marked OR base_failed, "
        f"suspects FROM runs WHERE testcase = ?{which} ORDER BY number",
        (testcase.id,),
    ).fetchall():
        number, ledger, kind, builder, base, units, p, at, ended, passed, failed, lost, silent, suspected = row
        state = _run_state(passed, failed, lost, silent)
        elapsed = max(0, (now if ended is None else ended) - at)
        made.append(
            RunRow(
                run=f"{ledger}-{number}",
                kind=kind,
                patches=members(connection, number),
                state=state,
                builder=builder,
                base=base,
                product=power(p, units),
                at=at,
                ended=ended,
                elapsed=elapsed,
                expected=expected,
                overdue=state == "in_flight" and _is_overdue(elapsed, expected),
                suspects=suspects(connection, number) if suspected else (),
            )
        )
    return tuple(made)


def aged(run: RunRow, now: int) -> RunRow:
    """A run in flight a while later; the same object while its whole minutes and overdue stay."""
    elapsed = max(0, now - run.at)
    overdue = _is_overdue(elapsed, run.expected)
    if run.state != "in_flight" or (elapsed // MINUTE == run.elapsed // MINUTE and overdue == run.overdue):
        return run
    return run._replace(elapsed=elapsed, overdue=overdue)


def _is_overdue(elapsed: int, expected: int | None) -> bool:
    return expected is not None and elapsed > OVERDUE * expected


def _run_state(passed: int, failed: int, lost: int, silent: int) -> RunState:
    if silent:
        return "says_nothing"
    if passed or failed:
        return "contradictory" if passed and failed else "passed" if passed else "failed"
    return "lost" if lost else "in_flight"


def _expected(connection: sqlite3.Connection, testcase: Testcase) -> int | None:
    """The median of past durations, microseconds; None before any run ended."""
    rows = connection.execute(
        "SELECT max(0, ended - at) FROM runs WHERE testcase = ? AND (passed OR failed) ORDER BY number DESC LIMIT ?",
        (testcase.id, DURATIONS),
    )
    past = [duration for (duration,) in rows]
    return int(median(past)) if past else None


def open_runs(connection: sqlite3.Connection, testcase: Testcase) -> tuple[OpenRun, ...]:
    """Failed runs that are still evidence, oldest first (row 6)."""
    rows = connection.execute(
        "SELECT number, ledger, size FROM runs WHERE testcase = ? AND suspects > 0 ORDER BY number", (testcase.id,)
    ).fetchall()
    return tuple(OpenRun(f"{ledger}-{number}", suspects(connection, number), size) for number, ledger, size in rows)


def builders(connection: sqlite3.Connection, testcase: Testcase) -> tuple[Builder, ...]:
    """Everyone who was given a run of a testcase, by name."""
    rows = connection.execute(
        "SELECT builder, count(*), sum(passed = 0 AND failed = 0 AND lost = 0 AND marked = 0), max(at) "
        "FROM runs WHERE testcase = ? GROUP BY builder ORDER BY builder",
        (testcase.id,),
    )
    return tuple(map(Builder._make, rows))
