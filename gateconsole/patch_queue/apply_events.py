"""What each kind of event changes (rules 3): one function an event; those about runs are in fold_runs. They refuse
what cannot be.

k counts the uncredited optimistic runs that hold a patch. Verdicts are settled anew for every patch an event touches.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, Final

from gateconsole.ledger import payloads
from gateconsole.ledger.actor import RefusedError, checked_name
from gateconsole.ledger.events import Event
from gateconsole.patch_queue import apply_run_events
from gateconsole.patch_queue.lookup import ALL, patch_id, patch_in_testcase, testcase_id
from gateconsole.patch_queue.probability import InvalidProbabilityError, max_units
from gateconsole.patch_queue.verdicts import update_patch_verdict

TEXTS: Final = ("longer", "shorter")
"""The two copies of the mail (rule Q1)."""

STRATEGIES: Final = ("seed",)


def _configure(connection: sqlite3.Connection, event: Event, payload: payloads.TestcaseConfigured) -> None:
    checked_name("testcase", payload.testcase)
    if payload.text not in TEXTS or payload.strategy not in STRATEGIES:
        raise RefusedError(f"expected the text {' or '.join(TEXTS)} and the strategy {' or '.join(STRATEGIES)}")
    values = (payload.p, _capacity(payload.p), payload.text, payload.literal, payload.strategy, payload.testcase)
    before = connection.execute("SELECT id, retired FROM testcases WHERE name = ?", (payload.testcase,)).fetchone()
    if before is not None:
        connection.execute(
            "UPDATE testcases SET p = ?, m = ?, text = ?, literal = ?, strategy = ?, retired = 0, retired_why = '' "
            "WHERE name = ?",
            values,
        )
        if before[1]:
            _claim(connection, before[0], "everywhere = 1 AND fate = ''")
            _count_orphans(connection)
        return
    added = connection.execute(
        "INSERT INTO testcases (p, m, text, literal, strategy, name) VALUES (?, ?, ?, ?, ?, ?)", values
    )
    _claim(connection, added.lastrowid or 0, "everywhere = 1 AND fate = ''")  # rule Q16: patches that have not left
    _count_orphans(connection)


def _claim(connection: sqlite3.Connection, testcase: int, which: str, patch: int = 0) -> None:
    """Bring patches into a testcase, those that are not in it yet."""
    added = connection.execute(
        "INSERT OR IGNORE INTO claims (testcase, patch, rank, considered) "
        f"SELECT ?1, id, rank, held = 0 AND conflicting = 0 FROM patches WHERE {which}",
        (testcase, patch) if patch else (testcase,),
    )
    connection.execute("UPDATE testcases SET claims = claims + ? WHERE id = ?", (added.rowcount, testcase))


def _count_orphans(connection: sqlite3.Connection, patch: int | None = None) -> None:
    """Which patches are alive and in no testcase in force: that one, or all after testcases came or went."""
    which = "" if patch is None else f" WHERE id = {patch:d}"
    connection.execute(
        "UPDATE patches SET orphan = fate = '' AND NOT EXISTS (SELECT 1 FROM claims c JOIN testcases t "
        f"ON t.id = c.testcase WHERE c.patch = patches.id AND t.retired = 0){which}"
    )


def _rename(connection: sqlite3.Connection, event: Event, payload: payloads.TestcaseRenamed) -> None:
    testcase = testcase_id(connection, payload.testcase)
    checked_name("testcase", payload.name)
    if payload.name == ALL:
        raise RefusedError(f"testcase {ALL!r}: the word stands for every testcase: choose another name")
    if connection.execute("SELECT 1 FROM testcases WHERE name = ?", (payload.name,)).fetchone():
        raise RefusedError(f"testcase {payload.name!r} is there already: choose another name for {payload.testcase!r}")
    connection.execute("UPDATE testcases SET name = ? WHERE id = ?", (payload.name, testcase))
    connection.execute("INSERT OR IGNORE INTO former_names VALUES (?, ?)", (testcase, payload.testcase))


def _retire(connection: sqlite3.Connection, event: Event, payload: payloads.TestcaseRetired) -> None:
    testcase = testcase_id(connection, payload.testcase)
    connection.execute(
        "UPDATE testcases SET retired = ?, retired_why = ? WHERE id = ?", (event.at, payload.reason, testcase)
    )
    _count_orphans(connection)


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
    in_force = "SELECT id FROM testcases WHERE retired = 0 ORDER BY id"
    for testcase in named or [row[0] for row in connection.execute(in_force).fetchall()]:
        _claim(connection, testcase, "id = ?2", patch)
    _count_orphans(connection, patch)


def _put_first(connection: sqlite3.Connection, event: Event, payload: payloads.PatchPutFirst) -> None:
    patch = patch_id(connection, payload.patch)
    (least,) = connection.execute("SELECT min(0, min(rank)) FROM patches").fetchone()
    connection.execute("UPDATE patches SET rank = ? WHERE id = ?", (least - 1, patch))
    connection.execute("UPDATE claims SET rank = ? WHERE patch = ?", (least - 1, patch))


def _leave(connection: sqlite3.Connection, name: str, fate: str, why: str) -> None:
    """A patch leaves; failed runs that held it are no evidence any more, unless it landed (rules Q6, Q14)."""
    patch = patch_id(connection, name)
    connection.execute("UPDATE patches SET fate = ?, why = ?, orphan = 0 WHERE id = ?", (fate, why, patch))
    _reconsider(connection, patch)
    connection.execute("UPDATE claims SET settled = (SELECT at FROM queue_meta) WHERE patch = ?", (patch,))


def _reconsider(connection: sqlite3.Connection, patch: int) -> None:
    for (testcase,) in connection.execute("SELECT testcase FROM claims WHERE patch = ?", (patch,)).fetchall():
        update_patch_verdict(connection, testcase, patch, evidence=True)


def _flag(connection: sqlite3.Connection, name: str, column: str, why: str) -> None:
    patch = patch_id(connection, name)
    connection.execute(f"UPDATE patches SET {column} = 1, why = ? WHERE id = ?", (why, patch))
    _reconsider(connection, patch)


def _release(connection: sqlite3.Connection, event: Event, payload: payloads.PatchReleased) -> None:
    patch = patch_id(connection, payload.patch)
    connection.execute("UPDATE patches SET held = 0, conflicting = 0, why = '' WHERE id = ?", (patch,))
    _reconsider(connection, patch)


def _revise(connection: sqlite3.Connection, event: Event, payload: payloads.PatchRevised) -> None:
    patch_id(connection, payload.successor)
    if payload.patch == payload.successor:
        raise RefusedError(f"patch {payload.patch!r} cannot supersede itself")
    _leave(connection, payload.patch, "revised", payload.successor)


def _reopen(connection: sqlite3.Connection, event: Event, payload: payloads.PatchReopened) -> None:
    patch = patch_id(connection, payload.patch)
    for name in payload.testcases:
        testcase = testcase_id(connection, name)
        patch_in_testcase(connection, testcase, payload.patch)
        connection.execute(
            "UPDATE members SET muted = 1 WHERE testcase = ? AND patch = ? AND run IN "
            "(SELECT number FROM runs WHERE testcase = ? AND (passed OR failed))",
            (testcase, patch, testcase),
        )
        update_patch_verdict(connection, testcase, patch)


def _pause(connection: sqlite3.Connection, event: Event, payload: payloads.TestcasePaused) -> None:
    testcase = 0 if payload.testcase is None else testcase_id(connection, payload.testcase)
    connection.execute("INSERT OR REPLACE INTO pauses VALUES (?, ?, ?)", (testcase, payload.reason, event.at))


def _resume(connection: sqlite3.Connection, event: Event, payload: payloads.TestcaseResumed) -> None:
    if payload.testcase is None:
        connection.execute("DELETE FROM pauses")
    else:
        connection.execute("DELETE FROM pauses WHERE testcase = ?", (testcase_id(connection, payload.testcase),))


def _adopt(connection: sqlite3.Connection, event: Event, payload: payloads.PAdopted) -> None:
    testcase = testcase_id(connection, payload.testcase)
    connection.execute("UPDATE testcases SET p = ?, m = ? WHERE id = ?", (payload.p, _capacity(payload.p), testcase))


def _capacity(p: str) -> int:
    try:
        return max_units(p)
    except InvalidProbabilityError as error:
        raise RefusedError(str(error)) from error


APPLY: Final[dict[type, Callable[[sqlite3.Connection, Event, Any], None]]] = {
    payloads.TestcaseConfigured: _configure,
    payloads.PatchSubmitted: _submit,
    payloads.TestcaseRenamed: _rename,
    payloads.TestcaseRetired: _retire,
    payloads.PatchPutFirst: _put_first,
    payloads.PatchRevised: _revise,
    payloads.PatchWithdrawn: lambda db, _, payload: _leave(db, payload.patch, "withdrawn", payload.reason),
    payloads.PatchLanded: lambda db, _, payload: _leave(db, payload.patch, "landed", ""),
    payloads.PatchConflicted: lambda db, _, payload: _flag(db, payload.patch, "conflicting", payload.reason),
    payloads.PatchHeld: lambda db, _, payload: _flag(db, payload.patch, "held", payload.reason),
    payloads.PatchReleased: _release,
    payloads.RunDispatched: apply_run_events.dispatched,
    payloads.RunResult: apply_run_events.result,
    payloads.ArtifactResult: apply_run_events.artifact_result,
    payloads.RunLost: apply_run_events.lost,
    payloads.BaseResult: apply_run_events.base_result,
    payloads.RunMarked: apply_run_events.marked,
    payloads.PatchReopened: _reopen,
    payloads.TestcasePaused: _pause,
    payloads.TestcaseResumed: _resume,
    payloads.PAdopted: _adopt,
}
"""Payload -> what it changes."""
