"""Screen 2, Alerts: what fires, why, what it hangs together with, and the acts on it."""

from __future__ import annotations

from operator import is_
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual import on
from textual.events import Resize
from textual.message import Message

from gateconsole.judgement.alerts import Alert
from gateconsole.judgement.rules import UNATTRIBUTED
from gateconsole.query import Query, term_for
from gateconsole.rows.sorts import Sort
from gateconsole.snapshot import Snapshot
from gateconsole.tui.alerts.actions import ALERT_ACTS, ActionDone, AlertAction, action_for, perform, verdict_action
from gateconsole.tui.alerts.cells import AlertLine, Widths, alert_cell, alert_columns
from gateconsole.tui.alerts.detail import AlertPane
from gateconsole.tui.alerts.plain import alert_cells, alert_document, alerts_listing, page_of_alert
from gateconsole.tui.alerts.text import alerts_title, found_line, no_alert
from gateconsole.tui.shell.candidates import WhitelistCandidate, whitelist_candidate
from gateconsole.tui.shell.empty_states import centred
from gateconsole.tui.shell.ledger_actions import LedgerActions
from gateconsole.tui.shell.list_screen import ListScreen
from gateconsole.tui.shell.plain_list import Listing
from gateconsole.tui.shell.question_form import Form
from gateconsole.tui.shell.screen import CopyRow, ExportedView, Page
from gateconsole.tui.theme.paint import Painter, Parts
from gateconsole.tui.widgets.latest_worker import LatestWorker
from gateconsole.tui.widgets.list_detail_layout import lines_needed, two_fifths
from gateconsole.tui.widgets.navigation import Navigable
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.widgets.table import Table
from gateconsole.view import midnight

if TYPE_CHECKING:
    from gateconsole.rows.alerts import AlertDetail, AlertKey

SPLIT_WIDTH, SPLIT_HEIGHT = 100, 24
"""The least size in cells of this screen that shows list and detail together."""

PACE: Final = 0.25
"""Seconds between two lists while runs arrive."""

DETAIL_PACE: Final = 1.0
"""Seconds between two details of one alert while runs arrive: every class's association is worked out for it."""


class _Asked(NamedTuple):
    snapshot: Snapshot
    query: Query
    sort: Sort


def _listed(asked: _Asked) -> tuple[Alert, ...]:
    """The alerts of the list; not on the screen's own thread."""
    from gateconsole.rows.alerts import listed_alerts

    return listed_alerts(*asked)


