"""Screen 1, Policies: one row a policy, and the detail of the policy under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.events import Resize

from gateconsole.query import Query, exactly
from gateconsole.rows.policy_order import BY_DAY, POLICY_COLUMNS, policies_by
from gateconsole.rows.sorts import Sort
from gateconsole.snapshot import Policy, Snapshot
from gateconsole.text import printable
from gateconsole.tui.latest import Latest
from gateconsole.tui.lens import Lens
from gateconsole.tui.lines import centred, nothing_to_show
from gateconsole.tui.pace import Pace
from gateconsole.tui.plainpage import policy_cells, policy_document, policy_page
from gateconsole.tui.safe import Paint, Parts
from gateconsole.tui.screens.base import ConsoleScreen, Row, Shown
from gateconsole.tui.sortpicker import sort_words
from gateconsole.tui.whitelisting import Suspect, suspect
from gateconsole.tui.widgets.detail import Detail
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.widgets.policycells import PolicyRow, hash_width, policy_cell, policy_columns
from gateconsole.tui.widgets.policymarks import NO_MARKS, marks_of
from gateconsole.tui.widgets.table import Table
from gateconsole.view import (
    class_rows,
    count_title,
    matching_policies,
    policies_in_order,
)

if TYPE_CHECKING:
    from gateconsole.rows.policies import MatchingPolicies

SPLIT_WIDTH, SPLIT_HEIGHT = 100, 26
"""The least size in cells of this screen that shows list and detail together."""


DETAIL_PACE = 0.5
"""Seconds between two charts of one policy while its runs arrive: nearly every cell of a chart moves with a run."""


class _Asked(NamedTuple):
    snapshot: Snapshot
    query: Query
    before: MatchingPolicies | None


def _find(asked: _Asked) -> MatchingPolicies:
    """The policies with a matching run; not on the screen's own thread."""
    return matching_policies(asked.query, asked.snapshot, asked.before)


