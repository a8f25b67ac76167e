"""A process killed at any moment of an act: what was acknowledged is there once, the rest never happened (DESIGN 3)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateconsole.innocence import acts, audit, backup, dispatch
from gateconsole.innocence.act import When
from gateconsole.innocence.board import board
from gateconsole.innocence.state import catch_up, folded
from gateconsole.ledger.store import Ledger

WHEN = When(1_000_000, "tester")

SCRIPT = """
import os, signal, sqlite3, sys
from pathlib import Path
from gateconsole.innocence import dispatch, state
from gateconsole.innocence.act import When
from gateconsole.ledger import store

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

path, moment, run = sys.argv[1:]
ledger = store.Ledger.for_writing(Path(path))

if moment == "before the event":
    store.Transaction.append = die
elif moment == "behind the event":
    state.APPLY.clear()
    store.Transaction.append = lambda *a, _append=store.Transaction.append: (_append(*a), die())
elif moment.startswith("instruction"):
    left = int(moment.split()[1])
    def count():
        global left
        left -= 1
        if left == 0:
            die()
    ledger._connection.set_progress_handler(count, 20)
elif moment == "inside the write":
    ledger._connection.execute("PRAGMA cache_spill = 1")
    ledger._connection.execute("PRAGMA cache_size = 1")  # pages reach the file before the commit
    store.Transaction.append = lambda *a, _append=store.Transaction.append: (_append(*a), spill(a[0]), die())

def spill(transaction):
    transaction.connection.execute("CREATE TABLE filler (x)")
    transaction.connection.execute(
        "INSERT INTO filler WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
        "SELECT randomblob(400) FROM n"
    )

dispatch.report(ledger, run, "pass", When(9_000_000, "tester"))
print("acknowledged", flush=True)
die()
"""

MOMENTS = ["before the event", "behind the event", "inside the write", "behind the commit"] + [
    f"instruction {number}" for number in (1, 5, 15, 30, 45, 60, 90)
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.db"
    ledger = Ledger.for_writing(path)
    acts.configure(ledger, "linux", WHEN, p="0.9")
    for number in range(1, 10):
        acts.submit(ledger, f"I{number}", WHEN)
    dispatch.next_run(ledger, "linux", "tb1", WHEN)
    ledger.close()
    return path


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_act_happened_whole_or_not_at_all(path: Path, moment: str) -> None:
    with_events = Ledger.for_reading(path)
    assert with_events is not None
    before = list(backup.lines(with_events))
    run = f"{with_events.id}-1"
    with_events.close()
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path), moment, run], capture_output=True, text=True, env=os.environ
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    acknowledged = ended.stdout == "acknowledged\n"

    ledger = Ledger.for_writing(path)
    after = list(backup.lines(ledger))
    assert after[: len(before)] == before
    assert len(after) == len(before) + acknowledged
    assert dispatch.report(ledger, run, "pass", WHEN).news is not acknowledged  # the builder tries again
    assert len(list(backup.lines(ledger))) == len(before) + 1
    assert audit.audit(ledger).difference is None
    with ledger.reading() as connection:
        found = board(connection, 0)
    assert found == board(folded(list(ledger.events())), 0)
    assert {row.patch for row in found.testcases[0].patches if row.state == "good"} == {f"I{n}" for n in range(1, 7)}


def test_events_without_their_tables_are_folded_by_the_next_act(path: Path) -> None:
    ledger = Ledger.for_writing(path)
    with ledger.reading() as connection:
        expected = board(connection, 0)
    ledger._connection.execute("DROP TABLE claims")
    ledger._connection.execute("UPDATE queue_meta SET form = -1")
    with ledger.transaction(2, "tester") as transaction:
        catch_up(transaction.connection)
    with ledger.reading() as connection:
        assert board(connection, 0) == expected
