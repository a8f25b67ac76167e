"""What may stand after a key: each value checked once, when it is read."""

from __future__ import annotations

import difflib
import re
from typing import Final

from gateconsole.model import NONE, OUTCOMES
from gateconsole.query.moments import TimeRangeError, parse_time_range
from gateconsole.query.terms import CLOSED, KEYS, NO, TIMES, Term, Value

_NUMBER: Final = r"(?:\d+\.?\d*|\.\d+)"
_RATE: Final = re.compile(rf"(?:(>=|<=|>|<)?({_NUMBER})|({_NUMBER})?\.\.({_NUMBER})?)", re.ASCII)


class QueryValueError(Exception):
    """A value its key cannot take: what is wrong, and what to write instead."""

    def __init__(self, text: str, hint: str) -> None:
        super().__init__(text)
        self.hint = hint


def expected_values(key: str) -> str:
    """What may stand after this key, for a hint."""
    return f"expected {KEYS[key]}" if key else 'write what to look for; "..." holds blanks, commas and colons'


def validate(key: str, value: Value) -> Value:
    """The value as it is kept. Raises QueryValueError."""
    if key in CLOSED:
        return _word(key, value)
    if key == "rate":
        return _rate(value.text)
    if key not in TIMES:
        return value
    try:
        parse_time_range(value.text, key)
    except TimeRangeError as wrong:
        raise QueryValueError(str(wrong), expected_values(key)) from None
    return Value(value.text.lower())


def _word(key: str, value: Value) -> Value:
    """One of a key's own words, in any case; an outcome of another word is written `outcome:=WORD`."""
    if key == "outcome" and value.whole:
        return Value(value.text) if value.text in OUTCOMES else value
    known = {word.lower(): word for word in CLOSED[key]} | {NONE: NO}
    plain = value.text.lower()
    if plain in known:
        return Value(known[plain])
    near = difflib.get_close_matches(plain, known, n=1)
    hint = f"did you mean {known[near[0]]}?" if near else f"there are {', '.join(CLOSED[key])}"
    literal = f"; another word is asked for as {Term(key, (value._replace(whole=True),))}" if key == "outcome" else ""
    raise QueryValueError(f"no {key} {value.text!r}", hint + literal)


def _rate(text: str) -> Value:
    if text.lower() == NO:
        return Value(NO)
    found = _RATE.fullmatch(text)
    if not found or text == "..":
        raise QueryValueError(f"no rate {text!r}", expected_values("rate"))
    if any(float(number) > 1 for number in found.group(2, 3, 4) if number):
        raise QueryValueError(f"a rate is at most 1, not {text}", "7.5 % is written 0.075")
    return Value(text)


def rate_bounds(text: str) -> tuple[str, float, float]:
    """A checked rate as (`>`, `>=`, `<`, `<=` or `..`, lower, upper); one number is both bounds."""
    found = _RATE.fullmatch(text)
    if not found:
        raise ValueError(text)
    if found[2]:
        return found[1] or "..", float(found[2]), float(found[2])
    return "..", float(found[3] or 0), float(found[4] or 1)
