"""Bytes -> Run | Rejection (rules 2.1, G2-G4, G8-G14). Pure: no file, no clock.

Two ways to the same answer. The quick way trusts msgspec with bytes in which nothing is suspicious; all else goes the
strict way with the standard library's `json`, which sees repeated keys, lone surrogates, numbers as written, and the
place of a fault. A test holds the two against each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import Any, Final

import msgspec

from gateconsole.artifacts.run_fields import GATE_FIELDS, Number, excerpt, no_gate_fields, run_of
from gateconsole.model import Diagnostic, Rejection, Run

MAX_BYTES: Final = 16 * 1024 * 1024
"""An artifact larger than this is rejected unread (rule G2)."""

MAX_DEPTH: Final = 100
"""Objects and arrays nested deeper than this are rejected: a fixed number, not this machine's stack (rule G2)."""

_AS_WRITTEN: Final = frozenset({int, float})
_BOM: Final = b"\xef\xbb\xbf"
_quick_decode = msgspec.json.Decoder().decode
_has_odd_rate = re.compile(rb'unknown_rate"\s*:\s*(?:[-.0-9]{17}|[-.0-9]*[eE])').search
"""A rate of so many digits that a float may not take them, or with an exponent."""

_has_blank_before_colon = re.compile(rb"[ \t\r\n]:").search

_KINDS: Final = {list: "list", str: "text", bool: "boolean", type(None): "null"}


class _Repeated(Exception):
    """A key stands twice in one object."""


def decode(data: bytes, folder: str, zone: tzinfo = UTC) -> Run | Rejection:
    """The run in these bytes, or why they are none.

    `folder` is the artifact's folder relative to the root (`text.printable_path`), `.` at the root itself: it stands in
    for an absent run_id (rule G3). `zone`: of timestamps that name none (rule G4).
    """
    braces = data.count(b"{")
    if b"\\" in data or braces + data.count(b"[") > MAX_DEPTH or _has_odd_rate(data):
        return _decode_strictly(data, folder, zone)
    try:
        fields = _quick_decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _decode_strictly(data, folder, zone)
    keys = data.count(b'":')
    if type(fields) is not dict or keys != (len(fields) if braces == 1 else _count_keys(fields)):
        return _decode_strictly(data, folder, zone)
    # Every key is counted, so none stands twice, unless a key is parted from its colon: then a colon follows neither
    # a quote nor, inside the timestamp, a digit.
    timestamp = fields.get("timestamp")
    elsewhere = data.count(b":") - keys - (timestamp.count(":") if type(timestamp) is str else 0)
    if (elsewhere and _has_blank_before_colon(data)) or not _AS_WRITTEN.isdisjoint(
        (type(fields.get("run_id")), type(fields.get("job")))
    ):
        return _decode_strictly(data, folder, zone)
    return run_of(fields, folder, (), zone)


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


def _decode_strictly(data: bytes, folder: str, zone: tzinfo = UTC) -> Run | Rejection:
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
        return Rejection("repeated_key", f"key {excerpt(key)}", "expected every key once in its object")
    except json.JSONDecodeError as problem:
        return _unparsable(text, problem)
    if not isinstance(fields, dict):
        kind = _KINDS.get(type(fields), "number")
        return Rejection("not_one_json_object", "line 1 column 1", f"expected one JSON object, found a {kind}")
    lone = _lone_surrogate(fields)
    if lone is not None:
        return Rejection("lone_surrogate", lone, "expected well-formed Unicode; a \\uD800-\\uDFFF escape stands alone")
    if GATE_FIELDS.isdisjoint(fields):
        return no_gate_fields()
    return run_of(fields, folder, marks, zone)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Repeated(key)
            seen.add(key)
    return fields


_strict_json = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=Number, parse_int=Number, parse_constant=Number)


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
    found = "the end of the file" if problem.pos >= len(text) else excerpt(text[problem.pos : problem.pos + 20])
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
                return f"key {excerpt(key)}"
            if isinstance(value, str) and not _well_formed(value):
                return f"value of {excerpt(key)}"
    return None


def _well_formed(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _place(data: bytes, offset: int) -> str:
    line, start = data.count(b"\n", 0, offset) + 1, data.rfind(b"\n", 0, offset)
    return f"line {line} column {offset - start}"


def _text_place(text: str, offset: int) -> str:
    line, start = text.count("\n", 0, offset) + 1, text.rfind("\n", 0, offset)
    return f"line {line} column {offset - start}"
