"""unknown_whitelist.json -> Whitelist, in every form that is read (DOMAIN row 16).

A whitelist that is only partly understood is not in force: the reader then returns one with a `problem` and no entries.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any, Final, get_args

from gateconsole.model import Stratum
from gateconsole.text import printable, printable_path
from gateconsole.whitelist.match import EMPTY, Entry, Whitelist

VERSION: Final = 1
"""The newest `version` of the written form that this program understands."""

MAX_BYTES: Final = 16 * 1024 * 1024

_OPTIONAL_TEXT: Final = ("added_by", "added_at", "review_by")
_SCOPES: Final = get_args(Stratum)


class _Problem(Exception):
    """What is wrong and where; `remedy` is what to do next."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}")


def read(path: Path) -> Whitelist:
    """The whitelist in this file. Never raises for the file's sake.

    A missing file is the empty whitelist. A broken one has a `problem`, printable: file, place, what was expected, what
    to do next.
    """
    try:
        return parse(_content(path))
    except FileNotFoundError:
        return EMPTY
    except IsADirectoryError:
        return _broken(path, "a folder; put a JSON file in its place")
    except (_Problem, OSError) as error:
        what = str(error) if isinstance(error, _Problem) else f"{error.strerror or error}; make the file readable"
        return _broken(path, what)


def _broken(path: Path, what: str) -> Whitelist:
    return Whitelist(problem=printable(f"{printable_path(os.fsencode(path))}: {what}"))


def parse(content: bytes) -> Whitelist:
    """The whitelist in these bytes. Raises an exception that `read` turns into a problem."""
    return Whitelist(tuple(_entry(place, fields) for place, fields in _raw_entries(_document(content))))


def _content(path: Path) -> bytes:
    """The bytes of a regular file of acceptable size; a FIFO or device is never waited for."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _Problem("not a regular file", "put a JSON file in its place")
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _Problem(f"larger than {MAX_BYTES >> 20} MB", "is this the right file?")
    return content


def _document(content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _Problem(f"line {line}: not UTF-8", "save the file as UTF-8") from error
    try:
        return json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        what = f"line {error.lineno}, column {error.colno}: not JSON ({error.msg})"
        raise _Problem(what, "mend the file there; it is never overwritten while broken") from error
    except RecursionError as error:
        raise _Problem("nested too deep", "a whitelist is a list of reasons") from error
    except ValueError as error:  # an integer of more digits than Python converts
        raise _Problem("a number is too long", "a whitelist needs no such number") from error


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, value in pairs:
        if key in fields:
            raise _Problem(f"the key {_quoted(key)} stands twice in one object", "keep one of the two")
        fields[key] = value
    return fields


def _no_constant(name: str) -> Any:
    raise _Problem(f"{name} is no JSON", "remove it")


def _raw_entries(document: Any) -> list[tuple[str, Any]]:
    """Every entry with the name of its place, whatever form the file has."""
    if isinstance(document, dict) and _is_written_form(document):
        _check_version(document.get("version", VERSION))
        entries = document.get("entries")
        if not isinstance(entries, list):
            raise _Problem("entries is no list", 'write "entries": [...]')
        return [(f"entry {i}", entry) for i, entry in enumerate(entries, 1)]
    if isinstance(document, dict):
        pairs = document.items()
        return [(f"entry {i}", {"reason": pair[0], "justification": pair[1]}) for i, pair in enumerate(pairs, 1)]
    if isinstance(document, list):
        listed = ({"reason": entry} if isinstance(entry, str) else entry for entry in document)
        return [(f"entry {i}", entry) for i, entry in enumerate(listed, 1)]
    raise _Problem("neither an object nor a list", "see `gateconsole schema whitelist`")


def _is_written_form(document: dict[str, Any]) -> bool:
    """`version` or `entries` may also be reasons: then their value is a justification, a text or null."""
    return any(not isinstance(document.get(key), str | None) for key in ("version", "entries"))


def _check_version(version: Any) -> None:
    if type(version) is not int or version < 1:
        raise _Problem(f"version is not {VERSION}", f'write "version": {VERSION}')
    if version > VERSION:
        raise _Problem(f"version {version} is newer than the {VERSION} understood here", "install a newer gateconsole")


def _entry(place: str, fields: Any) -> Entry:
    """One entry of the whitelist; unknown keys are welcome."""
    if not isinstance(fields, dict):
        raise _Problem(f"{place} is neither a text nor an object", 'write {"reason": ..., "justification": ...}')
    reason = fields.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise _Problem(f"{place}: reason is missing, blank or no text", "name the unknown class it lists")
    named = f"{place}, reason {_quoted(reason)}"
    _check_well_formed(named, reason)
    scope = fields.get("scope")
    if scope is not None and scope not in _SCOPES:
        raise _Problem(f"{named}: scope is not pinned, unpinned or null", "mend the scope")
    justification = _optional_text(named, fields, "justification") or ""
    return Entry(reason, justification, scope, *(_optional_text(named, fields, key) for key in _OPTIONAL_TEXT))


def _optional_text(place: str, fields: dict[str, Any], key: str) -> str | None:
    value = fields.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _Problem(f"{place}: {key} is no text", "write it in quotes")
    _check_well_formed(place, value)
    return value


def _check_well_formed(place: str, text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _Problem(f"{place}: a lone surrogate", "write well-formed Unicode") from error


def _quoted(text: str) -> str:
    """The start of a text as it is named in a message."""
    return json.dumps(text if len(text) <= 60 else text[:60] + "...", ensure_ascii=False)
