"""The table `queue` of `export`: every patch of every testcase, and what holds at the time it is told for."""

from __future__ import annotations

from collections.abc import Iterator

from gateconsole.patch_queue.overview import EMPTY, TestcaseBoard, with_ages
from gateconsole.snapshot import Snapshot

QueueRow = tuple[str | tuple[str, ...] | int | float | None, ...]


def queue_rows(snapshot: Snapshot) -> Iterator[QueueRow]:
    """By testcase as configured, then those under consideration in their order, then the others by arrival.

    `bad_unless_flake`: the failed runs whose last suspect it is (rule Q6); `retired`: of the testcase.
    Only what is overdue depends on the Snapshot's time (`--as-of`); the state is that of the ledger's last event.
    """
    shown = with_ages(snapshot.queue or EMPTY, snapshot.taken_at)
    overall = {one.patch: one.text for one in shown.overall}
    for each in shown.testcases:
        yield from _testcase_rows(each, snapshot.taken_at, overall)


def _testcase_rows(each: TestcaseBoard, as_of: int, overall: dict[str, str]) -> Iterator[QueueRow]:
    late = {run.run for run in each.in_flight if run.overdue}
    chosen = frozenset(each.proposal.patches)
    for row in each.patches:
        yield (
            as_of,
            each.testcase.name,
            row.patch,
            row.place,
            row.at,
            row.k,
            row.p,
            row.state,
            row.verdict or None,
            "yes" if row.dirty else "no",
            "yes" if row.patch in chosen else "no",
            row.in_flight,
            tuple(run for run in row.in_flight if run in late),
            row.suspect_of,
            overall[row.patch],
            row.bad_unless,
            "no" if each.testcase.retired is None else "yes",
        )
