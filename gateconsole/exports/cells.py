"""One cell of an export: rates, times, text, lists. Shared by every table, so the formats cannot drift apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from gateconsole.text import csv_text

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def rate_text(rate: float | None) -> str:
    """A rate in shortest form without exponent (`0.00001`, `0.0`); empty when null (DOMAIN 2.3)."""
    if rate is None:
        return ""
    shown = repr(rate)
    return shown if "e" not in shown else format(Decimal(shown), "f")


def time_text(micros: int | None) -> str:
    """Microseconds since 1970 UTC as `2026-03-01T00:00:00Z`, the fraction only when not 0; empty when null."""
    if micros is None:
        return ""
    moment = _EPOCH + timedelta(microseconds=micros)
    whole = moment.replace(tzinfo=None, microsecond=0).isoformat()
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    return f"{whole}{fraction}Z"


def csv_cell(text: str) -> str:
    """Text as one CSV cell: printable, no formula, quoted only when it must be."""
    return quoted(csv_text(text))


def quoted(cell: str) -> str:
    """A cell quoted only when a comma or a quote demands it; printable text has no line break."""
    if "," not in cell and '"' not in cell:
        return cell
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'
