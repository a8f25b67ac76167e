"""Results from artifacts: what a gate_result.json says about a run of this ledger (rule Q20). Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from gateconsole.artifacts.run_fields import Number, patch_name
from gateconsole.model import FAIL_SIGNALS
from gateconsole.text import printable

Says = Literal["pass", "fail", "nothing"]

SAYS: Final[Mapping[str, Says]] = {"PASS": "pass", "COMMENT": "pass", "WARN": "pass", "REVIEW": "nothing"}
"""Outcome -> what it says of the run; WARN and REVIEW may be set otherwise, a FAIL signal is always a fail."""

_MARK: Final = b"queue_run"


class ReportedResult(NamedTuple):
    """What an artifact says of itself; None where it says nothing usable."""

    queue_run: str
    testcase: str | None
    patches: tuple[str, ...] | None


class LedgerRun(NamedTuple):
    """A run as the ledger has it; `ledger`: the digits it was dispatched under, if it goes on under others now."""

    testcase: str
    patches: tuple[str, ...]
    ledger: str = ""


class Booking(NamedTuple):
    """A result to be booked once: the run, what its artifact says, which outcome said it."""

    run: str
    says: Says
    outcome: str


class UnusableResult(NamedTuple):
    """Why an artifact reports nothing: rule and detail, printable."""

    rule: Literal[
        "queue_run_unusable",
        "foreign_run",
        "unknown_run",
        "testcase_disagrees",
        "patches_disagree",
        "outcome_unknown",
    ]
    detail: str


def reported_result(data: bytes) -> ReportedResult | None:
    """The queue's fields of an artifact that was kept; None without a usable `queue_run`."""
    claim = named_run(data)
    return claim if claim is not None and claim.queue_run else None


def named_run(data: bytes) -> ReportedResult | None:
    """The same, also of one whose `queue_run` is no text: that is empty then, and the claim is refused."""
    if _MARK not in data:
        return None
    try:
        fields = json.loads(data.decode("utf-8-sig"), parse_int=Number, parse_float=Number)
    except (ValueError, RecursionError):
        return None
    run = fields.get("queue_run") if isinstance(fields, dict) else None
    if run is None:
        return None
    testcase, patches = fields.get("testcase"), fields.get("patches")
    names = [patch_name(patch) for patch in patches] if isinstance(patches, list) else [None]
    listed = tuple(name for name in names if name is not None)
    return ReportedResult(
        run if type(run) is str and run.strip() else "",
        testcase if type(testcase) is str else None,
        listed if len(listed) == len(names) else None,
    )


def classify(
    claim: ReportedResult, outcome: str, ledger: str, known: LedgerRun | None, says: Mapping[str, Says] = SAYS
) -> Booking | UnusableResult:
    """What an artifact's outcome books, or why nothing. `known`: the run in this ledger, None if it has none."""
    if not claim.queue_run:
        return UnusableResult(
            "queue_run_unusable", "expected the run as a text, such as 3f41-17, as `queue next` gave it"
        )
    run = printable(claim.queue_run)
    if claim.queue_run.rpartition("-")[0] not in {ledger, known.ledger if known is not None else ledger}:
        return UnusableResult("foreign_run", f"run {run} is not of this ledger, whose runs begin with {ledger}-")
    if known is None:
        return UnusableResult("unknown_run", f"run {run} was never dispatched")
    if claim.testcase != known.testcase:
        return UnusableResult(
            "testcase_disagrees", f"run {run} is of testcase {known.testcase}, not {_word(claim.testcase)}"
        )
    if claim.patches is None or sorted(claim.patches) != sorted(known.patches):
        said = "none" if claim.patches is None else printable(" ".join(claim.patches))
        return UnusableResult("patches_disagree", f"run {run} holds {' '.join(known.patches)}, not {said}")
    if outcome in FAIL_SIGNALS:
        return Booking(claim.queue_run, "fail", outcome)
    if outcome not in says:
        return UnusableResult(
            "outcome_unknown", f"run {run}: the outcome {printable(outcome)} says neither pass nor fail"
        )
    return Booking(claim.queue_run, says[outcome], outcome)


def _word(testcase: str | None) -> str:
    return "none" if testcase is None else printable(testcase)
