"""State -> proposal: the rule's choice, what it rests on and what it would change. Reads, never writes (rule Q17)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateconsole.patch_queue.probability import power
from gateconsole.patch_queue.seed_strategy import IDLE, MANY, Candidate, StrategyChoice, StrategyInput, choose

_CANDIDATE = "SELECT p.name, c.k, c.rank FROM claims c JOIN patches p ON p.id = c.patch"


class Testcase(NamedTuple):
    """A testcase as it is configured: `literal` turns the guard of rule Q18 off, `paused` is a reason or None.

    `retired`: why it is out of every overall and gets no run any more (may be empty); None while it is in force.
    """

    id: int
    name: str
    p: str
    m: int
    text: str
    literal: bool
    strategy: str
    paused: str | None
    retired: str | None = None


class OpenRun(NamedTuple):
    """A failed run that is still evidence: one of its suspects is guilty, unless it was a flake (rule Q6).

    `size`: how many patches it held when it was dispatched; the others turned out good.
    """

    run: str
    suspects: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What `next` would dispatch now. `credits` are the runs a pessimistic dispatch would credit, oldest first.

    `rises`: how many patches' p a credit raises. `holds`: the open failed runs all of whose suspects are in the set.
    """

    testcase: Testcase
    choice: StrategyChoice
    credits: tuple[str, ...] = ()
    rises: int = 0
    holds: tuple[OpenRun, ...] = ()

    @property
    def patches(self) -> tuple[str, ...]:
        """The set in the rule's order."""
        return tuple(candidate.patch for candidate in self.choice.patches)

    @property
    def product(self) -> float | None:
        """The set's p-innocent before the dispatch; None without a set."""
        return power(self.testcase.p, self.choice.units) if self.choice.patches else None

    @property
    def why(self) -> str:
        """Why this set, in words."""
        if self.testcase.retired is not None:
            return f"retired{f': {self.testcase.retired}' if self.testcase.retired else ''}"
        if self.testcase.paused is not None and self.choice.kind is None:
            return f"paused: {self.testcase.paused}"
        return "; ".join((*_reason(self), *_evidence(self)))


def all_testcases(connection: sqlite3.Connection) -> tuple[Testcase, ...]:
    """Every testcase, retired ones too, in the order they were configured."""
    rows = connection.execute(
        "SELECT id, name, p, m, text, literal, strategy, "
        "(SELECT reason FROM pauses WHERE testcase IN (0, id) ORDER BY testcase LIMIT 1), "
        "CASE WHEN retired THEN retired_why END FROM testcases ORDER BY id"
    )
    return tuple(Testcase._make((*row[:5], bool(row[5]), *row[6:])) for row in rows)


def propose(connection: sqlite3.Connection, testcase: Testcase) -> Proposal:
    """What the strategy would build next, paused or not; nothing once the testcase is retired."""
    choice = IDLE if testcase.retired is not None else choose(considered(connection, testcase))
    runs = _credits(connection, testcase, choice)
    return Proposal(
        testcase,
        choice,
        tuple(name for _, name in runs),
        _rises(connection, [number for number, _ in runs]),
        _held(connection, testcase, choice.patches),
    )


def considered(connection: sqlite3.Connection, testcase: Testcase) -> StrategyInput:
    """What the rule looks at: two ends of an index, so the number of waiting patches does not matter."""
    which = "c.considered = 1" if testcase.literal else "c.considered = 1 AND c.waiting = 0"
    of_testcase = f"{_CANDIDATE} WHERE c.testcase = ? AND {which}"
    free = connection.execute(f"{of_testcase} ORDER BY c.k, c.rank LIMIT ?", (testcase.id, testcase.m + 1)).fetchall()
    guiltiest = connection.execute(
        f"{of_testcase} AND c.k = (SELECT max(k) FROM claims c WHERE c.testcase = ? AND {which}) "
        "ORDER BY c.rank LIMIT 1",
        (testcase.id, testcase.id),
    ).fetchone()
    waiting = None
    if guiltiest is None and not testcase.literal:
        waiting = connection.execute(
            f"{_CANDIDATE} WHERE c.testcase = ? AND c.considered = 1 AND c.waiting > 0 ORDER BY c.waiting LIMIT 1",
            (testcase.id,),
        ).fetchone()
    count = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM claims INDEXED BY claims_considered "
        "WHERE testcase = ? AND considered = 1 LIMIT ?)",  # by the testcase alone it would read all that landed
        (testcase.id, MANY),
    ).fetchone()[0]
    return StrategyInput(
        testcase.m,
        testcase.text == "longer",
        count,
        tuple(map(Candidate._make, free)),
        _candidate(guiltiest),
        _candidate(waiting),
    )


