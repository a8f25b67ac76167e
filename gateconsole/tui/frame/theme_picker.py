"""The theme picker: every theme seen at once on the screen behind it, kept or left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from gateconsole.tui.theme.paint import Parts
from gateconsole.tui.theme.themes import Depth, Theme, ThemeError, ThemeLibrary
from gateconsole.tui.widgets.dialog import DialogRow

_DEPTH_WORDS: dict[Depth, str] = {
    "none": "no colours here",
    "ansi": "16 colours here",
    "256": "256 colours here",
    "true": "",
}


class ThemePicker:
    """The themes for a Box: `wear` shows one at once, `keep` is told which one was chosen.

    `complain` is told why one cannot be worn: in its place the look is that before the box.
    """

    picking = "keep"
    leaving = "back"
    searched = False
    width = 46
    side: Literal["middle", "right"] = "right"

    def __init__(
        self,
        book: ThemeLibrary,
        now: Theme,
        depth: Depth,
        wear: Callable[[Theme], None],
        keep: Callable[[Theme], None],
        *,
        complain: Callable[[str], None],
    ) -> None:
        words = _DEPTH_WORDS[depth]
        self.title = f"theme, {words}" if words else "theme"
        self._now = now
        self._wear = wear
        self._keep = keep
        self._complain = complain
        self._themes: list[tuple[str, Theme | ThemeError]] = []
        self._own = {name for name in book.names() if book.is_own(name)}
        for name in book.names():
            try:
                self._themes.append((name, book.load(name)))
            except ThemeError as problem:
                self._themes.append((name, problem))

    def search(self, query: str) -> Sequence[DialogRow]:
        """All themes; one whose file is broken says so."""
        return [self._entry(name, theme) for name, theme in self._themes]

    def start(self) -> int:
        """The theme that is worn."""
        names = [name for name, _ in self._themes]
        return names.index(self._now.name) if self._now.name in names else 0

    def moved(self, place: int) -> None:
        """See it at once, or why it cannot be seen."""
        self._show(place)

    def pick(self, place: int) -> None:
        """Keep it, if it can be worn."""
        theme = self._show(place)
        if theme is not None:
            self._keep(theme)

    def _show(self, place: int) -> Theme | None:
        theme = self._themes[place][1]
        if isinstance(theme, Theme):
            self._wear(theme)
            return theme
        self._wear(self._now)
        self._complain(str(theme))
        return None

    def leave(self) -> None:
        """The theme that was worn before."""
        self._wear(self._now)

    def _entry(self, name: str, theme: Theme | ThemeError) -> DialogRow:
        own = "own, " if name in self._own else ""
        if isinstance(theme, ThemeError):
            return DialogRow(((name, "muted"),), ((f"{own}▲ broken", "bad"),))
        right: Parts = ((f"{own}{'dark' if theme.dark else 'light'}", "muted"),)
        words = {"gate-safe": "red-green safe", "gate-mono": "no hues", "gate-terminal": "your terminal's"}
        if name in words and not own:
            right = ((words[name], "muted"),)
        return DialogRow(((name, "text"),), right)
