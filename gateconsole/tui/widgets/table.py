"""Table: keyed rows, drawn line by line; only the lines on the screen cost anything.

A tick compares the rows in sight with those drawn before and repaints those that differ. The cursor belongs to a row's
key, not to a line: rows may arrive, leave and change places around it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar, overload

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from gateconsole.tui.theme.paint import Align, Painter, Part, Parts
from gateconsole.tui.widgets.columns import GAP, MARGIN, Column, ColumnWidth, fit_columns
from gateconsole.tui.widgets.resize_fix import ResizeFix

R = TypeVar("R")
Shown_co = TypeVar("Shown_co", covariant=True)
WHEEL = 3
"""Rows a turn of the wheel scrolls."""


class Rows(Protocol[Shown_co]):
    """What a table asks of its rows: how many there are, one by its number, a window of them. A list will do."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Shown_co]: ...

    @overload
    def __getitem__(self, place: int, /) -> Shown_co: ...

    @overload
    def __getitem__(self, place: slice, /) -> Sequence[Shown_co]: ...


Find = Callable[[Hashable], int | None]
"""A row's key -> its number, or None if it is not there."""


class Table(ResizeFix, Generic[R]):
    """Rows of any type R: `key` names a row, `cell` draws one of its cells (column key, width) as parts.

    Rows are compared with `==`, so a row must say when it looks the same. `see` is told the rows in sight whenever they
    are others, before `columns` is asked anew.
    """

    class Moved(Message):
        """The cursor stands on another row."""

    class Opened(Message):
        """A row that already had the cursor was clicked."""

    class HeaderClicked(Message):
        """The title of a column was clicked."""

        def __init__(self, table: Widget, column: str) -> None:
            super().__init__()
            self.table = table
            self.column = column

        @property
        def control(self) -> Widget:
            """The table."""
            return self.table

    def __init__(
        self,
        paint: Painter,
        columns: Callable[[], Sequence[Column]],
        key: Callable[[R], Hashable],
        cell: Callable[[R, str, int], Parts],
        *,
        cursor: bool = True,
        see: Callable[[Sequence[R]], None] | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._paint = paint
        self._columns = columns
        self._key = key
        self._cell = cell
        self._with_cursor = cursor
        self._see = see
        self._rows: Rows[R] = ()
        self._sorted: tuple[str, bool] | None = None
        self._placed: tuple[ColumnWidth, ...] = ()
        self._strips: dict[Hashable, tuple[R, bool, bool, Strip]] = {}
        self._left_out: Hashable | None = None
        self._left_line = 0
        self.cursor = 0
        self.top = 0

    # what is shown

    def update(self, rows: Rows[R], find: Find | None = None, *, follow: bool = False) -> None:
        """Show these rows; the cursor stays on its row's key, on the same line of the screen if it can.

        While that row is not there a neighbour has the cursor; it goes back to the row when it comes again, unless
        it is moved meanwhile. `find` saves looking through the rows. With `follow`, a cursor on the first row stays on
        the first row.
        """
        before = self._in_sight()
        selected = self.selected
        key = None if selected is None else self._key(selected)
        offset = self.cursor - self.top
        self._rows = rows
        if not (follow and self.cursor == 0 and self._left_out is None):
            offset = self._stay(key, offset, find)
        if self._with_cursor and (selected is not None or self._left_out is None):
            self.top = self.cursor - offset
        self._clamp()
        self._show_changed(before)
        now = self.selected
        if self._with_cursor and now is not None and (selected is None or self._key(now) != key):
            self.post_message(self.Moved())

    def _stay(self, key: Hashable | None, line: int, find: Find | None) -> int:
        """Put the cursor on the row it belongs to, or near where it was; on which line of the screen it is to be."""
        if self._left_out is not None:
            found = self._place_of(self._left_out, find)
            if found is not None:
                self.cursor, self._left_out = found, None
                return self._left_line
        found = None if key is None else self._place_of(key, find)
        if found is not None:
            self.cursor = found
        elif key is not None and self._left_out is None:
            self._left_out, self._left_line = key, line
        return line

    def take(self) -> None:
        """The row under the cursor is the one meant from now on, whichever had it before a filter left that out."""
        self._left_out = None

    def have_cursor(self, on: bool) -> None:
        """Have a cursor, or be only looked at and scrolled."""
        if self._with_cursor is not on:
            self._with_cursor = on
            self._strips.clear()
            self._clamp()
            self.refresh()

    def mark_sorted(self, column: str, falling: bool) -> None:
        """Show in the header what the rows are sorted by."""
        if self._sorted != (column, falling):
            self._sorted = (column, falling)
            self.refresh(Region(0, 0, self.size.width, 1))

    @property
    def rows(self) -> Rows[R]:
        """The rows, in the order shown."""
        return self._rows

    @property
    def selected(self) -> R | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    @property
    def page(self) -> int:
        """How many rows fit on the screen."""
        return max(self.size.height - 1, 1)

    # moving

    def move(self, by: int) -> None:
        """Move the cursor by rows; a table without a cursor scrolls."""
        self.move_to(self.cursor + by if self._with_cursor else self.top + by)

    def move_to(self, place: int) -> None:
        """Put the cursor on a row (or, without a cursor, scroll to it) and keep it in sight."""
        self.take()
        before, old = self._in_sight(), self.cursor
        if self._with_cursor:
            self.cursor = place
        else:
            self.top = place
        self._clamp()
        self._show_changed(before)
        if self.cursor != old:
            self.post_message(self.Moved())

    def scroll_rows(self, by: int) -> None:
        """Move what is in sight; the cursor comes along only when it would leave the screen."""
        before, old = self._in_sight(), self.cursor
        self.top = max(0, min(self.top + by, len(self._rows) - self.page))
        if self._with_cursor:
            self.cursor = max(self.top, min(self.cursor, self.top + self.page - 1))
        self._show_changed(before)
        if self.cursor != old:
            self.take()
            self.post_message(self.Moved())

    def repaint(self, paint: Painter) -> None:
        """Use another theme."""
        self._paint = paint
        self._strips.clear()
        self.refresh()

    # drawing

    def render_line(self, y: int) -> Strip:
        """The header, a row, or the blank below the last row."""
        width = self.size.width
        if not self._placed:
            self._place_columns()
        if y == 0:
            return self._paint.strip(self._header(), width)
        place = self.top + y - 1
        if place >= len(self._rows):
            return self._paint.strip((), width)
        row = self._rows[place]
        chosen, thumb = self._with_cursor and place == self.cursor, self._thumb(y)
        key = self._key(row)
        known = self._strips.get(key)
        if known and known[1:3] == (chosen, thumb) and known[0] == row and known[3].cell_length == width:
            return known[3]
        if len(self._strips) > 4 * self.size.height:
            self._strips.clear()
        strip = self._paint.fitted(self._line(row, chosen, thumb), width, "selection" if chosen else "background")
        self._strips[key] = (row, chosen, thumb, strip)
        return strip

    def _header(self) -> Parts:
        """The titles; the sorted column's has a mark, which may take a cell of the gap beside it."""
        parts: list[Part] = []
        gap = MARGIN
        for place, placed in enumerate(self._placed):
            column, width = placed.column, placed.width
            title, ink = column.titled(width), "muted"
            after = GAP
            if self._sorted and self._sorted[0] == column.key:
                title, ink = self._with_mark(title, column.align), "strong"
                if len(title) > width:
                    width += 1
                    gap, after = (gap - 1, after) if column.align == "right" else (gap, after - 1)
            parts.append((" " * gap, "text"))
            parts.extend(self._paint.cell(((title, ink),), min(width, self.size.width), column.align))
            gap = after if place < len(self._placed) - 1 else 0
        return tuple(parts)

    def _with_mark(self, title: str, align: Align) -> str:
        falling = self._sorted is not None and self._sorted[1]
        mark = ("v" if falling else "^") if self._paint.ascii_only else ("▼" if falling else "▲")
        return f"{mark}{title}" if align == "right" else f"{title}{mark}"

    def _line(self, row: R, chosen: bool, thumb: bool) -> Parts:
        cells = [self._cell(row, placed.column.key, placed.width) for placed in self._placed]
        parts = self._joined("▌" if chosen else " ", cells)
        used = MARGIN + sum(placed.width for placed in self._placed) + GAP * (len(self._placed) - 1)
        blank = self.size.width - 1 - used
        if blank < 0:
            return self._paint.cell(parts, self.size.width)
        edge = self._paint.cell((("▐" if thumb else " ", "rule"),), 1)
        return (*parts, (" " * blank, "text"), *edge)

    def _thumb(self, y: int) -> bool:
        """True where the mark at the right edge says which part of the rows is in sight."""
        rows, page = len(self._rows), self.page
        if rows <= page:
            return False
        length = max(page * page // rows, 1)
        start = round(self.top / (rows - page) * (page - length))
        return start <= y - 1 < start + length

    def _joined(self, mark: str, cells: Sequence[Parts]) -> Parts:
        parts = list(self._paint.cell(((mark, "accent"),), MARGIN))
        for placed, cell in zip(self._placed, cells, strict=True):
            if len(parts) > 1:
                parts.append((" " * GAP, "text"))
            parts.extend(self._paint.cell(cell, placed.width, placed.column.align))
        return tuple(parts)

    # keeping order

    def _place_columns(self) -> bool:
        if self._see is not None:
            self._see(self._rows[self.top : self.top + self.page])
        placed = fit_columns(self._columns(), self.size.width)
        if placed == self._placed:
            return False
        self._placed = placed
        return True

    def _place_of(self, key: Hashable, find: Find | None) -> int | None:
        """Where the row of this key is now; None if it is not there."""
        if self.cursor < len(self._rows) and self._key(self._rows[self.cursor]) == key:
            return self.cursor
        if find is not None:
            return find(key)
        size = len(self._rows)
        for step in range(1, size + 1):  # outwards: a row seldom goes far
            for place in (self.cursor - step, self.cursor + step):
                if 0 <= place < size and self._key(self._rows[place]) == key:
                    return place
        return None

    def _clamp(self) -> None:
        """Keep the cursor on a row, the cursor in sight, and the screen full."""
        last = max(len(self._rows) - 1, 0)
        self.cursor = max(0, min(self.cursor, last))
        if self._with_cursor:
            self.top = max(self.cursor - self.page + 1, min(self.top, self.cursor))
        self.top = max(0, min(self.top, len(self._rows) - self.page))

    def _in_sight(self) -> list[tuple[R, bool, bool]]:
        """What each line of the screen shows: its row, whether the cursor is on it, whether the thumb is."""
        rows = self._rows[self.top : self.top + self.page]
        chosen = self.cursor - self.top if self._with_cursor else -1
        return [(row, y == chosen, self._thumb(y + 1)) for y, row in enumerate(rows)]

    def _show_changed(self, before: list[tuple[R, bool, bool]]) -> None:
        """Draw what is another than before: everything, where the rows that came in sight need wider columns."""
        if self._place_columns():
            self._strips.clear()
            self.refresh()
            return
        after = self._in_sight()
        lines = range(max(len(before), len(after)))
        changed = [y + 1 for y in lines if before[y : y + 1] != after[y : y + 1]]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    # events

    def on_resize(self, event: events.Resize) -> None:
        """The cursor and what is around it stay in sight."""
        self._clamp()
        self._place_columns()
        self._strips.clear()
        self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll towards the last row."""
        event.stop()
        self.scroll_rows(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll towards the first row."""
        event.stop()
        self.scroll_rows(-WHEEL)

    def on_click(self, event: events.Click) -> None:
        """Select the row under the pointer; a second click opens it."""
        place = self.top + event.y - 1
        if event.y == 0:
            event.stop()
            self._click_header(event.x)
            return
        if not self._with_cursor or place >= len(self._rows):
            return
        event.stop()
        if event.chain > 1 and place == self.cursor:
            self.post_message(self.Opened())
        else:
            self.move_to(place)

    def _click_header(self, x: int) -> None:
        end = MARGIN
        for placed in self._placed:
            start, end = end, end + placed.width + GAP
            if start <= x < end:
                self.post_message(self.HeaderClicked(self, placed.column.key))
