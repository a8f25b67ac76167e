"""The demo's queue: patches arrive, builders come and go, runs pass, fail and get lost. Time and seed are passed in."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Final

from gateconsole.ledger.actor import Actor
from gateconsole.ledger.events import event_of, line_of
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import backup, builder_acts, operator_acts
from gateconsole.patch_queue.overview import Board, TestcaseBoard, board
from gateconsole.patch_queue.queries import QueueRunRow

SAVED: Final = "queue.jsonl"
"""The samples' queue, as `queue log` writes it."""

_BUILDERS: Final = ("tb2", "tb3", "tb5", "tb7", "tb9", "tb11")
_PENDING: Final = 9
"""Patches under consideration that arrivals keep up."""

_GUILTY: Final = 0.12
_GUILTY_SAMPLE: Final = "Ic3a9 r1"
"""The one that made the samples' first run fail; the other samples are innocent."""

_SECOND: Final = 1_000_000
_LAND_AFTER: Final = 60 * _SECOND


def restored(ledger: Ledger, saved: bytes, delta: timedelta, now: int) -> None:
    """Bring the samples' queue into an empty ledger, every time moved by `delta`.

    Raises RefusedError, LedgerUnusableError.
    """
    micros = delta // timedelta(microseconds=1)
    events = map(event_of, saved.decode().splitlines())
    lines = [line_of(event._replace(at=event.at + micros)) for event in events]
    backup.restore(ledger, lines, Actor(now, "demo"), whole=True)


class QueueStory:
    """What goes on in the queue: `step` lets at most one thing happen in it, the same for a seed and a state."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._dice = random.Random(seed)
        self._number = 0
        self._here = set(_BUILDERS[:3])
        self._samples: frozenset[str] | None = None

    def step(self, ledger: Ledger, now: int) -> None:
        """One thing happens at `now` (microseconds UTC). Raises RefusedError, LedgerUnusableError."""
        with ledger.reading() as connection:
            shown = board(connection, now)
        if not shown.testcases:
            return
        if self._samples is None:
            self._samples = frozenset(one.patch for one in shown.overall)
        each = self._dice.choice(shown.testcases)
        happenings = (self._ends, self._dispatches, self._arrives, self._lands, self._comes_or_goes)
        start = self._dice.randrange(len(happenings))
        for happening in (*happenings[start:], *happenings[:start]):
            if happening(ledger, shown, each, now):
                return

    def _ends(self, ledger: Ledger, shown: Board, each: TestcaseBoard, now: int) -> bool:
        """The oldest run whose time has come ends; one whose builder has left is given up after a while."""
        for run in each.in_flight:
            age = now - run.at
            if run.builder not in self._here:
                if age > 150 * _SECOND:
                    builder_acts.lost(ledger, run.run, f"{run.builder} is gone", Actor(now, "mika"))
                    return True
            elif age > self._lasts(run):
                result = "fail" if any(map(self._guilty, run.patches)) else "pass"
                builder_acts.report(ledger, run.run, result, Actor(now, run.builder))
                return True
        return False

    def _lasts(self, run: QueueRunRow) -> int:
        """How long a run takes: 25 to 75 seconds."""
        return random.Random(f"{self._seed} {run.run}").randint(25, 75) * _SECOND

    def _guilty(self, patch: str) -> bool:
        """Whether a patch is bad: drawn by its name, the same in every run."""
        if self._samples is not None and patch in self._samples:
            return patch == _GUILTY_SAMPLE
        return random.Random(f"{self._seed} {patch}").random() < _GUILTY

    def _dispatches(self, ledger: Ledger, shown: Board, each: TestcaseBoard, now: int) -> bool:
        """A builder with nothing to do asks."""
        busy = {run.builder for one in shown.testcases for run in one.in_flight}
        free = sorted(self._here - busy)
        if not free or each.proposal.choice.kind is None or each.testcase.paused is not None:
            return False
        builder = self._dice.choice(free)
        return builder_acts.next_run(ledger, each.testcase.name, builder, Actor(now, builder)).run is not None

    def _arrives(self, ledger: Ledger, shown: Board, each: TestcaseBoard, now: int) -> bool:
        if each.considered >= _PENDING:
            return False
        self._number += 1
        name = f"I{random.Random(f'{self._seed} name {self._number}').randrange(16**4):04x} r{self._dice.randint(1, 4)}"
        return operator_acts.submit(ledger, name, Actor(now, self._dice.choice(("ada", "jo", "mika")))).changed

    def _lands(self, ledger: Ledger, shown: Board, each: TestcaseBoard, now: int) -> bool:
        """A patch that is good everywhere lands, one that is bad is withdrawn, a while after it arrived."""
        arrived = {row.patch: row.at for row in each.patches}
        for patch, state, _ in shown.overall:
            if state not in {"good", "bad"} or now - arrived.get(patch, now) < _LAND_AFTER:
                continue
            if state == "good":
                return operator_acts.land(ledger, patch, Actor(now, "mika")).changed
            return operator_acts.withdraw(ledger, patch, "breaks the build", Actor(now, "mika")).changed
        return False

    def _comes_or_goes(self, ledger: Ledger, shown: Board, each: TestcaseBoard, now: int) -> bool:
        """A builder joins or leaves, now and then in the midst of a run."""
        if self._dice.random() < 0.9:
            return False
        one = self._dice.choice(_BUILDERS)
        self._here ^= {one}
        self._here = self._here or set(_BUILDERS[:2])
        return True
