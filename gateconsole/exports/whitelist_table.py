"""The table `whitelist` of `export`: every entry, and how it stands at the time it is told for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from gateconsole.exports.column import Row, columns
from gateconsole.snapshot import Snapshot

if TYPE_CHECKING:
    from gateconsole.whitelist.states import Standing

ALL_RUNS: Final = "all"
"""The `scope` of an entry that holds for every run."""


WHITELIST_COLUMNS: Final = (
    *columns("count", "number"),
    *columns("text", "reason"),
    *columns("word", "scope"),
    *columns("text", "justification", "added_by", "added_at", "review_by", "expires_at"),
    *columns("word", "state"),
    *columns("list", "states"),
    *columns("count", "recent_hits", "recent_runs", "hits", "days_left"),
)
"""What is said of an entry, behind `as_of`."""


def whitelist_rows(snapshot: Snapshot) -> Iterator[Row]:
    """The entries in the file's order, judged by the Snapshot's runs and time (`--as-of`)."""
    from gateconsole.whitelist.states import standings

    runs = None if snapshot.runs is None else snapshot.runs()
    found = standings(snapshot.whitelist, runs, snapshot.taken_at, snapshot.yardstick.unused_days)
    return rows_of(found, snapshot.taken_at)


def rows_of(found: Iterable[Standing], as_of: int) -> Iterator[Row]:
    """Entries as rows; hits are null where no runs are known. `as_of`: microseconds UTC."""
    for one in found:
        entry, known = one.entry, one.known
        yield (
            as_of,
            one.number,
            entry.reason,
            entry.scope or ALL_RUNS,
            entry.justification,
            entry.added_by,
            entry.added_at,
            entry.review_by,
            entry.expires_at,
            one.state,
            one.states,
            one.hits if known else None,
            one.of if known else None,
            one.hits_all if known else None,
            one.days,
        )
