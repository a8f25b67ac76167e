"""What each kind of event changes (DOMAIN 3): one function an event. It refuses what cannot be.

k counts the uncredited optimistic runs that hold a patch. Verdicts are settled anew for every patch an event touches.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, Final

from gateconsole.innocence.known import Refused, checked_name, last_run, patch_id, run_number, testcase_id
from gateconsole.innocence.numbers import PWrong, capacity
from gateconsole.innocence.verdicts import settle_patch, settle_patches, settle_run
from gateconsole.ledger import payloads
from gateconsole.ledger.events import Event
from gateconsole.text import printable

TEXTS: Final = ("longer", "shorter")
"""The two copies of the mail (row 1)."""

STRATEGIES: Final = ("seed",)
OPTIMISTIC: Final = "optimistic"
PESSIMISTIC: Final = "pessimistic"
RESULTS: Final = ("pass", "fail")


def _configure(connection: sqlite3.Connection, event: Event, payload: payloads.TestcaseConfigured) -> None:
    checked_name("testcase", payload.testcase)
    if payload.text not in TEXTS or payload.strategy not in STRATEGIES:
        raise Refused(f"expected the text {' or '.join(TEXTS)} and the strategy {' or '.join(STRATEGIES)}")
    values = (payload.p, _capacity(payload.p), payload.text, payload.literal, payload.strategy, payload.testcase)
    found = connection.execute("SELECT 1 FROM testcases WHERE name = ?", (payload.testcase,)).fetchone()
    if found is not None:
        connection.execute(
            "UPDATE testcases SET p = ?, m = ?, text = ?, literal = ?, strategy = ? WHERE name = ?", values
        )
        return
    added = connection.execute(
        "INSERT INTO testcases (p, m, text, literal, strategy, name) VALUES (?, ?, ?, ?, ?, ?)", values
    )
    connection.execute(  # row 16: patches that have not left
        "INSERT INTO claims (testcase, patch, rank, considered) "
        "SELECT ?, id, rank, held = 0 AND conflicting = 0 FROM patches WHERE everywhere = 1 AND fate = ''",
        (added.lastrowid,),
    )


def _submit(connection: sqlite3.Connection, event: Event, payload: payloads.PatchSubmitted) -> None:
    checked_name("patch", payload.patch)
    named = [testcase_id(connection, name) for name in payload.testcases]
    known = connection.execute("SELECT 1 FROM patches WHERE name = ?", (payload.patch,)).fetchone()
    if known is None:
        last, least = connection.execute(
            "SELECT ifnull((SELECT max(id) FROM patches), 0), min(0, ifnull((SELECT min(rank) FROM patches), 0))"
        ).fetchone()
        connection.execute(
            "INSERT INTO patches (id, name, rank, at, everywhere) VALUES (?, ?, ?, ?, ?)",
            (last + 1, payload.patch, least - 1 if payload.first else last + 1, event.at, not named),
        )
    elif not named:
        connection.execute("UPDATE patches SET everywhere = 1 WHERE name = ?", (payload.patch,))
    patch = patch_id(connection, payload.patch)
    for testcase in named or [row[0] for row in connection.execute("SELECT id FROM testcases ORDER BY id")]:
        connection.execute(
            "INSERT OR IGNORE INTO claims (testcase, patch, rank, considered) "
            "SELECT ?, id, rank, held = 0 AND conflicting = 0 FROM patches WHERE id = ?",
            (testcase, patch),
        )


def _leave(connection: sqlite3.Connection, name: str, fate: str, why: str) -> None:
    """A patch leaves; failed runs that held it are no evidence any more, unless it landed (rows 6, 14)."""
    patch = patch_id(connection, name)
    connection.execute("UPDATE patches SET fate = ?, why = ? WHERE id = ?", (fate, why, patch))
    _reconsider(connection, patch)


def _reconsider(connection: sqlite3.Connection, patch: int) -> None:
    for (testcase,) in connection.execute("SELECT testcase FROM claims WHERE patch = ?", (patch,)).fetchall():
        settle_patch(connection, testcase, patch, evidence=True)


def _flag(connection: sqlite3.Connection, name: str, column: str, why: str) -> None:
    patch = patch_id(connection, name)
    connection.execute(f"UPDATE patches SET {column} = 1, why = ? WHERE id = ?", (why, patch))
    _reconsider(connection, patch)


def _release(connection: sqlite3.Connection, event: Event, payload: payloads.Released) -> None:
    patch = patch_id(connection, payload.patch)
    connection.execute("UPDATE patches SET held = 0, conflicting = 0, why = '' WHERE id = ?", (patch,))
    _reconsider(connection, patch)


def _revise(connection: sqlite3.Connection, event: Event, payload: payloads.PatchRevised) -> None:
    patch_id(connection, payload.successor)
    if payload.patch == payload.successor:
        raise Refused(f"patch {payload.patch!r} cannot supersede itself")
    _leave(connection, payload.patch, "revised", payload.successor)


def _dispatch(connection: sqlite3.Connection, event: Event, payload: payloads.Dispatched) -> None:
    testcase = testcase_id(connection, payload.testcase)
    number = last_run(connection) + 1
    ledger = payload.run.rpartition("-")[0]
    if payload.run != f"{ledger}-{number}":
        raise Refused(f"run {printable(payload.run)!r}: expected number {number}, the next")
    patches = [_claimed(connection, testcase, name) for name in payload.patches]
    optimistic = payload.kind == OPTIMISTIC
    if not patches or len(set(patches)) != len(patches) or not (optimistic or payload.kind == PESSIMISTIC):
        raise Refused(f"run {payload.run}: expected kind {OPTIMISTIC} or {PESSIMISTIC} and patches, each once")
    if not optimistic and len(patches) > 1:
        raise Refused(f"run {payload.run}: a {PESSIMISTIC} run holds one patch")
    units = sum(1 + k for k in _ks(connection, testcase, patches))
    connection.execute(
        "INSERT INTO runs (number, ledger, testcase, kind, size, units, p, builder, base, request, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            ledger,
            testcase,
            payload.kind,
            len(patches),
            units,
            payload.p,
            payload.builder,
            payload.base,
            payload.request,
            event.at,
        ),
    )
    connection.executemany(
        "INSERT INTO members (run, place, patch, testcase) VALUES (?, ?, ?, ?)",
        ((number, place, patch, testcase) for place, patch in enumerate(patches)),
    )
    if optimistic:
        connection.executemany(
            "UPDATE claims SET k = k + 1 WHERE testcase = ? AND patch = ?", ((testcase, patch) for patch in patches)
        )
    if len(patches) == 1:
        connection.execute(
            "UPDATE claims SET waiting = ? WHERE testcase = ? AND patch = ?", (number, testcase, patches[0])
        )
    for name in payload.credits:
        _credit(connection, testcase, patches[0], run_number(connection, name))


def _claimed(connection: sqlite3.Connection, testcase: int, name: str) -> int:
    patch = patch_id(connection, name)
    if connection.execute("SELECT 1 FROM claims WHERE testcase = ? AND patch = ?", (testcase, patch)).fetchone():
        return patch
    raise Refused(f"patch {printable(name)!r} is not in this testcase")


def _ks(connection: sqlite3.Connection, testcase: int, patches: list[int]) -> list[int]:
    question = "SELECT k FROM claims WHERE testcase = ? AND patch = ?"
    return [connection.execute(question, (testcase, patch)).fetchone()[0] for patch in patches]


def _credit(connection: sqlite3.Connection, testcase: int, suspect: int, run: int) -> None:
    """Give every patch of a run its penalty back, once in the run's life (3.1)."""
    credited = connection.execute(
        "UPDATE runs SET credited = 1 WHERE number = ? AND kind = ? AND credited = 0 AND EXISTS "
        "(SELECT 1 FROM members WHERE testcase = ? AND patch = ? AND run = number)",
        (run, OPTIMISTIC, testcase, suspect),
    )
    if credited.rowcount != 1:
        raise Refused(f"run number {run} cannot be credited: expected an uncredited {OPTIMISTIC} run of the suspect")
    connection.execute(
        "UPDATE claims SET k = k - 1 WHERE testcase = ? AND patch IN (SELECT patch FROM members WHERE run = ?)",
        (testcase, run),
    )


