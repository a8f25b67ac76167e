"""A list above its detail: both where there is room, else one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual.geometry import Size
from textual.widget import Widget

from gateconsole.tui.widgets.table import Table


def two_fifths(height: int) -> int:
    """The most lines that a list takes above a detail, of a height in cells."""
    return max(height * 2 // 5, 6)


def lines_needed(rows: int, most: int) -> int:
    """The lines of a list that stands above a detail: what its rows and its header need, at most so many."""
    return min(rows + 1, most)


class Split:
    """Shows list, detail or both; `message` where there is nothing to list. `opened`: the detail has all the room.

    `least`: the least size in cells that shows both. `most`: how many lines of a height the list takes at most.
    """

    def __init__(
        self,
        message: Widget,
        table: Table[Any],
        detail: Sequence[Widget],
        *,
        least: Size,
        most: Callable[[int], int] = two_fifths,
    ) -> None:
        self.opened = False
        self._message = message
        self._table = table
        self._detail = tuple(detail)
        self._least = least
        self._most = most
        self._list_height: int | str = "1fr"

    def place(self, size: Size, filled: bool) -> None:
        """Share this size; `filled`: there is something to list."""
        self.opened = self.opened and filled
        both = size.width >= self._least.width and size.height >= self._least.height
        self._message.display = not filled
        self._table.display = filled and not self.opened
        for part in self._detail:
            part.display = filled and (both or self.opened)
        self.fit(size)

    def fit(self, size: Size) -> None:
        """Give the list what its rows need, when it stands above the detail."""
        above = self._detail[0].display and not self.opened
        wanted: int | str = lines_needed(len(self._table.rows), self._most(size.height)) if above else "1fr"
        if wanted != self._list_height:
            self._list_height = wanted
            self._table.styles.height = wanted
