"""The fields of an artifact -> Run, each unusable one noted (rules 2.1, G3, G4, G8-G14). Pure."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from gateconsole.model import NONE, OUTCOMES, STRATA, Diagnostic, DiagnosticRule, Rejection, Run, Stratum

GATE_FIELDS: Final = frozenset({"policy_hash", "outcome", "unknown_rate", "top_reasons"})
"""The four fields the seed requires; a file with none of them is no artifact (rule G2)."""

_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_DETAIL_LENGTH: Final = 80

_make_run = tuple.__new__  # half the time of calling the class

_is_timestamp = re.compile(
    r"(?:\d{4}-\d\d-\d\d|\d{8}|\d{4}-W\d\d-\d|\d{4}W\d{3})"
    r"(?:[T ](?:[01]\d|2[0-3])(?::?[0-5]\d(?::?[0-5]\d(?:[.,]\d+)?)?)?(?: ?(?:Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?))?)?",
    re.ASCII,
).fullmatch
"""The forms of ISO 8601 that are read, and a blank before the offset, so that every Python version reads the same."""

_DIGITS: Final = 17
"""Significant digits of a rate beyond which it is noted: so many are enough to tell any two doubles apart."""

_WHOLE_DIGITS: Final = 300
"""Digits of a whole number up to which it is read also when it is written with a point or an exponent."""

_LARGEST_ATTEMPT: Final = 2**62
_NAMES_OF_REASON: Final = ("reason", "code", "name", "msg")


class Number(str):
    """A JSON number as written."""

    __slots__ = ()


def run_of(fields: dict[str, Any], folder: str, marks: tuple[Diagnostic, ...], zone: tzinfo = UTC) -> Run | Rejection:
    """The run of these fields; each reader appends what was unusable. `zone`: of timestamps that name none."""
    notes: list[Diagnostic] = []
    policy_hash = fields.get("policy_hash")
    if type(policy_hash) is not str or not (policy_hash := policy_hash.strip()):
        if GATE_FIELDS.isdisjoint(fields):
            return no_gate_fields()
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
    if type(reasons) is list and len(reasons) == 1 and type(reasons[0]) is str and (reason := reasons[0].strip()):
        top_reasons: tuple[str, ...] = (reason,)
    else:
        top_reasons = _reasons(reasons, fields, notes)
    run_id = fields.get("run_id")
    if type(run_id) is not str or not (run_id := run_id.strip()):
        run_id = _odd_run_id(fields.get("run_id"), folder, notes)
    written = fields.get("timestamp")
    timestamp = None if written is None else _timestamp(written, zone, notes)
    stratum = fields.get("stratum")
    if stratum not in STRATA or "pinned" in fields or "pinned_flag" in fields:
        stratum = _odd_stratum(fields, notes)
    job = attempt = None
    if "job" in fields or "attempt" in fields:
        job, attempt = _job(fields.get("job"), notes), _attempt(fields.get("attempt"), notes)
    if "queue_run" in fields:
        _queue_fields(fields, notes)
    diagnostics = (*marks, *notes) if notes or marks else ()
    return _make_run(
        Run, (run_id, timestamp, policy_hash, outcome, rate, top_reasons, stratum, diagnostics, job, attempt)
    )


def patch_name(value: object) -> str | None:
    """A patch as an artifact may name it: a text, or a whole number, which becomes one; None for anything else."""
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    if type(value) is Number and value.removeprefix("-").isdecimal():
        return str(value)
    if type(value) is Number or type(value) is float:
        try:
            number = Decimal(str(value))
            whole = number.is_finite() and abs(number.adjusted()) < _WHOLE_DIGITS and number == int(number)
        except InvalidOperation:
            return None
        return str(int(number)) if whole else None
    return None


def _queue_fields(fields: dict[str, Any], notes: list[Diagnostic]) -> None:
    """What a result of the queue must say beside its run (rule Q20); whether it is true the ledger knows."""
    run = fields["queue_run"]
    if run is None:
        return
    if type(run) is not str or not run.strip():
        _note(notes, "queue_run_unusable", "queue_run", run)
    testcase, patches = fields.get("testcase"), fields.get("patches")
    if testcase is None:
        _missing(fields, "testcase", notes)
    elif type(testcase) is not str or not testcase.strip():
        _note(notes, "field_not_text", "testcase", testcase)
    if patches is None:
        _missing(fields, "patches", notes)
    elif type(patches) is not list:
        _note(notes, "patches_unusable", "patches", patches)
    else:
        for patch in patches:
            if patch_name(patch) is None:
                _note(notes, "patches_unusable", "patches", patch)


def _note(notes: list[Diagnostic], rule: DiagnosticRule, field: str, value: object) -> None:
    notes.append(Diagnostic(rule, field, excerpt(value)))


def excerpt(value: object) -> str:
    """A value as JSON-like text of bounded length, for a diagnostic."""
    shown = _written(value)
    return shown if len(shown) <= _DETAIL_LENGTH else shown[: _DETAIL_LENGTH - 1] + "…"


def _written(value: object) -> str:
    """A value as JSON, its numbers as they were written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_written(key)}: {_written(part)}' for key, part in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    return json.dumps(value, ensure_ascii=False, default=str)


