"""The run of the queue that an artifact reports on, as far as the ledger knows it; asked away from the screen."""

from __future__ import annotations

from collections.abc import Sequence

from gateconsole.text import counted
from gateconsole.tui.shell.operator import Operator


def queue_run_text(hand: Operator | None, lines: Sequence[str]) -> str:
    """`7f3a-31 of linux-gcc+checks, 5 patches` for an artifact of these lines; empty if it names no run we know."""
    from gateconsole.ledger.actor import RefusedError
    from gateconsole.ledger.events import EventError
    from gateconsole.ledger.location import LedgerUnusableError
    from gateconsole.ledger.store import Ledger
    from gateconsole.patch_queue.builder_acts import members
    from gateconsole.patch_queue.lookup import run_number
    from gateconsole.patch_queue.reported_results import reported_result
    from gateconsole.patch_queue.state import is_current, replay
    from gateconsole.tui.shell.ledger_access import PATIENCE

    claim = reported_result("\n".join(lines).encode())
    if claim is None or hand is None:
        return ""
    try:
        ledger = Ledger.for_reading(hand.ledger, PATIENCE)
        if ledger is None:
            return ""
        try:
            with ledger.reading() as connection:
                state = connection if is_current(connection) else replay(ledger.events())
                held = members(state, run_number(state, claim.queue_run))
        finally:
            ledger.close()
    except (RefusedError, EventError, LedgerUnusableError):
        return ""
    patches = counted(len(held), "patch")
    return f"{claim.queue_run} of {claim.testcase}, {patches}" if claim.testcase else f"{claim.queue_run}, {patches}"
