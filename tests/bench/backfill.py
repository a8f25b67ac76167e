"""Artifacts on disk -> the first Snapshot: time against a C program that only opens the files, and memory.

`python -m tests.bench.backfill ours|duckdb ROOT` is one side in a fresh process: imports and a warm-up on ten artifacts
come before its clock and its memory are looked at.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.report import ROUNDS, Row, child, forget_peak, milliseconds, peak_bytes, ratios, resident_bytes, rounds
from tests.bench.trees import make_tree

GOAL_FLOOR = 2.5
GOAL_CAT = 0.5
GOAL_PEAK = 80_000_000
GOAL_HELD = 250

QUERY = """
    SELECT policy_hash, stratum, count(*), count(unknown_rate), min(unknown_rate), median(unknown_rate),
           quantile_disc(unknown_rate, 0.95), max(unknown_rate)
    FROM runs GROUP BY GROUPING SETS ((policy_hash), (policy_hash, stratum))
"""
READ = """
    CREATE OR REPLACE TABLE runs AS SELECT * FROM read_json('{}/*/*/gate_result.json', columns = {{
        run_id: 'VARCHAR', "timestamp": 'VARCHAR', policy_hash: 'VARCHAR', outcome: 'VARCHAR',
        unknown_rate: 'DOUBLE', top_reasons: 'VARCHAR[]', stratum: 'VARCHAR'}},
        format = 'unstructured', maximum_object_size = 65536)
"""


def ours() -> Callable[[Path], object]:
    """One scan to a Snapshot."""
    from gateconsole.engine.engine import Options, read_once

    return lambda root: read_once(Options(root), judged=False)


def duckdb_json() -> Callable[[Path], object]:
    """The same figures by DuckDB's JSON reader, the runs held in a table."""
    import duckdb

    database = duckdb.connect()
    database.execute("SET enable_external_file_cache = false")  # 70 KB a file otherwise
    database.execute("SET preserve_insertion_order = false")

    def read(root: Path) -> object:
        database.execute(READ.format(root))
        return database.execute(QUERY).fetchall()

    return read


def measured(read: Callable[[Path], object], root: Path) -> dict[str, float]:
    """Seconds; memory over what the process had before, at its peak; what the same runs cost once more.

    The second reading stays beside the first, so that what the allocator keeps for good is not counted for a run.
    """
    with tempfile.TemporaryDirectory() as folder:
        make_tree(Path(folder), 10)
        read(Path(folder))
    before = resident_bytes()
    forget_peak()
    start = time.perf_counter()
    result = read(root)
    seconds = time.perf_counter() - start
    peak, once = peak_bytes() - before, resident_bytes()
    again = read(root)
    assert result and again
    return {"seconds": seconds, "peak": peak, "held": resident_bytes() - once}


def floor_program(folder: Path) -> Path | None:
    """The C program, compiled; None without a compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    program = folder / "floor"
    subprocess.run([compiler, "-O2", "-o", program, Path(__file__).with_name("floor.c")], check=True)
    return program


def find_and_cat(root: Path) -> float:
    """Seconds of reading every artifact with the system's own tools."""
    start = time.perf_counter()
    subprocess.run(f"find '{root}' -name gate_result.json -print0 | xargs -0 cat >/dev/null", shell=True, check=True)
    return time.perf_counter() - start


def rows(quick: bool) -> list[Row]:
    """Time against each peer, then memory."""
    count = 5_000 if quick else 100_000
    kept: dict[str, list[dict[str, Any]]] = {"ours": [], "DuckDB read_json": []}

    def side(name: str, key: str) -> float:
        found = child("tests.bench.backfill", key, root)
        kept[name].append(found)
        return float(found["seconds"])

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "artifacts"
        make_tree(root, count)
        floor = floor_program(Path(folder))
        sides: dict[str, Callable[[], float]] = {"ours": lambda: side("ours", "ours")}
        if floor is not None:
            command = [str(floor), str(root)]
            sides["C open, read, close"] = lambda: float(subprocess.check_output(command, text=True).split()[0])
        sides["find + cat"] = lambda: find_and_cat(root)
        if importlib.util.find_spec("duckdb"):
            sides["DuckDB read_json"] = lambda: side("DuckDB read_json", "duckdb")
        taken = rounds(sides, 1 if quick else ROUNDS, before_each=lambda: find_and_cat(root))
    return [*_times(count, taken), *_memory(count, kept)]


def _times(count: int, taken: dict[str, list[float]]) -> list[Row]:
    """A row for each peer; a peer that is not installed is said to be."""
    goals = {"C open, read, close": GOAL_FLOOR, "find + cat": GOAL_CAT, "DuckDB read_json": None}
    mine = taken["ours"]
    value = statistics.median(mine)
    shown = f"{milliseconds(value)}, {value / count * 1e6:.1f} us a run"
    made = []
    for peer, goal in goals.items():
        name = f"backfill of {count:,}, a folder each"
        if peer not in taken:
            made.append(Row(name, shown, f"{peer}: not installed"))
            continue
        found = ratios(mine, taken[peer])
        met = statistics.median(found) <= goal if goal else None
        theirs = f"{peer} {milliseconds(statistics.median(taken[peer]))}"
        made.append(Row(name, shown, theirs, found, f"<= {goal}x" if goal else "-", met))
    return made


def _memory(count: int, kept: dict[str, list[dict[str, Any]]]) -> list[Row]:
    def median(name: str, key: str) -> float:
        return statistics.median(float(found[key]) for found in kept[name])

    has_peer = bool(kept["DuckDB read_json"])
    peak, held = median("ours", "peak"), median("ours", "held")
    a_run = f"{held / count:.0f} B"
    peer = f"DuckDB +{median('DuckDB read_json', 'peak') / 1e6:.0f} MB" if has_peer else "-"
    shown = f"+{peak / 1e6:.0f} MB"
    return [
        Row(f"its peak memory over the imports, {count:,}", shown, peer, (), "<= +80 MB", peak <= GOAL_PEAK),
        Row("memory a further run takes", a_run, "-", (), f"<= {GOAL_HELD} B", held / count <= GOAL_HELD),
    ]


if __name__ == "__main__":
    make = {"ours": ours, "duckdb": duckdb_json}[sys.argv[1]]
    print(json.dumps(measured(make(), Path(sys.argv[2]))))
