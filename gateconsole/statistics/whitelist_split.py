"""How each run's unknown classes stand to the whitelist (rules G15-G18). Pure.

Runs repeat few combinations of stratum and reasons, so the whitelist is asked once a combination.
"""

from __future__ import annotations

from typing import Final, get_args

import polars as pl

from gateconsole.model import Stratum, Whitelist, WhitelistState, state
from gateconsole.text import join_list, split_list

STATES: Final[tuple[WhitelistState, ...]] = get_args(WhitelistState)

LISTING_SCHEMA: Final[dict[str, pl.DataType]] = {
    "whitelist_state": pl.Enum(STATES),
    "whitelisted_reasons": pl.String(),
    "unlisted_reasons": pl.String(),
}
"""The columns that `with_listing` adds; reasons are joined lists of raw text (`text.join_list`)."""


def with_listing(runs: pl.DataFrame, whitelist: Whitelist) -> pl.DataFrame:
    """The runs, in their order, with whitelist_state, whitelisted_reasons and unlisted_reasons."""
    coded = runs.with_columns(combination_code().alias("_combination"))
    table = combinations(runs, whitelist).select("_combination", *LISTING_SCHEMA)
    return coded.join(table, on="_combination", how="left", maintain_order="left").drop("_combination")


def combination_code() -> pl.Expr:
    """A number that is equal for runs of one combination of reasons, stratum and `unknown_rate > 0`."""
    counts = (pl.col("unknown_rate") > 0).fill_null(False).cast(pl.UInt64)
    stratum = pl.col("stratum").to_physical().cast(pl.UInt64).fill_null(2)
    return pl.col("reasons").to_physical().cast(pl.UInt64) * 6 + stratum * 2 + counts


def combinations(runs: pl.DataFrame, whitelist: Whitelist) -> pl.DataFrame:
    """One row a combination in the runs: `_combination` (its code), reasons, stratum and the columns of LISTING_SCHEMA.

    Reasons count as unknown classes only in runs with `unknown_rate > 0` (rule G15).
    """
    distinct = (
        runs.lazy()
        .group_by(combination_code().alias("_combination"))
        .agg(pl.col("reasons").first().cast(pl.String), pl.col("stratum").first().cast(pl.String))
        .sort("_combination")
        .collect()
    )
    rows = [_listing(reasons, stratum, code % 2 == 1, whitelist) for code, reasons, stratum in distinct.iter_rows()]
    return distinct.hstack(pl.DataFrame(rows, schema=LISTING_SCHEMA, orient="row"))


def _listing(reasons: str, stratum: Stratum | None, counts: bool, whitelist: Whitelist) -> tuple[str, str, str]:
    listed, unlisted = whitelist.split(split_list(reasons) if counts else (), stratum)
    return state(listed, unlisted), join_list(listed), join_list(unlisted)
