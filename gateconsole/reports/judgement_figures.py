"""The figures of judgement in words: values, limits and intervals as report and commands print them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateconsole.exports.cells import share_shown
from gateconsole.view import MISSING, format_count, format_rate, interval_beside

if TYPE_CHECKING:
    from gateconsole.judgement.false_positives import Share
    from gateconsole.judgement.readiness import Row
    from gateconsole.statistics.intervals import Limits

STATISTICS: Final = {"p95": "p95-based", "median": "median-based"}
"""Statistic of a proposal -> how it is called."""

_LEAST_P: Final = 0.0001


def state_text(row: Row) -> str:
    """Its state: `met`, or `met, not sure` when the interval lies on both sides of the limit."""
    doubtful = row.state in {"met", "not met"} and not row.sure
    return f"{row.state}, not sure" if doubtful else row.state


def share_interval(limits: Limits | None) -> str:
    """The limits of a share of runs in percent: `2.3 to 7.9 %`."""
    return MISSING if limits is None else interval_beside(limits)


def interval(limits: Limits | None) -> str:
    """The limits of a difference or a ratio with 4 decimals: `-0.0425 to 0.2199`."""
    return MISSING if limits is None else f"{format_rate(limits.lower)} to {format_rate(limits.upper)}"


def p_text(p: float | None) -> str:
    """A p-value with 4 decimals; `< 0.0001` rather than 0."""
    return "< 0.0001" if p is not None and p < _LEAST_P else format_rate(p)


def share_text(share: Share) -> str:
    """A share with where it comes from: `25.0 % (1 of 4)`; `-` for none at all."""
    return f"{share_shown(share.value)} ({format_count(share.runs)} of {format_count(share.n)})" if share.n else MISSING
