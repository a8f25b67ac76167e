"""A look at a tree in which nothing changed, against walking through all of it; and the slow pass behind it.

`python -m tests.bench.reconcile ROOT ROUNDS` measures in a fresh process that has read the tree once.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.report import ROUNDS, Row, child, milliseconds, ratios
from tests.bench.trees import make_tree

GOAL = 0.15
SLOW_PASS = 60.0
"""Seconds over which the slow pass is spread."""


def seconds_of(batches: Iterator[object]) -> float:
    """Seconds a pass takes in one go."""
    start = time.perf_counter()
    for _ in batches:
        pass
    return time.perf_counter() - start


def walk(root: Path) -> float:
    """Seconds of listing every folder of the tree."""
    start = time.perf_counter()
    found = sum("gate_result.json" in files for _, _, files in os.walk(root))
    assert found
    return time.perf_counter() - start


def measure(root: Path, times: int) -> dict[str, list[float]]:
    """Seconds a round of the look, the walk, and of one slow pass over everything."""
    from gateconsole.artifacts.scan import Scan

    scan = Scan(root)
    seconds_of(scan.full(now=time.time_ns()))
    time.sleep(2.1)  # folders are trusted once they have been unchanged for longer than a coarse clock's tick
    taken: dict[str, list[float]] = {"look": [], "walk": [], "slow": []}
    for number in range(times + 1):
        look, all_of_it = seconds_of(scan.reconcile(now=time.time_ns())), walk(root)
        slow = seconds_of(scan.verify(10 * scan.seen, now=time.time_ns()))
        if number:
            for name, value in (("look", look), ("walk", all_of_it), ("slow", slow)):
                taken[name].append(value)
    return taken


def rows(quick: bool) -> list[Row]:
    """Two rows."""
    count = 5_000 if quick else 100_000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "artifacts"
        make_tree(root, count)
        taken = child("tests.bench.reconcile", root, 1 if quick else ROUNDS)
    found = ratios(taken["look"], taken["walk"])
    value, slow = statistics.median(taken["look"]), statistics.median(taken["slow"])
    peer = f"os.walk {milliseconds(statistics.median(taken['walk']))}"
    name = f"reconcile {count:,} known runs, nothing new"
    shown = f"{milliseconds(slow)} = {slow / SLOW_PASS:.1%} of a core"
    return [
        Row(name, milliseconds(value), peer, found, f"<= {GOAL}x", statistics.median(found) <= GOAL),
        Row(f"slow pass over {count:,}, spread over 60 s", shown, "-", (), "-", None),
    ]


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
