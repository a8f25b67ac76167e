"""Telling of new alerts: once in all, the hook beside the screen, quiet where nothing may be written."""

from __future__ import annotations

import json
import os
import queue
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateconsole.ledger.store import Ledger
from gateconsole.notifications.hook import Hook
from gateconsole.notifications.notifier import LedgerAccess, Notification, Notifier
from tests.screens.fake_alerts import FakeAlerts, fake
from tests.unit.test_hook import until_gone, until_written
from tests.unit.test_notify import calm_between

__all__ = ["fake"]

PATIENCE = 20.0
SOON = 0.05


class Console:
    """One console's teller and what it said."""

    def __init__(self, fake: FakeAlerts, hook: Hook | None = None, *, writes: bool = True, screen: bool = True) -> None:
        self.said: queue.Queue[Notification] = queue.Queue()
        self.teller = Notifier(LedgerAccess(fake.path, "ada", writes), self.said.put, hook, screen=screen)
        self.teller.start()
        self.teller.put(fake.snapshot())
        until(lambda: self.teller._seen is not None)

    def next(self) -> Notification:
        """What is said next."""
        return self.said.get(timeout=PATIENCE)

    def looked(self, fake: FakeAlerts) -> None:
        """It has seen what is now, and told what there was to tell."""
        snapshot = fake.snapshot()
        self.teller.put(snapshot)
        until(lambda: self.teller._seen is snapshot and self.teller._news.due is None)


