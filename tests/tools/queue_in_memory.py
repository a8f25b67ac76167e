"""A ledger in memory and a queue on it, for tests that need neither disk nor clock."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gateconsole.innocence import acts, dispatch, rows
from gateconsole.innocence.act import Outcome, When
from gateconsole.innocence.board import Board, TestcaseBoard, board
from gateconsole.innocence.dispatch import Effect, Given
from gateconsole.innocence.rows import PatchRow
from gateconsole.ledger.store import Ledger

TC = "linux-gcc"


def memory_ledger() -> Ledger:
    """A ledger that no file holds."""
    return Ledger(Path(":memory:"), sqlite3.connect(":memory:", isolation_level=None))


class Queue:
    """One ledger with one testcase, acted on by one hand; a second passes with every act."""

    def __init__(self, p: str = "0.9", *, literal: bool = True, text: str = "longer", patches: int = 0) -> None:
        self.ledger = memory_ledger()
        self.seconds = 0
        acts.configure(self.ledger, TC, self.when(), p=p, literal=literal, text=text)
        for number in range(1, patches + 1):
            self.submit(str(number))

    def when(self) -> When:
        self.seconds += 1
        return When(self.seconds * 1_000_000, "tester")

    def submit(self, patch: str, *, first: bool = False, revises: str | None = None) -> Outcome:
        return acts.submit(self.ledger, patch, self.when(), first=first, revises=revises)

    def next(self, builder: str = "tb1") -> Given:
        return dispatch.next_run(self.ledger, TC, builder, self.when())

    def run(self, number: int) -> str:
        return f"{self.ledger.id}-{number}"

    def report(self, number: int, result: str) -> Effect:
        return dispatch.report(self.ledger, self.run(number), result, self.when())

    def lost(self, number: int) -> Effect:
        return dispatch.lost(self.ledger, self.run(number), "", self.when())

    def mark(self, number: int, says: str = "nothing") -> Effect:
        return dispatch.mark(self.ledger, self.run(number), says, "flaky disk", self.when())

    def base(self, number: int, result: str) -> Effect:
        return dispatch.base(self.ledger, self.run(number), result, self.when())

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
            return board(connection, self.seconds * 1_000_000, rows.HISTORY)

    def testcase(self) -> TestcaseBoard:
        return self.board().testcases[0]

    def patch(self, name: str) -> PatchRow:
        return next(row for row in self.testcase().patches if row.patch == name)

    def p(self) -> dict[str, float]:
        """p-innocent of every patch under consideration."""
        return {row.patch: row.p for row in self.testcase().patches if row.place is not None}

    def states(self) -> dict[str, str]:
        return {row.patch: row.state for row in self.testcase().patches}
