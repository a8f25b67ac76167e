"""What events about runs change: dispatched, results, lost, base_result, marked (rules 3.1, Q4-Q10, Q20)."""

from __future__ import annotations

import sqlite3
from typing import Final

from gateconsole.ledger import payloads
from gateconsole.ledger.actor import RefusedError
from gateconsole.ledger.events import Event
from gateconsole.patch_queue.lookup import last_run, patch_in_testcase, run_number, testcase_id
from gateconsole.patch_queue.verdicts import update_run_verdicts, update_verdicts
from gateconsole.text import printable

OPTIMISTIC: Final = "optimistic"
PESSIMISTIC: Final = "pessimistic"
RESULTS: Final = ("pass", "fail")
SAID: Final = (*RESULTS, "nothing", "unusable")
"""What an artifact may say of a run; unusable takes back what it said."""

OLD_ARTIFACT: Final = "artifact-"
"""How the ids of version 0.1's events begin that book an artifact: one a run, a result or a mark."""

SPEAKS_FOR_COMMIT: Final = 2
"""Version of `base_result` and `dispatched` since which a base result speaks for its commit (rule Q15)."""


def dispatched(connection: sqlite3.Connection, event: Event, payload: payloads.RunDispatched) -> None:
    """A run was given to a builder: penalties and credits, as logged. Raises RefusedError."""
    testcase = testcase_id(connection, payload.testcase)
    number = last_run(connection) + 1
    ledger = payload.run.rpartition("-")[0]
    if payload.run != f"{ledger}-{number}":
        raise RefusedError(f"run '{printable(payload.run)}': expected number {number}, the next")
    patches = [patch_in_testcase(connection, testcase, name) for name in payload.patches]
    optimistic = payload.kind == OPTIMISTIC
    if not patches or len(set(patches)) != len(patches) or not (optimistic or payload.kind == PESSIMISTIC):
        raise RefusedError(f"run {payload.run}: expected kind {OPTIMISTIC} or {PESSIMISTIC} and patches, each once")
    if not optimistic and len(patches) > 1:
        raise RefusedError(f"run {payload.run}: a {PESSIMISTIC} run holds one patch")
    units = sum(1 + k for k in _ks(connection, testcase, patches))
    connection.execute(
        "INSERT INTO runs (number, ledger, testcase, kind, size, units, p, builder, base, request, at, base_red) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
            event.version >= SPEAKS_FOR_COMMIT and _is_red(connection, testcase, payload.base),
        ),
    )
    connection.execute("UPDATE testcases SET builds = builds + 1 WHERE id = ?", (testcase,))
    connection.execute(
        "INSERT INTO builders VALUES (?, ?, 1, ?) "
        "ON CONFLICT DO UPDATE SET runs = runs + 1, last = max(last, excluded.last)",
        (testcase, payload.builder, event.at),
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
        raise RefusedError(
            f"run number {run} cannot be credited: expected an uncredited {OPTIMISTIC} run of the suspect"
        )
    connection.execute(
        "UPDATE claims SET k = k - 1 WHERE testcase = ? AND patch IN (SELECT patch FROM members WHERE run = ?)",
        (testcase, run),
    )


def result(connection: sqlite3.Connection, event: Event, payload: payloads.RunResult) -> None:
    """A run passed or failed. Raises RefusedError."""
    run = run_number(connection, payload.run)
    source = payload.source if event.id.startswith(OLD_ARTIFACT) else ""
    _report(connection, event, run, source, says=_word(payload.result))


def artifact_result(connection: sqlite3.Connection, event: Event, payload: payloads.ArtifactResult) -> None:
    """An artifact says something else of a run than before, or speaks of it for the first time. Raises RefusedError."""
    run = run_number(connection, payload.run)
    if payload.says not in SAID or not payload.path:
        raise RefusedError(f"an artifact of run {payload.run}: expected a path and one of {', '.join(SAID)}")
    taken_back = payload.says == "unusable"
    says, outcome = ("", "") if taken_back else (payload.says, payload.outcome)
    _report(connection, event, run, payload.path, says=says, outcome=outcome)


def _report(
    connection: sqlite3.Connection, event: Event, run: int, source: str, *, says: str, outcome: str = ""
) -> None:
    """Let a source say something of a run; what an artifact said before is taken back."""
    if source:
        connection.execute("DELETE FROM reports WHERE run = ? AND source = ?", (run, source))
    connection.execute("INSERT OR IGNORE INTO reports VALUES (?, ?, ?, ?)", (run, source, says, outcome))
    _settle_results(connection, event, run)


def _settle_results(connection: sqlite3.Connection, event: Event, run: int) -> None:
    """Bring a run up to what its sources say: any fail is a fail; nothing counts only when no source says more."""
    passed, failed, silent = connection.execute(
        "SELECT ifnull(max(says = 'pass'), 0), ifnull(max(says = 'fail'), 0), ifnull(max(says = 'nothing'), 0) "
        "FROM reports WHERE run = ?",
        (run,),
    ).fetchone()
    silent = silent and not passed and not failed
    connection.execute(
        "UPDATE runs SET passed = ?1, failed = ?2, marked = silenced OR ?3, "
        "ended = CASE WHEN (passed OR failed) = (?1 OR ?2) THEN ended WHEN ?1 OR ?2 THEN ?4 END WHERE number = ?5",
        (passed, failed, silent, event.at, run),
    )
    _settle_members(connection, run)


def lost(connection: sqlite3.Connection, event: Event, payload: payloads.RunLost) -> None:
    """A run was given up. Raises RefusedError."""
    run = run_number(connection, payload.run)
    lost = connection.execute(
        "UPDATE runs SET lost = 1, ended = ? WHERE number = ? AND passed = 0 AND failed = 0", (event.at, run)
    )
    if not lost.rowcount:
        raise RefusedError(f"run {payload.run} has a result: it is not lost")
    _settle_members(connection, run)


def base_result(connection: sqlite3.Connection, event: Event, payload: payloads.BaseResult) -> None:
    """The base of a failed run was built: that speaks for its commit, since version 2 of the event.

    Raises RefusedError.
    """
    run = run_number(connection, payload.run)
    testcase, base, failed, built = connection.execute(
        "SELECT testcase, base, failed, base_passed OR base_failed FROM runs WHERE number = ?", (run,)
    ).fetchone()
    if not failed:
        raise RefusedError(f"run {payload.run} has not failed: its base is built only after a failure; report it first")
    red = _word(payload.result) == "fail"
    connection.execute(f"UPDATE runs SET {'base_failed' if red else 'base_passed'} = 1 WHERE number = ?", (run,))
    if not built:
        connection.execute("UPDATE testcases SET builds = builds + 1 WHERE id = ?", (testcase,))
    if base is not None:
        _commit_result(connection, testcase, base, run, red)
    touched = {run}
    if red and base is not None and event.version >= SPEAKS_FOR_COMMIT:
        touched |= _redden(connection, testcase, base)
    elif red:
        connection.execute("UPDATE runs SET base_red = 1 WHERE number = ?", (run,))
    for each in sorted(touched):
        _settle_members(connection, each)


def _commit_result(connection: sqlite3.Connection, testcase: int, base: str, run: int, red: bool) -> None:
    """What is known of a commit: red until a later result says that it is green (rule Q15)."""
    column = "failed" if red else "passed"
    connection.execute(
        f"INSERT INTO bases (testcase, base, red, {column}) VALUES (?, ?, ?, ?) "
        f"ON CONFLICT DO UPDATE SET red = excluded.red, {column} = excluded.{column}",
        (testcase, base, red, run),
    )


def _redden(connection: sqlite3.Connection, testcase: int, base: str) -> set[int]:
    """Failures of every run on this commit say nothing; gives those runs that this changes."""
    rows = connection.execute(
        "UPDATE runs SET base_red = 1 WHERE testcase = ? AND base = ? AND base_red = 0 RETURNING number",
        (testcase, base),
    )
    return {number for (number,) in rows.fetchall()}


def _is_red(connection: sqlite3.Connection, testcase: int, base: str | None) -> bool:
    row = connection.execute("SELECT red FROM bases WHERE testcase = ? AND base = ?", (testcase, base)).fetchone()
    return row is not None and bool(row[0])


def marked(connection: sqlite3.Connection, event: Event, payload: payloads.RunMarked) -> None:
    """A run says nothing, or speaks again. Raises RefusedError."""
    run = run_number(connection, payload.run)
    if payload.says not in {"nothing", "speaks"}:
        raise RefusedError("a run is marked as saying nothing, or as one that speaks")
    if event.id.startswith(OLD_ARTIFACT):
        outcome, _, path = payload.reason.partition(" in ")
        _report(connection, event, run, path, says="nothing", outcome=outcome)
        return
    if payload.says == "speaks":
        connection.execute("UPDATE reports SET says = '' WHERE run = ? AND says = 'nothing'", (run,))
    connection.execute("UPDATE runs SET silenced = ? WHERE number = ?", (payload.says == "nothing", run))
    _settle_results(connection, event, run)


def _settle_members(connection: sqlite3.Connection, run: int) -> None:
    update_verdicts(connection, run)
    update_run_verdicts(connection, run)


def _word(result: str) -> str:
    if result not in RESULTS:
        raise RefusedError(f"result '{printable(result)}': expected pass or fail")
    return result
