"""What the acts of `gateconsole queue` print: one JSON document, or lines of printable text."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gateconsole.patch_queue.builder_acts import DispatchResult, VerdictChanges
from gateconsole.patch_queue.conflicts import Conflict
from gateconsole.text import printable

if TYPE_CHECKING:
    from gateconsole.patch_queue.reported_results import UnusableResult

SCHEMA = 1
"""The `schema` of every JSON document of this program."""


def print_json(document: dict[str, Any]) -> None:
    """Print a document as one line of ASCII without a control character."""
    print(json.dumps({"schema": SCHEMA, **document}, allow_nan=False).replace("\x7f", "\\u007f"))


def line(text: str) -> str:
    """One line of text that any terminal may see."""
    return printable(text)


def dispatch_line(given: DispatchResult) -> str:
    """A dispatched run, or a proposal (`-`), as one line: run, kind, patches in the rule's order."""
    return line(" ".join((given.run or "-", str(given.kind), *given.patches)))


def effect_document(effect: VerdictChanges) -> dict[str, Any]:
    """What a report changed."""
    return {
        "run": effect.run,
        "news": effect.news,
        "verdicts": verdicts(effect),
        "conflicts": [conflict_row(conflict) for conflict in effect.conflicts],
    }


def verdicts(effect: VerdictChanges) -> list[dict[str, str | None]]:
    """The verdicts that changed; null is one taken back."""
    return [{"patch": patch, "verdict": verdict or None} for patch, verdict in effect.verdicts]


def conflict_row(conflict: Conflict) -> dict[str, Any]:
    """A contradiction."""
    return conflict._asdict()


def sync_document(
    booked: Iterable[tuple[str, VerdictChanges]], odd: Iterable[tuple[str, UnusableResult]]
) -> dict[str, Any]:
    """What the artifacts said."""
    return {
        "booked": [{"path": path, "run": effect.run, "verdicts": verdicts(effect)} for path, effect in booked],
        "odd": odd_rows(odd),
    }


def odd_rows(odd: Iterable[tuple[str, UnusableResult]]) -> list[dict[str, str]]:
    """The artifacts that name a run and are no result of it."""
    return [{"path": path, "rule": why.rule, "detail": why.detail} for path, why in odd]


def odd_line(path: str, why: UnusableResult) -> str:
    """Why an artifact is no result, as one line."""
    return line(f"{path}: {why.rule}: {why.detail}")


def booked_line(path: str, effect: VerdictChanges) -> str:
    """A booked result as one line."""
    turned = ", ".join(f"{patch} {verdict or 'undecided'}" for patch, verdict in effect.verdicts)
    return line(f"run {effect.run}: {turned or 'no verdict'} ({path})")


def warnings_of(state: sqlite3.Connection, testcase: str, now: int) -> tuple[str, ...]:
    """What to know about a testcase before trusting its queue (rule Q3)."""
    from gateconsole.patch_queue.overview import board

    found = (shown for shown in board(state, now).testcases if shown.testcase.name == testcase)
    return next((shown.warnings for shown in found), ())
