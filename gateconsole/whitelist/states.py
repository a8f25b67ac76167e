"""How each entry of the whitelist stands: hits, review date, entries that get in each other's way. Pure.

A hit is a valid run in which the entry alone would list an unknown class (DOMAIN rows 15, 17).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

import polars as pl

from gateconsole.model import Stratum
from gateconsole.series.order import in_order
from gateconsole.series.recent import FUTURE
from gateconsole.text import split_list
from gateconsole.whitelist.dates import days_left
from gateconsole.whitelist.match import Entry, Whitelist

EntryState = Literal["duplicate", "shadowed", "unknown scope", "overdue", "review due", "unused", "active"]
"""duplicate: an earlier entry has the same reason and scope. shadowed: an entry of all strata has the same reason.
unknown scope: no run of the root is of this stratum. overdue: the review day is over. review due: it is at most
REVIEW_AHEAD days ahead. unused: no hit among the last RECENT valid runs. active: none of these."""

STATES: Final[tuple[EntryState, ...]] = (
    "duplicate", "shadowed", "unknown scope", "overdue", "review due", "unused", "active",
)  # fmt: skip
"""In the order in which they are told."""

RECENT: Final = 40
"""Valid runs of the root, the last ones in the order of DOMAIN row 5, in which an entry is used or not."""

REVIEW_AHEAD: Final = 14
"""Days before its review day an entry is due."""


class Standing(NamedTuple):
    """One entry as it stands. `number`: its place in the file, from 1; `states`: all that hold, in the order of STATES.

    `hits`: of the last `of` valid runs (RECENT, or as many as there are; 0: no runs are known); `hits_all`: of all;
    `days`: until the review day, negative when it is over, None without one; `note`: the states in words, printable.
    """

    number: int
    entry: Entry
    states: tuple[EntryState, ...]
    hits: int
    of: int
    hits_all: int
    days: int | None
    note: str

    @property
    def state(self) -> EntryState:
        """The first that holds."""
        return self.states[0]


def standings(whitelist: Whitelist, runs: pl.DataFrame | None, now: int) -> tuple[Standing, ...]:
    """Every entry, in the file's order. `runs`: the root's (RUNS_SCHEMA), None: only the file is known.

    Without a valid run nothing is unused and no scope unknown. `now`: microseconds UTC; runs ahead of it do not count.
    """
    counted = None if runs is None else _Counted(runs, now)
    firsts: dict[tuple[str, Stratum | None], int] = {}
    seats = []
    for number, entry in enumerate(whitelist.entries, 1):
        first = firsts.setdefault((entry.reason, entry.scope), number)
        shadowed = entry.scope is not None and whitelist.entry(entry.reason, None) is not None
        seats.append(_Seat(number, entry, first, shadowed))
    return tuple(_standing(seat, counted, now) for seat in seats)


class _Seat(NamedTuple):
    """An entry among the others. `first`: the number of the first entry of its reason and scope."""

    number: int
    entry: Entry
    first: int
    shadowed: bool


def _standing(seat: _Seat, counted: _Counted | None, now: int) -> Standing:
    entry = seat.entry
    hits, hits_all = (0, 0) if counted is None else counted.hits(entry)
    days = days_left(entry.review_by, now)
    known = counted is not None and counted.of > 0
    unknown = counted is not None and known and entry.scope is not None and entry.scope not in counted.strata
    holds: dict[EntryState, bool] = {
        "duplicate": seat.first != seat.number,
        "shadowed": seat.shadowed,
        "unknown scope": unknown,
        "overdue": days is not None and days < 0,
        "review due": days is not None and 0 <= days <= REVIEW_AHEAD,
        "unused": known and not hits,
        "active": False,
    }
    states = tuple(state for state in STATES if holds[state]) or ("active",)
    of = 0 if counted is None else counted.of
    made = Standing(seat.number, entry, states, hits, of, hits_all, days, "")
    return made._replace(note="; ".join(_words(made, seat.first)))


def _words(standing: Standing, first: int) -> Iterator[str]:
    days = standing.days or 0
    words: dict[EntryState, str] = {
        "duplicate": f"the same reason and scope as entry {first}",
        "shadowed": "an entry for all runs covers it",
        "unknown scope": f"no run is {standing.entry.scope}",
        "overdue": f"review overdue by {-days} {_days(days)}{', still matching' if standing.hits else ''}",
        "review due": f"review due {'today' if not days else f'in {days} {_days(days)}'}",
        "unused": f"no hit in the last {_valid_runs(standing.of)}",
        "active": f"{standing.hits} {_hits(standing.hits)} in the last {_valid_runs(standing.of)}"
        if standing.of
        else "active",
    }
    yield from (words[state] for state in standing.states)


def _days(days: int) -> str:
    return "day" if abs(days) == 1 else "days"


def _valid_runs(number: int) -> str:
    return "valid run" if number == 1 else f"{number} valid runs"


def _hits(hits: int) -> str:
    return "hit" if hits == 1 else "hits"


class _Counted:
    """Runs by class and stratum: in all, and among the last valid ones."""

    def __init__(self, runs: pl.DataFrame, now: int) -> None:
        limit = pl.lit(now + FUTURE).cast(pl.Datetime("us"))
        due = pl.col("timestamp").is_null() | (pl.col("timestamp") <= limit)
        valid = runs.filter(due & pl.col("unknown_rate").is_not_null())
        last = _last(valid)
        self.of = last.height
        self.strata = set(runs["stratum"].drop_nulls().unique().cast(pl.String).to_list())
        self._all = _by_class(valid)
        self._last = _by_class(last)

    def hits(self, entry: Entry) -> tuple[int, int]:
        """Hits among the last valid runs, and of all runs."""
        recent, every = (
            sum(runs for stratum, runs in counts.get(entry.reason, {}).items() if entry.scope in {None, stratum})
            for counts in (self._last, self._all)
        )
        return recent, every


def _last(runs: pl.DataFrame) -> pl.DataFrame:
    """The last RECENT of these runs."""
    if runs.height > RECENT:
        undated = runs.filter(pl.col("timestamp").is_null())
        times = runs["timestamp"].drop_nulls().top_k(max(RECENT - undated.height, 0))
        dated = runs.filter(pl.col("timestamp") >= times.min()) if times.len() else runs.clear()
        runs = pl.concat([dated, undated])
    return in_order(runs).tail(RECENT)


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


def review_order(found: Sequence[Standing]) -> list[Standing]:
    """The entries with the most pressing first: by state, then review day, then place in the file."""
    return sorted(found, key=lambda one: (STATES.index(one.state), one.days is None, one.days or 0, one.number))
