"""Screen 4, Whitelist: what is known to be harmless, why, for which runs, until when; what each entry covers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual import on
from textual.events import Resize
from textual.geometry import Size

from gateconsole.query import Query
from gateconsole.rows.sorts import Sort
from gateconsole.rows.whitelist import (
    BY_REASON,
    WHITELIST_COLUMNS,
    WhitelistRows,
    entries_by,
    entry_document,
    listed_entries,
    matching_entries,
)
from gateconsole.snapshot import EMPTY, Snapshot
from gateconsole.text import join_list, noun, printable
from gateconsole.tui.shell.candidates import can_write
from gateconsole.tui.shell.empty_states import centred
from gateconsole.tui.shell.list_screen import ListScreen, plain
from gateconsole.tui.shell.plain_list import Listing
from gateconsole.tui.shell.screen import CopyRow, ExportedView, Page
from gateconsole.tui.shell.sort_picker import sort_titles
from gateconsole.tui.shell.view_filter import ViewFilter
from gateconsole.tui.theme.paint import Painter, Parts, width_of
from gateconsole.tui.whitelist.cells import EntryLine, entry_cell, entry_columns, entry_lines
from gateconsole.tui.whitelist.form_model import edit_draft, new_draft, retire_draft
from gateconsole.tui.whitelist.open_form import EntryRequested
from gateconsole.tui.whitelist.plain import entries_listing
from gateconsole.tui.whitelist.preview_worker import PreviewReply, PreviewWorker, same_runs
from gateconsole.tui.whitelist.save import EntryHistory, FileNotes, file_notes, load_history, whitelist_file_for
from gateconsole.tui.whitelist.text import EntryFacts, Top, detail_lines, header, nothing_listed
from gateconsole.tui.widgets.latest_worker import LatestWorker
from gateconsole.tui.widgets.list_detail_layout import Split
from gateconsole.tui.widgets.navigation import Navigable
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.widgets.scroll_view import Scroller
from gateconsole.tui.widgets.table import Table
from gateconsole.view import midnight, n_of_m
from gateconsole.whitelist.entry_status import EntryStatus
from gateconsole.whitelist.merge import EntryChange

if TYPE_CHECKING:
    from gateconsole.whitelist.operator_acts import WhitelistFile

LEAST: Final = Size(0, 16)
"""The least size in cells of this screen that shows list and detail together."""

PACE: Final = 1.0
"""Seconds between two countings of hits while runs arrive: each looks at every run."""

_PAGE_WIDTH: Final = 112


class _Asked(NamedTuple):
    snapshot: Snapshot
    query: Query
    sort: Sort
    before: WhitelistRows
    before_of: Snapshot


class _Found(NamedTuple):
    listed: WhitelistRows
    shown: tuple[EntryStatus, ...]


class _FileAsked(NamedTuple):
    place: WhitelistFile
    whitelist: object


class _FileFound(NamedTuple):
    look: FileNotes
    history: EntryHistory


def _find(asked: _Asked) -> _Found:
    """The entries as they stand, those that the filter finds in their order; not on the screen's own thread."""
    listed = asked.before if _same(asked.snapshot, asked.before_of) else listed_entries(asked.snapshot)
    found = matching_entries(asked.snapshot, listed.standings, asked.query)
    return _Found(listed, entries_by(found, asked.sort))


def _read(asked: _FileAsked) -> _FileFound:
    """What file and ledger say beside the entries."""
    return _FileFound(file_notes(asked.place), load_history(asked.place))


