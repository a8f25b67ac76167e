"""A policy for other programs: as a row of cells, as a JSON object, as the lines of a plain page. Raw texts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from gateconsole import text
from gateconsole.snapshot import Policy, Snapshot
from gateconsole.text import counted, printable
from gateconsole.view import (
    MISSING,
    class_rows,
    clock,
    count,
    listed_share,
    not_judged,
    outcome_counts,
    percent,
    rate4,
    strata_rows,
)

_WIDEST: Final = 80
"""Cells up to which a column is as wide as its values."""

_NUMBERS: Final = ("N", "VALID", "MIN", "MEDIAN", "P95", "MAX", "LISTED")


def policy_cells(policy: Policy) -> tuple[str, ...]:
    """The figures of the whole policy: hash, n, n_valid, min, median, p95, max."""
    stats = policy.whole
    rates = (stats.unknown_rate_min, stats.unknown_rate_median, stats.unknown_rate_p95, stats.unknown_rate_max)
    return (policy.policy_hash, str(stats.n), str(stats.n_valid), *map(rate4, rates))


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
        f"{counted(whole.n, 'run')}, {count(whole.n_valid)} with a rate{not_judged(policy)}, "
        f"newest {clock(policy.newest, now)}",
        "",
        *aligned(("STRATUM", *_NUMBERS, "OUTCOMES"), list(_strata(policy)), left={0, 8}),
        "",
    ]
    classes = [
        (
            row.name,
            count(row.runs),
            percent(row.runs, row.n_valid),
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
            clock(run.timestamp, now),
            run.stratum or MISSING,
            run.outcome,
            rate4(run.unknown_rate),
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
        outcomes = " ".join(f"{mark}{count(number)}" for mark, number in outcome_counts(stats).items())
        yield (row.name, count(stats.n), count(stats.n_valid), *map(rate4, rates), listed_share(stats), outcomes)


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], left: Collection[int]) -> list[str]:
    """A table of raw texts as lines; the columns `left` stand on the left, all others are numbers (`text.aligned`)."""
    shown = [[printable(cell) for cell in row] for row in rows]
    return [*text.aligned(header, shown, {header[place] for place in left}, _WIDEST)]
