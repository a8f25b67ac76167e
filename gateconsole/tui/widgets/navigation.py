"""Moving by keys: what can be walked through, and where each act of the registry leads in it."""

from __future__ import annotations

from typing import Final, Protocol

_END: Final = 10**9
"""A place beyond every end; who is sent there stops at the last."""


class Navigable(Protocol):
    """A list that is walked by its cursor, or a page by its first line in sight. A step beyond an end stops there."""

    @property
    def page(self) -> int:
        """How many lines fit."""

    def move(self, by: int) -> None:
        """Go on by so many lines."""

    def move_to(self, place: int) -> None:
        """Go to a line."""


def navigate(walked: Navigable, action: str) -> None:
    """Do an act that moves (`down`, `page_up`, `first` ...); any other moves nothing."""
    steps = {"down": 1, "up": -1, "page_down": walked.page, "page_up": -walked.page}
    ends = {"first": 0, "last": _END}
    if action in steps:
        walked.move(steps[action])
    elif action in ends:
        walked.move_to(ends[action])
