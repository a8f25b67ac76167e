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

_FUNCTION: Final = frozenset(f"f{number}" for number in range(1, 25))
_SENT: Final = frozenset(f"f{number}" for number in range(1, 13))
"""Those for which terminals agree on what they send."""

_NAMED: Final = _FUNCTION | frozenset(
    {"enter", "escape", "space", "tab", "backspace", "delete", "insert"}
    | {"home", "end", "pageup", "pagedown", "up", "down", "left", "right"}
)
_MODIFIERS: Final = ("ctrl", "shift", "alt")

_SAME: Final = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+j": "enter",
    "ctrl+h": "backspace",
    "ctrl+left_square_bracket": "escape",
    "ctrl+question_mark": "backspace",
    "alt+b": "ctrl+left",
    "alt+f": "ctrl+right",
}
"""What a terminal sends the same bytes for, or bytes that are read as the same."""

_WALKS: Final = frozenset({"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete"})
"""Named keys that are told apart with ctrl and shift held down."""

_CTRL_MARKS: Final = frozenset({"backslash", "right_square_bracket", "circumflex_accent", "underscore"})


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


def unsendable(key: str) -> str:
    """Why a terminal cannot send the key of Textual's name, and what to write instead; empty if every terminal can."""
    *modifiers, last = key.split("+")
    same = _same_bytes(key, modifiers, last)
    if same:
        return f'a terminal sends {_said(same)} for it: write "{_said(same)}"'
    if last in _FUNCTION - _SENT:
        return 'terminals do not agree on it: write another, such as "f5", "ctrl+x" or "X"'
    if not modifiers or _told_apart(modifiers, last):
        return ""
    if modifiers == ["shift"] and (len(last) == 1 or last in _MARKS):
        return "a terminal sends the character that it types: write that one"
    return f'terminals do not tell it from {_said(last)}: write another, such as "f5", "ctrl+x" or "X"'


def _same_bytes(key: str, modifiers: list[str], last: str) -> str:
    """The key that a terminal sends for this one; empty if there is none, or it depends on the keyboard."""
    letter = len(last) == 1 and last.isalpha()
    if modifiers in (["ctrl"], ["ctrl", "shift"]) and letter:
        key = f"ctrl+{last.lower()}" if modifiers[1:] or last.isupper() else ""
        return _SAME.get(key or f"ctrl+{last}", key)
    if modifiers == ["shift"] and letter:
        return last.upper()
    return _SAME.get(key, "")


def _told_apart(modifiers: list[str], last: str) -> bool:
    """Whether the key arrives as another one when these are held down."""
    letter = len(last) == 1 and last.isalnum()
    match modifiers:
        case ["ctrl"]:
            lower = letter and last.isascii() and last.islower()
            return lower or last in _WALKS or last in _CTRL_MARKS or last in _SENT
        case ["shift"]:
            return last == "tab" or last in _WALKS or last in _SENT
        case ["alt"]:
            return letter and not last.isupper()
        case ["ctrl", "shift"]:
            return last in _WALKS
    return False


def _said(key: str) -> str:
    """How people write a key of Textual's name in the settings."""
    *modifiers, last = key.split("+")
    return "+".join((*modifiers, "esc" if last == "escape" else _MARKS.get(last, last)))


def key_label(key: str) -> str:
    """How people write the key of Textual's name."""
    *modifiers, last = key.split("+")
    return "+".join((*modifiers, _SHOWN.get(last) or _MARKS.get(last) or last))
