"""Which alerts are news, and when they are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateconsole import acts
from gateconsole.alerts import Alert
from gateconsole.innocence.act import When
from gateconsole.ledger.store import Ledger
from gateconsole.notify import CLAIMS, GATHER, PAUSE, News, claim, told_words
from gateconsole.snapshot import Snapshot
from tests.screens.fake_alerts import FakeAlerts, fake

__all__ = ["fake"]


class Watcher:
    """News of one console; a second passes between two Snapshots."""

    def __init__(self) -> None:
        self.news = News()
        self.now = 0.0

    def see(self, snapshot: Snapshot, seconds: float = PAUSE) -> list[tuple[str | None, str]]:
        """What is told after a while of looking at this."""
        self.news.look(snapshot, self.now)
        self.now += seconds
        told = [alert.key for alert in self.news.take(self.now)]
        self.now += seconds
        return told


@pytest.fixture
def watcher(fake: FakeAlerts) -> Watcher:
    """One that has seen what stood at its start."""
    made = Watcher()
    assert made.see(fake.snapshot()) == []
    return made


def fire(fake: FakeAlerts, policy_hash: str = "d15ea5e", name: str = "disk_full") -> Snapshot:
    fake.spikes(policy_hash, 3, name, rate=0.2)
    return fake.snapshot()


def act(fake: FakeAlerts, key: tuple[str, str], until: int | None = None) -> str:
    snapshot = fake.snapshot()
    alert = next(one for one in snapshot.alerts if one.key == key)
    last_run = snapshot.spikes[key[0]].last_run
    assert last_run is not None
    ledger = Ledger.for_writing(fake.path)
    try:
        if until is None:
            return acts.acknowledge(ledger, alert, last_run, fake.when())
        return acts.snooze(ledger, alert, last_run, until, fake.when())
    finally:
        ledger.close()


def test_what_stands_in_the_first_judged_snapshot_is_history(fake: FakeAlerts) -> None:
    watcher = Watcher()
    assert watcher.see(fake.snapshot(phase="loading")) == []
    assert watcher.see(fake.snapshot(judging=frozenset({"a6f53e"}))) == []
    assert watcher.see(fake.snapshot()) == []
    assert watcher.see(fake.snapshot()) == []


def test_a_new_firing_is_told_once(fake: FakeAlerts, watcher: Watcher) -> None:
    assert watcher.see(fire(fake)) == [("d15ea5e", "disk_full")]
    assert watcher.see(fake.snapshot()) == []


@pytest.mark.parametrize(
    ("policy_hash", "name"), [("c0ffee", "ntp_offset"), ("b71c02", "disk_full")], ids=["listed", "provisional"]
)
def test_what_is_listed_or_provisional_is_not_told(
    fake: FakeAlerts, watcher: Watcher, policy_hash: str, name: str
) -> None:
    fake.calm(policy_hash, 12)
    assert watcher.see(fake.snapshot()) == []
    fake.spikes(policy_hash, 3, name, rate=0.3, stratum="pinned")
    snapshot = fake.snapshot()
    assert any(one.key == (policy_hash, name) and one.state == "firing" and not one.loud for one in snapshot.alerts)
    assert watcher.see(snapshot) == []


def test_a_listed_one_that_becomes_loud_is_told(fake: FakeAlerts, watcher: Watcher) -> None:
    snapshot = fake.snapshot()
    loud = tuple(replace(one, listed=False) for one in snapshot.alerts)
    assert watcher.see(replace(snapshot, alerts=loud)) == [("c0ffee", "ntp_offset")]


def test_pending_is_not_told(fake: FakeAlerts, watcher: Watcher) -> None:
    fake.spikes("c0ffee", 2, "disk_full", rate=0.2)
    assert watcher.see(fake.snapshot()) == []


def test_what_breaks_an_act_is_told_and_taking_the_act_back_is_not(fake: FakeAlerts, watcher: Watcher) -> None:
    event = act(fake, ("a6f53e", "flaky_test"))
    assert watcher.see(fake.snapshot()) == []
    fake.spikes("a6f53e", 1, "flaky_test", outcomes=("FAIL",))
    assert watcher.see(fake.snapshot()) == [("a6f53e", "flaky_test")]
    ledger = Ledger.for_writing(fake.path)
    acts.undo(ledger, event, fake.when())
    ledger.close()
    assert watcher.see(fake.snapshot()) == []


def test_an_acknowledged_one_of_before_the_start_is_history_too(fake: FakeAlerts) -> None:
    event = act(fake, ("a6f53e", "flaky_test"))
    watcher = Watcher()
    watcher.see(fake.snapshot())
    ledger = Ledger.for_writing(fake.path)
    acts.undo(ledger, event, fake.when())
    ledger.close()
    assert watcher.see(fake.snapshot()) == []


def test_the_end_of_a_snooze_is_told(fake: FakeAlerts, watcher: Watcher) -> None:
    act(fake, ("a6f53e", "flaky_test"), until=fake.now + 1_000_000)
    assert watcher.see(fake.snapshot()) == []
    fake.now += 2_000_000
    assert watcher.see(fake.snapshot()) == [("a6f53e", "flaky_test")]


def test_silence_is_told(fake: FakeAlerts, watcher: Watcher) -> None:
    fake.now += 48 * 3_600_000_000
    assert watcher.see(fake.snapshot()) == [(None, "(silence)")]


def test_a_late_run_that_dates_the_firing_back_is_no_news(fake: FakeAlerts, watcher: Watcher) -> None:
    snapshot = fire(fake)
    assert watcher.see(snapshot) == [("d15ea5e", "disk_full")]
    *_, second, third = fake.rows
    fake.rows.insert(-1, ("late", (second[1] or 0) + 1, *second[2:7], "ci/late"))
    again = fake.snapshot()
    fired = [one.occasion for one in again.alerts if one.key == ("d15ea5e", "disk_full")]
    assert fired == [("d15ea5e", "disk_full", "fired", "late", "pinned")]
    assert third[0] != "late"
    assert watcher.see(again) == []


def test_the_next_firing_of_the_same_class_is_news_again(fake: FakeAlerts, watcher: Watcher) -> None:
    assert watcher.see(fire(fake)) == [("d15ea5e", "disk_full")]
    fake.calm("d15ea5e", 12)
    assert watcher.see(fake.snapshot()) == []
    assert watcher.see(fire(fake)) == [("d15ea5e", "disk_full")]


def test_what_somebody_else_told_is_not_told_again(fake: FakeAlerts, watcher: Watcher) -> None:
    snapshot = fire(fake)
    new = tuple(one for one in snapshot.alerts if one.key == ("d15ea5e", "disk_full"))
    ledger = Ledger.for_writing(fake.path)
    assert claim(ledger, new, fake.when(), screen=True, hook=False).screen
    ledger.close()
    assert watcher.see(fake.snapshot()) == []


def test_while_a_policy_is_judged_anew_nothing_of_it_is_told(fake: FakeAlerts, watcher: Watcher) -> None:
    fire(fake)
    assert watcher.see(fake.snapshot(judging=frozenset({"d15ea5e"}))) == []
    assert watcher.see(fake.snapshot()) == [("d15ea5e", "disk_full")]


def test_a_root_that_comes_back_tells_only_what_is_new(fake: FakeAlerts, watcher: Watcher) -> None:
    assert watcher.see(fake.snapshot(phase="waiting", alerts=())) == []
    assert watcher.see(fake.snapshot(phase="loading", alerts=())) == []
    assert watcher.see(fire(fake)) == [("d15ea5e", "disk_full")]


def test_one_that_is_over_before_it_was_told_is_not_told(fake: FakeAlerts, watcher: Watcher) -> None:
    watcher.news.look(fire(fake), watcher.now)
    act(fake, ("d15ea5e", "disk_full"))
    assert watcher.see(fake.snapshot()) == []


def test_a_burst_is_told_as_one_and_the_next_waits(fake: FakeAlerts, watcher: Watcher) -> None:
    news = watcher.news
    news.look(fire(fake, name="one"), 100.0)
    assert news.due == 100.0 + GATHER
    news.look(fire(fake, name="two"), 100.1)
    assert news.take(100.2) == ()
    assert [alert.class_name for alert in news.take(100.0 + GATHER)] == ["one", "two"]
    news.look(fire(fake, name="three"), 101.0)
    assert news.due == 100.0 + GATHER + PAUSE
    assert news.take(105.0) == ()
    assert [alert.class_name for alert in news.take(news.due)] == ["three"]


def test_the_words_name_one_and_count_many(fake: FakeAlerts) -> None:
    (one, *_) = fire(fake).alerts
    assert told_words((one,)) == "new firing alert: a6f53e flaky_test: 4 spikes, peak 0.1100"
    seven = tuple(replace(one, class_name=f"c{number}") for number in range(7))
    assert told_words(seven) == "7 new firing alerts: a6f53e c0, a6f53e c1, a6f53e c2 and 4 more"
    assert told_words((Alert(None, "(silence)", "firing", rule="no run for over 30 min", since=1),)) == (
        "new firing alert: no run for over 30 min"
    )


def test_a_claim_is_given_once_for_each_way(tmp_path: Path) -> None:
    alerts = (Alert("p", "c", "firing", since=1),)
    ledger = Ledger.for_writing(tmp_path / "ledger.db")
    when = When(1, "ada")
    assert claim(ledger, alerts, when, screen=True, hook=False)[:2] == (True, False)
    assert claim(ledger, alerts, when, screen=True, hook=True)[:2] == (False, True)
    assert claim(ledger, alerts, when, screen=True, hook=True)[:2] == (False, False)
    ledger.close()


def test_a_large_burst_writes_no_more_than_so_many_events(tmp_path: Path) -> None:
    alerts = tuple(Alert("p", f"c{number:03}", "firing", since=1) for number in range(CLAIMS * 3))
    ledger = Ledger.for_writing(tmp_path / "ledger.db")
    assert claim(ledger, alerts, When(1, "ada"), screen=True, hook=False).screen
    assert not claim(ledger, alerts, When(1, "mika"), screen=True, hook=False).screen
    assert sum(event.kind == "alert_notified" for event in ledger.events()) == CLAIMS
    ledger.close()
