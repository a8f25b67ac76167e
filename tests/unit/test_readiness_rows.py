"""Readiness in words and in order: verdicts, values beside their limits, what is reviewed again."""

from __future__ import annotations

from typing import Literal

import pytest

from gateconsole.judgement.readiness import Readiness, Row, RowState
from gateconsole.rows.readiness import READINESS_COLUMNS, readiness_by, reviewed_policies, verdict_text
from gateconsole.rows.sorts import Sort
from gateconsole.tui.readiness.cells import readiness_columns, shape_of, sign
from gateconsole.view import check_limit, check_value
from tests.screens.fake_runs import Tree


def share(
    runs: int, n: int, limit: float | None = 0.2, state: RowState = "met", relation: Literal["<", "<="] = "<"
) -> Row:
    """A row about a share of runs."""
    return Row("a share", runs / n if n else None, runs, n, limit, relation, state, True, "default")


def valid(runs: int, limit: int = 40) -> Row:
    """The row about the number of runs."""
    return Row("valid runs", runs, runs, runs, limit, ">=", "met" if runs >= limit else "too few", True, "seed")


def test_the_verdict_counts_only_rows_that_apply() -> None:
    none = Row("none", None, 0, 0, None, "<", "not applicable", False, "default")
    rows = (valid(50), share(30, 100, state="not met"), share(1, 100), none)
    assert verdict_text(Readiness("p", "not ready", rows)) == "not ready (1 of 3)"


def test_too_few_runs_are_counted_against_the_limit_in_force() -> None:
    assert verdict_text(Readiness("p", "too few", (valid(23),))) == "too few (n = 23 of 40)"
    assert verdict_text(Readiness("p", "too few", (valid(23, 60),))) == "too few (n = 23 of 60)"


def test_too_few_of_something_else_is_named() -> None:
    nothing = Row("false positives", None, 0, 0, 0.25, "<", "too few", False, "setting")
    assert verdict_text(Readiness("p", "too few", (valid(50), nothing))) == "too few (false positives)"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (share(76, 1000), "7.6 %"),
        (share(1997, 10_000), "19.97 %"),
        (share(2000, 10_000, state="not met"), "20.0 %"),
        (share(20_001, 100_000, state="not met"), "20.001 %"),
        (share(100, 100), "100 %"),
        (share(9999, 10_000), "99.9 %"),
        (share(0, 0), "-"),
        (valid(12_311), "12,311"),
    ],
)
def test_a_value_stands_on_its_own_side_of_the_limit(row: Row, words: str) -> None:
    assert check_value(row) == words


def test_limits_are_written_with_their_relation() -> None:
    assert check_limit(valid(1), ascii_only=False) == "≥ 40"
    assert check_limit(share(1, 2, 0.07), ascii_only=False) == "< 7 %"
    assert check_limit(share(1, 2, 0.125, relation="<="), ascii_only=False) == "≤ 12.5 %"
    assert check_limit(share(1, 2, None), ascii_only=False) == "-"


def test_only_a_row_that_is_decided_but_not_sure_has_the_sign() -> None:
    assert sign(share(1, 10)._replace(sure=False)) == "~"
    assert sign(share(1, 10)) == ""
    assert sign(share(0, 0, state="too few")._replace(sure=False)) == ""


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160, 200])
def test_policy_verdict_and_runs_stand_at_every_width(width: int) -> None:
    names = [column.key for column in readiness_columns(shape_of([]), width)]
    assert names[:3] == ["policy", "verdict", "runs"]


def test_the_same_policies_are_not_reviewed_again() -> None:
    snapshot = Tree(120).snapshot()
    first = reviewed_policies(snapshot)
    again = reviewed_policies(snapshot, first)
    assert set(first.reviews) == {"a6f53e", "b71c02", "c0ffee"}
    assert all(again.reviews[name] is first.reviews[name] for name in first.reviews)


def test_a_policy_that_left_is_forgotten() -> None:
    first = reviewed_policies(Tree(120).snapshot())
    fewer = Tree(3).snapshot()
    assert set(reviewed_policies(fewer, first).reviews) == {policy.policy_hash for policy in fewer.policies}


@pytest.mark.parametrize("column", READINESS_COLUMNS)
def test_every_column_orders_all_policies_both_ways(column: str) -> None:
    snapshot = Tree(120).snapshot()
    found = reviewed_policies(snapshot).reviews
    falling = readiness_by(snapshot.policies, found, Sort(column, True))
    rising = readiness_by(snapshot.policies, found, Sort(column, False))
    every = sorted(policy.policy_hash for policy in snapshot.policies)
    assert sorted(one.policy_hash for one in falling) == every
    assert sorted(one.policy_hash for one in rising) == every
