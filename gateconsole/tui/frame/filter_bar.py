"""The line in which a filter is typed: compiled with every key, and what is wrong said under the place it is at."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.events import Key, Paste
from textual.message import Message

from gateconsole.query import KEYS, Query, QueryError, parse
from gateconsole.tui.keys.text_edit import TextEdit
from gateconsole.tui.theme.paint import Painter, Parts, printable_cells, width_of
from gateconsole.tui.widgets.modal import KeyHint, Modal

FILTER_LINES: Final = 2
"""The filter, and what is said of it."""

_PROMPT: Final = " / "
_ENDS: Final = frozenset({"escape", "ctrl+c", "enter"})
_REMEMBERED: Final = 50
_LAST_WORD: Final = re.compile(r"(?:^|\s)!?([a-zA-Z]+)$")


class FilterBar(Modal):
    """Two lines: the filter, and below it the error or what can be written. It has the keyboard while it is open."""

    class Typed(Message):
        """The text is another Query now."""

        def __init__(self, text: str, query: Query) -> None:
            super().__init__()
            self.text = text
            self.query = query

    class Cleared(Message):
        """`esc`: no filter any more."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, paint: Painter) -> None:
        super().__init__(paint, self._lines_now, id="filter")
        self.styles.height = FILTER_LINES
        self.display = False
        self._edit = TextEdit()
        self._error: QueryError | None = None
        self._found = self._note = ""
        self._looked_for = ""
        self._history: list[str] = []
        self._shown_of_history = 0

    @property
    def text(self) -> str:
        """What stands in the line."""
        return self._edit.text

    @property
    def error(self) -> QueryError | None:
        """What is wrong with it, if anything."""
        return self._error

    def open(self, text: str) -> None:
        """Begin with this text; take the keyboard."""
        self._edit, self._error = TextEdit(text, len(text)), None
        self._looked_for = text
        self._shown_of_history = len(self._history) - (self._history[-1:] == [text])
        self.take_keys()
        self.show()

    def key_words(self) -> Sequence[KeyHint]:
        """`enter` only while nothing is wrong, the arrows only where there is an earlier or later filter."""
        words = [KeyHint("enter", "keep")] if self._error is None else []
        words.append(KeyHint("esc", "clear"))
        earlier, later = self._shown_of_history > 0, self._shown_of_history < len(self._history)
        if earlier:
            words.append(KeyHint("↑ ↓" if later else "↑", "earlier filters"))
        elif later:
            words.append(KeyHint("↓", "later filters"))
        return words

    def say_found(self, words: str, note: str = "") -> None:
        """How many were found (`37 of 12,340 runs`); what is asked for that nothing in sight has."""
        self._found, self._note = words, note
        self.show()

    def on_key(self, event: Key) -> None:
        """Every key is this line's while it is open."""
        event.stop()
        event.prevent_default()
        if self.screen.focused is not self:  # typed right behind the key that ended it: meant for what comes then
            self.app.post_message(Key(event.key, event.character))
            return
        if event.key in _ENDS:
            self._end(keep=event.key == "enter")
        elif event.key in {"up", "down"}:
            self._recall(-1 if event.key == "up" else 1)
        else:
            self._become(self._edit.key(event.key, event.character))

    def on_paste(self, event: Paste) -> None:
        """Pasted text is typed text."""
        event.stop()
        self._become(self._edit.typed(event.text))

    def _end(self, keep: bool) -> None:
        if keep and self._error is not None:
            return  # the line still says what is wrong
        if keep:
            self._look_for(self.text)
        if keep and self.text and self._history[-1:] != [self.text]:
            self._history = [*self._history[1 - _REMEMBERED :], self.text]
        self.close()
        if not keep:
            self.post_message(self.Cleared())

    def _recall(self, by: int) -> None:
        """Filters kept earlier, as a shell shows earlier commands."""
        place = self._shown_of_history + by
        if 0 <= place <= len(self._history):
            self._shown_of_history = place
            text = self._history[place] if place < len(self._history) else ""
            self._become(TextEdit(text, len(text)))

    def _become(self, edit: TextEdit | None) -> None:
        if edit is None:
            return
        changed = edit.text != self.text
        self._edit = edit
        if changed:
            read = parse(edit.text)
            self._error = read if isinstance(read, QueryError) else None
            sound = edit.text if self._error is None else edit.text[: self._error.offset].rstrip()
            self._look_for(without_begun_key(sound))
        self.show()

    def _look_for(self, text: str) -> None:
        """Have this looked for, if it is not already."""
        read = parse(text)
        if not isinstance(read, QueryError) and text != self._looked_for:
            self._looked_for = text
            self.post_message(self.Typed(text, read))

    # drawing

    def _lines_now(self, width: int, height: int) -> list[Parts]:
        shown, start = self._window(width - len(_PROMPT) - 1)
        line = self._typed_parts(shown, start)
        found = ((self._found, "muted"), (" ", "text")) if self._error is None else ()
        blank = width - width_of(line) - width_of(found)
        if found and blank > 1:
            line = (*line, (" " * blank, "text"), *found)
        return [line, self._below(width, start)]

    def _window(self, room: int) -> tuple[str, int]:
        """The part of the text around the cursor that fits, and where it begins."""
        start = max(self._edit.at - max(room, 1) + 1, 0)
        return self._edit.text[start : start + max(room, 1)], start

    def _typed_parts(self, shown: str, start: int) -> Parts:
        at = self._edit.at - start
        here = (shown[at], "accent@selection") if at < len(shown) else ("▌", "accent")
        return ((_PROMPT, "key"), (shown[:at], "strong"), here, (shown[at + 1 :], "strong"))

    def _below(self, width: int, start: int) -> Parts:
        if self._error is None and self._note:
            return ((" " * len(_PROMPT), "text"), (self._note, "notice"))
        if self._error is None:
            keys = " ".join(f"{key}:" for key in KEYS)
            return ((" " * len(_PROMPT), "text"), (f"{keys}   ! inverts", "muted"))
        words = f"{self._error.text}: {self._error.hint}"
        before = self._edit.text[start : max(self._error.offset, start)]
        column = len(_PROMPT) + cell_len(printable_cells(before))
        room = width - cell_len(printable_cells(words)) - 3
        left = max(min(column, room), len(_PROMPT)) if column > room else column
        mark = "↑ " if left == column else ""
        return ((" " * left, "text"), (mark, "bad"), (words, "notice"))


def without_begun_key(text: str) -> str:
    """The text without a last word that may become a key (`outc`): while it is typed it is not looked for as a word."""
    begun = _LAST_WORD.search(text)
    return text[: begun.start()] if begun and any(key.startswith(begun[1].lower()) for key in KEYS) else text
