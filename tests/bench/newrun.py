"""One new run, and a thousand, with many held: append, dedup, and every exact figure of the policies touched.

`python -m tests.bench.newrun HELD ROUNDS` measures one size in a fresh process, both sides in alternating rounds. The
peer holds the same runs as one polars frame and computes the same figures from all of them.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterator

import polars as pl

from gateconsole.engine.series import Series
from gateconsole.model import Entry, Run, Whitelist
from gateconsole.snapshot import Policy
from gateconsole.text import split_list
from tests.bench.frames import FIRST_MOMENT, runs
from tests.bench.report import ROUNDS, Row, child, milliseconds, ratios

SIZES = (10_000, 1_000_000, 10_000_000)
QUICK_SIZES = (1_000, 10_000, 50_000)
MANY = 1000
SINGLES = 20
"""New runs one by one in a round; the round's figure is their median."""

GOAL_ONE = 0.005
GOAL_MANY = 0.008
GOAL_GROWTH = 1.5
CHUNK = 50_000
NOW = FIRST_MOMENT + 400 * 86_400_000_000
"""A clock reading after every run, microseconds."""


class Held:
    """A series fed as the engine feeds it, its charts kept, judged, its policies asked for each time."""

    def __init__(self, count: int) -> None:
        self.series = Series()
        self.series.judge_by(Whitelist((Entry("unknown_field_missing"),)))
        self.next = 0
        while self.next < count:
            self.take(list(feed(min(CHUNK, count - self.next), self.next)))
        self.series.keep_recent(NOW, charts=True)
        self.series.keep_judging()
        self.series.pulse(NOW)
        self._out()

    def _out(self) -> tuple[Policy, ...]:
        for _ in self.series.catch_up(lambda: NOW):
            continue
        self.series.spikes()
        return self.series.policies(NOW)

    def take(self, ready: list[tuple[Run, str]]) -> tuple[Policy, ...]:
        """The next runs come in, and the policies go out, their spikes and episodes judged."""
        for number, (run, folder) in enumerate(ready, self.next):
            self.series.put(number, folder, run)
        self.next += len(ready)
        self.series.settle(NOW)
        return self._out()


def feed(count: int, first: int) -> Iterator[tuple[Run, str]]:
    """Runs as the decoder hands them over."""
    frame = runs(count, first).with_columns(pl.col("timestamp").to_physical())
    for run_id, moment, policy_hash, outcome, rate, reasons, stratum, folder in frame.iter_rows():
        yield Run(run_id, moment, policy_hash, outcome, rate, split_list(reasons), stratum), folder


def recompute(frame: pl.DataFrame) -> list[pl.DataFrame]:
    """The peer: the same figures from all runs at once."""
    rate = pl.col("unknown_rate")
    figures = [
        pl.len(),
        rate.count().alias("n_valid"),
        rate.min().alias("min"),
        rate.median().alias("median"),
        rate.quantile(0.95, "higher").alias("p95"),
        rate.max().alias("max"),
    ]
    lazy = frame.lazy()
    return pl.collect_all(
        [
            lazy.group_by("policy_hash").agg(figures),
            lazy.group_by("policy_hash", "stratum").agg(figures),
            lazy.group_by("policy_hash", "stratum", "outcome", "reasons", (rate > 0).alias("counts")).len(),
        ]
    )


def seconds_of(held: Held, count: int) -> float:
    """Seconds from `count` decoded runs to the policies; making the runs is not counted."""
    ready = list(feed(count, held.next))
    start = time.perf_counter()
    held.take(ready)
    return time.perf_counter() - start


def measure(size: int, times: int) -> dict[str, list[float]]:
    """Seconds a round: `one`, `many`, and the peer's."""
    held = Held(size)
    frame = runs(size)
    taken: dict[str, list[float]] = {"one": [], "many": [], "peer": []}
    for number in range(times + 1):
        one = statistics.median(seconds_of(held, 1) for _ in range(SINGLES))
        many = statistics.median(seconds_of(held, MANY) for _ in range(3))
        start = time.perf_counter()
        recompute(frame)
        peer = time.perf_counter() - start
        if number:
            for name, value in (("one", one), ("many", many), ("peer", peer)):
                taken[name].append(value)
    return taken


def rows(quick: bool) -> list[Row]:
    """One run and a thousand at the middle size, and how the cost grows."""
    sizes = QUICK_SIZES if quick else SIZES
    taken = {size: child("tests.bench.newrun", size, 1 if quick else ROUNDS) for size in sizes}
    made = []
    for name, key, goal in (("one new run", "one", GOAL_ONE), (f"{MANY:,} new runs", "many", GOAL_MANY)):
        for size in sizes[1:]:
            mine, theirs = taken[size][key], taken[size]["peer"]
            value = statistics.median(mine)
            peer = f"polars group_by of all {milliseconds(statistics.median(theirs))}"
            shown = f"<= {milliseconds(goal)}" if size == sizes[1] else "-"
            met = value <= goal if size == sizes[1] else None
            made.append(Row(f"{name}, {size:,} held", milliseconds(value), peer, ratios(mine, theirs), shown, met))
    small, large = taken[sizes[0]]["one"], taken[sizes[-1]]["one"]
    growth = statistics.median(large) / statistics.median(small)
    every = " / ".join(milliseconds(statistics.median(taken[size]["one"])) for size in sizes)
    name = "one new run, {:,} / {:,} / {:,} held".format(*sizes)
    goal_shown = f"last / first <= {GOAL_GROWTH}"
    return [*made, Row(name, every, "-", ratios(large, small), goal_shown, growth <= GOAL_GROWTH)]


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
