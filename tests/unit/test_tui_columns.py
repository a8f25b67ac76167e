"""Columns share a width: nothing wraps, the least important goes first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateconsole.tui.widgets.columns import MARGIN, Column, fit_columns

COLUMNS = (
    Column("policy", "POLICY", 6, 12, grow=2),
    Column("n", "N", 5, align="right"),
    Column("outcomes", "OUTCOMES", 10, 24, drop=2, grow=3),
    Column("trend", "TREND", 12, 40, drop=1, grow=1),
)


def widths(width: int) -> dict[str, int]:
    """Column key -> width."""
    return {placed.column.key: placed.width for placed in fit_columns(COLUMNS, width)}


@given(st.integers(1, 300))
def test_columns_never_take_more_than_there_is(width: int) -> None:
    placed = widths(width)
    assert placed
    assert sum(placed.values()) + 2 * (len(placed) - 1) + MARGIN <= max(width, MARGIN + 1)


def test_the_highest_drop_goes_first() -> None:
    assert list(widths(40)) == ["policy", "n", "trend"]
    assert list(widths(20)) == ["policy", "n"]


def test_room_goes_to_the_columns_in_their_order() -> None:
    assert widths(60)["trend"] > 12
    assert widths(60)["outcomes"] == 10
    assert widths(300) == {"policy": 12, "n": 5, "outcomes": 24, "trend": 40}
