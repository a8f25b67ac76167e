"""The demo's queue goes on for hours: nothing is refused, and builders come, go, pass, fail and are lost."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from gateconsole.demo.queue import QueueStory, restored
from gateconsole.patch_queue.audit import audit
from gateconsole.patch_queue.overview import board
from tests.tools import sample_queue
from tests.tools.queue_in_memory import memory_ledger

START = 1_772_370_965_000_000
SAVED = "".join(f"{line}\n" for line in sample_queue.lines()).encode()


def test_the_samples_queue_comes_into_the_demo_moved_in_time() -> None:
    ledger = memory_ledger()
    restored(ledger, SAVED, timedelta(days=4, seconds=1), START)
    first = next(iter(ledger.events()))
    assert first.at == 1_772_008_200_000_000 + (4 * 86_400 + 1) * 1_000_000


def test_the_story_goes_on_without_a_contradiction() -> None:
    ledger = memory_ledger()
    restored(ledger, SAVED, timedelta(days=3), START)
    story = QueueStory(1)
    for second in range(1_500):
        story.step(ledger, START + second * 1_300_000)
    kinds = Counter(event.kind for event in ledger.events())
    for kind in ("patch_submitted", "dispatched", "result", "lost", "patch_landed", "patch_withdrawn"):
        assert kinds[kind] > 2, kind
    assert {event.actor for event in ledger.events() if event.kind == "result"} >= {"tb2", "tb5", "tb7"}
    assert audit(ledger).difference is None
    with ledger.reading() as connection:
        assert not board(connection, START).conflicts


def test_the_same_seed_tells_the_same_story() -> None:
    told = []
    for _ in range(2):
        ledger = memory_ledger()
        restored(ledger, SAVED, timedelta(0), START)
        story = QueueStory(7)
        for second in range(120):
            story.step(ledger, START + second * 2_000_000)
        told.append([event[2:] for event in ledger.events()])
    assert told[0] == told[1]


def test_the_samples_queue_is_the_same_every_time() -> None:
    assert sample_queue.lines() == sample_queue.lines()
    assert '"ledger":"5eed"' in sample_queue.lines()[0]
