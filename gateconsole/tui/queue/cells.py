"""The patches of a testcase as rows of a list: only those in sight are ever made."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, NamedTuple

from gateconsole.patch_queue.proposal import bad_unless
from gateconsole.patch_queue.queries import PatchRow, PatchState
from gateconsole.rows.patches import NO_PATCHES, PatchList
from gateconsole.tui.theme.paint import Part, Parts
from gateconsole.tui.widgets.columns import Column
from gateconsole.tui.widgets.lazy_rows import LazyRows
from gateconsole.view import MISSING, format_count, format_time_short

_MARKS: Final[dict[PatchState, tuple[str, str]]] = {
    "pending": ("·", "text"),
    "good": ("✓", "good"),
    "bad": ("▲", "bad"),
    "held": ("○", "notice"),
    "conflicting": ("○", "notice"),
    "withdrawn": ("-", "muted"),
    "revised": ("-", "muted"),
    "landed": ("✓", "muted"),
}
_BAR: Final = 10
_SHORT_BAR: Final = 5
_ROOMY: Final = 34
"""Cells from which a state is written out."""

NARROW: Final = 76
"""Cells below which bars are shorter and states are cut."""


class PatchLine(NamedTuple):
    """A patch as a row: over all its testcases, whether it is in the set built next, and the begin of today."""

    row: PatchRow
    overall: str
    chosen: bool
    today: int


class PatchRows(LazyRows[PatchLine]):
    """The patches of a testcase that are listed, by their places."""

    def __init__(self, listed: PatchList = NO_PATCHES, today: int = 0) -> None:
        self._listed = listed
        self._chosen = frozenset(() if listed.each is None else listed.each.proposal.patches)
        self._today = today

    def __len__(self) -> int:
        return len(self._listed.patches)

    def find(self, patch: Hashable) -> int | None:
        """The place of a patch; None if it is not there."""
        return self._listed.places.get(patch) if isinstance(patch, str) else None

    def _at(self, number: int) -> PatchLine:
        row = self._listed.patches[number]
        overall = self._listed.overall.get(row.patch)
        return PatchLine(row, MISSING if overall is None else overall.text, row.patch in self._chosen, self._today)


def columns(most: int, width: int) -> list[Column]:
    """The columns of a list of `width` cells in which the longest name in sight takes `most` cells."""
    narrow = width < NARROW
    return [
        Column("queue", "#", 5, align="right"),
        Column("patch", "PATCH", 10, max(min(most, width // 4), 10), grow=1),
        Column("arrived", "ARRIVED", 7, drop=3),
        Column("p", "P-INNOCENT", 5 + (_SHORT_BAR if narrow else _BAR), align="left"),
        Column("k", "K", 3, align="right"),
        Column("stands", "STATE", 14 if narrow else 22, 44, grow=2),
        Column("overall", "OVERALL", 14, 28, drop=2, grow=3),
    ]


def cell(line: PatchLine, column: str, width: int) -> Parts:
    """One cell."""
    row = line.row
    match column:
        case "queue":
            return ((MISSING if row.place is None else format_count(row.place), "accent" if line.chosen else "muted"),)
        case "patch":
            return ((row.patch, "strong" if row.place is not None else "text"),)
        case "arrived":
            return ((format_time_short(row.at, line.today), "muted"),)
        case "p":
            return _innocence(row, width)
        case "k":
            return ((format_count(row.k), "text"),)
        case "stands":
            mark, ink = _MARKS[row.state]
            return ((f"{mark} ", ink), *_state(line, width - 2))
    return ((line.overall, "bad" if line.overall.startswith("bad") else "text"),)


def p_text(p: float) -> str:
    """p-innocent in four cells."""
    return f"{p:.2f}" if p >= 0.005 else "<.01"


def _innocence(row: PatchRow, width: int) -> Parts:
    if row.place is None:
        return ((MISSING, "muted"),)
    halves = round(row.p * 2 * max(width - 5, 0))
    ink = "bad" if row.dirty else "chart"
    return ((f"{p_text(row.p)} ", "text"), ("█" * (halves // 2) + "▌" * (halves % 2), ink))


def _state(line: PatchLine, width: int) -> tuple[Part, ...]:
    """A settled patch in a word; one under consideration with what it is in and suspected of, in short if need be."""
    row = line.row
    if row.place is None:
        return ((row.state, _MARKS[row.state][1]),)
    ink = "bad" if row.dirty else "notice" if row.suspect_of else "text"
    flying, suspected = ("in flight", "suspect of") if width >= _ROOMY else ("run", "susp")
    notes = ["dirty"] if row.dirty else []
    notes += [f"{flying} {short(row.in_flight[-1])}"] if row.in_flight else []
    if row.bad_unless:
        notes += [_doubt(row, width)]
    elif row.suspect_of:
        notes += [f"{suspected} {short(row.suspect_of[-1])}"]
    notes += ["next"] if line.chosen else []
    return ((", ".join(notes) or row.state, ink),)


def _doubt(row: PatchRow, width: int) -> str:
    """`bad unless run 17 was a flake`, in short where a state is cut (rule Q6)."""
    runs = [short(run) for run in row.bad_unless]
    return bad_unless(runs) if width >= _ROOMY else f"bad unless {runs[-1]} flaked"


def short(run: str) -> str:
    """A run's number in its ledger: `31` of `7f3a-31`."""
    return run.rpartition("-")[2]
