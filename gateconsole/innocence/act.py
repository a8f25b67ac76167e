"""One act on the queue: a transaction in which what is appended is folded at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from gateconsole.innocence.known import Refused, checked_name
from gateconsole.innocence.state import apply, catch_up
from gateconsole.ledger.events import EventWrong, Payload
from gateconsole.ledger.store import Ledger, Transaction


class Act:
    """A transaction of the queue; later steps of it see what earlier ones did."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self.connection: sqlite3.Connection = transaction.connection
        self.ledger = transaction.ledger

    def continue_imported(self) -> None:
        """Before a run is dispatched: an imported ledger goes on under digits of its own (row 20)."""
        self._transaction.continue_imported()

    def append(self, payload: Payload, event_id: str | None = None) -> None:
        """Append an event and fold it. Raises Refused: then the whole transaction did not happen."""
        apply(self.connection, self._transaction.append(payload, event_id))


@contextmanager
def acting(ledger: Ledger, at: int, actor: str) -> Iterator[Act]:
    """A transaction of the queue on tables that hold every event; `at` is microseconds UTC.

    Raises Refused, LedgerUnusable.
    """
    with ledger.transaction(at, checked_name("actor", actor)) as transaction:
        try:
            catch_up(transaction.connection)
        except EventWrong as error:
            raise Refused(str(error)) from error
        yield Act(transaction)


class Outcome:
    """What came of an act that could be done: whether it changed anything, and in words what did, or what was so.

    As true as that it changed something. What cannot be done is Refused instead: the two are never told alike (row 22).
    """

    __slots__ = ("changed", "text")

    def __init__(self, changed: bool, text: str) -> None:
        self.changed = changed
        self.text = text

    def __bool__(self) -> bool:
        return self.changed


class When:
    """Who acts, and when: what every act is told."""

    __slots__ = ("actor", "at")

    def __init__(self, at: int, actor: str) -> None:
        self.at = at
        self.actor = actor
