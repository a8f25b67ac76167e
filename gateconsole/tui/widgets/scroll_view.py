"""Scroller: more lines than fit, moved by line and page; only those in sight are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events

from gateconsole.tui.theme.paint import Painter, Parts
from gateconsole.tui.widgets.pane import Pane

WHEEL = 3
"""Lines a turn of the wheel scrolls."""


class Scroller(Pane):
    """Lines made by `write` for a width; `top` is the first one in sight."""

    def __init__(self, paint: Painter, write: Callable[[int], Sequence[Parts]], *, id: str | None = None) -> None:
        super().__init__(paint, self._window, id=id)
        self._write = write
        self._whole: Sequence[Parts] = ()
        self._height = 0
        self.top = 0

    @property
    def page(self) -> int:
        """How many lines fit."""
        return max(self._height, 1)

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return len(self._whole)

    def move(self, by: int) -> None:
        """Scroll by lines."""
        self.move_to(self.top + by)

    def move_to(self, place: int) -> None:
        """Scroll to a line."""
        self.top = max(0, min(place, self.lines - self.page))
        self.show()

    def _window(self, width: int, height: int) -> list[Parts]:
        self._height = height
        self._whole = self._write(max(width - 1, 1))
        self.top = max(0, min(self.top, self.lines - height))
        shown = self._whole[self.top : self.top + height]
        if self.lines <= height:
            return list(shown)
        return [self._edged(parts, y, width) for y, parts in enumerate(shown)]

    def _edged(self, parts: Parts, y: int, width: int) -> Parts:
        """A line with the mark at the right edge that says which part of the whole is in sight."""
        length = max(self._height * self._height // self.lines, 1)
        start = round(self.top / (self.lines - self._height) * (self._height - length))
        mark = "▐" if start <= y < start + length else " "
        return (*self._paint.cell(parts, width - 1), (mark, "rule"))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll towards the end."""
        event.stop()
        self.move(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll towards the begin."""
        event.stop()
        self.move(-WHEEL)
