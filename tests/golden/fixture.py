"""The golden fixture of rules 2.4: its runs, its whitelist, its figures; as frames, as Snapshots and as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import polars as pl

from gateconsole.judgement.spikes import judge_policies
from gateconsole.model import Completeness, Entry, Stratum, Whitelist
from gateconsole.snapshot import Policy, Rejected, Snapshot, Stats
from gateconsole.statistics.runs_frame import RUNS_SCHEMA
from gateconsole.text import join_list

RUNS: Final[tuple[tuple[str, str, str, str, float, list[str]], ...]] = (
    ("r01", "a6f53e", "unpinned", "COMMENT", 0.08, ["flaky_test"]),
    ("r02", "a6f53e", "pinned", "PASS", 0.0, []),
    ("r03", "a6f53e", "unpinned", "REVIEW", 0.02, ["unknown_field_missing", "flaky_test"]),
    ("r04", "a6f53e", "pinned", "PASS", 0.005, ["unknown_field_missing"]),
    ("r05", "a6f53e", "unpinned", "FAIL", 0.0, ["schema_violation"]),
    ("r06", "a6f53e", "pinned", "PASS", 0.01, ["unknown_field_missing"]),
    ("r07", "b71c02", "pinned", "WARN", 0.03, ["artefact_missing"]),
    ("r08", "b71c02", "unpinned", "REVIEW", 0.012, ["flaky_test", "artefact_missing", "unknown_field_missing"]),
)
"""run_id, policy_hash, stratum, outcome, unknown_rate, top_reasons."""

Rates = tuple[float | None, float | None, float | None, float | None]

WHITELIST: Final = Whitelist((Entry("unknown_field_missing", "older runs lack the field"),))

SERIES_CSV: Final = """\
run_id,timestamp,policy_hash,outcome,unknown_rate,top_reasons,stratum,whitelist_state,whitelisted_reasons,unlisted_reasons
r01,,a6f53e,COMMENT,0.08,flaky_test,unpinned,not_whitelisted,,flaky_test
r02,,a6f53e,PASS,0.0,,pinned,none,,
r03,,a6f53e,REVIEW,0.02,"unknown_field_missing;flaky_test",unpinned,mixed,unknown_field_missing,flaky_test
r04,,a6f53e,PASS,0.005,unknown_field_missing,pinned,whitelisted,unknown_field_missing,
r05,,a6f53e,FAIL,0.0,schema_violation,unpinned,none,,
r06,,a6f53e,PASS,0.01,unknown_field_missing,pinned,whitelisted,unknown_field_missing,
r07,,b71c02,WARN,0.03,artefact_missing,pinned,not_whitelisted,,artefact_missing
r08,,b71c02,REVIEW,0.012,"flaky_test;artefact_missing;unknown_field_missing",unpinned,mixed,unknown_field_missing,"flaky_test;artefact_missing"
"""


def write_tree(root: Path) -> None:
    """The artifacts and the whitelist as files."""
    for run_id, policy, stratum, outcome, rate, reasons in RUNS:
        fields = {
            "run_id": run_id,
            "policy_hash": policy,
            "stratum": stratum,
            "outcome": outcome,
            "unknown_rate": rate,
            "top_reasons": reasons,
        }
        write_artifact(root / run_id, fields)
    entry = {"reason": "unknown_field_missing", "justification": "older runs lack the field", "scope": None}
    (root / "unknown_whitelist.json").write_text(json.dumps({"version": 1, "entries": [entry]}))


def write_artifact(folder: Path, fields: dict[str, Any]) -> None:
    """One artifact in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gate_result.json").write_text(json.dumps(fields))


def runs_frame() -> pl.DataFrame:
    """The runs as the engine holds them."""
    rows = [(run, None, p, outcome, rate, join_list(why), s, run) for run, p, s, outcome, rate, why in RUNS]
    return pl.DataFrame(rows, schema=RUNS_SCHEMA, orient="row")


def stats(outcomes: dict[str, int], rates: Rates, listed: tuple[int, ...], n_valid: int | None = None) -> Stats:
    """Stats in few words: outcome counts, (min, median, p95, max), runs by whitelist state."""
    n = sum(outcomes.values())
    words = dict.fromkeys(("PASS", "COMMENT", "WARN", "REVIEW", "FAIL", "BLOCK"), 0) | outcomes
    states = dict(zip(("whitelisted", "not_whitelisted", "mixed", "none"), listed, strict=True))
    n_listed, n_unlisted = listed[0] + listed[2], listed[1] + listed[2]
    return Stats(n, n if n_valid is None else n_valid, *rates, words, states, n_listed, n_unlisted)


def classes(*rows: tuple[str, int, float, int, str]) -> pl.DataFrame:
    """A policy's class frame: class, runs, share, fail_runs, listed."""
    schema: dict[str, Any] = {
        "class": pl.String,
        "runs": pl.Int64,
        "share": pl.Float64,
        "fail_runs": pl.Int64,
        "listed": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def policy(policy_hash: str, whole: Stats, found: pl.DataFrame, **strata: Stats) -> Policy:
    """A Policy without recent runs; strata by name."""
    by_stratum: list[tuple[Stratum | None, Stats]] = [
        (None if name == "unknown" else name, one)  # type: ignore[misc]
        for name, one in strata.items()
    ]
    return Policy(policy_hash, whole, tuple(by_stratum), found, (), None)


POLICIES: Final = (
    policy(
        "a6f53e",
        stats({"PASS": 3, "COMMENT": 1, "REVIEW": 1, "FAIL": 1}, (0.0, 0.0075, 0.08, 0.08), (2, 1, 1, 2)),
        classes(("unknown_field_missing", 3, 0.5, 0, "listed"), ("flaky_test", 2, 2 / 6, 0, "unlisted")),
        pinned=stats({"PASS": 3}, (0.0, 0.005, 0.01, 0.01), (2, 0, 0, 1)),
        unpinned=stats({"COMMENT": 1, "REVIEW": 1, "FAIL": 1}, (0.0, 0.02, 0.08, 0.08), (0, 1, 1, 1)),
    ),
    policy(
        "b71c02",
        stats({"WARN": 1, "REVIEW": 1}, (0.012, 0.021, 0.03, 0.03), (0, 1, 1, 0)),
        classes(
            ("artefact_missing", 2, 1.0, 0, "unlisted"),
            ("flaky_test", 1, 0.5, 0, "unlisted"),
            ("unknown_field_missing", 1, 0.5, 0, "listed"),
        ),
        pinned=stats({"WARN": 1}, (0.03, 0.03, 0.03, 0.03), (0, 1, 0, 0)),
        unpinned=stats({"REVIEW": 1}, (0.012, 0.012, 0.012, 0.012), (0, 0, 1, 0)),
    ),
)
"""Every figure of the two policies, by hand from the table of rules 2.4."""


def snapshot(**changes: Any) -> Snapshot:
    """The fixture as a Snapshot, with parts exchanged."""
    parts: dict[str, Any] = {
        "generation": 1,
        "phase": "live",
        "mode": "one scan",
        "completeness": Completeness(seen=8, parsed=8),
        "policies": POLICIES,
        "whitelist": WHITELIST,
        "runs": runs_frame,
        "spikes": judge_policies(runs_frame()),
        "diagnostics": tuple,
    }
    return Snapshot(**(parts | changes))


REJECTED: Final = Rejected("b/gate_result.json", "line 1 column 1", "not_utf8", "expected | UTF-8\x1b", 5)
