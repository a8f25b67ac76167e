"""The tables of `export`: one description of columns and rows each, whatever the format.

A row is a tuple of plain values in the order of the columns; what a value is says the column's kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

from gateconsole.exports.queue_table import queue_rows
from gateconsole.model import NONE, OUTCOMES, WhitelistState
from gateconsole.model import Diagnostic as RunDiagnostic
from gateconsole.snapshot import Policy, Snapshot, Stats
from gateconsole.text import split_list

if TYPE_CHECKING:
    import polars as pl

Kind = Literal["text", "word", "list", "count", "rate", "share", "time"]
"""text: artifact text (str, raw). word: our own word (str) or null. list: texts (tuple of str, raw). count: int.
rate: fraction of checks, share: fraction of runs (float or null). time: microseconds since 1970 UTC (int or null)."""

Value = str | tuple[str, ...] | int | float | None
Row = tuple[Value, ...]


class Column(NamedTuple):
    """One column: its name in every format, the kind of its values."""

    name: str
    kind: Kind


class Table(NamedTuple):
    """One table of `export`: its name, what a row is, its columns, its rows in their fixed order."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    rows: Callable[[Snapshot], Iterator[Row]]


ALL_STRATA: Final = "all"
"""The `stratum` of a row about the whole policy; runs without a stratum have rows of their own, NONE."""

STATES: Final[tuple[WhitelistState, ...]] = get_args(WhitelistState)


def _policy_rows(snapshot: Snapshot) -> Iterator[Row]:
    for policy in snapshot.policies:
        yield _stats_row(policy, ALL_STRATA, policy.whole)
        for stratum, stats in policy.strata:
            yield _stats_row(policy, stratum or NONE, stats)


def _stats_row(policy: Policy, stratum: str, stats: Stats) -> Row:
    known = [stats.outcomes.get(word, 0) for word in OUTCOMES]
    others = {word: count for word, count in stats.outcomes.items() if word not in OUTCOMES and count}
    counts = [*known, sum(others.values())]
    return (
        policy.policy_hash,
        stratum,
        stats.n,
        stats.n_valid,
        stats.unknown_rate_min,
        stats.unknown_rate_median,
        stats.unknown_rate_p95,
        stats.unknown_rate_max,
        *counts,
        tuple(f"{word}={count}" for word, count in others.items()),
        *(count / stats.n if stats.n else None for count in counts),
        *(stats.listed.get(state, 0) for state in STATES),
        stats.n_listed,
        stats.n_unlisted,
    )


def _class_rows(snapshot: Snapshot) -> Iterator[Row]:
    for policy in snapshot.policies:
        classes = policy.classes.select("class", "runs", "share", "listed", "fail_runs")
        for name, runs, share, listed, fail_runs in classes.iter_rows():
            yield policy.policy_hash, name, runs, policy.whole.n_valid, share, listed, fail_runs


def _rejected_rows(snapshot: Snapshot) -> Iterator[Row]:
    for rejected in sorted(snapshot.rejected):
        yield rejected.path, rejected.place, rejected.rule, rejected.detail


def _run_rows(snapshot: Snapshot) -> Iterator[Row]:
    from gateconsole.series.listing import with_listing

    split = lru_cache(maxsize=4096)(split_list)
    listed = with_listing(ordered_runs(snapshot), snapshot.whitelist)
    columns = [*(column.name for column in SERIES_COLUMNS), "path", "diagnostics"]
    frame = listed.rename({"reasons": "top_reasons"}).with_columns(listed["timestamp"].to_physical()).select(columns)
    lists = {columns.index(name) for name in ("top_reasons", "whitelisted_reasons", "unlisted_reasons", "diagnostics")}
    for row in frame.iter_rows():
        yield tuple(split(value or "") if i in lists else value for i, value in enumerate(row))


def ordered_runs(snapshot: Snapshot) -> pl.DataFrame:
    """Every run in the order of DOMAIN row 5 with its `path` and its `diagnostics` (a joined list, "" if none)."""
    import polars as pl

    from gateconsole.series.order import in_order, path_of
    from gateconsole.text import join_list

    if snapshot.runs is None:
        raise ValueError("this Snapshot was made by no engine: it holds no runs")
    noted = {path: join_list([_diagnostic(one) for one in found]) for path, found in snapshot.diagnostics()}
    diagnostics = pl.DataFrame(
        {"path": list(noted), "diagnostics": list(noted.values())}, schema={"path": pl.String, "diagnostics": pl.String}
    )
    runs = in_order(snapshot.runs()).with_columns(path_of(pl.col("folder")).alias("path"))
    joined = runs.join(diagnostics, on="path", how="left", maintain_order="left")
    return joined.with_columns(pl.col("diagnostics").fill_null(""))


def _diagnostic(found: RunDiagnostic) -> str:
    where = f"{found.rule} {found.field}".rstrip()
    return f"{where}: {found.detail}" if found.detail else where


def _columns(kind: Kind, *names: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name in names)


_WORDS: Final = (*OUTCOMES, "other")

SERIES_COLUMNS: Final = (
    *_columns("text", "run_id"),
    *_columns("time", "timestamp"),
    *_columns("text", "policy_hash", "outcome"),
    *_columns("rate", "unknown_rate"),
    *_columns("list", "top_reasons"),
    *_columns("word", "stratum", "whitelist_state"),
    *_columns("list", "whitelisted_reasons", "unlisted_reasons"),
)
"""The columns of rollout_series.csv (DOMAIN 2.3)."""

RUNS: Final = Table(
    "runs",
    "one row a run",
    (*SERIES_COLUMNS, *_columns("text", "path"), *_columns("list", "diagnostics")),
    _run_rows,
)

POLICIES: Final = Table(
    "policies",
    "one row a policy (stratum `all`), then one for each of its strata",
    (
        *_columns("text", "policy_hash"),
        *_columns("word", "stratum"),
        *_columns("count", "n", "n_valid"),
        *_columns("rate", "unknown_rate_min", "unknown_rate_median", "unknown_rate_p95", "unknown_rate_max"),
        *_columns("count", *(f"outcome_{word}" for word in _WORDS)),
        *_columns("list", "other_outcomes"),
        *_columns("share", *(f"share_{word}" for word in _WORDS)),
        *_columns("count", *(f"runs_{state}" for state in STATES), "n_listed", "n_unlisted"),
    ),
    _policy_rows,
)

CLASSES: Final = Table(
    "classes",
    "one row an unknown class of a policy",
    (
        *_columns("text", "policy_hash", "class"),
        *_columns("count", "runs", "n_valid"),
        *_columns("share", "share"),
        *_columns("word", "listed"),
        *_columns("count", "fail_runs"),
    ),
    _class_rows,
)

REJECTED: Final = Table(
    "rejected",
    "one row a file that is no run",
    (*_columns("text", "path", "place"), *_columns("word", "rule"), *_columns("text", "detail")),
    _rejected_rows,
)

QUEUE: Final = Table(
    "queue",
    "one row a patch of a testcase of the queue, as of a time",
    (
        *_columns("time", "as_of"),
        *_columns("text", "testcase", "patch"),
        *_columns("count", "place"),
        *_columns("time", "arrived"),
        *_columns("count", "k"),
        *_columns("rate", "p_innocent"),
        *_columns("word", "state", "verdict", "dirty", "proposed"),
        *_columns("list", "in_flight", "overdue", "suspect_of"),
        *_columns("word", "overall"),
    ),
    queue_rows,
)

TABLES: Final = {table.name: table for table in (RUNS, POLICIES, CLASSES, REJECTED, QUEUE)}
"""Every table of `export` by name, in the order in which they are written."""
