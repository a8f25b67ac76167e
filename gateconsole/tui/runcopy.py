"""A run or a rejected file for other programs: as a row of cells, and as a JSON object with the names of `export`."""

from __future__ import annotations

from gateconsole.exports.cells import rate_text, time_text
from gateconsole.rows.sorts import RunRow
from gateconsole.snapshot import Snapshot
from gateconsole.text import join_list
from gateconsole.tui.runlist import FileLine
from gateconsole.tui.screens.base import Row


def run_row(run: RunRow, snapshot: Snapshot) -> Row:
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
    return Row(cells, document, lambda: {"diagnostics": _diagnostics(run.path, snapshot)})


def _diagnostics(path: str, snapshot: Snapshot) -> list[str]:
    """What was unusable in a run's file."""
    from gateconsole.exports.tables import diagnostic_text

    return [diagnostic_text(one) for one in dict(snapshot.diagnostics()).get(path, ())]


def file_row(line: FileLine) -> Row:
    """A file that is no run: its path, the place in it, the rule, what is wrong."""
    cells = (line.path, line.place, line.rule, line.detail)
    return Row(cells, dict(zip(("path", "place", "rule", "detail"), cells, strict=True)))
