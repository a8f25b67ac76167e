"""A list of a screen as the lines of a plain page: every row with whole values, then what is under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, NamedTuple

from gateconsole import text
from gateconsole.text import iso_time, printable
from gateconsole.tui.theme.paint import Parts
from gateconsole.view import MISSING, format_count

MOST: Final = 10_000
"""Rows of a list that a page holds; the others are counted."""

_WIDE: Final = 1_000
"""Cells in which every value is written whole."""


class Listing(NamedTuple):
    """A list as it stands: what its rows are called, its header, which columns stand on the left, how many rows it has.

    `rows(most)` gives the cells of its first ones, raw texts. Nothing in it may change: a thread reads it.
    """

    noun: str
    header: tuple[str, ...]
    left: frozenset[int]
    total: int
    rows: Callable[[int], Iterable[Sequence[str]]]


def list_page(title: Sequence[str], listing: Listing, detail: Sequence[str]) -> list[str]:
    """The lines: what list it is, its rows, and the detail of one of them."""
    rows = [tuple(cell or MISSING for cell in row) for row in listing.rows(MOST)]
    more = listing.total - len(rows)
    said = [f"{format_count(more)} more {listing.noun}: the act export writes all of them"] if more > 0 else []
    return [*title, "", *aligned(listing.header, rows, left=listing.left), *said, "", "under the cursor", "", *detail]


def _time(micros: int | None) -> str:
    return MISSING if micros is None else iso_time(micros)


def _text(parts: Parts) -> str:
    return "".join(text for text, _ in parts).strip()


_WIDEST: Final = 80
"""Cells up to which a column is as wide as its values."""


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], left: Collection[int]) -> list[str]:
    """A table of raw texts as lines; the columns `left` stand on the left, all others are numbers (`text.aligned`)."""
    shown = [[printable(cell) for cell in row] for row in rows]
    return [*text.aligned(header, shown, {header[place] for place in left}, _WIDEST)]
