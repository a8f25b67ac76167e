"""The kinds of event, their versions, and one event as one line of JSON. No I/O, no clock.

The registry is open: who keeps other acts here adds a payload and a row to KINDS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from math import isfinite
from types import MappingProxyType
from typing import Any, Final, NamedTuple, get_type_hints

from gateconsole.ledger import payloads, payloads_alerts, payloads_whitelist
from gateconsole.text import iso_time, printable

Payload = tuple[Any, ...]
"""Any of the payloads: a named tuple of texts, numbers, booleans and tuples of text."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)
_FIELDS: Final = ("seq", "id", "time", "actor", "kind", "version", "payload")


class EventError(Exception):
    """An event cannot be read; the text says what was expected."""


class Event(NamedTuple):
    """One thing that happened. `at` is microseconds since 1970 UTC, `payload` canonical JSON, `seq` counts from 1."""

    seq: int
    id: str
    at: int
    actor: str
    kind: str
    version: int
    payload: str


class EventKind(NamedTuple):
    """What events of a kind carry, and the version of it that this program writes and the highest it reads.

    `later`: fields that events of earlier versions lack -> the version they came with; the payload has their default.
    """

    payload: type[Payload]
    version: int = 1
    later: Mapping[str, int] = MappingProxyType({})

    def fields(self, version: int) -> tuple[str, ...]:
        """The fields of an event of a version, in their order."""
        return tuple(name for name in _hints(self.payload) if self.later.get(name, 1) <= version)


CREATED: Final = "ledger_created"
CONTINUED: Final = "ledger_continued"

QUEUE_KINDS: Final[dict[str, EventKind]] = {
    "testcase_configured": EventKind(payloads.TestcaseConfigured),
    "testcase_renamed": EventKind(payloads.TestcaseRenamed),
    "testcase_retired": EventKind(payloads.TestcaseRetired),
    "patch_submitted": EventKind(payloads.PatchSubmitted),
    "patch_put_first": EventKind(payloads.PatchPutFirst),
    "patch_revised": EventKind(payloads.PatchRevised),
    "patch_withdrawn": EventKind(payloads.PatchWithdrawn),
    "patch_conflicted": EventKind(payloads.PatchConflicted),
    "patch_landed": EventKind(payloads.PatchLanded),
    "held": EventKind(payloads.PatchHeld),
    "released": EventKind(payloads.PatchReleased),
    "dispatched": EventKind(payloads.RunDispatched, 2, {"anyway": 2}),
    "result": EventKind(payloads.RunResult),
    "artifact_result": EventKind(payloads.ArtifactResult),
    "lost": EventKind(payloads.RunLost),
    "base_result": EventKind(payloads.BaseResult, 2),
    "marked": EventKind(payloads.RunMarked),
    "reopened": EventKind(payloads.PatchReopened),
    "paused": EventKind(payloads.TestcasePaused),
    "resumed": EventKind(payloads.TestcaseResumed),
    "p_adopted": EventKind(payloads.PAdopted),
}
"""Kinds that the queue is folded from."""

ACT_KINDS: Final[dict[str, EventKind]] = {
    "alert_acknowledged": EventKind(payloads_alerts.AlertAcknowledged),
    "alert_snoozed": EventKind(payloads_alerts.AlertSnoozed),
    "level_adopted": EventKind(payloads_alerts.LevelAdopted),
    "alarm_judged": EventKind(payloads_alerts.AlarmJudged, 2, {"job": 2}),
    "act_undone": EventKind(payloads_alerts.ActUndone),
    "alert_notified": EventKind(payloads_alerts.AlertNotified),
    "alert_vanished": EventKind(payloads_alerts.AlertVanished),
    "hook_attempted": EventKind(payloads_alerts.HookAttempted),
    "hook_failed": EventKind(payloads_alerts.HookFailed),
}
"""Kinds that operators' acts on alerts and alarms are folded from (`gateconsole.judgement.operator_acts`)."""

WHITELIST_KINDS: Final[dict[str, EventKind]] = {
    "whitelist_added": EventKind(payloads_whitelist.WhitelistAdded),
    "whitelist_edited": EventKind(payloads_whitelist.WhitelistEdited),
    "whitelist_retired": EventKind(payloads_whitelist.WhitelistRetired),
    "whitelist_undone": EventKind(payloads_whitelist.WhitelistUndone),
}
"""Kinds that keep the whitelist's history (`gateconsole.whitelist.history`); the file itself is the truth."""

