"""Long text in narrow places: cut into pieces that each take a line. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len

from gateconsole.tui.theme.paint import Painter, Parts, printable_cells

MOST: Final = 1_000
"""Characters of one value that are shown; the rest is counted."""


def wrapped(text: str, width: int, ascii_only: bool = False) -> Iterator[str]:
    """Printable pieces of at most `width` cells that together are the text; one empty piece for an empty text."""
    shown = printable_cells(text, ascii_only)
    if shown.isascii():
        yield from (shown[at : at + width] for at in range(0, max(len(shown), 1), width))
        return
    piece, taken = "", 0
    for mark in shown:
        size = cell_len(mark)
        if taken + size > width and piece:
            yield piece
            piece, taken = "", 0
        piece += mark
        taken += size
    yield piece


def wrap_words(text: str, width: int, ascii_only: bool) -> Iterator[str]:
    """The same, cut at blanks (and after slashes) where a piece would not become much shorter by it."""
    rest = printable_cells(text, ascii_only)
    while (fits := _fitting(rest, width)) < len(rest):
        cut = max(rest.rfind(" ", 0, fits + 1), rest.rfind("/", 0, fits) + 1)
        cut = cut if cut > fits // 2 else fits
        yield rest[:cut].rstrip(" ")
        rest = rest[cut:].lstrip(" ")
    yield rest


def _fitting(text: str, width: int) -> int:
    """How many characters of a printable text, at least one if it has any, take at most `width` cells."""
    if text.isascii():
        return min(width, len(text))
    taken = 0
    for at, mark in enumerate(text):
        taken += cell_len(mark)
        if taken > width and at:
            return at
    return len(text)


_INDENT: Final = 14
"""Cells that names of fields take."""


def field(paint: Painter, name: str, text: str, width: int, ink: str = "text") -> list[Parts]:
    """A name and its value, which is folded under itself; `-` if it is empty."""
    kept = text if len(text) <= MOST else f"{text[:MOST]}… ({len(text):,} characters)"
    pieces = wrap_words(kept or "-", max(width - _INDENT - 1, 8), paint.ascii_only)
    head = f" {name:<{_INDENT}}"
    return [((head if at == 0 else " " * len(head), "muted"), (piece, ink)) for at, piece in enumerate(pieces)]


_NAME: Final = 10
"""Cells that the names at the left take."""


def labelled_text(paint: Painter, name: str, text: str, width: int, ink: str = "text") -> list[Parts]:
    """A name and its words, folded under themselves between words."""
    room = max(width - _NAME - 2, 8)
    head = f" {paint.text(name, _NAME - 1):<{_NAME}}"
    return [
        ((head if at == 0 else " " * len(head), "muted"), (line, ink))
        for at, line in enumerate(wrap_words(text, room, paint.ascii_only))
    ]
