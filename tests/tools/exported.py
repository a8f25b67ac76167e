"""A table as `export` writes it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from gateconsole.exports.formats import FORMATS
from gateconsole.exports.tables import TABLES
from gateconsole.snapshot import Snapshot


def export(table: str, form: str, snapshot: Snapshot) -> str:
    """The whole file."""
    file = io.BytesIO()
    FORMATS[form](TABLES[table], snapshot, file)
    return file.getvalue().decode()


def csv_rows(table: str, snapshot: Snapshot) -> list[dict[str, str]]:
    """The rows of the CSV, as text."""
    return list(csv.DictReader(io.StringIO(export(table, "csv", snapshot))))


def json_rows(table: str, snapshot: Snapshot) -> list[dict[str, Any]]:
    """The rows of the JSON document."""
    document = json.loads(export(table, "json", snapshot))
    assert document["schema"] == 1
    rows: list[dict[str, Any]] = document[table]
    return rows
