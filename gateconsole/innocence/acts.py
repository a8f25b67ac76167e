"""For operators: testcases configured, patches coming and going, pauses, p adopted. One transaction each.

Each returns whether anything changed; saying again what holds already is no event. Raises Refused, LedgerUnusable.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from gateconsole.innocence.act import When, acting
from gateconsole.innocence.known import Refused, checked_name, patch_id, testcase_id
from gateconsole.innocence.numbers import Estimate, estimate
from gateconsole.innocence.proposal import Testcase, all_testcases
from gateconsole.ledger.events import Payload
from gateconsole.ledger.payloads import (
    Held,
    PAdopted,
    PatchConflicted,
    PatchLanded,
    PatchRevised,
    PatchSubmitted,
    PatchWithdrawn,
    Paused,
    Released,
    Reopened,
    Resumed,
    TestcaseConfigured,
)
from gateconsole.ledger.store import Ledger

ALL: Final = "all"
"""What stands for every testcase where one is named; no testcase is called so."""


class Patch(NamedTuple):
    """A patch as it stands apart from any testcase."""

    id: int
    fate: str
    held: bool
    conflicting: bool
    everywhere: bool


def configure(
    ledger: Ledger,
    testcase: str,
    when: When,
    *,
    p: str | None = None,
    text: str | None = None,
    literal: bool | None = None,
) -> bool:
    """Make a testcase, or change what is said of it; a new one needs p (rows 1, 3, 18)."""
    if testcase == ALL:
        raise Refused(f"testcase {ALL!r}: the word stands for every testcase: choose another name")
    with acting(ledger, when.at, when.actor) as act:
        before = next((found for found in all_testcases(act.connection) if found.name == testcase), None)
        if before is None and p is None:
            raise Refused("a new testcase needs --p: the share of patches expected not to break it, such as 0.9")
        wanted = TestcaseConfigured(
            testcase,
            p or (before.p if before else ""),
            text or (before.text if before else "longer"),
            literal if literal is not None else bool(before and before.literal),
            before.strategy if before else "seed",
        )
        if before is not None and wanted == TestcaseConfigured(
            before.name, before.p, before.text, before.literal, before.strategy
        ):
            return False
        act.append(wanted)
    return True


def submit(
    ledger: Ledger,
    patch: str,
    when: When,
    *,
    testcases: Sequence[str] = (),
    first: bool = False,
    revises: str | None = None,
) -> bool:
    """A patch arrives; no `testcases` means all, later ones too (rows 13, 14, 16). It may supersede another one."""
    with acting(ledger, when.at, when.actor) as act:
        if _is_told(act.connection, patch, testcases, revises):
            return False
        if revises is not None:
            patch_id(act.connection, revises)
        act.append(PatchSubmitted(patch, tuple(dict.fromkeys(testcases)), first))
        if revises is not None:
            act.append(PatchRevised(revises, patch))
    return True


def _is_told(connection: sqlite3.Connection, patch: str, testcases: Sequence[str], revises: str | None) -> bool:
    """Whether a submission says nothing new; so a script may say it again."""
    checked_name("patch", patch)
    found = connection.execute("SELECT id, everywhere FROM patches WHERE name = ?", (patch,)).fetchone()
    if found is None:
        return False
    number = patch_id(connection, patch)
    if revises is not None:
        patch_id(connection, revises, alive=False)
        fate = connection.execute("SELECT fate, why FROM patches WHERE name = ?", (revises,)).fetchone()
        if fate == ("revised", patch):
            return True
        raise Refused(f"patch {patch!r} is in the queue already: a revision is a new patch with a name of its own")
    claimed = {row[0] for row in connection.execute("SELECT testcase FROM claims WHERE patch = ?", (number,))}
    return bool(found[1]) if not testcases else {testcase_id(connection, name) for name in testcases} <= claimed


def _patch(connection: sqlite3.Connection, name: str) -> Patch:
    number = patch_id(connection, name, alive=False)
    row = connection.execute(
        "SELECT id, fate, held, conflicting, everywhere FROM patches WHERE id = ?", (number,)
    ).fetchone()
    return Patch(row[0], row[1], bool(row[2]), bool(row[3]), bool(row[4]))


def withdraw(ledger: Ledger, patch: str, reason: str, when: When) -> bool:
    """A patch leaves without further verdict and never returns (row 14)."""
    return _unless(ledger, patch, when, PatchWithdrawn(patch, reason), lambda found: found.fate == "withdrawn")


def land(ledger: Ledger, patch: str, when: When) -> bool:
    """A patch is in the base now: it leaves consideration, keeps its verdicts, never returns (row 14)."""
    return _unless(ledger, patch, when, PatchLanded(patch), lambda found: found.fate == "landed")


def conflict(ledger: Ledger, patch: str, reason: str, when: When) -> bool:
    """A patch does not apply beside the others: out of consideration until released (row 14)."""
    return _unless(ledger, patch, when, PatchConflicted(patch, reason), lambda found: found.conflicting)


def hold(ledger: Ledger, patch: str, reason: str, when: When) -> bool:
    """Keep a patch from being built until released."""
    return _unless(ledger, patch, when, Held(patch, reason), lambda found: found.held)


def release(ledger: Ledger, patch: str, when: When) -> bool:
    """A held or conflicting patch is considered again."""
    return _unless(ledger, patch, when, Released(patch), lambda found: not (found.held or found.conflicting))


def reopen(ledger: Ledger, patch: str, reason: str, when: When, *, testcases: Sequence[str] = ()) -> bool:
    """A verdict was wrong: the patch returns with its k (row 11); by default wherever it has a verdict."""
    with acting(ledger, when.at, when.actor) as act:
        number = patch_id(act.connection, patch)
        rows = act.connection.execute(
            "SELECT t.name FROM claims c JOIN testcases t ON t.id = c.testcase "
            "WHERE c.patch = ? AND c.verdict <> '' ORDER BY t.id",
            (number,),
        )
        judged = [name for (name,) in rows]
        for name in testcases:
            testcase_id(act.connection, name)
        chosen = tuple(name for name in judged if not testcases or name in testcases)
        if not chosen:
            raise Refused(f"patch {patch!r} has no verdict to take back{' there' if testcases else ''}")
        act.append(Reopened(patch, chosen, reason))
    return True


def pause(ledger: Ledger, reason: str, when: When, *, testcase: str | None = None) -> bool:
    """Dispatch nothing, for a testcase or at all, until resumed."""
    with acting(ledger, when.at, when.actor) as act:
        number = 0 if testcase is None else testcase_id(act.connection, testcase)
        same = "SELECT 1 FROM pauses WHERE testcase = ? AND reason = ?"
        if act.connection.execute(same, (number, reason)).fetchone():
            return False
        act.append(Paused(testcase, reason))
    return True


def resume(ledger: Ledger, when: When, *, testcase: str | None = None) -> bool:
    """Dispatch again: a testcase, or everything that is paused."""
    with acting(ledger, when.at, when.actor) as act:
        number = None if testcase is None else testcase_id(act.connection, testcase)
        there = "SELECT 1 FROM pauses WHERE testcase = ifnull(?, testcase)"
        if not act.connection.execute(there, (number,)).fetchone():
            return False
        act.append(Resumed(testcase))
    return True


def adopt(ledger: Ledger, testcase: str, when: When, *, p: str | None = None) -> str:
    """Let the estimate of p_tc, or another p, hold from now on (row 19); returns it."""
    with acting(ledger, when.at, when.actor) as act:
        number = testcase_id(act.connection, testcase)
        found = next(found for found in all_testcases(act.connection) if found.id == number)
        wanted = p or estimate_of(act.connection, found).p_text
        if wanted != found.p:
            act.append(PAdopted(testcase, wanted))
    return wanted


def estimate_of(connection: sqlite3.Connection, testcase: Testcase) -> Estimate:
    """The estimate of a testcase's p from its verdicts (row 19)."""
    counts = dict(
        connection.execute("SELECT verdict, count(*) FROM claims WHERE testcase = ? GROUP BY verdict", (testcase.id,))
    )
    return estimate(testcase.p, counts.get("good", 0), counts.get("bad", 0))


def _unless(ledger: Ledger, patch: str, when: When, payload: Payload, holds: Callable[[Patch], bool]) -> bool:
    """Append what an act says of a patch, unless it holds already."""
    with acting(ledger, when.at, when.actor) as act:
        if holds(_patch(act.connection, patch)):
            return False
        act.append(payload)
    return True
