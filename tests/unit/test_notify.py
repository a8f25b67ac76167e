"""Which alerts are news, and when they are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateconsole.judgement import operator_acts
from gateconsole.judgement.alerts import Alert
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.store import Ledger
from gateconsole.notifications.news import (
    CLAIMS,
    GATHER,
    HOOK,
    PAUSE,
    Call,
    News,
    begin_calls,
    calls_again,
    claim_notifications,
    first_calls,
    message,
    retry_pause,
)
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
            return operator_acts.acknowledge(ledger, alert, last_run, fake.when())
        return operator_acts.snooze(ledger, alert, last_run, until, fake.when())
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
    operator_acts.undo(ledger, event, fake.when())
    ledger.close()
    assert watcher.see(fake.snapshot()) == []


def test_an_acknowledged_one_of_before_the_start_is_history_too(fake: FakeAlerts) -> None:
    event = act(fake, ("a6f53e", "flaky_test"))
    watcher = Watcher()
    watcher.see(fake.snapshot())
    ledger = Ledger.for_writing(fake.path)
    operator_acts.undo(ledger, event, fake.when())
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
    assert claim_notifications(ledger, new, fake.when())
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
    assert message((one,)) == "new firing alert: a6f53e flaky_test: 4 spikes, peak 0.1100"
    seven = tuple(replace(one, class_name=f"c{number}") for number in range(7))
    assert message(seven) == "7 new firing alerts: a6f53e c0, a6f53e c1, a6f53e c2 and 4 more"
    assert message((Alert(None, "(silence)", "firing", rule="no run for over 30 min", since=1),)) == (
        "new firing alert: no run for over 30 min"
    )


def test_a_claim_is_given_once_for_each_way(tmp_path: Path) -> None:
    alerts = (Alert("p", "c", "firing", since=1),)
    ledger = Ledger.for_writing(tmp_path / "ledger.db")
    when = Actor(1, "ada")
    calls = [Call(alert, alert.occasion) for alert in alerts]
    assert claim_notifications(ledger, alerts, when)
    assert not claim_notifications(ledger, alerts, when)
    assert begin_calls(ledger, calls, when, 10.0) == calls
    assert begin_calls(ledger, calls, when, 10.0) == []
    ledger.close()


def test_a_large_burst_writes_no_more_than_so_many_events(tmp_path: Path) -> None:
    alerts = tuple(Alert("p", f"c{number:03}", "firing", since=1) for number in range(CLAIMS * 3))
    ledger = Ledger.for_writing(tmp_path / "ledger.db")
    assert claim_notifications(ledger, alerts, Actor(1, "ada"))
    assert not claim_notifications(ledger, alerts, Actor(1, "mika"))
    assert sum(event.kind == "alert_notified" for event in ledger.events()) == CLAIMS
    ledger.close()


# firings that vanish


KEY = ("d15ea5e", "disk_full")


def late_calm(fake: FakeAlerts, at: int, step: int) -> None:
    """A calm run that comes late: it stands before the run at this place."""
    time = (fake.rows[at - 1][1] or 0) + step
    fake.rows.insert(at, (f"late-{at}-{step}", time, "d15ea5e", "PASS", 0.0, "", "pinned", f"late/{at}-{step}"))


def calm_between(fake: FakeAlerts) -> None:
    """Late calm runs between the last three spikes: the firing vanishes."""
    for at in (len(fake.rows) - 1, len(fake.rows) - 2):
        for step in (2, 1):
            late_calm(fake, at, step)


def firing(snapshot: Snapshot) -> list[tuple[str, ...]]:
    """The occasion of the alert under test, if it fires."""
    return [one.occasion for one in snapshot.alerts if one.key == KEY and one.loud]


def test_one_that_fired_for_a_moment_does_not_silence_the_real_one_after_it(fake: FakeAlerts, watcher: Watcher) -> None:
    blink = fire(fake)
    assert firing(blink)
    watcher.news.look(blink, watcher.now)
    calm_between(fake)
    assert not firing(fake.snapshot())
    assert watcher.see(fake.snapshot()) == []
    fake.spikes("d15ea5e", 2, "disk_full", rate=0.3)
    real = fake.snapshot()
    assert firing(real) != firing(blink)
    assert watcher.see(real) == [KEY]
    assert watcher.see(real) == []


def test_one_that_was_told_and_vanished_does_not_silence_the_next(fake: FakeAlerts, watcher: Watcher) -> None:
    blink = fire(fake)
    assert watcher.see(blink) == [KEY]
    calm_between(fake)
    assert watcher.see(fake.snapshot()) == []
    assert watcher.news.take_vanished() == firing(blink)
    fake.spikes("d15ea5e", 2, "disk_full", rate=0.3)
    assert watcher.see(fake.snapshot()) == [KEY]


def test_the_very_firing_that_vanished_is_told_when_it_is_there_again(fake: FakeAlerts, watcher: Watcher) -> None:
    blink = fire(fake)
    assert watcher.see(blink) == [KEY]
    rows = list(fake.rows)
    calm_between(fake)
    assert watcher.see(fake.snapshot()) == []
    fake.rows = rows
    again = fake.snapshot()
    assert firing(again) == firing(blink)
    assert watcher.see(again) == [KEY]


def test_the_ledger_lets_what_vanished_be_told_once_more_and_only_once(fake: FakeAlerts) -> None:
    snapshot = fire(fake)
    (occasion,) = firing(snapshot)
    new = tuple(one for one in snapshot.alerts if one.key == KEY)
    ledger, when = Ledger.for_writing(fake.path), fake.when()
    assert claim_notifications(ledger, new, when, fake.acts())
    assert operator_acts.attempt_hook(ledger, occasion, when, attempt=1, again_at=5, vanished=0)
    assert operator_acts.claim_notification(ledger, occasion, when, HOOK)
    for _ in range(2):  # each console finds it out by itself
        operator_acts.vanish(ledger, occasion, when, vanished=0)
    found = fake.acts()
    assert (found.notified, dict(found.attempts), dict(found.vanished)) == (frozenset(), {}, {occasion: 1})
    assert claim_notifications(ledger, new, when, found)
    assert not claim_notifications(ledger, new, when, found)
    (call,) = first_calls(new, fake.snapshot())
    assert begin_calls(ledger, [call], when, 10.0) == [call]
    assert begin_calls(ledger, [call], when, 10.0) == []
    ledger.close()


def test_what_vanished_while_no_console_ran_is_found_by_the_next(fake: FakeAlerts) -> None:
    snapshot = fire(fake)
    ledger = Ledger.for_writing(fake.path)
    assert claim_notifications(ledger, tuple(one for one in snapshot.alerts if one.key == KEY), fake.when())
    ledger.close()
    rows = list(fake.rows)
    calm_between(fake)
    watcher = Watcher()
    assert watcher.see(fake.snapshot()) == []
    assert watcher.news.take_vanished() == firing(snapshot)
    fake.rows = rows
    assert watcher.see(fake.snapshot(acts=operator_acts.NONE)) == [KEY]


def test_a_late_calm_run_that_only_moves_a_firing_is_no_news(fake: FakeAlerts, watcher: Watcher) -> None:
    fake.spikes("d15ea5e", 5, "disk_full", rate=0.2)
    before = fake.snapshot()
    assert watcher.see(before) == [KEY]
    at = len(fake.rows) - 3
    for step in (3, 2, 1):
        late_calm(fake, at, step)
    moved = fake.snapshot()
    assert firing(moved) and firing(moved) != firing(before)
    assert watcher.see(moved) == []
    assert watcher.news.take_vanished() == []


def test_one_that_ends_or_is_acknowledged_has_not_vanished(fake: FakeAlerts, watcher: Watcher) -> None:
    assert watcher.see(fire(fake)) == [KEY]
    act(fake, KEY)
    assert watcher.see(fake.snapshot()) == []
    fake.calm("d15ea5e", 12)
    assert watcher.see(fake.snapshot()) == []
    assert watcher.news.take_vanished() == []


# the hook's calls


def test_a_call_is_open_until_the_hook_ended_well_and_its_pause_grows(fake: FakeAlerts) -> None:
    assert [retry_pause(number) for number in (1, 2, 3, 6, 7, 99)] == [5.0, 10.0, 20.0, 160.0, 300.0, 300.0]
    snapshot = fire(fake)
    (occasion,) = firing(snapshot)
    ledger, when = Ledger.for_writing(fake.path), fake.when()
    (first,) = first_calls([one for one in snapshot.alerts if one.key == KEY], snapshot)
    assert begin_calls(ledger, [first], when, 10.0) == [first]
    ((at, second),) = calls_again(fake.snapshot())
    assert (at, second.attempt, second.occasion) == (when.at + 15_000_000, 2, occasion)
    assert first_calls([second.alert], fake.snapshot()) == []
    operator_acts.hook_failed(ledger, occasion, when, attempt=1, why="exit 1", again_at=when.at + 5_000_000)
    assert [at for at, _ in calls_again(fake.snapshot())] == [when.at + 5_000_000]
    assert begin_calls(ledger, [second], when, 10.0) == [second]
    assert begin_calls(ledger, [second], when, 10.0) == [], "another console takes it only once"
    operator_acts.hook_failed(ledger, occasion, when, attempt=1, why="late", again_at=0)
    assert [at for at, _ in calls_again(fake.snapshot())] == [when.at + 20_000_000]
    assert operator_acts.claim_notification(ledger, occasion, when, HOOK)
    assert calls_again(fake.snapshot()) == []
    assert begin_calls(ledger, [second._replace(attempt=3)], when, 10.0) == []
    ledger.close()


def test_no_call_is_made_again_of_an_alert_that_is_over_or_answered(fake: FakeAlerts) -> None:
    snapshot = fire(fake)
    ledger = Ledger.for_writing(fake.path)
    begin_calls(ledger, first_calls([one for one in snapshot.alerts if one.key == KEY], snapshot), fake.when(), 10.0)
    ledger.close()
    assert len(calls_again(fake.snapshot())) == 1
    assert calls_again(fake.snapshot(judging=frozenset({"d15ea5e"}))) == []
    act(fake, KEY)
    assert calls_again(fake.snapshot()) == []


def test_a_ledger_of_before_says_that_its_hooks_ran(fake: FakeAlerts) -> None:
    snapshot = fire(fake)
    (occasion,) = firing(snapshot)
    ledger = Ledger.for_writing(fake.path)
    operator_acts.claim_notification(
        ledger, occasion, fake.when(), HOOK
    )  # as it was written when the hook was taken on
    ledger.close()
    now = fake.snapshot()
    assert first_calls([one for one in now.alerts if one.key == KEY], now) == []
    assert calls_again(now) == []
