"""Names to numbers: which testcase, patch or run is meant, or why there is none; which names may be given."""

from __future__ import annotations

import sqlite3
from typing import Final

from gateconsole.ledger.actor import RefusedError, checked_name
from gateconsole.text import printable

ALL: Final = "all"
"""What stands for every testcase where one is named; no testcase is called so."""


def testcase_id(connection: sqlite3.Connection, name: str) -> int:
    """The number of a testcase. Raises RefusedError."""
    checked_name("testcase", name)
    found = connection.execute("SELECT id FROM testcases WHERE name = ?", (name,)).fetchone()
    if found is None:
        if renamed := renamed_to(connection, name):
            raise RefusedError(f"no testcase '{printable(name)}' any more: it was renamed to '{printable(renamed)}'")
        known = ", ".join(row[0] for row in connection.execute("SELECT name FROM testcases ORDER BY id LIMIT 9"))
        raise RefusedError(
            f"no testcase '{printable(name)}': {f'there are {printable(known)}' if known else 'none is configured'}; "
            "`gateconsole queue configure TESTCASE --p 0.9` makes one"
        )
    number: int = found[0]
    return number


def renamed_to(connection: sqlite3.Connection, name: str) -> str | None:
    """What the testcase is called now that had this name last; None if no testcase ever left it."""
    row = connection.execute(
        "SELECT t.name FROM former_names f JOIN testcases t ON t.id = f.testcase WHERE f.name = ? "
        "ORDER BY t.id DESC LIMIT 1",
        (name,),
    ).fetchone()
    return None if row is None else str(row[0])


def had_name(connection: sqlite3.Connection, run: int, name: str) -> bool:
    """Whether the testcase of a run was ever called so: artifacts say the name it had (rule Q16: rename keeps all)."""
    row = connection.execute(
        "SELECT 1 FROM runs r JOIN former_names f ON f.testcase = r.testcase AND f.name = ? WHERE r.number = ?",
        (name, run),
    ).fetchone()
    return row is not None


def patch_id(connection: sqlite3.Connection, name: str, alive: bool = True) -> int:
    """The number of a patch; with `alive` it must not have left. Raises RefusedError."""
    checked_name("patch", name)
    found = connection.execute("SELECT id, fate FROM patches WHERE name = ?", (name,)).fetchone()
    if found is None:
        raise RefusedError(f"no patch '{printable(name)}': see `gateconsole queue status`")
    number, fate = found
    if alive and fate:
        raise RefusedError(f"patch '{printable(name)}' was {fate} and never returns: submit a new one")
    return int(number)


def patch_in_testcase(connection: sqlite3.Connection, testcase: int, name: str) -> int:
    """The number of a patch that is in a testcase. Raises RefusedError."""
    patch = patch_id(connection, name)
    if connection.execute("SELECT 1 FROM claims WHERE testcase = ? AND patch = ?", (testcase, patch)).fetchone():
        return patch
    raise RefusedError(f"patch '{printable(name)}' is not in this testcase")


def run_number(connection: sqlite3.Connection, name: str) -> int:
    """The number of a run. Raises RefusedError: another ledger's, or none."""
    ledger, _, digits = name.rpartition("-")
    if digits.isascii() and digits.isdigit() and len(digits) < 16 and name == f"{ledger}-{int(digits)}":
        found = connection.execute("SELECT number, ledger FROM runs WHERE number = ?", (int(digits),)).fetchone()
        if found is not None and found[1] == ledger:
            return int(digits)
    raise RefusedError(f"no run '{printable(name)}' in this ledger: see `gateconsole queue status`")


def run_name(connection: sqlite3.Connection, number: int) -> str | None:
    """The name of a run by its number; None without one."""
    found = connection.execute("SELECT ledger FROM runs WHERE number = ?", (number,)).fetchone()
    return None if found is None else f"{found[0]}-{number}"


def last_run(connection: sqlite3.Connection) -> int:
    """The number of the latest run, 0 before any."""
    found: int | None = connection.execute("SELECT max(number) FROM runs").fetchone()[0]
    return found or 0
