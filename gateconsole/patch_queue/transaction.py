"""One act on the queue: a transaction in which what is appended is folded at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from gateconsole.ledger.actor import RefusedError, checked_name
from gateconsole.ledger.events import EventError, Payload
from gateconsole.ledger.store import Ledger, Transaction
from gateconsole.patch_queue.state import apply_event, catch_up


class QueueTransaction:
    """A transaction of the queue; later steps of it see what earlier ones did."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self.connection: sqlite3.Connection = transaction.connection
        self.ledger = transaction.ledger

    def continue_imported(self) -> None:
        """Before a run is dispatched: an imported ledger goes on under digits of its own (rule Q20)."""
        self._transaction.continue_imported()

    def append(self, payload: Payload, event_id: str | None = None) -> None:
        """Append an event and fold it. Raises RefusedError: then the whole transaction did not happen."""
        apply_event(self.connection, self._transaction.append(payload, event_id))


@contextmanager
def queue_transaction(ledger: Ledger, at: int, actor: str) -> Iterator[QueueTransaction]:
    """A transaction of the queue on tables that hold every event; `at` is microseconds UTC.

    Raises RefusedError, LedgerUnusableError.
    """
    with ledger.transaction(at, checked_name("actor", actor)) as transaction:
        try:
            catch_up(transaction.connection)
        except EventError as error:
            raise RefusedError(str(error)) from error
        yield QueueTransaction(transaction)


class Outcome:
    """What came of an act that could be done: whether it changed anything, and in words what did, or what was so.

    As true as that it changed something. What cannot be done is refused: the two are never told alike (rule Q22).
    """

    __slots__ = ("changed", "text")

    def __init__(self, changed: bool, text: str) -> None:
        self.changed = changed
        self.text = text

    def __bool__(self) -> bool:
        return self.changed
