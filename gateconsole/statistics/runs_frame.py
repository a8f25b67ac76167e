"""The frame of runs every statistic starts from, and a run's row in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

from gateconsole.model import STRATA, Stratum

RUNS_SCHEMA: Final = pl.Schema(
    [
        ("run_id", pl.String()),
        ("timestamp", pl.Datetime("us")),
        ("policy_hash", pl.Categorical()),
        ("outcome", pl.Categorical()),
        ("unknown_rate", pl.Float64()),
        ("reasons", pl.Categorical()),
        ("stratum", pl.Enum(STRATA)),
        ("folder", pl.String()),
    ]
)
"""A frame of runs. `timestamp` is UTC without saying so; `unknown_rate` a fraction 0..1; `reasons` the run's reasons as
`text.join_list` of the original text; `folder` the artifact's folder relative to ROOT, `.` at the root."""

Row = tuple[str, int | None, str, str, float | None, str, Stratum | None, str]
"""A row in the order of RUNS_SCHEMA, the timestamp in microseconds since 1970."""

RunKey = tuple[str, str | None, str, Stratum | None]
"""What makes two artifacts the same run, and how a verdict names it: run_id, job, policy_hash, stratum (rule G6)."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_MICROSECOND: Final = timedelta(microseconds=1)


def frame_of(rows: Sequence[Row]) -> pl.DataFrame:
    """Rows as a frame of RUNS_SCHEMA, in which run_id is null where it is the folder: text held once costs less."""
    if not rows:
        return RUNS_SCHEMA.to_frame()
    run_ids, timestamps, policies, outcomes, rates, reasons, strata, folders = zip(*rows, strict=True)
    names = [None if run_id == folder else run_id for run_id, folder in zip(run_ids, folders, strict=True)]
    moments = pl.Series(timestamps, dtype=pl.Int64).cast(RUNS_SCHEMA["timestamp"])
    columns = (names, moments, policies, outcomes, rates, reasons, strata, folders)
    return pl.DataFrame(dict(zip(RUNS_SCHEMA, columns, strict=True)), schema=RUNS_SCHEMA)


def rows_of(frame: pl.DataFrame) -> Iterator[Row]:
    """A frame's rows as they were put in."""
    for run_id, moment, policy_hash, outcome, rate, reasons, stratum, folder in frame.iter_rows():
        timestamp = None if moment is None else (moment - _EPOCH) // _MICROSECOND
        yield run_id or folder, timestamp, policy_hash, outcome, rate, reasons, stratum, folder


def with_run_ids(frame: pl.DataFrame) -> pl.DataFrame:
    """The same frame with every run_id written out."""
    return frame.with_columns(pl.coalesce("run_id", "folder").alias("run_id"))


def without_run_ids(frame: pl.DataFrame) -> pl.DataFrame:
    """The same frame with run_id null where it is the folder."""
    same = pl.col("run_id") == pl.col("folder")
    return frame.with_columns(pl.when(same).then(None).otherwise("run_id").alias("run_id"))
