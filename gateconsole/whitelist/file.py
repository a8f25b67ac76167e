"""unknown_whitelist.json -> Whitelist, in every form that is read (rule G16).

A whitelist that is only partly understood is not in force: the reader then returns one with a `problem` and no entries.
Whoever follows the file (`FollowedWhitelist`) keeps the last list that was read in force meanwhile.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

from gateconsole.dates import date_of
from gateconsole.io.files import NotARegularFileError, read_regular_file
from gateconsole.model import EMPTY, Entry, Stratum, Whitelist
from gateconsole.text import iso_second, printable, printable_path
from gateconsole.whitelist import json_position

VERSION: Final = 1
"""The newest `version` of the written form that this program understands."""

MAX_BYTES: Final = 16 * 1024 * 1024

SETTLE: Final = 2_000_000
"""Microseconds a changed file is read again, as it may change unseen, and one that is missing may come back: editors
and git take a file away for a moment when they save."""

_TEXTS: Final = ("reason", "justification", "added_by", "added_at", "review_by", "expires_at")
_CONFLICT: Final = tuple(re.compile(rf"^{mark}{{7}}(?:[ \r][^\n]*)?$", re.MULTILINE) for mark in "<=>")
_ABSENT: Final = frozenset({(errno.ENOENT,), (errno.ENOTDIR,)})
_SCOPES: Final = get_args(Stratum)


Locate = Callable[[str], int | None]
"""Finds in the text of the file where it is wrong."""


class WhitelistError(Exception):
    """What is wrong and where, and what to do next. The text is not printable yet."""

    def __init__(self, what: str, remedy: str, locate: Locate | None = None) -> None:
        super().__init__(f"{what}; {remedy}")
        self._said = what, remedy
        self._locate = locate

    def placed(self, text: str) -> WhitelistError:
        """The same with line and column, if they can be found in the text of the file."""
        at = None if self._locate is None else self._locate(text)
        what, remedy = self._said
        return self if at is None else WhitelistError(f"{json_position.position_of(text, at)}: {what}", remedy)


def _at(*path: str | int) -> Locate:
    return lambda text: json_position.value_at(text, path)


def read(path: Path) -> Whitelist:
    """The whitelist in this file. Never raises for the file's sake.

    A missing file is the empty whitelist. A broken one has a `problem`, printable: file, place, what was expected, what
    to do next.
    """
    try:
        return parse(content(path))
    except FileNotFoundError:
        return EMPTY
    except IsADirectoryError:
        return _broken(path, "a folder; put a JSON file in its place")
    except (WhitelistError, OSError) as error:
        what = str(error) if isinstance(error, WhitelistError) else f"{error.strerror or error}; make the file readable"
        return _broken(path, what)


def _broken(path: Path, what: str) -> Whitelist:
    return Whitelist(problem=printable(f"{printable_path(os.fsencode(path))}: {what}"))


class Number(NamedTuple):
    """A number of the file exactly as it stands there, where Python's would not be written so: `1.10`, `1E2`, `-0`."""

    text: str


def parse(content: bytes) -> Whitelist:
    """The whitelist in these bytes. Raises WhitelistError."""
    return Whitelist(parsed_entries(content)[1])


def parsed_entries(content: bytes) -> tuple[Any, tuple[Entry, ...]]:
    """The JSON document in these bytes, its numbers as they stand there, and its entries. Raises WhitelistError."""
    text = decoded(content)
    try:
        document = _document(text)
        return document, tuple(_entry(place, path, fields) for place, path, fields in raw_entries(document))
    except WhitelistError as error:
        raise error.placed(text) from error


def content(path: Path) -> bytes:
    """The bytes of a regular file of acceptable size; a FIFO or device is never waited for.

    Raises WhitelistError, OSError.
    """
    try:
        return read_regular_file(path, MAX_BYTES)
    except NotARegularFileError as problem:
        raise WhitelistError(str(problem), "put a JSON file in its place") from problem


