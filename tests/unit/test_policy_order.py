"""Policies in the order an operator chose."""

from __future__ import annotations

import pytest

from gateconsole.rows.policy_order import BY_DAY, POLICY_COLUMNS, policies_by
from gateconsole.rows.sorts import Sort
from gateconsole.statistics.figures import Policy
from tests.screens.fake_runs import Tree


def policies() -> tuple[Policy, ...]:
    """`low` and `high` with a rate each, `none` without, `fail` with a FAIL signal."""
    tree = Tree()
    for name, rate, outcome in (
        ("low", 0.01, "PASS"),
        ("none", None, "PASS"),
        ("high", 0.05, "PASS"),
        ("fail", 0.02, "FAIL"),
        ("fail", 0.02, "PASS"),
    ):
        tree.arrive(policy_hash=name, unknown_rate=rate, outcome=outcome)
    return tree.snapshot().policies


def names(sort: Sort) -> list[str]:
    """The policies in this order."""
    return [policy.policy_hash for policy in policies_by(policies(), sort)]


def test_by_day_is_the_order_given() -> None:
    assert names(BY_DAY) == ["fail", "high", "low", "none"]


@pytest.mark.parametrize(
    ("column", "order"),
    [
        ("policy", ["none", "low", "high", "fail"]),
        ("n", ["fail", "high", "low", "none"]),
        ("max", ["high", "fail", "low", "none"]),
        ("outcomes", ["fail", "high", "low", "none"]),
        ("last", ["fail", "high", "none", "low"]),
    ],
)
def test_a_column_falls(column: str, order: list[str]) -> None:
    assert names(Sort(column, True)) == order


@pytest.mark.parametrize("column", ["min", "median", "p95", "max"])
def test_a_policy_without_the_value_is_last_both_ways(column: str) -> None:
    assert names(Sort(column, True))[-1] == names(Sort(column, False))[-1] == "none"


@pytest.mark.parametrize("column", POLICY_COLUMNS)
def test_every_column_orders_all_policies(column: str) -> None:
    assert sorted(names(Sort(column, True))) == sorted(names(Sort(column, False))) == ["fail", "high", "low", "none"]
