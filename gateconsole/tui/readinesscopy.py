"""A policy's readiness for other programs: as a row of cells, and as the JSON object of `readiness --json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateconsole.rows.readiness import verdict_words
from gateconsole.tui.screens.base import Row
from gateconsole.tui.widgets.readiness_cells import value_text

if TYPE_CHECKING:
    from gateconsole.reviews import PolicyReview


def readiness_row(found: PolicyReview) -> Row:
    """A policy: hash, verdict, then the value of each row of its checklist."""
    checks = found.readiness.rows
    cells = (found.policy_hash, verdict_words(found.readiness), *(value_text(row) for row in checks))
    return Row(cells, readiness_document(found))


def readiness_document(found: PolicyReview) -> dict[str, Any]:
    """A policy as it stands in `policies` of `readiness --json` (DESIGN 3)."""
    rows = [
        {
            "name": row.name,
            "value": row.value,
            "limit": row.limit,
            "state": row.state,
            "sure": row.sure,
            "source": row.source,
        }
        for row in found.readiness.rows
    ]
    return {
        "policy_hash": found.policy_hash,
        "verdict": found.readiness.verdict,
        "rows": rows,
        "backtest": [one._asdict() for one in found.backtest],
    }
