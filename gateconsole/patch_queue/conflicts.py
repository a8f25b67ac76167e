"""Contradictions that stand: results that cannot all be true (rules Q8, Q10). A function of the state."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

What = Literal[
    "run_contradicts_itself",
    "base_contradicts_itself",
    "passed_on_red_base",
    "bad_but_passed",
    "failed_without_suspect",
    "verdict_lost",
]


class Conflict(NamedTuple):
    """One contradiction: what it is, where, about which run or patch, in words."""

    what: What
    testcase: str
    run: str | None
    patch: str | None
    text: str


_CLASHING = "(r.passed AND (r.failed OR r.base_red) OR r.base_passed AND r.base_failed OR r.nobody)"
"""As the index runs_clashing has it: only such runs are read."""

_RUNS = f"""
    SELECT t.name, r.ledger || '-' || r.number, r.base, r.passed AND r.failed, r.base_passed AND r.base_failed,
        r.passed AND r.base_red AND NOT r.base_failed AND NOT r.marked, r.nobody
    FROM runs r JOIN testcases t ON t.id = r.testcase WHERE {_CLASHING}"""
_CLAIM = (
    "SELECT t.name, p.name, c.verdict, c.lost, p.fate FROM claims c JOIN testcases t ON t.id = c.testcase "
    "JOIN patches p ON p.id = c.patch"
)
_BASE = (
    "SELECT t.name, b.base, f.ledger || '-' || b.failed, f.ledger || '-' || b.passed FROM bases b "
    "JOIN testcases t ON t.id = b.testcase JOIN runs f ON f.number = b.failed "
    "WHERE b.failed > 0 AND b.passed > 0 AND b.failed <> b.passed"
)


def conflicts(connection: sqlite3.Connection, run: int | None = None) -> Iterator[Conflict]:
    """Every contradiction, or those a run takes part in."""
    this = "" if run is None else f" AND r.number = {run:d}"
    clashing = connection.execute(f"{_RUNS}{this} ORDER BY r.number").fetchall()
    for what, column, words in _OF_RUNS:
        for row in clashing:
            if row[column]:
                testcase, name, base = row[:3]
                yield Conflict(what, testcase, name, None, words.format(run=name, base=base))
    yield from _base_conflicts(connection, run)
    yield from _patch_conflicts(connection, run)


_OF_RUNS: Final[tuple[tuple[What, int, str], ...]] = (
    ("run_contradicts_itself", 3, "run {run} was reported as pass and as fail"),
    ("base_contradicts_itself", 4, "the base of run {run} was reported as pass and as fail"),
    ("passed_on_red_base", 5, "run {run} passed, yet its base {base} was built and failed"),
    ("failed_without_suspect", 6, "run {run} failed, yet each of its patches is good"),
)
"""What contradicts itself of a run, the column that says so, in words."""


def _base_conflicts(connection: sqlite3.Connection, run: int | None) -> Iterator[Conflict]:
    """Commits of which two runs' base builds say different things (rule Q15)."""
    this = (
        "" if run is None else (f" AND (b.testcase, b.base) = (SELECT testcase, base FROM runs WHERE number = {run:d})")
    )
    for testcase, base, failed, passed in connection.execute(f"{_BASE}{this} ORDER BY t.id, b.base"):
        text = f"the base {base} was reported as fail with run {failed} and as pass with run {passed}"
        yield Conflict("base_contradicts_itself", testcase, failed, None, text)


def _patch_conflicts(connection: sqlite3.Connection, run: int | None) -> Iterator[Conflict]:
    member = "" if run is None else f" AND c.patch IN (SELECT patch FROM members WHERE run = {run:d})"
    rows = connection.execute(f"{_CLAIM} WHERE (c.torn OR c.lost <> ''){member} ORDER BY t.id, p.id")
    for testcase, patch, verdict, lost, fate in rows:
        if lost:
            text = f"{patch} was {lost}, was {fate}, and has no verdict any more"
            yield Conflict("verdict_lost", testcase, None, patch, text)
        else:
            text = f"{patch} is {verdict}: it failed alone, yet a run holding it passed"
            yield Conflict("bad_but_passed", testcase, None, patch, text)
