"""What a change of the whitelist would do, after every key: a Previewer that stands, against polars from all runs.

`python -m tests.bench.preview HELD ROUNDS` measures one size in a fresh process, both sides in alternating rounds. The
peer holds the same runs as one frame with their spikes marked and computes the same counts anew: runs covered, false
alarms left, W, N and both, spikes whose runs are whitelisted, before and after, per policy and stratum.
"""

from __future__ import annotations

import json
import statistics
import sys
import time

import polars as pl

from gateconsole.judgement.alerts import alerts
from gateconsole.judgement.spikes import frame_of_spikes, judge_policies
from gateconsole.model import Entry, Whitelist
from gateconsole.statistics.whitelist_split import with_listing
from gateconsole.whitelist.merge import EntryChange, changed
from gateconsole.whitelist.preview import Previewer
from tests.bench.frames import runs
from tests.bench.report import ROUNDS, Row, child, milliseconds, ratios

SIZES = (100_000, 1_000_000)
QUICK_SIZES = (2_000, 10_000)
GOAL = 0.1
"""Seconds after the last key at the first size (the issue of the whitelist)."""

WHITELIST = Whitelist((Entry("unknown_field_missing"), Entry("flaky_test", scope="pinned")))
CHANGES = (
    EntryChange(None, Entry("ntp_offset")),
    EntryChange(None, Entry("flaky_test", scope="unpinned")),
    EntryChange(WHITELIST.entries[0], None),
    EntryChange(WHITELIST.entries[1], WHITELIST.entries[1]._replace(scope=None)),
)
_COUNTS = ("left", "n_w", "n_n", "mixed", "spikes")


def recompute(marked: pl.DataFrame, change: EntryChange) -> tuple[int, int, int]:
    """The peer: (runs covered, false alarms left before, after), and every count they stand among."""
    entry = change.after or change.before
    assert entry is not None
    figures = [_counted(marked, whitelist) for whitelist in (WHITELIST, changed(WHITELIST, change))]
    held = (pl.col("unknown_rate") > 0) & pl.col("classes").list.contains(entry.reason)
    if entry.scope is not None:
        held &= pl.col("stratum").cast(pl.String) == entry.scope
    covered = marked.group_by("policy_hash", "stratum").agg(held.sum().alias("covered"))
    before, after = (int(frame["left"].sum()) for frame in figures)
    return int(covered["covered"].sum()), before, after


def _counted(marked: pl.DataFrame, whitelist: Whitelist) -> pl.DataFrame:
    listed, unlisted = pl.col("whitelisted_reasons") != "", pl.col("unlisted_reasons") != ""
    taken = pl.col("whitelist_state").cast(pl.String) == "whitelisted"
    wanted = (pl.col("false_alarm") & ~taken, listed, unlisted, listed & unlisted, pl.col("spike") & taken)
    sums = [which.sum().alias(name) for name, which in zip(_COUNTS, wanted, strict=True)]
    return with_listing(marked, whitelist).group_by("policy_hash", "stratum").agg(sums)


def marked_frame(frame: pl.DataFrame, spikes: pl.DataFrame) -> pl.DataFrame:
    """The runs with what the peer needs beside: spike, false_alarm, classes."""
    keys = spikes.select("run_id", spike=pl.lit(True))  # run ids are unique here
    outcome = pl.col("outcome").cast(pl.String)
    spike = pl.col("spike").fill_null(False)
    return frame.join(keys, on="run_id", how="left").with_columns(
        spike=spike,
        false_alarm=(spike | outcome.is_in(["WARN", "REVIEW"])) & ~outcome.is_in(["FAIL", "BLOCK"]),
        classes=pl.col("reasons").cast(pl.String).str.split(";"),
    )


def measure(size: int, times: int) -> dict[str, list[float]]:
    """Seconds a round: `preview`, `index`, and the peer's."""
    frame = runs(size)
    policies = judge_policies(frame)
    standing = alerts(policies, (), WHITELIST, 0)
    marked = marked_frame(frame, frame_of_spikes(policies.values()))
    taken: dict[str, list[float]] = {"preview": [], "index": [], "peer": []}
    for number in range(times + 1):
        start = time.perf_counter()
        previewer = Previewer(frame, policies, standing, WHITELIST)
        index = time.perf_counter() - start
        mine, theirs = [], []
        for change in CHANGES:
            start = time.perf_counter()
            made = previewer.preview(change)
            mine.append(time.perf_counter() - start)
            start = time.perf_counter()
            figures = recompute(marked, change)
            theirs.append(time.perf_counter() - start)
            assert figures[0] == made.runs
            assert made.left_before - made.left_after == figures[1] - figures[2]
        if number:
            for name, value in (("preview", max(mine)), ("index", index), ("peer", statistics.median(theirs))):
                taken[name].append(value)
    return taken


def rows(quick: bool) -> list[Row]:
    """A preview, the slowest of four changes, at two sizes; and what stands behind it, made once a Snapshot."""
    made = []
    for number, size in enumerate(QUICK_SIZES if quick else SIZES):
        taken = child("tests.bench.preview", size, 1 if quick else ROUNDS)
        mine, theirs = taken["preview"], taken["peer"]
        value = statistics.median(mine)
        peer = f"polars from all runs {milliseconds(statistics.median(theirs))}"
        goal, met = (f"<= {milliseconds(GOAL)}", value <= GOAL) if number == 0 else ("-", None)
        name = f"preview of a whitelist change, {size:,} runs"
        made.append(Row(name, milliseconds(value), peer, ratios(mine, theirs), goal, met))
        index = milliseconds(statistics.median(taken["index"]))
        made.append(Row(f"what previews stand on, {size:,} runs, once", index, "-", ratios(taken["index"], theirs)))
    return made


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
