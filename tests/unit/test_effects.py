"""Effects: rules G19 and G23 by counting, in words that never claim a cause."""

from __future__ import annotations

from math import exp, sqrt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.judgement.effects import associations, mean_rates, risk, risk_of
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.judgement.spikes import judge_policies
from gateconsole.model import Entry, Whitelist
from gateconsole.statistics.intervals import ContingencyTable, newcombe_paired, z_of
from gateconsole.statistics.partial import WHOLE, Partial
from gateconsole.statistics.policies import stats
from gateconsole.statistics.runs_frame import Row, frame_of, with_run_ids
from gateconsole.statistics.whitelist_split import with_listing

WHITELIST = Whitelist((Entry("x"), Entry("p", scope="pinned")))


def row(number: int, rate: float | None, reasons: str, outcome: str = "PASS", policy: str = "p") -> Row:
    return f"run-{number}", number, policy, outcome, rate, reasons, "pinned", f"f{number}"


def frame(rows: list[Row]) -> pl.DataFrame:
    return with_run_ids(frame_of(rows))


def policies(rows: list[Row]) -> list[PolicySpikes]:
    return list(judge_policies(frame(rows)).values())


def test_the_risk_difference_counts_runs_of_both_groups_a_mixed_one_in_both() -> None:
    found = risk(10, 4, 3, mixed=2)
    assert (found.n, found.n_w, found.n_n, found.difference) == (10, 4, 3, 0.1)
    assert found.limits == newcombe_paired(ContingencyTable(2, 2, 1, 5))


def test_the_ratio_has_log_limits_with_the_standard_error_of_the_row() -> None:
    found = risk(10, 4, 3, mixed=2)
    factor = exp(z_of(0.95) * sqrt((2 + 1) / (4 * 3)))
    assert found.ratio == 4 / 3
    assert found.ratio_limits == pytest.approx((4 / 3 / factor, 4 / 3 * factor), rel=1e-12)


def test_without_unlisted_runs_there_is_no_ratio_without_listed_ones_no_limits_of_it() -> None:
    assert (risk(10, 4, 0, 0).ratio, risk(10, 4, 0, 0).ratio_limits) == (None, None)
    assert (risk(10, 0, 4, 0).ratio, risk(10, 0, 4, 0).ratio_limits) == (0.0, None)
    assert risk(0, 0, 0, 0)[3:] == (None, None, None, None)


def test_the_effect_of_a_policy_is_that_of_its_counts() -> None:
    rows = [
        row(0, 0.1, "x"),
        row(1, 0.1, "x;y"),
        row(2, 0.1, "y"),
        row(3, 0.0, "y"),
        row(4, None, "y"),
        row(5, 0.2, ""),
    ]
    assert risk_of(stats(Partial.of(frame(rows)), "p", WHOLE, WHITELIST)) == risk(5, 2, 2, mixed=1)


def test_the_mean_rates_are_exact_decimals_of_each_group() -> None:
    rows = [row(0, 0.1, "x"), row(1, 0.2, "x;y"), row(2, 0.3, "y"), row(3, 0.0, "x"), row(4, None, "x")]
    rows += [(*one[:2], "q", *one[3:]) for one in rows[:1]]
    assert mean_rates(with_listing(frame(rows), WHITELIST)) == {"p": (0.15, 0.25), "q": (0.1, None)}
    assert mean_rates(with_listing(frame(rows[3:5]), WHITELIST)) == {}


def test_a_spike_and_a_fail_are_counted_over_all_valid_runs_of_the_policy() -> None:
    rows = [row(at, 0.0, "", "FAIL" if at < 4 else "PASS") for at in range(38)]
    rows += [row(38, 0.5, "x", "BLOCK"), row(39, 0.5, "x;y"), row(40, None, "x", "FAIL")]
    found = {one.class_name: one for one in associations(policies(rows))}
    assert found["x"].table == ContingencyTable(1, 1, 4, 34)
    assert found["y"].table == ContingencyTable(0, 1, 5, 34)
    assert found["x"].difference == pytest.approx(1 / 2 - 4 / 38)
    assert found["x"].ratio == pytest.approx(4.75)
    assert (found["y"].ratio, found["y"].ratio_limits) == (0.0, None)


def test_too_few_runs_say_how_few_and_are_not_adjusted() -> None:
    found = associations(policies([row(at, 0.5, "x") for at in range(23)]))
    assert [(one.words, one.p_adjusted) for one in found] == [("too few (n = 23 of 40)", None)]


def test_enough_runs_say_association_and_never_cause() -> None:
    calm = [row(at, 0.0, "", "PASS") for at in range(60)]
    rows = [*calm, *[row(60 + at, 0.5, "x", "FAIL") for at in range(6)]]
    rows += [(*one[:2], "q", *one[3:]) for one in [*calm, *[row(60 + at, 0.5, "y") for at in range(6)]]]
    words = {one.class_name: one.words for one in associations(policies(rows))}
    assert words == {
        "x": "association: FAIL signals more often with these spikes",
        "y": "no sign of an association",
    }


def test_p_is_adjusted_over_all_rows_of_all_policies_with_enough_runs() -> None:
    rows = [row(at, 0.0, "", "PASS") for at in range(60)]
    rows += [row(60 + at, 0.5, "x" if at < 4 else "y", "FAIL" if at < 4 else "PASS") for at in range(8)]
    rows += [(*one[:2], "few", *one[3:]) for one in rows[55:]]
    found = {(one.policy_hash, one.class_name): one for one in associations(policies(rows))}
    assert found["p", "x"].p_adjusted == pytest.approx(2 * found["p", "x"].p)
    assert found["few", "x"].p_adjusted is None


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_exchanging_listed_and_unlisted_turns_the_difference_round(both: int, w: int, n: int, none: int) -> None:
    one, other = (risk(both + w + n + none, both + a, both + b, both) for a, b in ((w, n), (n, w)))
    if one.difference is None or one.limits is None or other.limits is None:
        assert both + w + n + none == 0
        return
    assert one.difference == -(other.difference or 0.0)
    assert one.limits == pytest.approx((-other.limits.upper, -other.limits.lower), abs=1e-12)
