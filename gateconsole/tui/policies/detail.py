"""A policy's detail: its strata, its chart, its unknown classes."""

from __future__ import annotations

from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from gateconsole.model import OUTCOMES
from gateconsole.snapshot import Policy, Snapshot
from gateconsole.text import counted
from gateconsole.tui.policies.alert_marks import judged_runs, with_spikes
from gateconsole.tui.policies.effects import Effects
from gateconsole.tui.theme.paint import INKS, Painter, Parts, width_of
from gateconsole.tui.widgets.chart import AXIS, JudgedChart, chart, runs_in_chart
from gateconsole.tui.widgets.columns import Column
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.widgets.table import Table
from gateconsole.view import (
    MISSING,
    OTHER_OUTCOME,
    ClassRow,
    StratumRow,
    class_rows,
    format_count,
    format_percent,
    format_rate,
    format_time,
    listed_share,
    not_judged,
    outcome_counts,
    strata_rows,
)

BESIDE: Final = 110
"""Width from which the classes stand beside the chart; below it they stand under it."""

CHART_NARROW: Final = AXIS + 60
CHART_WIDE: Final = AXIS + 120
"""Widths in which the last 120 runs take half a column and a whole one each."""

_ABOVE: Final = 7
"""Lines above chart and classes: the title, the strata with their header, an empty one."""

_RISKS: Final = 4
_ASSOCIATION: Final = 3
"""Lines that risk and means, and one class's association with FAIL, take where the room is narrow."""

_MOST_TOLD: Final = 8
"""Classes at most whose association is told."""

_RATES: Final = ("MIN", "MEDIAN", "P95", "MAX")
_COUNT_WIDTH: Final = 8
_RATES_WIDTH: Final = 11 + 8 * (2 + len(_RATES))


