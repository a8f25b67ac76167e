"""Terms -> one polars expression over the runs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import polars as pl

from gateconsole.model import NONE, OUTCOMES
from gateconsole.query.moments import parse_time_range, to_micros
from gateconsole.query.terms import COLUMNS, NO, OTHER, TIMES, WORD, Term, Value
from gateconsole.query.values import rate_bounds
from gateconsole.text import join_list

_ITEM: Final = r"(?:[^\\;]|\\.)"
"""One character of an item in a joined list, as a pattern."""


def expression(terms: Iterable[Term], now: int) -> pl.Expr:
    """True where every term holds; a missing field satisfies no term, and so every inverted one. Never null."""
    conditions = [~_term(term, now) if term.inverted else _term(term, now) for term in terms]
    return pl.all_horizontal(conditions) if conditions else pl.lit(True)


def _term(term: Term, now: int) -> pl.Expr:
    return pl.any_horizontal(_value(term.key, value, now) for value in term.values).fill_null(False)


def _value(key: str, value: Value, now: int) -> pl.Expr:
    if key == WORD:
        return pl.any_horizontal(
            _reason(value) if column == "reasons" else _part_of(pl.col(column), value.text) for column in COLUMNS[WORD]
        )
    if key in TIMES:
        return _time(key, value.text, now)
    if key == "rate":
        return _rate(value.text)
    if key == "reason":
        return _reason(value)
    column = pl.col(COLUMNS[key][0])
    if key == "outcome":
        return _outcome(column, value)
    if key == "state":
        return column == value.text
    if key == "job" and value == Value(NO):
        return column.is_null()
    if key == "stratum":
        return column.is_null() if value.text == NO else column == value.text
    return column == value.text if value.whole else _part_of(column, value.text)


def _part_of(column: pl.Expr, text: str) -> pl.Expr:
    return column.cast(pl.String).str.contains(_pattern(text))


def _pattern(text: str) -> str:
    """A text as a pattern for itself in any case, over line breaks too."""
    return "(?is)" + re.escape(text)


def _outcome(column: pl.Expr, value: Value) -> pl.Expr:
    if value.whole:
        return column == value.text
    if value.text == OTHER:
        return ~column.cast(pl.String).is_in([*OUTCOMES, NONE])
    return column == (NONE if value.text == NO else value.text)


def _reason(value: Value) -> pl.Expr:
    """Reasons are a joined list (`text.join_list`): a match begins and ends inside one item."""
    column = pl.col("reasons").cast(pl.String)
    item = join_list([value.text])
    if value.whole:
        return column.str.contains(f"(?s)^(?:{_ITEM}+;)*{re.escape(item)}(?:;|$)")
    if item == value.text:
        return column.str.contains(_pattern(item))
    return column.str.contains(f"(?is)^(?:{_ITEM}|;)*?{re.escape(item)}")


def _time(key: str, text: str, now: int) -> pl.Expr:
    first, after = to_micros(parse_time_range(text, key), now)
    moment = pl.col("timestamp").to_physical()
    conditions = [moment.is_not_null()]
    conditions += [moment >= first] if first is not None else []
    conditions += [moment < after] if after is not None else []
    return pl.all_horizontal(conditions)


def _rate(text: str) -> pl.Expr:
    rate = pl.col("unknown_rate")
    if text == NO:
        return rate.is_null()
    sign, lower, upper = rate_bounds(text)
    bounded = {">": rate > lower, ">=": rate >= lower, "<": rate < upper, "<=": rate <= upper}
    return bounded.get(sign, (rate >= lower) & (rate <= upper))
