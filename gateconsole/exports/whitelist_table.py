"""The table `whitelist` of `export`: every entry, and how it stands at the time it is told for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, Literal

from gateconsole.snapshot import Snapshot

if TYPE_CHECKING:
    from gateconsole.whitelist.states import Standing

WhitelistRow = tuple[str | tuple[str, ...] | int | None, ...]

ALL_RUNS: Final = "all"
"""The `scope` of an entry that holds for every run."""


FIELDS: Final[tuple[tuple[str, Literal["text", "word", "list", "count"]], ...]] = (
    ("number", "count"),
    ("reason", "text"),
    ("scope", "word"),
    ("justification", "text"),
    ("added_by", "text"),
    ("added_at", "text"),
    ("review_by", "text"),
    ("state", "word"),
    ("states", "list"),
    ("recent_hits", "count"),
    ("recent_runs", "count"),
    ("hits", "count"),
    ("days_left", "count"),
)
"""The columns behind `as_of`, with their kinds (`tables.Kind`)."""


def whitelist_rows(snapshot: Snapshot) -> Iterator[WhitelistRow]:
    """The entries in the file's order, judged by the Snapshot's runs and time (`--as-of`)."""
    from gateconsole.whitelist.states import standings

    runs = None if snapshot.runs is None else snapshot.runs()
    return rows_of(standings(snapshot.whitelist, runs, snapshot.taken_at), snapshot.taken_at)


def rows_of(found: Iterable[Standing], as_of: int) -> Iterator[WhitelistRow]:
    """Entries as rows; hits are null where no runs are known. `as_of`: microseconds UTC."""
    for one in found:
        entry, known = one.entry, one.of > 0
        yield (
            as_of,
            one.number,
            entry.reason,
            entry.scope or ALL_RUNS,
            entry.justification,
            entry.added_by,
            entry.added_at,
            entry.review_by,
            one.state,
            one.states,
            one.hits if known else None,
            one.of if known else None,
            one.hits_all if known else None,
            one.days,
        )
