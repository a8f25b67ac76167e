"""A table as CSV, JSON or Markdown: a Snapshot -> the bytes of one file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, Final

from gateconsole.exports.cells import csv_cell, rate_text, share_shown, time_text
from gateconsole.exports.column import Column, Row, Value
from gateconsole.exports.tables import RUNS, Table, ordered_runs
from gateconsole.snapshot import Snapshot
from gateconsole.text import code_span, join_list
from gateconsole.view import MISSING, format_rate, rate_beside

SCHEMA: Final = 1
"""The `schema` of every JSON document of this program."""


def write_csv(table: Table, snapshot: Snapshot, file: BinaryIO) -> None:
    """The table as CSV: UTF-8, `\\n`, header; null is the empty cell."""
    if table is RUNS:
        _write_runs(snapshot, file)
        return
    file.write(f"{','.join(column.name for column in table.columns)}\n".encode())
    for row in table.rows(snapshot):
        cells = (_csv_value(column, value) for column, value in zip(table.columns, row, strict=True))
        file.write(f"{','.join(cells)}\n".encode())


def _write_runs(snapshot: Snapshot, file: BinaryIO) -> None:
    """A million runs in a blink: whole columns instead of rows."""
    from gateconsole.exports.series_csv import series_cells, text_cells, write_cells

    runs = ordered_runs(snapshot)
    cells = series_cells(runs, snapshot.whitelist)
    cells = cells.with_columns(text_cells(runs["path"]), text_cells(runs["diagnostics"]))
    cells = cells.with_columns(text_cells(runs["job"]), runs["attempt"])
    write_cells([column.name for column in RUNS.columns], cells, file)


def _csv_value(column: Column, value: Value) -> str:
    if isinstance(value, tuple):
        return csv_cell(join_list(value))
    if column.kind == "time":
        return time_text(value if isinstance(value, int) else None)
    if isinstance(value, float):
        return rate_text(value)
    if isinstance(value, str):
        return csv_cell(value)
    return "" if value is None else str(value)


def json_text(document: dict[str, Any]) -> str:
    """A document as one line of pure ASCII without a control character; a number that JSON lacks is a ValueError."""
    return json.dumps(document, allow_nan=False).replace("\x7f", "\\u007f")


def json_rows(table: Table, snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """The table's rows as JSON objects: keys are the column names, times ISO 8601 UTC, lists arrays, null null."""
    for row in table.rows(snapshot):
        yield {column.name: _json_value(column, value) for column, value in zip(table.columns, row, strict=True)}


def _json_value(column: Column, value: Value) -> Any:
    if column.kind == "time" and value is not None:
        return time_text(value if isinstance(value, int) else None)
    return value


def write_json(table: Table, snapshot: Snapshot, file: BinaryIO) -> None:
    """The document `{"schema": 1, TABLE: [rows]}`, one row a line."""
    file.write(f'{{"schema": {SCHEMA}, "{table.name}": ['.encode())
    before = "\n"
    for row in json_rows(table, snapshot):
        file.write(f"{before}{json_text(row)}".encode())
        before = ",\n"
    file.write(b"\n]}\n")


def write_md(table: Table, snapshot: Snapshot, file: BinaryIO) -> None:
    """The table as a Markdown table."""
    for line in md_lines(table.columns, table.rows(snapshot)):
        file.write(f"{line}\n".encode())


def md_lines(columns: tuple[Column, ...], rows: Iterable[Row]) -> Iterator[str]:
    """The lines of a Markdown table: artifact text in code spans, rates with 4 decimals, shares in percent."""
    yield f"| {' | '.join(column.name for column in columns)} |"
    yield f"| {' | '.join('---:' if column.kind in _NUMBERS else '---' for column in columns)} |"
    names = [column.name for column in columns]
    beside = {names.index(one): names.index(other) for one, other in _COMPARED if {one, other} <= set(names)}
    for row in rows:
        cells = [md_value(column, value) for column, value in zip(columns, row, strict=True)]
        for at, other in beside.items():
            cells[at] = _rate_beside(row[at], row[other])
        yield f"| {' | '.join(cells)} |"


_COMPARED: Final = (("unknown_rate", "cut"), ("cut", "unknown_rate"), ("peak", "cut"), ("cut", "peak"))
"""Columns of rates of which one is above the other: their figures say so too."""


def _rate_beside(rate: Value, other: Value) -> str:
    one, two = (value if isinstance(value, float) else None for value in (rate, other))
    return rate_beside(one, two)


_NUMBERS: Final = frozenset({"count", "rate", "share"})


def md_value(column: Column, value: Value) -> str:
    """One cell of a Markdown table; `-` is none."""
    if value is None or value == ():
        return MISSING
    if isinstance(value, tuple):
        return ", ".join(code_span(item) for item in value)
    if column.kind == "time":
        return time_text(value if isinstance(value, int) else None)
    if isinstance(value, float):
        return format_rate(value) if column.kind == "rate" else share_shown(value)
    return code_span(str(value)) if column.kind == "text" else str(value)  # our own words and counts are plain


Writer = Callable[[Table, Snapshot, BinaryIO], None]

FORMATS: Final[dict[str, Writer]] = {"csv": write_csv, "json": write_json, "md": write_md}
"""How `export --format` writes a table; the key is also the file's suffix."""
