"""The house as a newcomer finds it: no circle between its rooms, and names that say what a value is."""

from __future__ import annotations

import pytest

from tests.tools.house import VAGUE, arrows, circle, sources, vague_share

TREES = sources()

MOST_VAGUE = 82.5
"""Names of 1,000 that may hold a vague word. It is only ever lowered; the goal is 8."""


@pytest.mark.parametrize(("below", "depth"), [("gateconsole", 2), ("gateconsole.tui", 3), ("gateconsole.cli", 3)])
def test_no_circle_of_rooms_late_and_type_only_imports_counted(below: str, depth: int) -> None:
    rooms = arrows(TREES, below, depth)
    assert rooms
    assert circle(rooms) == ()


def test_a_circle_would_be_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ("a", "b", "c")
    assert circle({"a": {"b"}, "b": {"c"}}) == ()


def test_names_do_not_get_vaguer() -> None:
    assert vague_share(TREES.values()) <= MOST_VAGUE, f"name what a value is: not by one of {', '.join(sorted(VAGUE))}"
