"""How each entry of the whitelist stands: hits, review date, entries that get in each other's way. Pure.

A hit is a valid run in which the entry alone would list an unknown class (rules G15, G17).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

import polars as pl

from gateconsole.dates import days_left
from gateconsole.judgement.limits import UNUSED_DAYS
from gateconsole.model import Entry, Stratum, Whitelist
from gateconsole.statistics.judging_order import FUTURE
from gateconsole.text import counted, split_list

EntryState = Literal["expired", "duplicate", "shadowed", "unknown scope", "overdue", "review due", "unused", "active"]
"""expired: its last day is over, it matches nothing (then no other holds). duplicate: an earlier entry has the same
reason and scope. shadowed: an entry of all strata has the same reason. unknown scope: no run of the root is of this
stratum. overdue: the review day is over. review due: it is at most REVIEW_AHEAD days ahead. unused: no hit among the
valid runs of the last days. active: none of these."""

STATES: Final[tuple[EntryState, ...]] = (
    "expired", "duplicate", "shadowed", "unknown scope", "overdue", "review due", "unused", "active",
)  # fmt: skip
"""In the order in which they are told."""

REVIEW_AHEAD: Final = 14
"""Days before its review day an entry is due."""

_DAY: Final = 86_400_000_000


class EntryStatus(NamedTuple):
    """One entry as it stands. `number`: its place in the file, from 1; `states`: all that hold, in the order of STATES.

    `hits`: of the `of` valid runs of the last `within` days; `hits_all`: of all; `known`: whether there is any valid
    run; `days`: until the review day, negative when it is over, None without one; `note`: the states in words,
    printable.
    """

    number: int
    entry: Entry
    states: tuple[EntryState, ...]
    hits: int
    of: int
    hits_all: int
    days: int | None
    note: str
    within: int = UNUSED_DAYS
    known: bool = True

    @property
    def state(self) -> EntryState:
        """The first that holds."""
        return self.states[0]


def entry_statuses(
    whitelist: Whitelist, runs: pl.DataFrame | None, now: int, within: int = UNUSED_DAYS
) -> tuple[EntryStatus, ...]:
    """Every entry, in the file's order. `runs`: the root's (RUNS_SCHEMA), None: only the file is known.

    `within`: days before `now` (microseconds UTC) whose runs say whether an entry is used; runs ahead of it do not
    count, runs without a timestamp do. Where those days have no valid run nothing is unused, where there is none at
    all no scope is unknown.
    """
    whitelist = whitelist.at(now)
    tally = None if runs is None else _Tally(runs, now, within)
    firsts: dict[tuple[str, Stratum | None], int] = {}
    seats = []
    for number, entry in enumerate(whitelist.entries, 1):
        expired = entry in whitelist.expired
        first = number if expired else firsts.setdefault((entry.reason, entry.scope), number)
        shadowed = entry.scope is not None and whitelist.entry(entry.reason, None) is not None
        seats.append(_Seat(number, entry, first, shadowed, expired))
    return tuple(_standing(seat, tally, now, within) for seat in seats)


class _Seat(NamedTuple):
    """An entry among the others. `first`: the number of the first entry of its reason and scope."""

    number: int
    entry: Entry
    first: int
    shadowed: bool
    expired: bool


def _standing(seat: _Seat, tally: _Tally | None, now: int, within: int) -> EntryStatus:
    entry = seat.entry
    hits, hits_all = (0, 0) if tally is None or seat.expired else tally.hits(entry)
    days = days_left(entry.review_by, now)
    of = 0 if tally is None else tally.of
    known = tally is not None and tally.valid > 0
    unknown = tally is not None and known and entry.scope is not None and entry.scope not in tally.strata
    holds: dict[EntryState, bool] = {
        "expired": seat.expired,
        "duplicate": seat.first != seat.number,
        "shadowed": seat.shadowed,
        "unknown scope": unknown,
        "overdue": days is not None and days < 0,
        "review due": days is not None and 0 <= days <= REVIEW_AHEAD,
        "unused": (of > 0 and not hits) or (known and not hits_all),
        "active": False,
    }
    states = ("expired",) if seat.expired else tuple(state for state in STATES if holds[state]) or ("active",)
    made = EntryStatus(seat.number, entry, states, hits, of, hits_all, days, "", within, known)
    return made._replace(note="; ".join(_words(made, seat.first)))


def _words(standing: EntryStatus, first: int) -> Iterator[str]:
    days = standing.days or 0
    window = f"in the last {counted(standing.within, 'day')} ({counted(standing.of, 'valid run')})"
    words: dict[EntryState, str] = {
        "expired": f"expired on {(standing.entry.expires_at or '')[:10]}: it matches nothing",
        "duplicate": f"the same reason and scope as entry {first}",
        "shadowed": "an entry for all runs covers it",
        "unknown scope": f"no run is {standing.entry.scope}",
        "overdue": f"review overdue by {-days} {_days(days)}{', still matching' if standing.hits else ''}",
        "review due": f"review due {'today' if not days else f'in {days} {_days(days)}'}",
        "unused": f"no hit {window}" if standing.of else "no hit in any run",
        "active": f"{counted(standing.hits, 'hit')} {window}"
        if standing.of
        else f"no valid run in the last {counted(standing.within, 'day')}"
        if standing.known
        else "active",
    }
    yield from (words[state] for state in standing.states)


def _days(days: int) -> str:
    return "day" if abs(days) == 1 else "days"


class _Tally:
    """Runs by class and stratum: in all, and among the valid ones of the last days."""

    def __init__(self, runs: pl.DataFrame, now: int, within: int) -> None:
        limit = pl.lit(now + FUTURE).cast(pl.Datetime("us"))
        due = pl.col("timestamp").is_null() | (pl.col("timestamp") <= limit)
        valid = runs.filter(due & pl.col("unknown_rate").is_not_null())
        begin = pl.lit(now - within * _DAY).cast(pl.Datetime("us"))
        last = valid.filter(pl.col("timestamp").is_null() | (pl.col("timestamp") > begin))
        self.valid, self.of = valid.height, last.height
        self.strata = set(runs["stratum"].drop_nulls().unique().cast(pl.String).to_list())
        self._all = _by_class(valid)
        self._last = _by_class(last)

    def hits(self, entry: Entry) -> tuple[int, int]:
        """Hits among the valid runs of the last days, and of all runs."""
        recent, every = (
            sum(runs for stratum, runs in counts.get(entry.reason, {}).items() if entry.scope in {None, stratum})
            for counts in (self._last, self._all)
        )
        return recent, every


def _by_class(runs: pl.DataFrame) -> dict[str, dict[str | None, int]]:
    mixes = (
        runs.lazy()
        .filter(pl.col("unknown_rate") > 0)
        .group_by(pl.col("reasons").cast(pl.String), pl.col("stratum").cast(pl.String))
        .len()
        .collect()
    )
    counts: dict[str, Counter[str | None]] = {}
    for reasons, stratum, number in mixes.iter_rows():
        for name in split_list(reasons):
            counts.setdefault(name, Counter())[stratum] += number
    return {name: dict(each) for name, each in counts.items()}


def review_order(found: Sequence[EntryStatus]) -> list[EntryStatus]:
    """The entries with the most pressing first: by state, then review day, then place in the file."""
    return sorted(found, key=lambda one: (STATES.index(one.state), one.days is None, one.days or 0, one.number))
