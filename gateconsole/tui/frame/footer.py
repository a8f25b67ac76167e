"""The footer: what was said last, until the next key; else the keys that do something now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.widget import Widget

from gateconsole.tui.keys.actions import Action
from gateconsole.tui.shell.status_lines import footer_line, key_line, notice_lines
from gateconsole.tui.theme.paint import Painter, Parts
from gateconsole.tui.widgets.modal import Modal
from gateconsole.tui.widgets.pane import Pane


class Footer(Pane):
    """The last lines of the console. While a modal is open its keys stand there, not those of the screen.

    `acts`: what the screen can do now. What is said takes the place of a screen's keys; a modal's stay below it.
    """

    def __init__(self, paint: Painter, acts: Callable[[], Sequence[Action]]) -> None:
        super().__init__(paint, self._draw_footer, ground="panel", grow=True, id="footer")
        self._acts = acts
        self._notice: tuple[str, str] | None = None
        self._asking: Modal | None = None

    @property
    def modal(self) -> Modal | None:
        """What has the keys in place of the screen, if anything.

        While the terminal is out of sight nothing is focused, so what counts is whether it is there.
        """
        modal = self._asking
        return modal if modal is not None and modal.is_attached and modal.display else None

    def focus_is_on(self, widget: Widget | None) -> None:
        """The keyboard is somebody else's now; None: the screen's."""
        if isinstance(widget, Modal):
            self._asking = widget
        self.show()

    def say(self, text: str, ink: str = "text") -> None:
        """Say something until the next key; a long complaint may take three lines."""
        self._notice = (text, ink)
        self.show()

    def hush(self, only: str = "") -> None:
        """The keys again, where something was said; `only`: where just this was said."""
        if self._notice is not None and only in {"", self._notice[0]}:
            self._notice = None
            self.show()

    def show(self) -> None:
        """Draw again; a modal over the screen makes room."""
        super().show()
        if self.modal is not None:
            self.modal.stand_above(len(self._lines))

    def _draw_footer(self, width: int, height: int) -> list[Parts]:
        said = [] if self._notice is None else notice_lines(*self._notice, width)
        modal = self.modal
        if modal is not None:
            return [*said, key_line(modal.key_words(), width)]
        return said or [footer_line(self._acts(), width)]
