"""One file a screen; here the list of those there are, in the order of their tabs."""

from __future__ import annotations

from gateconsole.tui.screens.base import ConsoleScreen
from gateconsole.tui.screens.policies import PoliciesScreen

SCREENS: tuple[type[ConsoleScreen], ...] = (PoliciesScreen,)
