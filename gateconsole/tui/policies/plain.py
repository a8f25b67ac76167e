"""A policy for other programs: as a row of cells, as a JSON object, as the lines of a plain page. Raw texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from gateconsole.snapshot import Policy, Snapshot
from gateconsole.text import counted
from gateconsole.tui.policies.alert_marks import marks_cell
from gateconsole.tui.policies.cells import PolicyRow
from gateconsole.tui.shell.plain_list import _WIDE, Listing, _text, _time, aligned
from gateconsole.tui.widgets.table import Rows
from gateconsole.view import (
    MISSING,
    class_rows,
    format_count,
    format_percent,
    format_rate,
    format_time,
    listed_share,
    not_judged,
    outcome_counts,
    strata_rows,
)

_NUMBERS: Final = ("N", "VALID", "MIN", "MEDIAN", "P95", "MAX", "LISTED")


def policy_cells(policy: Policy) -> tuple[str, ...]:
    """The figures of the whole policy: hash, n, n_valid, min, median, p95, max."""
    stats = policy.whole
    rates = (stats.unknown_rate_min, stats.unknown_rate_median, stats.unknown_rate_p95, stats.unknown_rate_max)
    return (policy.policy_hash, str(stats.n), str(stats.n_valid), *map(format_rate, rates))


def policy_document(snapshot: Snapshot, policy: Policy) -> dict[str, Any]:
    """The row of the table `policies` about the whole policy, as `export --format json` writes it."""
    from gateconsole.exports.formats import json_rows
    from gateconsole.exports.tables import POLICIES

    return next(json_rows(POLICIES, replace(snapshot, policies=(policy,))))


def policy_page(snapshot: Snapshot, policy: Policy) -> list[str]:
    """Everything a Snapshot knows about one policy: strata, unknown classes, the runs of its chart, newest first."""
    now = snapshot.taken_at
    whole = policy.whole
    lines = [
        f"policy {policy.policy_hash}",
        f"{counted(whole.n, 'run')}, {format_count(whole.n_valid)} with a rate{not_judged(policy)}, "
        f"newest {format_time(policy.newest, now)}",
        "",
        *aligned(("STRATUM", *_NUMBERS, "OUTCOMES"), list(_strata(policy)), left={0, 8}),
        "",
    ]
    classes = [
        (
            row.name,
            format_count(row.runs),
            format_percent(row.runs, row.n_valid),
            str(row.fail_runs),
            row.listed,
            row.since or MISSING,
        )
        for row in class_rows(policy, snapshot.whitelist, now)
    ]
    lines += aligned(("UNKNOWN CLASS", "RUNS", "SHARE", "FAIL", "LISTED", "SINCE"), classes, left={0, 4, 5})
    runs = [
        (
            run.run_id,
            format_time(run.timestamp, now),
            run.stratum or MISSING,
            run.outcome,
            format_rate(run.unknown_rate),
            ", ".join(run.unknown_classes) or MISSING,
        )
        for run in reversed(policy.recent)
    ]
    header = ("RUN", "TIME", "STRATUM", "OUTCOME", "RATE", "UNKNOWN CLASSES")
    return [*lines, "", f"the last {counted(len(runs), 'run')}", *aligned(header, runs, left={0, 1, 2, 3, 5})]


def _strata(policy: Policy) -> Iterator[Sequence[str]]:
    for row in strata_rows(policy):
        stats = row.stats
        rates = (stats.unknown_rate_min, stats.unknown_rate_median, stats.unknown_rate_p95, stats.unknown_rate_max)
        outcomes = " ".join(f"{mark}{format_count(number)}" for mark, number in outcome_counts(stats).items())
        yield (
            row.name,
            format_count(stats.n),
            format_count(stats.n_valid),
            *map(format_rate, rates),
            listed_share(stats),
            outcomes,
        )


def policies_listing(rows: Rows[PolicyRow]) -> Listing:
    """The policies with their figures."""
    names = ("POLICY", "N", "VALID", "MIN", "MEDIAN", "P95", "MAX", "OUTCOMES", "LISTED", "LAST", "ALERTS")
    left = frozenset({0, 7, 9, 10})
    return Listing("policies", names, left, len(rows), lambda most: map(_policy_cells, rows[:most]))


def _policy_cells(row: PolicyRow) -> tuple[str, ...]:
    whole = row.policy.whole
    outcomes = " ".join(f"{mark}{format_count(number)}" for mark, number in outcome_counts(whole).items())
    marks = _text(marks_cell(row.marks, _WIDE))
    return (*policy_cells(row.policy), outcomes, listed_share(whole), _time(row.policy.newest), marks)
