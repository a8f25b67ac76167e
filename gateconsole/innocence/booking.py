"""Artifacts' results into the ledger, each run's once, by its event id (DOMAIN row 20)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from gateconsole.innocence import dispatch
from gateconsole.innocence.act import When
from gateconsole.innocence.artifacts import SAYS, Booking, Claim, Known, Odd, Says, judge
from gateconsole.innocence.dispatch import Effect, artifact_event, members
from gateconsole.innocence.known import Refused, run_number
from gateconsole.ledger.store import Ledger


class Artifact(NamedTuple):
    """An artifact that names a run of a queue: its path below the root, its outcome, what it claims."""

    path: str
    outcome: str
    claim: Claim


class Booked(NamedTuple):
    """What came of an artifact: an effect, or why it reports nothing."""

    path: str
    outcome: Effect | Odd


def book(
    ledger: Ledger, artifacts: Iterable[Artifact], when: When, says: Mapping[str, Says] = SAYS
) -> Iterator[Booked]:
    """Book what is new; what was booked before is passed over in silence. Raises LedgerUnusable."""
    for artifact in artifacts:
        with ledger.reading() as connection:
            judged = judge(artifact.claim, artifact.outcome, ledger.id, _known(connection, artifact.claim), says)
            if isinstance(judged, Booking) and is_booked(connection, judged.run):
                continue
        if isinstance(judged, Odd):
            yield Booked(artifact.path, judged)
            continue
        effect = _append(ledger, judged, artifact.path, when)
        if effect.news:
            yield Booked(artifact.path, effect)


def is_booked(connection: sqlite3.Connection, run: str) -> bool:
    """Whether an artifact of a run was booked."""
    return connection.execute("SELECT 1 FROM events WHERE id = ?", (artifact_event(run),)).fetchone() is not None


def unbooked_since(connection: sqlite3.Connection) -> int | None:
    """When the oldest run without any result was dispatched, microseconds UTC; None if every run has one."""
    found: int | None = connection.execute(
        "SELECT min(at) FROM runs WHERE passed = 0 AND failed = 0 AND marked = 0"
    ).fetchone()[0]
    return found


def _append(ledger: Ledger, booking: Booking, path: str, when: When) -> Effect:
    if booking.says == "nothing":
        event = artifact_event(booking.run)
        return dispatch.mark(ledger, booking.run, "nothing", f"{booking.outcome} in {path}", when, event_id=event)
    return dispatch.report(ledger, booking.run, booking.says, when, path)


def _known(connection: sqlite3.Connection, claim: Claim) -> Known | None:
    try:
        number = run_number(connection, claim.queue_run)
    except Refused:
        return None
    (testcase,) = connection.execute(
        "SELECT t.name FROM runs r JOIN testcases t ON t.id = r.testcase WHERE r.number = ?", (number,)
    ).fetchone()
    return Known(testcase, members(connection, number))
