"""A run or a rejected file for other programs: as a row of cells, and as a JSON object with the names of `export`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateconsole.exports.cells import rate_text, time_text
from gateconsole.rows.sorts import RunRow
from gateconsole.snapshot import Snapshot
from gateconsole.text import join_list
from gateconsole.tui.runs.cells import LISTED
from gateconsole.tui.runs.rows import FileLine
from gateconsole.tui.shell.screen import CopyRow
from gateconsole.tui.widgets.table import Rows
from gateconsole.view import MISSING

if TYPE_CHECKING:
    from gateconsole.rows.runs import RunsView
from gateconsole.tui.shell.plain_list import Listing, _time


def run_row(run: RunRow, snapshot: Snapshot) -> CopyRow:
    """A run of a Snapshot: the columns of rollout_series.csv, path, job, attempt; as JSON the row of table `runs`."""
    document = {
        "run_id": run.run_id,
        "timestamp": time_text(run.timestamp) or None,
        "policy_hash": run.policy_hash,
        "outcome": run.outcome,
        "unknown_rate": run.unknown_rate,
        "top_reasons": list(run.top_reasons),
        "stratum": run.stratum,
        "whitelist_state": run.whitelist_state,
        "whitelisted_reasons": list(run.whitelisted_reasons),
        "unlisted_reasons": list(run.unlisted_reasons),
        "path": run.path,
        "job": run.job,
        "attempt": run.attempt,
    }
    cells = (
        run.run_id,
        time_text(run.timestamp),
        run.policy_hash,
        run.outcome,
        rate_text(run.unknown_rate),
        join_list(run.top_reasons),
        run.stratum or "",
        run.whitelist_state,
        join_list(run.whitelisted_reasons),
        join_list(run.unlisted_reasons),
        run.path,
        run.job or "",
        "" if run.attempt is None else str(run.attempt),
    )
    return CopyRow(cells, document, lambda: {"diagnostics": _diagnostics(run.path, snapshot)})


def _diagnostics(path: str, snapshot: Snapshot) -> list[str]:
    """What was unusable in a run's file."""
    from gateconsole.exports.tables import diagnostic_text

    return [diagnostic_text(one) for one in dict(snapshot.diagnostics()).get(path, ())]


def file_row(line: FileLine) -> CopyRow:
    """A file that is no run: its path, the place in it, the rule, what is wrong."""
    cells = (line.path, line.place, line.rule, line.detail)
    return CopyRow(cells, dict(zip(("path", "place", "rule", "detail"), cells, strict=True)))


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
