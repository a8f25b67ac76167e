"""Screen 5, Runs: every run as it arrives, the files that are no run, and the detail of the one under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize

from gateconsole.rows.rejected import DUPLICATE, REJECTED_COLUMNS, newer_files
from gateconsole.rows.sorts import COLUMNS, NEWEST_FIRST, Sort
from gateconsole.snapshot import EMPTY, Snapshot
from gateconsole.text import noun
from gateconsole.tui.runs.cells import FileWidths, Widths, file_cell, file_columns, run_cell, run_columns
from gateconsole.tui.runs.detail import RunDetail
from gateconsole.tui.runs.plain import file_row, files_listing, run_row, runs_listing
from gateconsole.tui.runs.rows import FileLine, FileRows, Lists, RunLine, RunListQuery, RunRows, both_lists
from gateconsole.tui.runs.title import files_name, no_files, no_runs, runs_name, title_line
from gateconsole.tui.shell.candidates import WhitelistCandidate, whitelist_candidate
from gateconsole.tui.shell.empty_states import centred
from gateconsole.tui.shell.list_screen import ListScreen, plain
from gateconsole.tui.shell.plain_list import Listing
from gateconsole.tui.shell.screen import CopyRow, ExportedView, Page
from gateconsole.tui.shell.sort_picker import sort_titles
from gateconsole.tui.theme.paint import Painter, Parts
from gateconsole.tui.widgets.latest_worker import LatestWorker
from gateconsole.tui.widgets.navigation import Navigable
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.widgets.table import Table
from gateconsole.view import format_count, midnight, n_of_m, newer_runs

if TYPE_CHECKING:
    from gateconsole.rows.runs import RunsView

SPLIT_WIDTH, SPLIT_HEIGHT = 100, 26
"""The least size in cells of this screen that shows list and detail together."""

SIDE_WIDTH: Final = 170
"""Width from which the detail stands beside the list instead of below it."""

PACE: Final = 0.25
"""Seconds between two lists while runs arrive; what the operator does is shown at once.

