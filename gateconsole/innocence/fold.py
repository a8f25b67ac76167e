"""What each kind of event changes (DOMAIN 3): one function an event; those about runs are in fold_runs. They refuse
what cannot be.

k counts the uncredited optimistic runs that hold a patch. Verdicts are settled anew for every patch an event touches.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, Final

from gateconsole.innocence import fold_runs
from gateconsole.innocence.known import Refused, checked_name, claimed, patch_id, testcase_id
from gateconsole.innocence.numbers import PWrong, capacity
from gateconsole.innocence.verdicts import settle_patch
from gateconsole.ledger import payloads
from gateconsole.ledger.events import Event

TEXTS: Final = ("longer", "shorter")
"""The two copies of the mail (row 1)."""

STRATEGIES: Final = ("seed",)


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


def _reopen(connection: sqlite3.Connection, event: Event, payload: payloads.Reopened) -> None:
    patch = patch_id(connection, payload.patch)
    for name in payload.testcases:
        testcase = testcase_id(connection, name)
        claimed(connection, testcase, payload.patch)
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
    payloads.Dispatched: fold_runs.dispatched,
    payloads.Result: fold_runs.result,
    payloads.ArtifactResult: fold_runs.artifact_result,
    payloads.Lost: fold_runs.lost,
    payloads.BaseResult: fold_runs.base_result,
    payloads.Marked: fold_runs.marked,
    payloads.Reopened: _reopen,
    payloads.Paused: _pause,
    payloads.Resumed: _resume,
    payloads.PAdopted: _adopt,
}
"""Payload -> what it changes."""
