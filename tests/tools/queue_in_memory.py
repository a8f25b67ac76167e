"""A ledger in memory and a queue on it, for tests that need neither disk nor clock."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gateconsole.ledger.actor import Actor
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import builder_acts, operator_acts, queries
from gateconsole.patch_queue.builder_acts import DispatchResult, VerdictChanges
from gateconsole.patch_queue.overview import Board, TestcaseBoard, board
from gateconsole.patch_queue.queries import PatchRow
from gateconsole.patch_queue.transaction import Outcome

TC = "linux-gcc"


def memory_ledger() -> Ledger:
    """A ledger that no file holds."""
    return Ledger(Path(":memory:"), sqlite3.connect(":memory:", isolation_level=None))


class Queue:
    """One ledger with one testcase, acted on by one hand; a second passes with every act."""

    def __init__(self, p: str = "0.9", *, literal: bool = True, text: str = "longer", patches: int = 0) -> None:
        self.ledger = memory_ledger()
        self.seconds = 0
        operator_acts.configure(self.ledger, TC, self.when(), p=p, literal=literal, text=text)
        for number in range(1, patches + 1):
            self.submit(str(number))

    def when(self) -> Actor:
        self.seconds += 1
        return Actor(self.seconds * 1_000_000, "tester")

    def submit(self, patch: str, *, first: bool = False, revises: str | None = None) -> Outcome:
        return operator_acts.submit(self.ledger, patch, self.when(), first=first, revises=revises)

    def next(self, builder: str = "tb1") -> DispatchResult:
        return builder_acts.next_run(self.ledger, TC, builder, self.when())

    def run(self, number: int) -> str:
        return f"{self.ledger.id}-{number}"

    def report(self, number: int, result: str) -> VerdictChanges:
        return builder_acts.report(self.ledger, self.run(number), result, self.when())

    def lost(self, number: int) -> VerdictChanges:
        return builder_acts.lost(self.ledger, self.run(number), "", self.when())

    def mark(self, number: int, says: str = "nothing") -> VerdictChanges:
        return builder_acts.mark(self.ledger, self.run(number), says, "flaky disk", self.when())

    def base(self, number: int, result: str) -> VerdictChanges:
        return builder_acts.base(self.ledger, self.run(number), result, self.when())

    @property
    def connection(self) -> sqlite3.Connection:
        with self.ledger.reading() as connection:
            return connection

    def board(self) -> Board:
        with self.ledger.reading() as connection:
            return board(connection, self.seconds * 1_000_000)

    def recent(self) -> Board:
        """The undecided, and what was decided in the last day."""
        with self.ledger.reading() as connection:
            return board(connection, self.seconds * 1_000_000, queries.HISTORY)

    def testcase(self) -> TestcaseBoard:
        return self.board().testcases[0]

    def patch(self, name: str) -> PatchRow:
        return next(row for row in self.testcase().patches if row.patch == name)

    def p(self) -> dict[str, float]:
        """p-innocent of every patch under consideration."""
        return {row.patch: row.p for row in self.testcase().patches if row.place is not None}

    def states(self) -> dict[str, str]:
        return {row.patch: row.state for row in self.testcase().patches}
