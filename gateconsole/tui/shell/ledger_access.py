"""The ledger looked at and written for the screen, away from its thread: one opening a question."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from typing import Final, Literal, NamedTuple

from gateconsole.ledger.actor import RefusedError
from gateconsole.ledger.events import Event, EventError
from gateconsole.ledger.location import LedgerUnusableError
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue.builder_acts import testcase_named
from gateconsole.patch_queue.explain import why_not
from gateconsole.patch_queue.overview import Board, board
from gateconsole.patch_queue.probability import InvalidProbabilityError
from gateconsole.patch_queue.proposal import propose
from gateconsole.patch_queue.state import is_current, replay
from gateconsole.patch_queue.timeline import TimelineEntry, timeline
from gateconsole.tui.shell.operator import Operator
from gateconsole.tui.shell.questions import Question, QueueRequest

Topic = Literal["why", "timeline"]
PROBLEMS = (RefusedError, InvalidProbabilityError, EventError, LedgerUnusableError)
"""What a ledger or a rule may answer instead; each says what to do."""


PATIENCE: Final = 5.0
"""Seconds to wait for another process that has the ledger locked before that is said."""


class LedgerQuery(NamedTuple):
    """What is wanted to be known of a patch in a testcase; `seq` is the state it was asked in.

    `held`: that state is held in sight, what came later does not count.
    """

    hand: Operator
    topic: Topic
    testcase: str
    patch: str
    seq: int
    held: bool = False


class LedgerReply(NamedTuple):
    """Why it is not in the set, or what happened to it; or the problem."""

    why: str = ""
    moments: tuple[TimelineEntry, ...] = ()
    problem: str = ""


class ActionOutcome(NamedTuple):
    """What came of an act: what to say, the board after it (None when it did not happen), and when it was read."""

    text: str
    board: Board | None = None
    at: int = 0


def query_ledger(question: LedgerQuery) -> LedgerReply:
    """Read the answer from the ledger."""
    try:
        ledger = Ledger.for_reading(question.hand.ledger, PATIENCE)
        if ledger is None:
            return LedgerReply(problem="the ledger is gone")
        try:
            last = question.seq if question.held else None
            if question.topic == "timeline":
                return LedgerReply(moments=timeline(_events(ledger, last), question.testcase, question.patch))
            with _tables(ledger, last) as state:
                proposal = propose(state, testcase_named(state, question.testcase))
                return LedgerReply(why=why_not(state, proposal, question.patch))
        finally:
            ledger.close()
    except PROBLEMS as error:
        return LedgerReply(problem=str(error))


class Whole(NamedTuple):
    """The whole queue, with everything that was ever decided (rule G23); `seq` and `held` as in a Question.

    `now`: microseconds UTC.
    """

    hand: Operator
    seq: int
    held: bool
    now: int


def whole(asked: Whole) -> Board | None:
    """Read the whole queue from the ledger; None if that cannot be: what is shown of it stays."""
    try:
        ledger = Ledger.for_reading(asked.hand.ledger, PATIENCE)
        if ledger is None:
            return None
        try:
            with _tables(ledger, asked.seq if asked.held else None) as state:
                return board(state, asked.now)
        finally:
            ledger.close()
    except PROBLEMS:
        return None


def run_action(errand: QueueRequest[Question]) -> ActionOutcome:
    """Do an act: first it is on disk, then the board is read anew."""
    try:
        ledger = Ledger.for_writing(errand.hand.ledger, PATIENCE)
        try:
            when = errand.hand.when()
            said = errand.deed.do(ledger, when, errand.answers)
            with _tables(ledger) as state:
                return ActionOutcome(said, board(state, when.at, errand.hand.history), when.at)
        finally:
            ledger.close()
    except PROBLEMS as error:
        return ActionOutcome(str(error))


def _events(ledger: Ledger, last: int | None) -> Iterator[Event]:
    """What happened, up to the event of this number if one is given."""
    return takewhile(lambda event: last is None or event.seq <= last, ledger.events())


@contextmanager
def _tables(ledger: Ledger, last: int | None = None) -> Iterator[sqlite3.Connection]:
    """The state of a ledger now, or after an earlier event; folded in memory when its own tables have another."""
    with ledger.reading() as connection:
        yield connection if last is None and is_current(connection) else replay(_events(ledger, last))