def _result(connection: sqlite3.Connection, event: Event, payload: payloads.Result) -> None:
    run = run_number(connection, payload.run)
    column = "passed" if _word(payload.result) == "pass" else "failed"
    connection.execute(
        f"UPDATE runs SET {column} = 1, ended = CASE WHEN passed + failed THEN ended ELSE ? END WHERE number = ?",
        (event.at, run),
    )
    _settle_members(connection, run)


def _lose(connection: sqlite3.Connection, event: Event, payload: payloads.Lost) -> None:
    run = run_number(connection, payload.run)
    lost = connection.execute(
        "UPDATE runs SET lost = 1, ended = ? WHERE number = ? AND passed = 0 AND failed = 0", (event.at, run)
    )
    if not lost.rowcount:
        raise Refused(f"run {payload.run} has a result: it is not lost")
    _settle_members(connection, run)


def _base(connection: sqlite3.Connection, event: Event, payload: payloads.BaseResult) -> None:
    run = run_number(connection, payload.run)
    if not connection.execute("SELECT failed FROM runs WHERE number = ?", (run,)).fetchone()[0]:
        raise Refused(f"run {payload.run} has not failed: its base is built only after a failure; report it first")
    column = "base_passed" if _word(payload.result) == "pass" else "base_failed"
    connection.execute(f"UPDATE runs SET {column} = 1 WHERE number = ?", (run,))
    _settle_members(connection, run)


