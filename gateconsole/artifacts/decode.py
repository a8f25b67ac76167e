"""Bytes -> Run | Rejection (DOMAIN 2.1, rows 2-4, 8-14). Pure: no file, no clock.

Two ways to the same answer. The quick way trusts msgspec with bytes in which nothing is suspicious; all else goes the
strict way with the standard library's `json`, which sees repeated keys, lone surrogates, numbers as written, and the
place of a fault. A test holds the two against each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from gateconsole.model import (
    NONE,
    OUTCOMES,
    STRATA,
    Diagnostic,
    DiagnosticRule,
    Rejection,
    Run,
    Stratum,
)

MAX_BYTES: Final = 16 * 1024 * 1024
"""An artifact larger than this is rejected unread (DOMAIN row 2)."""

MAX_DEPTH: Final = 100
"""Objects and arrays nested deeper than this are rejected: a fixed number, not this machine's stack (DOMAIN row 2)."""

GATE_FIELDS: Final = frozenset({"policy_hash", "outcome", "unknown_rate", "top_reasons"})

_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_NUMBERS: Final = frozenset({int, float})
_BOM: Final = b"\xef\xbb\xbf"
_DETAIL_LENGTH: Final = 80

_make_run = tuple.__new__  # half the time of calling the class
_quick_decode = msgspec.json.Decoder().decode
_has_odd_rate = re.compile(rb'unknown_rate"\s*:\s*(?:[.0-9]{17}|[.0-9]*[eE])').search
"""A rate of so many digits that a float may not take them, or with an exponent."""

_has_blank_before_colon = re.compile(rb"[ \t\r\n]:").search

_is_timestamp = re.compile(
    r"(?:\d{4}-\d\d-\d\d|\d{8}|\d{4}-W\d\d-\d|\d{4}W\d{3})"
    r"(?:[T ](?:[01]\d|2[0-3])(?::?[0-5]\d(?::?[0-5]\d(?:[.,]\d+)?)?)?(?:Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?)?",
    re.ASCII,
).fullmatch
"""The forms of ISO 8601 that are read, written out so that every Python version reads the same."""


_KINDS: Final = {list: "list", str: "text", bool: "boolean", type(None): "null"}


class _Number(str):
    """A JSON number as written."""

    __slots__ = ()


class _Repeated(Exception):
    """A key stands twice in one object."""


def decode(data: bytes, folder: str) -> Run | Rejection:
    """The run in these bytes, or why they are none.

    `folder` is the artifact's folder relative to the root (`text.printable_path`), `.` at the root itself: it stands in
    for an absent run_id (DOMAIN row 3).
    """
    braces = data.count(b"{")
    if b"\\" in data or braces + data.count(b"[") > MAX_DEPTH or _has_odd_rate(data):
        return _decode_strictly(data, folder)
    try:
        fields = _quick_decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _decode_strictly(data, folder)
    keys = data.count(b'":')
    if type(fields) is not dict or keys != (len(fields) if braces == 1 else _count_keys(fields)):
        return _decode_strictly(data, folder)
    # Every key is counted, so none stands twice, unless a key is parted from its colon: then a colon follows neither
    # a quote nor, inside the timestamp, a digit.
    timestamp = fields.get("timestamp")
    elsewhere = data.count(b":") - keys - (timestamp.count(":") if type(timestamp) is str else 0)
    if (elsewhere and _has_blank_before_colon(data)) or type(fields.get("run_id")) in _NUMBERS:
        return _decode_strictly(data, folder)
    return _run(fields, folder, ())


def _count_keys(fields: dict[str, Any]) -> int:
    """How many keys a document holds, nested ones included."""
    return sum(len(node) for node in _nodes(fields) if type(node) is dict)


def _nodes(root: object) -> Iterator[Any]:
    """Every object and array in a decoded document, the root first; no recursion."""
    waiting: list[Any] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            yield node
            waiting.extend(node)


# The strict way.


