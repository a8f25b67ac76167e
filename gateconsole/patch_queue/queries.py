"""The rows of the queue's tables, as they are shown: patches, runs, builders."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any, Final, Literal, NamedTuple, cast

from gateconsole.patch_queue.builder_acts import members
from gateconsole.patch_queue.probability import power
from gateconsole.patch_queue.proposal import OpenRun, Testcase, suspects

OVERDUE: Final = 1.5
"""A run in flight is overdue after so many times the median of past durations."""

MINUTE: Final = 60_000_000
"""Microseconds; what is shown of a duration."""

HISTORY: Final = 24 * 60 * MINUTE
"""Microseconds for which decided patches and ended runs are shown, unless somebody says otherwise (rule Q23)."""

DURATIONS: Final = 200
"""How many of the latest ended runs the median is taken of."""

PatchState = Literal["pending", "good", "bad", "held", "conflicting", "withdrawn", "revised", "landed"]
RunState = Literal["in_flight", "passed", "failed", "contradictory", "says_nothing", "lost"]


class PatchRow(NamedTuple):
    """A patch in a testcase. `age`: the smaller, the older; `at`: its arrival, microseconds UTC.

    `place`: its place in the order of innocence from 1, None when it is not under consideration. `in_flight`: runs that
    hold it and have no result; `suspect_of`: open failed runs it is a suspect of. `why`: what held or removed it.
    `bad_unless`: those open failed runs it is the only suspect left of: bad unless they were flakes (rule Q6).
    `settled`: when its verdict came or it left, microseconds UTC; None while it is undecided.
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
    bad_unless: tuple[str, ...] = ()
    settled: int | None = None


class QueueRunRow(NamedTuple):
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


_CLAIMS: Final = "SELECT * FROM claims WHERE testcase = ?1"
_SETTLED: Final = "SELECT * FROM claims INDEXED BY claims_settled WHERE testcase = ?1 AND settled"


def patches(
    connection: sqlite3.Connection,
    testcase: Testcase,
    in_flight: Sequence[QueueRunRow],
    evidence: Sequence[OpenRun],
    since: int | None = None,
) -> tuple[PatchRow, ...]:
    """The patches of a testcase: those under consideration first, in their order, then the others by age.

    Decided ones too: all, or those whose verdict came `since` then (microseconds UTC); the others are not read.
    """
    flying = _by_patch((run.run, run.patches) for run in in_flight)
    suspected = _by_patch((failed.run, failed.suspects) for failed in evidence)
    alone = _by_patch((failed.run, failed.suspects) for failed in evidence if len(failed.suspects) == 1)
    claims = _CLAIMS if since is None else f"{_SETTLED} = 0 UNION ALL {_SETTLED} >= ?2"
    rows = connection.execute(
        "SELECT p.name, c.rank, p.at, c.k, c.verdict, p.fate, p.held, p.conflicting, p.why, c.considered, c.settled "
        f"FROM ({claims}) c JOIN patches p ON p.id = c.patch "
        "ORDER BY c.considered DESC, c.considered * c.k, c.rank",
        (testcase.id,) if since is None else (testcase.id, max(since, 1)),
    )
    made = []
    for place, (name, rank, at, k, verdict, fate, held, conflicting, why, considered, settled) in enumerate(rows, 1):
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
                bad_unless=alone.get(name, ()),
                settled=settled or None,
            )
        )
    return tuple(made)


def _by_patch(runs_of: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for run, patches_of in runs_of:
        for patch in patches_of:
            found.setdefault(patch, []).append(run)
    return {patch: tuple(names) for patch, names in found.items()}


_RUN = (
    "SELECT number, ledger, kind, builder, base, units, p, at, ended, passed, failed, lost, marked OR base_failed "
    "OR base_red AND failed, suspects FROM runs WHERE testcase = ?1"
)
_IN_FLIGHT = "passed = 0 AND failed = 0 AND lost = 0 AND marked = 0"
_SINCE = tuple(f"{_RUN} AND {which}" for which in ("at >= ?2", "ended >= ?2", "suspects > 0", _IN_FLIGHT))
"""Each by an index of its own: what ended long ago is not read."""


def runs(
    connection: sqlite3.Connection,
    testcase: Testcase,
    now: int,
    only_in_flight: bool = False,
    since: int | None = None,
) -> tuple[QueueRunRow, ...]:
    """The runs of a testcase, oldest first: all, those in flight, or these, what is evidence and what came `since`."""
    if only_in_flight:
        found = connection.execute(f"{_RUN} AND {_IN_FLIGHT} ORDER BY number", (testcase.id,)).fetchall()
    elif since is None:
        found = connection.execute(f"{_RUN} ORDER BY number", (testcase.id,)).fetchall()
    else:
        asked = (connection.execute(query, (testcase.id, since)[: 1 + ("?2" in query)]) for query in _SINCE)
        found = sorted({row for rows in asked for row in rows.fetchall()})
    expected = _expected(connection, testcase)
    return tuple(_run_row(connection, row, now, expected) for row in found)


def _run_row(connection: sqlite3.Connection, row: tuple[Any, ...], now: int, expected: int | None) -> QueueRunRow:
    number, ledger, kind, builder, base, units, p, at, ended, passed, failed, lost, silent, suspected = row
    state = _run_state(passed, failed, lost, silent)
    elapsed = max(0, (now if ended is None else ended) - at)
    return QueueRunRow(
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


def with_ages(run: QueueRunRow, now: int) -> QueueRunRow:
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
    """Failed runs that are still evidence, oldest first (rule Q6)."""
    rows = connection.execute(
        "SELECT number, ledger, size FROM runs WHERE testcase = ? AND suspects > 0 ORDER BY number", (testcase.id,)
    ).fetchall()
    return tuple(OpenRun(f"{ledger}-{number}", suspects(connection, number), size) for number, ledger, size in rows)


def builders(connection: sqlite3.Connection, testcase: Testcase) -> tuple[Builder, ...]:
    """Everyone who was given a run of a testcase, by name."""
    flying: dict[str, int] = dict(
        connection.execute(
            f"SELECT builder, count(*) FROM runs WHERE testcase = ? AND {_IN_FLIGHT} GROUP BY builder", (testcase.id,)
        )
    )
    rows = connection.execute(
        "SELECT builder, runs, last FROM builders WHERE testcase = ? ORDER BY builder", (testcase.id,)
    )
    return tuple(Builder(name, runs, flying.get(name, 0), last) for name, runs, last in rows)
