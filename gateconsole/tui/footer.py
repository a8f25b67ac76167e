"""The footer: what was said last, until the next key; else the keys that do something now."""

from __future__ import annotations

from collections.abc import Callable

from gateconsole.tui.lines import notice_lines
from gateconsole.tui.safe import Paint, Parts
from gateconsole.tui.widgets.pane import Pane


class Footer(Pane):
    """The last lines of the console. `keys`: (width in cells) -> the keys that do something now, in one line."""

    def __init__(self, paint: Paint, keys: Callable[[int], Parts]) -> None:
        super().__init__(paint, self._draw_footer, ground="panel", grow=True, id="footer")
        self._keys = keys
        self._notice: tuple[str, str] | None = None

    def say(self, text: str, ink: str = "text") -> None:
        """Say something in place of the keys, until the next key; a long complaint may take three lines."""
        self._notice = (text, ink)
        self.show()

    def hush(self) -> None:
        """The keys again, where something was said."""
        if self._notice is not None:
            self._notice = None
            self.show()

    def _draw_footer(self, width: int, height: int) -> list[Parts]:
        return [self._keys(width)] if self._notice is None else notice_lines(*self._notice, width)
