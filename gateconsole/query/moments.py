"""Times as people write them -> ranges of microseconds UTC. Pure: `now` is passed in.

`2h` counts back from now, from its full second; from its full minute if it is an hour or more: so that what is in
sight does not change with every tick. `02-18` and `09:30` are the latest that are not in the future. Every time that
the console itself writes can be read here.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Final, NamedTuple

EXAMPLES: Final = "2026-02-18, 02-18..02-20, 09:30..10:15, 2026-02-18T09:30.., 2h, today"

_SECOND: Final = 1_000_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_UNITS: Final = {"s": _SECOND, "m": _MINUTE, "h": _HOUR, "d": _DAY, "w": 7 * _DAY}
_EPOCH: Final = date(1970, 1, 1).toordinal()
_FAR: Final = 2**62
_FINEST: Final = 6
"""Digits of a second that are told apart."""

_BACK: Final = re.compile(r"(\d{1,9})([smhdw])", re.ASCII)
_DATE: Final = r"(?:(?P<year>\d{4})-)?(?P<month>\d\d)-(?P<day>\d\d)"
_ZONE: Final = r"(?:z|(?P<sign>[+-])(?P<ahead>\d\d)(?::?(?P<ahead_minutes>\d\d))?)?"
_CLOCK: Final = rf"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{{1,18}}))?)?{_ZONE}"
_POINT: Final = re.compile(f"{_DATE}(?:[t ]{_CLOCK})?", re.ASCII)
_TODAY: Final = re.compile(_CLOCK, re.ASCII)
_MONTH: Final = re.compile(r"(\d{4})-(\d\d)", re.ASCII)
_DAYS: Final = {"today": 0, "yesterday": 1}


class TimeRangeError(Exception):
    """A text is no time; the text says what is wrong with it."""


class TimeRange(NamedTuple):
    """A range of times as written: where it begins, where it ends (included); "" is open."""

    first: str
    last: str


def parse_time_range(text: str, key: str) -> TimeRange:
    """The range that a value of `time:`, `since:` or `until:` means. Raises TimeRangeError."""
    plain = text.lower()
    first, dots, last = plain.partition("..")
    if dots and key != "time":
        raise TimeRangeError(f"{key}: takes one time, not a range")
    for point in (first, last):
        if point or not (first or last):
            _interval(point, now=0)
    if dots:
        _check_order(first, last)
        return TimeRange(first, last)
    if key == "since" or (key == "time" and _BACK.fullmatch(plain)):
        return TimeRange(plain, "")
    return TimeRange("", plain) if key == "until" else TimeRange(plain, plain)


def to_micros(written: TimeRange, now: int) -> tuple[int | None, int | None]:
    """A range as (first microsecond, first microsecond after it); None is open."""
    first = _interval(written.first, now)[0] if written.first else None
    last = _interval(written.last, now)[1] if written.last else None
    return first, last


def _check_order(first: str, last: str) -> None:
    """With both years given, a range that ends before it begins is a slip."""
    dated = [re.match(r"\d{4}-", point) for point in (first, last)]
    if all(dated) and _interval(first, 0)[0] >= _interval(last, 0)[1]:
        raise TimeRangeError(f"{first}..{last} ends before it begins")


def _interval(point: str, now: int) -> tuple[int, int]:
    """The time as (its first microsecond, the first one after it)."""
    back = _BACK.fullmatch(point)
    if back:
        amount = int(back[1]) * _UNITS[back[2]]
        moment = now - now % (_MINUTE if amount >= _HOUR else _SECOND) - amount
        moment = max(moment, -_FAR)
        return moment, moment + 1
    today = now // _DAY * _DAY
    if point in _DAYS:
        begin = today - _DAYS[point] * _DAY
        return begin, begin + _DAY
    clock = _TODAY.fullmatch(point)
    if clock:
        offset, length = _clock(clock)
        begin = now - (now - offset) % _DAY
        return begin, begin + length
    month = _MONTH.fullmatch(point)
    if month:
        return _month(month)
    found = _POINT.fullmatch(point)
    if not found:
        raise TimeRangeError(f"no time {point!r}")
    begin = _midnight(found, now)
    if found["hour"] is None:
        return begin, begin + _DAY
    offset, length = _clock(found)
    return begin + offset, begin + offset + length


def _clock(found: re.Match[str]) -> tuple[int, int]:
    """A time of day as microseconds after midnight UTC, and how long it lasts: as long as its last digit says."""
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > 59:
        raise TimeRangeError(f"no time of day {found[0]!r}")
    offset = hour * _HOUR + minute * _MINUTE + second * _SECOND - _zone(found)
    digits = (found["fraction"] or "")[:_FINEST]
    if digits:
        length = 10 ** (_FINEST - len(digits))
        return offset + int(digits) * length, length
    return offset, _SECOND if found["second"] else _MINUTE


def _zone(found: re.Match[str]) -> int:
    """How far ahead of UTC a time is written, in microseconds."""
    hours, minutes = int(found["ahead"] or 0), int(found["ahead_minutes"] or 0)
    if hours > 23 or minutes > 59:
        raise TimeRangeError(f"no zone {found[0][found.start('sign') - found.start() :]!r}")
    ahead = hours * _HOUR + minutes * _MINUTE
    return -ahead if found["sign"] == "-" else ahead


def _month(found: re.Match[str]) -> tuple[int, int]:
    """A month of a year as (its first microsecond, the first one after it)."""
    year, month = int(found[1]), int(found[2])
    try:
        first = date(year, month, 1).toordinal()
    except ValueError:
        raise TimeRangeError(f"no month {found[0]!r}") from None
    return (first - _EPOCH) * _DAY, (first + monthrange(year, month)[1] - _EPOCH) * _DAY


def _midnight(found: re.Match[str], now: int) -> int:
    """Where a date begins; without a year it is the latest that is not in the future."""
    month, day = int(found["month"]), int(found["day"])
    today = now // _DAY + _EPOCH
    try:
        if found["year"]:
            return (date(int(found["year"]), month, day).toordinal() - _EPOCH) * _DAY
        date(2000, month, day)
    except ValueError:
        raise TimeRangeError(f"no date {found[0]!r}") from None
    this_year = date.fromordinal(min(max(today, 3000), 3_600_000)).year
    years = (year for year in range(this_year, this_year - 9, -1) if _held(year, month, day) <= today)
    return (_held(next(years), month, day) - _EPOCH) * _DAY


def _held(year: int, month: int, day: int) -> int:
    """The ordinal of a date; one that this year lacks (02-29) lies beyond every day."""
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return _FAR
