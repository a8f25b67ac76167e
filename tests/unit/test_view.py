"""view: the words, order and levels that screens show."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.judgement.alerts import NO_RATE, SILENCE, Alert
from gateconsole.model import Completeness, Entry, Whitelist
from gateconsole.snapshot import RecentRun, Snapshot, Stats
from gateconsole.tui.shell.status_lines import status_line
from gateconsole.view import (
    class_rows,
    completeness,
    format_count,
    format_percent,
    format_rate,
    format_time,
    format_time_short,
    listed_share,
    outcome_bar,
    outcome_counts,
    policies_in_order,
    strata_rows,
    trend,
)
from tests.screens.fake import LISTED, MINUTE, NOON, made_runs, of, policy

DAY = 24 * 60 * MINUTE


def mix(**outcomes: int) -> Stats:
    """Figures of which only the outcomes matter."""
    n = sum(outcomes.values())
    return Stats(n, n, 0.0, 0.0, 0.0, 0.0, outcomes, {}, 0, 0)


def run(rate: float | None, outcome: str = "PASS", *names: str, time: int | None = NOON) -> RecentRun:
    """One run."""
    return RecentRun("run-1", time, None, outcome, rate, names)


def test_a_rate_has_four_decimals_and_a_missing_one_is_a_dash() -> None:
    assert (format_rate(0.075), format_rate(0.0), format_rate(None)) == ("0.0750", "0.0000", "-")


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 0, "-"), (0, 9, "0.0 %"), (31, 409, "7.6 %"), (9, 9, "100 %"), (99_999, 100_000, "99.9 %")],
)
def test_a_share_is_in_percent_and_all_only_when_it_is_all(part: int, whole: int, words: str) -> None:
    assert format_percent(part, whole) == words


def test_counts_mark_their_thousands() -> None:
    assert format_count(12_340) == "12,340"


def test_a_time_has_its_date_only_when_it_is_not_today() -> None:
    assert format_time(NOON, NOON) == "13:16:05Z"
    assert format_time(NOON - 11 * DAY, NOON) == "02-18 13:16Z"
    assert format_time(NOON - 400 * DAY, NOON) == "2025-01-25"
    assert format_time(None, NOON) == "-"


@pytest.mark.parametrize("back", [0, 11, 400])
def test_a_short_time_takes_seven_cells_at_most(back: int) -> None:
    assert len(format_time_short(NOON - back * DAY, NOON)) <= 7


@given(st.integers(-(2**63), 2**63 - 1))
def test_no_time_stops_the_screen(time: int) -> None:
    assert format_time(time, NOON)
    assert format_time_short(time, NOON)


def test_completeness_is_a_sum_that_can_be_checked() -> None:
    parts = Completeness(seen=12_341, parsed=12_311, pending=3, rejected=26, duplicate=1)
    assert completeness(parts) == "12,341 seen = 12,311 parsed + 3 pending + 26 rejected + 1 duplicate"


def test_parts_that_are_zero_are_left_out() -> None:
    assert completeness(Completeness(seen=2, parsed=2)) == "2 seen = 2 parsed"


def test_the_bar_gives_each_run_a_letter_when_there_is_room() -> None:
    assert outcome_bar(mix(PASS=1, COMMENT=1), 10) == "PC"


def test_other_words_and_none_have_letters_of_their_own() -> None:
    assert outcome_bar(mix(PASS=1, **{"GREEN": 2, "(none)": 1}), 10) == "PUU-"


@given(st.lists(st.integers(0, 10_000), min_size=6, max_size=6), st.integers(8, 30))
def test_the_bar_is_in_proportion_and_forgets_no_outcome(runs: list[int], width: int) -> None:
    words = ("PASS", "COMMENT", "WARN", "REVIEW", "FAIL", "BLOCK")
    stats = mix(**dict(zip(words, runs, strict=True)))
    bar = outcome_bar(stats, width)
    assert len(bar) == min(sum(runs), width)
    assert set(bar) == set(outcome_counts(stats))
    assert bar == "".join(sorted(bar, key="PCWRFB".index))


def test_the_trend_spans_from_zero_to_the_maximum_of_the_policy() -> None:
    shown = trend(policy("a", [run(0.0), run(0.04), run(0.0001), run(0.08), run(None)]), 10)
    assert [point.level for point in shown] == [0, 4, 1, 7, None]


def test_the_trend_marks_fail_signals() -> None:
    shown = trend(policy("a", [run(0.0, "FAIL"), run(0.0, "BLOCK"), run(0.0, "WARN")]), 2)
    assert [(point.outcome, point.fails) for point in shown] == [("B", True), ("W", False)]


def test_listed_is_the_share_of_whitelisted_runs_among_those_with_unknown_classes() -> None:
    runs = [run(0.1, "PASS", "unknown_field_missing"), run(0.1, "PASS", "x"), run(0.0)]
    assert listed_share(policy("a", runs).whole) == "50.0 %"
    assert listed_share(policy("a", runs[2:]).whole) == "-"


def test_policies_stand_by_the_day_of_their_newest_run_then_by_size_then_by_hash() -> None:
    policies = [
        policy("old", made_runs(500, 1, NOON - 2 * DAY)),
        policy("small", made_runs(2, 1)),
        policy("b", made_runs(9, 1, NOON - MINUTE)),
        policy("a", made_runs(9, 1, NOON - 5 * MINUTE)),
        policy("undated", [run(0.0, time=None)] * 900),
    ]
    assert [each.policy_hash for each in policies_in_order(of(policies))] == ["a", "b", "small", "old", "undated"]


def test_strata_begin_with_the_whole_policy() -> None:
    assert [row.name for row in strata_rows(policy("a", made_runs(40, 7)))] == ["all", "pinned", "unpinned"]


def test_a_policy_without_strata_shows_only_the_whole() -> None:
    assert [row.name for row in strata_rows(policy("a", [run(0.0)]))] == ["all"]


def test_a_class_says_since_when_it_is_listed() -> None:
    rows = class_rows(policy("a", [run(0.1, "FAIL", "unknown_field_missing", "x")]), LISTED, NOON)
    assert [(row.name, row.runs, row.fail_runs, row.listed, row.since) for row in rows] == [
        ("unknown_field_missing", 1, 1, "listed", "02-19"),
        ("x", 1, 1, "unlisted", ""),
    ]


@pytest.mark.parametrize(
    ("added_at", "since"),
    [("2026-02-19T10:00:00Z", "02-19"), ("2025-02-19", "2025-02-19"), ("last week", "last week"), (None, "")],
)
def test_the_date_of_an_entry_is_shown_as_far_as_it_is_one(added_at: str | None, since: str) -> None:
    whitelist = Whitelist((Entry("x", added_at=added_at),))
    rows = class_rows(policy("a", [run(0.1, "PASS", "x")], whitelist), whitelist, NOON)
    assert rows[0].since == since


def test_a_policy_without_classes_has_no_rows() -> None:
    bare = policy("a", [run(0.0)])
    assert class_rows(replace(bare, classes=pl.DataFrame(schema=bare.classes.schema)), LISTED, NOON) == ()


@pytest.mark.parametrize(
    ("parts", "alerts", "said"),
    [
        (Completeness(seen=5, parsed=5), (), "✓ complete"),
        (Completeness(), (), "▲ nothing found"),
        (Completeness(seen=5, rejected=5), (), "▲ nothing found"),
        (Completeness(seen=1, pending=1), (), "· incomplete"),
        (Completeness(seen=5, parsed=4, duplicate=1), (), "✓ complete"),
        (Completeness(seen=5, parsed=4, duplicate=1, conflicting=1), (), "· incomplete"),
        (Completeness(seen=5, parsed=5, unreadable_folders=1), (), "· incomplete"),
        (Completeness(seen=5, parsed=5), (Alert(None, SILENCE, "firing"),), "▲ silent"),
        (Completeness(seen=5, parsed=5), (Alert("p", NO_RATE, "firing"),), "▲ no rate in 1 policy"),
    ],
)
def test_the_head_has_a_check_mark_only_where_there_is_evidence(
    parts: Completeness, alerts: tuple[Alert, ...], said: str
) -> None:
    snapshot = Snapshot(phase="live", completeness=parts, alerts=alerts)
    for width in (200, 80, 40):
        line = "".join(text for text, _ in status_line(snapshot, "root", width).line)
        assert (said if width == 200 or said[0] == "▲" else said[0]) in line


def test_conflicting_duplicates_are_told_in_the_sum() -> None:
    parts = Completeness(seen=360, parsed=60, duplicate=300, conflicting=60)
    assert completeness(parts) == "360 seen = 60 parsed + 300 duplicate (60 conflicting)"
