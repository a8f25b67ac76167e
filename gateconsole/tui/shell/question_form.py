"""Form: what an act asks before it happens, in a frame at the foot of the screen; it has the keys while it is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.events import Key, Paste
from textual.message import Message

from gateconsole.tui.keys.text_edit import TextEdit
from gateconsole.tui.shell.questions import Answers, Field, Question
from gateconsole.tui.theme.paint import Painter, Part, Parts, width_of
from gateconsole.tui.widgets.modal import KeyHint, Modal

_LABEL: Final = 10
_LEAVE: Final = frozenset({"escape", "ctrl+c"})
_STEPS: Final = {"tab": 1, "shift+tab": -1}
_TURNS: Final = {"down": 1, "up": -1, "ctrl+n": 1, "ctrl+p": -1}


class Form(Modal):
    """Asks once: `enter` in the last field does it, `esc` keeps everything as it is."""

    class Answered(Message):
        """It is to be done."""

        def __init__(self, ask: Question, answers: Answers) -> None:
            super().__init__()
            self.ask = ask
            self.answers = answers

    class Left(Message):
        """It is not to be done."""

    def __init__(self, paint: Painter) -> None:
        super().__init__(paint, self._draw_form, id="form")
        self.display = False
        self._ask: Question | None = None
        self._edits: list[TextEdit] = []
        self._at = 0
        self._missing = ""

    def open(self, ask: Question, answers: Answers | None = None) -> None:
        """Ask this; take the keyboard. `answers`: what was typed before, when it comes back."""
        self._ask, self._at, self._missing = ask, 0, ""
        texts = [(answers or {}).get(field.name, field.text) for field in ask.fields]
        self._edits = [TextEdit(text, len(text)) for text in texts]
        self.styles.height = len(ask.fields) + 3
        self.take_keys()
        self.show()
        self.refresh()

    def close(self) -> None:
        """Go away and give the keyboard back."""
        self._ask = None
        super().close()

    def key_words(self) -> Sequence[KeyHint]:
        """`enter` goes on to the next field, and does it in the last one."""
        ask = self._ask
        if ask is None:
            return []
        last = self._at >= len(ask.fields) - 1
        words = [KeyHint("enter", "do it" if last else "next"), KeyHint("esc", "keep nothing")]
        if ask.fields and len(ask.fields[self._at].suggested) > 1:
            words.append(KeyHint("↑ ↓", "others"))
        if len(ask.fields) > 1:
            words.append(KeyHint("tab", "next field"))
        return words

    def on_key(self, event: Key) -> None:
        """Every key belongs to the form while it is open."""
        event.stop()
        event.prevent_default()
        if self._ask is None:
            return
        if event.key in _LEAVE:
            self.post_message(self.Left())
        elif event.key == "enter":
            self._next(self._ask)
        elif self._ask.fields:
            self._field_key(self._ask.fields, event)
        self.show()

    def on_paste(self, event: Paste) -> None:
        """Pasted text is typed text."""
        event.stop()
        if self._ask is not None and self._ask.fields and not self._ask.fields[self._at].only:
            self._edits[self._at] = self._edits[self._at].typed(event.text)
            self.show()

    def _next(self, ask: Question) -> None:
        """The next field, or all of it is answered; one that must be answered is not left empty."""
        self._missing = ""
        if self._at < len(ask.fields) - 1:
            self._at += 1
            return
        answers = {field.name: edit.text.strip() for field, edit in zip(ask.fields, self._edits, strict=True)}
        for place, field in enumerate(ask.fields):
            if field.needed and not answers[field.name]:
                self._at, self._missing = place, f"say the {field.name}"
                return
        self.post_message(self.Answered(ask, answers))

    def _field_key(self, fields: Sequence[Field], event: Key) -> None:
        self._missing = ""
        field = fields[self._at]
        turn = {**_TURNS, "right": 1, "left": -1, "space": 1}.get(event.key) if field.only else _TURNS.get(event.key)
        if event.key in _STEPS:
            self._at = (self._at + _STEPS[event.key]) % len(fields)
        elif turn is not None:
            self._turn(field, turn)
        elif field.only:
            found = [word for word in field.suggested if event.character and word.startswith(event.character)]
            if found:
                self._become(found[0])
        else:
            self._edits[self._at] = self._edits[self._at].key(event.key, event.character) or self._edits[self._at]

    def _turn(self, field: Field, by: int) -> None:
        if field.suggested:
            now = self._edits[self._at].text
            place = field.suggested.index(now) + by if now in field.suggested else 0
            self._become(field.suggested[place % len(field.suggested)])

    def _become(self, text: str) -> None:
        self._edits[self._at] = TextEdit(text, len(text))

    # drawing

    def _draw_form(self, width: int, height: int) -> list[Parts]:
        ask = self._ask
        if ask is None or width < 20:
            return []
        lines = [_edge("┌┐", ((f" {ask.title} ", "strong"),), width), self._framed(((ask.effect, "muted"),), width)]
        lines += [self._framed(self._field(field, place, width - 4), width) for place, field in enumerate(ask.fields)]
        return [*lines, _edge("└┘", self._lacking(), width)]

    def _lacking(self) -> Parts:
        return ((" ▲ ", "bad"), (f"{self._missing} ", "notice")) if self._missing else ()

    def _field(self, field: Field, place: int, width: int) -> Parts:
        edit, here = self._edits[place], place == self._at
        label: Part = (f"{field.name:<{_LABEL}}", "key" if here else "muted")
        if field.only:
            shown: list[Part] = [label]
            for word in field.suggested:
                chosen = word == edit.text
                shown.append(
                    (
                        f"{'(•)' if chosen and not self._paint.ascii_only else '(*)' if chosen else '( )'} ",
                        "accent" if here and chosen else "text",
                    )
                )
                shown.append((f"{word}   ", "strong" if chosen else "text"))
            return tuple(shown)
        if not here:
            return (label, (edit.text or "-", "text"))
        start = max(edit.at - (width - _LABEL - 2), 0)
        before, after = edit.text[start : edit.at], edit.text[edit.at :]
        cursor: Part = (after[0], "accent@selection") if after else ("▌", "accent")
        return (label, (before, "strong"), cursor, (after[1:], "strong"))

    def _framed(self, line: Parts, width: int) -> Parts:
        return (("│ ", "rule"), *self._paint.cell(line, width - 4), (" │", "rule"))


def _edge(corners: str, words: Parts, width: int) -> Parts:
    """A line of the frame with words in it."""
    room = max(width - 4 - width_of(words), 0)
    if not room:
        words, room = (), max(width - 4, 0)
    return ((f"{corners[0]}─", "rule"), *words, ("─" * room, "rule"), (f"─{corners[1]}", "rule"))