Of 500 runs a second every line in sight is another one each time, about 4 KB: more of it could nobody read, nor a
terminal that takes 20 KB a second.
"""

_FILES_FIRST: Final = Sort("since", True)


class RunsScreen(ListScreen):
    """One of two lists, and the detail where there is room; `enter` gives the detail the whole screen."""

    screen_name: ClassVar[str] = "runs"

    def __init__(self, paint: Painter, root_label: str) -> None:
        super().__init__(paint, root_label, COLUMNS, NEWEST_FIRST)
        self._opened = False
        self._files = False
        self._files_sort = _FILES_FIRST
        self._view: RunsView | None = None
        self._duplicates = 0
        self._shown: Snapshot = EMPTY
        self._known: tuple[object, ...] = ()
        self._made_by = (NEWEST_FIRST, _FILES_FIRST)
        self._end_wanted = ""
        self._widths, self._file_widths = Widths(), FileWidths()
        self._lists: LatestWorker[RunListQuery, Lists] = LatestWorker(both_lists, self._came, rest=PACE)
        self._title = Pane(paint, self._draw_title, id="runs-title")
        self._title.styles.height = 1
        self._runs: Table[RunLine] = Table(
            paint,
            lambda: run_columns(self._widths, self._runs.size.width),
            lambda line: line.run.key,
            run_cell,
            see=self._widths.see,
            id="run-list",
        )
        self._rejected: Table[FileLine] = Table(
            paint,
            lambda: file_columns(self._file_widths),
            lambda line: line.path,
            file_cell,
            see=self._file_widths.see,
            id="rejected-list",
        )
        self._message = Pane(paint, self._draw_message, id="runs-message")
        self._detail = RunDetail(paint)
        self._body = Container(self._message, self._runs, self._rejected, self._detail, id="runs-body")
        self.parts = (self._title, self._message, self._runs, self._rejected, self._detail)

    def compose(self) -> ComposeResult:
        """Title, then list and detail."""
        yield self._title
        yield self._body

    def on_mount(self) -> None:
        """The detail reads artifacts and the ledger itself."""
        self._detail.root, self._detail.hand = self.root, self.hand
        self._mark_sorts()

    @property
    def table(self) -> Table[RunLine] | Table[FileLine]:
        """The list in sight."""
        return self._rejected if self._files else self._runs

    @property
    def walked(self) -> Navigable:
        """The list in sight, or the detail that has the whole screen."""
        return self._detail if self._opened else self.table

    # what is shown

    def show(self, snapshot: Snapshot) -> None:
        """Show another Snapshot; the list follows as soon as it is made, the cursor stays on its row."""
        self.snapshot = snapshot
        self._ask(urgent=False)

    def found(self) -> str:
        """`37 of 12,340 runs`."""
        if self._files:
            return f"{n_of_m(self._rejected_shown(), len(self._shown.rejected))} rejected"
        if self._view is None:
            return ""
        return f"{n_of_m(self._view.matched, self._view.total)} {noun(self._view.total, 'run')}"

    @staticmethod
    def newer(snapshot: Snapshot, held: Snapshot) -> int:
        """What came to either list since a Snapshot that is held."""
        return newer_runs(snapshot, held) + newer_files(snapshot, held)

    def _ask(self, urgent: bool = True) -> None:
        asked = RunListQuery(self.snapshot, self.lens.query, self._sort, self._files_sort, self._view)
        self._lists.ask(asked, urgent)

    def _came(self, asked: RunListQuery, lists: Lists) -> None:
        """Both lists are made: show them."""
        if not self.is_attached:
            return
        view, snapshot, today = lists.view, asked.snapshot, midnight(asked.snapshot.taken_at)
        files = (snapshot.pending, lists.files)
        self._duplicates = lists.duplicates
        known = (view, files, today)
        self._shown, self._made_by, self._made_for = snapshot, (asked.sort, asked.files_sort), asked.query
        if known != self._known:
            self._known = known
            self._show_lists(lists, today, follow=asked.sort == NEWEST_FIRST)
        if self._end_wanted and not self._behind:
            self._move(self._end_wanted)
        self._mark_sorts()
        self._arrange()
        self._show_detail()
        self.post_message(self.Listed())

    @property
    def _behind(self) -> bool:
        """Whether the lists in sight are of another filter or order than was asked for by now."""
        return (self._made_for, self._made_by) != (self.lens.query, (self._sort, self._files_sort))

    def _show_lists(self, lists: Lists, today: int, follow: bool) -> None:
        self._view = lists.view
        runs = RunRows(lists.view, today)
        self._runs.update(runs, runs.find, follow=follow)
        pending = () if self.lens.filtered else self._shown.pending
        files = FileRows(pending, lists.files, today)
        self._rejected.update(files, files.find)

    def _show_detail(self, anew: bool = False) -> None:
        line: RunLine | FileLine | None = self.table.selected
        if self._detail.display:
            self._detail.show(self._shown, line, anew=anew)

    def _mark_sorts(self) -> None:
        by_runs, by_files = self._made_by
        self._runs.mark_sorted(*by_runs)
        self._rejected.mark_sorted(*by_files)

    # acts

    def able(self, action: str) -> bool:
        """Moving needs rows; `open` a closed detail, `back` an open one."""
        rows = bool(len(self.table.rows))
        match action:
            case "whitelist":
                return self.lists()
            case "open":
                return rows and not self._opened
            case "back":
                return self._opened
            case "other_list":
                return not self._opened
            case "sort" | "turn" | "sort_by":
                return rows and not self._opened
        return rows

    def act(self, action: str) -> None:
        """Move in the list or in an open detail, change the list or its order."""
        match action:
            case "open" | "back":
                self._opened = action == "open"
                self.table.take()
                self._arrange()
                self._show_detail(anew=self._opened)
            case "other_list":
                self._files = not self._files
                self._arrange()
                self._show_detail()
                self.post_message(self.Listed())
            case _:
                super().act(action)

    def _move(self, action: str) -> None:
        """Move; an end that is asked for while other rows are made will be theirs, unless another key comes first."""
        ends = action in {"first", "last"} and not self._opened
        self._end_wanted = action if ends and self._behind else ""
        super()._move(action)

    @property
    def sorted_by(self) -> Sort:
        """The order of the list in sight."""
        return self._files_sort if self._files else self._sort

    @property
    def sorts(self) -> tuple[Sort, ...]:
        """By what the list in sight can be sorted."""
        names: tuple[str, ...] = REJECTED_COLUMNS if self._files else tuple(COLUMNS)
        return tuple(Sort(name, COLUMNS.get(name, name == "since")) for name in names)

    @property
    def _first_column(self) -> str:
        return _FILES_FIRST.column if self._files else self._first_sort.column

    def sort_by(self, sort: Sort) -> None:
        """Use another order; it is said at once, the rows follow when they are in order, the cursor on its own."""
        if self._files:
            self._files_sort = sort
        else:
            self._sort = sort
        self._ask()
        self._title.show()

    def shown(self) -> ExportedView | None:
        """What the filter finds of the list in sight, as a table; a file still being written is in none."""
        if not len(self.table.rows):
            return None
        waiting = 0 if self.lens.filtered or not self._files else len(self._shown.pending)
        lost = self._duplicates if self._files else 0
        without = [
            f"{format_count(number)} {what}" for number, what in ((waiting, "pending"), (lost, DUPLICATE)) if number
        ]
        left_out = f", without {' and '.join(without)}" if without else ""
        words = f"{self._written()}{left_out}"
        return ExportedView("rejected" if self._files else "runs", self._shown, self.lens.query, words)

    def row(self) -> CopyRow | None:
        """The run or the rejected file under the cursor."""
        line = self.table.selected
        if line is None:
            return None
        return run_row(line.run, self._shown) if isinstance(line, RunLine) else file_row(line)

    def suspects(self) -> tuple[WhitelistCandidate, ...]:
        """The unknown classes of the run under the cursor."""
        line = self.table.selected
        if not isinstance(line, RunLine):
            return ()
        run = line.run
        return tuple(
            whitelist_candidate(name, (run.stratum,)) for name in (*run.unlisted_reasons, *run.whitelisted_reasons)
        )

    def _listing(self) -> Listing:
        """Every run, or every file of the other list."""
        return files_listing(self._rejected.rows) if self._files else runs_listing(self._view)

    def _detail_page(self) -> Page:
        """Everything about the run or file under the cursor, its text as read included."""
        line = self.table.selected
        if line is None:
            return list
        lines = self._detail.page_of(self._shown, line)
        return lambda: plain(lines())

    @property
    def _list_name(self) -> str:
        return "Rejected files" if self._files else "Runs"

    @property
    def _order(self) -> Sort:
        return self._made_by[self._files]

    @property
    def _in_sight(self) -> Snapshot:
        return self._shown

    @on(Table.Moved)
    def _moved(self) -> None:
        self._title.show()
        self._show_detail()
        self.post_message(self.Listed())

    # places

    def on_resize(self, event: Resize) -> None:
        """Show list and detail together where there is room."""
        self._arrange()
        self._show_detail()

    def _arrange(self) -> None:
        width, height = self.size
        rows = bool(len(self.table.rows))
        self._opened = self._opened and rows
        side = width >= SIDE_WIDTH
        split = width >= SPLIT_WIDTH and height >= SPLIT_HEIGHT
        self._message.display = not rows
        self._runs.display = rows and not self._opened and not self._files
        self._rejected.display = rows and not self._opened and self._files
        self._detail.display = rows and (split or self._opened)
        self._body.styles.layout = "horizontal" if side and not self._opened else "vertical"
        beside = self._detail.display and not self._opened
        self._detail.styles.width = max(width * 2 // 5, 70) if beside and side else "1fr"
        self._detail.styles.height = self._detail_height(height) if beside and not side else "1fr"
        self._detail.place(self._detail_width(width, beside and side))
        self._title.show()
        self._message.show()

    def _detail_height(self, height: int) -> int:
        """Two fifths of the screen, and what a short list leaves."""
        return max(height * 2 // 5, 12, height - len(self.table.rows) - 2)

    def _detail_width(self, width: int, beside: bool) -> int:
        return max(width * 2 // 5, 70) if beside else width

    def _draw_title(self, width: int, height: int) -> list[Parts]:
        parts = self._shown.completeness
        lost = n_of_m(self._duplicates, parts.duplicate) if parts.duplicate else ""
        files = files_name(self._rejected_shown(), parts.rejected, len(self._shown.pending), lost)
        names = (runs_name(self._view), files)
        table = self.table
        made_by = self._made_by[self._files]
        following = not self._files and made_by == NEWEST_FIRST and table.cursor == 0 and bool(len(table.rows))
        live = following and self._shown.phase == "live" and self.lens.frozen is None
        where = "following" if live else f"{format_count(table.top)} above" if table.top else ""
        order = sort_titles(made_by) if made_by == self.sorted_by else f"sorting: {sort_titles(self.sorted_by)}"
        return [title_line(names, self._files, (where, order), width)]

    def _rejected_shown(self) -> int:
        waiting = 0 if self.lens.filtered else len(self._shown.pending)
        return max(len(self._rejected.rows) - waiting - self._duplicates, 0)

    def _draw_message(self, width: int, height: int) -> list[Parts]:
        if self._files:
            return centred(no_files(self.snapshot, self.lens), width, height)
        return centred(no_runs(self.snapshot, self.lens, self._view, self.root_label), width, height)
