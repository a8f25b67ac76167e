"""The chart of a policy: unknown_rate by run as bars, and below it one lane for each outcome that matters. Pure.

Every run has a place of its own: a column, or half a column where there are more runs than columns. A lane says in
words what it marks, and its mark stands exactly under its run, so that a spike and a FAIL beside it are not confused.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from gateconsole.model import FAIL_SIGNALS, NONE, OUTCOMES
from gateconsole.snapshot import RecentRun
from gateconsole.tui.theme.paint import Part, Parts, merged
from gateconsole.view import format_rate, format_time, outcome_letter

AXIS: Final = 8
"""Cells left of the bars: a label of seven and the line."""

LEAST_BARS: Final = 3
"""Lines of bars below which lanes give way, the least severe first."""

_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_HALVES: Final = (" ▖▌", "▗▄▙", "▐▟█")
"""[right half][left half] filled by 0, 1 or 2 of two levels."""

_LANES: Final = ("spike", "BLOCK", "FAIL", "REVIEW", "WARN", "other", "no rate")
_INKS: Final = {
    "spike": "warn",
    "BLOCK": "block",
    "FAIL": "fail",
    "REVIEW": "review",
    "WARN": "warn",
    "other": "other",
    "no rate": "gap",
}
_NICE: Final = (10, 15, 20, 25, 30, 40, 50, 60, 80)


class JudgedChart(NamedTuple):
    """The cut of the policy's next run with its rule's name, and the spikes among the runs, by folder."""

    cut: float
    rule: str
    spikes: frozenset[str]


class Scale(NamedTuple):
    """How runs are laid out: `per` runs a column, and the rate at the top of the axis in units of 0.0001."""

    per: int
    top: int


def axis_maximum(rates: Sequence[float]) -> int:
    """The smallest handsome value not below any rate, in units of 0.0001; 0.0100 when all are zero."""
    highest = max(rates, default=0.0)
    if highest <= 0:
        return 100
    power = 1
    while True:
        for step in _NICE:
            if step * power >= highest * 10_000 * (1 - 1e-12):
                return min(step * power, 10_000) if highest <= 1 else step * power
        power *= 10


def runs_in_chart(width: int, runs: int, ascii_only: bool) -> tuple[int, int]:
    """How many of the newest runs fit into `width` cells, and how many share a column (1 or 2)."""
    columns = max(width - AXIS, 1)
    if runs <= columns or ascii_only:
        return min(runs, columns), 1
    return min(runs, 2 * columns), 2


def chart(
    runs: Sequence[RecentRun],
    width: int,
    height: int,
    now: int,
    ascii_only: bool = False,
    *,
    judged: JudgedChart | None = None,
) -> list[Parts]:
    """The lines of a chart in `width` x `height` cells; `now` in microseconds UTC decides how dates are written.

    `judged` adds the line of the cut and a lane of spikes.
    """
    number, per = runs_in_chart(width, len(runs), ascii_only)
    if not number or height < 3:
        words: Parts = ((" no runs to draw" if not runs else " too low for a chart", "muted"),)
        return [words][:height]
    shown = runs[-number:]
    spikes = frozenset[str]() if judged is None else judged.spikes
    wanted = _lanes(shown, spikes)
    lanes = wanted[: max(height - 2 - LEAST_BARS, 0)]
    cuts = [] if judged is None else [judged.cut]
    scale = Scale(per, axis_maximum([*cuts, *(run.unknown_rate for run in shown if run.unknown_rate is not None)]))
    lines = _bars(shown, scale, height - 2 - len(lanes))
    for cut in cuts:
        _draw_cut(lines, cut, scale)
    lines.append(
        ((f"{format_rate(0.0):>{AXIS - 1}}", "muted"), ("┴" if lanes else "└", "axis"), (_base(shown, per), "axis"))
    )
    lines.extend(_spike_lane(shown, spikes, per) if name == "spike" else _lane(name, shown, per) for name in lanes)
    lines.append((*_dates(shown, per, now), *_left_out(wanted[len(lanes) :])))
    return lines


def _bars(runs: Sequence[RecentRun], scale: Scale, rows: int) -> list[Parts]:
    levels = 8 if scale.per == 1 else 2
    heights = [_height(run.unknown_rate, scale.top, rows * levels) for run in runs]
    lines: list[Parts] = []
    for row in range(rows):
        floor = (rows - 1 - row) * levels
        filled = [max(0, min(height - floor, levels)) for height in heights]
        label = _label(row, rows, scale.top)
        lines.append(
            ((f"{label:>{AXIS - 1}}", "muted"), ("┤" if label else "│", "axis"), (_blocks(filled, scale.per), "chart"))
        )
    return lines


def _height(rate: float | None, top: int, most: int) -> int:
    """Filled levels: none for zero or no rate, at least one for anything else."""
    if not rate:
        return 0
    return max(1, min(most, round(rate * 10_000 / top * most)))


def _label(row: int, rows: int, top: int) -> str:
    """The rate at the upper edge of a line of bars: at the top, and in the middle where it is exact."""
    if row == 0:
        return format_rate(top / 10_000)
    if rows >= 6 and rows % 2 == 0 and row == rows // 2 and top % 2 == 0:
        return format_rate(top / 20_000)
    return ""


def _blocks(filled: Sequence[int], per: int) -> str:
    if per == 1:
        return "".join(_EIGHTHS[level] for level in filled)
    padded = [*filled, 0] if len(filled) % 2 else filled
    return "".join(_HALVES[right][left] for left, right in zip(padded[::2], padded[1::2], strict=True))


def _base(runs: Sequence[RecentRun], per: int) -> str:
    return "─" * -(-len(runs) // per)


def _lane_of(run: RecentRun) -> str:
    if run.outcome in _INKS:
        return run.outcome
    return "" if run.outcome in OUTCOMES else "other"


def _draw_cut(lines: list[Parts], cut: float, scale: Scale) -> None:
    """A dashed line where the bars leave it room, on the line of cells that holds the cut."""
    from_top = len(lines) - 1 - min(int(cut * 10_000 / scale.top * len(lines)), len(lines) - 1)
    label, axis, (bars, ink) = lines[from_top]
    parts = ((text, ink if text != " " else "notice") for text in bars)
    lines[from_top] = (label, axis, *merged((text if text != " " else "┄", ink) for text, ink in parts))


def _lanes(runs: Sequence[RecentRun], spikes: Collection[str]) -> list[str]:
    """The lanes these runs need, the most severe first; spikes and runs without a rate have lanes of their own."""
    there = {_lane_of(run) for run in runs}
    if any(run.folder in spikes for run in runs):
        there.add("spike")
    if any(run.unknown_rate is None for run in runs):
        there.add("no rate")
    return [name for name in _LANES if name in there]


def _lane(name: str, runs: Sequence[RecentRun], per: int) -> Parts:
    hits = [run.unknown_rate is None if name == "no rate" else _lane_of(run) == name for run in runs]
    label: Part = (f"{name:>{AXIS - 1}}", _INKS[name])
    if per == 2:
        marks = _blocks([2 * hit for hit in hits], 2)
    else:
        marks = "".join(_mark(name, run) if hit else " " for hit, run in zip(hits, runs, strict=True))
    return (label, ("│", "axis"), (marks, _INKS[name]))


def _spike_lane(runs: Sequence[RecentRun], spikes: Collection[str], per: int) -> Parts:
    """`×` under each spike, `●` under one with a FAIL signal; where two runs share a column, what both come to."""
    marks = []
    for at in range(0, len(runs), per):
        held = [run for run in runs[at : at + per] if run.folder in spikes]
        failed = any(run.outcome in FAIL_SIGNALS for run in held)
        marks.append("●" if failed else "×" if held else " ")
    return ((f"{'spike':>{AXIS - 1}}", _INKS["spike"]), ("│", "axis"), ("".join(marks), _INKS["spike"]))


def _mark(name: str, run: RecentRun) -> str:
    if name == "no rate":
        return "○"
    return "-" if run.outcome == NONE else outcome_letter(run.outcome)


def _left_out(lanes: Sequence[str]) -> Parts:
    """The lanes there is no room for are named, so that an empty place is never taken for "none"."""
    return ((f"  no room for {', '.join(lanes)}", "notice"),) if lanes else ()


def _dates(runs: Sequence[RecentRun], per: int, now: int) -> Parts:
    """The times of the first and the last run under their ends, as far as there is room."""
    first, last = format_time(runs[0].timestamp, now), format_time(runs[-1].timestamp, now)
    columns = -(-len(runs) // per)
    gap = columns - len(first) - len(last)
    words = f"{first}{' ' * gap}{last}" if gap > 0 else f"{first} to {last}"
    return ((" " * AXIS, "text"), (words, "muted"))
