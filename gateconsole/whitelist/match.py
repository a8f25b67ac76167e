"""Reasons + stratum -> listed or not (DOMAIN rows 16-18). Pure: no file, no clock, no pattern matching."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from gateconsole.model import (
    STATE_MIXED,
    STATE_NONE,
    STATE_NOT_WHITELISTED,
    STATE_WHITELISTED,
    Stratum,
    WhitelistState,
)


class Entry(NamedTuple):
    """One whitelisted unknown class. `scope` None matches every stratum; dates are text as written (`2026-02-19`)."""

    reason: str
    justification: str = ""
    scope: Stratum | None = None
    added_by: str | None = None
    added_at: str | None = None
    review_by: str | None = None


@dataclass(frozen=True, slots=True)
class Whitelist:
    """The entries in force. With a `problem` (the file is broken) there are none, and the problem is shown."""

    entries: tuple[Entry, ...] = ()
    problem: str | None = None
    _by_reason: dict[str, tuple[Entry, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for entry in self.entries:
            self._by_reason[entry.reason] = (*self._by_reason.get(entry.reason, ()), entry)

    def entry(self, reason: str, stratum: Stratum | None) -> Entry | None:
        """The entry that lists this reason in a run of this stratum: the exact string, the exact scope or none."""
        for entry in self._by_reason.get(reason, ()):
            if entry.scope is None or entry.scope == stratum:
                return entry
        return None

    def split(self, classes: tuple[str, ...], stratum: Stratum | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """A run's unknown classes as (listed, unlisted), each in the run's order."""
        listed = tuple(name for name in classes if self.entry(name, stratum))
        return listed, tuple(name for name in classes if name not in listed)


EMPTY = Whitelist()


def state(listed: tuple[str, ...], unlisted: tuple[str, ...]) -> WhitelistState:
    """The state of a run whose unknown classes split like this (DOMAIN row 18)."""
    if listed:
        return STATE_MIXED if unlisted else STATE_WHITELISTED
    return STATE_NOT_WHITELISTED if unlisted else STATE_NONE
