"""The detail of the screen Readiness: one policy's checklist, sweep, proposals, backtest, alarms; it scrolls."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container

from gateconsole.text import counted
from gateconsole.tui.readiness.cells import ReadinessLine, verdict_parts
from gateconsole.tui.readiness.page import ReadinessTexts, readiness_page
from gateconsole.tui.theme.paint import Painter, Parts, width_of
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.widgets.scroll_view import Scroller


class ReadinessDetail(Container):
    """Shows one policy whole; lines are made anew only for another review, width or look."""

    def __init__(self, paint: Painter) -> None:
        super().__init__(id="readiness-detail")
        self._paint = paint
        self._line: ReadinessLine | None = None
        self._told: ReadinessTexts | None = None
        self._known: tuple[object, ...] = ()
        self._lines: list[Parts] = []
        self._title = Pane(paint, self._draw_title, id="readiness-title")
        self._title.styles.height = 1
        self._page = Scroller(paint, self.lines, id="readiness-page")

    def compose(self) -> ComposeResult:
        """Title and page."""
        yield self._title
        yield self._page

    def show(self, line: ReadinessLine | None, told: ReadinessTexts | None) -> None:
        """Show a policy; a page of another one begins at its top."""
        if line is None or self._line is None or line.policy_hash != self._line.policy_hash:
            self._page.top = 0
        self._line, self._told = line, told
        self._title.show()
        self._page.show()

    @property
    def scroller(self) -> Scroller:
        """What scrolls."""
        return self._page

    def repaint(self, paint: Painter) -> None:
        """Use another theme."""
        self._paint = paint
        for part in (self._title, self._page):
            part.repaint(paint)

    def lines(self, width: int) -> list[Parts]:
        """Everything, for a width."""
        told = self._told
        if told is None:
            return [((" weighing its runs", "muted"),)]
        day = told.now // 86_400_000_000
        known = (told._replace(now=0), day, width, self._paint.ascii_only)
        if known != self._known:
            self._known, self._lines = known, readiness_page(self._paint, told, width)
        return self._lines

    def _draw_title(self, width: int, height: int) -> list[Parts]:
        line = self._line
        if line is None:
            return []
        name = self._paint.text(line.policy_hash, max(width // 3, 10))
        head: Parts = (("─ ", "rule"), (name, "strong"), ("  ", "rule"), *verdict_parts(line, width))
        unmet = [] if line.readiness is None else [row.name for row in line.readiness.rows if row.state == "not met"]
        if unmet and not line.judging:
            head = (*head, (f": {', '.join(unmet)}", "text"))
        if line.readiness is not None:
            head = (*head, (f"  {counted(line.readiness.rows[0].n, 'run')}", "muted"))
        head = self._paint.cell(head, min(width_of(head), max(width - 2, 1)))
        return [(*head, (" ", "rule"), ("─" * max(width - width_of(head) - 1, 0), "rule"))]
