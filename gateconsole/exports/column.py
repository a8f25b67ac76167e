"""One column of a table: its name in every format, and the kind of its values."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["text", "word", "list", "count", "rate", "share", "time"]
"""text: artifact text (str, raw). word: our own word (str) or null. list: texts (tuple of str, raw). count: int.
rate: fraction of checks, share: fraction of runs (float or null). time: microseconds since 1970 UTC (int or null)."""

Value = str | tuple[str, ...] | int | float | None
Row = tuple[Value, ...]


class Column(NamedTuple):
    """One column: its name in every format, the kind of its values."""

    name: str
    kind: Kind


def columns_of_kind(kind: Kind, *names: str) -> tuple[Column, ...]:
    """Columns of one kind."""
    return tuple(Column(name, kind) for name in names)
