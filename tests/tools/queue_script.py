"""A script of acts that appends an event of every kind, each act safe to be said again; for tests that kill."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateconsole.ledger.actor import Actor, RefusedError
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import builder_acts, operator_acts
from gateconsole.patch_queue.artifact_results import Artifact, book
from gateconsole.patch_queue.reported_results import ReportedResult

Step = Callable[[Ledger, Actor], object]

GCC, ARM = "linux-gcc", "arm-clang"


def _next(request: str, testcase: str = GCC) -> Step:
    return lambda ledger, when: builder_acts.next_run(ledger, testcase, "tb1", when, base="c0ffee", request=request)


def _run(ledger: Ledger, number: int) -> str:
    return f"{ledger.id}-{number}"


def _report(number: int, result: str) -> Step:
    return lambda ledger, when: builder_acts.report(ledger, _run(ledger, number), result, when)


def _artifact(number: int, outcome: str, patches: str) -> Step:
    def step(ledger: Ledger, when: Actor) -> None:
        claim = ReportedResult(_run(ledger, number), GCC, tuple(patches.split()))
        book(ledger, [Artifact(f"run-{number}/gate_result.json", outcome, claim)], when)

    return step


def _submit(patch: str, **more: object) -> Step:
    return lambda ledger, when: operator_acts.submit(ledger, patch, when, **more)  # type: ignore[arg-type]


def _reopen(ledger: Ledger, when: Actor) -> None:
    try:
        operator_acts.reopen(ledger, "I2", "the machine was broken", when)
    except RefusedError as error:  # said again: there is no verdict any more
        assert "no verdict" in str(error)


STEPS: Final[tuple[Step, ...]] = (
    lambda ledger, when: operator_acts.configure(ledger, GCC, when, p="0.8"),
    lambda ledger, when: operator_acts.configure(ledger, ARM, when, p="0.6", text="shorter"),
    *(_submit(f"I{number}") for number in range(1, 7)),
    _next("one"),
    _report(1, "fail"),
    lambda ledger, when: builder_acts.base(ledger, _run(ledger, 1), "pass", when),
    _next("two"),
    _report(2, "pass"),
    _submit("I3b", revises="I3"),
    _submit("I7", first=True, testcases=(ARM,)),
    lambda ledger, when: operator_acts.hold(ledger, "I2", "waits for review", when),
    lambda ledger, when: operator_acts.conflict(ledger, "I6", "does not apply", when),
    _next("three", ARM),
    lambda ledger, when: builder_acts.lost(ledger, _run(ledger, 3), "no power", when),
    lambda ledger, when: operator_acts.release(ledger, "I2", when),
    _artifact(1, "FAIL", "I1 I2 I3"),
    _next("four"),
    _next("five"),
    _next("six"),
    _report(4, "fail"),
    lambda ledger, when: builder_acts.mark(ledger, _run(ledger, 4), "nothing", "a flake", when),
    _report(5, "pass"),
    _reopen,
    lambda ledger, when: operator_acts.pause(ledger, "disk swap", when),
    operator_acts.resume,
    lambda ledger, when: operator_acts.adopt(ledger, GCC, when, p="0.75"),
    lambda ledger, when: operator_acts.land(ledger, "I4", when),
    lambda ledger, when: operator_acts.withdraw(ledger, "I5", "superseded", when),
    *(_next(f"more {number}") for number in range(6)),
    _submit("I8"),
    _submit("I8", first=True),
    lambda ledger, when: operator_acts.rename(ledger, ARM, "arm-clang-17", when),
    lambda ledger, when: operator_acts.retire(ledger, "arm-clang-17", "the machines are gone", when),
)
"""In their order; step n, counted from 1, happens at n seconds."""


def play(ledger: Ledger, done: Callable[[int], None], first: int = 0) -> None:
    """Do every step behind the `first` ones; `done(n)` behind each, counted from 1."""
    for number, step in enumerate(STEPS[first:], first + 1):
        step(ledger, Actor(number * 1_000_000, "tester"))
        done(number)