def _decode_strictly(data: bytes, folder: str) -> Run | Rejection:
    """The same answer as the quick way, slower, with the place of every fault."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        return Rejection(
            "not_utf8", _place(data, problem.start), "expected UTF-8; write the artifact as UTF-8", unfinished=True
        )
    marks: tuple[Diagnostic, ...] = ()
    if data.startswith(_BOM):
        text = text[1:]
        marks = (Diagnostic("byte_order_mark", "", "ignored"),)
    deepest = _too_deep(text)
    if deepest is not None:
        return Rejection(
            "too_deep", _text_place(text, deepest), f"expected at most {MAX_DEPTH} levels of objects and arrays"
        )
    try:
        fields = _strict_json.decode(text)
    except _Repeated as problem:
        key = str(problem)
        return Rejection("repeated_key", f"key {_short(key)}", "expected every key once in its object")
    except json.JSONDecodeError as problem:
        return _unparsable(text, problem)
    if not isinstance(fields, dict):
        kind = _KINDS.get(type(fields), "number")
        return Rejection("not_one_json_object", "line 1 column 1", f"expected one JSON object, found a {kind}")
    lone = _lone_surrogate(fields)
    if lone is not None:
        return Rejection("lone_surrogate", lone, "expected well-formed Unicode; a \\uD800-\\uDFFF escape stands alone")
    if GATE_FIELDS.isdisjoint(fields):
        return _no_gate_fields()
    return _run(fields, folder, marks)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Repeated(key)
            seen.add(key)
    return fields


_strict_json = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_Number, parse_int=_Number, parse_constant=_Number
)


def _too_deep(text: str) -> int | None:
    """Where nesting exceeds MAX_DEPTH, or None; brackets inside strings do not count."""
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return None
    depth = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', text, re.DOTALL):
        mark = match.group()
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return match.start()
        elif mark in "]}":
            depth -= 1
    return None


def _unparsable(text: str, problem: json.JSONDecodeError) -> Rejection:
    found = "the end of the file" if problem.pos >= len(text) else _short(text[problem.pos : problem.pos + 20])
    where = _text_place(text, problem.pos)
    return Rejection(
        "not_one_json_object", where, f"{problem.msg}; found {found}; write one JSON object a file", unfinished=True
    )


def _lone_surrogate(fields: dict[str, Any]) -> str | None:
    """Where a lone surrogate stands, as text, or None."""
    for node in _nodes(fields):
        pairs = node.items() if isinstance(node, dict) else ((f"item {i}", item) for i, item in enumerate(node))
        for key, value in pairs:
            if not _well_formed(key):
                return f"key {_short(key)}"
            if isinstance(value, str) and not _well_formed(value):
                return f"value of {_short(key)}"
    return None


def _well_formed(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _place(data: bytes, offset: int) -> str:
    line, start = data.count(b"\n", 0, offset) + 1, data.rfind(b"\n", 0, offset)
    return f"line {line} column {offset - start}"


def _text_place(text: str, offset: int) -> str:
    line, start = text.count("\n", 0, offset) + 1, text.rfind("\n", 0, offset)
    return f"line {line} column {offset - start}"


def _no_gate_fields() -> Rejection:
    return Rejection(
        "no_gate_fields", "line 1 column 1", "expected policy_hash, outcome, unknown_rate or top_reasons; none is there"
    )


# Fields -> Run, for both ways.


def _run(fields: dict[str, Any], folder: str, marks: tuple[Diagnostic, ...]) -> Run | Rejection:
    """The run of these fields; each reader appends what was unusable."""
    notes: list[Diagnostic] = []
    policy_hash = fields.get("policy_hash")
    if type(policy_hash) is not str or not (policy_hash := policy_hash.strip()):
        if GATE_FIELDS.isdisjoint(fields):
            return _no_gate_fields()
        policy_hash = _missing(fields, "policy_hash", notes)
    outcome = fields.get("outcome")
    if outcome not in OUTCOMES:
        outcome = _odd_outcome(fields, notes)
    rate = fields.get("unknown_rate")
    if type(rate) is not float or not 0.0 <= rate <= 1.0:
        rate = _odd_rate(fields, notes)
    else:
        rate += 0.0  # -0.0 is 0.0
    reasons = fields.get("top_reasons")
    if type(reasons) is list and len(reasons) == 1 and type(reasons[0]) is str and reasons[0].strip():
        top_reasons: tuple[str, ...] = (reasons[0],)
    else:
        top_reasons = _reasons(reasons, fields, notes)
    run_id = fields.get("run_id")
    if type(run_id) is not str or not run_id or run_id.isspace():
        run_id = _odd_run_id(run_id, folder, notes)
    written = fields.get("timestamp")
    timestamp = None if written is None else _timestamp(written, notes)
    stratum = fields.get("stratum")
    if stratum not in STRATA or "pinned" in fields or "pinned_flag" in fields:
        stratum = _odd_stratum(fields, notes)
    diagnostics = (*marks, *notes) if notes or marks else ()
    return _make_run(Run, (run_id, timestamp, policy_hash, outcome, rate, top_reasons, stratum, diagnostics))


def _note(notes: list[Diagnostic], rule: DiagnosticRule, field: str, value: object) -> None:
    notes.append(Diagnostic(rule, field, _short(value)))


def _short(value: object) -> str:
    """A value as JSON-like text of bounded length, for a diagnostic."""
    shown = str(value) if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= _DETAIL_LENGTH else shown[: _DETAIL_LENGTH - 1] + "…"


def _missing(fields: dict[str, Any], field: str, notes: list[Diagnostic]) -> str:
    value = fields.get(field)
    _note(notes, "field_missing", field, value) if field in fields else notes.append(
        Diagnostic("field_missing", field, "absent")
    )
    return NONE


def _odd_outcome(fields: dict[str, Any], notes: list[Diagnostic]) -> str:
    """An outcome that is not one of the known words as they stand (DOMAIN row 9)."""
    value = fields.get("outcome")
    word = value.strip().upper() if type(value) is str else ""
    if not word:
        return _missing(fields, "outcome", notes)
    if word not in OUTCOMES:
        _note(notes, "outcome_unknown", "outcome", value)
    return word


def _odd_rate(fields: dict[str, Any], notes: list[Diagnostic]) -> float | None:
    """A rate that is not plainly a fraction: whole numbers, numbers as written, everything unusable (DOMAIN row 10)."""
    value = fields.get("unknown_rate")
    if value is None:
        _missing(fields, "unknown_rate", notes)
        return None
    if type(value) is _Number or type(value) is int:
        try:
            rate = float(value)
            if 0.0 <= rate <= 1.0 and Decimal(str(value)) == Decimal(repr(rate)):
                return rate + 0.0
        except (ValueError, InvalidOperation, OverflowError):
            pass
    _note(notes, "rate_unusable", "unknown_rate", value)
    return None


def _reasons(value: object, fields: dict[str, Any], notes: list[Diagnostic]) -> tuple[str, ...]:
    """The reasons in their order, each once (DOMAIN row 14)."""
    if type(value) is list:
        return _listed_reasons(value, notes) if value else ()
    if value is None:
        if "top_reasons" not in fields:
            _missing(fields, "top_reasons", notes)
        return ()
    if value == "":
        return ()
    return _listed_reasons([value], notes)


def _listed_reasons(values: list[Any], notes: list[Diagnostic]) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for value in values:
        if type(value) is str and value and not value.isspace():
            kept[value] = None
        else:
            _note(notes, "reason_dropped", "top_reasons", value)
    return tuple(kept)


def _odd_run_id(value: object, folder: str, notes: list[Diagnostic]) -> str:
    """A run id that is no text with something in it: numbers become text, else the folder (DOMAIN row 3)."""
    if isinstance(value, _Number):
        return str(value)
    if value is not None:
        _note(notes, "run_id_unusable", "run_id", value)
    return folder


def _timestamp(value: object, notes: list[Diagnostic]) -> int | None:
    """ISO 8601 -> microseconds since 1970 UTC; naive is UTC (DOMAIN row 4)."""
    if type(value) is str and (_looks_plain(value) or _is_timestamp(value)):
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            if 1 < moment.year < 9999 or _FIRST <= moment <= _LAST:
                micros = moment.microsecond
                whole = moment.replace(microsecond=0) if micros else moment  # whole seconds are exact in a float
                return int(whole.timestamp()) * 1_000_000 + micros
        except (ValueError, OverflowError):
            pass
    _note(notes, "timestamp_malformed", "timestamp", value)
    return None


def _looks_plain(text: str) -> bool:
    """Whether the text is so long, and parted in such places, that only its digits can be wrong."""
    return len(text) in {20, 25} and text[10] == "T" and text[13] == ":" and text[16] == ":" and text[11:13] != "24"


def _odd_stratum(fields: dict[str, Any], notes: list[Diagnostic]) -> Stratum | None:
    """The stratum from `stratum`, else `pinned`, else `pinned_flag`; disagreement is noted, the first one wins."""
    said: list[Stratum] = []
    named = fields.get("stratum")
    if named is not None:
        word = named.strip().lower() if type(named) is str else ""
        if word in STRATA:
            said.append("pinned" if word == "pinned" else "unpinned")
        else:
            _note(notes, "stratum_unusable", "stratum", named)
    for field in ("pinned", "pinned_flag"):
        value = fields.get(field)
        if type(value) is bool:
            said.append("pinned" if value else "unpinned")
        elif value is not None:
            _note(notes, "stratum_unusable", field, value)
    if len(set(said)) > 1:
        _note(notes, "stratum_conflict", "stratum", [fields.get(f) for f in ("stratum", "pinned", "pinned_flag")])
    return said[0] if said else None