class Detail(Container):
    """Everything a Snapshot knows about one policy. Its class table scrolls; the rest always stands."""

    def __init__(self, paint: Painter) -> None:
        super().__init__(id="detail")
        self._paint = paint
        self._policy: Policy | None = None
        self._snapshot: Snapshot | None = None
        self._beside = False
        self._height = 0
        self._width = 0
        self._heights: tuple[int | str, int] = ("1fr", 0)
        self._judged: JudgedChart | None = None
        self._title = Pane(paint, self._draw_title, id="detail-title")
        self._strata = Pane(paint, self._draw_strata, grow=True, id="detail-strata")
        self._chart = Pane(paint, self._draw_chart, id="detail-chart")
        self.classes_table: Table[ClassRow] = Table(
            paint, self._class_columns, lambda row: row.name, _class_cell, cursor=False, id="detail-classes"
        )
        self._effects = Effects(paint)
        self._right = Container(self.classes_table, self._effects, id="detail-right")

    def compose(self) -> ComposeResult:
        """Title, strata, then chart and classes side by side or one above the other."""
        yield self._title
        yield self._strata
        with Container(id="detail-body"):
            yield self._chart
            yield self._right

    def show(self, snapshot: Snapshot, policy: Policy | None) -> None:
        """Show a policy of this Snapshot; None shows nothing."""
        same = policy is self._policy and self._snapshot is not None and _same(policy, self._snapshot, snapshot)
        self._policy, self._snapshot = policy, snapshot
        if same:
            return
        spikes = None if policy is None else snapshot.spikes.get(policy.policy_hash)
        self._judged = None if policy is None else judged_runs(policy, spikes)
        rows = () if policy is None else class_rows(policy, snapshot.whitelist, snapshot.taken_at)
        self.classes_table.update(with_spikes(rows, spikes))
        self._effects.of(snapshot, policy)
        self._fit_classes()
        for pane in (self._title, self._strata, self._chart):
            pane.show()

    def place(self, width: int, height: int) -> None:
        """Place chart and classes for a size in cells."""
        self._beside, self._width, self._height = width >= BESIDE, width, height
        self.set_class(self._beside, "-beside")
        self._chart.styles.width = self._chart_width if self._beside else "1fr"
        self._fit_classes()

    @property
    def _chart_width(self) -> int:
        """Cells of the chart while the classes stand beside it."""
        return CHART_WIDE if self._width >= CHART_WIDE + 56 else CHART_NARROW

    @on(Effects.Came)
    def _fit_classes(self) -> None:
        """Below the chart the classes take what they need, at most a third; the chart takes the rest.

        Beside it the effects follow the classes, an empty line between.
        """
        rows = len(self.classes_table.rows)
        self.classes_table.styles.max_height = rows + 2 if self._beside else None
        left = (self._height - _ABOVE - (rows + 2) - _RISKS) // _ASSOCIATION
        self._effects.classes_told = min(max(left, 2), _MOST_TOLD) if self._beside else 0
        told = len(self._effects.lines(self._width - self._chart_width if self._beside else self._width))
        wanted = min(rows + 1, max(self._height // 3, 4)) + told
        heights: tuple[int | str, int] = ("1fr" if self._beside else wanted, told)
        if heights != self._heights:
            self._heights = heights
            self._right.styles.height, self._effects.styles.height = heights

    def repaint(self, paint: Painter) -> None:
        """Use another theme."""
        self._paint = paint
        for part in (self._title, self._strata, self._chart, self.classes_table, self._effects):
            part.repaint(paint)

    def _draw_title(self, width: int, height: int) -> list[Parts]:
        policy, snapshot = self._policy, self._snapshot
        if policy is None or snapshot is None:
            return []
        name = self._paint.text(policy.policy_hash, max(width // 3, 10))
        newest = format_time(policy.newest, snapshot.taken_at)
        runs, rated = counted(policy.whole.n, "run"), format_count(policy.whole.n_valid)
        facts = f"{runs}, {rated} with a rate{not_judged(policy)}, newest {newest}"
        line: Parts = (("─ ", "rule"), (name, "strong"), ("  ", "rule"), (f"{facts} ", "muted"))
        return [(*line, ("─" * (width - width_of(line)), "rule"))]

    def _draw_strata(self, width: int, height: int) -> list[Parts]:
        if self._policy is None:
            return []
        rows = strata_rows(self._policy)
        letters = [mark for mark in INKS if any(mark in outcome_counts(row.stats) for row in rows)]
        if width < _RATES_WIDTH + _COUNT_WIDTH * (len(letters) + 1):
            return [_rates_head(), *map(_rates_line, rows), _outcomes_words(rows[0])]
        heads: Parts = tuple((f"{_word(mark):>{_COUNT_WIDTH}}", "muted") for mark in letters)
        lines = [(*_rates_head(), *heads, (f"{'LISTED':>{_COUNT_WIDTH}}", "muted"))]
        for row in rows:
            counts = outcome_counts(row.stats)
            cells: Parts = tuple(
                (f"{format_count(counts.get(mark, 0)):>{_COUNT_WIDTH}}", INKS[mark]) for mark in letters
            )
            lines.append((*_rates_line(row), *cells, (f"{listed_share(row.stats):>{_COUNT_WIDTH}}", "text")))
        return [*lines, ()]

    def _draw_chart(self, width: int, height: int) -> list[Parts]:
        policy, snapshot = self._policy, self._snapshot
        if policy is None or snapshot is None or height < 2:
            return []
        ascii_only = self._paint.ascii_only
        number, per = runs_in_chart(width, len(policy.recent), ascii_only)
        caption = _caption(number, per, self._judged, width)
        return [caption, *chart(policy.recent, width, height - 1, snapshot.taken_at, ascii_only, judged=self._judged)]

    def _class_columns(self) -> list[Column]:
        rows = self.classes_table.rows
        runs = max(4, len(format_count(rows[0].runs))) if rows else 4
        longest = max((width_of(((row.name[:64], "text"),)) for row in rows), default=0)
        return [
            Column("class", "UNKNOWN CLASS", 13, longest, grow=1),
            Column("runs", "RUNS", runs, align="right"),
            Column("share", "SHARE", 6, align="right"),
            Column("spikes", "SPIKES", 6, align="right", drop=2),
            Column("fail", "FAIL", 4, align="right", drop=1),
            Column("listed", "LISTED", 7, 20, grow=2),
        ]


def _same(policy: Policy | None, old: Snapshot, new: Snapshot) -> bool:
    """Whether both Snapshots look alike for this policy."""
    name = policy.policy_hash if policy is not None else ""
    judged = old.spikes.get(name) is new.spikes.get(name) and (name in old.judging) == (name in new.judging)
    return judged and old.whitelist is new.whitelist and _day(old) == _day(new)


def _caption(number: int, per: int, judged: JudgedChart | None, width: int) -> Parts:
    """What the chart shows, and its cut with the rule, as much as fits."""
    cut = f"cut {format_rate(judged.cut)}, {judged.rule}" if judged is not None else ""
    last = f"  last {number}"
    for words in (f"{last}{', two a column' if per == 2 else ''}, newest right", f"{last}, newest right", last):
        line: Parts = ((" unknown_rate by run", "text"), (words, "muted"))
        if cut:
            line = (*line, ("  ┄ ", "notice"), (cut, "text"))
        if width_of(line) < width:
            break
    return line


def _day(snapshot: Snapshot) -> int:
    return snapshot.taken_at // 86_400_000_000


def _word(mark: str) -> str:
    words = {outcome[0]: outcome for outcome in OUTCOMES}
    return words.get(mark, "OTHER" if mark == OTHER_OUTCOME else "NONE")


def _rates_head() -> Parts:
    words = f" {'STRATUM':<10}{'N':>8}{'VALID':>8}" + "".join(f"{title:>8}" for title in _RATES)
    return ((words, "muted"),)


def _rates_line(row: StratumRow) -> Parts:
    stats = row.stats
    rates = (stats.unknown_rate_min, stats.unknown_rate_median, stats.unknown_rate_p95, stats.unknown_rate_max)
    numbers = f"{format_count(stats.n):>8}{format_count(stats.n_valid):>8}" + "".join(
        f"{format_rate(rate):>8}" for rate in rates
    )
    return ((f" {row.name:<10}", "strong" if row.name == "all" else "text"), (numbers, "text"))


def _outcomes_words(row: StratumRow) -> Parts:
    """The outcome counts of the whole policy in a line of their own, where they have no columns."""
    parts: list[tuple[str, str]] = []
    for mark, runs in outcome_counts(row.stats).items():
        parts.append((f" {_word(mark)} {format_count(runs)} ", INKS[mark]))
    return (*parts, (f"  LISTED {listed_share(row.stats)}", "muted"))


def _class_cell(row: ClassRow, column: str, width: int) -> Parts:
    match column:
        case "class":
            return ((row.name, "text"),)
        case "runs":
            return ((format_count(row.runs), "text"),)
        case "share":
            return ((format_percent(row.runs, row.n_valid), "text"),)
        case "spikes":
            words = "?" if row.spikes is None else format_count(row.spikes)
            return ((words, "warn" if row.spikes else "muted"),)
        case "fail":
            return ((format_count(row.fail_runs), "fail" if row.fail_runs else "muted"),)
        case _:
            return _listed_mark(row, width)


def _listed_mark(row: ClassRow, width: int) -> Parts:
    """`= since 02-19` for a class whitelisted in every run, `= partly` in some, `-` in none."""
    if row.listed == "unlisted":
        return ((MISSING, "muted"),)
    words = "partly" if row.listed == "partly" else ""
    since = f"since {row.since}" if row.since and width >= 13 else row.since
    long = " ".join(filter(None, (words, since))) or "listed"
    fits = long if len(long) + 2 <= width else words or row.since
    return (("= ", "listed"), (fits, "listed"))
