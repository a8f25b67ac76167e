"""The whitelist's entries as the lines of a plain page."""

from __future__ import annotations

from collections.abc import Sequence

from gateconsole.judgement.limits import UNUSED_DAYS
from gateconsole.tui.shell.plain_list import Listing
from gateconsole.tui.whitelist.cells import UNKNOWN, EntryLine
from gateconsole.view import MISSING, format_count


def entries_listing(lines: Sequence[EntryLine]) -> Listing:
    """The entries of the whitelist; the justification, which may be long, is last."""
    within = lines[0].standing.within if lines else UNUSED_DAYS
    names = ("REASON", "SCOPE", "BY", "ADDED", "REVIEW", f"HITS/{within}d", "HITS", "STATE", "JUSTIFICATION")
    left = frozenset({0, 1, 2, 3, 4, 7, 8})
    return Listing("entries", names, left, len(lines), lambda most: map(_entry_cells, lines[:most]))


def _entry_cells(line: EntryLine) -> tuple[str, ...]:
    one, entry = line.standing, line.standing.entry
    hits = (format_count(one.hits), format_count(one.hits_all)) if line.counted else (UNKNOWN, UNKNOWN)
    dates = (entry.added_at or MISSING, entry.review_by or MISSING)
    words = (", ".join(one.states), entry.justification or MISSING)
    return (entry.reason, entry.scope or "all", entry.added_by or MISSING, *dates, *hits, *words)
