"""The table `whitelist` of `export`: every entry, and how it stands at the time it is told for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from gateconsole.exports.column import Row, columns_of_kind
from gateconsole.snapshot import Snapshot

if TYPE_CHECKING:
    from gateconsole.whitelist.entry_status import EntryStatus

ALL_RUNS: Final = "all"
"""The `scope` of an entry that holds for every run."""


WHITELIST_COLUMNS: Final = (
    *columns_of_kind("count", "number"),
    *columns_of_kind("text", "reason"),
    *columns_of_kind("word", "scope"),
    *columns_of_kind("text", "justification", "added_by", "added_at", "review_by", "expires_at"),
    *columns_of_kind("word", "state"),
    *columns_of_kind("list", "states"),
    *columns_of_kind("count", "recent_hits", "recent_runs", "hits", "days_left"),
)
"""What is said of an entry, behind `as_of`."""


def whitelist_rows(snapshot: Snapshot) -> Iterator[Row]:
    """The entries in the file's order, judged by the Snapshot's runs and time (`--as-of`)."""
    from gateconsole.whitelist.entry_status import entry_statuses

    runs = None if snapshot.runs is None else snapshot.runs()
    found = entry_statuses(snapshot.whitelist, runs, snapshot.taken_at, snapshot.yardstick.unused_days)
    return rows_of(found, snapshot.taken_at)


def rows_of(found: Iterable[EntryStatus], as_of: int) -> Iterator[Row]:
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
