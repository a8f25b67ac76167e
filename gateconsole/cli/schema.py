"""`gateconsole schema gate_result|whitelist`: JSON Schema, draft 2020-12, of what is read without complaint."""

from __future__ import annotations

import argparse
import json
from typing import Any, Final

from gateconsole.cli import COMMANDS
from gateconsole.cli.base import OK, Parser, new_parser
from gateconsole.model import OUTCOMES, STRATA

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_WORD: Final = {"type": "string", "pattern": r"\S"}
_OPTIONAL_TEXT: Final = {"type": ["string", "null"]}
_TIMESTAMP: Final = r"^\s*\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?( ?(Z|[+-]\d\d:?\d\d))?)?\s*$"

GATE_RESULT: Final[dict[str, Any]] = {
    "$schema": _DRAFT,
    "title": "gate_result.json",
    "description": "One CI run judged by a gate. Further fields are welcome and ignored.",
    "type": "object",
    "required": ["policy_hash", "outcome", "unknown_rate", "top_reasons"],
    "properties": {
        "policy_hash": {**_WORD, "description": "version of the policy that judged the run"},
        "outcome": {"enum": list(OUTCOMES)},
        "unknown_rate": {
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "description": "share of checks whose result is unknown, a fraction, never percent",
        },
        "top_reasons": {
            "description": "short reason words, most important first",
            "anyOf": [{"type": "array", "items": _WORD}, {"type": ["string", "null"]}],
        },
        "run_id": {
            "description": "without one: the artifact's folder relative to the root",
            "anyOf": [_WORD, {"type": "number"}, {"type": "null"}],
        },
        "job": {
            "description": "which job of the run, where several write an artifact under one run_id, as in a matrix",
            "anyOf": [_WORD, {"type": "number"}, {"type": "null"}],
        },
        "attempt": {
            "description": "which attempt at the job: of one run, job, policy and stratum the highest counts",
            "anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}],
        },
        "timestamp": {
            "description": "ISO 8601; without an offset it is UTC, or of the zone in the setting naive_zone",
            "anyOf": [{"type": "string", "pattern": _TIMESTAMP}, {"type": "null"}],
        },
        "stratum": {"enum": [*STRATA, None], "description": "whether the run's inputs were pinned"},
        "pinned": {"type": ["boolean", "null"], "description": "another way to say the stratum"},
        "pinned_flag": {"type": ["boolean", "null"], "description": "another way to say the stratum"},
        "queue_run": {
            "description": "the run of the innocence queue this is the result of, as `queue next` gave it",
            "anyOf": [_WORD, {"type": "null"}],
        },
        "testcase": {"description": "beside queue_run: the testcase of the run, as `queue next` gave it"},
        "patches": {"description": "beside queue_run: every patch of the run, in any order; texts or whole numbers"},
        "warn_rate": {"description": "kept out of the statistics"},
        "visibility": {"description": "kept out of the statistics"},
        "mode": {"description": "kept out of the statistics"},
        "counts": {"description": "kept out of the statistics"},
    },
    "if": {"required": ["queue_run"], "properties": {"queue_run": {"not": {"type": "null"}}}},
    "then": {
        "required": ["testcase", "patches"],
        "properties": {
            "testcase": _WORD,
            "patches": {"type": "array", "items": {"type": ["string", "integer"]}},
        },
    },
}

_ENTRY: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["reason"],
    "properties": {
        "reason": {**_WORD, "description": "the unknown class, matched exactly"},
        "justification": {**_OPTIONAL_TEXT, "description": "why it is known to be harmless"},
        "scope": {"enum": [*STRATA, None], "description": "the only stratum it holds for; null: all"},
        "added_by": _OPTIONAL_TEXT,
        "added_at": _OPTIONAL_TEXT,
        "review_by": {**_OPTIONAL_TEXT, "description": "when it should be looked at again, such as 2026-05-20"},
        "expires_at": {
            "description": "the day from which it matches nothing, such as 2026-05-20",
            "anyOf": [{"type": "string", "pattern": r"^\d{4}-\d\d-\d\d"}, {"type": "null"}],
        },
    },
}

WHITELIST: Final[dict[str, Any]] = {
    "$schema": _DRAFT,
    "title": "unknown_whitelist.json",
    "description": "Unknown classes known to be harmless. The first form is the one that is written.",
    "anyOf": [
        {
            "title": "written form",
            "type": "object",
            "required": ["entries"],
            "properties": {"version": {"const": 1}, "entries": {"type": "array", "items": _ENTRY}},
        },
        {"title": "list of reasons or entries", "type": "array", "items": {"anyOf": [_WORD, _ENTRY]}},
        {
            "title": "reason -> justification",
            "type": "object",
            "propertyNames": {"pattern": r"\S"},
            "additionalProperties": _OPTIONAL_TEXT,
        },
    ],
}

SCHEMAS: Final = {"gate_result": GATE_RESULT, "whitelist": WHITELIST}


def parser() -> Parser:
    """The command's options."""
    made = new_parser("schema", COMMANDS["schema"])
    made.add_argument("name", choices=tuple(SCHEMAS), help="which file's schema")
    return made


def run(args: argparse.Namespace) -> int:
    """Print the schema."""
    print(json.dumps(SCHEMAS[args.name], indent=2))
    return OK
