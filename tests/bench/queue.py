"""The queue's figures: a proposal among 100,000 patches, one builder's `next` alone, sixteen builders at once.

Peers: sorting the same patches; a bare sqlite3 script that inserts one row a transaction beside it, as durably.
`python -m tests.bench.queue LEDGER BUILDER COUNT` and `... bare FILE COUNT` are one contender each: they
print the seconds of every transaction as a JSON list.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from gateconsole.ledger.actor import Actor
from gateconsole.ledger.payloads import PatchSubmitted
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import builder_acts, operator_acts
from gateconsole.patch_queue.proposal import all_testcases, propose
from gateconsole.patch_queue.transaction import queue_transaction
from tests.bench.arrival import percentile
from tests.bench.report import ROOT, ROUNDS, Row, milliseconds, ratios, rounds

TC = "linux-gcc"
BUILDERS = 16


def filled(path: Path, patches: int) -> None:
    """A ledger with one testcase and so many patches, brought in by one transaction."""
    ledger = Ledger.for_writing(path)
    operator_acts.configure(ledger, TC, Actor(1, "bench"), p="0.9")
    with queue_transaction(ledger, 2, "bench") as act:
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
        builder_acts.next_run(ledger, TC, builder, Actor(10 + number, builder))
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
    """The lines of the bench's table: medians of alternating rounds, each round a percentile of many transactions."""
    many, pending, count, times = (2_000, 500, 5, 1) if quick else (100_000, 10_000, 50, ROUNDS)
    with tempfile.TemporaryDirectory() as folder:
        large, queue, bares = (Path(folder) / name / "ledger.db" for name in ("large", "queue", "bare"))
        bares.parent.mkdir()
        filled(large, many)
        filled(queue, pending)
        proposal = rounds(
            {
                "ours": lambda: percentile(proposals(large, count), 50),
                "peer": lambda: percentile(sortings(many, min(count, 9)), 50),
            },
            times,
        )
        alone = rounds(
            {
                "ours": lambda: percentile(nexts(queue, "tb0", count), 50),
                "peer": lambda: percentile(bare(bares, count), 50),
            },
            times,
        )
        race = rounds(
            {
                "ours": lambda: percentile(together(*((queue, f"tb{n}", count) for n in range(BUILDERS))), 99),
                "peer": lambda: percentile(together(*(("bare", bares, count) for _ in range(BUILDERS))), 99),
            },
            times,
        )
    return [
        _row(f"a proposal among {many:,} pending, p50 (peer: sorting them)", proposal, "<= 10 ms", 0.01),
        _row(f"`next` alone, {pending:,} pending, p50 (peer: one bare insert)", alone, "<= 20 ms", 0.02),
        _row(f"`next` of {BUILDERS} builders at once, p99 (peer: as many bare scripts)", race, "<= 3x"),
    ]


def _row(name: str, taken: dict[str, list[float]], goal: str, limit: float | None = None) -> Row:
    """A line; the goal is a time, or three times the peer."""
    ours, peer = statistics.median(taken["ours"]), statistics.median(taken["peer"])
    share = ratios(taken["ours"], taken["peer"])
    met = ours <= limit if limit is not None else statistics.median(share) <= 3
    return Row(name, milliseconds(ours), milliseconds(peer), share, goal, met)


if __name__ == "__main__":
    first, second, number = sys.argv[1:]
    print(json.dumps(bare(Path(second), int(number)) if first == "bare" else nexts(Path(first), second, int(number))))
