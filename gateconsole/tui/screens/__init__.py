"""One file a screen; here the list of those there are, in the order of their tabs.

A screen is imported when it is made, which is after the first paint.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from gateconsole.tui.safe import Paint
    from gateconsole.tui.screens.base import ConsoleScreen


class ScreenEntry(NamedTuple):
    """A screen as the frame knows it: its tab's key and title, its name in the registry of actions, how to make it."""

    key: str
    title: str
    name: str
    make: Callable[[Paint, str], ConsoleScreen]


def _policies(paint: Paint, root_label: str) -> ConsoleScreen:
    from gateconsole.tui.screens.policies import PoliciesScreen

    return PoliciesScreen(paint, root_label)


def _runs(paint: Paint, root_label: str) -> ConsoleScreen:
    from gateconsole.tui.screens.runs import RunsScreen

    return RunsScreen(paint, root_label)


SCREENS: Final = (
    ScreenEntry("1", "Policies", "policies", _policies),
    ScreenEntry("5", "Runs", "runs", _runs),
)
