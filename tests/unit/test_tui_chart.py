"""The chart: every run in its place, every mark under its run."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from gateconsole.snapshot import RecentRun
from gateconsole.tui.theme.paint import width_of
from gateconsole.tui.widgets.chart import AXIS, axis_maximum, chart, runs_in_chart
from tests.screens.fake import MINUTE, NOON

OUTCOMES = ("PASS", "COMMENT", "WARN", "REVIEW", "FAIL", "BLOCK", "GREEN", "(none)")


def run(rate: float | None, outcome: str = "PASS", place: int = 0) -> RecentRun:
    """One run."""
    return RecentRun(f"run-{place}", NOON + place * MINUTE, None, outcome, rate, ())


def drawn(runs: Sequence[RecentRun], width: int = 60, height: int = 12, ascii_only: bool = False) -> list[str]:
    """The chart as text."""
    return ["".join(text for text, _ in line) for line in chart(runs, width, height, NOON, ascii_only)]


RUNS = st.lists(
    st.builds(run, st.none() | st.floats(0, 1, allow_subnormal=False), st.sampled_from(OUTCOMES), st.integers(0, 99)),
    max_size=120,
)


@given(RUNS, st.integers(20, 140), st.integers(1, 40))
def test_a_chart_stays_within_its_place(runs: list[RecentRun], width: int, height: int) -> None:
    lines = chart(runs, width, height, NOON)
    assert len(lines) <= height
    marks = lines[:-1]
    assert all(width_of(line) <= width for line in marks)


@given(st.lists(st.floats(0, 1), min_size=1))
def test_the_axis_ends_at_or_above_the_highest_rate(rates: list[float]) -> None:
    assert axis_maximum(rates) >= max(rates) * 10_000 * (1 - 1e-9)


def test_the_axis_ends_at_a_handsome_value() -> None:
    assert [axis_maximum([rate]) for rate in (0.0, 0.08, 0.0225, 0.0003, 0.91, 1.0)] == [
        100,
        800,
        250,
        10,
        10_000,
        10_000,
    ]


def test_the_axis_is_labelled_with_four_decimals() -> None:
    lines = drawn([run(0.08)])
    assert lines[0].startswith(" 0.0800┤")
    assert any(line.startswith((" 0.0000┴", " 0.0000└")) for line in lines)


def test_each_run_has_a_column_and_its_mark_stands_under_it() -> None:
    lines = drawn([run(0.08), run(0.0, "FAIL"), run(0.04), run(0.08, "WARN")])
    bars = next(line for line in lines if line.startswith(" 0.0800"))
    fail = next(line for line in lines if line.startswith("   FAIL"))
    warn = next(line for line in lines if line.startswith("   WARN"))
    assert bars[AXIS:] == "█  █"
    assert fail[AXIS:] == " F  "
    assert warn[AXIS:] == "   W"


def test_two_runs_share_a_column_when_there_are_more_than_fit_each_in_its_half() -> None:
    runs = [run(0.08 if place == 1 else 0.0, "FAIL" if place == 2 else "PASS", place) for place in range(80)]
    lines = drawn(runs)
    bars = next(line for line in lines if line.startswith(" 0.0800"))
    fail = next(line for line in lines if line.startswith("   FAIL"))
    assert bars[AXIS:].rstrip() == "▐"
    assert fail[AXIS:].rstrip() == " ▌"


def test_a_run_without_a_rate_is_marked_and_is_not_zero() -> None:
    lines = drawn([run(0.0), run(None), run(0.02)])
    assert next(line for line in lines if line.startswith("no rate"))[AXIS:] == " ○ "


def test_the_smallest_rate_is_seen() -> None:
    low = next(line for line in reversed(drawn([run(0.08), run(0.00001)])) if "│" in line and "█" in line)
    assert low[AXIS:] == "█▁"


def test_calm_runs_need_no_lane() -> None:
    assert not any("FAIL" in line or "WARN" in line for line in drawn([run(0.01), run(0.02, "COMMENT")]))


def test_lanes_without_room_are_named() -> None:
    runs = [run(0.01, outcome, place) for place, outcome in enumerate(OUTCOMES)]
    assert "no room for" in drawn(runs, width=100, height=7)[-1]
    assert not any("no room for" in line for line in drawn(runs, width=100, height=12))


def test_other_outcomes_share_a_lane_and_keep_their_letters() -> None:
    lines = drawn([run(0.01, "GREEN"), run(0.01, "(none)")])
    assert next(line for line in lines if line.startswith("  other"))[AXIS:] == "U-"


def test_120_runs_fit_sixty_columns_in_halves_and_120_in_wholes() -> None:
    assert runs_in_chart(AXIS + 60, 120, False) == (120, 2)
    assert runs_in_chart(AXIS + 120, 120, False) == (120, 1)
    assert runs_in_chart(AXIS + 60, 120, True) == (60, 1)


def test_a_policy_without_runs_says_so() -> None:
    assert drawn([]) == [" no runs to draw"]


def test_the_ends_of_the_axis_are_dated() -> None:
    last = drawn([run(0.01, place=place) for place in range(40)])[-1]
    assert last.split() == ["13:16:05Z", "13:55:05Z"]
