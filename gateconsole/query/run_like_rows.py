"""What is no run but is looked for like one: alerts, whitelist entries and patches as a filter sees them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import polars as pl

from gateconsole.query import Query

_SCHEMA: Final = pl.Schema(
    {
        "place": pl.Int64(),
        "run_id": pl.String(),
        "timestamp": pl.Int64(),
        "policy_hash": pl.String(),
        "outcome": pl.String(),
        "unknown_rate": pl.Float64(),
        "reasons": pl.String(),
        "stratum": pl.String(),
        "folder": pl.String(),
        "whitelist_state": pl.String(),
        "job": pl.String(),
    }
)


def frame_of(rows: Iterable[tuple[object, ...]]) -> pl.DataFrame:
    """Rows as a frame that a filter's expression can be asked of.

    A row: the place of what it is about, then run_id, timestamp (microseconds UTC), policy_hash, outcome, unknown_rate,
    joined reasons, stratum, folder (its lines are searched as text), whitelist_state, job; each may be null but the
    place.
    """
    frame = pl.DataFrame(list(rows), schema=_SCHEMA, orient="row")
    return frame.with_columns(pl.col("timestamp").cast(pl.Datetime("us")))


def row_numbers(frame: pl.DataFrame, query: Query, now: int) -> frozenset[int]:
    """The places of which a row matches, in a frame of `frame_of`."""
    return frozenset(frame.filter(query.expression(now))["place"].unique())


def matching_row_numbers(rows: Iterable[tuple[object, ...]], query: Query, now: int) -> frozenset[int]:
    """The places of which a row (as `frame_of` takes it) matches."""
    return row_numbers(frame_of(rows), query, now)
