"""The WARN checklist and what a cut would have done: rules G25 and G26."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.engine.series import Series
from gateconsole.judgement.backtest import (
    NOTHING_GRADED,
    POINTS,
    Backtest,
    Graded,
    backtests,
    graded,
    proposals,
    stability,
)
from gateconsole.judgement.limits import LIMITS, Limit
from gateconsole.judgement.readiness import (
    NO_JUDGED_ALARMS,
    JudgedAlarms,
    Readiness,
    Row,
    readiness,
    runs_with_unknowns,
)
from gateconsole.model import EMPTY, Entry, Run, Stratum, Whitelist
from gateconsole.statistics.figures import Policy
from gateconsole.statistics.partial import WHOLE
from gateconsole.statistics.whitelist_split import with_listing


def run(
    number: int,
    rate: float | None = 0.0,
    outcome: str = "PASS",
    stratum: Stratum | None = None,
    reasons: tuple[str, ...] = (),
    policy: str = "p",
) -> Run:
    return Run(f"run-{number}", number, policy, outcome, rate, reasons, stratum)


def held(runs: list[Run], whitelist: Whitelist = EMPTY) -> tuple[Policy, pl.DataFrame]:
    """The only policy of these runs, and the runs."""
    series = Series()
    for file, one in enumerate(runs):
        series.put(file, f"f{file}", one)
    series.settle(0)
    series.judge_by(whitelist)
    (policy,) = series.policies(0)
    return policy, series.runs()()


def checked(runs: list[Run], judged: JudgedAlarms = NO_JUDGED_ALARMS, limits: Limit = LIMITS) -> Readiness:
    policy, frame = held(runs)
    return readiness(policy, runs_with_unknowns(frame)["p"], judged, limits)


def line(found: Readiness, start: str) -> Row:
    return next(row for row in found.rows if row.name.startswith(start))


def test_with_39_valid_runs_it_is_too_few_with_40_ready() -> None:
    assert checked([run(at) for at in range(39)]).verdict == "too few"
    assert checked([*(run(at) for at in range(39)), run(40, None)]).verdict == "too few"
    assert checked([run(at) for at in range(40)]).verdict == "ready"


def test_a_row_that_is_not_met_goes_before_one_with_too_few() -> None:
    assert checked([run(0, 0.0, "WARN")]).verdict == "not ready"


@pytest.mark.parametrize(
    ("stratum", "at_most", "name"), [("pinned", 7, "pinned"), ("unpinned", 13, "unpinned"), (None, 7, "without")]
)
def test_alarms_must_stay_below_the_limit_of_their_stratum(stratum: Stratum | None, at_most: int, name: str) -> None:
    for alarms, state in ((at_most, "met"), (at_most + 1, "not met")):
        words = ["WARN", "FAIL", "BLOCK"]
        runs = [run(at, 0.0, words[at % 3] if at < alarms else "REVIEW", stratum) for at in range(40)]
        row = line(checked(runs), f"WARN + FAIL + BLOCK, {name}")
        assert (row.runs, row.n, row.state) == (alarms, 40, state)


def test_a_stratum_without_runs_is_not_applicable() -> None:
    found = checked([run(at, stratum="pinned") for at in range(40)])
    states = [row.state for row in found.rows if row.name.startswith("WARN + FAIL")]
    assert states == ["met", "not applicable", "not applicable"]


def test_runs_with_unknowns_are_those_above_zero_of_the_valid_ones_reasons_or_not() -> None:
    runs = [*(run(at, 0.1) for at in range(4)), *(run(at, 0.0) for at in range(4, 40)), run(41, None)]
    row = line(checked(runs), "unknown runs")
    assert (row.runs, row.n, row.value, row.state) == (4, 40, 0.1, "not met")


def test_overrides_may_be_one_in_ten_runs() -> None:
    runs = [run(at) for at in range(40)]
    assert line(checked(runs, JudgedAlarms(overrides=4)), "overrides").state == "met"
    assert line(checked(runs, JudgedAlarms(overrides=5)), "overrides").state == "not met"


def test_the_false_positive_rate_has_no_limit_until_one_is_set() -> None:
    runs, judged = [run(at) for at in range(40)], JudgedAlarms(0, 3, 10)
    row = line(checked(runs, judged), "false positives")
    assert (row.state, row.value, row.limit) == ("not applicable", 0.3, None)
    strict = Limit(false_positives=0.2)
    assert line(checked(runs, judged, strict), "false positives").state == "not met"
    assert checked(runs, JudgedAlarms(), strict).verdict == "too few"


def test_sure_means_that_the_wilson_interval_lies_on_one_side() -> None:
    few, many = ([run(at) for at in range(n)] for n in (10, 400))
    assert not line(checked(few), "unknown").sure
    assert line(checked(many), "unknown").sure
    assert line(checked([run(at, 0.5) for at in range(40)]), "unknown").sure


def test_a_limit_says_where_it_comes_from() -> None:
    found = checked([run(0)], limits=Limit(unknown_runs=0.5))
    assert line(found, "valid").source == "seed"
    assert line(found, "overrides").source == "default"
    assert line(found, "unknown").source == "setting"


# Row 26.

LISTED = Whitelist((Entry("x", scope="pinned"),))
RUNS = [
    run(0, 0.5, "FAIL", "pinned", ("x",)),
    run(1, None, "BLOCK", "pinned"),
    run(2, None, "PASS", "pinned"),
    run(3, 0.02, "REVIEW", "pinned"),
    run(4, 0.03, "PASS", "pinned", ("x",)),
    run(5, 0.03, "PASS", "pinned", ("x", "y")),
    run(6, 0.03, "PASS", None, ("x",)),
]


def at_cut(runs: list[Run], cut: float) -> tuple[Backtest, ...]:
    """What a cut does to the only policy of these runs."""
    return backtests(with_listing(held(runs)[1], LISTED), {"p": cut})["p"]


def by_rate(runs: pl.DataFrame, whitelist: Whitelist) -> Graded:
    """The runs of the only policy, by rate."""
    return graded(with_listing(runs, whitelist)).get("p", NOTHING_GRADED)


def test_a_backtest_keeps_fail_and_block_passes_at_the_cut_and_warns_only_what_is_listed() -> None:
    found = at_cut(RUNS, 0.02)
    plain = {(one.stratum, one.with_whitelist): one[3:] for one in found}
    assert plain["pinned", False] == (6, 1, 0, 2, 1, 1, 1)
    assert plain["pinned", True] == (6, 1, 1, 1, 1, 1, 1)
    assert plain[None, True] == (1, 0, 0, 1, 0, 0, 0)
    assert plain[WHOLE, True] == (7, 1, 1, 2, 1, 1, 1)
    assert ("unpinned", True) not in plain


@given(st.lists(st.tuples(st.sampled_from([None, 0.0, 0.01, 0.02, 0.5]), st.sampled_from(["PASS", "FAIL", "BLOCK"]))))
def test_a_backtest_loses_no_run(drawn: list[tuple[float | None, str]]) -> None:
    runs = [run(at, rate, outcome, reasons=("x",)) for at, (rate, outcome) in enumerate(drawn)]
    if runs:
        for one in at_cut(runs, 0.01):
            assert one.n == len(runs) == sum(one[4:])


def test_a_sweep_falls_from_cut_to_cut_and_has_few_points() -> None:
    runs = [run(at, at / 1000, reasons=("x",), stratum="pinned" if at % 2 else None) for at in range(500)]
    points = by_rate(held(runs)[1], LISTED).sweep([0.0405])
    assert len(points) <= POINTS + 3
    assert [point.above for point in points] == sorted((point.above for point in points), reverse=True)
    assert (points[0].cut, points[0].above, points[0].unlisted) == (0.0, 499, 249)
    assert next(point for point in points if point.cut == 0.0405).above == 459
    assert points[-1][2:] == (0, 0)


def test_proposals_never_go_below_the_floor_and_say_so() -> None:
    policy, frame = held([run(at) for at in range(40)])
    p95, median = proposals(policy, by_rate(frame, EMPTY))
    assert (p95.cut, median.cut) == (0.01, 0.01)
    assert "raised to the floor 0.01" in p95.reason
    assert "too few" not in p95.reason


def test_without_a_rate_nothing_is_proposed() -> None:
    policy, frame = held([run(0, None)])
    assert [one.cut for one in proposals(policy, by_rate(frame, EMPTY))] == [None, None]


def test_policies_stand_in_the_order_of_their_newest_run() -> None:
    series = Series()
    for file, (policy, rate) in enumerate([("b", 0.01), ("a", 0.03), ("c", None)]):
        series.put(file, f"f{file}", run(file, rate, policy=policy))
    series.settle(10)
    series.keep_recent(10, charts=False)
    found = stability(series.policies(10))
    assert [(one.policy_hash, one.change) for one in found] == [("b", None), ("a", 0.02), ("c", None)]
