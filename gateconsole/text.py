"""What is printable: artifact text -> text that is safe in a terminal, a CSV cell, Markdown.

Artifact text is hostile. Frames keep the original; every exit passes through this file. What counts as unprintable is
written out as code point ranges, not asked of `unicodedata`, so that no byte of output depends on the Python version.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

_DECIMALS_MOST: Final = 40
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_INVISIBLE: Final = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"  # blanks that are not the blank
    "\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, separators, bidirectional controls
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ufdd0-\ufdef"
    "\ud800-\udfff\ue000-\uf8ff"  # surrogates, private use
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U0010ffff"  # tags, variation selectors, private planes
    "\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe\U0003ffff"
)
_MARK: Final = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_UNPRINTABLE: Final = re.compile(f"[{_INVISIBLE}]|(?:^|(?<=[{_MARK}]{{2}}))[{_MARK}]")

SUSPICIOUS: Final = f"[{_INVISIBLE}{_MARK}]"
"""A cheap first test: text without a match is printable as it stands. Python `re` syntax."""

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")

_NUMBER: Final = re.compile(r"-|[+-]?[0-9][0-9,]*(\.[0-9]+)?( %)?")
"""A number as it is shown, or the mark of none: nothing that is worked out."""


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def printable(text: str) -> str:
    r"""Text with every control, bidirectional, invisible or ill-formed character as `\xHH`, `\uHHHH`, `\UHHHHHHHH`.

    One line, no escape sequence, no reordering; a combining mark stands neither first nor third in a row.
    Applied twice it changes nothing more.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNPRINTABLE.sub(_escape, text)


def printable_path(raw: bytes) -> str:
    r"""A path as text: UTF-8 as it is, any other byte as `\xHH` (rule G3). Not yet `printable`."""
    return raw.decode("utf-8", "backslashreplace")


def cell_width(text: str) -> int:
    """How many cells of a terminal printable text takes: two for a wide character (`東`), none for a combining mark."""
    if text.isascii():
        return len(text)
    return sum(map(_cells_of, text))


def _cells_of(mark: str) -> int:
    if unicodedata.category(mark) in {"Mn", "Me"} or "\u1160" <= mark <= "\u11ff":  # a vowel joins its syllable
        return 0
    return 2 if unicodedata.east_asian_width(mark) in {"W", "F"} else 1


def shown_path(path: Path) -> str:
    r"""A path as printable text, its bytes that are not UTF-8 as `\xHH`."""
    return printable(printable_path(os.fsencode(path)))


def csv_text(text: str) -> str:
    """Printable text of which no spreadsheet runs any part as a formula: a leading `'` where it would (rules 2.3).

    In half of the world a spreadsheet splits a CSV line at `;`, so what stands after one is judged as a cell of its
    own. Blanks before a formula do not count, nor do quotes there: they begin a quoted cell of such a reader.
    """
    first, *others = printable(text).split(";")
    return ";".join((_no_formula(first, " "), *(_no_formula(part, ' "') for part in others)))


def tab_text(text: str) -> str:
    """Printable text as a cell between tabs, which a spreadsheet takes from the clipboard; numbers stay numbers."""
    shown = printable(text)
    return shown if _NUMBER.fullmatch(shown) else _no_formula(shown, " ")


def _no_formula(part: str, passed_over: str) -> str:
    return f"'{part}" if part.lstrip(passed_over).startswith(_FORMULA_STARTS) else part


def noun(number: int, one: str) -> str:
    """What is counted, as its number wants it: `run`, `runs`; `entry`, `entries`; `patch`, `patches`."""
    if number == 1:
        return one
    if one.endswith("y") and one[-2:] not in {"ay", "ey", "oy"}:
        return f"{one[:-1]}ies"
    return f"{one}es" if one.endswith(("s", "ch")) else f"{one}s"


def run_words(run_id: str, job: str | None) -> str:
    """A run by its id and, where its artifact names one, its job: `17 (debian)`. Raw text."""
    return run_id if job is None else f"{run_id} ({job})"


def counted(number: int, one: str) -> str:
    """A number of things, thousands marked: `1 run`, `12,340 runs`."""
    return f"{number:,} {noun(number, one)}"


def decimals_beside(value: float, other: float, least: int) -> int:
    """Decimals, `least` or more, with which two figures that stand side by side compare as the values do.

    `0.0400` beside `0.0400` says "equal": 0.04004 beside 0.04001 needs five.
    """
    for decimals in range(least, _DECIMALS_MOST):
        one, two = (Decimal(f"{number:.{decimals}f}") for number in (value, other))
        if (one > two) == (value > other) and (one < two) == (value < other):
            return decimals
    return _DECIMALS_MOST


def join_list(items: tuple[str, ...] | list[str]) -> str:
    r"""Items joined by `;`, with `\` and `;` inside an item written `\\` and `\;` (rules 2.3). Not yet `printable`."""
    return ";".join(item.replace("\\", "\\\\").replace(";", "\\;") for item in items)


def split_list(joined: str) -> tuple[str, ...]:
    """The items that `join_list` joined; none for the empty text (an item is never empty)."""
    if "\\" not in joined:
        return tuple(joined.split(";")) if joined else ()
    parts = re.findall(r"(?:[^\\;]|\\.)+", joined, re.DOTALL)
    return tuple(re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in parts)


def code_span(text: str) -> str:
    """Printable text in a Markdown code span that it cannot leave, also inside a table."""
    shown = printable(text).replace("\\|", "\\x5c|").replace("|", "\\|")  # `\\\\|` would end a table cell
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown[:1] in {"`", " ", ""} or shown[-1:] in {"`", " "} else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def iso_time(micros: int) -> str:
    """Microseconds since 1970 UTC as `2026-03-01T00:00:00Z`, the fraction only when not 0 (rules 2.3)."""
    moment = (_EPOCH + timedelta(microseconds=micros)).replace(tzinfo=None)
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    return f"{moment.replace(microsecond=0).isoformat()}{fraction}Z"


def iso_second(micros: int) -> str:
    """The same to the second, what is beyond it cut off."""
    return iso_time(micros // 1_000_000 * 1_000_000)


_WIDEST: Final = 64
"""Cells up to which a column is as wide as its values; one huge policy_hash must not blow up every other line."""


def aligned(
    header: Sequence[str], rows: Sequence[Sequence[str]], left: Collection[str], widest: int = _WIDEST
) -> Iterator[str]:
    """A header and rows, all printable, as lines of columns: those named in `left` flush left, numbers flush right.

    Widths are those of a terminal, where a character may take two cells or none. A value is whole: one wider than
    `widest` cells moves what is behind it in its own line, and only there.
    """
    table = (header, *rows)
    sizes = [[cell_width(cell) for cell in row] for row in table]
    widths = [max((size for size in column if size <= widest), default=0) for column in zip(*sizes, strict=True)]
    for row, taken in zip(table, sizes, strict=True):
        blanks = [" " * (width - size) for width, size in zip(widths, taken, strict=True)]
        cells = zip(header, row, blanks, strict=True)
        yield "  ".join(cell + blank if name in left else blank + cell for name, cell, blank in cells).rstrip()