def decoded(content: bytes) -> str:
    """The text of the file, without a byte order mark. Raises WhitelistError."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise WhitelistError(f"line {line}: not UTF-8", "save the file as UTF-8") from error


def _document(text: str) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique_keys,
            parse_constant=_no_constant,
            parse_float=Number,
            parse_int=lambda digits: Number(digits) if digits == "-0" else int(digits),
        )
    except json.JSONDecodeError as error:
        conflict = _conflict_at(text)
        if conflict is not None:
            what = f"line {text.count(chr(10), 0, conflict) + 1}: git's conflict markers"
            remedy = "choose between the two sides there"
            raise WhitelistError(what, remedy) from error
        what = f"line {error.lineno}, column {error.colno}: not JSON ({error.msg})"
        raise WhitelistError(what, "mend the file there; it is never overwritten while broken") from error
    except RecursionError as error:
        raise WhitelistError("nested too deep", "a whitelist is a list of reasons") from error
    except ValueError as error:  # an integer of more digits than Python converts
        raise WhitelistError(
            "a number is too long", "a whitelist needs no such number", json_position.long_number
        ) from error


def _conflict_at(text: str) -> int | None:
    """Where the first conflict that git left in a text begins, or None."""
    begin, at = None, 0
    for pattern in _CONFLICT:
        mark = pattern.search(text, at)
        if mark is None:
            return None
        begin, at = mark.start() if begin is None else begin, mark.end()
    return begin


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) == len(pairs):
        return fields
    counted = Counter(key for key, _ in pairs)
    twice = next(key for key, times in counted.items() if times > 1)
    what = f"the key {_quoted(twice)} stands twice in one object"
    raise WhitelistError(what, "keep one of the two", json_position.repeated_key)


def _no_constant(name: str) -> Any:
    raise WhitelistError(f"{name} is no JSON", "remove it", json_position.constant)


def raw_entries(document: Any) -> list[tuple[str, json_position.Path, Any]]:
    """Every entry with the name of its place and its path in the document, whatever form the file has.

    Raises WhitelistError.
    """
    if isinstance(document, dict) and is_written_form(document):
        _check_version(document.get("version", VERSION))
        entries = document.get("entries")
        if not isinstance(entries, list):
            raise WhitelistError("entries is no list", 'write "entries": [...]', _at("entries"))
        return [(f"entry {i + 1}", ("entries", i), entry) for i, entry in enumerate(entries)]
    if isinstance(document, dict):
        pairs = ({"reason": reason, "justification": why} for reason, why in document.items())
        return [(f"entry {i}", (pair["reason"],), pair) for i, pair in enumerate(pairs, 1)]
    if isinstance(document, list):
        listed = ({"reason": entry} if isinstance(entry, str) else entry for entry in document)
        return [(f"entry {i + 1}", (i,), entry) for i, entry in enumerate(listed)]
    raise WhitelistError("neither an object nor a list", "see `gateconsole schema whitelist`", _at())


def is_written_form(document: dict[str, Any]) -> bool:
    """`version` or `entries` may also be reasons: then their value is a justification, a text or null."""
    return any(not isinstance(document.get(key), str | None) for key in ("version", "entries"))


def _check_version(version: Any) -> None:
    where = _at("version")
    if type(version) is not int or version < 1:
        raise WhitelistError(f"version is not {VERSION}", f'write "version": {VERSION}', where)
    if version > VERSION:
        what = f"version {version} is newer than the {VERSION} understood here"
        raise WhitelistError(what, "install a newer gateconsole", where)


def _entry(place: str, path: json_position.Path, fields: Any) -> Entry:
    """One entry of the whitelist; unknown keys are welcome."""
    if not isinstance(fields, dict):
        remedy = 'write {"reason": ..., "justification": ...}'
        raise WhitelistError(f"{place} is neither a text nor an object", remedy, _at(*path))
    reason = fields.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        what = f"{place}: reason is missing, blank or no text"
        raise WhitelistError(what, "name the unknown class it lists", _field(path, "reason"))
    scope = fields.get("scope")
    if scope is not None and scope not in _SCOPES:
        what = f"{place}, reason {_quoted(reason)}: scope is not pinned, unpinned or null"
        raise WhitelistError(what, "mend the scope", _field(path, "scope"))
    texts = [fields.get(key) for key in _TEXTS]
    for key, text in zip(_TEXTS, texts, strict=True):
        if text is None or (type(text) is str and text.isascii()):
            continue
        if not isinstance(text, str):
            what = f"{place}, reason {_quoted(reason)}: {key} is no text"
            raise WhitelistError(what, "write it in quotes", _field(path, key))
        _check_well_formed(f"{place}, reason {_quoted(reason)}", text, _field(path, key))
    _, justification, *others = texts
    if others[-1] and date_of(others[-1]) is None:
        what = f"{place}, reason {_quoted(reason)}: expires_at is no day"
        raise WhitelistError(what, "write it such as 2026-05-20, or null", _field(path, "expires_at"))
    return Entry(reason, justification or "", scope, *others)


def _field(path: json_position.Path, key: str) -> Locate:
    """The field of an entry, or the entry where it has none or is no object of its own."""

    def locate(text: str) -> int | None:
        at = json_position.value_at(text, (*path, key))
        return json_position.value_at(text, path) if at is None else at

    return locate


def _check_well_formed(place: str, text: str, locate: Locate) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise WhitelistError(f"{place}: a lone surrogate", "write well-formed Unicode", locate) from error


def _quoted(text: str) -> str:
    """The start of a text as it is named in a message."""
    return json.dumps(text if len(text) <= 60 else text[:60] + "...", ensure_ascii=False)


class FollowedWhitelist:
    """The whitelist of a file that people, editors and git change. Times are microseconds UTC; used by one thread.

    The last list that was read stays in force while the file is broken or may not be read, and for SETTLE while it is
    missing (rule G16).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.current: Whitelist = EMPTY
        """What is in force; with a `problem` while the file is broken."""
        self._mark: tuple[int, ...] | None = None
        self._since = 0
        self._due = True
        self._whole_at: int | None = None

    @property
    def meanwhile(self) -> str:
        """What is in force while there is a problem, in words."""
        if self._whole_at is None or not self.current.entries:
            return "until then no whitelist is in force"
        return f"until then the list as it was at {iso_second(self._whole_at)} stays in force"

    def look(self, now: int) -> bool:
        """Read the file if it may be another one than at the last look; true when something else is in force.

        A changed file is read again until SETTLE after the first look at it, by this machine's clock: its own time
        stamps may be coarse, or of another clock.
        """
        before, mark = self.current, _mark(self.path)
        if mark != self._mark:
            self._mark, self._since, self._due = mark, now, True
        settled = not 0 <= now - self._since < SETTLE
        if mark in _ABSENT:
            if settled or not self.current.entries:
                self.current, self._whole_at = EMPTY, now
        elif self._due:
            self._take(read(self.path), now)
        elif self.current.problem is None:
            self._whole_at = now
        self._due = not settled
        self.current = self.current.at(now)
        return self.current != before

    def _take(self, read_now: Whitelist, now: int) -> None:
        """A reading of the file: in force, or what is wrong with it beside the last list."""
        if read_now.problem is None:
            self.current, self._whole_at = read_now, now
        else:
            self.current = replace(self.current, problem=read_now.problem)


def _mark(path: Path) -> tuple[int, ...]:
    """What tells one state of a file from another; the error's number alone when it cannot be asked."""
    try:
        status = os.stat(path)
    except OSError as problem:
        return (problem.errno or 0,)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
