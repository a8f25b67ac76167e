"""A policy's readiness for other programs: as a row of cells, and as the JSON object of `readiness --json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateconsole.rows.readiness import verdict_words
from gateconsole.tui.screens.base import Row
from gateconsole.view import check_value

if TYPE_CHECKING:
    from gateconsole.reviews import PolicyReview


def readiness_row(found: PolicyReview) -> Row:
    """A policy: hash, verdict, then the value of each row of its checklist."""
    from gateconsole.exports.readiness_json import policy_document  # it loads polars, which a review has loaded

    checks = found.readiness.rows
    cells = (found.policy_hash, verdict_words(found.readiness), *(check_value(row) for row in checks))
    return Row(cells, policy_document(found))
