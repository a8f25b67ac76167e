"""The choice of an unknown class, when there are several under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from gateconsole.model import Whitelist
from gateconsole.tui.shell.candidates import WhitelistCandidate
from gateconsole.tui.theme.paint import Parts
from gateconsole.tui.widgets.dialog import DialogRow


class ClassPicker:
    """What a Box shows: every class with how the whitelist stands to it; those not listed first."""

    title = "whitelist which class?"
    picking = "list"
    leaving = "keep nothing"
    searched = True
    width = 64
    side: Literal["middle", "right"] = "middle"

    def __init__(
        self, found: Sequence[WhitelistCandidate], whitelist: Whitelist, use: Callable[[WhitelistCandidate], None]
    ) -> None:
        self._whitelist = whitelist
        self._use = use
        self._found = sorted(found, key=lambda one: self._words(one) == "listed")
        self._shown: list[WhitelistCandidate] = []

    def search(self, query: str) -> Sequence[DialogRow]:
        """The classes that hold every word of the query."""
        words = query.lower().split()
        self._shown = [one for one in self._found if all(word in one.reason.lower() for word in words)]
        return [DialogRow(((one.reason, "strong"),), self._standing(one)) for one in self._shown]

    def start(self) -> int:
        """The first one."""
        return 0

    def moved(self, place: int) -> None:
        """Nothing depends on it."""

    def pick(self, place: int) -> None:
        """Open the form for it."""
        self._use(self._shown[place])

    def leave(self) -> None:
        """Nothing is to be done."""

    def _standing(self, one: WhitelistCandidate) -> Parts:
        words = self._words(one)
        return ((f"= {words}" if words else "not listed", "listed" if words else "muted"),)

    def _words(self, one: WhitelistCandidate) -> str:
        """How the whitelist stands to it: listed, partly, or not at all (empty)."""
        held = [self._whitelist.entry(one.reason, stratum) is not None for stratum in one.strata or (None,)]
        return "listed" if all(held) else "partly" if any(held) else ""
