"""JSON documents about a whole Snapshot. Keys are the CSV's column names, times ISO 8601 UTC, nulls null."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from gateconsole.exports.alerts_table import alert_documents
from gateconsole.exports.cells import time_text
from gateconsole.exports.formats import SCHEMA, json_rows
from gateconsole.exports.tables import POLICIES
from gateconsole.snapshot import Snapshot

if TYPE_CHECKING:
    from gateconsole.policy_review import PolicyReview

TODAYS: Final = "as it is today"
"""What is said of the whitelist, whatever time a document is told for."""


def watch_document(snapshot: Snapshot) -> dict[str, Any]:
    """What `watch --json` prints of a Snapshot.

    `policies` are the rows of the table policies, `alerts` those of `alerts --json`; `judging` names the policies whose
    runs are still being judged; `whitelist_problem` is null while the whitelist is in force.
    """
    return {
        "schema": SCHEMA,
        "generation": snapshot.generation,
        "phase": snapshot.phase,
        "mode": snapshot.mode,
        "completeness": _completeness(snapshot),
        "newest": time_text(snapshot.newest) or None,
        "policies": list(json_rows(POLICIES, snapshot)),
        "alerts": list(alert_documents(snapshot)),
        "judging": sorted(snapshot.judging),
        "whitelist_problem": snapshot.whitelist.problem,
        "banners": [banner._asdict() for banner in snapshot.banners],
    }


def _completeness(snapshot: Snapshot) -> dict[str, Any]:
    """Where every file stands, and in one word (rule G29); while the first scan runs nothing is complete."""
    parts = snapshot.completeness
    loading = snapshot.phase == "loading" and not parts.nothing_found
    return parts._asdict() | {"state": "incomplete" if loading else parts.word}


def alerts_document(snapshot: Snapshot) -> dict[str, Any]:
    """What `alerts --json` prints: every alert that ever fired or is pending, at the Snapshot's time.

    `nothing_found`: there is no run at all, which is no calm.
    """
    return {
        "schema": SCHEMA,
        "as_of": time_text(snapshot.taken_at),
        "whitelist": TODAYS,
        "nothing_found": not snapshot.policies,
        "alerts": list(alert_documents(snapshot)),
    }


def readiness_document(snapshot: Snapshot, reviewed: Iterable[PolicyReview]) -> dict[str, Any]:
    """What `readiness --json` prints: every policy (`reviews.reviews`) with checklist, backtest, proposed cuts, sweep.

    `versions`: how stable the rate is from policy to policy. `verdict`: that on a root without any policy, else null:
    each policy has its own.
    """
    from gateconsole.exports.readiness_json import policy_document, version_document
    from gateconsole.judgement.backtest import stability

    return {
        "schema": SCHEMA,
        "as_of": time_text(snapshot.taken_at),
        "whitelist": TODAYS,
        "nothing_found": not snapshot.policies,
        "verdict": None if snapshot.policies else "too few",
        "policies": [policy_document(found) for found in reviewed],
        "versions": [version_document(version) for version in stability(snapshot.policies)],
    }
