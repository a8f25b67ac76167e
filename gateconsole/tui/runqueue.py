"""The run of the queue that an artifact reports on, as far as the ledger knows it; asked away from the screen."""

from __future__ import annotations

from collections.abc import Sequence

from gateconsole.text import counted
from gateconsole.tui.hand import Hand


def queue_run_words(hand: Hand | None, lines: Sequence[str]) -> str:
    """`7f3a-31 of linux-gcc+checks, 5 patches` for an artifact of these lines; empty if it names no run we know."""
    from gateconsole.innocence.artifacts import claim_of
    from gateconsole.innocence.dispatch import members
    from gateconsole.innocence.known import Refused, run_number
    from gateconsole.innocence.state import folded, is_current
    from gateconsole.ledger.events import EventWrong
    from gateconsole.ledger.place import LedgerUnusable
    from gateconsole.ledger.store import Ledger
    from gateconsole.tui.queuelook import PATIENCE

    claim = claim_of("\n".join(lines).encode())
    if claim is None or hand is None:
        return ""
    try:
        ledger = Ledger.for_reading(hand.ledger, PATIENCE)
        if ledger is None:
            return ""
        try:
            with ledger.reading() as connection:
                state = connection if is_current(connection) else folded(ledger.events())
                held = members(state, run_number(state, claim.queue_run))
        finally:
            ledger.close()
    except (Refused, EventWrong, LedgerUnusable):
        return ""
    patches = counted(len(held), "patch")
    return f"{claim.queue_run} of {claim.testcase}, {patches}" if claim.testcase else f"{claim.queue_run}, {patches}"
