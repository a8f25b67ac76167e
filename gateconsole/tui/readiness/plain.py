"""A policy's readiness for other programs: as a row of cells, and as the JSON object of `readiness --json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateconsole.rows.readiness import verdict_text
from gateconsole.tui.shell.screen import CopyRow
from gateconsole.view import check_value

if TYPE_CHECKING:
    from gateconsole.policy_review import PolicyReview

from gateconsole.rows.readiness import CHECKS
from gateconsole.tui.readiness.cells import ReadinessLine, Shape, readiness_cell, readiness_columns
from gateconsole.tui.shell.plain_list import _WIDE, Listing, _text
from gateconsole.tui.widgets.table import Rows


def readiness_row(found: PolicyReview) -> CopyRow:
    """A policy: hash, verdict, then the value of each row of its checklist."""
    from gateconsole.exports.readiness_json import policy_document  # it loads polars, which a review has loaded

    checks = found.readiness.rows
    cells = (found.policy_hash, verdict_text(found.readiness), *(check_value(row) for row in checks))
    return CopyRow(cells, policy_document(found))


def readiness_listing(lines: Rows[ReadinessLine]) -> Listing:
    """The policies with every row of their checklists, its limit and its mark."""
    columns = readiness_columns(Shape(without=True), _WIDE)
    keys = ("policy", "verdict", *CHECKS)
    header = tuple(next(column.title for column in columns if column.key == key) for key in keys)

    def cells(line: ReadinessLine) -> list[str]:
        return [_text(readiness_cell(line, key, _WIDE)) for key in keys]

    return Listing("policies", header, frozenset({0, 1}), len(lines), lambda most: map(cells, lines[:most]))
