"""rollout_series.csv of a million runs held unsorted, against DuckDB's COPY of the same ten columns in the same order.

`python -m tests.bench.csvfile ours|duckdb COUNT` is one side in a fresh process; imports and making the runs are not
in its figure, sorting and writing are. Neither side syncs to disk. DuckDB is given more than it is asked for: the runs'
listing is made beforehand and it sorts by timestamp alone.
"""

from __future__ import annotations

import importlib.util
import json
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from tests.bench.report import ROUNDS, Row, child, milliseconds, ratios, rounds

GOAL = 1.0


def ours(count: int, target: Path) -> float:
    """Seconds `write_series` takes."""
    from gateconsole.exports.series_csv import write_series
    from gateconsole.model import Entry, Whitelist
    from tests.bench.frames import runs

    held = runs(count).sample(fraction=1.0, shuffle=True, seed=1)
    whitelist = Whitelist((Entry("unknown_field_missing"),))
    start = time.perf_counter()
    with target.open("wb") as file:
        write_series(held, whitelist, file)
    return time.perf_counter() - start


def duckdb_copy(count: int, target: Path) -> float:
    """Seconds DuckDB's COPY takes for the same rows and columns, its table in memory."""
    import duckdb
    import polars as pl

    from gateconsole.model import Entry, Whitelist
    from gateconsole.statistics.whitelist_split import with_listing
    from tests.bench.frames import runs

    whitelist = Whitelist((Entry("unknown_field_missing"),))
    held = with_listing(runs(count).sample(fraction=1.0, shuffle=True, seed=1), whitelist).drop("folder")
    lent = target.with_suffix(".parquet")
    held.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String)).write_parquet(lent)
    database = duckdb.connect()
    database.execute(f"CREATE TABLE series AS SELECT * FROM '{lent}'")
    start = time.perf_counter()
    database.execute(f"COPY (SELECT * FROM series ORDER BY timestamp) TO '{target}' (HEADER)")
    return time.perf_counter() - start


def rows(quick: bool) -> list[Row]:
    """One row."""
    count = 50_000 if quick else 1_000_000
    names = ["ours", "duckdb"] if importlib.util.find_spec("duckdb") else ["ours"]

    def side(name: str) -> float:
        return float(child("tests.bench.csvfile", name, count)["seconds"])

    taken = rounds({name: partial(side, name) for name in names}, 1 if quick else ROUNDS)
    shown = milliseconds(statistics.median(taken["ours"]))
    name = f"rollout_series.csv of {count:,} runs, sorted and written"
    if "duckdb" not in taken:
        return [Row(name, shown, "DuckDB is not installed (extra `bench`)", (), f"<= {GOAL}x", None)]
    found = ratios(taken["ours"], taken["duckdb"])
    peer = f"DuckDB COPY {milliseconds(statistics.median(taken['duckdb']))}"
    return [Row(name, shown, peer, found, f"<= {GOAL}x", statistics.median(found) <= GOAL)]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        run_side = {"ours": ours, "duckdb": duckdb_copy}[sys.argv[1]]
        print(json.dumps({"seconds": run_side(int(sys.argv[2]), Path(folder) / "series.csv")}))
