"""What screens that are a list have in common: parts, columns to sort by, a filter, a cursor that is moved."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, runtime_checkable

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget

from gateconsole.rows.sorts import NEWEST_FIRST, Sort
from gateconsole.snapshot import Snapshot
from gateconsole.text import iso_second
from gateconsole.tui.shell.plain_list import Listing, list_page
from gateconsole.tui.shell.screen import ConsoleScreen, Page
from gateconsole.tui.shell.sort_picker import sort_titles
from gateconsole.tui.shell.view_filter import ViewFilter
from gateconsole.tui.theme.paint import Painter, Parts, width_of
from gateconsole.tui.widgets.navigation import Navigable, navigate
from gateconsole.tui.widgets.table import Table
from gateconsole.view import format_time


@runtime_checkable
class Painted(Protocol):
    """A part that is drawn with a theme."""

    def repaint(self, paint: Painter) -> None:
        """Use another theme."""


class ListScreen(ConsoleScreen):
    """A screen around a list. Of its own it says what its parts are, what is in them, and which acts it has besides.

    `columns`: what the list can be sorted by, and whether that falls first; `sort`: what it is sorted by at first.
    `_made_for`: the filter that the rows in sight were made for.
    """

    def __init__(
        self, paint: Painter, root_label: str, columns: Mapping[str, bool] | None = None, sort: Sort = NEWEST_FIRST
    ) -> None:
        super().__init__(paint, root_label)
        self._columns = columns or {}
        self._sort = self._first_sort = sort
        self._made_for = self.lens.query
        self.parts: tuple[Widget, ...] = ()

    def compose(self) -> ComposeResult:
        """The parts, from top to bottom."""
        yield from self.parts

    def on_mount(self) -> None:
        """Arranged before the first Snapshot."""
        self._arrange()

    def repaint(self, paint: Painter) -> None:
        """Use another theme."""
        self.paint = paint
        for part in self.parts:
            if isinstance(part, Painted):
                part.repaint(paint)

    @property
    @abstractmethod
    def table(self) -> Table[Any]:
        """The list in sight."""

    @property
    @abstractmethod
    def walked(self) -> Navigable:
        """What the keys move now: the list, or what has been gone into."""

    @abstractmethod
    def _arrange(self) -> None:
        """Give each part its place, for the size and for what there is to show."""

    # the filter and the order

    def _ask(self, urgent: bool = True) -> None:
        """Have the list made for what is shown, looked through and sorted by now."""

    def look_through(self, lens: ViewFilter) -> None:
        """Use this filter."""
        changed = lens.query != self.lens.query
        super().look_through(lens)
        if changed:
            self._ask()

    @property
    def sorts(self) -> tuple[Sort, ...]:
        """Every column in its first direction."""
        return tuple(Sort(name, falls) for name, falls in self._columns.items())

    @property
    def sorted_by(self) -> Sort:
        """The order of the list."""
        return self._sort

    def sort_by(self, sort: Sort) -> None:
        """Use another order; the cursor stays on its row."""
        self._sort = sort
        self._ask()

    # what is written

    def _written(self) -> str:
        """What the act `export` says of a file: how much is in it, of when if the view is held, and in which order.

        How much is not known while the list in sight is not yet made for the filter that is written by.
        """
        found = self.found()
        what = found if self._made_for == self.lens.query else f"the {found.split()[-1]} that match"
        held = self.lens.frozen
        notes = [] if held is None else [f"as held at {format_time(held.taken_at, held.taken_at)}"]
        if self.sorted_by.column != self._first_column:
            notes.append("in the table's own order")
        return ", ".join((what, *notes))

    @property
    def _first_column(self) -> str:
        """What the list in sight is sorted by at first."""
        return self._first_sort.column

    # the page

    def page(self) -> Page | list[str]:
        """The list in sight and the detail of the row under the cursor; the detail alone where it has all the room."""
        detail, listing = self._detail_page(), self._listing()
        if listing is None or not self.table.display:
            return detail
        title = self._page_title()
        return lambda: list_page(title, listing, detail())

    def _listing(self) -> Listing | None:
        """The list in sight, for a page."""
        return None

    def _detail_page(self) -> Page:
        """What makes the lines about the row under the cursor."""
        return list

    def _page_title(self) -> list[str]:
        """What list it is: how much of how much, in which order, through which filter, of when."""
        lens, snapshot = self.lens, self._in_sight
        lines = [f"{self.root_label}, {self._list_name}: {self.found()}, {sort_titles(self._order)}"]
        if self._made_for:
            lines.append(f"filter: {lens.text if self._made_for == lens.query else self._made_for}")
        held = "held as of" if snapshot is lens.frozen else "as of"
        return [*lines, f"{held} {iso_second(snapshot.taken_at)}"]

    @property
    def _list_name(self) -> str:
        """What the list in sight is called."""
        return self.screen_name.capitalize()

    @property
    def _order(self) -> Sort:
        """The order of the rows in sight."""
        return self.sorted_by

    @property
    def _in_sight(self) -> Snapshot:
        """The Snapshot that the rows in sight are of."""
        return self.snapshot

    # acts

    def act(self, action: str) -> None:
        """Sort, or move; what else a screen can do comes before."""
        match action:
            case "sort":
                self.sort_next()
            case "turn":
                self.sort_by(self.sorted_by.turned())
            case _:
                self._move(action)

    def _move(self, action: str) -> None:
        navigate(self.walked, action)

    def click_again(self) -> None:
        """What a second click on a row does."""
        self.act("open")

    @on(Table.Opened)
    def _clicked_again(self) -> None:
        self.click_again()

    @on(Table.HeaderClicked)
    def _header_clicked(self, message: Table.HeaderClicked) -> None:
        if message.control is self.table and any(sort.column == message.column for sort in self.sorts):
            self.sort_column(message.column)

    # words

    def _policies_title(self) -> list[Parts]:
        """The line above a list of policies, only while there is something to say: the filter, another order.

        Where there is too little room, the filter is told briefly, and the order by its mark in the list only.
        """
        order: Parts = ((f" {sort_titles(self._sort)} ", "muted"),) if self._sort != self._first_sort else ()
        if not self.lens.filtered:
            return [order] if order else []
        long, brief = (
            ((f" {self.found()} {match}; figures of all their runs ", "notice"),)
            for match in ("with a run that matches", "match")
        )
        said: tuple[Parts, ...] = ((*long, *order), (*brief, *order), long)
        return [next((line for line in said if width_of(line) <= self.size.width), brief)]


def plain(lines: Iterable[Parts]) -> list[str]:
    """Lines of parts as text, for the pager."""
    return ["".join(text for text, _ in parts).rstrip() for parts in lines]
