"""The order of runs under a Sort, twice: of a whole frame by polars, of single rows by comparing. Both agree."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import polars as pl

from gateconsole.model import NONE, OUTCOMES, STATE_NONE, STRATA, Whitelist, artifact_path
from gateconsole.rows.listed import listing_of
from gateconsole.rows.sorts import Sort
from gateconsole.statistics.run_order import in_order, natural_key, path_of
from gateconsole.statistics.runs_frame import RUNS_SCHEMA, Row, with_run_ids
from gateconsole.statistics.whitelist_split import STATES, with_listing

_FIELDS: Final = {
    "time": "timestamp",
    "run": "run_id",
    "policy": "policy_hash",
    "stratum": "stratum",
    "outcome": "outcome",
    "rate": "unknown_rate",
    "reasons": "reasons",
    "state": "whitelist_state",
    "path": "folder",
}
_AT: Final = {name: at for at, name in enumerate(RUNS_SCHEMA)}
_DIGITS: Final = re.compile("([0-9]+)")


def row_numbers_in_order(runs: pl.DataFrame, places: pl.Series, sort: Sort, whitelist: Whitelist) -> pl.Series:
    """These places (UInt32) of a frame in order. `runs`: `series.store.RUNS_SCHEMA`, run_id null where the folder."""
    wanted = with_run_ids(runs[places] if len(places) < runs.height else runs).with_columns(places.alias("place"))
    ordered = in_order(wanted)
    if sort.column == "time" and not sort.falling:
        return ordered["place"]
    dated = ordered.height - ordered["timestamp"].null_count()
    newest_first = pl.concat([ordered.head(dated).reverse(), ordered.slice(dated).reverse()])
    if sort.column == "time":
        return newest_first["place"]
    keys = _keys(newest_first, sort.column, whitelist)
    keyed = pl.DataFrame([keys.alias("key"), newest_first["place"]])
    return keyed.sort("key", descending=sort.falling, nulls_last=True, maintain_order=True)["place"]


def _keys(runs: pl.DataFrame, column: str, whitelist: Whitelist) -> pl.Series:
    """A Series that sorts as the column does; null comes last."""
    if column == "run":
        return runs.select(natural_key(pl.col("run_id"))).to_series()
    if column == "path":
        return runs.select(path_of(pl.col("folder"))).to_series()
    if column == "rate":
        return runs["unknown_rate"]
    if column == "stratum":
        return runs["stratum"].to_physical()
    if column == "state":
        states = with_listing(runs, whitelist)["whitelist_state"].to_physical()
        return states.set(states == STATES.index(STATE_NONE), None)
    return _ranks(runs[_FIELDS[column]], column)


def _ranks(texts: pl.Series, column: str) -> pl.Series:
    """Few distinct texts, each as its rank: they are compared once a text, not once a run."""
    distinct = texts.unique()
    codes = dict(zip(distinct.cast(pl.String), distinct.to_physical(), strict=True))
    keys = {text: key for text in codes if (key := key_of(column, text)) is not None}
    rising = {codes[text]: rank for rank, text in enumerate(sorted(keys, key=lambda text: keys[text]))}
    return texts.to_physical().replace_strict(list(rising), list(rising.values()), default=None, return_dtype=pl.UInt32)


def key_of(column: str, raw: Any) -> Any:
    """What a column's value is compared by; None comes last."""
    if raw is None:
        return None
    if column == "run":
        return natural(raw)
    if column == "outcome":
        return _severity(raw)
    if column == "path":
        return artifact_path(raw)
    if column == "stratum":
        return STRATA.index(raw)
    if column == "state":
        return None if raw == STATE_NONE else STATES.index(raw)
    return raw or None if column == "reasons" else raw


def _severity(outcome: str) -> tuple[int, str] | None:
    if outcome == NONE:
        return None
    return (OUTCOMES.index(outcome), "") if outcome in OUTCOMES else (len(OUTCOMES), outcome)


def natural(text: str) -> tuple[Any, ...]:
    """A text compared with its digit runs as integers of any length (rule G5)."""
    parts = enumerate(_DIGITS.split(text))
    return tuple((len(digits := part.lstrip("0")), digits) if at % 2 else part for at, part in parts)


class RunSortKey:
    """One run as it is compared with others; what is seldom needed is made when it is."""

    __slots__ = ("_read", "_rest", "key", "timestamp")

    def __init__(self, key: Any, timestamp: int | None, read: Callable[[], Row]) -> None:
        self.key = key
        self.timestamp = timestamp
        self._read = read
        self._rest: tuple[Any, ...] | None = None

    def rest(self) -> tuple[Any, ...]:
        """What settles equal timestamps (rule G5)."""
        if self._rest is None:
            run_id, _, policy_hash, _, _, _, stratum, folder = self._read()
            order = len(STRATA) if stratum is None else STRATA.index(stratum)
            self._rest = (natural(run_id), order, artifact_path(folder), run_id, policy_hash)
        return self._rest


def compare(one: RunSortKey, other: RunSortKey, sort: Sort) -> int:
    """Below 0 if `one` comes first, above if `other` does; 0 only for the same run."""
    by_time = sort.column == "time"
    newest_first = sort.falling or not by_time
    told = 0 if by_time else _apart(one.key, other.key, sort.falling)
    told = told or _apart(one.timestamp, other.timestamp, newest_first)
    return told or _apart(one.rest(), other.rest(), newest_first)


def _apart(one: Any, other: Any, falling: bool) -> int:
    if one == other:
        return 0
    if one is None or other is None:
        return 1 if one is None else -1
    return -1 if (one < other) is not falling else 1


def raw_column(runs: pl.DataFrame, sort: Sort, whitelist: Whitelist) -> pl.Series:
    """The column a sort compares, by place, as `key_of` takes it (an absent run_id is the folder)."""
    if sort.column == "state":
        return with_listing(runs, whitelist)["whitelist_state"]
    if sort.column == "run":
        return with_run_ids(runs.select("run_id", "folder"))["run_id"]
    return runs[_FIELDS[sort.column]]


def raw_of(row: Row, sort: Sort, whitelist: Whitelist) -> Any:
    """The same value of a single row."""
    if sort.column == "state":
        return listing_of(row, whitelist)[0]
    return row[_AT[_FIELDS[sort.column]]]
