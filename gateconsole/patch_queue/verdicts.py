"""What the results say about a patch, and which failed runs stay open as evidence (rules Q6-Q11).

A verdict is a function of the results that speak: nothing here depends on the order in which they came.
"""

from __future__ import annotations

import sqlite3

_SPOKEN = """
    SELECT ifnull(max(r.failed AND r.size = 1 AND NOT r.base_red), 0), ifnull(max(r.passed AND NOT r.failed), 0),
        ifnull(max(r.passed), 0)
    FROM members m JOIN runs r ON r.number = m.run
    WHERE m.testcase = ? AND m.patch = ? AND NOT m.muted AND NOT r.marked AND NOT r.base_failed"""

_WAITING = """
    SELECT ifnull(max(r.number), 0) FROM members m JOIN runs r ON r.number = m.run
    WHERE m.testcase = ? AND m.patch = ? AND r.size = 1
        AND NOT r.passed AND NOT r.failed AND NOT r.lost AND NOT r.marked"""

_FAILED_WITH = """
    SELECT r.number FROM members m JOIN runs r ON r.number = m.run
    WHERE m.testcase = ? AND m.patch = ? AND r.failed AND r.size > 1"""

_SUSPECTS = """
    SELECT sum(c.verdict = ''), sum(c.verdict = 'bad' OR p.fate IN ('withdrawn', 'revised')),
        sum(c.verdict <> 'good')
    FROM members m JOIN patches p ON p.id = m.patch JOIN claims c ON c.testcase = m.testcase AND c.patch = m.patch
    WHERE m.run = ?"""


def update_patch_verdict(connection: sqlite3.Connection, testcase: int, patch: int, evidence: bool = False) -> None:
    """Bring a patch's verdict and place in the queue up to what speaks now. A run that failed and passed has failed.

    `evidence`: look again at the failed runs that hold it, even if its verdict stays.
    """
    condemned, passed, contradicted = connection.execute(_SPOKEN, (testcase, patch)).fetchone()
    waiting = connection.execute(_WAITING, (testcase, patch)).fetchone()[0]
    verdict = "bad" if condemned else "good" if passed else ""
    before, lost, settled, fate, held, conflicting = connection.execute(
        "SELECT c.verdict, c.lost, c.settled, p.fate, p.held, p.conflicting FROM claims c "
        "JOIN patches p ON p.id = c.patch WHERE c.testcase = ? AND c.patch = ?",
        (testcase, patch),
    ).fetchone()
    if verdict != before:
        (settled,) = connection.execute("SELECT at FROM queue_meta").fetchone()
        _count_verdicts(connection, testcase, before, verdict)
    if fate and not verdict:
        lost = before or lost  # rule Q10: it cannot return, so somebody has to know
    considered = not (verdict or fate or held or conflicting)
    connection.execute(
        "UPDATE claims SET verdict = ?, considered = ?, waiting = ?, torn = ?, lost = ?, settled = ? "
        "WHERE testcase = ? AND patch = ?",
        (
            verdict,
            considered,
            waiting,
            condemned and contradicted,
            "" if verdict else lost,
            settled if verdict or fate else 0,
            testcase,
            patch,
        ),
    )
    if evidence or verdict != before:
        for (run,) in connection.execute(_FAILED_WITH, (testcase, patch)).fetchall():
            update_run_verdicts(connection, run)


def _count_verdicts(connection: sqlite3.Connection, testcase: int, before: str, verdict: str) -> None:
    for word, by in ((before, -1), (verdict, 1)):
        if word:
            connection.execute(f"UPDATE testcases SET {word} = {word} + ? WHERE id = ?", (by, testcase))


def update_verdicts(connection: sqlite3.Connection, run: int) -> None:
    """Settle every patch of a run."""
    for testcase, patch in connection.execute("SELECT testcase, patch FROM members WHERE run = ?", (run,)).fetchall():
        update_patch_verdict(connection, testcase, patch)


def update_run_verdicts(connection: sqlite3.Connection, run: int) -> None:
    """Count the suspects of a failed run of several patches: its undecided members while it is open (rule Q6)."""
    failed, passed, size, marked, base_failed, base_red = connection.execute(
        "SELECT failed, passed, size, marked, base_failed, base_red FROM runs WHERE number = ?", (run,)
    ).fetchone()
    suspects, nobody = 0, False
    if failed and size > 1 and not (marked or base_failed or base_red):
        undecided, spoilt, others = connection.execute(_SUSPECTS, (run,)).fetchone()
        suspects = 0 if spoilt else undecided
        nobody = not passed and not suspects and not others
    connection.execute(
        "UPDATE runs SET suspects = ?, nobody = ? WHERE number = ? AND (suspects <> ? OR nobody <> ?)",
        (suspects, nobody, run, suspects, nobody),
    )
