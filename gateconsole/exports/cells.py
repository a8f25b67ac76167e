"""One cell of an export: rates, times, text, lists. Shared by every format, so they cannot drift apart."""

from __future__ import annotations

from decimal import Decimal

from gateconsole.text import csv_text, iso_time
from gateconsole.view import MISSING, format_percent


def rate_text(rate: float | None) -> str:
    """A rate in shortest form without exponent (`0.00001`, `0.0`); empty when null (rules 2.3)."""
    if rate is None:
        return ""
    shown = repr(rate)
    return shown if "e" not in shown else format(Decimal(shown), "f")


def share_shown(share: float | None) -> str:
    """A share of runs for people: percent with one decimal (`7.6 %`), `100 %` only when it is all; `-` when null."""
    return MISSING if share is None else format_percent(*share.as_integer_ratio())


def time_text(micros: int | None) -> str:
    """Microseconds since 1970 UTC as `2026-03-01T00:00:00Z`, the fraction only when not 0; empty when null."""
    return "" if micros is None else iso_time(micros)


def csv_cell(text: str) -> str:
    """Text as one CSV cell: printable, no formula; quoted only when it holds a comma, a `;` or a quote (rules 2.3)."""
    cell = csv_text(text)
    if "," not in cell and ";" not in cell and '"' not in cell:
        return cell
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'
