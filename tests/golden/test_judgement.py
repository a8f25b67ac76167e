"""The golden fixture of rules 2.4, what is judged from it: effects, spikes, spike x FAIL, alerts, alarms."""

from __future__ import annotations

import pytest

from gateconsole.judgement.alerts import alerts
from gateconsole.judgement.effects import Association, associations, mean_rates, risk_of
from gateconsole.judgement.false_positives import false_alarms
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.judgement.spikes import frame_of_spikes, judge_policies
from gateconsole.statistics.intervals import ContingencyTable
from gateconsole.statistics.whitelist_split import with_listing
from tests.golden import fixture


@pytest.fixture(scope="module")
def judged() -> dict[str, PolicySpikes]:
    return judge_policies(fixture.runs_frame())


@pytest.fixture(scope="module")
def links(judged: dict[str, PolicySpikes]) -> dict[tuple[str, str], Association]:
    return {(one.policy_hash, one.class_name): one for one in associations(judged.values())}


@pytest.mark.parametrize(
    ("at", "name", "counts", "difference", "ratio"),
    [(0, "a6f53e", (6, 3, 2), 1 / 6, 1.5), (1, "b71c02", (2, 1, 2), -0.5, 0.5)],
)
def test_risk_difference_and_ratio_are_the_golden_ones(
    at: int, name: str, counts: tuple[int, int, int], difference: float, ratio: float
) -> None:
    policy = fixture.POLICIES[at]
    found = risk_of(policy.whole)
    assert policy.policy_hash == name
    assert ((found.n, found.n_w, found.n_n), found.difference, found.ratio) == (counts, difference, ratio)


def test_the_mean_rates_of_both_groups_are_exact() -> None:
    found = mean_rates(with_listing(fixture.runs_frame(), fixture.WHITELIST))
    assert found["a6f53e"] == (0.011666666666666667, 0.05)


def test_the_spikes_are_the_golden_ones_and_a_rate_at_the_cut_is_none(judged: dict[str, PolicySpikes]) -> None:
    found = frame_of_spikes(judged.values()).select("policy_hash", "run_id", "cut", "rule").rows()
    assert found == [
        ("a6f53e", "r01", 0.01, "fixed 0.01"),
        ("a6f53e", "r03", 0.01, "fixed 0.01"),
        ("b71c02", "r07", 0.01, "fixed 0.01"),
        ("b71c02", "r08", 0.01, "fixed 0.01"),
    ]


@pytest.mark.parametrize(
    ("policy", "name", "table", "phi"),
    [
        ("a6f53e", "flaky_test", (0, 2, 1, 3), "-0.3162"),
        ("a6f53e", "unknown_field_missing", (0, 1, 1, 4), "-0.2000"),
        ("b71c02", "artefact_missing", (0, 2, 0, 0), None),
    ],
)
def test_spike_against_fail_is_the_golden_table_with_its_phi(
    links: dict[tuple[str, str], Association],
    policy: str,
    name: str,
    table: tuple[int, int, int, int],
    phi: str | None,
) -> None:
    found = links[policy, name]
    assert found.table == ContingencyTable(*table)
    assert (None if found.phi is None else f"{found.phi:.4f}") == phi
    assert found.words == f"too few (n = {sum(table)} of 40)"


def test_one_or_two_spikes_of_a_class_are_a_pending_provisional_alert(judged: dict[str, PolicySpikes]) -> None:
    found = alerts(judged, [], fixture.WHITELIST, 0)
    assert {(one.policy_hash, one.class_name, one.state, one.spikes, one.listed) for one in found} == {
        ("a6f53e", "flaky_test", "pending", 2, False),
        ("a6f53e", "unknown_field_missing", "pending", 1, True),
        ("b71c02", "artefact_missing", "pending", 2, False),
        ("b71c02", "flaky_test", "pending", 1, False),
        ("b71c02", "unknown_field_missing", "pending", 1, True),
    }
    assert all(one.provisional and not one.loud for one in found)


def test_no_class_of_the_fixture_is_a_recurring_pattern(judged: dict[str, PolicySpikes]) -> None:
    assert [policy.recurring() for policy in judged.values()] == [(), ()]


def test_the_whitelist_takes_no_alarm_away_because_every_spike_holds_an_unlisted_class(
    judged: dict[str, PolicySpikes],
) -> None:
    found = false_alarms(with_listing(fixture.runs_frame(), fixture.WHITELIST), judged.values(), [])["a6f53e"]
    assert (found.alarms, found.before, found.after, found.reduction) == (2, 2, 2, 0.0)
    assert found.proxy == (0, 1)
