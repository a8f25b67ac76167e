"""The one order of runs (rule G5): timestamp, natural order of run_id, stratum, path. Pure, vectorised.

Natural keys are strings whose code points compare as the tuples of `re.split('([0-9]+)', run_id)` do. They are made
only for runs whose timestamps tie, because most do not.
"""

from __future__ import annotations

import polars as pl

from gateconsole.model import ARTIFACT_NAME

_CHUNKS = "[0-9]+|[^0-9]+"
_END_OF_TEXT = "\x00\x00"  # below every other continuation: NUL itself is written as NUL SOH


def path_of(folder: pl.Expr) -> pl.Expr:
    """The artifact's path below the root, from its folder column."""
    below = pl.concat_str(folder, pl.lit(f"/{ARTIFACT_NAME}"))
    return pl.when(folder == ".").then(pl.lit(ARTIFACT_NAME)).otherwise(below)


def natural_key(text: pl.Expr) -> pl.Expr:
    """A String whose code point order is the natural order of `text`: digit runs as integers of any length.

    A text part is closed by NUL NUL. An integer is written as the length of its length, its length, its digits
    without leading zeros, so that longer is larger.
    """
    starts_with_digit = text.str.contains("^[0-9]")
    parts = text.str.extract_all(_CHUNKS).list.eval(_part_key(pl.element())).list.join("")
    return pl.when(starts_with_digit).then(pl.lit(_END_OF_TEXT) + parts).otherwise(parts)


def _part_key(part: pl.Expr) -> pl.Expr:
    digits = part.str.strip_chars_start("0")
    length = digits.str.len_bytes().cast(pl.String)
    number = pl.concat_str(length.str.len_bytes().cast(pl.String), length, digits)
    words = part.str.replace_all("\x00", "\x00\x01", literal=True) + _END_OF_TEXT
    return pl.when(part.str.contains("^[0-9]")).then(number).otherwise(words)


def in_order(runs: pl.DataFrame) -> pl.DataFrame:
    """The runs (`series.store.RUNS_SCHEMA`, further columns welcome) in the order of rule G5, undated ones last.

    run_id and policy_hash settle what the row leaves equal, so the order never depends on the input's.
    """
    frame = runs.sort("timestamp", nulls_last=True)
    like_next = (
        frame["timestamp"]
        .eq_missing(frame["timestamp"].shift(-1))
        .to_frame("like_next")
        .select(pl.col("like_next") & (pl.int_range(pl.len()) < pl.len() - 1))
        .to_series()
    )
    positions = (like_next | like_next.shift(1, fill_value=False)).arg_true()
    if positions.is_empty():
        return frame
    ordered = positions.gather(_order_of_ties(frame[positions]))
    rows = pl.int_range(frame.height, dtype=pl.UInt32, eager=True)
    return frame[rows.scatter(positions, ordered)]


def _order_of_ties(tied: pl.DataFrame) -> pl.Series:
    keys = tied.select(
        "timestamp",
        natural_key(pl.col("run_id")).alias("natural"),
        pl.col("stratum").to_physical(),
        path_of(pl.col("folder")).alias("path"),
        "run_id",
        pl.col("policy_hash").cast(pl.String),
    )
    return keys.select(pl.arg_sort_by(keys.columns, nulls_last=True)).to_series()
