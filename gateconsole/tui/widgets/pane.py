"""Pane: a widget of lines. Told to show, it compares line by line and repaints only those that differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.events import Resize
from textual.geometry import Region
from textual.strip import Strip

from gateconsole.tui.theme.paint import Painter, Parts
from gateconsole.tui.widgets.resize_fix import ResizeFix

Draw = Callable[[int, int], Sequence[Parts]]
"""(width, height) in cells -> the lines to show."""


class Pane(ResizeFix):
    """Lines on one ground, made by a `draw` function whenever there is something new or the size changes.

    `grow` lets the height follow the number of lines, down to nothing.
    """

    def __init__(
        self, paint: Painter, draw: Draw, *, ground: str = "background", grow: bool = False, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._paint = paint
        self._draw = draw
        self._ground = ground
        self._grow = grow
        self._lines: list[Parts] = []

    def show(self) -> None:
        """Draw again, and ask for a repaint of the lines that changed."""
        width, height = self.size
        if self._grow:
            width = self.app.size.width
        lines = list(self._draw(width, height)) if width else []
        old, self._lines = self._lines, lines
        if self._grow and len(lines) != len(old):
            self.styles.height = len(lines)
            self.display = bool(lines)
            self.refresh()
            return
        changed = [y for y in range(max(len(old), len(lines))) if old[y : y + 1] != lines[y : y + 1]]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def repaint(self, paint: Painter) -> None:
        """Use another theme."""
        self._paint = paint
        self.show()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line, to the full width."""
        parts = self._lines[y] if y < len(self._lines) else ()
        return self._paint.strip(parts, self.size.width, self._ground)

    def on_resize(self, event: Resize) -> None:
        """Another size may want other lines."""
        self.show()
        self.refresh()