def _missing(fields: dict[str, Any], field: str, notes: list[Diagnostic]) -> str:
    value = fields.get(field)
    _note(notes, "field_missing", field, value) if field in fields else notes.append(
        Diagnostic("field_missing", field, "absent")
    )
    return NONE


def _odd_outcome(fields: dict[str, Any], notes: list[Diagnostic]) -> str:
    """An outcome that is not one of the known words as they stand (rule G9)."""
    value = fields.get("outcome")
    word = value.strip().upper() if type(value) is str else ""
    if not word:
        return _missing(fields, "outcome", notes)
    if word not in OUTCOMES:
        _note(notes, "outcome_unknown", "outcome", value)
    return word


def _odd_rate(fields: dict[str, Any], notes: list[Diagnostic]) -> float | None:
    """A rate that is not plainly a fraction: whole numbers, numbers as written, everything unusable (rule G10)."""
    value = fields.get("unknown_rate")
    if value is None:
        _missing(fields, "unknown_rate", notes)
        return None
    if type(value) is Number or type(value) is int:
        rate = _nearest(str(value))
        if rate is not None:
            if _is_rounded(str(value), rate):
                _note(notes, "rate_rounded", "unknown_rate", value)
            return rate
    _note(notes, "rate_unusable", "unknown_rate", value)
    return None


def _nearest(written: str) -> float | None:
    """The double nearest to a JSON number from 0 to 1; None for any other."""
    try:
        rate = float(written)
        if not 0.0 <= rate <= 1.0 or (rate == 1.0 and Decimal(written) > 1):
            return None
    except (ValueError, InvalidOperation, OverflowError):  # NaN and Infinity are told by the comparison
        return None
    return None if written.startswith("-") and _significant(written) else rate + 0.0


def _is_rounded(written: str, rate: float) -> bool:
    """Whether a rate has more digits than a double takes, or is so small that 0 is the nearest double."""
    digits = _significant(written)
    return len(digits) > _DIGITS or (rate == 0.0 and digits != "")


def _significant(written: str) -> str:
    """The digits of a JSON number from its first one that is not 0, those behind it included; empty for 0."""
    return written.lower().partition("e")[0].lstrip("-").replace(".", "").lstrip("0")


def _reasons(value: object, fields: dict[str, Any], notes: list[Diagnostic]) -> tuple[str, ...]:
    """The reasons in their order, each once (rule G14)."""
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
        reason = value.strip() if type(value) is str else _reason_in(value)
        if not reason:
            _note(notes, "reason_dropped", "top_reasons", value)
            continue
        if type(value) is not str:
            _note(notes, "reason_in_object", "top_reasons", value)
        kept[reason] = None
    return tuple(kept)


def _reason_in(value: object) -> str:
    """The text of a reason written as an object: the first of _NAMES_OF_REASON that is one; empty without any."""
    texts = [value.get(name) for name in _NAMES_OF_REASON] if type(value) is dict else []
    return next((text.strip() for text in texts if type(text) is str and text.strip()), "")


def _odd_run_id(value: object, folder: str, notes: list[Diagnostic]) -> str:
    """A run id that is no text with something in it: numbers become text, else the folder (rule G3)."""
    if isinstance(value, Number):
        return str(value)
    if value is not None:
        _note(notes, "run_id_unusable", "run_id", value)
    return folder


def _job(value: object, notes: list[Diagnostic]) -> str | None:
    """Which job of its run wrote the artifact: a text or a number as written (rule G6)."""
    if isinstance(value, Number):
        return str(value)
    job = value.strip() if type(value) is str else ""
    if value is not None and not job:
        _note(notes, "job_unusable", "job", value)
    return job or None


def _attempt(value: object, notes: list[Diagnostic]) -> int | None:
    """Which attempt at the run this is: a whole number, 0 or more (rule G6)."""
    if type(value) in {Number, int, float}:
        try:
            number = Decimal(str(value))
            if 0 <= number <= _LARGEST_ATTEMPT and number == number.to_integral_value():
                return int(number)
        except InvalidOperation:
            pass
    if value is not None:
        _note(notes, "attempt_unusable", "attempt", value)
    return None


def _timestamp(value: object, zone: tzinfo, notes: list[Diagnostic]) -> int | None:
    """ISO 8601 -> microseconds since 1970 UTC; one without an offset is of this zone (rule G4)."""
    text = value.strip() if type(value) is str else ""
    if text and (_looks_plain(text) or _is_timestamp(text)):
        try:
            moment = datetime.fromisoformat(_without_blank(text))
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=zone)
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
    parted = len(text) in {20, 25} and text[10] == "T" and text[13] == ":" and text[16] == ":"
    return parted and text[19] != " " and text[11:13] != "24"


def _without_blank(text: str) -> str:
    """The same time without the blank before its offset."""
    day, _, time = text.partition(" ")
    return text if not time else f"{day}{time}" if "T" in day else f"{day} {time.replace(' ', '')}"


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


def no_gate_fields() -> Rejection:
    """The refusal of a JSON object that holds none of the four fields."""
    return Rejection(
        "no_gate_fields", "line 1 column 1", "expected policy_hash, outcome, unknown_rate or top_reasons; none is there"
    )
