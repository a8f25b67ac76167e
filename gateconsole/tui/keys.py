"""Names of keys: as people write them (`?`, `ctrl+p`, `esc`) and as Textual calls them (`question_mark`)."""

from __future__ import annotations

import string
import unicodedata
from typing import Final

_ALIASES: Final = {
    "esc": "escape",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "return": "enter",
    "del": "delete",
    "ins": "insert",
}
_SHOWN: Final = {
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}
_OTHERWISE: Final = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""What Textual calls otherwise than Unicode does."""

_NAMED: Final = frozenset(
    {"enter", "escape", "space", "tab", "backspace", "delete", "insert"}
    | {"home", "end", "pageup", "pagedown", "up", "down", "left", "right"}
    | {f"f{number}" for number in range(1, 25)}
)
_MODIFIERS: Final = ("ctrl", "shift", "alt")


def _mark_name(mark: str) -> str:
    """Textual's name of a character that is neither letter nor digit; empty if it has none."""
    name = unicodedata.name(mark, "").lower().replace("-", "_").replace(" ", "_")
    return _OTHERWISE.get(name, name)


_MARKS: Final = {_mark_name(mark): mark for mark in string.punctuation}
"""Textual's name -> the character."""


def key_name(said: str) -> str | None:
    """Textual's name of a key that is written either way; None if there is no such key."""
    *modifiers, last = [said] if len(said) == 1 else said.split("+")
    last = _ALIASES.get(last, last)
    if len(last) == 1 and not last.isalnum():
        last = "space" if last == " " else _mark_name(last) if last.isprintable() else ""
    elif len(last) != 1 and last not in _NAMED and last not in _MARKS:
        return None
    if not last or any(word not in _MODIFIERS for word in modifiers):
        return None
    return "+".join((*(word for word in _MODIFIERS if word in modifiers), last))


def shown_key(key: str) -> str:
    """How people write the key of Textual's name."""
    *modifiers, last = key.split("+")
    return "+".join((*modifiers, _SHOWN.get(last) or _MARKS.get(last) or last))