def until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < end, "it never was"
        time.sleep(0.005)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bursts are told soon."""
    monkeypatch.setattr("gateconsole.notifications.news.GATHER", SOON)
    monkeypatch.setattr("gateconsole.notifications.news.PAUSE", SOON)


@contextmanager
def consoles(*made: Console) -> Iterator[None]:
    try:
        yield
    finally:
        for one in made:
            one.teller.stop()


def fire(fake: FakeAlerts, name: str = "disk_full") -> None:
    fake.spikes("d15ea5e", 3, name, rate=0.2)


def writing_hook(path: Path) -> Hook:
    code = f"import sys; open({str(path)!r}, 'a').write(sys.stdin.read())"
    return Hook((sys.executable, "-c", code))


def told_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in until_written(path).splitlines()]


def test_of_two_consoles_exactly_one_tells(fake: FakeAlerts) -> None:
    one, other = Console(fake), Console(fake)
    with consoles(one, other):
        fire(fake)
        snapshot = fake.snapshot()
        for each in (one, other):
            each.teller.put(snapshot)
        until(lambda: one.said.qsize() + other.said.qsize() == 1)
        one.looked(fake)
        other.looked(fake)
        assert one.said.qsize() + other.said.qsize() == 1
    assert fake.kinds() == ["ledger_created", "alert_notified"]


def test_nothing_is_said_or_written_of_what_stood_at_the_start(fake: FakeAlerts) -> None:
    one = Console(fake)
    with consoles(one):
        one.looked(fake)
        assert one.said.empty()
    assert not fake.path.exists()


def test_the_hook_is_handed_the_alert_as_alerts_json_says_it(fake: FakeAlerts, tmp_path: Path) -> None:
    out = tmp_path / "out"
    one = Console(fake, writing_hook(out))
    with consoles(one):
        fire(fake)
        one.looked(fake)
        assert one.next() == Notification("new firing alert: d15ea5e disk_full: 3 spikes, peak 0.2200")
        (document,) = told_of(out)
    assert document["schema"] == 1
    (alert,) = document["alerts"]
    assert (alert["policy_hash"], alert["class"], alert["state"]) == ("d15ea5e", "disk_full", "firing")
    assert (alert["spikes"], alert["listed"], alert["provisional"]) == (3, False, False)
    assert alert["fail_association"]["n"] == 50


def test_a_console_without_a_hook_does_not_take_it_from_one_that_has_one(fake: FakeAlerts, tmp_path: Path) -> None:
    out = tmp_path / "out"
    plain = Console(fake)
    hooked = Console(fake, writing_hook(out), screen=False)
    with consoles(plain, hooked):
        fire(fake)
        plain.looked(fake)
        assert plain.next().text.startswith("new firing alert: d15ea5e")
        hooked.looked(fake)
        assert len(told_of(out)) == 1
        assert hooked.said.empty()


def test_of_two_hooks_one_runs(fake: FakeAlerts, tmp_path: Path) -> None:
    out = tmp_path / "out"
    one, other = Console(fake, writing_hook(out), screen=False), Console(fake, writing_hook(out), screen=False)
    with consoles(one, other):
        fire(fake)
        one.looked(fake)
        other.looked(fake)
        assert len(told_of(out)) == 1
        fire(fake, "ntp_offset2")
        one.looked(fake)
        other.looked(fake)
        until(lambda: len(told_of(out)) == 2)
    assert [one["alerts"][0]["class"] for one in told_of(out)] == ["disk_full", "ntp_offset2"]


def test_read_only_tells_on_its_own_screen_runs_no_hook_and_writes_nothing(fake: FakeAlerts, tmp_path: Path) -> None:
    out = tmp_path / "out"
    one = Console(fake, writing_hook(out), writes=False)
    with consoles(one):
        fire(fake)
        one.looked(fake)
        assert one.next().text.startswith("new firing alert")
        assert one.said.empty()
    assert not fake.path.exists()
    assert not out.exists()


def test_a_ledger_that_cannot_be_used_is_told_here_and_the_hook_is_not_run(fake: FakeAlerts, tmp_path: Path) -> None:
    out = tmp_path / "out"
    one = Console(fake, writing_hook(out))
    with consoles(one):
        fire(fake)
        snapshot = fake.snapshot()
        fake.path.write_bytes(b"no ledger at all" * 100)
        one.teller.put(snapshot)
        assert one.next().text.startswith("new firing alert")
        failed = one.next()
    assert failed.problem
    assert failed.text.startswith("on_alert was not run: ")
    assert "is no ledger: move it away" in failed.text
    assert not out.exists()


def test_a_hook_that_fails_is_said(fake: FakeAlerts) -> None:
    one = Console(fake, Hook(("sh", "-c", "echo no pager >&2; exit 3")))
    with consoles(one):
        fire(fake)
        one.looked(fake)
        one.next()
        assert one.next() == Notification("on_alert: sh: exit 3: no pager; run again in 5 s", problem=True)


def test_stopping_kills_the_hooks_command(fake: FakeAlerts, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    one = Console(fake, Hook(("sh", "-c", f"echo $$ > {pids}; sleep 600"), limit=600))
    with consoles(one):
        fire(fake)
        one.looked(fake)
        pid = int(until_written(pids))
    until_gone(pid)


def test_hostile_names_are_handed_over_whole(fake: FakeAlerts, tmp_path: Path) -> None:
    out = tmp_path / "out"
    name = "\x1b]52;c;QQ==\x07$(touch x)\u202e"
    one = Console(fake, writing_hook(out))
    with consoles(one):
        fire(fake, name)
        one.looked(fake)
        (document,) = told_of(out)
    assert document["alerts"][0]["class"] == name
    assert "\x1b" not in out.read_text()
    assert not os.path.exists("x")


def test_a_ledger_that_is_locked_is_waited_for(fake: FakeAlerts) -> None:
    one = Console(fake)
    ledger = Ledger.for_writing(fake.path)
    with consoles(one):
        fire(fake)
        snapshot = fake.snapshot()
        with ledger.transaction(fake.now, "another"):
            one.teller.put(snapshot)
            until(lambda: one.teller._seen is snapshot)
        assert one.next().text.startswith("new firing alert")
    assert fake.kinds()[-1] == "alert_notified"
    ledger.close()


# a hook that fails


def counting_hook(path: Path, *, fails: int) -> Hook:
    """A hook that fails so many times, then writes what it got."""
    tries = path.with_name("tries")
    code = f"""
import sys
with open({str(tries)!r}, "a") as file: file.write("x")
data = sys.stdin.read()
if len(open({str(tries)!r}).read()) <= {fails}: sys.exit("no pager")
open({str(path)!r}, "a").write(data)
"""
    return Hook((sys.executable, "-c", code))


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook that failed is run again soon."""
    monkeypatch.setattr("gateconsole.notifications.news.RETRY_FIRST", SOON)


def seeing(fake: FakeAlerts, *made: Console, until_so: Callable[[], bool]) -> None:
    """The consoles see what the ledger says by now, again and again, as an engine shows it to them."""

    def so() -> bool:
        snapshot = fake.snapshot()
        for one in made:
            one.teller.put(snapshot)
        return until_so()

    until(so)


def is_done(fake: FakeAlerts) -> Callable[[], bool]:
    return lambda: last_kind(fake) == "alert_notified" and "hook_attempted" in fake.kinds()


def last_kind(fake: FakeAlerts) -> str:
    """The kind of the newest event, empty before there is any."""
    kinds: list[str] = fake.kinds() if fake.path.exists() else []
    return kinds[-1] if kinds else ""


