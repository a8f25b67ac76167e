"""The box over the screens: at most one is open, and it has the keys."""

from __future__ import annotations

from textual.geometry import Size
from textual.screen import Screen

from gateconsole.tui.theme.paint import Painter
from gateconsole.tui.widgets.dialog import Dialog, DialogContent


class Dialogs:
    """Opens boxes over a screen of Textual's, keeps the open one in its place, and takes it away."""

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen
        self.open: Dialog | None = None
        """The one that is there."""

    def show(self, content: DialogContent, paint: Painter) -> None:
        """Let a box with this content have the keys; one that was open goes."""
        if self.open is not None:
            self.open.remove()
        box = self.open = Dialog(paint, content)
        self.place(self._screen.size)
        self._screen.mount(box)
        box.take_keys()

    def close(self, box: Dialog, picked: int | None) -> None:
        """Take it away, then do what was picked in it, if anything was; a box that went before does nothing."""
        if self.open is not box:
            return
        self.open = None
        box.close()
        box.remove()
        if picked is None:
            box.content.leave()
        else:
            box.content.pick(picked)

    def place(self, size: Size) -> None:
        """The screen has this size now."""
        if self.open is not None:
            self.open.place(size.width, size.height)

    def repaint(self, paint: Painter) -> None:
        """Use another theme."""
        if self.open is not None:
            self.open.repaint(paint)
