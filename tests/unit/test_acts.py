"""Operators' acts on alerts and alarms: a fold of the ledger's events (architecture 3, rules G22, G24)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gateconsole.judgement import operator_acts
from gateconsole.judgement.alerts import SILENCE, Acknowledgement, Alert, LevelAdoption, Snoozed
from gateconsole.judgement.episodes import RunRef
from gateconsole.judgement.operator_acts import NONE, ActsFollower, replay_acts
from gateconsole.ledger.actor import Actor, RefusedError
from gateconsole.ledger.events import EventError
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import operator_acts as queue
from gateconsole.patch_queue.state import replay
from gateconsole.statistics.runs_frame import RunKey

NOW = 1_772_323_200_000_000
WHEN = Actor(NOW, "mika")
LAST = RunRef("run-9", NOW - 5, "pinned", "f/9")
UNDATED = RunRef("run\x1b", None, None, "ü")
ALERT = Alert("p", "flaky;test", "firing", peak=0.08, recent=2)
RUN: RunKey = ("run-9", None, "p", "pinned")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.for_writing(tmp_path / "ledger.db")


def held(ledger: Ledger, until: int | None = None) -> operator_acts.Acts:
    return replay_acts(ledger.events(), until)


def test_an_act_comes_back_as_it_was_given(ledger: Ledger) -> None:
    operator_acts.acknowledge(ledger, ALERT, LAST, WHEN)
    operator_acts.snooze(ledger, ALERT, UNDATED, NOW + 1, WHEN)
    operator_acts.adopt(ledger, ALERT, LAST, WHEN)
    first, second, third = held(ledger).alerts
    assert isinstance(first, Acknowledgement) and isinstance(third, LevelAdoption)
    assert isinstance(second, Snoozed) and second.until == NOW + 1
    assert (first.policy_hash, first.class_name, first.actor, first.time) == ("p", "flaky;test", "mika", NOW)
    assert (first.seen.spikes, first.seen.peak, first.seen.last_run) == (2, 0.08, LAST)
    assert second.seen.last_run == UNDATED


def test_the_last_verdict_on_a_run_holds_until_it_is_taken_back(ledger: Ledger) -> None:
    operator_acts.judge(ledger, RUN, "rejected", WHEN)
    operator_acts.judge(ledger, RUN, "accepted", WHEN)
    assert held(ledger).verdicts[RUN].word == "accepted"
    operator_acts.judge(ledger, RUN, None, WHEN)
    assert held(ledger).verdicts == {}


def test_an_undone_act_is_as_if_it_had_never_been(ledger: Ledger) -> None:
    operator_acts.judge(ledger, RUN, "rejected", WHEN)
    event = operator_acts.judge(ledger, RUN, "accepted", WHEN)
    first = operator_acts.undo(ledger, event, WHEN)
    assert held(ledger).verdicts[RUN].word == "rejected"
    assert operator_acts.undo(ledger, event, WHEN) == first
    assert held(ledger).verdicts[RUN].word == "rejected"


def test_what_was_undone_later_held_before(ledger: Ledger) -> None:
    event = operator_acts.acknowledge(ledger, ALERT, LAST, WHEN)
    operator_acts.undo(ledger, event, Actor(NOW + 9, "ada"))
    assert held(ledger) == NONE
    assert len(held(ledger, until=NOW).alerts) == 1
    assert held(ledger, until=NOW - 1) == NONE


def test_an_occasion_is_told_by_one_console_once(tmp_path: Path, ledger: Ledger) -> None:
    other = Ledger.for_writing(tmp_path / "ledger.db")
    assert operator_acts.claim_notification(ledger, ALERT.occasion, WHEN)
    assert not operator_acts.claim_notification(other, ALERT.occasion, Actor(NOW + 1, "ada"))
    assert not operator_acts.claim_notification(ledger, ALERT.occasion, WHEN)
    assert held(ledger).notified == {ALERT.occasion}


def test_a_silence_cannot_be_acknowledged(ledger: Ledger) -> None:
    with pytest.raises(RefusedError, match="silence"):
        operator_acts.acknowledge(ledger, Alert(None, SILENCE, "firing"), LAST, WHEN)


def test_a_snooze_ends_in_the_future(ledger: Ledger) -> None:
    with pytest.raises(RefusedError, match="later than now"):
        operator_acts.snooze(ledger, ALERT, LAST, NOW, WHEN)


def test_the_queue_beside_the_acts_is_the_same_as_without_them(ledger: Ledger) -> None:
    queue.configure(ledger, "linux", WHEN, p="0.9")
    operator_acts.acknowledge(ledger, ALERT, LAST, WHEN)
    queue.submit(ledger, "A", WHEN)
    rows = replay(ledger.events()).execute("SELECT name FROM patches").fetchall()
    assert rows == [("A",)]
    assert len(held(ledger).alerts) == 1


def test_a_follower_sees_what_another_console_did(tmp_path: Path, ledger: Ledger) -> None:
    follower = ActsFollower(tmp_path / "ledger.db")
    assert follower.look() == NONE
    operator_acts.acknowledge(ledger, ALERT, LAST, WHEN)
    seen = follower.look()
    assert len(seen.alerts) == 1
    queue.configure(ledger, "linux", WHEN, p="0.9")
    assert follower.look() is seen


def test_a_follower_reads_another_ledger_from_its_beginning(tmp_path: Path, ledger: Ledger) -> None:
    operator_acts.acknowledge(ledger, ALERT, LAST, WHEN)
    follower = ActsFollower(tmp_path / "ledger.db")
    assert len(follower.look().alerts) == 1
    other = Ledger.for_writing(tmp_path / "other.db")
    operator_acts.judge(other, RUN, "rejected", WHEN)
    other.close()
    (tmp_path / "other.db").replace(tmp_path / "ledger.db")
    seen = follower.look()
    assert (seen.alerts, set(seen.verdicts)) == ((), {RUN})
    (tmp_path / "ledger.db").unlink()
    assert follower.look() == NONE


def test_a_damaged_ledger_is_said_and_what_was_known_stays(tmp_path: Path, ledger: Ledger) -> None:
    operator_acts.acknowledge(ledger, ALERT, LAST, WHEN)
    follower = ActsFollower(tmp_path / "ledger.db")
    seen = follower.look()
    (tmp_path / "bad.db").write_bytes(b"no ledger at all, but long enough to be looked at\n" * 20)
    (tmp_path / "bad.db").replace(tmp_path / "ledger.db")
    assert follower.look() is seen
    assert follower.problem is not None and "ledger.db" in follower.problem


@pytest.mark.parametrize(
    ("kind", "payload", "complaint"),
    [
        ("alarm_judged", '{"run_id":"r","policy_hash":"p","stratum":null,"verdict":"maybe"}', "verdict"),
        ("alarm_judged", '{"run_id":"r","policy_hash":"p","stratum":"half","verdict":null}', "stratum"),
        ("act_undone", '{"event":7}', "expected a text"),
    ],
)
def test_an_event_that_says_something_else_is_named(
    tmp_path: Path, ledger: Ledger, kind: str, payload: str, complaint: str
) -> None:
    operator_acts.judge(ledger, RUN, "rejected", WHEN)
    raw = sqlite3.connect(tmp_path / "ledger.db")
    raw.execute("INSERT INTO events VALUES (3, 'x', 1, 'eve', ?, 1, ?)", (kind, payload))
    raw.commit()
    with pytest.raises(EventError, match=complaint):
        held(ledger)
    follower = ActsFollower(tmp_path / "ledger.db")
    assert follower.look() == NONE
    assert follower.problem is not None and "event 3" in follower.problem
