"""Columns and cells of the list of the screen Readiness. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from rich.cells import cell_len

from gateconsole.rows.readiness import CHECKS, verdict_text
from gateconsole.tui.theme.paint import Parts, printable_cells, width_of
from gateconsole.tui.widgets.columns import GAP, MARGIN, Column
from gateconsole.view import MISSING, check_limit, check_value, format_count

if TYPE_CHECKING:
    from gateconsole.judgement.false_positives import FalseAlarms
    from gateconsole.judgement.readiness import Readiness, Row, RowState

MARKS: Final[dict[RowState, tuple[str, str]]] = {
    "met": ("✓", "good"),
    "not met": ("✗", "bad"),
    "too few": ("·", "notice"),
    "not applicable": (MISSING, "muted"),
}
"""State of a row of the checklist -> its mark and ink."""

UNSURE: Final = "~"
"""Behind the mark of a row whose interval reaches over the limit."""

VERDICT_MARKS: Final = {"ready": ("✓", "good"), "too few": ("·", "notice"), "not ready": ("✗", "bad")}

_TITLES: Final = {
    "runs": ("RUNS", "RUNS"),
    "pinned": ("WARN+FAIL PINNED", "PINNED"),
    "unpinned": ("UNPINNED", "UNPINNED"),
    "without": ("NO STRATUM", "NO STRAT."),
    "unknown": ("UNKNOWN RUNS", "UNKNOWN"),
    "overrides": ("OVERRIDES", "OVERRIDES"),
    "false": ("FALSE POSITIVES", "FALSE POS."),
}
_DROPS: Final = {"without": 1, "overrides": 2, "false": 3}
_LONG, _SHORT = 16, 9


class ReadinessLine(NamedTuple):
    """A policy as a row. `readiness` is None before it was reviewed; `judging`: its spikes are judged anew just now."""

    policy_hash: str
    readiness: Readiness | None
    alarms: FalseAlarms | None
    judging: bool


class Shape(NamedTuple):
    """What the rows in the list need: cells of the longest hash, and of the largest number of runs with its limit.

    `without`: whether any policy has runs without a stratum.
    """

    widest: int = 6
    runs: int = 6
    limit: int = 2
    without: bool = False


def shape_of(lines: list[ReadinessLine]) -> Shape:
    """What these rows need."""
    found = [line.readiness for line in lines if line.readiness is not None]
    return Shape(
        max((cell_len(printable_cells(line.policy_hash[:64])) for line in lines), default=6),
        max((len(format_count(one.rows[0].runs)) for one in found), default=3),
        max((len(check_limit(one.rows[0], ascii_only=False)) for one in found), default=4),
        any(one.rows[CHECKS.index("without")].state != "not applicable" for one in found),
    )


def readiness_columns(shape: Shape, width: int) -> list[Column]:
    """POLICY to FALSE POSITIVES: with their limits where all fit, else first overrides and alarms without, then all."""
    made: list[Column] = []
    for short in (frozenset[str](), frozenset({"overrides", "false"}), frozenset(CHECKS)):
        made = _columns(shape, short)
        if sum(column.least for column in made) + GAP * (len(made) - 1) + 2 * MARGIN <= width:
            break
    return made


def _columns(shape: Shape, short: frozenset[str]) -> list[Column]:
    names = [name for name in CHECKS if name != "without" or shape.without]
    return [
        Column("policy", "POLICY", max(6, min(shape.widest, 8)), shape.widest and min(shape.widest, 40), grow=1),
        Column("verdict", "VERDICT", 20, 24, grow=2),
        *(_check_column(name, name in short, shape) for name in names),
    ]


def _check_column(name: str, short: bool, shape: Shape) -> Column:
    title = _TITLES[name][short]
    share = _SHORT if short else _LONG
    runs = shape.runs + (2 if short else shape.limit + 3)
    return Column(
        name, title, max(runs if name == "runs" else share, len(title)), align="right", drop=_DROPS.get(name, 0)
    )


def readiness_cell(line: ReadinessLine, column: str, width: int) -> Parts:
    """One cell."""
    if column == "policy":
        return ((line.policy_hash, "strong"),)
    if line.readiness is None:
        return (("…" if column == "verdict" else MISSING, "muted"),)
    if column == "verdict":
        return verdict_parts(line, width)
    row = line.readiness.rows[CHECKS.index(column)]
    if column == "false":
        return _false_positives(line, row, width)
    return _check(row, width)


def verdict_parts(line: ReadinessLine, width: int) -> Parts:
    """`✗ not ready (1 of 6)`; `? judging` while the policy is judged anew."""
    if line.judging:
        return (("? judging", "notice"),)
    if line.readiness is None:
        return ()
    mark, ink = VERDICT_MARKS[line.readiness.verdict]
    words = verdict_text(line.readiness)
    if len(words) + 2 > width:
        words = words.replace("(n = ", "(")
    return ((f"{mark} ", ink), (words, ink))


def _check(row: Row, width: int) -> Parts:
    """`4.2 % < 20 % ✓~`; only value and mark where there is no room; the last cell is kept for the `~`."""
    long = (*value_parts(row), (f" {check_limit(row, ascii_only=False)}", "muted"), *mark_parts(row))
    if row.state == "not applicable":
        return ((f"{MISSING} ", "muted"),)
    return long if width_of(long) <= width else (*value_parts(row), *mark_parts(row))


def _false_positives(line: ReadinessLine, row: Row, width: int) -> Parts:
    if line.judging:
        return (("? ", "notice"),)
    if row.limit is not None:
        return _check(row, width)
    judged = row.n
    long = f"{check_value(row)} of {format_count(judged)} " if judged else "none judged "
    if len(long) <= width:
        return ((long, "text" if judged else "muted"),)
    return ((f"{check_value(row)} ", "text" if judged else "muted"),)


def value_parts(row: Row) -> Parts:
    """The value of a row."""
    return ((check_value(row), "text" if row.value is not None else "muted"),)


def mark_parts(row: Row) -> Parts:
    """Its mark, and whether it is sure; shares take two cells for them."""
    mark, ink = MARKS[row.state]
    if row.relation == ">=":
        return ((f" {mark}", ink),)
    return ((f" {mark}", ink), (sign(row) or " ", "notice"))


def sign(row: Row) -> str:
    """`~` when the interval reaches over the limit."""
    return UNSURE if not row.sure and row.state in {"met", "not met"} else ""
