"""Moving by keys, and rows that are made by their number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.tui.widgets.lazy_rows import LazyRows
from gateconsole.tui.widgets.navigation import navigate


class Line:
    """Fifty places, ten of them a page."""

    page = 10
    place = 20

    def move(self, by: int) -> None:
        self.move_to(self.place + by)

    def move_to(self, place: int) -> None:
        self.place = max(0, min(place, 49))


@pytest.mark.parametrize(
    ("action", "place"),
    [("down", 21), ("up", 19), ("page_down", 30), ("page_up", 10), ("first", 0), ("last", 49), ("open", 20)],
)
def test_an_act_leads_to_its_place(action: str, place: int) -> None:
    line = Line()
    navigate(line, action)
    assert line.place == place


class Squares(LazyRows[int]):
    """The squares of the numbers below a size."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size

    def _at(self, number: int) -> int:
        return number * number


@given(st.integers(0, 20), st.slices(25))
def test_rows_made_by_number_are_cut_as_a_list_is(size: int, part: slice) -> None:
    whole = [number * number for number in range(size)]
    assert list(Squares(size)) == whole
    assert Squares(size)[part] == whole[part]


@pytest.mark.parametrize("place", [-1, 3, 4])
def test_a_row_that_is_not_there_is_an_error(place: int) -> None:
    with pytest.raises(IndexError):
        Squares(3)[place]
