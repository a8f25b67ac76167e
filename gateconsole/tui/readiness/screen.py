"""Screen 6, Readiness: may a policy go to WARN? The checklist of each, and why. It reports, it switches nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual import on
from textual.events import Resize
from textual.geometry import Size

from gateconsole.query import Query
from gateconsole.rows.readiness import (
    BY_DAY,
    NO_REVIEWS,
    READINESS_COLUMNS,
    ReviewedPolicies,
    readiness_by,
    reviewed_policies,
)
from gateconsole.rows.sorts import Sort
from gateconsole.snapshot import EMPTY, Policy, Snapshot
from gateconsole.text import counted, noun
from gateconsole.tui.readiness.cells import (
    ReadinessLine,
    Shape,
    readiness_cell,
    readiness_columns,
    shape_of,
)
from gateconsole.tui.readiness.detail import ReadinessDetail
from gateconsole.tui.readiness.page import ReadinessTexts, readiness_page
from gateconsole.tui.readiness.plain import readiness_listing, readiness_row
from gateconsole.tui.shell.empty_states import centred, nothing_to_show
from gateconsole.tui.shell.list_screen import ListScreen, plain
from gateconsole.tui.shell.plain_list import Listing
from gateconsole.tui.shell.screen import CopyRow, ExportedView, Page
from gateconsole.tui.shell.view_filter import ViewFilter
from gateconsole.tui.theme.paint import Painter, Parts
from gateconsole.tui.widgets.latest_worker import LatestWorker
from gateconsole.tui.widgets.list_detail_layout import Split
from gateconsole.tui.widgets.navigation import Navigable
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.widgets.table import Table
from gateconsole.view import MISSING, format_count, matching_policies, midnight, n_of_m, policies_in_order

if TYPE_CHECKING:
    from gateconsole.rows.policies import MatchingPolicies

LEAST: Final = Size(100, 26)
"""The least size in cells of this screen that shows list and detail together."""

PACE: Final = 1.0
"""Seconds between two reviews while runs arrive: each looks at every run."""

_PAGE_WIDTH: Final = 104


class _Asked(NamedTuple):
    snapshot: Snapshot
    query: Query
    before: ReviewedPolicies
    matching: MatchingPolicies | None
    told: Callable[[int, int], object]


class _Found(NamedTuple):
    reviewed: ReviewedPolicies
    matching: MatchingPolicies | None


def _find(asked: _Asked) -> _Found:
    """Every policy reviewed, and those with a matching run; not on the screen's own thread."""
    matching = matching_policies(asked.query, asked.snapshot, asked.matching) if asked.query else None
    return _Found(reviewed_policies(asked.snapshot, asked.before, asked.told), matching)


