"""The whitelist's entries as they are listed: each as it stands, in an order, filtered. Any thread may ask.

The filter is that of the runs: `reason:` asks for the entry's class, `policy:` for policies that have runs of it,
`stratum:` for the strata it is for, and a bare word also for what the list says (justification, who, dates, state).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from gateconsole.dates import date_of
from gateconsole.model import STATE_WHITELISTED, STRATA, Stratum
from gateconsole.query import EVERYTHING, Query
from gateconsole.query.run_like_rows import matching_row_numbers
from gateconsole.rows.sorts import Sort
from gateconsole.snapshot import Snapshot
from gateconsole.text import join_list
from gateconsole.whitelist.entry_status import STATES, EntryStatus, entry_statuses
from gateconsole.whitelist.lookalikes import LookAlike, find_look_alikes

WHITELIST_COLUMNS: Final = {
    "reason": False,
    "scope": False,
    "justification": False,
    "by": False,
    "added": True,
    "review": False,
    "hits": True,
    "standing": False,
}
"""Every column entries can be sorted by, and whether it falls at first; `standing` rises from what presses most."""

BY_REASON: Final = Sort("reason", False)


class WhitelistRows(NamedTuple):
    """The entries of a whitelist: all as they stand, in the file's order, and the classes that runs have."""

    standings: tuple[EntryStatus, ...] = ()
    classes: tuple[str, ...] = ()


def listed_entries(snapshot: Snapshot) -> WhitelistRows:
    """Every entry as it stands. Looks at every run: not for the event loop."""
    runs = snapshot.runs() if snapshot.runs is not None else None
    found = entry_statuses(snapshot.whitelist, runs, snapshot.taken_at, snapshot.yardstick.unused_days)
    return WhitelistRows(found, classes_of_series(snapshot))


def classes_of_series(snapshot: Snapshot) -> tuple[str, ...]:
    """Every unknown class of any policy, those of most runs first."""
    counts: dict[str, int] = {}
    for policy in snapshot.policies:
        for name, runs in policy.classes.select("class", "runs").iter_rows():
            counts[name] = counts.get(name, 0) + runs
    return tuple(sorted(counts, key=lambda name: (-counts[name], name)))


def look_alikes(reason: str, listed: Sequence[str], classes: Sequence[str]) -> tuple[tuple[LookAlike, bool], ...]:
    """Reasons that look like this one, each with whether it is listed; listed ones first."""
    found = find_look_alikes(reason, {*listed, *classes})
    return tuple(sorted(((one, one.reason in listed) for one in found), key=lambda one: not one[1]))


def entries_by(listed: Sequence[EntryStatus], sort: Sort) -> tuple[EntryStatus, ...]:
    """The entries in an order; those without the value last, ties by reason, scope and place in the file."""
    tied = sorted(listed, key=lambda one: (one.entry.reason, one.entry.scope or "", one.number))
    having = [one for one in tied if _value(one, sort.column) is not None]
    lacking = [one for one in tied if _value(one, sort.column) is None]
    return (*sorted(having, key=lambda one: _value(one, sort.column), reverse=sort.falling), *lacking)


def _value(one: EntryStatus, column: str) -> Any:
    """What an entry is compared by; None if it has no such value."""
    entry = one.entry
    match column:
        case "scope":
            return entry.scope or "all"
        case "justification":
            return entry.justification.casefold() or None
        case "by":
            return entry.added_by
        case "added":
            return entry.added_at
        case "review":
            return date_of(entry.review_by)
        case "hits":
            return one.hits
        case "standing":
            return STATES.index(one.state)
    return entry.reason


# the filter


def matching_entries(
    snapshot: Snapshot, listed: Sequence[EntryStatus], query: Query = EVERYTHING
) -> tuple[EntryStatus, ...]:
    """The entries that a filter finds, in their order."""
    if not query:
        return tuple(listed)
    found = matching_row_numbers(_rows(snapshot, listed), query, snapshot.taken_at)
    return tuple(one for one in listed if one.number in found)


def _rows(snapshot: Snapshot, listed: Sequence[EntryStatus]) -> Iterator[tuple[object, ...]]:
    """Every entry as the filter sees it: once for each policy that has its class, and each stratum it is for."""
    holding: dict[str, list[str]] = {}
    for policy in snapshot.policies:
        for name in policy.classes["class"]:
            holding.setdefault(name, []).append(policy.policy_hash)
    for one in listed:
        entry = one.entry
        dates = (entry.added_at or "", entry.review_by or "", entry.expires_at or "")
        said = "\n".join((entry.justification, entry.added_by or "", *dates, entry.scope or "all", *one.states))
        strata: tuple[Stratum | None, ...] = (entry.scope,) if entry.scope else (*STRATA, None)
        for policy_hash in holding.get(entry.reason, [None]):
            for stratum in strata:
                reasons = join_list([entry.reason])
                yield (
                    one.number, None, None, policy_hash, None, None, reasons, stratum, said, STATE_WHITELISTED, None,
                )  # fmt: skip


# for other programs


def entry_document(one: EntryStatus) -> dict[str, Any]:
    """An entry under the names of the table `whitelist`; hits are null where no runs are known."""
    entry, known = one.entry, one.known
    return {
        "number": one.number,
        "reason": entry.reason,
        "scope": entry.scope or "all",
        "justification": entry.justification,
        "added_by": entry.added_by,
        "added_at": entry.added_at,
        "review_by": entry.review_by,
        "expires_at": entry.expires_at,
        "state": one.state,
        "states": list(one.states),
        "recent_hits": one.hits if known else None,
        "recent_runs": one.of if known else None,
        "hits": one.hits_all if known else None,
        "days_left": one.days,
    }
