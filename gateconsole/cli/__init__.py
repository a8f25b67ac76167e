"""The commands: one file each, imported only when called.

Each module has `parser()` and `run(args) -> exit code`; what costs time to import is imported inside `run`.
"""

from __future__ import annotations

from typing import Final

COMMANDS: Final = {
    "watch": "the console, live (the default command)",
    "demo": "the console on a private copy of the samples; nothing of yours is touched",
    "rollup": "write rollout_series.csv and rollout_series_v1.md",
    "export": "write tables: runs, policies, classes, alerts, spikes, readiness, rejected, queue, whitelist",
    "alerts": "every alert that ever fired or is pending, and what it is associated with",
    "readiness": "may a policy go to WARN: checklist, proposed cuts, mini-backtest",
    "queue": "the pending-patch innocence queue: what to build next, results, verdicts",
    "whitelist": "unknown classes known to be harmless: list, add, edit, retire, undo, preview, lint, log",
    "comment": "the compact PR comment of one artifact: outcome, hash, top reason, unknowns split by the whitelist",
    "validate": "every problem of every artifact, with place and rule",
    "schema": "print the JSON Schema of gate_result or whitelist",
    "paths": "which settings, themes and whitelist are looked for, and found",
    "help": "the pages on rules, alerts, queue and architecture: what every figure means",
}
"""Command -> one line of help; the module of the same name does it."""
