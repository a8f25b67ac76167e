"""Modal: a pane that has every key while it is open; it says which of them do something besides typing."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from textual.message import Message

from gateconsole.tui.theme.paint import Painter
from gateconsole.tui.widgets.pane import Draw, Pane


class KeyHint(NamedTuple):
    """A key as people write it, or two that belong together, and what it does now: `esc`, `keep nothing`."""

    key: str
    does: str


class Modal(Pane, can_focus=True):
    """A form, a line or a box: it takes the keyboard when it opens and gives it back when it closes."""

    class KeysChanged(Message):
        """Other keys do something now."""

    def __init__(self, paint: Painter, draw: Draw, *, ground: str = "panel", id: str | None = None) -> None:
        super().__init__(paint, draw, ground=ground, id=id)
        self._told: tuple[KeyHint, ...] = ()

    @abstractmethod
    def key_words(self) -> Sequence[KeyHint]:
        """The keys that do something now, the most needed first: none that would type there, or do nothing."""

    def take_keys(self) -> None:
        """Be there and have the keyboard, at once: the next key may be here already."""
        self.display = True
        self.screen.set_focus(self)

    def close(self) -> None:
        """Go away and give the keyboard back."""
        self.display = False
        if self.screen.focused is self:
            self.screen.set_focus(None)

    def stand_above(self, lines: int) -> None:
        """The footer takes so many lines; one that covers the screen leaves them free."""

    def fit(self) -> None:
        """The terminal has another size; one that is as high as its lines may want another height."""

    def show(self) -> None:
        """Draw again, and say so if other keys do something now."""
        super().show()
        keys = tuple(self.key_words())
        if keys != self._told:
            self._told = keys
            self.post_message(self.KeysChanged())
