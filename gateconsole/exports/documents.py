"""JSON documents about a whole Snapshot (DESIGN 3). Keys are the CSV's column names, times ISO 8601 UTC, nulls null."""

from __future__ import annotations

from typing import Any

from gateconsole.exports.cells import time_text
from gateconsole.exports.formats import SCHEMA, json_rows
from gateconsole.exports.tables import POLICIES
from gateconsole.snapshot import Snapshot


def watch_document(snapshot: Snapshot) -> dict[str, Any]:
    """What `watch --json` prints of a Snapshot.

    `policies` are the rows of the table policies; `whitelist_problem` is null while the whitelist is in force.
    """
    return {
        "schema": SCHEMA,
        "generation": snapshot.generation,
        "phase": snapshot.phase,
        "mode": snapshot.mode,
        "completeness": snapshot.completeness._asdict(),
        "newest": time_text(snapshot.newest) or None,
        "policies": list(json_rows(POLICIES, snapshot)),
        "whitelist_problem": snapshot.whitelist.problem,
        "banners": [banner._asdict() for banner in snapshot.banners],
    }
