"""Where in a JSON text something stands: line and column for a message. Only used once something is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

Path = tuple[str | int, ...]
"""The way to a value from the top of a document: keys of objects, numbers (from 0) of lists."""

CONSTANTS: Final = frozenset({"NaN", "Infinity", "-Infinity"})
"""What Python's reader takes for a number although JSON has none such."""

_TOKEN: Final = re.compile(r'("(?:[^"\\]|\\.)*")|([\[\]{},:])|([^\s\[\]{},:"]+)', re.DOTALL)


class TextPosition(NamedTuple):
    """A key or a value of a text: where it begins, its path, and the word itself if it is a bare one."""

    at: int
    path: Path
    is_key: bool
    word: str = ""


def positions(text: str) -> Iterator[TextPosition]:
    """Every key and value in the order of the text; ends early where it is no JSON. Never raises."""
    path: list[str | int] = []
    awaits_key = False
    for found in _TOKEN.finditer(text):
        string, mark, word = found.groups()
        if mark in {"}", "]"}:
            if not path:
                return
            path.pop()
        elif mark == ",":
            if path and isinstance(path[-1], int):
                path[-1] += 1
            awaits_key = bool(path) and isinstance(path[-1], str)
        elif string and awaits_key:
            awaits_key = False
            path[-1] = _plain(string)
            yield TextPosition(found.start(), tuple(path), is_key=True)
        elif mark != ":":
            yield TextPosition(found.start(), tuple(path), is_key=False, word=word or "")
            if mark:
                path.append("" if mark == "{" else 0)
            awaits_key = mark == "{"


def _plain(string: str) -> str:
    try:
        plain: str = json.loads(string)
    except ValueError:
        return string
    return plain


def position_of(text: str, at: int) -> str:
    """A place in a text as people count: `line 3, column 7`."""
    line = text.count("\n", 0, at) + 1
    return f"line {line}, column {at - text.rfind(chr(10), 0, at)}"


def value_at(text: str, path: Path) -> int | None:
    """Where the value of this path begins; None if there is none."""
    return next((spot.at for spot in positions(text) if spot.path == path and not spot.is_key), None)


def repeated_key(text: str) -> int | None:
    """Where the first key stands that its object has already."""
    seen: dict[int, set[str | int]] = {}
    for spot in positions(text):
        depth = len(spot.path)
        if not spot.is_key:
            seen.pop(depth + 1, None)  # a new object begins: its keys are its own
        elif spot.path[-1] in seen.setdefault(depth, set()):
            return spot.at
        else:
            seen[depth].add(spot.path[-1])
    return None


def constant(text: str) -> int | None:
    """Where the first of CONSTANTS stands."""
    return next((spot.at for spot in positions(text) if spot.word in CONSTANTS), None)


def long_number(text: str) -> int | None:
    """Where the first number stands that has more digits than Python converts."""
    return next((spot.at for spot in positions(text) if len(spot.word) > 4300), None)
