"""For builders: next, report, base, lost, mark (DOMAIN 3.2). One transaction each; no clock, times are passed in."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from gateconsole.innocence.act import Act, When, acting
from gateconsole.innocence.conflicts import Conflict, conflicts
from gateconsole.innocence.known import checked_name, last_run, run_number, testcase_id
from gateconsole.innocence.numbers import power
from gateconsole.innocence.proposal import Proposal, Testcase, all_testcases, propose
from gateconsole.ledger.events import Payload
from gateconsole.ledger.payloads import BaseResult, Dispatched, Lost, Marked, Result
from gateconsole.ledger.store import Ledger


class Given(NamedTuple):
    """What `next` gave, or would give: `run` is None when there is nothing to build, or nothing was dispatched."""

    run: str | None
    testcase: str
    kind: str | None
    patches: tuple[str, ...]
    product: float | None
    why: str


class Effect(NamedTuple):
    """What a report changed: `news` is false for one that was there before; verdicts are (patch, new verdict or "")."""

    run: str
    news: bool
    verdicts: tuple[tuple[str, str], ...] = ()
    conflicts: tuple[Conflict, ...] = ()


def next_run(
    ledger: Ledger, testcase: str, builder: str, when: When, *, base: str | None = None, request: str | None = None
) -> Given:
    """Propose and dispatch in one transaction. Raises Refused, LedgerUnusable.

    A `request` that this builder made for this testcase before gets the same run again (DESIGN 3).
    """
    for what, name in (("builder", builder), ("base", base), ("request", request)):
        if name is not None:
            checked_name(what, name)
    with acting(ledger, when.at, when.actor) as act:
        found = testcase_named(act.connection, testcase)
        earlier = _requested(act.connection, found, builder, request)
        if earlier is not None:
            return earlier
        proposal = propose(act.connection, found)
        given = as_given(proposal)
        if given.kind is None:
            return given
        act.continue_imported()
        run = f"{act.ledger}-{last_run(act.connection) + 1}"
        act.append(_decision(run, proposal, builder, base, request))
    return given._replace(run=run)


def preview(connection: sqlite3.Connection, testcase: str) -> Given:
    """What `next` would give now; nothing changes (row 17). Raises Refused."""
    return as_given(propose(connection, testcase_named(connection, testcase)))


def as_given(proposal: Proposal) -> Given:
    """A proposal as an answer without a run; while paused there is no set in it."""
    testcase = proposal.testcase
    if testcase.paused is not None:
        return Given(None, testcase.name, None, (), None, f"paused: {testcase.paused}")
    return Given(None, testcase.name, proposal.choice.kind, proposal.patches, proposal.product, proposal.why)


def testcase_named(connection: sqlite3.Connection, name: str) -> Testcase:
    """A testcase by its name. Raises Refused."""
    number = testcase_id(connection, name)
    return next(testcase for testcase in all_testcases(connection) if testcase.id == number)


def _decision(run: str, proposal: Proposal, builder: str, base: str | None, request: str | None) -> Dispatched:
    testcase = proposal.testcase
    return Dispatched(
        run=run,
        testcase=testcase.name,
        kind=str(proposal.choice.kind),
        patches=proposal.patches,
        credits=proposal.credits,
        p=testcase.p,
        m=testcase.m,
        builder=builder,
        base=base,
        request=request,
    )


def _requested(connection: sqlite3.Connection, testcase: Testcase, builder: str, request: str | None) -> Given | None:
    """The run that a request had before."""
    found = connection.execute(
        "SELECT number, ledger, kind, units, p FROM runs WHERE testcase = ? AND builder = ? AND request = ?",
        (testcase.id, builder, request),
    ).fetchone()
    if found is None:
        return None
    number, ledger, kind, units, p = found
    return Given(
        f"{ledger}-{number}",
        testcase.name,
        kind,
        members(connection, number),
        power(p, units),
        f"request {request} had this run before",
    )


def members(connection: sqlite3.Connection, run: int) -> tuple[str, ...]:
    """The patches of a run in the order of its dispatch."""
    rows = connection.execute(
        "SELECT p.name FROM members m JOIN patches p ON p.id = m.patch WHERE m.run = ? ORDER BY m.place", (run,)
    )
    return tuple(name for (name,) in rows)


# What came of a run. Each says again what is there already without a new event (row 8).


def report(ledger: Ledger, run: str, result: str, when: When) -> Effect:
    """A run ended: pass or fail (rows 4-8). Raises Refused, LedgerUnusable.

    Recorded beside what artifacts say of it, also when they say the same: they may be rewritten.
    """
    reported = f"EXISTS (SELECT 1 FROM reports WHERE run = number AND source = '' AND says = '{result}')"
    return _tell(ledger, run, when, Result(run, result, "report"), reported)


def base(ledger: Ledger, run: str, result: str, when: When) -> Effect:
    """After a failed run its base was built (row 15). Raises Refused, LedgerUnusable."""
    column = "base_passed" if result == "pass" else "base_failed"
    return _tell(ledger, run, when, BaseResult(run, result), f"{column} = 1")


def lost(ledger: Ledger, run: str, reason: str, when: When) -> Effect:
    """Give a run up (row 12). Raises Refused, LedgerUnusable."""
    return _tell(ledger, run, when, Lost(run, reason), "lost = 1 AND passed = 0 AND failed = 0")


def mark(ledger: Ledger, run: str, says: str, reason: str, when: When) -> Effect:
    """A run says `nothing`, or `speaks` again (row 10). Raises Refused, LedgerUnusable."""
    known_as = "silenced = 1" if says == "nothing" else "marked = 0"
    return _tell(ledger, run, when, Marked(run, says, reason), known_as)


def _tell(ledger: Ledger, run: str, when: When, payload: Payload, known_as: str) -> Effect:
    with acting(ledger, when.at, when.actor) as act:
        number = run_number(act.connection, run)
        if act.connection.execute(f"SELECT 1 FROM runs WHERE number = ? AND {known_as}", (number,)).fetchone():
            return Effect(run, news=False)
        return effect_of(act, run, number, payload)


def effect_of(act: Act, run: str, number: int, payload: Payload) -> Effect:
    """Append what happened to a run; what that changed. Raises Refused."""
    before = _verdicts(act.connection, number)
    act.append(payload)
    after = _verdicts(act.connection, number)
    return Effect(
        run,
        True,
        tuple((patch, verdict) for patch, verdict in after.items() if verdict != before[patch]),
        tuple(conflicts(act.connection, number)),
    )


def _verdicts(connection: sqlite3.Connection, run: int) -> dict[str, str]:
    rows = connection.execute(
        "SELECT p.name, c.verdict FROM members m JOIN patches p ON p.id = m.patch "
        "JOIN claims c ON c.testcase = m.testcase AND c.patch = m.patch WHERE m.run = ? ORDER BY m.place",
        (run,),
    )
    return dict(rows.fetchall())
