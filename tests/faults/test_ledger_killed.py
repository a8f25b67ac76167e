"""A process killed at any moment: what was acknowledged is there once, and who goes on gets where all went.

The script appends an event of every kind. At each point it is killed, and a new process goes on behind the last step
that was acknowledged, saying the one that was not again, with its request: the ledger must be the uninterrupted one.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateconsole.ledger.actor import Actor
from gateconsole.ledger.events import QUEUE_KINDS
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import operator_acts
from gateconsole.patch_queue.overview import board
from gateconsole.patch_queue.state import catch_up
from tests.faults.kill_queue import MODES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("mode", MODES)
def test_a_killed_script_goes_on_to_the_uninterrupted_state(tmp_path: Path, mode: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.faults.kill_queue", mode, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    whole, *kills = map(json.loads, ended.stdout.splitlines())
    assert {line.split()[1] for line in whole["final"]} == {"ledger_created", *QUEUE_KINDS}
    assert len(kills) == len(MODES[mode][1])
    for kill in kills:
        where = f"{mode} {kill['point']}: {kill['acknowledged']} steps acknowledged, {len(kill['found'])} events"
        if mode != "at any moment":  # which may also come too late
            assert kill["signal"] == (signal.SIGXFSZ if mode == "inside a write" else signal.SIGKILL), where
        steps = {int(line.split()[0]) for line in kill["found"]} - {0}
        assert kill["found"] == [line for line in whole["final"] if int(line.split()[0]) <= max(steps, default=-1)], (
            where
        )
        assert kill["acknowledged"] <= len(steps) <= kill["acknowledged"] + 1, where
        if mode == "behind a commit":  # it is kept although nobody was told
            assert len(steps) == kill["acknowledged"] + 1, where
        assert kill["final"] == whole["final"], where
        assert kill["difference"] is None, where


def test_events_without_their_tables_are_folded_by_the_next_act(tmp_path: Path) -> None:
    ledger = Ledger.for_writing(tmp_path / "ledger.db")
    when = Actor(1_000_000, "tester")
    operator_acts.configure(ledger, "linux", when, p="0.9")
    for number in range(1, 10):
        operator_acts.submit(ledger, f"I{number}", when)
    with ledger.reading() as connection:
        expected = board(connection, 0)
    ledger._connection.execute("DROP TABLE claims")
    ledger._connection.execute("UPDATE queue_meta SET form = -1")
    with ledger.transaction(2, "tester") as transaction:
        catch_up(transaction.connection)
    with ledger.reading() as connection:
        assert board(connection, 0) == expected
