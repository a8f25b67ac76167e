"""The whitelist's entries as rows of a list: columns and cells. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from gateconsole.dates import date_of
from gateconsole.judgement.limits import UNUSED_DAYS
from gateconsole.model import Entry, Stratum
from gateconsole.tui.theme.paint import Parts, width_of
from gateconsole.tui.widgets.columns import Column
from gateconsole.view import MISSING, format_count
from gateconsole.whitelist.entry_status import EntryState, EntryStatus

MARKS: Final[dict[EntryState, tuple[str, str]]] = {
    "expired": ("✗", "notice"),
    "active": ("✓", "good"),
    "unused": ("○", "muted"),
    "review due": ("△", "notice"),
    "overdue": ("△", "notice"),
    "shadowed": ("·", "notice"),
    "duplicate": ("·", "notice"),
    "unknown scope": ("○", "notice"),
}
"""A state -> its mark and its ink. None is an alarm: `▲` stands for what fires or is broken."""

UNKNOWN: Final = "?"
"""Stands for "cannot tell yet"."""

_REASON_MOST: Final = 40
_BY_MOST: Final = 16


class EntryKey(NamedTuple):
    """What the cursor sticks to: reason, scope, and which of those alike it is."""

    reason: str
    scope: Stratum | None
    occurrence: int


class EntryLine(NamedTuple):
    """An entry as a row. `counted`: whether the runs were gone through; `today`: midnight, microseconds UTC."""

    key: EntryKey
    standing: EntryStatus
    counted: bool
    today: int


def entry_lines(
    found: Iterable[EntryStatus], everything: Sequence[EntryStatus], counted: bool, today: int
) -> list[EntryLine]:
    """The entries found, in their order, as rows; `everything`: all entries, which the keys are counted among."""
    seen: dict[tuple[str, Stratum | None], int] = {}
    keys: dict[int, EntryKey] = {}
    for one in everything:
        pair = one.entry.reason, one.entry.scope
        keys[one.number] = EntryKey(*pair, seen.setdefault(pair, 0))
        seen[pair] += 1
    return [EntryLine(keys[one.number], one, counted, today) for one in found]


def entry_columns(lines: Sequence[EntryLine], width: int) -> list[Column]:
    """REASON to STATE; what does not fit goes to the detail."""
    reasons = max((_width(line.standing.entry.reason, _REASON_MOST) for line in lines), default=14)
    who = max((_width(line.standing.entry.added_by or "", _BY_MOST) for line in lines), default=2)
    hits = f"HITS/{lines[0].standing.within if lines else UNUSED_DAYS}d"
    states = max((len(", ".join(line.standing.states)) + 2 for line in lines), default=8)
    return [
        Column("reason", "REASON", 14, max(min(reasons, width // 3), 14), grow=1),
        Column("scope", "SCOPE", 8),
        Column("justification", "JUSTIFICATION", 13, 96, grow=3),
        Column("by", "BY", 4, max(who, 4), drop=3, grow=2),
        Column("added", "ADDED", 7, 10, drop=4, grow=4),
        Column("review", "REVIEW", 10),
        Column("hits", hits, len(hits), align="right"),
        Column("standing", "STATE", 15, max(min(states, 32), 15), grow=2),
    ]


def _width(text: str, most: int) -> int:
    return min(width_of(((text[:most], ""),)), most)


def entry_cell(line: EntryLine, column: str, width: int) -> Parts:
    """One cell of an entry's row."""
    one, entry = line.standing, line.standing.entry
    match column:
        case "reason":
            return ((entry.reason, "strong"),)
        case "scope":
            return ((entry.scope or "all", "text" if entry.scope else "muted"),)
        case "justification":
            return ((entry.justification or MISSING, "text" if entry.justification else "muted"),)
        case "by":
            return ((entry.added_by or MISSING, "muted"),)
        case "added":
            return ((day_text(entry.added_at, line.today, width), "muted"),)
        case "review":
            return ((day_text(entry.review_by, line.today), review_ink(one)),)
        case "hits":
            if not line.counted:
                return ((UNKNOWN, "muted"),)
            return ((format_count(one.hits), "text" if one.hits else "muted"),)
    return state_parts(one, width)


def review_ink(one: EntryStatus) -> str:
    """The ink of a review date."""
    return "notice" if {"overdue", "review due"} & set(one.states) else "text"


def state_parts(one: EntryStatus, width: int) -> Parts:
    """Mark and words of the states that hold: all of them, or the first and how many more."""
    mark, ink = MARKS[one.state]
    words = ", ".join(one.states)
    if len(words) + 2 > width:
        more = len(one.states) - 1
        words = f"{one.state} +{more}" if more else one.state
    return ((f"{mark} ", ink), (words, ink))


def day_text(text: str | None, now: int, width: int = 10) -> str:
    """A day of the file: `05-20` in the year of `now`, else `2027-05-20` (`2027-05`); what is no day as written."""
    if not text:
        return MISSING
    day = date_of(text)
    if day is None:
        return text
    if day.year == datetime.fromtimestamp(now // 1_000_000, UTC).year:
        return f"{day:%m-%d}"
    return day.isoformat() if width >= 10 else day.isoformat()[:7]


def scope_text(entry: Entry) -> str:
    """The runs an entry is for, in words."""
    return f"{entry.scope} runs only" if entry.scope else "all runs"
