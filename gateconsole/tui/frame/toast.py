"""Toast: what just happened, in a line over the foot of the screen for some seconds. Nothing moves, nothing blinks."""

from __future__ import annotations

from typing import Final

from textual.timer import Timer

from gateconsole.tui.theme.paint import Painter, Parts
from gateconsole.tui.widgets.pane import Pane

SECONDS: Final = 20.0
"""How long it stands."""

_MOST: Final = 3
"""Lines at once; the oldest go first."""


class Toast(Pane):
    """Lines of (text, ink), the newest below; each stands for SECONDS, over whatever is there."""

    def __init__(self, paint: Painter) -> None:
        super().__init__(paint, self._draw_lines, ground="banner", id="toast")
        self.display = False
        self.said: list[tuple[str, str]] = []
        self._ends: list[Timer] = []
        self._above = 0

    def stand_above(self, lines: int) -> None:
        """Keep so many lines above the footer free: something is typed there."""
        self._above = lines
        self.place()

    def tell(self, text: str, ink: str) -> None:
        """Say this."""
        self.said = [*self.said[1 - _MOST :], (text, ink)]
        self._ends.append(self.set_timer(SECONDS, self._forget_oldest))
        self._place()

    def hush(self) -> None:
        """Go away."""
        for timer in self._ends:
            timer.stop()
        self._ends, self.said = [], []
        self._place()

    def _forget_oldest(self) -> None:
        self._ends = self._ends[1:]
        self.said = self.said[-len(self._ends) :] if self._ends else []
        self._place()

    def _place(self) -> None:
        size = self.app.size
        self.display = bool(self.said) and size.height > len(self.said) + 4
        self.styles.width, self.styles.height = size.width, max(len(self.said), 1)
        self.styles.offset = (0, max(size.height - 1 - self._above - len(self.said), 0))
        self.show()
        self.refresh()

    def place(self) -> None:
        """The terminal has another size."""
        if self.said:
            self._place()

    def _draw_lines(self, width: int, height: int) -> list[Parts]:
        return [((" ▲ ", "bad"), (text, ink)) for text, ink in self.said]
