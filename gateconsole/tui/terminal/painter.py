"""What the compositor wants drawn -> the fewest bytes that make the terminal show it.

Textual repaints whole lines of a widget. The painter remembers what each cell of the terminal shows and writes only
cells that differ: nothing changed writes nothing, on every screen, whatever a widget asked for. It is also the last
gate: no text leaves it that is not printable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from gateconsole.text import printable

Cell = tuple[str, Style]
Cells = list[Cell]

_JUMP: Final = 6
"""Unchanged cells that are cheaper to write again than to step over, if their style is the one in use."""

_NO_STYLE: Final = Style()
_HELD: Final = ""
"""Stands in the second cell of a wide character."""


class DiffPainter:
    """Remembers the terminal's cells. One per terminal; `forget` when the terminal may show something else."""

    def __init__(self) -> None:
        self._lines: dict[int, Cells] = {}

    def forget(self) -> None:
        """Draw everything anew with the next update."""
        self._lines.clear()

    def bytes_for(self, update: CompositorUpdate, color_system: ColorSystem) -> str:
        """The sequence that brings the terminal up to date; empty if it is."""
        if isinstance(update, LayoutUpdate):
            strips: Iterable[tuple[int, int, Strip]] = _whole(update)
        elif isinstance(update, ChopsUpdate):
            strips = _touched(update)
        else:
            raise TypeError(f"no full-screen update: {update!r}")
        pen = _Pen(color_system)
        for y, x, strip in strips:
            self._line(pen, y, x, strip)
        return pen.finish()

    def _line(self, pen: _Pen, y: int, x: int, strip: Strip) -> None:
        new, wide = _cells(strip)
        line = self._lines.setdefault(y, [])
        old = line[x : x + len(new)]
        if old == new:
            return
        line.extend([("", _NO_STYLE)] * (x + len(new) - len(line)))
        line[x : x + len(new)] = new
        if wide or any(len(text) != 1 for text, _ in old):
            # Terminals differ about the width of such characters: never patch the middle of the line.
            pen.write(y, x, new)
            return
        for start, end in _changes(old, new):
            pen.write(y, x + start, new[start:end])


def _whole(update: LayoutUpdate) -> Iterator[tuple[int, int, Strip]]:
    """Every strip of a full repaint with its place (line, column)."""
    for y, strips in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in strips:
            if isinstance(strip, Strip):
                yield y, x, strip
                x += strip.cell_length


def _touched(update: ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """Every strip that overlaps a part of the screen that asked to be drawn, with its place (line, column)."""
    for y, left, right in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < right and end > left:
                yield y, x, strip


def _cells(strip: Strip) -> tuple[Cells, bool]:
    """A strip as one entry a cell, and whether any character takes other than one cell."""
    cells: Cells = []
    wide = False
    for segment in strip:
        style = segment.style or _NO_STYLE
        text = segment.text
        if text.isascii() or (cell_len(text) == len(text) and all(cell_len(mark) == 1 for mark in set(text))):
            cells.extend([(mark, style) for mark in text])
            continue
        wide = True
        for mark in text:
            size = cell_len(mark)
            if size == 0 and cells:
                _attach(cells, mark)  # belongs to the character before it
            else:
                cells.append((mark, style))
                cells.extend([(_HELD, style)] * (size - 1))
    return cells, wide


def _attach(cells: Cells, mark: str) -> None:
    """Put a mark that takes no cell onto the nearest character before it."""
    place = len(cells) - 1
    while place and cells[place][0] == _HELD:
        place -= 1
    cells[place] = (cells[place][0] + mark, cells[place][1])


def _changes(old: Cells, new: Cells) -> Iterator[tuple[int, int]]:
    """The runs of cells to write, [start, end): changes that lie close together are one run."""
    known = len(old)
    start = end = -1
    for place, cell in enumerate(new):
        if place < known and old[place] == cell:
            continue
        if start >= 0 and (place == end or (place - end <= _JUMP and _same_style(new, end - 1, place))):
            end = place + 1
            continue
        if start >= 0:
            yield start, end
        start, end = place, place + 1
    if start >= 0:
        yield start, end


def _same_style(cells: Cells, first: int, last: int) -> bool:
    style = cells[first][1]
    return all(cells[place][1] == style for place in range(first, last + 1))


class _Pen:
    """Writes runs of cells; a style is set only where it differs from the one in use."""

    def __init__(self, color_system: ColorSystem) -> None:
        self._color_system = color_system
        self._out: list[str] = []
        self._style: Style | None = None

    def write(self, y: int, x: int, cells: Cells) -> None:
        """Move to a cell and write; after a character of doubtful width, say the column again."""
        self._out.append(f"\x1b[{y + 1};{x + 1}H")
        for text, style, taken, doubtful in _stretches(cells):
            self._set(style)
            self._out.append(printable(text))
            x += taken
            if doubtful:
                self._out.append(f"\x1b[{x + 1}G")

    def finish(self) -> str:
        """All that was written, as one sequence that leaves no style behind."""
        if self._out:
            self._out.append("\x1b[0m")
        return "".join(self._out)

    def _set(self, style: Style) -> None:
        if style == self._style:
            return
        codes = Strip.render_ansi(style, self._color_system)
        self._out.append(f"\x1b[0;{codes}m" if codes else "\x1b[0m")
        self._style = style


def _stretches(cells: Cells) -> Iterator[tuple[str, Style, int, bool]]:
    """Runs of one style as (text, style, cells, whether a terminal may see another width)."""
    start = 0
    for place in range(1, len(cells) + 1):
        if place == len(cells) or cells[place][1] != cells[start][1]:
            run = cells[start:place]
            doubtful = any(len(text) != 1 for text, _ in run)
            yield "".join(text for text, _ in run), run[0][1], len(run), doubtful
            start = place
