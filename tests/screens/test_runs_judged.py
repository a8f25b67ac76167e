"""What judgement adds to a run's detail: the rule of its time, its alerts, its verdict, its run of the queue."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gateconsole.judgement import operator_acts
from gateconsole.judgement.spikes import judged_runs
from gateconsole.ledger.store import Ledger
from gateconsole.rows.judgement import Judgement, Part, judgement_of
from gateconsole.rows.runs import run_rows
from gateconsole.rows.sorts import RunRow
from gateconsole.snapshot import Snapshot
from gateconsole.text import printable
from gateconsole.tui.runs.queue_run import queue_run_text
from gateconsole.tui.shell.operator import Operator
from tests.screens.fake_alerts import FakeAlerts
from tests.screens.fake_queue import GCC, FakeQueue, queue
from tests.screens.using import InUse, console, paged
from tests.screens.using_readiness import HOSTILE, fake

__all__ = ["fake", "queue"]


async def detail(seen: InUse, snapshot: Snapshot, run_id: str) -> str:
    """What is said of a run."""
    rows = seen.runs._runs.rows
    place = next(at for at, line in enumerate(rows) if line.run.run_id == run_id)
    seen.table.move_to(place)
    await seen.done()
    return " ".join("\n".join(paged(seen.runs)).split())


def rows_of(fake: FakeAlerts, policy_hash: str) -> list[str]:
    """Its run ids, oldest first."""
    return [row[0] for row in fake.rows if row[2] == policy_hash]


async def test_a_spike_names_the_rule_of_its_time_and_its_alert(fake: FakeAlerts) -> None:
    snapshot = fake.snapshot()
    last = rows_of(fake, "a6f53e")[-1]
    fired = rows_of(fake, "a6f53e")[-2]
    async with console(snapshot) as seen:
        said = await detail(seen, snapshot, last)
        assert "spike × above the cut: p95 of 63 = 0.0100 (floor)" in said
        assert f"alert flaky_test: fired at {fired}, firing" in said
        assert "it fired here" in await detail(seen, snapshot, fired)


async def test_a_run_that_is_no_spike_names_the_cut_it_was_held_against(fake: FakeAlerts) -> None:
    snapshot = fake.snapshot()
    async with console(snapshot) as seen:
        assert "no spike: not above the cut, fixed 0.01" in await detail(seen, snapshot, rows_of(fake, "a6f53e")[10])
        assert "no spike: not above the cut, p95 of 44" in await detail(seen, snapshot, rows_of(fake, "a6f53e")[44])


async def test_a_spike_that_may_yet_fire_and_one_of_an_episode_long_over(fake: FakeAlerts) -> None:
    snapshot = fake.snapshot()
    async with console(snapshot) as seen:
        said = await detail(seen, snapshot, rows_of(fake, "d15ea5e")[-1])
        assert "flaky_test: may yet fire, pending" in said
        said = await detail(seen, snapshot, rows_of(fake, "a6f53e")[47])
        assert "disk_full: it fired here, over" in said


async def test_the_verdict_on_an_alarm_names_who_and_when(fake: FakeAlerts) -> None:
    last = rows_of(fake, "a6f53e")[-1]
    async with console(fake.snapshot()) as seen:
        assert "verdict unjudged" in await detail(seen, fake.snapshot(), last)
        ledger = Ledger.for_writing(fake.path)
        operator_acts.judge(ledger, (last, None, "a6f53e", "pinned"), "rejected", fake.when())
        ledger.close()
        await seen.publish(fake.snapshot())
        said = await detail(seen, fake.snapshot(), last)
        assert "verdict rejected by mika" in said
        assert "the alarm was false" in said
        assert "no alarm: nothing to judge" in await detail(seen, fake.snapshot(), rows_of(fake, "e4f5a6")[0])


async def test_while_its_policy_is_judged_anew_a_run_cannot_be_told(fake: FakeAlerts) -> None:
    snapshot = replace(fake.snapshot(), judging=frozenset({"a6f53e"}))
    async with console(snapshot) as seen:
        assert "spike ? not judged yet" in await detail(seen, snapshot, rows_of(fake, "a6f53e")[-1])


async def test_hostile_classes_stay_printable(fake: FakeAlerts) -> None:
    fake.calm("bad", 50)
    fake.spikes("bad", 4, HOSTILE)
    snapshot = fake.snapshot()
    async with console(snapshot, (80, 24)) as seen:
        await detail(seen, snapshot, rows_of(fake, "bad")[-1])
        await seen.press("enter")
        assert "[bold red]" in seen.text
        assert all(printable(line) == line for line in seen.lines)


def test_the_rule_of_every_run_is_the_one_the_series_found(fake: FakeAlerts) -> None:
    snapshot = fake.snapshot()
    assert snapshot.runs is not None
    runs = judged_runs(snapshot.runs().filter(snapshot.runs()["policy_hash"] == "a6f53e"))
    rules = {row["folder"]: (row["spike"], row["rule"]) for row in runs.iter_rows(named=True)}
    rows = [row for row in run_rows(snapshot).rows(0, 10_000) if row.policy_hash == "a6f53e"]
    assert len(rows) == runs.height
    for row in rows:
        found = judgement_of(snapshot, row)
        assert found is not None
        assert (found.spike or False, found.rule) == (rules[row.folder][0] or False, rules[row.folder][1])


def test_a_run_without_a_rate_or_without_a_judgement_says_no_rule(fake: FakeAlerts) -> None:
    row = RunRow("x", None, "nobody", "PASS", None, (), None, "x", "none", (), ())
    assert judgement_of(fake.snapshot(), row) == Judgement(False, None)
    assert judgement_of(fake.snapshot(), row._replace(unknown_rate=0.5)) is None
    gone = row._replace(policy_hash="a6f53e", unknown_rate=0.001, folder="gone")
    assert judgement_of(fake.snapshot(), gone) is None


def test_a_spike_with_two_classes_has_a_part_for_each(fake: FakeAlerts) -> None:
    fake.run("e4f5a6", 0.5, "REVIEW", ("one", "two"))
    last = fake.rows[-1]
    row = RunRow(last[0], last[1], "e4f5a6", "REVIEW", 0.5, ("one", "two"), "pinned", last[7], "none", (), ())
    found = judgement_of(fake.snapshot(), row)
    assert found is not None
    assert found.parts == (Part("one", None, pending=True), Part("two", None, pending=True))


def test_a_run_of_the_queue_is_named_when_the_ledger_knows_it(queue: FakeQueue) -> None:
    run = queue.board().testcases[0].in_flight[0]
    lines = json.dumps({"queue_run": run.run, "testcase": GCC, "patches": run.patches}, indent=1).splitlines()
    number = "1 patch" if len(run.patches) == 1 else f"{len(run.patches)} patches"
    assert queue_run_text(queue.hand(), lines) == f"{run.run} of {GCC}, {number}"


@pytest.mark.parametrize("fields", [{}, {"queue_run": "ffff-1"}, {"queue_run": 7}, {"queue_run": "\x1b[31m-1"}])
def test_what_the_ledger_does_not_know_is_not_named(queue: FakeQueue, fields: dict[str, object]) -> None:
    assert queue_run_text(queue.hand(), [json.dumps(fields)]) == ""


def test_without_a_ledger_no_run_of_the_queue_is_named(tmp_path: Path) -> None:
    lines = ['{"queue_run": "7f3a-1"}']
    assert queue_run_text(None, lines) == ""
    assert queue_run_text(Operator(tmp_path / "none.db", "ada"), lines) == ""
