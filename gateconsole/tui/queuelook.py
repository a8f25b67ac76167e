"""The ledger looked at and written for the screen, away from its thread: one opening a question."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from typing import Final, Literal, NamedTuple

from gateconsole.innocence.board import Board, board
from gateconsole.innocence.dispatch import testcase_named
from gateconsole.innocence.known import Refused
from gateconsole.innocence.numbers import PWrong
from gateconsole.innocence.proposal import propose
from gateconsole.innocence.state import folded, is_current
from gateconsole.innocence.timeline import Moment, timeline
from gateconsole.innocence.why import why_not
from gateconsole.ledger.events import Event, EventWrong
from gateconsole.ledger.place import LedgerUnusable
from gateconsole.ledger.store import Ledger
from gateconsole.tui.hand import Hand
from gateconsole.tui.queueacts import Ask, Errand

Topic = Literal["why", "timeline"]
PROBLEMS = (Refused, PWrong, EventWrong, LedgerUnusable)
"""What a ledger or a rule may answer instead; each says what to do."""


PATIENCE: Final = 5.0
"""Seconds to wait for another process that has the ledger locked before that is said."""


class Question(NamedTuple):
    """What is wanted to be known of a patch in a testcase; `seq` is the state it was asked in.

    `held`: that state is held in sight, what came later does not count.
    """

    hand: Hand
    topic: Topic
    testcase: str
    patch: str
    seq: int
    held: bool = False


class Answer(NamedTuple):
    """Why it is not in the set, or what happened to it; or the problem."""

    why: str = ""
    moments: tuple[Moment, ...] = ()
    problem: str = ""


class Done(NamedTuple):
    """What came of an act: what to say, the board after it (None when it did not happen), and when it was read."""

    text: str
    board: Board | None = None
    at: int = 0


def look(question: Question) -> Answer:
    """Read the answer from the ledger."""
    try:
        ledger = Ledger.for_reading(question.hand.ledger, PATIENCE)
        if ledger is None:
            return Answer(problem="the ledger is gone")
        try:
            last = question.seq if question.held else None
            if question.topic == "timeline":
                return Answer(moments=timeline(_events(ledger, last), question.testcase, question.patch))
            with _tables(ledger, last) as state:
                proposal = propose(state, testcase_named(state, question.testcase))
                return Answer(why=why_not(state, proposal, question.patch))
        finally:
            ledger.close()
    except PROBLEMS as error:
        return Answer(problem=str(error))


class Whole(NamedTuple):
    """The whole queue, with everything that was ever decided (DOMAIN row 23); `seq` and `held` as in a Question.

    `now`: microseconds UTC.
    """

    hand: Hand
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


def perform(errand: Errand[Ask]) -> Done:
    """Do an act: first it is on disk, then the board is read anew."""
    try:
        ledger = Ledger.for_writing(errand.hand.ledger, PATIENCE)
        try:
            when = errand.hand.when()
            said = errand.deed.do(ledger, when, errand.answers)
            with _tables(ledger) as state:
                return Done(said, board(state, when.at, errand.hand.history), when.at)
        finally:
            ledger.close()
    except PROBLEMS as error:
        return Done(str(error))


def _events(ledger: Ledger, last: int | None) -> Iterator[Event]:
    """What happened, up to the event of this number if one is given."""
    return takewhile(lambda event: last is None or event.seq <= last, ledger.events())


@contextmanager
def _tables(ledger: Ledger, last: int | None = None) -> Iterator[sqlite3.Connection]:
    """The state of a ledger now, or after an earlier event; folded in memory when its own tables have another."""
    with ledger.reading() as connection:
        yield connection if last is None and is_current(connection) else folded(_events(ledger, last))
