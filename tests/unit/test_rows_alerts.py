"""Alerts as rows: found by their spikes, in an order, with what is known of one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateconsole.judgement.effects import Association
from gateconsole.query import Query, parse
from gateconsole.rows.alerts import ALERT_COLUMNS, AlertDetails, episode_spikes, listed_alerts
from gateconsole.rows.sorts import Sort
from gateconsole.snapshot import Snapshot
from tests.screens.fake import MINUTE
from tests.screens.fake_alerts import FakeAlerts, fake

__all__ = ["fake"]

SILENT = (None, "(silence)")


@pytest.fixture
def silent(fake: FakeAlerts) -> Snapshot:
    """One alert of each kind, and no run for two days."""
    fake.now += 2 * 24 * 60 * MINUTE
    return fake.snapshot()


def found(snapshot: Snapshot, text: str) -> list[tuple[str | None, str]]:
    query = parse(text)
    assert isinstance(query, Query)
    return [alert.key for alert in listed_alerts(snapshot, query)]


def test_without_a_filter_the_order_is_that_of_the_snapshot(silent: Snapshot) -> None:
    assert listed_alerts(silent) == silent.alerts
    assert listed_alerts(silent, sort=Sort("alert", True)) == silent.alerts[::-1]


@pytest.mark.parametrize("column", ALERT_COLUMNS)
@pytest.mark.parametrize("falling", [True, False])
def test_every_order_holds_every_alert_and_what_has_no_value_comes_last(
    silent: Snapshot, column: str, falling: bool
) -> None:
    ordered = listed_alerts(silent, sort=Sort(column, falling))
    assert sorted(map(repr, ordered)) == sorted(map(repr, silent.alerts))
    if column in {"policy", "peak"}:
        assert ordered[-1].key == SILENT


def test_silence_is_found_by_its_name_and_by_no_outcome(silent: Snapshot) -> None:
    assert found(silent, "reason:silence") == [SILENT]
    assert SILENT in found(silent, "firing")
    assert SILENT not in found(silent, "!outcome:FAIL outcome:REVIEW")
    assert SILENT not in found(silent, "policy:a")


def test_all_terms_must_hold_for_one_spike(fake: FakeAlerts) -> None:
    snapshot = fake.snapshot()
    assert found(snapshot, "outcome:WARN rate:>0.1") == [("a6f53e", "flaky_test")]
    assert found(snapshot, "outcome:COMMENT rate:>0.105") == []


def test_a_run_of_several_classes_is_a_spike_of_each_but_names_only_its_own(fake: FakeAlerts) -> None:
    fake.run("a6f53e", 0.3, "FAIL", ("disk_full", "flaky_test"))
    snapshot = fake.snapshot()
    assert found(snapshot, "outcome:FAIL policy:a6f") == [("a6f53e", "flaky_test"), ("a6f53e", "disk_full")]
    assert found(snapshot, "outcome:FAIL reason:disk") == [("a6f53e", "disk_full")]


def test_an_alert_whose_policy_is_gone_is_found_by_what_is_left_of_it(fake: FakeAlerts) -> None:
    snapshot = replace(fake.snapshot(), spikes={})
    assert found(snapshot, "policy:=a6f53e reason:flaky run:a-4064") == [("a6f53e", "flaky_test")]


def test_the_spikes_of_an_episode_are_the_newest_one_only_newest_first(fake: FakeAlerts) -> None:
    fake.calm("a6f53e", 12)
    fake.spikes("a6f53e", 3, "flaky_test", rate=0.5)
    snapshot = fake.snapshot()
    alert = next(one for one in snapshot.alerts if one.key == ("a6f53e", "flaky_test"))
    rows = episode_spikes(alert, snapshot.spikes["a6f53e"])
    assert [spike.run.run_id for spike in rows] == ["a-4079", "a-4078", "a-4077"]
    assert alert.spikes == 7


def test_a_pending_one_after_an_episode_shows_what_it_waits_with(fake: FakeAlerts) -> None:
    fake.spikes("a6f53e", 1, "disk_full", rate=0.5)
    snapshot = fake.snapshot()
    alert = next(one for one in snapshot.alerts if one.key == ("a6f53e", "disk_full"))
    assert alert.state == "pending"
    assert [spike.run.run_id for spike in episode_spikes(alert, snapshot.spikes["a6f53e"])] == ["a-4065"]


def test_what_belongs_to_all_alerts_is_worked_out_once_a_judgement(
    fake: FakeAlerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Snapshot] = []

    def links(snapshot: Snapshot) -> dict[tuple[str, str], Association]:
        asked.append(snapshot)
        return {}

    monkeypatch.setattr("gateconsole.rows.alerts.associations_by_class", links)
    looker, snapshot = AlertDetails(), fake.snapshot()
    for alert in snapshot.alerts:
        assert looker.look((snapshot, alert.key)) is not None
    assert looker.look((snapshot, ("a6f53e", "no such class"))) is None
    assert len(asked) == 1
    looker.look((fake.snapshot(), ("a6f53e", "flaky_test")))
    assert len(asked) == 2
