"""Screen 3, Queue: the pending patches of a testcase, what is built next and why, and the acts on them."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import on
from textual.events import Resize
from textual.geometry import Size

from gateconsole.patch_queue.overview import EMPTY, Board, TestcaseBoard, with_ages
from gateconsole.patch_queue.queries import PatchRow
from gateconsole.rows.patches import (
    IN_ORDER,
    NO_PATCHES,
    PATCH_COLUMNS,
    PatchList,
    PatchLister,
    PatchQuery,
    fields_missing,
    newer_patches,
)
from gateconsole.snapshot import Snapshot
from gateconsole.text import printable
from gateconsole.tui.queue.actions import QUEUE_ACTS, question_for
from gateconsole.tui.queue.cells import PatchLine, PatchRows, cell, columns
from gateconsole.tui.queue.frozen_view import question_when_frozen
from gateconsole.tui.queue.plain import patch_cells, patch_document, patch_facts, patches_listing
from gateconsole.tui.queue.text import header, no_queue, overview, timeline_lines, view_lines, why_lines
from gateconsole.tui.shell.empty_states import centred
from gateconsole.tui.shell.ledger_access import (
    ActionOutcome,
    LedgerQuery,
    LedgerReply,
    Topic,
    Whole,
    query_ledger,
    run_action,
    whole,
)
from gateconsole.tui.shell.ledger_actions import LedgerActions
from gateconsole.tui.shell.list_screen import ListScreen, plain
from gateconsole.tui.shell.plain_list import Listing
from gateconsole.tui.shell.question_form import Form
from gateconsole.tui.shell.questions import Question
from gateconsole.tui.shell.screen import CopyRow, ExportedView, Page
from gateconsole.tui.shell.sort_picker import sort_titles
from gateconsole.tui.shell.view_filter import ViewFilter
from gateconsole.tui.theme.paint import Painter, Parts, printable_cells
from gateconsole.tui.theme.wrap import labelled_text
from gateconsole.tui.widgets.latest_worker import LatestWorker
from gateconsole.tui.widgets.list_detail_layout import Split
from gateconsole.tui.widgets.navigation import Navigable
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.widgets.scroll_view import Scroller
from gateconsole.tui.widgets.table import Table
from gateconsole.view import format_time, midnight, n_of_m

LEAST: Final = Size(0, 14)
"""The least size in cells of this screen that shows list and words together."""

_OWN_FOR: Final = 3_000_000
"""Microseconds for which the board read after an act goes before an older one of the engine."""

_PACE: Final = 0.1
"""Seconds between two lists while the queue changes."""

_WHOLE: Final = "of the whole queue, whatever the filter"
"""Of what the words below the list are, while a filter chooses among patches."""

_PAGE_WIDTH: Final = 120
_TOPICS: Final[dict[str, Topic]] = {"queue_why": "why", "queue_timeline": "timeline"}


class QueueScreen(ListScreen):
    """One testcase at a time: patches above, words below; `enter` gives the words the whole screen."""

    screen_name: ClassVar[str] = "queue"

    def __init__(self, paint: Painter, root_label: str) -> None:
        super().__init__(paint, root_label, PATCH_COLUMNS, IN_ORDER)
        self._own: ActionOutcome | None = None
        self._asked_for: PatchQuery | None = None
        self._shown: Board = EMPTY
        self._list: PatchList = NO_PATCHES
        self._rows = PatchRows()
        self._testcase = ""
        self._topic: Topic | None = None
        self._asked: LedgerQuery | None = None
        self._answer: LedgerReply | None = None
        self._widest = 10
        self._lists: LatestWorker[PatchQuery, PatchList] = LatestWorker(PatchLister().list, self._came, rest=_PACE)
        self._all = False
        self._whole: Board | None = None
        self._wholes: LatestWorker[Whole, Board | None] = LatestWorker(whole, self._whole_came, rest=_PACE)
        self._looking: LatestWorker[LedgerQuery, LedgerReply] = LatestWorker(query_ledger, self._answered, rest=0.1)
        self._title = Pane(paint, self._draw_title, grow=True, id="queue-title")
        self._title.display = False
        self._message = Pane(paint, self._draw_message, id="queue-message")
        self._table: Table[PatchLine] = Table(
            paint,
            lambda: columns(self._widest, self._table.size.width),
            lambda line: line.row.patch,
            cell,
            id="queue-list",
        )
        self._rule = Pane(paint, self._draw_rule, id="queue-rule")
        self._rule.styles.height = 1
        self._words = Scroller(paint, self._write_words, id="queue-words")
        self._form = Form(paint)
        self._split = Split(
            self._message,
            self._table,
            (self._rule, self._words),
            least=LEAST,
            most=lambda height: max(height // 2 - 1, 6),
        )
        self._acting: LedgerActions[Question, ActionOutcome] = LedgerActions(
            self, self._form, run_action, self._kept, lambda ask: ask
        )
        self.parts = (self._title, self._message, self._table, self._rule, self._words, self._form)

    @property
    def table(self) -> Table[PatchLine]:
        """The patches of the testcase in sight."""
        return self._table

    @property
    def walked(self) -> Navigable:
        """The patches, or the words that have the whole screen."""
        return self._words if self._split.opened else self._table

    # what is shown

    @property
    def each(self) -> TestcaseBoard | None:
        """The testcase in sight."""
        return self._list.each

    @property
    def patch(self) -> PatchRow | None:
        """The patch under the cursor."""
        line = self._table.selected
        return None if line is None else line.row

    @property
    def _held(self) -> bool:
        return self.lens.frozen is not None

    @property
    def _live(self) -> Board:
        """The newest queue there is: the engine's, or for a while the one read after an act."""
        board, own = self.latest.queue or EMPTY, self._own
        if own is not None and own.board is not None and own.board.seq > board.seq:
            return own.board if self.latest.taken_at < own.at + _OWN_FOR else board
        return board

    def show(self, snapshot: Snapshot) -> None:
        """Show the queue of another Snapshot; the cursor stays on its patch."""
        self.snapshot = snapshot
        self._ask(urgent=False)

    def look_through(self, lens: ViewFilter) -> None:
        """Use this filter; say so."""
        super().look_through(lens)
        self._draw()

    def _ask(self, urgent: bool = True) -> None:
        """Have the patches listed, unless that was asked already."""
        snapshot = self.snapshot
        board = (snapshot.queue or EMPTY) if self._held else self._live
        if self._all:
            board = self._all_of(board)
        asked = PatchQuery(board, self._testcase, self.lens.query, self._sort, snapshot.taken_at)
        before, now = self._asked_for, asked.now
        if before is None or board is not before.board or before[1:4] != asked[1:4] or self._other_time(before, now):
            self._asked_for = asked
            self._lists.ask(asked, urgent)

    def _all_of(self, board: Board) -> Board:
        """The same queue with everything that was ever decided, once the ledger gave it; until then as it is."""
        now, all_of_it = self.snapshot.taken_at, self._whole
        if all_of_it is not None and (all_of_it.seq == board.seq or (all_of_it.seq > board.seq and not self._held)):
            self._whole = with_ages(all_of_it, now)
            return self._whole
        if self.hand is not None:
            self._wholes.ask(Whole(self.hand, board.seq, self._held, now))
        return board

    def _whole_came(self, asked: Whole, board: Board | None) -> None:
        """Show the whole queue, unless that is not wanted any more; without one what is shown stays."""
        if self.is_attached and board is not None and self._all:
            self._whole = board
            self._ask()
        elif board is None and self._all:
            self._all = False
            self.post_message(
                self.Said("the ledger cannot be read now: what was decided earlier is not shown", "notice")
            )

    @staticmethod
    def _other_time(before: PatchQuery, now: int) -> bool:
        """Whether another time finds other patches, or has other words for times."""
        return midnight(before.now) != midnight(now) or before.query.key(before.now) != before.query.key(now)

    def _came(self, asked: PatchQuery, found: PatchList) -> None:
        """The list is made: show it."""
        if not self.is_attached:
            return
        before = self.each
        turned = before is not None and found.each is not None and before.testcase.name != found.each.testcase.name
        self._shown, self._list, self._made_for = asked.board, found, asked.query
        rows = self._rows = PatchRows(found, midnight(asked.now))
        in_sight = rows[self._table.top : self._table.top + max(self._table.page, 50)]
        self._widest = max([cell_len(printable_cells(line.row.patch)) for line in in_sight], default=10)
        self._widest = min(self._widest, 40)
        self._table.mark_sorted(*(asked.sort if asked.sort != self._first_sort else ("", False)))
        self._table.update(rows, rows.find)
        if turned:
            self._table.move_to(0)
        self._arrange()
        self._draw()
        self._ask_again()
        self.post_message(self.Listed())

    def found(self) -> str:
        """`3 of 12 patches`."""
        total = 0 if self.each is None else len(self.each.patches)
        return f"{n_of_m(len(self._table.rows), total)} {'patch' if total == 1 else 'patches'}"

    def filter_note(self) -> str:
        """What the filter asks for that no patch has."""
        return fields_missing(self.lens.query)

    @staticmethod
    def newer(snapshot: Snapshot, held: Snapshot) -> int:
        """How many patches came, went or stand otherwise since a Snapshot that is held."""
        return newer_patches(snapshot.queue or EMPTY, held.queue or EMPTY)

    def _draw(self) -> None:
        for part in (self._title, self._message, self._rule, self._words):
            part.show()

    def turn_to(self, by: int) -> None:
        """Show another testcase."""
        names = [one.testcase.name for one in self._shown.testcases]
        if len(names) > 1:
            at = names.index(self._testcase) if self._testcase in names else 0
            self._testcase = names[(at + by) % len(names)]
            self._ask()

    # why and timeline

    def _turn_topic(self, topic: Topic | None) -> None:
        self._topic = topic
        self._asked = self._answer = None
        self._words.top = 0
        self._ask_again()
        self._draw()

    def _ask_again(self) -> None:
        """Ask the ledger about the patch under the cursor, unless that is known already."""
        each, patch = self.each, self.patch
        if self._topic is None or self.hand is None or each is None or patch is None:
            return
        question = LedgerQuery(self.hand, self._topic, each.testcase.name, patch.patch, self._shown.seq, self._held)
        if question != self._asked:
            if self._asked is None or question[:4] != self._asked[:4]:
                self._answer = None
            self._asked = question
            self._looking.ask(question)

    def _answered(self, question: LedgerQuery, answer: LedgerReply) -> None:
        if self.is_attached and question == self._asked:
            self._answer = answer
            self._words.show()

    # acts

    def able(self, action: str) -> bool:
        """What would do something now; what writes is hidden where nothing may be written."""
        each = self.each
        if self._form.display or each is None:
            return False
        if action in QUEUE_ACTS:
            return self._acting.may and question_for(action, each, self.patch) is not None
        match action:
            case "next_testcase" | "previous_testcase":
                return len(self._shown.testcases) > 1
            case "queue_all":
                return self.hand is not None and (self._all or self.hand.history is not None)
            case "queue_why" | "queue_timeline":
                return self.hand is not None and self.patch is not None
            case "open":
                return not self._split.opened
            case "back":
                return self._split.opened or self._topic is not None
            case "sort" | "turn" | "sort_by":
                return bool(len(self._table.rows)) and not self._split.opened
            case "freeze":
                return True
        return self._split.opened or bool(len(self._table.rows))

    def act(self, action: str) -> None:
        """Move, look, or ask what an act needs to know."""
        each = self.each
        if each is None:
            return
        if action in QUEUE_ACTS:
            self._begin_act(action, each)
        elif action in _TOPICS:
            topic = _TOPICS[action]
            self._turn_topic(None if self._topic == topic else topic)
        elif action == "queue_all":
            self._all, self._whole = not self._all, None
            self._ask()
        elif action in {"next_testcase", "previous_testcase"}:
            self.turn_to(1 if action == "next_testcase" else -1)
        elif action in {"open", "back"}:
            self._open_or_back(action)
        else:
            super().act(action)

    def _begin_act(self, action: str, each: TestcaseBoard) -> None:
        """Ask what an act needs to know; while the view is held, of the queue as it is now."""
        patch = self.patch
        ask = question_when_frozen(action, each, patch, self._live) if self._held else question_for(action, each, patch)
        if isinstance(ask, str):
            self.post_message(self.Said(ask, "notice"))
        elif ask is not None:
            self._open(ask)

    def _open_or_back(self, action: str) -> None:
        if action == "back" and not self._split.opened:
            self._turn_topic(None)
            return
        self._split.opened = action == "open"
        self._arrange()
        self._draw()

    def _open(self, ask: Question) -> None:
        """Ask; an act that could not be done before comes back itself, so that nothing is dispatched twice."""
        last = self._acting.unsent(ask)
        self._acting.begin(*((ask,) if last is None else (last.deed, last.answers)))
        self._words.show()

    @on(Form.Answered)
    def _begin(self, message: Form.Answered) -> None:
        self._acting.answered(message.answers)

    @on(Form.Left)
    def _leave(self) -> None:
        self._acting.left()

    def _kept(self, done: ActionOutcome) -> bool:
        """What is on disk shows at once."""
        if done.board is not None:
            self._own = done
            self._ask()
        return done.board is not None

    @on(Table.Moved)
    def _moved(self) -> None:
        self._ask_again()
        self._rule.show()
        self._words.show()
        self.post_message(self.Listed())

    # for other programs

    def shown(self) -> ExportedView | None:
        """The patches of the testcase in sight that the filter finds, as a table."""
        each, boards = self.each, self._shown.testcases
        if each is None or not len(self._table.rows):
            return None
        queue = replace(self._shown, testcases=(each,))
        words = f"{self._written()}, of {printable(each.testcase.name)}{' only' if len(boards) > 1 else ''}"
        return ExportedView("queue", replace(self.snapshot, queue=queue), self.lens.query, words)

    def row(self) -> CopyRow | None:
        """The patch under the cursor."""
        line, each = self._table.selected, self.each
        if line is None or each is None:
            return None
        return CopyRow(patch_cells(line), patch_document(each.testcase.name, line))

    def _listing(self) -> Listing:
        """The patches that are listed."""
        return patches_listing(self._rows)

    def _page_title(self) -> list[str]:
        """What list it is, and the testcase."""
        each = self.each
        return [*super()._page_title(), *([] if each is None else plain(self._head(each, _PAGE_WIDTH)))]

    def _detail_page(self) -> Page:
        """The patch under the cursor, and the words below the list."""
        each, line = self.each, self._table.selected
        if each is None:
            return list
        facts = [] if line is None else [*patch_facts(each.testcase.name, line), ""]
        words = [*facts, *plain(self._draw_rule(_PAGE_WIDTH, 1)), *plain(self._write_words(_PAGE_WIDTH))]
        return lambda: words

    # places

    def on_resize(self, event: Resize) -> None:
        """List and words together where there is room."""
        self._arrange()
        self._draw()

    def _arrange(self) -> None:
        each = self.each
        self._split.place(self.size, each is not None)
        if each is not None and not len(self._table.rows) and each.patches and not self._split.opened:
            self._message.display, self._table.display = True, False

    def _header(self, each: TestcaseBoard, width: int) -> list[Parts]:
        lines = self._head(each, width)
        found = f"{self.found()} match" if self._made_for else ""
        order = sort_titles(self._sort) if self._sort != self._first_sort else ""
        held = f"as held at {format_time(self.snapshot.taken_at, self.latest.taken_at)}" if self._held else ""
        return [*lines, *view_lines(found, order, held, fields_missing(self._made_for))]

    def _head(self, each: TestcaseBoard, width: int) -> list[Parts]:
        place = self._shown.testcases.index(each)
        return header(self._shown, each, place, self.hand is None or not self.hand.writes, width)

    def _draw_title(self, width: int, height: int) -> list[Parts]:
        each = self.each
        return [] if each is None else self._header(each, width)

    def _draw_rule(self, width: int, height: int) -> list[Parts]:
        patch = self.patch
        words = "" if patch is None else patch.patch
        unfiltered = self.lens.filtered and self._topic != "timeline"
        topic = {"why": "why", "timeline": "timeline", None: "next" if unfiltered else "the queue"}[self._topic]
        shown = self.paint.text(words, max(width // 2, 10)) if self._topic else ""
        if unfiltered:
            shown = f"{shown}, {_WHOLE}" if shown else _WHOLE
        head: Parts = (("─ ", "rule"), (topic, "strong"), (f" {shown} " if shown else " ", "muted"))
        used = sum(cell_len(text) for text, _ in head)
        return [(*head, ("─" * max(width - used, 0), "rule"))]

    def _write_words(self, width: int) -> list[Parts]:
        each, patch = self.each, self.patch
        if each is None:
            return []
        now = self.snapshot.taken_at
        if self._topic is None or patch is None:
            return overview(self.paint, self._shown, each, now, width)
        answer = self._answer
        if answer is None:
            return labelled_text(self.paint, self._topic, "reading the ledger", width, "muted")
        if answer.problem:
            return labelled_text(self.paint, self._topic, answer.problem, width, "bad")
        if self._topic == "why":
            return why_lines(self.paint, patch.patch, answer.why, each, width)
        return timeline_lines(self.paint, patch.patch, answer.moments, now, width)

    def _draw_message(self, width: int, height: int) -> list[Parts]:
        each = self.each
        if each is not None and each.patches:
            left_out = f"It leaves out all of {self.found().split(' of ')[-1]} of {printable(each.testcase.name)}."
            return centred(self.lens.leaves_nothing("No patch matches the filter", left_out), width, height)
        if self._list is NO_PATCHES:
            return []
        return centred(no_queue(self.snapshot), width, height)
