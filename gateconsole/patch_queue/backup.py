"""The back-up: every event as a line of JSON, and back into a ledger, byte for byte."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from gateconsole.ledger.actor import Actor, RefusedError
from gateconsole.ledger.events import CONTINUED, CREATED, Event, EventError, decode, event_of, line_of
from gateconsole.ledger.store import Ledger, read_events
from gateconsole.patch_queue.state import catch_up


def lines(ledger: Ledger, after: int = 0) -> Iterator[str]:
    """The events behind `after`, one line each without its end; equal ledgers give equal bytes."""
    return map(line_of, ledger.events(after))


def restore(ledger: Ledger, saved: Iterable[str], when: Actor, *, whole: bool = False) -> tuple[int, int]:
    """Bring saved lines into an empty ledger, or one that holds the beginning of them; all or nothing.

    What the lost ledger dispatched behind the back-up nobody knows: the next run begins with new digits (rule Q20),
    unless the lines are known to be the `whole` ledger.

    Returns (events that were there, events that came). Raises RefusedError with the line's number, LedgerUnusableError.
    """
    events = list(_events(saved))
    if not events or events[0].kind != CREATED:
        raise RefusedError("line 1: expected the first event of a ledger, as `gateconsole queue log` writes it")
    with ledger.transaction(when.at, when.actor, first=events[0]) as transaction:
        there = list(read_events(transaction.connection, 0))
        for mine, saved_one in zip(there, events, strict=False):
            if mine != saved_one:
                raise RefusedError(
                    f"line {mine.seq}: the ledger has another event there: import into a new --ledger FILE"
                )
        for event in events[len(there) :]:
            transaction.insert(event)
        if not whole and (transaction.created or len(events) > len(there)):
            transaction.import_under(_new_digits(events))
        try:
            catch_up(transaction.connection)
        except EventError as error:
            raise RefusedError(str(error)) from error
    known = 0 if transaction.created else len(there)
    return known, max(0, len(events) - known)


def _new_digits(events: Iterable[Event]) -> str:
    """Four hex digits that no run of these events begins with."""
    used = {str(decode(event)[0]) for event in events if event.kind in {CREATED, CONTINUED}}
    return next(digits for digits in iter(lambda: os.urandom(2).hex(), "") if digits not in used)


def _events(saved: Iterable[str]) -> Iterator[Event]:
    for number, line in enumerate(saved, 1):
        try:
            event = event_of(line.removesuffix("\n"))
        except EventError as error:
            raise RefusedError(f"line {number}: {error}") from error
        if event.seq != number:
            raise RefusedError(f"line {number}: expected event {number}, found {event.seq}")
        yield event