class ReadinessScreen(ListScreen):
    """The list, the detail, or both where there is room; `enter` gives the detail the whole screen."""

    screen_name: ClassVar[str] = "readiness"

    def __init__(self, paint: Painter, root_label: str) -> None:
        super().__init__(paint, root_label, READINESS_COLUMNS, BY_DAY)
        self._shown: Snapshot = EMPTY
        self._found = _Found(NO_REVIEWS, None)
        self._policies: tuple[Policy, ...] = ()
        self._asked: tuple[Snapshot, Query] | None = None
        self._shape = Shape()
        self._weighed: tuple[int, int] | None = None
        self.reviewing: LatestWorker[_Asked, _Found] = LatestWorker(_find, self._came, rest=PACE)
        self._title = Pane(paint, self._draw_title, grow=True, id="readiness-words")
        self._title.display = False
        self._message = Pane(paint, self._draw_message, id="readiness-message")
        self._table: Table[ReadinessLine] = Table(
            paint,
            lambda: readiness_columns(self._shape, self._table.size.width),
            lambda line: line.policy_hash,
            readiness_cell,
            id="readiness-list",
        )
        self._detail = ReadinessDetail(paint)
        self._split = Split(self._message, self._table, (self._detail,), least=LEAST)
        self.parts = (self._title, self._message, self._table, self._detail)

    @property
    def table(self) -> Table[ReadinessLine]:
        """The policies."""
        return self._table

    @property
    def walked(self) -> Navigable:
        """The policies, or the page of one that has the whole screen."""
        return self._detail.scroller if self._split.opened else self._table

    # what is shown

    def show(self, snapshot: Snapshot) -> None:
        """Show another Snapshot as soon as its policies are reviewed; the cursor stays on its policy."""
        self.snapshot = snapshot
        self._ask(urgent=False)

    def look_through(self, lens: ViewFilter) -> None:
        """Show only policies with a run that this filter finds."""
        super().look_through(lens)
        self._title.show()

    def _ask(self, urgent: bool = True) -> None:
        """Have the policies reviewed, unless nothing has changed; nothing is, before the first scan is done."""
        snapshot = self.snapshot
        if not snapshot.policies or snapshot.phase in {"starting", "loading"}:
            self._come(snapshot, _Found(NO_REVIEWS, None) if not snapshot.policies else self._found)
            return
        if not self._same(snapshot):
            self._asked = (snapshot, self.lens.query)
            loop = asyncio.get_running_loop()
            question = _Asked(
                snapshot,
                self.lens.query,
                self._found.reviewed,
                self._found.matching,
                # A loop that is closed raises in the thread: a console that was left needs no more reviews.
                lambda weighed, policies: loop.call_soon_threadsafe(self._tell, weighed, policies),
            )
            self.reviewing.ask(question, urgent)
            for pane in (self._title, self._message):
                pane.show()
            if self._unweighed:
                self.post_message(self.Listed())

    def _tell(self, weighed: int, policies: int) -> None:
        """Say how far the reviews are: so many of so many policies."""
        self._weighed = (weighed, policies)
        if self.is_attached:
            self._message.show()

    def _same(self, snapshot: Snapshot) -> bool:
        """Whether this was asked already: the engine keeps the objects that did not change."""
        if self._asked is None or self._asked[1] != self.lens.query:
            return False
        old = self._asked[0]
        parts = ((one.policies, one.spikes, one.acts, one.whitelist, one.yardstick) for one in (old, snapshot))
        kept = all(one is other for one, other in zip(*parts, strict=True)) and old.judging == snapshot.judging
        return kept and midnight(old.taken_at) == midnight(snapshot.taken_at)

    def _came(self, asked: _Asked, found: _Found) -> None:
        self._weighed = None
        if self.is_attached and asked.query == self.lens.query:
            self._made_for = asked.query
            self._come(asked.snapshot, found)

    def _come(self, snapshot: Snapshot, found: _Found) -> None:
        self._shown, self._found = snapshot, found
        self._list()

    def _list(self) -> None:
        """Show the rows of what was reviewed last."""
        had, snapshot, matching = bool(self._table.rows), self._shown, self._found.matching
        reviews = self._found.reviewed.reviews
        ordered = readiness_by(policies_in_order(snapshot), reviews, self._sort)
        known = [one for one in ordered if one.policy_hash in reviews]
        self._policies = tuple(one for one in known if matching is None or one.policy_hash in matching.hashes)
        lines = [self._line(one.policy_hash) for one in self._policies]
        self._shape = shape_of(lines)
        self._table.update(lines)
        if bool(lines) != had or not lines:
            self._arrange()
        else:
            self._split.fit(self.size)
        for pane in (self._title, self._message):
            pane.show()
        self._show_detail()
        self.post_message(self.Listed())

    def _line(self, policy_hash: str) -> ReadinessLine:
        one = self._found.reviewed.reviews[policy_hash]
        return ReadinessLine(policy_hash, one.readiness, one.false_alarms, policy_hash in self._shown.judging)

    def _told(self, policy_hash: str) -> ReadinessTexts:
        found, snapshot = self._found.reviewed, self._shown
        judged = snapshot.spikes.get(policy_hash)
        rule = MISSING if judged is None else judged.rule
        judging = policy_hash in snapshot.judging
        return ReadinessTexts(found.reviews[policy_hash], found.versions, rule, judging, snapshot.taken_at)

    def _show_detail(self) -> None:
        line = self._table.selected
        if self._detail.display or line is None:
            self._detail.show(line, None if line is None else self._told(line.policy_hash))

    def found(self) -> str:
        """`2 of 4 policies`; nothing is found before the policies were weighed once."""
        if self._unweighed:
            return f"still weighing {counted(len(self.snapshot.policies), 'policy')}"
        total = len(self._shown.policies)
        return f"{n_of_m(len(self._policies), total)} {noun(total, 'policy')}"

    # acts

    def sort_by(self, sort: Sort) -> None:
        """Use another order; the cursor stays on its policy."""
        self._sort = sort
        self._table.mark_sorted(*sort)
        self._list()

    def able(self, action: str) -> bool:
        """Moving needs rows; `open` a closed detail, `back` an open one."""
        rows = bool(self._table.rows)
        match action:
            case "back":
                return self._split.opened
            case "open" | "sort" | "turn" | "sort_by":
                return rows and not self._split.opened
        return rows

    def act(self, action: str) -> None:
        """Open and close the detail, sort, or move."""
        if action in {"open", "back"}:
            self._split.opened = action == "open"
            self.table.take()
            self._arrange()
            self._show_detail()
        else:
            super().act(action)

    @on(Table.Moved)
    def _moved(self) -> None:
        self._show_detail()

    # for other programs

    def shown(self) -> ExportedView | None:
        """The checklists of the policies that the filter finds, a row a check."""
        return ExportedView("readiness", self._shown, self.lens.query, self._written()) if self._policies else None

    def row(self) -> CopyRow | None:
        """The policy under the cursor."""
        line = self._table.selected
        return None if line is None else readiness_row(self._found.reviewed.reviews[line.policy_hash])

    def _listing(self) -> Listing:
        """Every policy in sight."""
        return readiness_listing(self._table.rows)

    def _detail_page(self) -> Page:
        """Everything about the policy under the cursor."""
        line, paint = self._table.selected, self.paint
        if line is None:
            return list
        name, told = line.policy_hash, self._told(line.policy_hash)
        return lambda: [f"policy {name}", "", *plain(readiness_page(paint, told, _PAGE_WIDTH))]

    @property
    def _in_sight(self) -> Snapshot:
        return self._shown

    # places

    def on_resize(self, event: Resize) -> None:
        """Show list and detail together where there is room."""
        self._arrange()
        self._show_detail()

    def _arrange(self) -> None:
        self._split.place(self.size, bool(self._table.rows))

    def _draw_message(self, width: int, height: int) -> list[Parts]:
        snapshot = self.snapshot
        if not snapshot.policies or snapshot.phase == "loading":
            return centred(nothing_to_show(snapshot, self.root_label), width, height)
        if self.reviewing.busy or not self._found.reviewed.reviews:
            weighed, policies = self._weighed or (0, len(snapshot.policies))
            words = f"{format_count(weighed)} of {counted(policies, 'policy')}"
            return centred([("Weighing", "strong"), (words, "muted")], width, height)
        return centred(self.lens.leaves_nothing("No policy has a run that matches the filter"), width, height)

    def _draw_title(self, width: int, height: int) -> list[Parts]:
        if self._unweighed:
            return (
                [((f" {self.found()}, then those with a run that matches ", "notice"),)] if self.lens.filtered else []
            )
        return self._policies_title()

    @property
    def _unweighed(self) -> bool:
        """True while there are policies and none was weighed yet."""
        return bool(self.snapshot.policies) and not self._found.reviewed.reviews
