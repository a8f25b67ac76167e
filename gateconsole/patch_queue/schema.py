"""The queue's state as tables beside the events: made by folding them, thrown away and folded again at will."""

from __future__ import annotations

import sqlite3
from typing import Final

FORM: Final = 2
"""Version of these tables; others are folded again."""

TABLES: Final = (
    "testcases",
    "former_names",
    "patches",
    "claims",
    "runs",
    "reports",
    "members",
    "builders",
    "bases",
    "pauses",
)

_SCHEMA: Final = (
    """CREATE TABLE queue_meta (
        one INTEGER PRIMARY KEY CHECK (one = 1), form INTEGER NOT NULL, applied INTEGER NOT NULL,
        at INTEGER NOT NULL DEFAULT 0)""",
    f"INSERT INTO queue_meta (one, form, applied) VALUES (1, {FORM}, 0)",
    # retired: when it left every overall, 0 while it is in force. good, bad, claims, builds: counted as events come, so
    # that what was decided long ago is never read again. builds: runs and base builds.
    """CREATE TABLE testcases (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, p TEXT NOT NULL, m INTEGER NOT NULL,
        text TEXT NOT NULL, literal INTEGER NOT NULL, strategy TEXT NOT NULL,
        retired INTEGER NOT NULL DEFAULT 0, retired_why TEXT NOT NULL DEFAULT '', good INTEGER NOT NULL DEFAULT 0,
        bad INTEGER NOT NULL DEFAULT 0, claims INTEGER NOT NULL DEFAULT 0, builds INTEGER NOT NULL DEFAULT 0)""",
    # Names a testcase had before it was renamed: artifacts of earlier runs still say them.
    """CREATE TABLE former_names (
        testcase INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (testcase, name)) WITHOUT ROWID""",
    # rank: age as the rule sees it, smaller is older. fate: '', withdrawn, revised or landed. orphan: alive, but in no
    # testcase in force.
    """CREATE TABLE patches (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, rank INTEGER NOT NULL UNIQUE, at INTEGER NOT NULL,
        everywhere INTEGER NOT NULL, fate TEXT NOT NULL DEFAULT '', held INTEGER NOT NULL DEFAULT 0,
        conflicting INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL DEFAULT '', orphan INTEGER NOT NULL DEFAULT 1)""",
    "CREATE INDEX patches_orphan ON patches (id) WHERE orphan = 1",
    # A patch in a testcase. waiting: its latest outstanding single-patch run, 0 without one. torn: a single-patch run
    # failed and another run holding it passed. lost: the verdict it had when it left and has no more. settled: when its
    # verdict came or it left, microseconds UTC; 0 while it is undecided.
    """CREATE TABLE claims (
        testcase INTEGER NOT NULL, patch INTEGER NOT NULL, rank INTEGER NOT NULL, k INTEGER NOT NULL DEFAULT 0,
        verdict TEXT NOT NULL DEFAULT '', considered INTEGER NOT NULL DEFAULT 1, waiting INTEGER NOT NULL DEFAULT 0,
        torn INTEGER NOT NULL DEFAULT 0, lost TEXT NOT NULL DEFAULT '', settled INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (testcase, patch)) WITHOUT ROWID""",
    "CREATE INDEX claims_considered ON claims (testcase, k, rank) WHERE considered = 1",
    "CREATE INDEX claims_free ON claims (testcase, k, rank) WHERE considered = 1 AND waiting = 0",
    "CREATE INDEX claims_waiting ON claims (testcase, waiting) WHERE considered = 1 AND waiting > 0",
    "CREATE INDEX claims_of_patch ON claims (patch)",
    "CREATE INDEX claims_settled ON claims (testcase, settled)",
    "CREATE INDEX claims_clashing ON claims (testcase, patch) WHERE torn OR lost <> ''",
    # passed, failed: whether any source says so. silenced: an operator marked it. marked: it says nothing, by an
    # operator, or because no source says more. suspects: how many members are undecided while the failed run is open
    # as evidence, else 0. base_red: its base was built and failed, for this run or another one on the same commit: a
    # failure of it says nothing. nobody: it failed, yet each of its patches is good.
    """CREATE TABLE runs (
        number INTEGER PRIMARY KEY, ledger TEXT NOT NULL, testcase INTEGER NOT NULL, kind TEXT NOT NULL,
        size INTEGER NOT NULL, units INTEGER NOT NULL, p TEXT NOT NULL, builder TEXT NOT NULL, base TEXT,
        request TEXT, at INTEGER NOT NULL,
        ended INTEGER, passed INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
        lost INTEGER NOT NULL DEFAULT 0, silenced INTEGER NOT NULL DEFAULT 0, marked INTEGER NOT NULL DEFAULT 0,
        base_passed INTEGER NOT NULL DEFAULT 0, base_failed INTEGER NOT NULL DEFAULT 0,
        base_red INTEGER NOT NULL DEFAULT 0, credited INTEGER NOT NULL DEFAULT 0,
        suspects INTEGER NOT NULL DEFAULT 0, nobody INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX runs_requested ON runs (testcase, request) WHERE request IS NOT NULL",
    "CREATE INDEX runs_on_base ON runs (testcase, base) WHERE base IS NOT NULL",
    "CREATE INDEX runs_ended ON runs (testcase, ended) WHERE ended IS NOT NULL",
    "CREATE INDEX runs_told ON runs (testcase, number) WHERE passed OR failed",
    "CREATE INDEX runs_by_time ON runs (testcase, at)",
    """CREATE INDEX runs_clashing ON runs (number)
        WHERE passed AND (failed OR base_red) OR base_passed AND base_failed OR nobody""",
    "CREATE INDEX runs_open ON runs (testcase) WHERE suspects > 0",
    """CREATE INDEX runs_outstanding ON runs (testcase)
        WHERE passed = 0 AND failed = 0 AND lost = 0 AND marked = 0""",
    # What each source says of a run. source: '' for `queue report`, which may say both; else an artifact's path, which
    # says one thing: pass, fail, nothing, or '' when that was taken back.
    """CREATE TABLE reports (
        run INTEGER NOT NULL, source TEXT NOT NULL, says TEXT NOT NULL, outcome TEXT NOT NULL,
        PRIMARY KEY (run, source, says)) WITHOUT ROWID""",
    # muted: the run no longer speaks for this patch (reopen).
    """CREATE TABLE members (
        run INTEGER NOT NULL, place INTEGER NOT NULL, patch INTEGER NOT NULL, testcase INTEGER NOT NULL,
        muted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (run, place)) WITHOUT ROWID""",
    "CREATE INDEX members_of_patch ON members (testcase, patch, run, muted)",
    # last: the run a builder was given last.
    """CREATE TABLE builders (
        testcase INTEGER NOT NULL, builder TEXT NOT NULL, runs INTEGER NOT NULL, last INTEGER NOT NULL,
        PRIMARY KEY (testcase, builder)) WITHOUT ROWID""",
    # What base builds said of a commit, the runs they were told of (0 before): red says which of the two came last.
    """CREATE TABLE bases (
        testcase INTEGER NOT NULL, base TEXT NOT NULL, red INTEGER NOT NULL, failed INTEGER NOT NULL DEFAULT 0,
        passed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (testcase, base)) WITHOUT ROWID""",
    "CREATE INDEX bases_clashing ON bases (testcase, base) WHERE failed > 0 AND passed > 0",
    # testcase 0: all of them.
    "CREATE TABLE pauses (testcase INTEGER PRIMARY KEY, reason TEXT NOT NULL, at INTEGER NOT NULL)",
)


def create(connection: sqlite3.Connection) -> None:
    """Make the tables, empty, in place of any that are there."""
    for name in (*TABLES, "queue_meta"):
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    for statement in _SCHEMA:
        connection.execute(statement)


def applied(connection: sqlite3.Connection) -> int:
    """The number of the last event the tables hold; -1 when they must be made anew."""
    there = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'queue_meta'").fetchone()
    if there is None:
        return -1
    form, last = connection.execute("SELECT form, applied FROM queue_meta").fetchone()
    return last if form == FORM else -1


def differences(left: sqlite3.Connection, right: sqlite3.Connection) -> str | None:
    """The first row in which two states differ, as text; None when they are equal."""
    for name in TABLES:
        rows = (list(side.execute(f"SELECT * FROM {name}")) for side in (left, right))
        mine, theirs = (set(side) for side in rows)
        if mine != theirs:
            columns = [column[1] for column in left.execute(f"PRAGMA table_info({name})")]
            odd = min(mine ^ theirs, key=repr)
            where = "only the tables have" if odd in mine else "the tables lack"
            return f"{name}: {where} {dict(zip(columns, odd, strict=True))}"
    return None
