"""Screen 1, Policies: one row a policy, and the detail of the policy under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual import on
from textual.events import Resize
from textual.geometry import Size

from gateconsole.query import EVERYTHING, Query, term_for
from gateconsole.rows.policy_order import BY_DAY, POLICY_COLUMNS, policies_by
from gateconsole.rows.sorts import Sort
from gateconsole.snapshot import Policy, Snapshot
from gateconsole.text import noun
from gateconsole.tui.policies.alert_marks import NO_ALERT_MARKS, marks_of
from gateconsole.tui.policies.cells import PolicyRow, count_width, hash_width, policy_cell, policy_columns
from gateconsole.tui.policies.detail import Detail
from gateconsole.tui.policies.plain import policies_listing, policy_cells, policy_document, policy_page
from gateconsole.tui.shell.candidates import WhitelistCandidate, whitelist_candidate
from gateconsole.tui.shell.empty_states import centred, nothing_to_show
from gateconsole.tui.shell.list_screen import ListScreen
from gateconsole.tui.shell.plain_list import Listing
from gateconsole.tui.shell.screen import CopyRow, ExportedView, Page
from gateconsole.tui.shell.view_filter import ViewFilter
from gateconsole.tui.theme.paint import Painter, Parts
from gateconsole.tui.widgets.latest_worker import LatestWorker
from gateconsole.tui.widgets.list_detail_layout import Split
from gateconsole.tui.widgets.navigation import Navigable
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.widgets.table import Table
from gateconsole.tui.widgets.throttle import Throttle
from gateconsole.view import (
    class_rows,
    matching_policies,
    n_of_m,
    policies_in_order,
)

if TYPE_CHECKING:
    from gateconsole.rows.policies import MatchingPolicies

LEAST: Final = Size(100, 26)
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


class PoliciesScreen(ListScreen):
    """The list, the detail, or both where there is room; `enter` gives the detail the whole screen."""

    screen_name: ClassVar[str] = "policies"

    def __init__(self, paint: Painter, root_label: str) -> None:
        super().__init__(paint, root_label, POLICY_COLUMNS, BY_DAY)
        self._widest, self._counts = 6, 5
        self._measured: set[str] = set()
        self._shown: tuple[Policy, ...] = ()
        self._matching: MatchingPolicies | None = None
        self._finding: LatestWorker[_Asked, MatchingPolicies] = LatestWorker(_find, self._found, rest=0.1)
        self._title = Pane(paint, self._draw_title, grow=True, id="policies-title")
        self._title.display = False
        self._table: Table[PolicyRow] = Table(
            paint,
            lambda: policy_columns(self._widest, self._counts),
            lambda row: row.policy.policy_hash,
            policy_cell,
            id="policy-list",
        )
        self._detail = Detail(paint)
        self._charted = ""
        self._charting: Throttle[None] = Throttle(self._show_detail, rest=DETAIL_PACE)
        self._message = Pane(paint, self._draw_message, id="policy-message")
        self._split = Split(self._message, self._table, (self._detail,), least=LEAST)
        self.parts = (self._title, self._message, self._table, self._detail)

    @property
    def table(self) -> Table[PolicyRow]:
        """The policies."""
        return self._table

    @property
    def walked(self) -> Navigable:
        """The policies, or the classes of an open detail."""
        return self._detail.classes_table if self._split.opened else self._table

    def show(self, snapshot: Snapshot) -> None:
        """Show the policies of another Snapshot; the cursor stays on its policy."""
        self.snapshot = snapshot
        if self.lens.filtered and snapshot.runs is not None:
            self._finding.ask(_Asked(snapshot, self.lens.query, self._matching), urgent=False)
        else:
            self._matching, self._made_for = None, self.lens.query
            self._list()

    def look_through(self, lens: ViewFilter) -> None:
        """Show only policies with a run that this filter finds."""
        super().look_through(lens)
        self._title.show()

    def _ask(self, urgent: bool = True) -> None:
        self.show(self.snapshot)

    def _found(self, asked: _Asked, matching: MatchingPolicies) -> None:
        if self.is_attached and asked.query == self.lens.query:
            self._matching, self._made_for = matching, asked.query
            self._list()

    def _list(self) -> None:
        """Show the rows of the newest Snapshot."""
        had, snapshot, matching = bool(self._table.rows), self.snapshot, self._matching
        ordered = policies_by(policies_in_order(snapshot), self._sort)
        self._shown = tuple(one for one in ordered if matching is None or one.policy_hash in matching.hashes)
        marks = marks_of(snapshot)
        rows = [PolicyRow(one, snapshot.taken_at, marks.get(one.policy_hash, NO_ALERT_MARKS)) for one in self._shown]
        self._see(rows)
        self._table.update(rows)
        if bool(rows) != had or not rows:
            self._arrange()
            self._message.show()
        else:
            self._split.fit(self.size)
        self._title.show()
        row = self._table.selected
        if row is not None and row.policy.policy_hash == self._charted:
            self._charting.come(None)
        else:
            self._show_detail()
        self.post_message(self.Listed())

    def _see(self, rows: Sequence[PolicyRow]) -> None:
        """Take account of hashes that are new and of every n; columns only grow, so that they keep still.

        There may be many.
        """
        new = [row for row in rows if row.policy.policy_hash not in self._measured]
        self._measured.update(row.policy.policy_hash for row in new)
        self._widest = max((self._widest, *(hash_width(row) for row in new)))
        self._counts = max(self._counts, count_width(rows))

    def found(self) -> str:
        """`2 of 4 policies`."""
        total = len(self.snapshot.policies)
        return f"{n_of_m(len(self._shown), total)} {noun(total, 'policy')}"

    def sort_by(self, sort: Sort) -> None:
        """Use another order; the cursor stays on its policy."""
        self._sort = sort
        self._table.mark_sorted(*sort)
        self._list()

    def shown(self) -> ExportedView | None:
        """The policies that the filter finds, with the figures of all their runs."""
        if not self._shown:
            return None
        query = EVERYTHING if self.snapshot.runs is None else self.lens.query
        figures = "; figures of all their runs" if self.lens.filtered else ""
        return ExportedView("policies", self.snapshot, query, f"{self._written()}{figures}")

    def able(self, action: str) -> bool:
        """Moving needs rows; `open` a closed detail, `back` an open one."""
        if action == "open":
            return bool(self._table.rows) and not self._split.opened
        if action == "back":
            return self._split.opened
        if action in {"sort", "turn", "sort_by"}:
            return bool(self._table.rows) and not self._split.opened
        if action == "whitelist":
            return self.lists()
        return bool(self._table.rows)

    def act(self, action: str) -> None:
        """Open and close the detail, sort, or move in the list or in the classes of an open detail."""
        if action in {"open", "back"}:
            self._split.opened = action == "open"
            self.table.take()
            self._arrange()
            self._show_detail()
        else:
            super().act(action)

    def behind(self) -> str:
        """The runs of the policy under the cursor."""
        row = self._table.selected
        return "" if row is None else term_for("policy", row.policy.policy_hash)

    def row(self) -> CopyRow | None:
        """The policy under the cursor."""
        row = self._table.selected
        return None if row is None else CopyRow(policy_cells(row.policy), policy_document(self.snapshot, row.policy))

    def _listing(self) -> Listing:
        """Every policy in sight."""
        return policies_listing(self._table.rows)

    def _detail_page(self) -> Page:
        """Everything that is known about the policy under the cursor."""
        row, snapshot = self._table.selected, self.snapshot
        return list if row is None else lambda: policy_page(snapshot, row.policy)

    def suspects(self) -> tuple[WhitelistCandidate, ...]:
        """The class under the cursor of an open detail; else every class of the policy. Strata: of its last runs."""
        row = self._table.selected
        if row is None:
            return ()
        chosen = self._detail.classes_table.selected if self._split.opened else None
        rows = class_rows(row.policy, self.snapshot.whitelist, self.snapshot.taken_at) if chosen is None else (chosen,)
        recent = row.policy.recent
        return tuple(
            whitelist_candidate(one.name, (run.stratum for run in recent if one.name in run.unknown_classes))
            for one in rows
        )

    def on_resize(self, event: Resize) -> None:
        """Show list and detail together where there is room."""
        self._arrange()
        self._show_detail()

    @on(Table.Moved)
    def _moved(self) -> None:
        self._show_detail()

    def _arrange(self) -> None:
        self._split.place(self.size, bool(self._table.rows))
        self._detail.classes_table.have_cursor(self._split.opened)
        self._detail.place(*self.size)

    def _show_detail(self, _: None = None) -> None:
        row = self._table.selected
        self._charted = row.policy.policy_hash if row else ""
        if self._detail.display or row is None:
            self._detail.show(self.snapshot, row.policy if row else None)

    def _draw_message(self, width: int, height: int) -> list[Parts]:
        if self.lens.filtered and self.snapshot.policies:
            return centred(self.lens.leaves_nothing("No policy has a run that matches the filter"), width, height)
        return centred(nothing_to_show(self.snapshot, self.root_label), width, height)

    def _draw_title(self, width: int, height: int) -> list[Parts]:
        return self._policies_title()
