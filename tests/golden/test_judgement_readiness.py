"""The golden fixture of rules 2.4 on its way to WARN: checklist, mini-backtest, proposed settings."""

from __future__ import annotations

from gateconsole.judgement.backtest import backtests, graded, proposals, stability
from gateconsole.judgement.readiness import readiness, runs_with_unknowns
from gateconsole.statistics.partial import WHOLE
from gateconsole.statistics.whitelist_split import with_listing
from tests.golden import fixture

LISTED = with_listing(fixture.runs_frame(), fixture.WHITELIST)


def test_the_checklist_of_both_policies() -> None:
    unknown = runs_with_unknowns(fixture.runs_frame())
    first, second = (readiness(policy, unknown[policy.policy_hash]) for policy in fixture.POLICIES)
    assert [(row.name, row.runs, row.n, row.state, row.sure) for row in first.rows] == [
        ("valid runs", 6, 6, "too few", True),
        ("WARN + FAIL + BLOCK, pinned", 0, 3, "met", False),
        ("WARN + FAIL + BLOCK, unpinned", 1, 3, "met", False),
        ("WARN + FAIL + BLOCK, without stratum", 0, 0, "not applicable", False),
        ("unknown runs", 4, 6, "not met", True),
        ("overrides", 0, 6, "met", False),
        ("false positives", 0, 0, "not applicable", False),
    ]
    assert (first.verdict, first.unmet) == ("not ready", 1)
    assert (second.verdict, second.unmet) == ("not ready", 2)


def test_the_mini_backtest_at_the_fixed_cut_with_and_without_the_whitelist() -> None:
    found = backtests(LISTED, {"a6f53e": 0.01})["a6f53e"]
    assert [(one.stratum, one.with_whitelist, one.passed, one.warn, one.review, one.fail) for one in found] == [
        (WHOLE, False, 3, 0, 2, 1),
        (WHOLE, True, 3, 0, 2, 1),
        ("pinned", False, 3, 0, 0, 0),
        ("pinned", True, 3, 0, 0, 0),
        ("unpinned", False, 0, 0, 2, 1),
        ("unpinned", True, 0, 0, 2, 1),
    ]
    lower = [one for one in backtests(LISTED, {"a6f53e": 0.001})["a6f53e"] if one.stratum == "pinned"]
    assert [(one.passed, one.warn, one.review) for one in lower] == [(1, 0, 2), (1, 2, 0)]


def test_the_proposed_cuts_stand_side_by_side_with_their_reasons() -> None:
    p95, median = proposals(fixture.POLICIES[0], graded(LISTED)["a6f53e"])
    assert (p95.cut, median.cut) == (0.08, 0.0225)
    assert p95.reason == (
        "p95 of 6 valid runs = 0.0800; 0 of 5 runs without a FAIL signal are above it; too few (n = 6 of 40)"
    )
    assert median.reason.startswith("3 x median of 6 valid runs = 0.0225; 1 of 5 runs")


def test_the_rate_is_compared_from_policy_to_policy() -> None:
    assert [(one.policy_hash, one.median, one.change) for one in stability(fixture.POLICIES)] == [
        ("a6f53e", 0.0075, None),
        ("b71c02", 0.021, 0.0135),
    ]
