"""What is known of one alert: its name, why it stands where it stands, and the runs of its episode, to be walked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Container

from gateconsole.judgement.alerts import Alert
from gateconsole.snapshot import EMPTY, Snapshot
from gateconsole.text import counted
from gateconsole.tui.alerts.cells import SpikeLine, Widths, spike_cell, spike_columns
from gateconsole.tui.alerts.text import detail_lines
from gateconsole.tui.keys.key_hints import hint
from gateconsole.tui.theme.paint import Painter, Parts, width_of
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.widgets.table import Table
from gateconsole.view import midnight

if TYPE_CHECKING:
    from gateconsole.rows.alerts import AlertDetail

_RUNS_LEAST: Final = 5
"""Lines that the runs keep when there is much to say."""


class AlertPane(Container):
    """A line with the alert's name, words, and runs; the runs have a cursor only while they are walked in."""

    def __init__(self, paint: Painter) -> None:
        super().__init__(id="alert-detail")
        self._paint = paint
        self._alert: Alert | None = None
        self._snapshot: Snapshot = EMPTY
        self._widths = Widths()
        self.detail: AlertDetail | None = None
        self.inside = False
        self._rule = Pane(paint, self._draw_rule, id="alert-rule")
        self._rule.styles.height = 1
        self._words = Pane(paint, self._draw_words, id="alert-words")
        self.runs: Table[SpikeLine] = Table(
            paint,
            lambda: spike_columns(self._widths),
            lambda line: line.row.spike.run,
            spike_cell,
            see=self._widths.see_runs,
            id="alert-runs",
        )

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self._rule
        yield self._words
        yield self.runs

    def show(self, alert: Alert | None, detail: AlertDetail | None, snapshot: Snapshot) -> None:
        """Show this alert; without `detail` it is still being looked up."""
        self._alert, self.detail, self._snapshot = alert, detail, snapshot
        today = midnight(snapshot.taken_at)
        lines = [SpikeLine(row, today) for row in detail.spikes] if detail is not None else []
        self.runs.update(lines)

    @property
    def run(self) -> SpikeLine | None:
        """The run under the cursor, while they are walked in."""
        return self.runs.selected if self.inside else None

    def place(self, width: int, room: int) -> None:
        """Share so many lines."""
        self.runs.display = bool(self.runs.rows)
        self.runs.have_cursor(self.inside)
        words = min(len(self._write_words(width)), max(room - _RUNS_LEAST, 3))
        self._words.styles.height = max(words, 1) if self.runs.display else "1fr"

    def draw(self) -> None:
        """Draw the words again."""
        self._rule.show()
        self._words.show()

    def repaint(self, paint: Painter) -> None:
        """Use another theme."""
        self._paint = paint
        for part in (self._rule, self._words, self.runs):
            part.repaint(paint)

    def _draw_rule(self, width: int, height: int) -> list[Parts]:
        """The alert's name; while its runs are walked in, marked like a list in sight."""
        alert = self._alert
        if alert is None:
            return []
        policy = "" if alert.policy_hash is None else f"{self._paint.text(alert.policy_hash, 20)}  "
        name: Parts = ((f" {policy}{self._paint.text(alert.class_name, max(width // 2, 10))} ", "strong"),)
        runs = len(self.runs.rows)
        more: Parts = ((f" {counted(runs, 'run')} ", "muted"), ("─", "rule")) if runs else ()
        marked = tuple((text, f"{ink}@selection") for text, ink in name) if self.inside else name
        left = max(width - width_of(name) - width_of(more) - 2, 0)
        return [(("─", "rule"), *marked, ("─" * left, "rule"), *more)]

    def _draw_words(self, width: int, height: int) -> list[Parts]:
        lines = self._write_words(width)
        if len(lines) > height > 0:
            return [*lines[: height - 1], ((f" … {hint(('page', 'shows all of it'))}", "muted"),)]
        return lines

    def _write_words(self, width: int) -> list[Parts]:
        if self.detail is None:
            return [((" looking it up", "muted"),)] if self._alert is not None else []
        return detail_lines(self._paint, self.detail, self._snapshot, width)
