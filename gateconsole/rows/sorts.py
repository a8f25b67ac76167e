"""By what runs can be sorted, and what a row of the list is. No polars."""

from __future__ import annotations

import difflib
from typing import Final, NamedTuple

from gateconsole.model import Stratum, WhitelistState, artifact_path

COLUMNS: Final = {
    "time": True,
    "run": False,
    "policy": False,
    "stratum": False,
    "outcome": True,
    "rate": True,
    "reasons": False,
    "state": False,
    "path": False,
}
"""Every column runs can be sorted by, and whether it falls at first: latest, worst and highest first."""


class Sort(NamedTuple):
    """A column and a direction. Runs without the value come last in both; ties stand newest first (rule G5)."""

    column: str = "time"
    falling: bool = True

    def __str__(self) -> str:
        return f"{self.column}:{'falling' if self.falling else 'rising'}"

    def turned(self) -> Sort:
        """The same column the other way round."""
        return Sort(self.column, not self.falling)

    def next(self) -> Sort:
        """The next column, in its first direction."""
        names = list(COLUMNS)
        name = names[(names.index(self.column) + 1) % len(names)]
        return Sort(name, COLUMNS[name])


NEWEST_FIRST: Final = Sort()
"""How the list of runs begins; undated runs are last."""

SERIES_ORDER: Final = Sort("time", falling=False)
"""The order of rule G5, in which files are written."""


class SortError(Exception):
    """A text is no sort; the text says what is wrong and what can be written."""


def parse_sort(text: str) -> Sort:
    """`rate`, `rate:rising` or `rate:falling` as a Sort. Raises SortError."""
    column, colon, direction = text.partition(":")
    if column not in COLUMNS:
        near = difflib.get_close_matches(column, COLUMNS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(COLUMNS)}"
        raise SortError(f"no column {column!r} to sort by: {hint}")
    if not colon:
        return Sort(column, COLUMNS[column])
    if direction not in {"rising", "falling"}:
        raise SortError(f"no direction {direction!r}: write {column}:rising or {column}:falling")
    return Sort(column, direction == "falling")


class RunRow(NamedTuple):
    """One run as listed (rules 2.1, G18). Raw text; `timestamp` in microseconds UTC, `unknown_rate` a fraction."""

    run_id: str
    timestamp: int | None
    policy_hash: str
    outcome: str
    unknown_rate: float | None
    top_reasons: tuple[str, ...]
    stratum: Stratum | None
    folder: str
    whitelist_state: WhitelistState
    whitelisted_reasons: tuple[str, ...]
    unlisted_reasons: tuple[str, ...]
    job: str | None = None
    attempt: int | None = None

    @property
    def path(self) -> str:
        """The artifact's path relative to ROOT."""
        return artifact_path(self.folder)

    @property
    def key(self) -> str:
        """What the cursor sticks to: one run a folder."""
        return self.folder
