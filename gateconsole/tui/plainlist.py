"""A list of a screen as the lines of a plain page: every row with whole values, then what is under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from gateconsole.exports.cells import rate_text
from gateconsole.rows.readiness import CHECKS
from gateconsole.series.yardstick import UNUSED_DAYS
from gateconsole.text import iso_time
from gateconsole.tui.plainalert import alert_cells
from gateconsole.tui.plainpage import aligned, policy_cells
from gateconsole.tui.runlist import FileLine
from gateconsole.tui.safe import Parts
from gateconsole.tui.widgets.policycells import PolicyRow
from gateconsole.tui.widgets.policymarks import marks_cell
from gateconsole.tui.widgets.readiness_cells import ReadinessLine, Shape, readiness_cell, readiness_columns
from gateconsole.tui.widgets.runcells import LISTED
from gateconsole.tui.widgets.table import Rows
from gateconsole.tui.widgets.whitelist_cells import UNKNOWN, EntryLine
from gateconsole.view import MISSING, count, listed_share, outcome_counts

if TYPE_CHECKING:
    from gateconsole.alerts import Alert
    from gateconsole.rows.runs import RunsView
    from gateconsole.rows.sorts import RunRow

MOST: Final = 10_000
"""Rows of a list that a page holds; the others are counted."""

_WIDE: Final = 1_000
"""Cells in which every value is written whole."""


class Listing(NamedTuple):
    """A list as it stands: what its rows are called, its header, which columns stand on the left, how many rows it has.

    `rows(most)` gives the cells of its first ones, raw texts. Nothing in it may change: a thread reads it.
    """

    noun: str
    header: tuple[str, ...]
    left: frozenset[int]
    total: int
    rows: Callable[[int], Iterable[Sequence[str]]]


def list_page(title: Sequence[str], listing: Listing, detail: Sequence[str]) -> list[str]:
    """The lines: what list it is, its rows, and the detail of one of them."""
    rows = [tuple(cell or MISSING for cell in row) for row in listing.rows(MOST)]
    more = listing.total - len(rows)
    said = [f"{count(more)} more {listing.noun}: the act export writes all of them"] if more > 0 else []
    return [*title, "", *aligned(listing.header, rows, left=listing.left), *said, "", "under the cursor", "", *detail]


def runs_listing(view: RunsView | None) -> Listing:
    """The runs of a view, in its order."""
    header = ("RUN", "TIME", "POLICY", "STRATUM", "OUTCOME", "RATE", "CLASSES", "LISTED", "FILE")
    left = frozenset(range(9)) - {5}
    if view is None:
        return Listing("runs", header, left, 0, lambda most: ())
    return Listing("runs", header, left, view.matched, lambda most: map(_run_cells, view.rows(0, most)))


def _run_cells(run: RunRow) -> tuple[str, ...]:
    """Whole, unlike in the list; reasons that are no unknown classes stand in brackets, as there."""
    reasons = ", ".join(run.top_reasons)
    return (
        run.run_id,
        _time(run.timestamp),
        run.policy_hash,
        run.stratum or MISSING,
        run.outcome,
        rate_text(run.unknown_rate),
        reasons if run.unknown_rate or not reasons else f"({reasons})",
        LISTED[run.whitelist_state][0],
        run.path,
    )


def files_listing(files: Rows[FileLine]) -> Listing:
    """Files that are no run, or not counted."""
    header = ("FILE", "PLACE", "RULE", "SINCE", "WHY")

    def cells(one: FileLine) -> tuple[str, ...]:
        return one.path, one.place, one.rule, _time(one.since), one.detail

    return Listing("files", header, frozenset(range(5)), len(files), lambda most: map(cells, files[:most]))


def policies_listing(rows: Rows[PolicyRow]) -> Listing:
    """The policies with their figures."""
    names = ("POLICY", "N", "VALID", "MIN", "MEDIAN", "P95", "MAX", "OUTCOMES", "LISTED", "LAST", "ALERTS")
    left = frozenset({0, 7, 9, 10})
    return Listing("policies", names, left, len(rows), lambda most: map(_policy_cells, rows[:most]))


def _policy_cells(row: PolicyRow) -> tuple[str, ...]:
    whole = row.policy.whole
    outcomes = " ".join(f"{mark}{count(number)}" for mark, number in outcome_counts(whole).items())
    marks = _text(marks_cell(row.marks, _WIDE))
    return (*policy_cells(row.policy), outcomes, listed_share(whole), _time(row.policy.newest), marks)


def alerts_listing(alerts: Sequence[Alert]) -> Listing:
    """The alerts, as they are copied."""
    names = ("STATE", "POLICY", "CLASS", "RULE", "PEAK", "SPIKES", "FAIL", "FIRST", "LAST", "BY", "UNTIL")
    left = frozenset(range(11)) - {4, 5, 6}
    return Listing("alerts", names, left, len(alerts), lambda most: map(alert_cells, alerts[:most]))


def entries_listing(lines: Sequence[EntryLine]) -> Listing:
    """The entries of the whitelist; the justification, which may be long, is last."""
    within = lines[0].standing.within if lines else UNUSED_DAYS
    names = ("REASON", "SCOPE", "BY", "ADDED", "REVIEW", f"HITS/{within}d", "HITS", "STATE", "JUSTIFICATION")
    left = frozenset({0, 1, 2, 3, 4, 7, 8})
    return Listing("entries", names, left, len(lines), lambda most: map(_entry_cells, lines[:most]))


def _entry_cells(line: EntryLine) -> tuple[str, ...]:
    one, entry = line.standing, line.standing.entry
    hits = (count(one.hits), count(one.hits_all)) if line.counted else (UNKNOWN, UNKNOWN)
    dates = (entry.added_at or MISSING, entry.review_by or MISSING)
    words = (", ".join(one.states), entry.justification or MISSING)
    return (entry.reason, entry.scope or "all", entry.added_by or MISSING, *dates, *hits, *words)


def readiness_listing(lines: Rows[ReadinessLine]) -> Listing:
    """The policies with every row of their checklists, its limit and its mark."""
    columns = readiness_columns(Shape(without=True), _WIDE)
    keys = ("policy", "verdict", *CHECKS)
    header = tuple(next(column.title for column in columns if column.key == key) for key in keys)

    def cells(line: ReadinessLine) -> list[str]:
        return [_text(readiness_cell(line, key, _WIDE)) for key in keys]

    return Listing("policies", header, frozenset({0, 1}), len(lines), lambda most: map(cells, lines[:most]))


def _time(micros: int | None) -> str:
    return MISSING if micros is None else iso_time(micros)


def _text(parts: Parts) -> str:
    return "".join(text for text, _ in parts).strip()