def suspects(connection: sqlite3.Connection, run: int) -> tuple[str, ...]:
    """The undecided members of a run, in the order of its dispatch."""
    rows = connection.execute(
        "SELECT p.name FROM members m JOIN patches p ON p.id = m.patch "
        "JOIN claims c ON c.testcase = m.testcase AND c.patch = m.patch "
        "WHERE m.run = ? AND c.verdict = '' ORDER BY m.place",
        (run,),
    )
    return tuple(name for (name,) in rows)


def _candidate(row: tuple[str, int, int] | None) -> Candidate | None:
    return None if row is None else Candidate._make(row)


def _credits(connection: sqlite3.Connection, testcase: Testcase, choice: StrategyChoice) -> list[tuple[int, str]]:
    """Every uncredited optimistic run that held the suspect, in flight, lost or ended alike (3.1)."""
    if choice.kind != "pessimistic":
        return []
    return connection.execute(
        "SELECT r.number, r.ledger || '-' || r.number FROM members m JOIN runs r ON r.number = m.run "
        "WHERE m.testcase = ? AND m.patch = (SELECT id FROM patches WHERE name = ?) "
        "AND r.kind = 'optimistic' AND r.credited = 0 ORDER BY r.number",
        (testcase.id, choice.patches[0].patch),
    ).fetchall()


def _rises(connection: sqlite3.Connection, runs: Sequence[int]) -> int:
    touched: set[int] = set()
    for run in runs:
        touched.update(row[0] for row in connection.execute("SELECT patch FROM members WHERE run = ?", (run,)))
    return len(touched)


def _held(connection: sqlite3.Connection, testcase: Testcase, chosen: Sequence[Candidate]) -> tuple[OpenRun, ...]:
    """The open failed runs whose suspects are all in the set: it fails too, unless they were flakes (rule Q6)."""
    if connection.execute("SELECT 1 FROM runs WHERE testcase = ? AND suspects > 0", (testcase.id,)).fetchone() is None:
        return ()
    inside: dict[int, int] = {}
    for candidate in chosen:
        for (run,) in connection.execute(
            "SELECT r.number FROM members m JOIN runs r ON r.number = m.run "
            "WHERE m.testcase = ? AND m.patch = (SELECT id FROM patches WHERE name = ?) AND r.suspects > 0",
            (testcase.id, candidate.patch),
        ):
            inside[run] = inside.get(run, 0) + 1
    held = []
    for run in sorted(inside):
        name, count, size = connection.execute(
            "SELECT ledger || '-' || number, suspects, size FROM runs WHERE number = ?", (run,)
        ).fetchone()
        if count == inside[run]:
            held.append(OpenRun(name, suspects(connection, run), size))
    return tuple(held)


# The words.


def _reason(proposal: Proposal) -> list[str]:
    choice, testcase = proposal.choice, proposal.testcase
    if not choice.patches:
        return ["no patch is under consideration"]
    first = choice.patches[0]
    if choice.reason == "innocent":
        said = f"the most innocent first: their 1+k sum to {choice.units}, M = {testcase.m}"
        left = choice.left_out
        return (
            [said]
            if left is None
            else [said, f"{left.patch} left out: its 1+k = {left.units} exceeds the rest, {testcase.m - choice.units}"]
        )
    if choice.reason == "alone":
        said = f"{first.patch} is the only patch under consideration"
    elif choice.reason == "waiting":
        said = f"every patch waits for a run of its own; {first.patch} has waited longest"
    elif testcase.m == 0:
        said = f"alone {first.patch}: batching impossible, p {testcase.p} <= 0.5"
    else:
        said = f"alone {first.patch}: its 1+k = {first.units} exceeds M = {testcase.m}"
    if not proposal.credits:
        return [said]
    runs = ", ".join(proposal.credits)
    return [said, f"credits runs {runs} ({proposal.rises} {'patch rises' if proposal.rises == 1 else 'patches rise'})"]


def _evidence(proposal: Proposal) -> list[str]:
    return [
        f"holds {_all_suspects(run)} of run {run.run}: will fail unless run {run.run} was a flake"
        for run in proposal.holds
    ]


def _all_suspects(run: OpenRun) -> str:
    if len(run.suspects) > 1:
        return f"all {len(run.suspects)} suspects"
    return f"{run.suspects[0]}, the only suspect left"


def bad_unless(runs: Sequence[str]) -> str:
    """What stands beside a patch that is the only suspect left of open failed runs (rule Q6); empty if of none."""
    if not runs:
        return ""
    if len(runs) > 1:
        return f"bad unless runs {', '.join(runs)} were flakes"
    return f"bad unless run {runs[0]} was a flake"
