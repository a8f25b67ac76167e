"""Contradictions that stand: results that cannot all be true (DOMAIN rows 8, 10). A function of the state."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Literal, NamedTuple

What = Literal[
    "run_contradicts_itself", "base_contradicts_itself", "bad_but_passed", "failed_without_suspect", "verdict_lost"
]


class Conflict(NamedTuple):
    """One contradiction: what it is, where, about which run or patch, in words."""

    what: What
    testcase: str
    run: str | None
    patch: str | None
    text: str


_RUN = "SELECT t.name, r.ledger || '-' || r.number FROM runs r JOIN testcases t ON t.id = r.testcase"
_CLAIM = (
    "SELECT t.name, p.name, c.verdict, c.lost, p.fate FROM claims c JOIN testcases t ON t.id = c.testcase "
    "JOIN patches p ON p.id = c.patch"
)


def conflicts(connection: sqlite3.Connection, run: int | None = None) -> Iterator[Conflict]:
    """Every contradiction, or those a run takes part in."""
    this = "" if run is None else f" AND r.number = {run:d}"
    for testcase, name in connection.execute(f"{_RUN} WHERE r.passed AND r.failed{this} ORDER BY r.number"):
        text = f"run {name} was reported as pass and as fail"
        yield Conflict("run_contradicts_itself", testcase, name, None, text)
    for testcase, name in connection.execute(f"{_RUN} WHERE r.base_passed AND r.base_failed{this} ORDER BY r.number"):
        text = f"the base of run {name} was reported as pass and as fail"
        yield Conflict("base_contradicts_itself", testcase, name, None, text)
    for testcase, name in connection.execute(f"{_RUN} WHERE {_NOBODY}{this} ORDER BY r.number"):
        text = f"run {name} failed, yet each of its patches is good"
        yield Conflict("failed_without_suspect", testcase, name, None, text)
    member = "" if run is None else f" AND c.patch IN (SELECT patch FROM members WHERE run = {run:d})"
    rows = connection.execute(f"{_CLAIM} WHERE (c.torn OR c.lost <> ''){member} ORDER BY t.id, p.id")
    for testcase, patch, verdict, lost, fate in rows:
        if lost:
            text = f"{patch} was {lost}, was {fate}, and has no verdict any more"
            yield Conflict("verdict_lost", testcase, None, patch, text)
        else:
            text = f"{patch} is {verdict}: it failed alone, yet a run holding it passed"
            yield Conflict("bad_but_passed", testcase, None, patch, text)


_NOBODY = """r.failed AND NOT r.passed AND r.size > 1 AND NOT r.marked AND NOT r.base_failed AND r.suspects = 0
    AND NOT EXISTS (SELECT 1 FROM members m JOIN claims c ON c.testcase = m.testcase AND c.patch = m.patch
        WHERE m.run = r.number AND c.verdict <> 'good')"""