KINDS: Final[dict[str, EventKind]] = {
    CREATED: EventKind(payloads.LedgerCreated),
    CONTINUED: EventKind(payloads.LedgerContinued),
    **QUEUE_KINDS,
    **ACT_KINDS,
    **WHITELIST_KINDS,
}
"""Every kind this program knows."""


def kind_of(payload: Payload) -> str:
    """The kind that a payload belongs to."""
    return next(name for name, kind in KINDS.items() if kind.payload is type(payload))


def encode(payload: Payload) -> str:
    """A payload as canonical JSON: fields in their order, ASCII, no blanks."""
    return _json(payload._asdict())  # type: ignore[attr-defined]


def decode(event: Event) -> Payload:
    """The payload of an event. Raises EventError: an unknown kind or version, a field that does not fit."""
    kind = KINDS.get(event.kind)
    if kind is None or event.version > kind.version:
        raise EventError(
            f"event {event.seq}: {printable(event.kind)} version {event.version} is newer than this program: update it"
        )
    try:
        fields = json.loads(event.payload)
    except (ValueError, RecursionError) as error:
        raise EventError(f"event {event.seq}: the payload is no JSON: {error}") from error
    names, hints = kind.fields(event.version), _hints(kind.payload)
    if not isinstance(fields, dict) or tuple(fields) != names:
        raise EventError(f"event {event.seq}: {event.kind}: expected the fields {', '.join(names)}")
    for name in names:
        if not _fits(fields[name], hints[name]):
            raise EventError(f"event {event.seq}: {event.kind}: {name}: expected {_shown(hints[name])}")
    return kind.payload(**{name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()})


def line_of(event: Event) -> str:
    """An event as one line of `queue log`, without the line's end; the payload's bytes as they are stored."""
    head = _json({"seq": event.seq, "id": event.id, "time": iso_time(event.at), "actor": event.actor})
    tail = _json({"kind": event.kind, "version": event.version})
    return f'{head[:-1]},{tail[1:-1]},"payload":{event.payload}}}'


def event_of(line: str) -> Event:
    """The event of a line that `line_of` wrote. Raises EventError."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise EventError(f"no JSON: {error}") from error
    if not isinstance(fields, dict) or tuple(fields) != _FIELDS:
        raise EventError(f"expected the fields {', '.join(_FIELDS)}")
    for name, expected in (("seq", int), ("id", str), ("time", str), ("actor", str), ("kind", str), ("version", int)):
        if not _fits(fields[name], expected):
            raise EventError(f"{name}: expected {'a whole number' if expected is int else 'a text'}")
    event = Event(
        fields["seq"],
        fields["id"],
        _micros(fields["time"]),
        fields["actor"],
        fields["kind"],
        fields["version"],
        _json(fields["payload"]),
    )
    if line_of(event) != line:
        raise EventError("not as `queue log` writes it")
    return event


@cache
def _hints(payload: type[Payload]) -> dict[str, Any]:
    return get_type_hints(payload)


def _micros(text: str) -> int:
    if not _TIME.fullmatch(text):
        raise EventError("time: expected ISO 8601 in UTC, such as 2026-03-01T00:00:00Z")
    try:
        return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)
    except ValueError as error:
        raise EventError(f"time: {error}") from error


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":")).replace("\x7f", "\\u007f")


def _fits(value: object, hint: object) -> bool:
    if hint == tuple[str, ...]:
        return isinstance(value, list) and all(_is_text(item) for item in value)
    if hint == str | None:
        return value is None or _is_text(value)
    if hint == int | None:
        return value is None or type(value) is int
    if hint is float:
        return type(value) is float and isfinite(value)
    return _is_text(value) if hint is str else type(value) is hint


def _is_text(value: object) -> bool:
    """Whether a value is a text that can be stored: without a lone surrogate."""
    return isinstance(value, str) and (value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value))


def _shown(hint: object) -> str:
    words: dict[object, str] = {
        str: "a text",
        int: "a whole number",
        float: "a number with a point",
        bool: "true or false",
        tuple[str, ...]: "a list of texts",
        int | None: "a whole number or null",
    }
    return words.get(hint, "a text or null")
