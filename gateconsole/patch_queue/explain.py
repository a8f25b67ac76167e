"""Why a patch is not what is built next."""

from __future__ import annotations

import sqlite3

from gateconsole.patch_queue.lookup import patch_id
from gateconsole.patch_queue.proposal import Proposal, Testcase, bad_unless
from gateconsole.patch_queue.queries import patch_state


def why_not(connection: sqlite3.Connection, proposal: Proposal, patch: str) -> str:
    """Why a patch is not in the proposed set, or that it is; printable. Raises RefusedError for an unknown patch.

    Of the only suspect left of a failed run it says so too (rule Q6).
    """
    doubt = bad_unless(_alone_suspected(connection, proposal.testcase, patch_id(connection, patch, alive=False)))
    return f"{_why_not(connection, proposal, patch)}{f'; {patch} is {doubt}' if doubt else ''}"


def _alone_suspected(connection: sqlite3.Connection, testcase: Testcase, patch: int) -> tuple[str, ...]:
    """The open failed runs that a patch is the only suspect left of."""
    rows = connection.execute(
        "SELECT r.ledger || '-' || r.number FROM members m JOIN runs r ON r.number = m.run AND r.suspects = 1 "
        "JOIN claims c ON c.testcase = m.testcase AND c.patch = m.patch AND c.verdict = '' "
        "WHERE m.testcase = ? AND m.patch = ? ORDER BY r.number",
        (testcase.id, patch),
    )
    return tuple(run for (run,) in rows)


def _why_not(connection: sqlite3.Connection, proposal: Proposal, patch: str) -> str:
    number = patch_id(connection, patch, alive=False)
    row = connection.execute(
        "SELECT c.k, c.rank, c.verdict, c.waiting, p.fate, p.held, p.conflicting FROM claims c "
        "JOIN patches p ON p.id = c.patch WHERE c.testcase = ? AND c.patch = ?",
        (proposal.testcase.id, number),
    ).fetchone()
    if row is None:
        return f"{patch} is not in testcase {proposal.testcase.name}"
    k, _, verdict, waiting, fate, held, conflicting = row
    if patch in proposal.patches:
        return f"{patch} is in the set"
    if (state := patch_state(fate or verdict, conflicting, held)) != "pending":
        return f"{patch} is not under consideration: {state}"
    if waiting and not proposal.testcase.literal:
        (ledger,) = connection.execute("SELECT ledger FROM runs WHERE number = ?", (waiting,)).fetchone()
        return f"{patch} waits for run {ledger}-{waiting}, which holds it alone"
    if proposal.choice.kind == "pessimistic":
        return f"{proposal.patches[0]} is built alone first"
    room = proposal.testcase.m - proposal.choice.units
    return f"{patch} comes later: its 1+k = {1 + k}, the set leaves {room} of M = {proposal.testcase.m}"
