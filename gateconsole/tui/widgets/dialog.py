"""Box: a framed list over the screen that has the keys while it is open; palette, help and theme picker live in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, Protocol

from textual.events import Click, Key, MouseScrollDown, MouseScrollUp, Paste
from textual.message import Message

from gateconsole.tui.keys.text_edit import TextEdit
from gateconsole.tui.theme.paint import Painter, Parts, width_of
from gateconsole.tui.widgets.modal import KeyHint, Modal

LINES_AROUND: Final = 2
"""Frame lines above and below the list; a search line takes one more."""

_ENDS: Final = frozenset({"escape", "ctrl+c"})


class DialogRow(NamedTuple):
    """One line of the list: what stands left and right in it; one that is not `pickable` is only read."""

    left: Parts
    right: Parts = ()
    pickable: bool = True


class DialogContent(Protocol):
    """What a box shows. `search` is asked anew whenever the query changes.

    `picking`, `leaving`: what `enter` and `esc` do to it, as the footer says it.
    """

    title: str
    picking: str
    leaving: str
    searched: bool
    width: int
    side: Literal["middle", "right"]

    def search(self, query: str) -> Sequence[DialogRow]:
        """The entries for a query; all of them for an empty one."""

    def start(self) -> int:
        """The place the cursor stands on at first."""

    def moved(self, place: int) -> None:
        """The cursor stands on this entry."""

    def pick(self, place: int) -> None:
        """This entry was chosen; the box has closed."""

    def leave(self) -> None:
        """The box was left without a choice; it has closed."""


class Dialog(Modal):
    """Draws a Content and lets the keys walk in it: letters search, or `j k g G` move where nothing is searched."""

    class Closed(Message):
        """The box is to go; `place` is what was picked, None if nothing was."""

        def __init__(self, box: Dialog, place: int | None) -> None:
            super().__init__()
            self.box = box
            self.place = place

    def __init__(self, paint: Painter, content: DialogContent) -> None:
        super().__init__(paint, self._draw_box)
        self.content = content
        self._edit = TextEdit()
        self.cursor = content.start()
        self.top = 0
        self._entries: Sequence[DialogRow] = content.search("")

    # place

    def place(self, width: int, height: int) -> None:
        """Take a place on a screen of this size."""
        lines = len(self.content.search("")) + LINES_AROUND + self.content.searched
        own_width, own_height = min(self.content.width, width - 2), min(max(lines, 5), height - 3)
        self.styles.width, self.styles.height = own_width, own_height
        x = width - own_width - 1 if self.content.side == "right" else (width - own_width) // 2
        self.styles.offset = (x, max(2, (height - own_height) // 4) if height > own_height + 3 else 1)

    @property
    def page(self) -> int:
        """How many entries are in sight."""
        return max(self.size.height - LINES_AROUND - self.content.searched, 1)

    # drawing

    def _draw_box(self, width: int, height: int) -> Sequence[Parts]:
        if width < 8 or height < 4:
            return []
        self._keep_in_sight()
        shown = self._entries[self.top : self.top + self.page]
        inner = [self._search_line()] if self.content.searched else []
        inner += [self._entry_line(entry, self.top + y, width - 4) for y, entry in enumerate(shown)]
        if not self._entries:
            inner.append((("nothing found", "muted"),))
        inner += [()] * (height - LINES_AROUND - len(inner))
        title: Parts = ((f" {self.content.title} ", "strong"),)
        return [_edge("┌┐", title, (), width), *(self._framed(line, width) for line in inner), self._bottom(width)]

    def _bottom(self, width: int) -> Parts:
        more = len(self._entries) > self.page
        last = min(self.top + self.page, len(self._entries))
        where: Parts = ((f" {self.top + 1}-{last} of {len(self._entries)} ", "muted"),) if more else ()
        return _edge("└┘", (), where, width)

    def _framed(self, line: Parts, width: int) -> Parts:
        chosen = bool(line) and line[0][1].endswith("@selection")
        pad = "text@selection" if chosen else "text"
        body = self._paint.cell(line, width - 4) if line else ((" " * (width - 4), "text"),)
        body = tuple((text, "text@selection" if chosen and ink == "text" else ink) for text, ink in body)
        return (("│", "rule"), ("▌", "accent@selection") if chosen else (" ", "text"), *body, (" ", pad), ("│", "rule"))

    def _search_line(self) -> Parts:
        text, at = self._edit
        here = (text[at], "accent@selection") if at < len(text) else ("▌", "accent")
        hint: Parts = () if text else (("type to search", "muted"),)
        return (("/ ", "key"), (text[:at], "strong"), here, (text[at + 1 :], "strong"), *hint)

    def _entry_line(self, entry: DialogRow, place: int, width: int) -> Parts:
        room = width - width_of(entry.right)
        left = self._paint.cell(entry.left, max(room - 1, 1))
        line: Parts = (*left, (" ", "text"), *entry.right) if entry.right else self._paint.cell(entry.left, width)
        if entry.pickable and place == self.cursor:
            return tuple((text, f"{ink.partition('@')[0]}@selection") for text, ink in line)
        return line

    def _keep_in_sight(self) -> None:
        """The cursor rests on what can be picked; where nothing can, the list only scrolls."""
        last = max(len(self._entries) - self.page, 0)
        if any(entry.pickable for entry in self._entries):
            self.cursor = max(0, min(self.cursor, len(self._entries) - 1))
            self.top = max(self.cursor - self.page + 1, min(self.top, self.cursor))
        self.top = max(0, min(self.top, last))

    # keys

    def key_words(self) -> Sequence[KeyHint]:
        """Walk and pick where there is something to pick; else scroll where there is more than fits."""
        pickable = sum(entry.pickable for entry in self._entries)
        words = [KeyHint("enter", self.content.picking)] if pickable else []
        words.append(KeyHint("esc", self.content.leaving))
        if pickable > 1:
            words.append(KeyHint("↑ ↓", "choose"))
        elif not pickable and len(self._entries) > self.page:
            words.append(KeyHint("↑ ↓", "scroll"))
        return words

    def on_key(self, event: Key) -> None:
        """Every key belongs to the box while it is open."""
        event.stop()
        event.prevent_default()
        steps = {"down": 1, "up": -1, "ctrl+n": 1, "ctrl+p": -1, "tab": 1, "shift+tab": -1}
        steps |= {"pagedown": self.page, "pageup": -self.page, "home": -(10**6), "end": 10**6}
        if not self.content.searched:
            steps |= {"j": 1, "k": -1, "g": -(10**6), "G": 10**6}
        if event.key in steps:
            self.walk(steps[event.key])
        elif event.key == "enter":
            self._close(self.cursor)
        elif event.key in _ENDS or (event.key == "q" and not self.content.searched):
            self._close(None)
        elif self.content.searched:
            self._become(self._edit.key(event.key, event.character))

    def on_paste(self, event: Paste) -> None:
        """Pasted text goes into the search line."""
        event.stop()
        if self.content.searched:
            self._become(self._edit.typed(event.text))

    def _become(self, edit: TextEdit | None) -> None:
        """Search for what stands in the line now; the cursor goes to the best entry."""
        if edit is None:
            return
        changed = edit.text != self._edit.text
        self._edit = edit
        if changed:
            self._entries = self.content.search(edit.text)
            self.cursor = next((place for place, entry in enumerate(self._entries) if entry.pickable), 0)
            self.top = 0
        self.show()

    def walk(self, by: int) -> None:
        """Move the cursor by entries, over those that are only read; scroll where nothing can be picked."""
        places = [place for place, entry in enumerate(self._entries) if entry.pickable]
        if not places:
            self.top += by
        else:
            now = min(range(len(places)), key=lambda index: abs(places[index] - self.cursor))
            self.cursor = places[max(0, min(now + by, len(places) - 1))]
            self.content.moved(self.cursor)
        self.show()

    def on_click(self, event: Click) -> None:
        """Pick the entry under the pointer."""
        event.stop()
        place = self.top + event.y - 1 - self.content.searched
        if 0 <= place < len(self._entries) and 0 < event.y < self.size.height - 1 and self._entries[place].pickable:
            self._close(place)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Towards the last entry."""
        event.stop()
        self.walk(1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Towards the first entry."""
        event.stop()
        self.walk(-1)

    def _close(self, place: int | None) -> None:
        picked = place is not None and place < len(self._entries) and self._entries[place].pickable
        if place is None or picked:
            self.post_message(self.Closed(self, place))


def _edge(corners: str, left: Parts, right: Parts, width: int) -> Parts:
    """A line of the frame with words in it; the right ones give way first."""
    if width_of(left) + width_of(right) > width - 6:
        right = ()
    if width_of(left) > width - 4:
        left = ()
    line = "─" * (width - 4 - width_of(left) - width_of(right))
    return ((f"{corners[0]}─", "rule"), *left, (line, "rule"), *right, (f"─{corners[1]}", "rule"))
