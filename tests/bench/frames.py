"""Runs by the million as frames, the same for every seedless call: what the series benches are fed with."""

from __future__ import annotations

import polars as pl

from gateconsole.statistics.runs_frame import RUNS_SCHEMA

POLICIES = ("a6f53e", "b71c02", "c0ffee", "d15ea5", "e1de57")
OUTCOMES = ("PASS", "PASS", "PASS", "COMMENT", "WARN", "REVIEW", "FAIL", "BLOCK")
REASONS = (
    "",
    "flaky_test",
    "unknown_field_missing",
    "artefact_missing",
    "ntp_offset",
    "flaky_test;ntp_offset",
    "unknown_field_missing;artefact_missing",
    "schema_violation",
)
FIRST_MOMENT = 1_770_000_000_000_000
"""Microseconds UTC of the first run; one a second from there."""


def runs(count: int, first: int = 0) -> pl.DataFrame:
    """`count` runs of RUNS_SCHEMA: 5 policies, 2 strata, 251 rates, 8 combinations of reasons, a folder each."""
    number = pl.int_range(first, first + count, dtype=pl.UInt64)
    mixed = (number * 2_654_435_761) % 4_294_967_296 // 65_536
    high = (number * 2_246_822_519) % 4_294_967_296 // 65_536

    def pick(words: tuple[str, ...], by: pl.Expr) -> pl.Expr:
        return pl.lit(pl.Series(words)).gather(by % len(words))

    return pl.select(
        run_id=pl.concat_str(pl.lit("run-"), number),
        timestamp=(FIRST_MOMENT + number.cast(pl.Int64) * 1_000_000).cast(pl.Datetime("us")),
        policy_hash=pick(POLICIES, mixed),
        outcome=pick(OUTCOMES, mixed // 8),
        unknown_rate=pl.when(high % 3 == 0).then((mixed // 4 % 251) / 1000).otherwise(0.0),
        reasons=pick(REASONS, high // 4),
        stratum=pick(("pinned", "unpinned"), high // 64),
        folder=pl.concat_str(pl.lit("2026-03/run-"), number),
    ).cast(RUNS_SCHEMA)
