"""Testcases, patches and runs as a fold of events (DOMAIN 3). What was decided is applied as logged, not anew.

The tables beside the events hold the state; `apply` is the only way they change. It refuses an event that cannot be,
so acts, back-ups and audits are checked by the same rules.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from gateconsole.innocence import tables
from gateconsole.innocence.fold import APPLY
from gateconsole.ledger.events import QUEUE_KINDS, Event, decode
from gateconsole.ledger.store import last_seq, read_events


def catch_up(connection: sqlite3.Connection) -> None:
    """Bring the tables of a ledger up to its last event; a write. Raises Refused, EventWrong."""
    last = tables.applied(connection)
    if last < 0:
        tables.create(connection)
        last = 0
    if last < last_seq(connection):
        for event in list(read_events(connection, last)):
            apply(connection, event)


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether the tables hold every event that is the queue's; other acts do not keep them up."""
    last = tables.applied(connection)
    return last >= 0 and not any(event.kind in QUEUE_KINDS for event in read_events(connection, last))


def folded(events: Iterable[Event]) -> sqlite3.Connection:
    """The state after these events, in memory. Raises Refused, EventWrong."""
    connection = empty()
    for event in events:
        apply(connection, event)
    return connection


def empty() -> sqlite3.Connection:
    """The state before any event, in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    tables.create(connection)
    return connection


def apply(connection: sqlite3.Connection, event: Event) -> None:
    """Take one event into the tables; kinds that are not the queue's change nothing. Raises Refused, EventWrong."""
    if event.kind in QUEUE_KINDS:
        payload = decode(event)
        connection.execute("UPDATE queue_meta SET at = ?", (event.at,))
        APPLY[type(payload)](connection, event, payload)
    connection.execute("UPDATE queue_meta SET applied = ?", (event.seq,))
