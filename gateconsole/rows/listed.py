"""One run's row as the list shows it."""

from __future__ import annotations

from functools import lru_cache

from gateconsole.model import Whitelist, WhitelistState, state
from gateconsole.rows.sorts import RunRow
from gateconsole.statistics.frozen_runs import NO_LABEL, Label
from gateconsole.statistics.runs_frame import Row
from gateconsole.text import split_list

_split = lru_cache(maxsize=4096)(split_list)


def listing_of(row: Row, whitelist: Whitelist) -> tuple[WhitelistState, tuple[str, ...], tuple[str, ...]]:
    """How a run's unknown classes stand to the whitelist: state, listed, unlisted (rules G15-G18)."""
    listed, unlisted = whitelist.split(_split(row[5]) if row[4] else (), row[6])
    return state(listed, unlisted), listed, unlisted


def run_row(row: Row, whitelist: Whitelist, label: Label = NO_LABEL) -> RunRow:
    """The row of the series as a row of the list; `label`: its job and attempt."""
    run_id, timestamp, policy_hash, outcome, rate, reasons, stratum, folder = row
    return RunRow(
        run_id,
        timestamp,
        policy_hash,
        outcome,
        rate,
        _split(reasons),
        stratum,
        folder,
        *listing_of(row, whitelist),
        *label,
    )
