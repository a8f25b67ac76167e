"""`python -m tests.bench [--quick] [--only NAME ...]`: every bench, one table.

Everything is made in temporary folders ($TMPDIR). Without --quick it needs about 3 GB of memory, 1 GB of disk and
a quarter of an hour; other work on the machine shows in the spread of the ratios.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable

from tests.bench.report import Row, table

BENCHES = {
    "backfill": "artifacts on disk -> series, against opening the files only, find + cat, and DuckDB",
    "newrun": "one new run, and 1,000, with many held, against a polars group_by of everything",
    "arrival": "a run written -> its Snapshot, 100 a second in new folders",
    "missed": "files missed in four cases, against bare watchfiles",
    "reconcile": "a look at a tree that did not change, against a full walk",
    "csvfile": "rollout_series.csv of a million runs, against DuckDB's COPY",
    "queue": "a proposal among 100,000 patches, `next` alone and by sixteen builders at once",
    "queue_scroll": "a key -> its answer on Queue with 10,000 patches, against a bare DataTable",
    "preview": "what a change of the whitelist would do, after every key, against polars from all runs",
    "screen": "first paint, bytes and CPU a tick, against Textual's own DataTable",
    "keys": "a key -> its answer on Runs while 500 artifacts a second arrive, against a bare DataTable",
}


def main() -> int:
    """Run the benches asked for and print their rows."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: shows that it runs")
    parser.add_argument("--only", action="append", choices=BENCHES, metavar="NAME", help=", ".join(BENCHES))
    options = parser.parse_args()
    rows: list[Row] = []
    for name in options.only or BENCHES:
        print(f"{name}: {BENCHES[name]} ...", file=sys.stderr, flush=True)
        bench: Callable[[bool], list[Row]] = importlib.import_module(f"tests.bench.{name}").rows
        made = bench(options.quick)
        print(*(f"  {' | '.join(row.cells())}" for row in made), sep="\n", file=sys.stderr, flush=True)
        rows += made
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
