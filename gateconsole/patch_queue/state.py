"""Testcases, patches and runs as a fold of events (rules 3). What was decided is applied as logged, not anew.

The tables beside the events hold the state; `apply` is the only way they change. It refuses an event that cannot be,
so acts, back-ups and audits are checked by the same rules.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from gateconsole.ledger.events import QUEUE_KINDS, Event, decode
from gateconsole.ledger.store import last_seq, read_events
from gateconsole.patch_queue import schema
from gateconsole.patch_queue.apply_events import APPLY


def catch_up(connection: sqlite3.Connection) -> None:
    """Bring the tables of a ledger up to its last event; a write. Raises RefusedError, EventError."""
    last = schema.applied(connection)
    if last < 0:
        schema.create(connection)
        last = 0
    if last < last_seq(connection):
        for event in list(read_events(connection, last)):
            apply_event(connection, event)


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether the tables hold every event that is the queue's; other acts do not keep them up."""
    last = schema.applied(connection)
    return last >= 0 and not any(event.kind in QUEUE_KINDS for event in read_events(connection, last))


def replay(events: Iterable[Event]) -> sqlite3.Connection:
    """The state after these events, in memory. Raises RefusedError, EventError."""
    connection = new_state()
    for event in events:
        apply_event(connection, event)
    return connection


def new_state() -> sqlite3.Connection:
    """The state before any event, in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    schema.create(connection)
    return connection


def apply_event(connection: sqlite3.Connection, event: Event) -> None:
    """Take one event into the tables; kinds that are not the queue's change nothing.

    Raises RefusedError, EventError.
    """
    if event.kind in QUEUE_KINDS:
        payload = decode(event)
        connection.execute("UPDATE queue_meta SET at = ?", (event.at,))
        APPLY[type(payload)](connection, event, payload)
    connection.execute("UPDATE queue_meta SET applied = ?", (event.seq,))
