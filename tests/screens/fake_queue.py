"""A queue as the screen shows it: a ledger in a file, made by the public acts at fixed times."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from gateconsole.ledger.actor import Actor
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import builder_acts, operator_acts
from gateconsole.patch_queue.overview import Board, board
from gateconsole.snapshot import Snapshot
from gateconsole.tui.shell.operator import Operator
from tests.screens.fake import MINUTE, NOON, full

GCC, ARM = "linux-gcc+checks", "arm-clang"
HOSTILE = "[bold red]x[/] 漢字 @click=quit"


class FakeQueue:
    """One ledger with two testcases; every act a minute after the one before, from three hours before NOON."""

    def __init__(self, path: Path) -> None:
        self.ledger = Ledger.for_writing(path)
        self.path = path
        self.now = NOON - 180 * MINUTE

    def when(self) -> Actor:
        """A minute later."""
        self.now += MINUTE
        return Actor(self.now, "mika")

    def filled(self) -> FakeQueue:
        """Twelve patches: four good, one held, two runs in flight, one of them overdue, one open failed set."""
        operator_acts.configure(self.ledger, GCC, self.when(), p="0.9")
        operator_acts.configure(self.ledger, ARM, self.when(), p="0.55")
        for number in range(11):
            operator_acts.submit(self.ledger, f"I{number:02}a0", self.when(), testcases=() if number % 3 else (GCC,))
        operator_acts.submit(self.ledger, HOSTILE, self.when())
        first = self.next("tb7")
        builder_acts.report(self.ledger, first, "fail", self.when())
        second = self.next("tb3")
        self.now += 20 * MINUTE
        builder_acts.report(self.ledger, second, "pass", self.when())
        self.next("tb7")
        self.now = NOON - 5 * MINUTE
        self.next("tb9")
        operator_acts.hold(self.ledger, "I00a0", "waits for review", self.when())
        return self

    def next(self, builder: str) -> str:
        """Dispatch in the first testcase; the run."""
        run = builder_acts.next_run(self.ledger, GCC, builder, self.when()).run
        assert run is not None
        return run

    def board(self) -> Board:
        """The queue at NOON."""
        with self.ledger.reading() as connection:
            return board(connection, NOON)

    def snapshot(self) -> Snapshot:
        """A whole Snapshot with it."""
        return replace(full(), queue=self.board(), taken_at=NOON)

    def hand(self, writes: bool = True) -> Operator:
        """Who acts at the screen, at NOON."""
        return Operator(self.path, "ada", writes, lambda: NOON)


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeQueue:
    """The same queue every time, its run ids too."""
    made = os.urandom
    with monkeypatch.context() as patched:
        patched.setattr("gateconsole.ledger.store.os.urandom", lambda size: b"\x7f\x3a" if size == 2 else made(size))
        return FakeQueue(tmp_path / "ledger.db").filled()