class WhitelistScreen(ListScreen):
    """The entries above, the one under the cursor below, whole; `tab` gives it the whole screen."""

    screen_name: ClassVar[str] = "whitelist"

    def __init__(self, paint: Painter, root_label: str) -> None:
        super().__init__(paint, root_label, WHITELIST_COLUMNS, BY_REASON)
        self._counted: Snapshot = EMPTY
        self._found = _Found(WhitelistRows(), ())
        self._wanted: _Asked | None = None
        self._file = _FileFound(FileNotes(), EntryHistory())
        self._file_of: object = None
        self._answer: PreviewReply | None = None
        self._lines: list[EntryLine] = []
        self.listing: LatestWorker[_Asked, _Found] = LatestWorker(_find, self._came, rest=PACE)
        self.outlook = PreviewWorker(self._looked)
        self.reading: LatestWorker[_FileAsked, _FileFound] = LatestWorker(_read, self._was_read)
        self._title = Pane(paint, self._draw_title, grow=True, id="whitelist-title")
        self._title.display = False
        self._message = Pane(paint, self._draw_message, id="whitelist-message")
        self._table: Table[EntryLine] = Table(
            paint,
            lambda: entry_columns(self._lines, self._table.size.width),
            lambda line: line.key,
            entry_cell,
            id="whitelist-list",
        )
        self._rule = Pane(paint, self._draw_rule, id="whitelist-rule")
        self._rule.styles.height = 1
        self._words = Scroller(paint, self._write_words, id="whitelist-words")
        self._split = Split(self._message, self._table, (self._rule, self._words), least=LEAST)
        self.parts = (self._title, self._message, self._table, self._rule, self._words)

    @property
    def table(self) -> Table[EntryLine]:
        """The entries."""
        return self._table

    @property
    def walked(self) -> Navigable:
        """The entries, or the words of one that have the whole screen."""
        return self._words if self._split.opened else self._table

    # what is shown

    @property
    def standing(self) -> EntryStatus | None:
        """The entry under the cursor."""
        line = self._table.selected
        return None if line is None else line.standing

    @property
    def _place(self) -> WhitelistFile | None:
        return whitelist_file_for(self.root, self.hand)

    def show(self, snapshot: Snapshot) -> None:
        """Show the whitelist of another Snapshot; the cursor stays on its entry."""
        before, self.snapshot = self.snapshot, snapshot
        urgent = before.whitelist is not snapshot.whitelist
        self._ask(urgent=urgent)
        self._read_file()
        self._title.show()
        if not self._table.rows:
            self._message.show()

    def look_through(self, lens: ViewFilter) -> None:
        """Use this filter."""
        super().look_through(lens)
        self._read_file(anew=True)

    def _ask(self, urgent: bool = True) -> None:
        """Have the entries listed, unless that was asked already."""
        asked = _Asked(self.snapshot, self.lens.query, self._sort, self._found.listed, self._counted)
        last = self._wanted
        if last is None or last[1:3] != asked[1:3] or not _same(last.snapshot, asked.snapshot):
            self._wanted = asked
            self.listing.ask(asked, urgent)

    def _came(self, asked: _Asked, found: _Found) -> None:
        if not self.is_attached or asked.query != self.lens.query:
            return
        self._found, self._counted, self._made_for = found, asked.snapshot, asked.query
        counted = asked.snapshot.runs is not None
        today = midnight(asked.snapshot.taken_at)
        self._lines = entry_lines(found.shown, found.listed.standings, counted, today)
        self._table.mark_sorted(*self._sort)
        self._table.update(self._lines)
        self._arrange()
        self._look()
        self._draw()
        self.post_message(self.Listed())

    def _read_file(self, anew: bool = False) -> None:
        """Read what only file and ledger know, whenever the whitelist is another one."""
        place = self._place
        if place is not None and (anew or self._file_of is not self.snapshot.whitelist):
            self._file_of = self.snapshot.whitelist
            self.reading.ask(_FileAsked(place, self.snapshot.whitelist))

    def _was_read(self, asked: _FileAsked, found: _FileFound) -> None:
        if self.is_attached:
            self._file = found
            self._draw()

    def _look(self) -> None:
        """Ask what the entry under the cursor covers."""
        one = self.standing
        self.outlook.see(self._counted)
        if self.outlook.ask(None if one is None else EntryChange(one.entry, None)):
            self._answer = None

    def _looked(self, _: EntryChange, answer: PreviewReply) -> None:
        if self.is_attached:
            self._answer = answer
            self._words.show()

    def found(self) -> str:
        """`2 of 12 entries`."""
        total = len(self._found.listed.standings)
        return f"{n_of_m(len(self._found.shown), total)} {noun(total, 'entry')}"

    # acts

    def able(self, action: str) -> bool:
        """What would do something now; what writes is hidden where nothing may be written."""
        rows = bool(self._table.rows)
        if action in {"whitelist_new", "whitelist_edit", "whitelist_retire"}:
            may = can_write(self.hand, self.root, self.snapshot)
            return may and (rows or action == "whitelist_new")
        match action:
            case "back":
                return self._split.opened
            case "whitelist_detail":
                return rows
            case "sort" | "turn" | "sort_by":
                return rows and not self._split.opened
        return rows

    def act(self, action: str) -> None:
        """Ask for an entry, move, or open the detail."""
        one, hand = self.standing, self.hand
        match action:
            case "whitelist_new" if hand is not None:
                self.post_message(EntryRequested(new_draft(self.snapshot, hand.when())))
            case "whitelist_edit" if one is not None:
                self.post_message(EntryRequested(edit_draft(one.entry)))
            case "whitelist_retire" if one is not None:
                self.post_message(EntryRequested(retire_draft(one.entry)))
            case "whitelist_detail" | "back":
                self._table.take()
                self._split.opened = not self._split.opened
                self._arrange()
                self._draw()
                self.post_message(self.Listed())
            case _:
                super().act(action)

    @on(Table.Moved)
    def _moved(self) -> None:
        self._words.top = 0
        self._look()
        self._rule.show()
        self._words.show()
        self.post_message(self.Listed())

    def click_again(self) -> None:
        """Edit the entry, where that may be."""
        if self.able("whitelist_edit"):
            self.act("whitelist_edit")

    # for other programs

    def shown(self) -> ExportedView | None:
        """The entries that the filter finds, as a table."""
        if not self._found.shown:
            return None
        return ExportedView("whitelist", self.snapshot, self.lens.query, self._written())

    def row(self) -> CopyRow | None:
        """The entry under the cursor, as `export` has it."""
        one = self.standing
        if one is None:
            return None
        document = entry_document(one)
        values = (join_list(value) if isinstance(value, list) else value for value in document.values())
        return CopyRow(tuple("" if value is None else str(value) for value in values), document)

    def _listing(self) -> Listing:
        """Every entry in sight."""
        return entries_listing(self._lines)

    def _detail_page(self) -> Page:
        """Everything that is known of the entry under the cursor by now."""
        words = plain(self._write_words(_PAGE_WIDTH))
        return lambda: words

    @property
    def _in_sight(self) -> Snapshot:
        return self._counted

    # places

    def on_resize(self, event: Resize) -> None:
        """List and detail together where there is room."""
        self._arrange()
        self._draw()

    def _arrange(self) -> None:
        self._split.place(self.size, bool(self._table.rows))

    def _draw(self) -> None:
        for part in (self._title, self._message, self._rule, self._words):
            part.show()

    def _draw_title(self, width: int, height: int) -> list[Parts]:
        snapshot = self.snapshot
        unknown = snapshot.phase == "starting" or (snapshot.phase == "waiting" and not snapshot.whitelist.entries)
        if unknown or (snapshot.whitelist.problem is not None and not snapshot.whitelist.entries):
            return []
        said = [self.found()] if self.lens.filtered else []
        said += [sort_titles(self._sort)] if self._sort != BY_REASON else []
        read_only = self.hand is not None and not self.hand.writes
        number = len(snapshot.whitelist.entries)
        return header(Top(number, self._found.listed.standings, self._file.look.notes, said, read_only), width)

    def _draw_message(self, width: int, height: int) -> list[Parts]:
        may = can_write(self.hand, self.root, self.snapshot)
        filtered = printable(self.lens.text) if self.lens.filtered and self._found.listed.standings else ""
        return centred(nothing_listed(self.snapshot, filtered, may), width, height)

    def _draw_rule(self, width: int, height: int) -> list[Parts]:
        one = self.standing
        if one is None:
            return []
        name = self.paint.text(one.entry.reason, max(width // 2, 10))
        place = f"entry {one.number} of {len(self._found.listed.standings)} "
        head: Parts = (("─ ", "rule"), (name, "strong"), ("  ", "rule"), (place, "muted"))
        return [(*head, ("─" * max(width - width_of(head), 0), "rule"))]

    def _write_words(self, width: int) -> list[Parts]:
        one = self.standing
        if one is None:
            return []
        extras = self._file.look.extras
        extra = extras[one.number - 1] if len(extras) >= one.number else {}
        known = EntryFacts(one, extra, self._answer, self._file.history, self.snapshot.taken_at)
        return detail_lines(self.paint, known, width)


def _same(one: Snapshot, other: Snapshot) -> bool:
    """Whether the entries stand alike in both: the engine keeps the objects that did not change."""
    return same_runs(one, other) and midnight(one.taken_at) == midnight(other.taken_at)
