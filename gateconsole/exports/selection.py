"""What `export --where` and the screen's `e` write: one way, so that their bytes are the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

import polars as pl

from gateconsole.exports.atomic import replacing
from gateconsole.exports.formats import FORMATS
from gateconsole.exports.tables import TABLES
from gateconsole.query import EVERYTHING, Query
from gateconsole.rows.runs import matching
from gateconsole.snapshot import Snapshot

SELECTABLE: Final = ("runs", "rejected")
"""Tables of which a query can choose rows. The others hold figures of whole policies, which a part of them lacks."""


def write_table(name: str, form: str, snapshot: Snapshot, file: BinaryIO, query: Query = EVERYTHING) -> None:
    """Write a table (`TABLES`) in a format (`FORMATS`), its rows in their fixed order.

    `query`: only the rows that match; relative times count from when the Snapshot was taken. ValueError for a table
    that is not SELECTABLE.
    """
    if query and name not in SELECTABLE:
        raise ValueError(f"a query cannot choose rows of {name}")
    FORMATS[form](TABLES[name], selected(snapshot, query), file)


def export_table(name: str, form: str, snapshot: Snapshot, folder: Path, query: Query = EVERYTHING) -> Path:
    """Write a table as `folder/NAME.FORM`, as a whole or not at all; its path. Raises OutputUnusable."""
    path = folder / f"{name}.{form}"
    with replacing(path) as file:
        write_table(name, form, snapshot, file, query)
    return path


def selected(snapshot: Snapshot, query: Query) -> Snapshot:
    """The Snapshot with only those runs and rejected files that match. Figures of policies stay those of all runs."""
    if not query:
        return snapshot
    held = snapshot.runs
    if held is None:
        raise ValueError("this Snapshot was made by no engine: it holds no runs")

    def runs() -> pl.DataFrame:
        frame = held()
        return frame.filter(matching(frame, query, snapshot))

    rejected = tuple(one for one in snapshot.rejected if query.matches_rejected(one))
    return replace(snapshot, runs=runs, rejected=rejected)
