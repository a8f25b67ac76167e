"""A patch's timeline: what happened to it, each with its cause: penalty, credit, verdict, conflict."""

from __future__ import annotations

from gateconsole.patch_queue import operator_acts
from gateconsole.patch_queue.timeline import timeline
from tests.tools.queue_in_memory import TC, Queue


def story(queue: Queue, patch: str) -> list[tuple[str, int, str]]:
    """(what, k, verdict) of each moment, without the ledger's own digits."""
    moments = timeline(queue.ledger.events(), TC, patch)
    return [(each.text.replace(f"{queue.ledger.id}-", ""), each.k, each.verdict) for each in moments]


def test_penalty_and_credit_are_told_with_their_runs() -> None:
    queue = Queue("0.51", patches=2)
    for _ in range(2):
        queue.next()
    assert story(queue, "1") == [
        ("arrived", 0, ""),
        ("run 1, optimistic: penalty", 1, ""),
        ("run 2, pessimistic: credit for run 1", 0, ""),
    ]


def test_a_credit_that_another_patch_brings_is_told() -> None:
    queue = Queue("0.8", patches=3)
    while queue.testcase().proposal.choice.kind == "optimistic":
        queue.next()
    before = queue.patch("2").k
    alone = queue.next()
    text, k, _ = story(queue, "2")[-1]
    assert alone.patches == ("1",)
    assert text.startswith("run 6 builds 1 alone: credit for run 1")
    assert k == queue.patch("2").k < before


def test_a_verdict_and_its_loss_are_told() -> None:
    queue = Queue(patches=2)
    queue.next()
    queue.report(1, "pass")
    queue.mark(1)
    assert story(queue, "1")[2:] == [
        ("run 1 passed: good", 1, "good"),
        ("run 1 says nothing: flaky disk: no longer good", 1, ""),
    ]


def test_a_contradiction_is_told_once_when_it_arises() -> None:
    queue = Queue(patches=1)
    queue.next()
    queue.next()
    queue.report(1, "fail")
    queue.report(2, "pass")
    queue.report(2, "fail")
    assert [text for text, _, _ in story(queue, "1")[3:]] == [
        "run 1 failed: bad",
        "run 2 passed; conflict: it failed alone, yet a run holding it passed",
        "run 2 failed; conflict: run 2 was reported as pass and as fail",
    ]


def test_what_operators_do_is_told_with_their_reasons() -> None:
    queue = Queue(patches=1)
    operator_acts.hold(queue.ledger, "1", "vacation", queue.when())
    operator_acts.release(queue.ledger, "1", queue.when())
    operator_acts.conflict(queue.ledger, "1", "does not apply", queue.when())
    queue.submit("1b", revises="1")
    assert [text for text, _, _ in story(queue, "1")] == [
        "arrived",
        "held: vacation",
        "released",
        "conflicts: does not apply",
        "superseded by 1b",
    ]
    assert [text for text, _, _ in story(queue, "1b")] == ["arrived", "supersedes 1"]
