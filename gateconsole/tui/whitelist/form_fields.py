"""The fields of the whitelist's form: what each key does to them, and how they look. Pure.

Times and scopes are words here; `draft` gives what is filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.cells import cell_len

from gateconsole.tui.keys.text_edit import TextEdit
from gateconsole.tui.theme.paint import Painter, Part, Parts, printable_cells, width_of
from gateconsole.tui.whitelist.form_model import SCOPES, FieldError, FieldName, FormModel

LABEL: Final = 15
"""Cells that the names of fields take."""

_STEPS: Final = {"tab": 1, "shift+tab": -1, "down": 1, "up": -1}
_TURNS: Final = {"right": 1, "left": -1, "space": 1}
_CHOOSES: Final = {"down": 1, "up": -1, "ctrl+n": 1, "ctrl+p": -1}


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one form, and where the cursor is."""

    begun: FormModel
    texts: dict[FieldName, TextEdit]
    scope: int
    at: int = 0

    @property
    def here(self) -> FieldName:
        """The field under the cursor."""
        return self.begun.fields[self.at]

    @property
    def draft(self) -> FormModel:
        """What is filled in now."""
        said = {name: edit.text for name, edit in self.texts.items()}
        return self.begun._replace(
            reason=said.get("reason", self.begun.reason),
            justification=said.get("justification", self.begun.justification),
            scope=SCOPES[self.scope][1],
            review_by=said.get("review by", self.begun.review_by),
            why=said.get("why", self.begun.why),
        )

    def to(self, name: FieldName) -> Fields:
        """The cursor in this field."""
        return replace(self, at=self.begun.fields.index(name))

    def key(self, key: str, character: str | None) -> Fields:
        """After this key (Textual's name); the same object where it means nothing."""
        here, number = self.here, len(self.begun.fields)
        if here == "reason" and key in _CHOOSES and self.begun.offered:
            return self._offered(_CHOOSES[key])
        if key in _STEPS:
            return replace(self, at=(self.at + _STEPS[key]) % number)
        if here == "scope":
            return self._turned(key, character)
        edit = self.texts[here].key(key, character)
        return self if edit is None else self._typed(here, edit)

    def pasted(self, text: str) -> Fields:
        """Pasted text is typed text."""
        return self if self.here == "scope" else self._typed(self.here, self.texts[self.here].typed(text))

    def _typed(self, name: FieldName, edit: TextEdit) -> Fields:
        return replace(self, texts={**self.texts, name: edit})

    def _offered(self, by: int) -> Fields:
        """Another of the classes that are not listed."""
        names, now = self.begun.offered, self.texts["reason"].text
        place = names.index(now) + by if now in names else 0 if by > 0 else -1
        text = names[place % len(names)]
        return self._typed("reason", TextEdit(text, len(text)))

    def _turned(self, key: str, character: str | None) -> Fields:
        if key in _TURNS:
            return replace(self, scope=(self.scope + _TURNS[key]) % len(SCOPES))
        names = [place for place, (name, _) in enumerate(SCOPES) if character and name.startswith(character)]
        return replace(self, scope=names[0]) if names else self


def fields_of(draft: FormModel) -> Fields:
    """The form as it is opened: the cursor behind what stands in the first field."""
    known: dict[FieldName, str] = {
        "reason": draft.reason,
        "justification": draft.justification,
        "review by": draft.review_by,
        "why": draft.why,
    }
    texts: dict[FieldName, TextEdit] = {
        name: TextEdit(known[name], len(known[name])) for name in draft.fields if name != "scope"
    }
    scope = next(place for place, (_, stratum) in enumerate(SCOPES) if stratum == draft.scope)
    return Fields(draft, texts, scope)


# how they look


def field_lines(paint: Painter, fields: Fields, problem: FieldError | None, width: int) -> list[Parts]:
    """A line a field; what is wrong with one stands beside it, or below it where there is no room."""
    lines: list[Parts] = []
    for name in fields.begun.fields:
        line = _line(paint, fields, name, width)
        said: Parts = ()
        if problem is not None and problem.field == name:
            said = (("  ▲ ", "bad"), (problem.text, "notice"))
        if said and width_of(line) + width_of(said) > width:
            lines += [line, ((" " * (LABEL - 2), "text"), *said)]
        else:
            lines.append((*line, *said))
    return lines


def _line(paint: Painter, fields: Fields, name: FieldName, width: int) -> Parts:
    here = name == fields.here
    label: Part = (f" {name:<{LABEL - 1}}", "key" if here else "muted")
    if name == "scope":
        return (label, *_choices(paint, fields.scope, here))
    edit = fields.texts[name]
    if not here:
        empty = "optional" if name == "why" else "-"
        return (label, (edit.text or empty, "text" if edit.text else "muted"))
    start, room = window(edit, width - LABEL - 1)
    before, after = edit.text[start : edit.at], edit.text[edit.at : start + room]
    cursor: Part = (after[0], "accent@selection") if after else ("▌", "accent")
    return (label, (before, "strong"), cursor, (after[1:], "strong"))


def _choices(paint: Painter, chosen: int, here: bool) -> Sequence[Part]:
    parts: list[Part] = []
    for place, (name, _) in enumerate(SCOPES):
        mark = ("(*) " if paint.ascii_only else "(•) ") if place == chosen else "( ) "
        ink = "strong" if place == chosen else "text"
        parts += [(mark, "accent" if here and place == chosen else ink), (f"{name}   ", ink)]
    return parts


def window(edit: TextEdit, room: int) -> tuple[int, int]:
    """The part of a text around the cursor that fits into `room` cells: where it begins, how many characters."""
    start, taken = edit.at, 1
    while start > 0 and taken + cell_len(printable_cells(edit.text[start - 1])) <= room:
        start -= 1
        taken += cell_len(printable_cells(edit.text[start]))
    return start, max(room, 1)
