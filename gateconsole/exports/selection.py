"""What `export --where` and the screen's `e` write: one way, so that their bytes are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

import polars as pl

from gateconsole.exports.column import Row
from gateconsole.exports.formats import FORMATS
from gateconsole.exports.tables import TABLES, WHITELIST, Table
from gateconsole.exports.whitelist_table import rows_of
from gateconsole.io.atomic import atomic_writer
from gateconsole.patch_queue.overview import EMPTY as NO_QUEUE
from gateconsole.query import EVERYTHING, Query
from gateconsole.rows.alerts import listed_alerts
from gateconsole.rows.patches import matching_board
from gateconsole.rows.policies import matching_policies
from gateconsole.rows.runs import matching
from gateconsole.rows.whitelist import listed_entries, matching_entries
from gateconsole.snapshot import Snapshot
from gateconsole.statistics.frozen_runs import labelled


def write_table(name: str, form: str, snapshot: Snapshot, file: BinaryIO, query: Query = EVERYTHING) -> None:
    """Write a table (`TABLES`) in a format (`FORMATS`), its rows in their fixed order.

    `query`: only the rows that match; relative times count from when the Snapshot was taken. ValueError for a table
    that is not SELECTABLE.
    """
    table = TABLES[name]
    if query:
        if name not in _CHOOSING:
            raise ValueError(f"a query cannot choose rows of {name}")
        table, snapshot = _CHOOSING[name](table, snapshot, query)
    FORMATS[form](table, snapshot, file)


def export_table(name: str, form: str, snapshot: Snapshot, folder: Path, query: Query = EVERYTHING) -> Path:
    """Write a table as `folder/NAME.FORM`, as a whole or not at all; its path. Raises OutputUnusableError."""
    path = folder / f"{name}.{form}"
    with atomic_writer(path) as file:
        write_table(name, form, snapshot, file, query)
    return path


_Chosen = tuple[Table, Snapshot]


def _runs(table: Table, snapshot: Snapshot, query: Query) -> _Chosen:
    """The runs that match."""
    held = snapshot.runs
    if held is None:
        raise ValueError("this Snapshot was made by no engine: it holds no runs")

    def runs() -> pl.DataFrame:
        frame = labelled(held)
        return frame.filter(matching(frame, query, snapshot))

    return table, replace(snapshot, runs=runs)


def _rejected(table: Table, snapshot: Snapshot, query: Query) -> _Chosen:
    """The files that hold the words."""
    return table, replace(snapshot, rejected=tuple(one for one in snapshot.rejected if query.matches_file(*one[:4])))


def _policies(table: Table, snapshot: Snapshot, query: Query) -> _Chosen:
    """The policies with a run that matches. Their figures stay those of all their runs: n is never a part's."""
    found = matching_policies(query, snapshot).hashes
    return table, replace(snapshot, policies=tuple(one for one in snapshot.policies if one.policy_hash in found))


def _alerts(table: Table, snapshot: Snapshot, query: Query) -> _Chosen:
    """The alerts with a spike that matches."""
    return table, replace(snapshot, alerts=listed_alerts(snapshot, query))


def _whitelist(table: Table, snapshot: Snapshot, query: Query) -> _Chosen:
    """The entries that the query finds; how each stands is told among all of them."""

    def rows(of: Snapshot) -> Iterator[Row]:
        return rows_of(matching_entries(of, listed_entries(of).standings, query), of.taken_at)

    return WHITELIST._replace(rows=rows), snapshot


def _queue(table: Table, snapshot: Snapshot, query: Query) -> _Chosen:
    """The patches that the query finds; what is proposed is proposed among all of them."""
    return table, replace(snapshot, queue=matching_board(snapshot.queue or NO_QUEUE, query, snapshot.taken_at))


_CHOOSING: Final[dict[str, Callable[[Table, Snapshot, Query], _Chosen]]] = {
    "runs": _runs,
    "policies": _policies,
    "alerts": _alerts,
    "readiness": _policies,
    "rejected": _rejected,
    "queue": _queue,
    "whitelist": _whitelist,
}

SELECTABLE: Final = tuple(_CHOOSING)
"""Tables of which a query can choose rows: those that a screen lists through its filter, as it lists them."""
