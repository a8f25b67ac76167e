"""The threshold sweep as a chart: the share of runs above a cut, by cut, with and without the whitelist. Pure.

Bars are what stays above the cut with the whitelist; the line over them is what is above it without. Under the axis
each proposed cut has its mark.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from gateconsole.tui.theme.paint import Part, Parts
from gateconsole.tui.widgets.chart import AXIS
from gateconsole.view import format_rate

if TYPE_CHECKING:
    from gateconsole.judgement.backtest import Point

LEAST_ROWS: Final = 3
"""Lines of bars below which nothing is drawn."""

_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_NICE: Final = (1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100)


class Mark(NamedTuple):
    """A cut to be marked under the axis, and what it is called."""

    cut: float
    name: str


class _Step(NamedTuple):
    """A column: the shares of runs above its cut, without and with the whitelist, fractions."""

    above: float
    unlisted: float


def sweep_chart(points: Sequence[Point], marks: Sequence[Mark], width: int, height: int) -> list[Parts]:
    """The lines of the chart in `width` x `height` cells; marks that do not fit in height give way, the last first."""
    columns = width - AXIS
    marks = marks[: max(height - LEAST_ROWS - 2, 0)]
    rows = height - 2 - len(marks)
    if not points or not points[0].n:
        return _told("no run without a FAIL signal has a rate: nothing to sweep")[:height]
    if columns < 8 or rows < LEAST_ROWS:
        return _told("too small for a chart")[:height]
    far = points[-1].cut
    steps = _steps(points, columns)
    top = _nice_top(max(step.above for step in steps))
    lines = _bars(steps, top, rows)
    lines.append(((f"{'0 %':>{AXIS - 1}}", "muted"), ("└", "axis"), ("─" * columns, "axis")))
    lines.extend(_mark(mark, far, columns) for mark in marks)
    lines.append(_ends(far, columns))
    return lines


def _told(words: str) -> list[Parts]:
    return [((f" {words}", "muted"),)]


def column_of(cut: float, far: float, columns: int) -> int:
    """The column in which a cut stands; `far` is the last one's."""
    return min(columns - 1, round(cut / far * (columns - 1))) if far else 0


def _steps(points: Sequence[Point], columns: int) -> list[_Step]:
    """What each column shows: the last point at or below its cut, and the point a column holds itself."""
    far = points[-1].cut
    cuts = [column_of(point.cut, far, columns) for point in points]
    steps = []
    for column in range(columns):
        point = points[max(bisect_right(cuts, column) - 1, 0)]
        steps.append(_Step(point.above / point.n, point.unlisted / point.n))
    return steps


def _nice_top(share: float) -> int:
    """The smallest handsome percentage not below a share; 1 at least."""
    return next((step for step in _NICE if step >= share * 100 * (1 - 1e-12)), 100)


def _bars(steps: Sequence[_Step], top: int, rows: int) -> list[Parts]:
    bars = [_level(step.unlisted, top, rows) for step in steps]
    lines_at = [(_level(step.above, top, rows) - 1) // 8 if step.above > step.unlisted else -1 for step in steps]
    lines: list[Parts] = []
    for row in range(rows):
        floor = rows - 1 - row
        cells: list[Part] = []
        for bar, line in zip(bars, lines_at, strict=True):
            filled = max(0, min(bar - floor * 8, 8))
            cells.append(("─", "text") if line == floor and not filled else (_EIGHTHS[filled], "chart"))
        label = (
            f"{top} %" if row == 0 else f"{top // 2} %" if top % 2 == 0 and rows % 2 == 0 and row == rows // 2 else ""
        )
        lines.append(((f"{label:>{AXIS - 1}}", "muted"), ("┤" if label else "│", "axis"), *cells))
    return lines


def _label(row: int, rows: int, top: int) -> str:
    """The share at the upper edge of a line of bars: at the top, and in the middle where it is exact."""
    if row == 0:
        return f"{top} %"
    return f"{top // 2} %" if top % 2 == 0 and rows % 2 == 0 and row == rows // 2 else ""


def _level(share: float, top: int, rows: int) -> int:
    """Eighths of a line that a share takes: none for zero, at least one for anything else."""
    if not share:
        return 0
    return max(1, min(rows * 8, round(share * 100 / top * rows * 8)))


def _mark(mark: Mark, far: float, columns: int) -> Parts:
    """`↑ p95 0.0400` under its column, the words on the side that has room."""
    at = column_of(mark.cut, far, columns)
    words = f"{mark.name} {format_rate(mark.cut)}"
    if at + 2 + len(words) <= columns:
        return ((" " * (AXIS + at), "text"), ("↑", "accent"), (f" {words}", "text"))
    before = f"{words[: max(at - 1, 0)]} "
    return ((" " * (AXIS + max(at - len(before), 0)), "text"), (before if at else "", "text"), ("↑", "accent"))


def _ends(far: float, columns: int) -> Parts:
    """The cuts at both ends of the axis."""
    first, last = format_rate(0.0), format_rate(far)
    return ((" " * AXIS, "text"), (f"{first}{last:>{max(columns - len(first), 0)}}", "muted"))
