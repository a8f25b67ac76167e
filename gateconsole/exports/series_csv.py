"""rollout_series.csv: one row a run (rules 2.3).

The bytes depend on the runs and the whitelist alone: not on their order, on threads, locale or time zone. Python treats
only distinct values that need it; all else is done by polars on whole columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, Final

import polars as pl

from gateconsole.exports.cells import csv_cell, rate_text
from gateconsole.exports.tables import SERIES_COLUMNS
from gateconsole.model import Whitelist
from gateconsole.snapshot import Snapshot
from gateconsole.statistics.run_order import in_order
from gateconsole.statistics.whitelist_split import LISTING_SCHEMA, combination_code, combinations

FILE_NAME: Final = "rollout_series.csv"

COLUMNS: Final = tuple(column.name for column in SERIES_COLUMNS)

_NEEDS_TREATMENT: Final = r'[^ -~]|^ *[=+\-@]|[,;"]'
"""Text that `csv_cell` may change: a superset of text.SUSPICIOUS, every formula start, comma, semicolon and quote."""

_SECONDS: Final = "%Y-%m-%dT%H:%M:%S"


def write_snapshot(snapshot: Snapshot, file: BinaryIO) -> None:
    """Write the whole of rollout_series.csv for a Snapshot of the engine."""
    if snapshot.runs is None:
        raise ValueError("this Snapshot was made by no engine: it holds no runs")
    write_series(snapshot.runs(), snapshot.whitelist, file)


def write_series(runs: pl.DataFrame, whitelist: Whitelist, file: BinaryIO) -> None:
    """Write the whole of rollout_series.csv: UTF-8, `\\n`, header, one row a run in the order of rule G5.

    `runs`: `series.store.RUNS_SCHEMA`, in any order.
    """
    write_cells(COLUMNS, series_cells(in_order(runs), whitelist), file)


def series_cells(runs: pl.DataFrame, whitelist: Whitelist) -> pl.DataFrame:
    """The runs, in their order, as columns that `write_cells` writes as they are; the last one holds five cells."""
    cells = runs.select(
        text_cells(runs["run_id"]),
        _time_cells(runs["timestamp"]),
        text_cells(runs["policy_hash"]),
        text_cells(runs["outcome"]),
        _rate_cells(runs["unknown_rate"]),
        combination_code().alias("_combination"),
    )
    tails = _tails(combinations(runs, whitelist))
    return cells.join(tails, on="_combination", how="left", maintain_order="left").drop("_combination")


def write_cells(header: Sequence[str], cells: pl.DataFrame, file: BinaryIO) -> None:
    """Write a header and cells that are treated already."""
    file.write((",".join(header) + "\n").encode("ascii"))
    cells.write_csv(file, include_header=False, quote_style="never", datetime_format=f"{_SECONDS}Z")


def _tails(table: pl.DataFrame) -> pl.DataFrame:
    """For every combination its last five cells, top_reasons to unlisted_reasons, as one piece of a CSV line."""
    columns = ("reasons", "stratum", *LISTING_SCHEMA)
    lines = [",".join(csv_cell(value or "") for value in row) for row in table.select(columns).iter_rows()]
    return table.select("_combination").with_columns(pl.Series("tail", lines, dtype=pl.String))


def text_cells(column: pl.Series) -> pl.Series:
    """The text column (String or Categorical) with `csv_cell` done to every value that needs it, once a value."""
    texts = column if column.dtype == pl.String else column.unique().cast(pl.String)
    suspects = texts.filter(texts.str.contains(_NEEDS_TREATMENT)).unique()
    if suspects.is_empty():
        return column
    treated = pl.Series([csv_cell(text) for text in suspects], dtype=pl.String)
    return column.cast(pl.String).replace(suspects, treated)


def _time_cells(column: pl.Series) -> pl.Series:
    """Whole seconds stay a Datetime, which the writer formats; with fractions, the text without trailing zeros."""
    fraction = column.to_physical() % 1_000_000
    if not (fraction != 0).any():
        return column
    whole = pl.lit(column.dt.to_string(f"{_SECONDS}Z"))
    exact = pl.lit(column.dt.to_string(f"{_SECONDS}%.6f").str.strip_chars_end("0")) + "Z"
    return pl.select(pl.when(pl.lit(fraction) == 0).then(whole).otherwise(exact).alias(column.name)).to_series()


def _rate_cells(column: pl.Series) -> pl.Series:
    """Rates polars writes in shortest form stay numbers; with tiny ones, text without exponent."""
    tiny = column.filter((column != 0) & (column < 1e-4)).unique()
    if tiny.is_empty():
        return column
    return column.cast(pl.String).replace(tiny.cast(pl.String), pl.Series([rate_text(rate) for rate in tiny]))