class PoliciesScreen(ConsoleScreen):
    """The list, the detail, or both where there is room; `enter` gives the detail the whole screen."""

    screen_name: ClassVar[str] = "policies"

    def __init__(self, paint: Paint, root_label: str) -> None:
        super().__init__(paint, root_label)
        self._widest = 6
        self._measured: set[str] = set()
        self._list_height: int | str = "1fr"
        self._opened = False
        self._sort = BY_DAY
        self._shown: tuple[Policy, ...] = ()
        self._matching: MatchingPolicies | None = None
        self._finding: Latest[_Asked, MatchingPolicies] = Latest(_find, self._found, rest=0.1)
        self._title = Pane(paint, self._draw_title, grow=True, id="policies-title")
        self._title.display = False
        self._table: Table[PolicyRow] = Table(
            paint,
            lambda: policy_columns(self._widest),
            lambda row: row.policy.policy_hash,
            policy_cell,
            id="policy-list",
        )
        self._detail = Detail(paint)
        self._charted = ""
        self._charting: Pace[None] = Pace(self._show_detail, rest=DETAIL_PACE)
        self._message = Pane(paint, self._draw_message, id="policy-message")

    def compose(self) -> ComposeResult:
        """The message of an empty screen, or list and detail."""
        yield self._title
        yield self._message
        yield self._table
        yield self._detail

    def show(self, snapshot: Snapshot) -> None:
        """Show the policies of another Snapshot; the cursor stays on its policy."""
        self.snapshot = snapshot
        if self.lens.filtered and snapshot.runs is not None:
            self._finding.ask(_Asked(snapshot, self.lens.query, self._matching), urgent=False)
        else:
            self._matching = None
            self._list()

    def look_through(self, lens: Lens) -> None:
        """Show only policies with a run that this filter finds."""
        changed = lens.query != self.lens.query
        super().look_through(lens)
        if changed:
            self.show(self.snapshot)
        self._title.show()

    def _found(self, asked: _Asked, matching: MatchingPolicies) -> None:
        if self.is_attached and asked.query == self.lens.query:
            self._matching = matching
            self._list()

    def _list(self) -> None:
        """Show the rows of the newest Snapshot."""
        had, snapshot, matching = bool(self._table.rows), self.snapshot, self._matching
        ordered = policies_by(policies_in_order(snapshot), self._sort)
        self._shown = tuple(one for one in ordered if matching is None or one.policy_hash in matching.hashes)
        marks = marks_of(snapshot)
        rows = [PolicyRow(one, snapshot.taken_at, marks.get(one.policy_hash, NO_MARKS)) for one in self._shown]
        self._see(rows)
        self._table.update(rows)
        if bool(rows) != had or not rows:
            self._arrange()
            self._message.show()
        else:
            self._fit_list()
        self._title.show()
        row = self._table.selected
        if row is not None and row.policy.policy_hash == self._charted:
            self._charting.come(None)
        else:
            self._show_detail()
        self.post_message(self.Listed())

    def _see(self, rows: Sequence[PolicyRow]) -> None:
        """Take account of the hashes that are new; the column only grows, so that it keeps still. There may be many."""
        new = [row for row in rows if row.policy.policy_hash not in self._measured]
        self._measured.update(row.policy.policy_hash for row in new)
        self._widest = max((self._widest, *(hash_width(row) for row in new)))

    def found(self) -> str:
        """`2 of 4 policies`."""
        return f"{count_title(len(self._shown), len(self.snapshot.policies))} policies"

    @property
    def sorts(self) -> tuple[Sort, ...]:
        """Every column in its first direction."""
        return tuple(Sort(name, falls) for name, falls in POLICY_COLUMNS.items())

    @property
    def sorted_by(self) -> Sort:
        """The order of the list."""
        return self._sort

    def sort_by(self, sort: Sort) -> None:
        """Use another order; the cursor stays on its policy."""
        self._sort = sort
        self._table.mark_sorted(*sort)
        self._list()

    def shown(self) -> Shown | None:
        """The policies in the list with the figures of all their runs."""
        if not self._shown:
            return None
        chosen = replace(self.snapshot, policies=tuple(sorted(self._shown, key=lambda one: one.policy_hash)))
        return Shown("policies", chosen, words=self.found())

    def able(self, action: str) -> bool:
        """Moving needs rows; `open` a closed detail, `back` an open one."""
        if action == "open":
            return bool(self._table.rows) and not self._opened
        if action == "back":
            return self._opened
        if action in {"sort", "turn", "sort_by"}:
            return bool(self._table.rows) and not self._opened
        if action == "whitelist":
            return self.lists()
        return bool(self._table.rows)

    def act(self, action: str) -> None:
        """Move in the list, or scroll the classes of an open detail."""
        table = self._detail.classes_table if self._opened else self._table
        match action:
            case "open" | "back":
                self._opened = action == "open"
                self._arrange()
                self._show_detail()
            case "sort":
                self.sort_next()
            case "turn":
                self.sort_by(self._sort.turned())
            case "down":
                table.move(1)
            case "up":
                table.move(-1)
            case "page_down":
                table.move(table.page)
            case "page_up":
                table.move(-table.page)
            case "first":
                table.move_to(0)
            case "last":
                table.move_to(len(table.rows) - 1)

    def behind(self) -> str:
        """The runs of the policy under the cursor."""
        row = self._table.selected
        return "" if row is None else exactly("policy", row.policy.policy_hash)

    def row(self) -> Row | None:
        """The policy under the cursor."""
        row = self._table.selected
        return None if row is None else Row(policy_cells(row.policy), policy_document(self.snapshot, row.policy))

    def page(self) -> list[str]:
        """Everything that is known about the policy under the cursor."""
        row = self._table.selected
        return [] if row is None else policy_page(self.snapshot, row.policy)

    def suspects(self) -> tuple[Suspect, ...]:
        """The class under the cursor of an open detail; else every class of the policy. Strata: of its last runs."""
        row = self._table.selected
        if row is None:
            return ()
        chosen = self._detail.classes_table.selected if self._opened else None
        rows = class_rows(row.policy, self.snapshot.whitelist, self.snapshot.taken_at) if chosen is None else (chosen,)
        recent = row.policy.recent
        return tuple(
            suspect(one.name, (run.stratum for run in recent if one.name in run.unknown_classes)) for one in rows
        )

    def repaint(self, paint: Paint) -> None:
        """Use another theme."""
        self.paint = paint
        for part in (self._title, self._message, self._table, self._detail):
            part.repaint(paint)

    def on_resize(self, event: Resize) -> None:
        """Show list and detail together where there is room."""
        self._arrange()
        self._show_detail()

    @on(Table.Moved)
    def _moved(self) -> None:
        self._show_detail()

    @on(Table.HeaderClicked)
    def _header_clicked(self, message: Table.HeaderClicked) -> None:
        if message.column in POLICY_COLUMNS and message.control is self._table:
            self.sort_column(message.column)

    @on(Table.Opened)
    def _clicked_again(self) -> None:
        self.act("open")

    def _arrange(self) -> None:
        width, height = self.size
        rows = bool(self._table.rows)
        self._opened = self._opened and rows
        self._detail.classes_table.have_cursor(self._opened)
        split = width >= SPLIT_WIDTH and height >= SPLIT_HEIGHT
        self._message.display = not rows
        self._table.display = rows and not self._opened
        self._detail.display = rows and (split or self._opened)
        self._detail.place(width, height)
        self._fit_list()

    def _fit_list(self) -> None:
        """The list takes what its rows need, at most two fifths, when it stands above the detail."""
        wanted: int | str = "1fr"
        if self._detail.display and not self._opened:
            wanted = min(len(self._table.rows) + 1, max(self.size.height * 2 // 5, 6))
        if wanted != self._list_height:
            self._list_height = wanted
            self._table.styles.height = wanted

    def _show_detail(self, _: None = None) -> None:
        row = self._table.selected
        self._charted = row.policy.policy_hash if row else ""
        if self._detail.display or row is None:
            self._detail.show(self.snapshot, row.policy if row else None)

    def _draw_message(self, width: int, height: int) -> list[Parts]:
        if self.lens.filtered and self.snapshot.policies:
            lines = [
                ("No policy has a run that matches the filter", "strong"),
                (f"/ {printable(self.lens.text)}", "notice"),
                ("", "text"),
                ("esc clears it, / changes it", "muted"),
            ]
            return centred(lines, width, height)
        return centred(nothing_to_show(self.snapshot, self.root_label), width, height)

    def _draw_title(self, width: int, height: int) -> list[Parts]:
        """A line above the list, only while there is something to say."""
        words: list[tuple[str, str]] = []
        if self.lens.filtered:
            words.append((f" {self.found()} with a run that matches; figures of all their runs ", "notice"))
        if self._sort != BY_DAY:
            words.append((f" {sort_words(self._sort)} ", "muted"))
        return [tuple(words)] if words else []
