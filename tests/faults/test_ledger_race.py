"""Many builders at once on one ledger: no failure, no run id twice, no patch lost (rules 3, architecture 3)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from gateconsole.ledger.actor import Actor
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import audit, operator_acts
from gateconsole.patch_queue.overview import board

BUILDERS = 16
ROUNDS = 6

SCRIPT = """
import sys
from pathlib import Path
from gateconsole.patch_queue import builder_acts
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.store import Ledger

path, builder, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
ledger = Ledger.for_writing(path)
sys.stdin.readline()
for round in range(rounds):
    given = builder_acts.next_run(ledger, "linux", builder, Actor(round, builder), request=f"{builder} {round}")
    again = builder_acts.next_run(ledger, "linux", builder, Actor(round, builder), request=f"{builder} {round}")
    assert given[:4] == again[:4] or given.run is None
    if given.run is None:
        continue
    print(given.run, flush=True)
    guilty = any(int(patch[1:]) % 7 == 0 for patch in given.patches)
    builder_acts.report(ledger, given.run, "fail" if guilty else "pass", Actor(round, builder))
"""

CREATE = """
import sys
from pathlib import Path
from gateconsole.patch_queue import operator_acts
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.store import Ledger

sys.stdin.readline()
operator_acts.configure(Ledger.for_writing(Path(sys.argv[1])), sys.argv[2], Actor(1, "tester"), p="0.9")
"""


def at_once(script: str, path: Path, *words: str) -> list[list[str]]:
    """Start the builders, let them go together; what each printed."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(path), f"tb{number}", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ,
        )
        for number in range(BUILDERS)
    ]
    ended = []
    for builder in started:
        assert builder.stdin is not None
        builder.stdin.write("go\n")
        builder.stdin.flush()
    for builder in started:
        out, err = builder.communicate(timeout=60)
        assert builder.returncode == 0, err
        ended.append(out.split())
    return ended


def test_sixteen_builders_at_once_lose_nothing_and_share_no_run(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = Ledger.for_writing(path)
    operator_acts.configure(ledger, "linux", Actor(0, "tester"), p="0.9")
    patches = [f"I{number}" for number in range(1, 61)]
    for patch in patches:
        operator_acts.submit(ledger, patch, Actor(0, "tester"))
    given = [run for runs in at_once(SCRIPT, path, str(ROUNDS)) for run in runs]
    assert len(given) == len(set(given))
    with ledger.reading() as connection:
        found = board(connection, 0)
    (testcase,) = found.testcases
    assert testcase.builds == len(given)
    assert sorted(row.patch for row in testcase.patches) == sorted(patches)
    assert not found.conflicts
    guilty = {f"I{number}" for number in range(7, 61, 7)}
    assert all((row.verdict == "bad") == (row.patch in guilty) for row in testcase.patches if row.verdict)
    assert audit.audit(ledger).difference is None


def test_sixteen_processes_that_create_one_ledger_at_once_make_one(tmp_path: Path) -> None:
    path = tmp_path / ".gateconsole" / "ledger.db"
    at_once(CREATE, path)
    ledger = Ledger.for_reading(path)
    assert ledger is not None
    events = list(ledger.events())
    assert [event.kind for event in events] == ["ledger_created"] + ["testcase_configured"] * BUILDERS
