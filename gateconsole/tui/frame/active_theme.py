"""What the console wears: the theme that was chosen, as this terminal can show it, and what becomes of saved files."""

from __future__ import annotations

import curses
import os
from collections.abc import Callable, Mapping
from typing import Final

from rich.color import ColorSystem

from gateconsole.tui.frame.theme_picker import ThemePicker
from gateconsole.tui.theme.paint import Painter
from gateconsole.tui.theme.themes import FALLBACK, Depth, Theme, ThemeError, ThemeLibrary, adapted, depth_of

_SYSTEMS: Final[dict[Depth, ColorSystem]] = {
    "none": ColorSystem.STANDARD,
    "ansi": ColorSystem.STANDARD,
    "256": ColorSystem.EIGHT_BIT,
    "true": ColorSystem.TRUECOLOR,
}


class ActiveTheme:
    """The themes there are, the one that is worn, and how a theme becomes a Paint here.

    Raises ThemeError when there is no theme of this name. One whose file is broken is passed over for gate-dark, or
    for the look it had before; `problem` says so until it is mended, empty otherwise.
    """

    def __init__(
        self, name: str, book: ThemeLibrary | None = None, depth: Depth = "true", ascii_only: bool = False
    ) -> None:
        self.book = book or ThemeLibrary()
        self.depth = depth
        self.problem = ""
        self._ascii_only = ascii_only
        try:
            self.theme = self.book.load(name)
        except ThemeError as problem:
            if name not in self.book.names():
                raise
            self.problem = f"{problem}; {FALLBACK} is worn meanwhile"
            self.theme = ThemeLibrary().load(FALLBACK)
        self._wanted = name

    @property
    def color_system(self) -> ColorSystem:
        """How colours are written to the terminal."""
        return _SYSTEMS[self.depth]

    def paint(self, theme: Theme | None = None) -> Painter:
        """A theme, or the one that is worn, as this terminal can show it."""
        return Painter(adapted(theme or self.theme, self.depth), self._ascii_only)

    def keep(self, theme: Theme) -> None:
        """Wear this theme from now on."""
        self.theme = theme
        self._wanted = theme.name
        self.problem = ""

    def picker(
        self, show: Callable[[Painter], None], kept: Callable[[Theme], None], say: Callable[[str, str], None]
    ) -> ThemePicker:
        """What the box of themes shows.

        `show` is called with each Paint to be seen, `kept` with the one chosen, `say` with why one cannot be (an ink).
        """

        def keep(theme: Theme) -> None:
            self.keep(theme)
            kept(theme)

        def wear(theme: Theme) -> None:
            show(self.paint(theme))

        return ThemePicker(self.book, self.theme, self.depth, wear, keep, complain=lambda why: say(why, "bad"))

    def saved(self) -> Painter | ThemeError | None:
        """What a file that was saved since the last question asks for: another look, a complaint, or nothing."""
        if self._wanted not in self.book.changed():
            return None
        try:
            self.theme = self.book.load(self._wanted)
        except ThemeError as problem:
            self.problem = f"{problem}; the look stays as it was"
            return problem
        self.problem = ""
        return self.paint()


def depth_here(environ: Mapping[str, str] = os.environ) -> Depth:
    """How many colours the process's own terminal is given."""
    try:
        curses.setupterm(environ.get("TERM") or "unknown", 1)
        colours: int | None = curses.tigetnum("colors")
    except curses.error:
        colours = None
    return depth_of(environ, colours)
