"""The sweep chart: shares in their columns, cuts under them, nothing beyond its place."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from gateconsole.judgement.backtest import Point
from gateconsole.tui.readiness.sweep_chart import Mark, column_of, sweep_chart
from gateconsole.tui.theme.paint import width_of
from gateconsole.tui.widgets.chart import AXIS


@st.composite
def sweeps(draw: st.DrawFn) -> list[Point]:
    """A sweep as `Graded.sweep` makes it: rising cuts, falling counts, never more unlisted than above."""
    cuts = sorted(draw(st.sets(st.integers(1, 10_000), max_size=70)))
    n = draw(st.integers(1, 500))
    left, points = draw(st.integers(0, n)), []
    for cut in [0, *cuts]:
        left = draw(st.integers(0, left))
        points.append(Point(cut / 10_000, n, left, draw(st.integers(0, left))))
    return points


def drawn(points: Sequence[Point], marks: Sequence[Mark] = (), width: int = 48, height: int = 10) -> list[str]:
    """The chart as text."""
    return ["".join(text for text, _ in line) for line in sweep_chart(points, marks, width, height)]


@given(sweeps(), st.lists(st.floats(0, 2), max_size=3), st.integers(8, 120), st.integers(1, 30))
def test_a_chart_stays_within_its_place(points: list[Point], cuts: list[float], width: int, height: int) -> None:
    lines = sweep_chart(points, [Mark(cut, "p95-based") for cut in cuts], width, height)
    assert len(lines) <= height
    assert width < 20 or all(width_of(line) <= max(width, 60) for line in lines)


@given(sweeps())
def test_what_is_above_with_the_whitelist_is_never_drawn_over_what_is_without(points: list[Point]) -> None:
    for line in drawn(points)[:-2]:
        assert set(line[AXIS:]) <= set(" ▁▂▃▄▅▆▇█─")


POINTS = [Point(0.0, 100, 40, 20), Point(0.02, 100, 10, 10), Point(0.04, 100, 0, 0)]


def test_bars_are_with_the_whitelist_and_the_line_over_them_is_without() -> None:
    lines = drawn(POINTS, height=10, width=AXIS + 41)
    assert lines[0].startswith("   40 %┤─")
    assert lines[0][AXIS:].rstrip() == "─" * 20
    middle = next(line for line in lines if line.startswith("   20 %"))
    assert middle[AXIS:].rstrip() == "█" * 20


def test_the_proposed_cut_stands_under_its_column() -> None:
    lines = drawn(POINTS, [Mark(0.02, "p95-based")], width=AXIS + 41)
    line = next(line for line in lines if "p95-based 0.0200" in line)
    assert line.index("↑") == AXIS + column_of(0.02, 0.04, 41) == AXIS + 20


def test_a_mark_near_the_right_end_has_its_words_before_it() -> None:
    line = next(line for line in drawn(POINTS, [Mark(0.04, "p95-based")]) if "p95-based" in line)
    assert line.endswith("p95-based 0.0400 ↑")


def test_the_axis_names_both_ends() -> None:
    assert drawn(POINTS)[-1].split() == ["0.0000", "0.0400"]


def test_runs_that_all_fail_have_nothing_to_sweep() -> None:
    assert drawn([Point(0.0, 0, 0, 0)]) == [" no run without a FAIL signal has a rate: nothing to sweep"]


def test_a_sweep_of_zeros_only_is_a_flat_line() -> None:
    lines = drawn([Point(0.0, 50, 0, 0)])
    assert not set("".join(lines[:-2])) & set("▁▂▃▄▅▆▇█")
