"""For builders: next, report, base, lost, mark (rules 3.2). One transaction each; no clock, times are passed in."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from gateconsole.ledger.actor import Actor, RefusedError, checked_name
from gateconsole.ledger.events import Payload
from gateconsole.ledger.payloads import BaseResult, RunDispatched, RunLost, RunMarked, RunResult
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue.conflicts import Conflict, conflicts
from gateconsole.patch_queue.lookup import last_run, run_number, testcase_id
from gateconsole.patch_queue.probability import power
from gateconsole.patch_queue.proposal import Proposal, Testcase, all_testcases, propose
from gateconsole.patch_queue.transaction import QueueTransaction, queue_transaction


class DispatchResult(NamedTuple):
    """What `next` gave, or would give: `run` is None when there is nothing to build, or nothing was dispatched.

    `state` is that of the run, in_flight, and `builder` who was given it first; None without a run. `repeated`: the
    request had this run before. `earlier`: a run of the request that has ended, so that this one is another (rule Q21).
    """

    run: str | None
    testcase: str
    kind: str | None
    patches: tuple[str, ...]
    product: float | None
    why: str
    state: str | None = None
    builder: str | None = None
    repeated: bool = False
    earlier: str | None = None


class VerdictChanges(NamedTuple):
    """What a report changed: `news` is false for one that was there before; verdicts are (patch, new verdict or "")."""

    run: str
    news: bool
    verdicts: tuple[tuple[str, str], ...] = ()
    conflicts: tuple[Conflict, ...] = ()


def next_run(
    ledger: Ledger,
    testcase: str,
    builder: str,
    when: Actor,
    *,
    base: str | None = None,
    request: str | None = None,
    anyway: bool = False,
) -> DispatchResult:
    """Propose and dispatch in one transaction. Raises RefusedError, LedgerUnusableError.

    A `request` gets its run of this testcase again while that is in flight, whoever asks (rule Q21). `anyway`: also on
    a base that is known red (rule Q15).
    """
    for what, name in (("builder", builder), ("base", base), ("request", request)):
        if name is not None:
            checked_name(what, name)
    with queue_transaction(ledger, when.at, when.actor) as act:
        number = testcase_id(act.connection, testcase)
        asked_before = _requested(act.connection, number, request)
        if isinstance(asked_before, DispatchResult):
            return asked_before._replace(testcase=testcase)
        given, proposal = _offered(act.connection, testcase, base, anyway)
        if asked_before is not None:
            given = given._replace(earlier=asked_before.run, why=f"{given.why}; {asked_before.words}")
        if given.kind is None:
            return given
        act.continue_imported()
        run = f"{act.ledger}-{last_run(act.connection) + 1}"
        act.append(_decision(run, proposal, builder, base, request=request, anyway=anyway))
    why = given.why if given.earlier is None else f"{given.why}: this is a new run"
    return given._replace(run=run, state="in_flight", builder=builder, why=why)


def preview(
    connection: sqlite3.Connection, testcase: str, base: str | None = None, anyway: bool = False
) -> DispatchResult:
    """What `next` would give now; nothing changes (rule Q17). Raises RefusedError."""
    return _offered(connection, testcase, base, anyway)[0]


def _offered(
    connection: sqlite3.Connection, testcase: str, base: str | None, anyway: bool
) -> tuple[DispatchResult, Proposal]:
    """A proposal as an answer without a run; what stands against any dispatch leaves no set in it."""
    proposal = propose(connection, testcase_named(connection, testcase))
    paused = "" if proposal.testcase.paused is None else f"paused: {proposal.testcase.paused}"
    against = paused or ("" if anyway else red_base(connection, proposal.testcase, base))
    if against and proposal.testcase.retired is None:
        return DispatchResult(None, testcase, None, (), None, against), proposal
    return DispatchResult(
        None, testcase, proposal.choice.kind, proposal.patches, proposal.product, proposal.why
    ), proposal


def red_base(connection: sqlite3.Connection, testcase: Testcase, base: str | None) -> str:
    """Why nothing is dispatched on a commit: it was built and failed (rule Q15); empty if it is not known red."""
    row = connection.execute(
        "SELECT r.ledger || '-' || r.number FROM bases b JOIN runs r ON r.number = b.failed "
        "WHERE b.testcase = ? AND b.base = ? AND b.red",
        (testcase.id, base),
    ).fetchone()
    if row is None:
        return ""
    return (
        f"base {base} was built after run {row[0]} and failed: nothing is dispatched on it until a later result says "
        "that it is green (--anyway overrides)"
    )


def testcase_named(connection: sqlite3.Connection, name: str) -> Testcase:
    """A testcase by its name. Raises RefusedError."""
    number = testcase_id(connection, name)
    return next(testcase for testcase in all_testcases(connection) if testcase.id == number)


def _decision(run: str, proposal: Proposal, builder: str, base: str | None, **flags: Any) -> RunDispatched:
    testcase = proposal.testcase
    return RunDispatched(
        run=run,
        testcase=testcase.name,
        kind=str(proposal.choice.kind),
        patches=proposal.patches,
        credits=proposal.credits,
        p=testcase.p,
        m=testcase.m,
        builder=builder,
        base=base,
        **flags,
    )


class _Ended(NamedTuple):
    """The latest run of a request, which is in flight no more, and that in words."""

    run: str
    words: str


def _requested(connection: sqlite3.Connection, testcase: int, request: str | None) -> DispatchResult | _Ended | None:
    """The latest run of a request; None without one."""
    row = connection.execute(
        "SELECT number, ledger, kind, units, p, builder, passed, failed, lost, marked OR base_failed "
        "FROM runs WHERE testcase = ? AND request = ? ORDER BY number DESC LIMIT 1",
        (testcase, request),
    ).fetchone()
    if row is None:
        return None
    number, ledger, kind, units, p, builder, passed, failed, lost, silent = row
    run = f"{ledger}-{number}"
    ends = [word for word, holds in (("passed", passed), ("failed", failed), ("was lost", lost)) if holds]
    if ends or silent:
        end = " and ".join(ends) or "says nothing"
        return _Ended(run, f"request {request} had run {run} before, which {end}")
    why = f"request {request} has this run already: {builder} asked first"
    patches = members(connection, number)
    return DispatchResult(run, "", kind, patches, power(p, units), why, "in_flight", builder, repeated=True)


def members(connection: sqlite3.Connection, run: int) -> tuple[str, ...]:
    """The patches of a run in the order of its dispatch."""
    rows = connection.execute(
        "SELECT p.name FROM members m JOIN patches p ON p.id = m.patch WHERE m.run = ? ORDER BY m.place", (run,)
    )
    return tuple(name for (name,) in rows)


# What came of a run. Each says again what is there already without a new event (rule Q8).


def report(ledger: Ledger, run: str, result: str, when: Actor) -> VerdictChanges:
    """A run ended: pass or fail (rules Q4-Q8). Raises RefusedError, LedgerUnusableError.

    Recorded beside what artifacts say of it, also when they say the same: they may be rewritten.
    """
    reported = f"EXISTS (SELECT 1 FROM reports WHERE run = number AND source = '' AND says = '{result}')"
    return _tell(ledger, run, when, RunResult(run, result, "report"), reported)


def base(ledger: Ledger, run: str, result: str, when: Actor) -> VerdictChanges:
    """After a failed run its base was built: that speaks for its commit (rule Q15).

    Raises RefusedError, LedgerUnusableError.
    """
    column = "base_passed" if result == "pass" else "base_failed"
    latest = "(SELECT red FROM bases b WHERE b.testcase = runs.testcase AND b.base = runs.base)"
    red = int(result != "pass")
    return _tell(ledger, run, when, BaseResult(run, result), f"{column} = 1 AND ifnull({latest}, {red}) = {red}")


def lost(ledger: Ledger, run: str, reason: str, when: Actor) -> VerdictChanges:
    """Give a run up (rule Q12). Raises RefusedError, LedgerUnusableError."""
    return _tell(ledger, run, when, RunLost(run, reason), "lost = 1 AND passed = 0 AND failed = 0")


def mark(ledger: Ledger, run: str, says: str, reason: str, when: Actor) -> VerdictChanges:
    """A run says `nothing`, or `speaks` again (rule Q10). Raises RefusedError, LedgerUnusableError."""
    known_as = "silenced = 1" if says == "nothing" else "marked = 0"
    return _tell(ledger, run, when, RunMarked(run, says, reason), known_as)


def _tell(ledger: Ledger, run: str, when: Actor, payload: Payload, known_as: str) -> VerdictChanges:
    with queue_transaction(ledger, when.at, when.actor) as act:
        number = run_number(act.connection, run)
        if act.connection.execute(f"SELECT 1 FROM runs WHERE number = ? AND {known_as}", (number,)).fetchone():
            _check_speaks(act.connection, number, payload)
            return VerdictChanges(run, news=False)
        return effect_of(act, run, number, payload)


def _check_speaks(connection: sqlite3.Connection, run: int, payload: Payload) -> None:
    """Raise RefusedError for a run that is to speak again and cannot: nobody marked it, its base failed (rule Q15)."""
    if not isinstance(payload, RunMarked) or payload.says != "speaks":
        return
    silent = "SELECT 1 FROM runs WHERE number = ? AND (base_failed OR base_red AND failed)"
    if connection.execute(silent, (run,)).fetchone():
        raise RefusedError(f"run {payload.run} is not marked: it says nothing because its base was built and failed")


def effect_of(act: QueueTransaction, run: str, number: int, payload: Payload) -> VerdictChanges:
    """Append what happened to a run; what that changed. Raises RefusedError."""
    runs = _on_its_base(act.connection, number) if isinstance(payload, BaseResult) else (number,)
    before = _verdicts(act.connection, runs)
    act.append(payload)
    after = _verdicts(act.connection, runs)
    return VerdictChanges(
        run,
        True,
        tuple((patch, verdict) for patch, verdict in after.items() if verdict != before[patch]),
        tuple(dict.fromkeys(conflict for one in runs for conflict in conflicts(act.connection, one))),
    )


def _on_its_base(connection: sqlite3.Connection, run: int) -> tuple[int, ...]:
    """A run and every other one of its testcase on the same commit, of which a base result speaks too (rule Q15)."""
    rows = connection.execute(
        "SELECT r.number FROM runs r JOIN runs this ON this.number = ? AND r.testcase = this.testcase "
        "AND r.base = this.base ORDER BY r.number",
        (run,),
    )
    return tuple(number for (number,) in rows) or (run,)


def _verdicts(connection: sqlite3.Connection, runs: Sequence[int]) -> dict[str, str]:
    """The verdicts of the patches of these runs, in the order of the runs, then of their dispatch."""
    found: dict[str, str] = {}
    for run in runs:
        rows = connection.execute(
            "SELECT p.name, c.verdict FROM members m JOIN patches p ON p.id = m.patch "
            "JOIN claims c ON c.testcase = m.testcase AND c.patch = m.patch WHERE m.run = ? ORDER BY m.place",
            (run,),
        )
        found.update(rows.fetchall())
    return found
