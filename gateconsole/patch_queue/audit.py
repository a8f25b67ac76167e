"""Audit: fold every event again, make each logged decision again, say where the first difference is."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from gateconsole.ledger.actor import RefusedError
from gateconsole.ledger.events import CONTINUED, CREATED, Event, EventError, decode
from gateconsole.ledger.payloads import RunDispatched
from gateconsole.ledger.store import Ledger, read_events
from gateconsole.patch_queue import schema
from gateconsole.patch_queue.builder_acts import red_base, testcase_named
from gateconsole.patch_queue.lookup import last_run
from gateconsole.patch_queue.proposal import propose
from gateconsole.patch_queue.state import apply_event, is_current, new_state


class Audit(NamedTuple):
    """What an audit found: how many events and decisions it went through, and the first difference in words."""

    events: int
    decisions: int
    difference: str | None


def audit(ledger: Ledger) -> Audit:
    """Refold the ledger and make its decisions again. Raises LedgerUnusableError when it cannot be read."""
    state = new_state()
    events = decisions = 0
    digits = ""
    with ledger.reading() as connection:
        for event in read_events(connection, 0):
            try:
                if event.kind in {CREATED, CONTINUED}:
                    digits = str(decode(event)[0])
                difference, decided = _checked(state, event, digits)
            except (RefusedError, EventError) as error:
                return Audit(events, decisions, f"event {event.seq}: {error}")
            events += 1
            decisions += decided
            if difference is not None:
                return Audit(events, decisions, f"event {event.seq}: {difference}")
        odd = schema.differences(connection, state) if is_current(connection) else None
        return Audit(events, decisions, odd)


def _checked(state: sqlite3.Connection, event: Event, ledger: str) -> tuple[str | None, bool]:
    """Apply one event; the difference if it is a decision that would be made otherwise now, and whether it is one."""
    payload = decode(event) if event.kind == "dispatched" else None
    difference = _decided_otherwise(state, payload, ledger) if isinstance(payload, RunDispatched) else None
    apply_event(state, event)
    return difference, payload is not None


def _decided_otherwise(state: sqlite3.Connection, logged: RunDispatched, ledger: str) -> str | None:
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
