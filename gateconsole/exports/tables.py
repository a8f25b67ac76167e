"""The tables of `export`: one description of columns and rows each, whatever the format.

A row is a tuple of plain values in the order of the columns; what a value is says the column's kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, get_args

from gateconsole.exports.alerts_table import ALERT_COLUMNS, ASSOCIATION_COLUMNS, PREFIX, alert_rows
from gateconsole.exports.column import Column, Row, columns_of_kind
from gateconsole.exports.judgement_tables import READINESS_COLUMNS, readiness_rows, risk_cells, spike_rows
from gateconsole.exports.queue_table import queue_rows
from gateconsole.exports.whitelist_table import WHITELIST_COLUMNS, whitelist_rows
from gateconsole.model import NONE, OUTCOMES, WhitelistState
from gateconsole.model import Diagnostic as RunDiagnostic
from gateconsole.snapshot import Policy, Snapshot, Stats
from gateconsole.text import split_list

if TYPE_CHECKING:
    import polars as pl


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
        *risk_cells(stats),
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
    from gateconsole.statistics.whitelist_split import with_listing

    split = lru_cache(maxsize=4096)(split_list)
    listed = with_listing(ordered_runs(snapshot), snapshot.whitelist)
    names = [*(column.name for column in SERIES_COLUMNS), "path", "diagnostics", "job", "attempt"]
    frame = listed.rename({"reasons": "top_reasons"}).with_columns(listed["timestamp"].to_physical()).select(names)
    lists = {names.index(name) for name in ("top_reasons", "whitelisted_reasons", "unlisted_reasons", "diagnostics")}
    for row in frame.iter_rows():
        yield tuple(split(value or "") if i in lists else value for i, value in enumerate(row))


def ordered_runs(snapshot: Snapshot) -> pl.DataFrame:
    """Every run in the order of rule G5 with its path, job, attempt, diagnostics (a joined list, "" if none)."""
    import polars as pl

    from gateconsole.statistics.frozen_runs import labelled
    from gateconsole.statistics.run_order import in_order, path_of
    from gateconsole.text import join_list

    if snapshot.runs is None:
        raise ValueError("this Snapshot was made by no engine: it holds no runs")
    noted = {path: join_list([diagnostic_text(one) for one in found]) for path, found in snapshot.diagnostics()}
    diagnostics = pl.DataFrame(
        {"path": list(noted), "diagnostics": list(noted.values())}, schema={"path": pl.String, "diagnostics": pl.String}
    )
    runs = in_order(labelled(snapshot.runs)).with_columns(path_of(pl.col("folder")).alias("path"))
    joined = runs.join(diagnostics, on="path", how="left", maintain_order="left")
    return joined.with_columns(pl.col("diagnostics").fill_null(""))


def diagnostic_text(found: RunDiagnostic) -> str:
    """What was unusable, as one item of the column `diagnostics`."""
    where = f"{found.rule} {found.field}".rstrip()
    return f"{where}: {found.detail}" if found.detail else where


_WORDS: Final = (*OUTCOMES, "other")
_LIMITED: Final = ("", "_lower", "_upper")

SERIES_COLUMNS: Final = (
    *columns_of_kind("text", "run_id"),
    *columns_of_kind("time", "timestamp"),
    *columns_of_kind("text", "policy_hash", "outcome"),
    *columns_of_kind("rate", "unknown_rate"),
    *columns_of_kind("list", "top_reasons"),
    *columns_of_kind("word", "stratum", "whitelist_state"),
    *columns_of_kind("list", "whitelisted_reasons", "unlisted_reasons"),
)
"""The columns of rollout_series.csv (rules 2.3)."""

RUNS: Final = Table(
    "runs",
    "one row a run",
    (
        *SERIES_COLUMNS,
        *columns_of_kind("text", "path"),
        *columns_of_kind("list", "diagnostics"),
        *columns_of_kind("text", "job"),
        *columns_of_kind("count", "attempt"),
    ),
    _run_rows,
)

POLICIES: Final = Table(
    "policies",
    "one row a policy (stratum `all`), then one for each of its strata",
    (
        *columns_of_kind("text", "policy_hash"),
        *columns_of_kind("word", "stratum"),
        *columns_of_kind("count", "n", "n_valid"),
        *columns_of_kind("rate", "unknown_rate_min", "unknown_rate_median", "unknown_rate_p95", "unknown_rate_max"),
        *columns_of_kind("count", *(f"outcome_{word}" for word in _WORDS)),
        *columns_of_kind("list", "other_outcomes"),
        *columns_of_kind("share", *(f"share_{word}" for word in _WORDS)),
        *columns_of_kind("count", *(f"runs_{state}" for state in STATES), "n_listed", "n_unlisted"),
        *columns_of_kind("rate", *(f"risk_{what}{end}" for what in ("difference", "ratio") for end in _LIMITED)),
    ),
    _policy_rows,
)

CLASSES: Final = Table(
    "classes",
    "one row an unknown class of a policy",
    (
        *columns_of_kind("text", "policy_hash", "class"),
        *columns_of_kind("count", "runs", "n_valid"),
        *columns_of_kind("share", "share"),
        *columns_of_kind("word", "listed"),
        *columns_of_kind("count", "fail_runs"),
    ),
    _class_rows,
)

REJECTED: Final = Table(
    "rejected",
    "one row a file that is no run",
    (*columns_of_kind("text", "path", "place"), *columns_of_kind("word", "rule"), *columns_of_kind("text", "detail")),
    _rejected_rows,
)

QUEUE: Final = Table(
    "queue",
    "one row a patch of a testcase of the queue, as of a time",
    (
        *columns_of_kind("time", "as_of"),
        *columns_of_kind("text", "testcase", "patch"),
        *columns_of_kind("count", "place"),
        *columns_of_kind("time", "arrived"),
        *columns_of_kind("count", "k"),
        *columns_of_kind("rate", "p_innocent"),
        *columns_of_kind("word", "state", "verdict", "dirty", "proposed"),
        *columns_of_kind("list", "in_flight", "overdue", "suspect_of"),
        *columns_of_kind("word", "overall"),
        *columns_of_kind("list", "bad_unless_flake"),
        *columns_of_kind("word", "retired"),
    ),
    queue_rows,
)

ALERTS: Final = Table(
    "alerts",
    "one row an alert that ever fired or is pending, as of a time",
    (
        *columns_of_kind("time", "as_of"),
        *ALERT_COLUMNS,
        *(Column(f"{PREFIX}{name}", kind) for name, kind in ASSOCIATION_COLUMNS),
    ),
    alert_rows,
)

SPIKE_COLUMNS: Final = (
    *columns_of_kind("text", "policy_hash", "run_id"),
    *columns_of_kind("time", "timestamp"),
    *columns_of_kind("word", "stratum"),
    *columns_of_kind("text", "outcome"),
    *columns_of_kind("rate", "unknown_rate", "cut"),
    *columns_of_kind("word", "rule"),
    *columns_of_kind("list", "classes"),
)
"""What `judgement_tables.spike_row` gives."""

SPIKES: Final = Table(
    "spikes",
    "one row a spike, with the cut of its time and the rule that made it",
    (*SPIKE_COLUMNS, *columns_of_kind("text", "job")),
    spike_rows,
)

READINESS: Final = Table(
    "readiness",
    "one row a line of a policy's checklist on its way to WARN; value and limit are runs or shares of runs",
    (
        *columns_of_kind("text", "policy_hash"),
        *columns_of_kind("word", "verdict"),
        *READINESS_COLUMNS,
    ),
    readiness_rows,
)

WHITELIST: Final = Table(
    "whitelist",
    "one row an entry of the whitelist, as of a time; hits among the valid runs of the last days, and in all",
    (*columns_of_kind("time", "as_of"), *WHITELIST_COLUMNS),
    whitelist_rows,
)

_ALL: Final = (RUNS, POLICIES, CLASSES, ALERTS, SPIKES, READINESS, REJECTED, QUEUE, WHITELIST)

TABLES: Final = {table.name: table for table in _ALL}
"""Every table of `export` by name, in the order in which they are written."""
