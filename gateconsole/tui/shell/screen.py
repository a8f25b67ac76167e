"""What the frame needs of a screen. A new screen registers by being named in `screens.SCREENS`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from textual.containers import Container
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message

from gateconsole.query import EVERYTHING, Query
from gateconsole.rows.sorts import NEWEST_FIRST, Sort
from gateconsole.snapshot import EMPTY, Snapshot
from gateconsole.tui.shell.candidates import WhitelistCandidate, can_list, can_write
from gateconsole.tui.shell.operator import Operator
from gateconsole.tui.shell.undo import UndoStack
from gateconsole.tui.shell.view_filter import ViewFilter
from gateconsole.tui.theme.paint import Painter
from gateconsole.view import newer_runs


class CopyRow(NamedTuple):
    """The row under the cursor for other programs: raw texts as cells, and what it is as a JSON object.

    `further` finds out the rest of that object, where it takes a while: it is called in a thread.
    """

    cells: tuple[str, ...]
    document: dict[str, Any]
    further: Callable[[], dict[str, Any]] = dict


class ExportedView(NamedTuple):
    """What is in sight as a table of `export`: its name, the Snapshot it is taken from, the rows' query.

    `words` says how much that is.
    """

    table: str
    snapshot: Snapshot
    query: Query = EVERYTHING
    words: str = ""


Page = Callable[[], list[str]]
"""Makes a page: what is shown, whole, as raw lines. It is called in a thread, and holds on to what was in sight."""


class ConsoleScreen(Container):
    """One tab of the console: shows Snapshots, knows which acts it can do now, and does them.

    `screen_name` is what the registry of actions calls it.
    """

    screen_name: ClassVar[str]
    finds_more: ClassVar[bool] = False
    """Whether the filter also finds here what no run holds: then it does not go along to the runs."""

    class Listed(Message):
        """What is in the list is another number of rows, or may be: the words around the screen are made anew."""

    class Said(Message):
        """Something to be said in the last line, until the next key."""

        def __init__(self, text: str, ink: str = "text") -> None:
            super().__init__()
            self.text = text
            self.ink = ink

    def __init__(self, paint: Painter, root_label: str) -> None:
        super().__init__(id=self.screen_name)
        self.paint = paint
        self.root_label = root_label
        self.snapshot: Snapshot = EMPTY
        self.root: Path | None = None
        """The folder of the artifacts, if there is one to read them from."""
        self.hand: Operator | None = None
        """Whose queue it is, and who acts on it; None where there is no ledger to look at."""
        self.undoing: UndoStack | None = None
        """Where an act that can be taken back is remembered."""
        self.lens = ViewFilter()
        self.latest: Snapshot = EMPTY
        """The newest Snapshot, also while an older one is held in sight."""

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Textual sends no Resize when another layout ran between; a screen then kept the places of its old size."""
        changed = size != self.size
        known = super()._size_updated(size, virtual_size, container_size, layout)
        if changed:
            self.post_message(Resize(size, virtual_size, container_size))
        return known

    @abstractmethod
    def show(self, snapshot: Snapshot) -> None:
        """Show another Snapshot."""

    @abstractmethod
    def able(self, action: str) -> bool:
        """True when this act would do something now: then the footer shows its key."""

    @abstractmethod
    def act(self, action: str) -> None:
        """Do an act of this screen."""

    @abstractmethod
    def repaint(self, paint: Painter) -> None:
        """Use another theme."""

    def look_through(self, lens: ViewFilter) -> None:
        """Use the filter that holds on all screens."""
        self.lens = lens

    def found(self) -> str:
        """How much of how much the filter shows: `37 of 12,340 runs`."""
        return ""

    def filter_note(self) -> str:
        """What the filter asks for that nothing here has, as a sentence; empty if there is nothing of the kind."""
        return ""

    @staticmethod
    def newer(snapshot: Snapshot, held: Snapshot) -> int:
        """How much of what is listed here came since a Snapshot that is held. In any thread."""
        return newer_runs(snapshot, held)

    @property
    def sorts(self) -> tuple[Sort, ...]:
        """Every column the list can be sorted by, in its first direction; none for a screen without the acts."""
        return ()

    @property
    def sorted_by(self) -> Sort:
        """What the list is sorted by."""
        return NEWEST_FIRST

    def sort_by(self, sort: Sort) -> None:
        """Sort the list; the cursor stays on its row."""

    def sort_next(self) -> None:
        """Sort by the next column."""
        columns = [sort.column for sort in self.sorts]
        self.sort_by(self.sorts[(columns.index(self.sorted_by.column) + 1) % len(columns)])

    def sort_column(self, column: str) -> None:
        """Sort by a column; the one sorted by is turned round."""
        if column == self.sorted_by.column:
            self.sort_by(self.sorted_by.turned())
        else:
            self.sort_by(next(sort for sort in self.sorts if sort.column == column))

    def shown(self) -> ExportedView | None:
        """What the act `export` writes; None if there is nothing."""
        return None

    def row(self) -> CopyRow | None:
        """The row under the cursor, to be copied; None if there is none. An act `copy` or `copy_json` asks for it."""
        return None

    def suspects(self) -> tuple[WhitelistCandidate, ...]:
        """The unknown classes under the cursor, which may be whitelisted. The act `whitelist` asks for them."""
        return ()

    def lists(self) -> bool:
        """Whether the act `whitelist` would do something: a class is under the cursor, the whitelist may be changed."""
        return can_write(self.hand, self.root, self.snapshot) and bool(can_list(self.suspects()))

    def behind(self) -> str:
        """A query for the runs behind the row under the cursor; empty without one. The act `runs_of` asks for it."""
        return ""

    def page(self) -> Page | list[str]:
        """What makes the lines for the pager, or the lines where they are few. The act `page` asks for it."""
        return []
