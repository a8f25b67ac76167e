"""A run written -> a Snapshot that holds it: 100 a second, each in a new folder."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import listeners
from tests.bench.report import ROUNDS, Row, milliseconds, ratios
from tests.bench.writer import write

HELD = 500
PER_SECOND = 100


def percentile(values: list[float], percent: int) -> float:
    """Nearest rank."""
    return sorted(values)[-(-percent * len(values) // 100) - 1]


def one(listen: Callable[[Path], listeners.Listener], count: int, knows_old: bool) -> tuple[list[float], int]:
    """Latencies of one stream, and how many runs were never heard of within 5 s of the last."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "artifacts"
        root.mkdir()
        write(root, "new", HELD, 0)
        before = HELD if knows_old else 0
        with listen(root) as listener:
            if not listener.wait_for(before, 60):
                raise RuntimeError(f"the listener knows {listener.known()} of {before} runs after 60 s")
            time.sleep(1.0)
            moments = listeners.written(root, "new", count, PER_SECOND)
            listener.wait_for(before + count, 5)
            found = listener.latencies(moments, before)
    return found, count - len(found)


def rows(quick: bool) -> list[Row]:
    """p50 and p99 over rounds, ours beside watchfiles with its defaults."""
    count, times = (100, 1) if quick else (600, ROUNDS)
    ours, peer = [], []
    missed, missed_peer = 0, 0
    for _ in range(times):
        found, lost = one(listeners.gateconsole, count, knows_old=True)
        ours.append(found)
        missed += lost
        found, lost = one(listeners.watchfiles, count, knows_old=False)
        peer.append(found or [float("inf")])
        missed_peer += lost

    def figures(percent: int) -> tuple[list[float], list[float]]:
        return [percentile(found, percent) for found in ours], [percentile(found, percent) for found in peer]

    made = []
    for percent, goal in ((50, None), (99, 0.100)):
        mine, theirs = figures(percent)
        value = statistics.median(mine)
        made.append(
            Row(
                f"arrival -> Snapshot, {PER_SECOND}/s in new folders, p{percent}",
                f"{milliseconds(value)}, {missed} of {count * times} missed",
                f"watchfiles {milliseconds(statistics.median(theirs))}, {missed_peer} missed",
                ratios(mine, theirs),
                "<= 100 ms, 0 missed" if goal else "-",
                value <= goal and not missed if goal else None,
            )
        )
    return made
