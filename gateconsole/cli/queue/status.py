"""`gateconsole queue status`: the board as a JSON document, and as text (architecture 3)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from gateconsole.cli.queue.text import conflict_row
from gateconsole.patch_queue import queries
from gateconsole.patch_queue.overview import EMPTY, Board, TestcaseBoard, board
from gateconsole.patch_queue.proposal import bad_unless
from gateconsole.patch_queue.queries import MINUTE, PatchRow, QueueRunRow
from gateconsole.text import aligned, counted, iso_time, printable

_SECOND: Final = 1_000_000
_HEADER: Final = ("#", "PATCH", "ARRIVED", "P-INNOCENT", "K", "STATE", "OVERALL")


def empty_status() -> tuple[dict[str, Any], str]:
    """What there is to say before anything is configured."""
    return _document(EMPTY, {}), "no testcase is configured: `gateconsole queue configure TESTCASE --p 0.9` makes one\n"


def status(state: sqlite3.Connection, now: int, history: int | None = None) -> tuple[dict[str, Any], str]:
    """The document and the text of a state: the undecided, and what was decided or ended in the last `history`
    microseconds (rule Q23); None: everything, retired testcases too."""
    shown = board(state, now, history)
    since = None if history is None else now - history
    runs = {each.testcase.name: queries.runs(state, each.testcase, now, since=since) for each in shown.testcases}
    return _document(shown, runs), "".join(f"{printable(line)}\n" for line in _lines(shown))


def _document(shown: Board, runs: Mapping[str, Sequence[QueueRunRow]]) -> dict[str, Any]:
    return {
        "testcases": [_testcase(each, runs[each.testcase.name]) for each in shown.testcases],
        "overall": [{"patch": each.patch, "state": each.state, "text": each.text} for each in shown.overall],
        "conflicts": [conflict_row(conflict) for conflict in shown.conflicts],
        "retired": list(shown.retired),
    }


def _testcase(each: TestcaseBoard, runs: Sequence[QueueRunRow]) -> dict[str, Any]:
    testcase, estimate, proposal = each.testcase, each.estimate, each.proposal
    return {
        "testcase": testcase.name,
        "p_tc": float(testcase.p),
        "m": testcase.m,
        "strategy": testcase.strategy,
        "text": testcase.text,
        "literal": testcase.literal,
        "paused": testcase.paused,
        "retired": testcase.retired,
        "decided_earlier": each.earlier,
        "estimate": {
            "value": estimate.value,
            "low": estimate.low,
            "high": estimate.high,
            "good": estimate.good,
            "bad": estimate.bad,
            "undecided_suspects": each.suspected,
            "open_sets": estimate.open_sets,
            "suspects_counted": estimate.suspects,
        },
        "builds": each.builds,
        "verdicts": each.verdicts,
        "bound": each.bound,
        "warnings": list(each.warnings),
        "proposal": {
            "kind": proposal.choice.kind,
            "patches": list(proposal.patches),
            "product": proposal.product,
            "why": proposal.why,
        },
        "patches": [_patch(row) for row in each.patches],
        "runs": [_run(row) for row in runs],
    }


def _patch(row: PatchRow) -> dict[str, Any]:
    return {
        "patch": row.patch,
        "k": row.k,
        "p": row.p,
        "state": row.state,
        "age": row.age,
        "verdict": row.verdict or None,
        "dirty": row.dirty,
        "arrived": iso_time(row.at),
        "in_flight": list(row.in_flight),
        "suspect_of": list(row.suspect_of),
        "bad_unless_flake": list(row.bad_unless),
        "decided": None if row.settled is None else iso_time(row.settled),
    }


def _run(row: QueueRunRow) -> dict[str, Any]:
    return {
        "run": row.run,
        "kind": row.kind,
        "patches": list(row.patches),
        "state": row.state,
        "builder": row.builder,
        "base": row.base,
        "product": row.product,
        "dispatched": iso_time(row.at),
        "ended": None if row.ended is None else iso_time(row.ended),
        "overdue": row.overdue,
        "suspects": list(row.suspects),
    }


def _lines(shown: Board) -> Iterator[str]:
    words = {each.patch: each.text for each in shown.overall}
    for each in shown.testcases:
        yield from _testcase_lines(each, words)
        yield ""
    if shown.retired:
        yield f"retired: {', '.join(shown.retired)} (--all shows what they decided)"
    for conflict in shown.conflicts:
        yield f"conflict: {conflict.text}"


def _testcase_lines(each: TestcaseBoard, overall: dict[str, str]) -> Iterator[str]:
    testcase, judged = each.testcase, each.estimate
    yield (
        f"{testcase.name}  p {testcase.p} (estimate {judged.text}, {counted(each.verdicts, 'verdict')})"
        f"  M {testcase.m}  {each.considered} pending  {len(each.in_flight)} in flight  {each.overdue} overdue"
        f"{'' if testcase.paused is None else f'  paused: {testcase.paused}'}"
        f"{'' if testcase.retired is None else f'  retired: {testcase.retired}'}"
    )
    yield from (f"  warning: {warning}" for warning in each.warnings)
    yield from (f"  {line}" for line in aligned(_HEADER, [_cells(row, overall) for row in each.patches], _HEADER))
    if each.earlier:
        yield f"  {counted(each.earlier, 'patch')} decided earlier: --all shows {'it' if each.earlier == 1 else 'them'}"
    yield f"  next: {_proposal(each)}"
    for run in each.in_flight:
        expected = "" if run.expected is None else f" of ~{run.expected // MINUTE}"
        late = "  overdue" if run.overdue else ""
        yield (
            f"  run {run.run}  {run.kind}  {_patches(len(run.patches))}  product {run.product:.2f}"
            f"  builder {run.builder}  {run.elapsed // MINUTE}{expected} min{late}"
        )
    for failed in each.open_runs:
        left = f"{len(failed.suspects)} of {failed.size}"
        yield f"  run {failed.run}  failed, suspects {left}: {' '.join(failed.suspects)}"
    uncounted = each.suspected - judged.suspects
    if uncounted > 0:
        yield f"  the estimate leaves out {counted(uncounted, 'suspect')} of sets that overlap those it counts"
    ratio = f"; ratio {each.builds / each.bound:.1f}" if each.bound else ""
    yield f"  builds {each.builds} for {counted(each.verdicts, 'verdict')}; bound n H(p) {each.bound:.1f}{ratio}"


def _patches(number: int) -> str:
    return counted(number, "patch")


def _proposal(each: TestcaseBoard) -> str:
    choice = each.proposal.choice
    if choice.kind is None:
        return each.proposal.why
    return f"{choice.kind} {' '.join(each.proposal.patches)}: {each.proposal.why}"


def _cells(row: PatchRow, overall: dict[str, str]) -> tuple[str, ...]:
    state = "dirty: alone" if row.dirty else row.state
    doubt = bad_unless(row.bad_unless) or ("suspect" if row.suspect_of else "")
    notes = [state, *(f"in flight {run}" for run in row.in_flight[-1:]), *([doubt] if doubt else [])]
    place = "-" if row.place is None else str(row.place)
    return (
        place,
        printable(row.patch),
        iso_time(row.at // _SECOND * _SECOND),
        f"{row.p:.2f}",
        str(row.k),
        ", ".join(notes),
        overall.get(row.patch, "-"),
    )
