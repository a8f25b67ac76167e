r"""The only place where text becomes something Textual draws.

Artifact text passes `text.printable` here and is literal from then on: no markup is read, no link or action is made.
A line is a sequence of *parts*, (text, ink); `Paint` gives the ink its style and the text its cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Final, Literal

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from gateconsole.model import OUTCOMES
from gateconsole.text import printable
from gateconsole.tui.theme.ascii_marks import IN_ASCII
from gateconsole.tui.theme.themes import Theme
from gateconsole.view import (
    MISSING,
    OTHER_OUTCOME,
)

Part = tuple[str, str]
"""Text, and the ink it is written in."""

Parts = tuple[Part, ...]
Align = Literal["left", "right"]

ELLIPSIS: Final = "…"
_LONGEST: Final = 8
"""Raw characters kept for each cell: a letter may carry marks that take no cell."""


_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
"""Letters that are written from right to left. Many terminals reorder a line that holds one, the figures in other
columns with it, and not all can be asked not to: the screen shows their codes, `\\u05d0`. What is copied, paged and
exported holds the letters.
"""


@lru_cache(8192)
def printable_cells(text: str, ascii_only: bool = False) -> str:
    """Text as it may reach the terminal; with `ascii_only`, in the 95 characters every terminal has."""
    shown = printable(text)
    if not shown.isascii():
        shown = _RIGHT_TO_LEFT.sub(lambda mark: mark[0].encode("ascii", "backslashreplace").decode("ascii"), shown)
    if not shown.isascii() and any(cell_len(mark) == 0 for mark in shown):
        shown = _unpiled(shown)
    if ascii_only and not shown.isascii():
        shown = shown.translate(IN_ASCII).encode("ascii", "backslashreplace").decode("ascii")
    return shown


def _unpiled(text: str) -> str:
    """Text in which no more than two characters without a cell of their own stand on one cell (zalgo, any script)."""
    out: list[str] = []
    pile = 2  # none may stand at the start
    for mark in text:
        pile = pile + 1 if cell_len(mark) == 0 else 0
        out.append(mark if pile <= 2 else mark.encode("ascii", "backslashreplace").decode("ascii"))
    return "".join(out)


class Painter:
    """A theme in use: parts in, `Strip` out. Styles are made once for each pair of ink and ground."""

    def __init__(self, theme: Theme, ascii_only: bool = False) -> None:
        self.theme = theme
        self.ascii_only = ascii_only
        self._styles: dict[tuple[str, str], Style] = {}

    def style(self, ink: str, ground: str = "background") -> Style:
        """The style of an ink on a ground; `strong@selection` names a ground of its own."""
        style = self._styles.get((ink, ground))
        if style is None:
            name, _, own = ink.partition("@")
            style = _style(self.theme.inks[name], self.theme.grounds[own or ground])
            self._styles[ink, ground] = style
        return style

    def text(self, text: str, width: int) -> str:
        """Printable text that takes at most `width` cells; what is cut off is marked `…`."""
        if width <= 0:
            return ""
        shown = printable_cells(text[: width * _LONGEST + 1], self.ascii_only)
        if cell_len(shown) <= width and len(text) <= width * _LONGEST:
            return shown
        mark = printable_cells(ELLIPSIS, self.ascii_only)
        return set_cell_size(shown, width - 1).rstrip() + mark if width > 1 else mark

    def cell(self, parts: Parts, width: int, align: Align = "left") -> Parts:
        """Parts cut or padded to exactly `width` cells; numbers stand on the right."""
        kept: list[Part] = []
        left = width
        for text, ink in parts:
            if left > 0:
                shown = self.text(text, left)
                kept.append((shown, ink))
                left -= cell_len(shown)
        blank = (" " * left, "text")
        if left <= 0:
            return tuple(kept)
        return (blank, *kept) if align == "right" else (*kept, blank)

    def strip(self, parts: Iterable[Part], width: int, ground: str = "background") -> Strip:
        """One line of exactly `width` cells, standing on `ground` to its end."""
        return self.fitted(self.cell(tuple(parts), width), width, ground)

    def fitted(self, parts: Parts, width: int, ground: str = "background") -> Strip:
        """A line of parts that `cell` has made and that take `width` cells together."""
        return Strip([Segment(text, self.style(ink, ground)) for text, ink in merged(parts) if text], width)


def _style(ink: str, ground: str) -> Style:
    """An ink on a ground; on a `reverse` ground weight is all that is left of it, so that every ink can be read."""
    style = Style.parse(ink)
    if ground == "reverse":
        return Style(color="default", bgcolor="default", bold=style.bold, underline=style.underline, reverse=True)
    return style + Style(bgcolor=ground)


def merged(parts: Iterable[Part]) -> Parts:
    """The same parts with neighbours of one ink joined."""
    return tuple(("".join(text for text, _ in run), ink) for ink, run in groupby(parts, key=itemgetter(1)))


def width_of(parts: Parts) -> int:
    """The cells that parts take once they are printable."""
    return sum(cell_len(printable_cells(text)) for text, _ in parts)


INKS: Final = {outcome[0]: outcome.lower() for outcome in OUTCOMES} | {OTHER_OUTCOME: "other", MISSING: "other"}
"""Letter of an outcome -> its ink."""