@pytest.mark.usefixtures("soon")
def test_a_hook_that_fails_is_run_again_until_it_ends_well(fake: FakeAlerts, tmp_path: Path) -> None:
    out = tmp_path / "out"
    one = Console(fake, counting_hook(out, fails=3))
    with consoles(one):
        fire(fake)
        seeing(fake, one, until_so=is_done(fake))
        assert one.next().text.startswith("new firing alert")
        pauses = [one.next().text.rpartition(" in ")[2] for _ in range(3)]
        one.looked(fake)
    assert pauses == ["0.05 s", "0.1 s", "0.2 s"]
    assert len(told_of(out)) == 1
    tried = ["hook_attempted", "hook_failed"] * 3
    assert fake.kinds() == ["ledger_created", "alert_notified", *tried, "hook_attempted", "alert_notified"]


@pytest.mark.usefixtures("soon")
def test_two_consoles_together_run_a_failing_hook_once_at_a_time(fake: FakeAlerts, tmp_path: Path) -> None:
    out = tmp_path / "out"
    one, other = (Console(fake, counting_hook(out, fails=2), screen=False) for _ in range(2))
    with consoles(one, other):
        fire(fake)
        seeing(fake, one, other, until_so=is_done(fake))
        for each in (one, other):
            each.looked(fake)
    assert (tmp_path / "tries").read_text() == "xxx"
    assert len(told_of(out)) == 1


@pytest.mark.usefixtures("soon")
def test_the_next_console_runs_a_hook_that_failed_in_the_last_one(fake: FakeAlerts, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = Console(fake, Hook(("sh", "-c", "exit 1")))
    with consoles(first):
        fire(fake)
        seeing(fake, first, until_so=lambda: last_kind(fake) == "hook_failed")
    other = Console(fake, writing_hook(out))
    with consoles(other):
        seeing(fake, other, until_so=is_done(fake))
        assert other.said.empty(), "the alert itself is history"
    assert len(told_of(out)) == 1


def test_a_hook_that_ends_with_its_console_is_neither_done_nor_failed(fake: FakeAlerts, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    one = Console(fake, Hook(("sh", "-c", f"echo $$ > {pids}; sleep 600"), limit=600))
    with consoles(one):
        fire(fake)
        one.looked(fake)
        until_written(pids)
    assert fake.kinds()[-1] == "hook_attempted"
    assert one.said.qsize() == 1


@pytest.mark.usefixtures("soon")
def test_a_hook_is_not_run_again_once_its_alert_is_acknowledged(fake: FakeAlerts, tmp_path: Path) -> None:
    one = Console(fake, counting_hook(tmp_path / "out", fails=99))
    with consoles(one):
        fire(fake)
        seeing(fake, one, until_so=lambda: last_kind(fake) == "hook_failed")
        one.teller.put(fake.snapshot(alerts=()))
        until(lambda: not one.teller._calls and not one.teller._calling)
        fake.acknowledge(("d15ea5e", "disk_full"))
        tried = fake.kinds().count("hook_attempted")
        until_quiet = time.monotonic() + 10 * SOON
        seeing(fake, one, until_so=lambda: time.monotonic() > until_quiet)
        assert fake.kinds().count("hook_attempted") == tried


@pytest.mark.usefixtures("soon")
def test_a_hook_that_could_not_be_taken_on_is_run_when_the_ledger_can_be_written(
    fake: FakeAlerts, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    one = Console(fake, writing_hook(out))
    with consoles(one):
        fire(fake)
        snapshot = fake.snapshot()
        fake.path.write_bytes(b"no ledger at all" * 100)
        one.teller.put(snapshot)
        assert one.next().text.startswith("new firing alert")
        assert one.next().text.endswith("tried again in 0.05 s")
        fake.path.unlink()
        until(is_done(fake))
    assert len(told_of(out)) == 1


@pytest.mark.usefixtures("soon")
def test_what_vanished_is_told_again_by_screen_and_hook(fake: FakeAlerts, tmp_path: Path) -> None:
    out = tmp_path / "out"
    one = Console(fake, writing_hook(out))
    with consoles(one):
        fire(fake)
        rows = list(fake.rows)
        seeing(fake, one, until_so=is_done(fake))
        calm_between(fake)
        seeing(fake, one, until_so=lambda: last_kind(fake) == "alert_vanished")
        fake.rows = rows
        seeing(fake, one, until_so=lambda: out.exists() and len(told_of(out)) == 2)
        assert [one.next().text for _ in range(2)] == ["new firing alert: d15ea5e disk_full: 3 spikes, peak 0.2200"] * 2
        assert one.said.empty()