class AlertsScreen(ListScreen):
    """The list, and the detail where there is room. `enter` goes into the runs of the episode, again to one of them."""

    screen_name: ClassVar[str] = "alerts"
    finds_more: ClassVar[bool] = True

    class RunWanted(Message):
        """A run is to be shown on the screen Runs; `text` is the filter that finds it."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, paint: Painter, root_label: str) -> None:
        from gateconsole.rows.alerts import ALERT_COLUMNS, UNSORTED, AlertDetails

        super().__init__(paint, root_label, ALERT_COLUMNS, UNSORTED)
        self._alerts: tuple[Alert, ...] = ()
        self._shown = self.snapshot
        self._known: tuple[object, ...] = ()
        self._detail: AlertDetail | None = None
        self._looked: tuple[object, ...] = ()
        self._widths = Widths()
        self._lists: LatestWorker[_Asked, tuple[Alert, ...]] = LatestWorker(_listed, self._came, rest=PACE)
        self._looking: LatestWorker[tuple[Snapshot, AlertKey], AlertDetail | None] = LatestWorker(
            AlertDetails().look, self._looked_up, rest=DETAIL_PACE
        )
        self._title = Pane(paint, self._draw_title, id="alerts-title")
        self._title.styles.height = 1
        self._message = Pane(paint, self._draw_message, id="alerts-message")
        self._table: Table[AlertLine] = Table(
            paint,
            lambda: alert_columns(self._widths),
            lambda line: line.alert.key,
            alert_cell,
            see=self._widths.see,
            id="alert-list",
        )
        self._body = AlertPane(paint)
        self._form = Form(paint)
        self._acting: LedgerActions[AlertAction, ActionDone] = LedgerActions(
            self, self._form, perform, self._kept, lambda deed: deed.ask
        )
        self.parts = (self._title, self._message, self._table, self._body, self._form)

    @property
    def table(self) -> Table[AlertLine]:
        """The alerts."""
        return self._table

    @property
    def walked(self) -> Navigable:
        """The alerts, or the runs of one."""
        return self._body.runs if self._body.inside else self._table

    # what is shown

    @property
    def alert(self) -> Alert | None:
        """The alert under the cursor."""
        line = self._table.selected
        return None if line is None else line.alert

    def show(self, snapshot: Snapshot) -> None:
        """Show the alerts of another Snapshot; the cursor stays on its alert."""
        self.snapshot = snapshot
        self._ask(urgent=False)

    def _ask(self, urgent: bool = True) -> None:
        self._lists.ask(_Asked(self.snapshot, self.lens.query, self._sort), urgent)

    def _came(self, asked: _Asked, alerts: tuple[Alert, ...]) -> None:
        """The list is made: show it."""
        if not self.is_attached:
            return
        snapshot = self._shown = asked.snapshot
        self._made_for = asked.query
        today = midnight(snapshot.taken_at)
        known = (alerts, snapshot.judging, today)
        if known != self._known:
            self._known, self._alerts = known, alerts
            lines = [AlertLine(alert, alert.policy_hash in snapshot.judging, today) for alert in alerts]
            self._table.update(lines)
        self._table.mark_sorted(*(asked.sort if asked.sort != self._first_sort else ("", False)))
        self._look_up(urgent=False)
        self._arrange()
        self.post_message(self.Listed())

    def _look_up(self, urgent: bool = True) -> None:
        """Ask for what is known of the alert under the cursor, unless nothing of it changed."""
        alert, snapshot = self.alert, self._shown
        if alert is None:
            self._detail, self._looked = None, ()
            self._body.show(alert, self._detail, self._shown)
            return
        wanted = (snapshot.spikes, snapshot.acts, snapshot.judging, snapshot.phase, alert)
        if len(self._looked) == len(wanted) and all(map(is_, self._looked, wanted)):
            return
        other = self._detail is None or self._detail.alert.key != alert.key
        self._looked = wanted
        if other:
            self._detail = None
            self._body.show(alert, self._detail, self._shown)
        self._looking.ask((snapshot, alert.key), urgent or other)

    def _looked_up(self, asked: tuple[Snapshot, AlertKey], detail: AlertDetail | None) -> None:
        alert = self.alert
        if self.is_attached and alert is not None and alert.key == asked[1]:
            self._detail = detail
            self._body.show(alert, self._detail, self._shown)
            self._arrange()
            self.post_message(self.Listed())

    def found(self) -> str:
        """`3 of 12 alerts`."""
        return found_line(len(self._alerts), len(self.snapshot.alerts))

    # acts

    def able(self, action: str) -> bool:
        """What would do something now; what writes is hidden where nothing may be written."""
        if self._form.display:
            return False
        rows, runs = bool(self._table.rows), bool(self._body.runs.rows)
        if action in ALERT_ACTS or action == "verdict":
            return self._acting.may and self._deed(action) is not None
        match action:
            case "whitelist":
                return self.lists()
            case "open":
                return runs if self._body.inside else rows
            case "runs_of":
                return bool(self.behind())
            case "other_pane":
                return runs or self._body.inside
            case "back":
                return self._body.inside
            case "sort" | "turn" | "sort_by":
                return rows and not self._body.inside
        return rows

    def act(self, action: str) -> None:
        """Do an act, go in and out, sort or move."""
        if action in ALERT_ACTS or action == "verdict":
            self._begin(action)
        elif action in {"open", "back", "other_pane"}:
            self._go(action)
        else:
            super().act(action)

    def _go(self, action: str) -> None:
        self._table.take()
        if action == "open" and self._body.inside:
            self._open_run()
            return
        self._body.inside = action == "open" or (action == "other_pane" and not self._body.inside)
        self._arrange()
        self.post_message(self.Listed())

    def _open_run(self) -> None:
        line, alert = self._body.runs.selected, self.alert
        if line is not None and alert is not None and alert.policy_hash is not None:
            terms = [term_for("run", line.row.spike.run.run_id), term_for("policy", alert.policy_hash)]
            terms += [] if line.row.job is None else [term_for("job", line.row.job)]
            self.post_message(self.RunWanted(" ".join(terms)))

    def _deed(self, action: str) -> AlertAction | None:
        """What an act would do to the alert, or the run, under the cursor."""
        alert = self.alert
        if alert is None:
            return None
        if action != "verdict":
            return action_for(action, self._shown, alert)
        line = self._body.run
        if line is None or alert.policy_hash is None:
            return None
        run = line.row.spike.run
        return verdict_action((run.run_id, line.row.job, alert.policy_hash, run.stratum), line.row.verdict)

    def _begin(self, action: str) -> None:
        """Do it, or ask what it needs to know; what could not be done before comes back with what was typed."""
        self._table.take()
        deed = self._deed(action)
        if deed is not None and deed.at_once:
            self._acting.at_once(deed)
        elif deed is not None:
            last = self._acting.unsent(deed)
            self._acting.begin(deed, None if last is None else last.answers)

    @on(Form.Answered)
    def _answered(self, message: Form.Answered) -> None:
        self._acting.answered(message.answers)

    @on(Form.Left)
    def _left(self) -> None:
        self._acting.left()

    def _kept(self, done: ActionDone) -> bool:
        """It can be undone if it is on disk. The engine sees it within a second."""
        if done.step is not None and self.undoing is not None:
            self.undoing.push(done.step)
        return done.step is not None

    @on(Table.Moved)
    def _moved(self) -> None:
        self._look_up()
        self._draw()
        self.post_message(self.Listed())

    # for other screens and programs

    def behind(self) -> str:
        """The runs of the alert's policy that hold its class."""
        alert = self.alert
        if alert is None or alert.policy_hash is None:
            return ""
        policy = term_for("policy", alert.policy_hash)
        return (
            policy
            if alert.without_evidence or alert.class_name == UNATTRIBUTED
            else f"{policy} {term_for('reason', alert.class_name)}"
        )

    def shown(self) -> ExportedView | None:
        """The alerts that the filter finds, as a table."""
        return ExportedView("alerts", self._shown, self.lens.query, self._written()) if self._alerts else None

    def row(self) -> CopyRow | None:
        """The alert under the cursor."""
        alert, detail = self.alert, self._detail
        if alert is None:
            return None
        link = None if detail is None else detail.link
        return CopyRow(alert_cells(alert), alert_document(self._shown, alert, link))

    def suspects(self) -> tuple[WhitelistCandidate, ...]:
        """The alert's class, or those of the run under the cursor."""
        alert, line = self.alert, self._body.run
        if alert is None or alert.without_evidence:
            return ()
        if line is not None:
            spike = line.row.spike
            return tuple(whitelist_candidate(name, (spike.run.stratum,)) for name in spike.classes)
        shown = () if self._detail is None or self._detail.alert.key != alert.key else self._detail.spikes
        return (whitelist_candidate(alert.class_name, (row.spike.run.stratum for row in shown)),)

    def _listing(self) -> Listing:
        """Every alert in sight."""
        return alerts_listing(self._alerts)

    def _detail_page(self) -> Page:
        """Everything that is known of the alert under the cursor, looked up for it."""
        alert, paint, snapshot = self.alert, self.paint, self._shown
        return list if alert is None else lambda: page_of_alert(paint, snapshot, alert)

    @property
    def _in_sight(self) -> Snapshot:
        return self._shown

    # places

    def on_resize(self, event: Resize) -> None:
        """List and detail together where there is room."""
        self._arrange()

    def _arrange(self) -> None:
        width, height = self.size
        rows = bool(self._table.rows)
        self._body.inside = self._body.inside and rows
        split = width >= SPLIT_WIDTH and height >= SPLIT_HEIGHT
        self._message.display = not rows
        self._table.display = rows and (split or not self._body.inside)
        self._body.display = rows and (split or self._body.inside)
        room = height - 1
        if self._table.display and self._body.display:
            taken = lines_needed(len(self._table.rows), two_fifths(room))
            self._table.styles.height = taken
            room -= taken
        else:
            self._table.styles.height = "1fr"
        self._body.place(width, room)
        self._draw()

    def _draw(self) -> None:
        for part in (self._title, self._message):
            part.show()
        self._body.draw()

    def _draw_title(self, width: int, height: int) -> list[Parts]:
        read_only = self.hand is not None and not self.hand.writes
        return [alerts_title(self._shown, len(self._alerts), self.lens, read_only, width)]

    def _draw_message(self, width: int, height: int) -> list[Parts]:
        return centred(no_alert(self.snapshot, self.lens, self.root_label), width, height)