def _mark(connection: sqlite3.Connection, event: Event, payload: payloads.Marked) -> None:
    run = run_number(connection, payload.run)
    if payload.says not in {"nothing", "speaks"}:
        raise Refused("a run is marked as saying nothing, or as one that speaks")
    silent = payload.says == "nothing"
    connection.execute("UPDATE runs SET marked = ? WHERE number = ?", (silent, run))
    _settle_members(connection, run)


def _settle_members(connection: sqlite3.Connection, run: int) -> None:
    settle_patches(connection, run)
    settle_run(connection, run)


def _reopen(connection: sqlite3.Connection, event: Event, payload: payloads.Reopened) -> None:
    patch = patch_id(connection, payload.patch)
    for name in payload.testcases:
        testcase = testcase_id(connection, name)
        _claimed(connection, testcase, payload.patch)
        connection.execute(
            "UPDATE members SET muted = 1 WHERE testcase = ? AND patch = ? AND run IN "
            "(SELECT number FROM runs WHERE testcase = ? AND (passed OR failed))",
            (testcase, patch, testcase),
        )
        settle_patch(connection, testcase, patch)


def _pause(connection: sqlite3.Connection, event: Event, payload: payloads.Paused) -> None:
    testcase = 0 if payload.testcase is None else testcase_id(connection, payload.testcase)
    connection.execute("INSERT OR REPLACE INTO pauses VALUES (?, ?, ?)", (testcase, payload.reason, event.at))


def _resume(connection: sqlite3.Connection, event: Event, payload: payloads.Resumed) -> None:
    if payload.testcase is None:
        connection.execute("DELETE FROM pauses")
    else:
        connection.execute("DELETE FROM pauses WHERE testcase = ?", (testcase_id(connection, payload.testcase),))


def _adopt(connection: sqlite3.Connection, event: Event, payload: payloads.PAdopted) -> None:
    testcase = testcase_id(connection, payload.testcase)
    connection.execute("UPDATE testcases SET p = ?, m = ? WHERE id = ?", (payload.p, _capacity(payload.p), testcase))


def _word(result: str) -> str:
    if result not in RESULTS:
        raise Refused(f"result {printable(result)!r}: expected pass or fail")
    return result


def _capacity(p: str) -> int:
    try:
        return capacity(p)
    except PWrong as error:
        raise Refused(str(error)) from error


APPLY: Final[dict[type, Callable[[sqlite3.Connection, Event, Any], None]]] = {
    payloads.TestcaseConfigured: _configure,
    payloads.PatchSubmitted: _submit,
    payloads.PatchRevised: _revise,
    payloads.PatchWithdrawn: lambda db, _, payload: _leave(db, payload.patch, "withdrawn", payload.reason),
    payloads.PatchLanded: lambda db, _, payload: _leave(db, payload.patch, "landed", ""),
    payloads.PatchConflicted: lambda db, _, payload: _flag(db, payload.patch, "conflicting", payload.reason),
    payloads.Held: lambda db, _, payload: _flag(db, payload.patch, "held", payload.reason),
    payloads.Released: _release,
    payloads.Dispatched: _dispatch,
    payloads.Result: _result,
    payloads.Lost: _lose,
    payloads.BaseResult: _base,
    payloads.Marked: _mark,
    payloads.Reopened: _reopen,
    payloads.Paused: _pause,
    payloads.Resumed: _resume,
    payloads.PAdopted: _adopt,
}
"""Payload -> what it changes."""
