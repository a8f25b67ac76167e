"""Audit: fold every event again, make each logged decision again, say where the first difference is."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from gateconsole.innocence import tables
from gateconsole.innocence.dispatch import red_base, testcase_named
from gateconsole.innocence.known import Refused, last_run
from gateconsole.innocence.proposal import propose
from gateconsole.innocence.state import apply, empty, is_current
from gateconsole.ledger.events import CONTINUED, CREATED, Event, EventWrong, decode
from gateconsole.ledger.payloads import Dispatched
from gateconsole.ledger.store import Ledger, read_events


class Audit(NamedTuple):
    """What an audit found: how many events and decisions it went through, and the first difference in words."""

    events: int
    decisions: int
    difference: str | None


def audit(ledger: Ledger) -> Audit:
    """Refold the ledger and make its decisions again. Raises LedgerUnusable when it cannot be read."""
    state = empty()
    events = decisions = 0
    digits = ""
    with ledger.reading() as connection:
        for event in read_events(connection, 0):
            try:
                if event.kind in {CREATED, CONTINUED}:
                    digits = str(decode(event)[0])
                difference, decided = _checked(state, event, digits)
            except (Refused, EventWrong) as error:
                return Audit(events, decisions, f"event {event.seq}: {error}")
            events += 1
            decisions += decided
            if difference is not None:
                return Audit(events, decisions, f"event {event.seq}: {difference}")
        odd = tables.differences(connection, state) if is_current(connection) else None
        return Audit(events, decisions, odd)


def _checked(state: sqlite3.Connection, event: Event, ledger: str) -> tuple[str | None, bool]:
    """Apply one event; the difference if it is a decision that would be made otherwise now, and whether it is one."""
    payload = decode(event) if event.kind == "dispatched" else None
    difference = _decided_otherwise(state, payload, ledger) if isinstance(payload, Dispatched) else None
    apply(state, event)
    return difference, payload is not None


def _decided_otherwise(state: sqlite3.Connection, logged: Dispatched, ledger: str) -> str | None:
    """How the rule decides in this state, if that is not what was logged."""
    testcase = testcase_named(state, logged.testcase)
    proposal = propose(state, testcase)
    again = {
        "run": f"{ledger}-{last_run(state) + 1}",
        "kind": proposal.choice.kind,
        "patches": proposal.patches,
        "credits": proposal.credits,
        "p": testcase.p,
        "m": testcase.m,
    }
    for name, value in again.items():
        was = getattr(logged, name)
        if was != value:
            return f"{name} of run {logged.run} is logged as {_words(was)}, the rule says {_words(value)}"
    if testcase.paused is not None:
        return f"run {logged.run} was dispatched while paused: {testcase.paused}"
    if testcase.retired is not None:
        return f"run {logged.run} was dispatched in a retired testcase: {testcase.name}"
    red = "" if logged.anyway else red_base(state, testcase, logged.base)
    return f"run {logged.run} was dispatched all the same: {red}" if red else None


def _words(value: object) -> str:
    return " ".join(value) or "none" if isinstance(value, tuple) else str(value)
