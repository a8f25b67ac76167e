"""Runs that are alike in one row, and what a change of the whitelist adds to their counts (rules G19, G24). Pure.

Runs repeat few combinations of policy, stratum, reasons, outcome and spike: a preview looks at those, not at runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import polars as pl

from gateconsole.judgement.false_positives import CAUTIONS
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.model import FAIL_SIGNALS, Stratum, Whitelist
from gateconsole.statistics.runs_frame import RUNS_SCHEMA
from gateconsole.statistics.whitelist_split import combination_code
from gateconsole.text import split_list

KEYS: Final = ("policy_hash", "stratum")
"""What figures are kept apart by."""

_FLAGS: Final = ("fail", "alarm", "spike")


class Counts(NamedTuple):
    """Figures that change together. `spikes`: spikes whose run is `whitelisted`; `left`: B of rule G24, alarms
    without FAIL signal that no whitelist takes away; `n_w`, `n_n`, `mixed`: runs in W, in N, in both (rule G19)."""

    spikes: int
    left: int
    n_w: int
    n_n: int
    mixed: int


def marked_runs(runs: pl.DataFrame, policies: Mapping[str, PolicySpikes]) -> pl.DataFrame:
    """The runs with `counts` (rate > 0), `valid`, `fail`, `alarm` (rule G24), `spike`, `code` (`combination_code`)."""
    folders = [spike.run.folder for policy in policies.values() for spike in policy.spikes()]
    spikes = pl.DataFrame({"folder": folders}, schema={"folder": RUNS_SCHEMA["folder"]})
    joined = runs.join(spikes.with_columns(spike=pl.lit(True)), on="folder", how="left", maintain_order="left")
    outcome, spike = pl.col("outcome").cast(pl.String), pl.col("spike").fill_null(False)
    counts = (pl.col("unknown_rate") > 0).fill_null(False)
    return joined.with_columns(
        spike=spike,
        counts=counts,
        valid=pl.col("unknown_rate").is_not_null(),
        fail=outcome.is_in(list(FAIL_SIGNALS)),
        alarm=spike | outcome.is_in(CAUTIONS),
        code=combination_code(),
    )


def cells_of(marked: pl.DataFrame, whitelist: Whitelist) -> pl.DataFrame:
    """Runs with unknown classes, as many as are alike in one row.

    `cell` (its number), policy_hash, stratum, code, fail, alarm, spike, `runs`, `classes` (list), `listed`, `unlisted`
    (classes of each kind).
    """
    alike = (
        marked.lazy()
        .filter(pl.col("counts") & (pl.col("reasons").cast(pl.String) != ""))
        .group_by(*KEYS, "code", *_FLAGS)
        .agg(pl.len().cast(pl.Int64).alias("runs"), pl.col("reasons").first().cast(pl.String))
        .collect()
    )
    splits: dict[tuple[str, Stratum | None], tuple[int, int]] = {}
    rows = []
    for reasons, stratum in alike.select("reasons", "stratum").iter_rows():
        classes = split_list(reasons)
        split = splits.get((reasons, stratum))
        if split is None:
            listed, unlisted = whitelist.split(classes, stratum)
            split = splits[reasons, stratum] = (len(listed), len(unlisted))
        rows.append((classes, *split))
    schema = {"classes": pl.List(pl.String()), "listed": pl.Int64(), "unlisted": pl.Int64()}
    return alike.drop("reasons").hstack(pl.DataFrame(rows, schema=schema, orient="row")).with_row_index("cell")


def base_of(marked: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Per policy and stratum, under the whitelist as it is: n_valid, alarms (A), left (B), spikes, n_w, n_n, mixed."""
    loud = pl.col("alarm") & ~pl.col("fail")
    runs = marked.group_by(KEYS).agg(
        pl.col("valid").sum().cast(pl.Int64).alias("n_valid"), loud.sum().cast(pl.Int64).alias("alarms")
    )
    counted = cells.group_by(KEYS).agg(_counts("listed", "unlisted", ""))
    joined = runs.join(counted, on=KEYS, how="left", nulls_equal=True)
    filled = joined.with_columns(pl.col(name).fill_null(0) for name in Counts._fields if name in joined.columns)
    # B is what the whitelist leaves of A: runs without classes are never whitelisted
    return filled.with_columns(left=pl.col("alarms") - pl.col("left").fill_null(0))


def is_whitelisted(listed: str, unlisted: str) -> pl.Expr:
    """Whether a cell's runs are `whitelisted` by these columns: some class listed, none unlisted (rule G18)."""
    return (pl.col(listed) > 0) & (pl.col(unlisted) == 0)


def _counts(listed: str, unlisted: str, suffix: str) -> list[pl.Expr]:
    """Runs of cells by what they count for; `left`: the alarms that the whitelist takes away."""
    state = is_whitelisted(listed, unlisted)
    has, lacks = pl.col(listed) > 0, pl.col(unlisted) > 0
    wanted = {
        "spikes": state & pl.col("spike"),
        "left": state & pl.col("alarm") & ~pl.col("fail"),
        "n_w": has,
        "n_n": lacks,
        "mixed": has & lacks,
    }
    return [pl.col("runs").filter(which).sum().alias(f"{name}{suffix}") for name, which in wanted.items()]


def changes_by_entry() -> list[pl.Expr]:
    """What the change adds to each count, and what is covered."""
    before, after = _counts("listed", "unlisted", ""), _counts("listed_after", "unlisted_after", "")
    gains = [(then - now).alias(f"{name}_gain") for name, now, then in zip(Counts._fields, before, after, strict=True)]
    covered = pl.col("covered")
    return [
        *gains,
        pl.col("runs").filter(covered).sum().alias("covered_runs"),
        pl.col("runs").filter(covered & pl.col("spike")).sum().alias("covered_spikes"),
        pl.col("runs").filter(covered & pl.col("fail")).sum().alias("covered_fails"),
    ]
