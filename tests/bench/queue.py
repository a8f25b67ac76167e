"""The queue's figures: a proposal among 100,000 patches, one builder's `next` alone, sixteen builders at once.

Peers: sorting the same patches; a bare sqlite3 script that inserts one row a transaction beside it, as durably.
`python -m tests.bench.queue LEDGER BUILDER COUNT` and `... bare FILE COUNT` are one contender each: they
print the seconds of every transaction as a JSON list.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from gateconsole.innocence import acts, dispatch
from gateconsole.innocence.act import When, acting
from gateconsole.innocence.proposal import all_testcases, propose
from gateconsole.ledger.payloads import PatchSubmitted
from gateconsole.ledger.store import Ledger
from tests.bench.arrival import percentile
from tests.bench.report import ROOT, Row, milliseconds

TC = "linux-gcc"
BUILDERS = 16


def filled(path: Path, patches: int) -> None:
    """A ledger with one testcase and so many patches, brought in by one transaction."""
    ledger = Ledger.for_writing(path)
    acts.configure(ledger, TC, When(1, "bench"), p="0.9")
    with acting(ledger, 2, "bench") as act:
        for number in range(patches):
            act.append(PatchSubmitted(f"I{number:06}", (), False))
    ledger.close()


def proposals(path: Path, count: int) -> list[float]:
    """Seconds of each proposal."""
    ledger = Ledger.for_reading(path)
    assert ledger is not None
    taken = []
    with ledger.reading() as connection:
        testcase = all_testcases(connection)[0]
        for _ in range(count):
            start = time.perf_counter()
            propose(connection, testcase)
            taken.append(time.perf_counter() - start)
    ledger.close()
    return taken


def sortings(patches: int, count: int) -> list[float]:
    """Seconds to sort as many patches by (k, age)."""
    keys = [(number * 7919 % 5, number * 104_729 % patches) for number in range(patches)]
    taken = []
    for _ in range(count):
        start = time.perf_counter()
        sorted(keys)
        taken.append(time.perf_counter() - start)
    return taken


def nexts(path: Path, builder: str, count: int) -> list[float]:
    """Seconds of each `next` of a builder, the ledger opened anew for each."""
    taken = []
    for number in range(count):
        start = time.perf_counter()
        ledger = Ledger.for_writing(path)
        dispatch.next_run(ledger, TC, builder, When(10 + number, builder))
        ledger.close()
        taken.append(time.perf_counter() - start)
    return taken


def bare(path: Path, count: int) -> list[float]:
    """Seconds of each insert of a script without a queue."""
    taken = []
    for number in range(count):
        start = time.perf_counter()
        connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        connection.execute("PRAGMA synchronous = EXTRA")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, payload TEXT)")
        connection.execute("INSERT INTO events (payload) VALUES (?)", (f"{number}" * 100,))
        connection.execute("COMMIT")
        connection.close()
        taken.append(time.perf_counter() - start)
    return taken


def together(*arguments: Sequence[object]) -> list[float]:
    """The seconds of every transaction of contenders that run at once."""
    command = [sys.executable, "-m", "tests.bench.queue"]
    started = [
        subprocess.Popen([*command, *map(str, words)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for words in arguments
    ]
    taken: list[float] = []
    for one in started:
        said, _ = one.communicate(timeout=600)
        if one.returncode:
            raise RuntimeError(f"a contender ended with {one.returncode}")
        taken += json.loads(said)
    return taken


def rows(quick: bool) -> list[Row]:
    """The lines of the bench's table."""
    many, pending, count = (2_000, 500, 5) if quick else (100_000, 10_000, 50)
    with tempfile.TemporaryDirectory() as folder:
        large, queue = Path(folder) / "large" / "ledger.db", Path(folder) / "queue" / "ledger.db"
        filled(large, many)
        filled(queue, pending)
        ours, sort = percentile(proposals(large, count), 50), percentile(sortings(many, min(count, 9)), 50)
        alone, alone_bare = nexts(queue, "tb0", count), bare(Path(folder) / "alone.db", count)
        race = together(*((queue, f"tb{number}", count) for number in range(BUILDERS)))
        peer = together(*(("bare", Path(folder) / "bare.db", count) for _ in range(BUILDERS)))
    p99, peer99 = percentile(race, 99), percentile(peer, 99)
    single = percentile(alone, 50)
    return [
        Row(
            f"a proposal among {many:,} pending, p50 (peer: sorting them)",
            milliseconds(ours),
            milliseconds(sort),
            (ours / sort,),
            "<= 10 ms",
            ours <= 0.01,
        ),
        Row(
            f"`next` alone, {pending:,} pending, p50 (peer: one bare insert)",
            milliseconds(single),
            milliseconds(percentile(alone_bare, 50)),
            (single / percentile(alone_bare, 50),),
            "<= 20 ms",
            single <= 0.02,
        ),
        Row(
            f"`next` of {BUILDERS} builders at once, p99 (peer: as many bare scripts)",
            milliseconds(p99),
            milliseconds(peer99),
            (p99 / peer99,),
            "<= 3x",
            p99 <= 3 * peer99,
        ),
    ]


if __name__ == "__main__":
    first, second, number = sys.argv[1:]
    print(json.dumps(bare(Path(second), int(number)) if first == "bare" else nexts(Path(first), second, int(number))))
