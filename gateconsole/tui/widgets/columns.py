"""Columns of a table and how they share a width. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gateconsole.tui.theme.paint import Align

MARGIN = 1
"""Cells before the first column; the cursor's mark stands there."""

GAP = 2
"""Cells between two columns."""


class Column(NamedTuple):
    """One column: at least `least` and at most `most` cells wide.

    Where there is too little room, the column of the highest `drop` goes first; 0 stays to the last. Room that is
    left goes to the columns by rising `grow`, each up to its `most`. `{width}` in a title is the width given; `brief`
    is the title where the whole one does not fit.
    """

    key: str
    title: str
    least: int
    most: int = 0
    align: Align = "left"
    drop: int = 0
    grow: int = 9
    brief: str = ""

    def titled(self, width: int) -> str:
        """The title in so many cells."""
        title = self.title.replace("{width}", str(width))
        return self.brief.replace("{width}", str(width)) if self.brief and len(title) > width else title


class ColumnWidth(NamedTuple):
    """A column with the width it was given."""

    column: Column
    width: int


def fit_columns(columns: Sequence[Column], width: int) -> tuple[ColumnWidth, ...]:
    """The columns that fit into `width` cells, margins and gaps included, with their widths."""
    kept = list(columns)
    while len(kept) > 1 and _needed(kept) > width:
        last = max(range(len(kept)), key=lambda place: (kept[place].drop, place))
        del kept[last]
    widths = {column.key: column.least for column in kept}
    room = max(width - _needed(kept), 0)
    for column in sorted(kept, key=lambda column: column.grow):
        more = min(max(column.most - column.least, 0), room)
        widths[column.key] += more
        room -= more
    return tuple(ColumnWidth(column, min(widths[column.key], max(width - MARGIN, 1))) for column in kept)


def _needed(columns: Sequence[Column]) -> int:
    return sum(column.least for column in columns) + GAP * (len(columns) - 1) + 2 * MARGIN
