"""Reasons + stratum -> listed or not (DOMAIN rows 16-18). Pure: no file, no clock, no pattern matching."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import compress
from operator import not_
from typing import Final, NamedTuple, get_args

from gateconsole.model import (
    STATE_MIXED,
    STATE_NONE,
    STATE_NOT_WHITELISTED,
    STATE_WHITELISTED,
    Stratum,
    WhitelistState,
)
from gateconsole.whitelist.dates import is_over


class Entry(NamedTuple):
    """One whitelisted unknown class. `scope` None matches every stratum; dates are text as written (`2026-02-19`).

    From the day `expires_at` on the entry matches nothing (DOMAIN row 16).
    """

    reason: str
    justification: str = ""
    scope: Stratum | None = None
    added_by: str | None = None
    added_at: str | None = None
    review_by: str | None = None
    expires_at: str | None = None


_STRATA: Final[tuple[Stratum | None, ...]] = (*get_args(Stratum), None)


@dataclass(frozen=True, slots=True)
class Whitelist:
    """The entries of the file, or with a `problem` (the file is broken) those of the last list that was read.

    `expired`: entries whose day is over: they match nothing. `at` says which; until then every entry matches.
    """

    entries: tuple[Entry, ...] = ()
    problem: str | None = None
    expired: frozenset[Entry] = frozenset()
    _first: dict[tuple[str, Stratum | None], Entry] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for entry in self.entries:
            if entry in self.expired:
                continue
            for stratum in _STRATA if entry.scope is None else (entry.scope,):
                self._first.setdefault((entry.reason, stratum), entry)

    def at(self, now: int) -> Whitelist:
        """The same whitelist with the entries expired that are over at `now` (microseconds UTC); itself if it is so."""
        expired = frozenset(entry for entry in self.entries if entry.expires_at and is_over(entry.expires_at, now))
        return self if expired == self.expired else replace(self, expired=expired)

    def entry(self, reason: str, stratum: Stratum | None) -> Entry | None:
        """The first entry that lists this reason in runs of this stratum: the exact string, the exact scope or none."""
        return self._first.get((reason, stratum))

    def split(self, classes: tuple[str, ...], stratum: Stratum | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """A run's unknown classes as (listed, unlisted), each in the run's order."""
        listed = [(name, stratum) in self._first for name in classes]
        return tuple(compress(classes, listed)), tuple(compress(classes, map(not_, listed)))


EMPTY = Whitelist()


def state(listed: tuple[str, ...], unlisted: tuple[str, ...]) -> WhitelistState:
    """The state of a run whose unknown classes split like this (DOMAIN row 18)."""
    if listed:
        return STATE_MIXED if unlisted else STATE_WHITELISTED
    return STATE_NOT_WHITELISTED if unlisted else STATE_NONE
