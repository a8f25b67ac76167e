"""Bytes -> Run | Rejection: rules G2-G4, G8-G14."""

import json
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.artifacts import decode as module
from gateconsole.artifacts.decode import MAX_DEPTH, decode
from gateconsole.model import NONE, Rejection, Run
from gateconsole.text import iso_time


def run(raw: bytes | str, folder: str = "x/run-1") -> Run:
    data = raw.encode() if isinstance(raw, str) else raw
    result = decode(data, folder)
    assert isinstance(result, Run), result
    return result


def rejection(raw: bytes | str) -> Rejection:
    data = raw.encode() if isinstance(raw, str) else raw
    result = decode(data, "x")
    assert isinstance(result, Rejection), result
    return result


def rules(found: Run) -> list[tuple[str, str]]:
    return [(note.rule, note.field) for note in found.diagnostics]


def artifact(**fields: Any) -> str:
    whole = {"policy_hash": "a6f53e", "outcome": "PASS", "unknown_rate": 0.0, "top_reasons": []}
    return json.dumps({**whole, **fields})


def test_the_seeds_example_is_read_as_it_stands() -> None:
    seed = '{ "policy_hash": "a6f53e", "outcome": "COMMENT", "unknown_rate": 0.08, "top_reasons": ["flaky_test"] }'
    found = run(seed)
    assert found == Run("x/run-1", None, "a6f53e", "COMMENT", 0.08, ("flaky_test",), None, ())


@pytest.mark.parametrize(
    ("raw", "rule", "place", "unfinished"),
    [
        (b"", "not_one_json_object", "line 1 column 1", True),
        (b'{"outcome":"PA', "not_one_json_object", "line 1 column 12", True),
        (b'{"outcome":"PASS"}\n{"outcome":"PASS"}', "not_one_json_object", "line 2 column 1", True),
        (b"[]", "not_one_json_object", "line 1 column 1", False),
        (b"17", "not_one_json_object", "line 1 column 1", False),
        (b"null", "not_one_json_object", "line 1 column 1", False),
        (b'{"outcome":\n"PA\xffSS"}', "not_utf8", "line 2 column 4", True),
        (b'{"outcome":"PASS","outcome":"FAIL"}', "repeated_key", 'key "outcome"', False),
        (b'{"outcome":"PASS","counts":{"a":1,"a":1}}', "repeated_key", 'key "a"', False),
        (b'{"outcome" :"PASS","outcome":"FAIL"}', "repeated_key", 'key "outcome"', False),
        (b'{"outcome":"PASS","out\\u0063ome":"FAIL"}', "repeated_key", 'key "outcome"', False),
        (b'{"outcome":"\\ud800"}', "lone_surrogate", 'value of "outcome"', False),
        (b'{"outcome":"PASS","x":["\\udc00"]}', "lone_surrogate", 'value of "item 0"', False),
        (b'{"other":1}', "no_gate_fields", "line 1 column 1", False),
        (b"{}", "no_gate_fields", "line 1 column 1", False),
    ],
)
def test_what_is_no_run_is_rejected_with_rule_and_place(raw: bytes, rule: str, place: str, unfinished: bool) -> None:
    found = rejection(raw)
    assert (found.rule, found.place, found.unfinished) == (rule, place, unfinished)
    assert found.detail


def test_nesting_is_rejected_beyond_a_fixed_depth_and_brackets_in_text_do_not_count() -> None:
    deep = '{"outcome":"PASS","x":' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}"
    allowed = '{"outcome":"PASS","x":' + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1) + "}"
    assert rejection(deep).rule == "too_deep"
    assert rejection("[" * 1_000_000).rule == "too_deep"
    assert run(allowed).outcome == "PASS"
    assert run(artifact(note="[{" * 200)).diagnostics == ()


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("0", 0.0), ("1", 1.0), ("0.0", 0.0), ("-0.0", 0.0), ("-0", 0.0), ("1.000", 1.0), ("0.080", 0.08),
        ("8e-2", 0.08), ("1e-5", 1e-5), ("0.30000000000000004", 0.30000000000000004),
        ("0.05000000000000000", 0.05), ("0.38000000000000000", 0.38), ("0.10000000000000001", 0.1),
        ("0.29999999999999999", 0.3), ("1.0000000000000000", 1.0), ("3.8000000000000000e-01", 0.38),
    ],
)  # fmt: skip
def test_a_rate_is_the_fraction_as_written(written: str, rate: float) -> None:
    found = run('{"policy_hash":"p","outcome":"PASS","top_reasons":[],"unknown_rate":' + written + "}")
    assert found.unknown_rate == rate
    assert math.copysign(1, found.unknown_rate or 0.0) == 1
    assert found.diagnostics == ()


@pytest.mark.parametrize(
    "written",
    [
        "8", "1.0001", "-0.1", '"0.08"', "true", "NaN", "Infinity", "-Infinity", "1e400", "[0.1]", "{}",
        "1.0000000000000000000001", "9" * 5000, "1e99999999999999999999", "1." + "0" * 400 + "1",
        "-1e-400", "-0." + "0" * 400 + "1",
    ],
)  # fmt: skip
def test_an_unusable_rate_is_null_with_a_diagnostic_and_never_scaled(written: str) -> None:
    found = run('{"policy_hash":"p","outcome":"PASS","top_reasons":["a"],"unknown_rate":' + written + "}")
    assert found.unknown_rate is None
    assert rules(found) == [("rate_unusable", "unknown_rate")]
    assert found.unknown_classes == ()


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("0.1000000000000000000001", 0.1), ("0.12345678901234567890", 0.12345678901234568),
        ("0.0500000000000000000000000", 0.05), ("1.00000000000000000000", 1.0), ("1e-400", 0.0),
        ("1e-99999999999999999999", 0.0), ("0." + "0" * 400 + "1", 0.0), ("0." + "9" * 400, 1.0),
    ],
)  # fmt: skip
def test_a_rate_of_more_digits_than_a_double_takes_is_the_nearest_one_and_noted(written: str, rate: float) -> None:
    found = run('{"policy_hash":"p","outcome":"PASS","top_reasons":[],"unknown_rate":' + written + "}")
    assert found.unknown_rate == rate
    assert rules(found) == [("rate_rounded", "unknown_rate")]


@given(st.floats(0, 1))
def test_what_c_and_php_write_of_a_rate_is_that_rate(rate: float) -> None:
    for written in (f"{rate:.17g}", f"{rate:.16e}", repr(rate)):
        found = run('{"policy_hash":"p","outcome":"PASS","top_reasons":[],"unknown_rate":' + written + "}")
        assert (found.unknown_rate, found.diagnostics) == (rate, ())


@pytest.mark.parametrize("fields", ['"policy_hash":"  "', '"policy_hash":7', '"policy_hash":null', '"x":1'])
def test_a_run_without_a_policy_is_kept_in_a_group_of_its_own(fields: str) -> None:
    found = run('{"outcome":"PASS","unknown_rate":0.0,"top_reasons":[],' + fields + "}")
    assert found.policy_hash == NONE
    assert rules(found) == [("field_missing", "policy_hash")]


def test_policies_are_trimmed_and_keep_their_case() -> None:
    assert run(artifact(policy_hash="  A6F53e ")).policy_hash == "A6F53e"


def test_outcomes_are_trimmed_and_upper_cased_and_an_unknown_word_is_kept() -> None:
    assert run(artifact(outcome=" warn ")).outcome == "WARN"
    odd = run(artifact(outcome="Skipped"))
    assert (odd.outcome, rules(odd)) == ("SKIPPED", [("outcome_unknown", "outcome")])
    none = run(artifact(outcome=["PASS"]))
    assert (none.outcome, rules(none)) == (NONE, [("field_missing", "outcome")])


@pytest.mark.parametrize(
    ("value", "reasons", "dropped"),
    [
        (None, (), 0), ("", (), 0), ("flaky_test", ("flaky_test",), 0), (["b", "a", "b"], ("b", "a"), 0),
        (["a", " ", 7, None, "b"], ("a", "b"), 3), (["a", "b", "c", "d"], ("a", "b", "c", "d"), 0),
        (17, (), 1), ({"a": 1}, (), 1), ("  ", (), 1), ([" a "], ("a",), 0), ("flaky_test\r", ("flaky_test",), 0),
        (["a\r", "a", "\ta"], ("a",), 0), ([{"reason": " "}], (), 1), ([{"reason": 7, "message": "x"}], (), 1),
    ],
)  # fmt: skip
def test_reasons_keep_their_order_each_once(value: object, reasons: tuple[str, ...], dropped: int) -> None:
    found = run(artifact(top_reasons=value))
    assert found.top_reasons == reasons
    assert rules(found) == [("reason_dropped", "top_reasons")] * dropped


def test_a_note_quotes_what_was_written() -> None:
    written = '{"foo": 1, "bar": [1.50, true, null, "1"]}'
    found = run(artifact().replace("[]", f"[{written}]").replace("0.0", "0.38000000000000000"))
    assert [note.detail for note in found.diagnostics] == [written]


@pytest.mark.parametrize("name", ["reason", "code", "name", "msg"])
def test_a_reason_in_an_object_is_its_text_and_noted(name: str) -> None:
    found = run(artifact(top_reasons=[{"weight": 3, name: " flaky_test\r"}, "dns"]))
    assert found.top_reasons == ("flaky_test", "dns")
    assert rules(found) == [("reason_in_object", "top_reasons")]
    assert run(artifact(top_reasons={"msg": "m", "code": 7, "name": "n"})).top_reasons == ("n",)


@pytest.mark.parametrize(
    ("written", "micros"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000), ("1970-01-01T00:00:01", 1_000_000),
        ("1970-01-01T02:00:01+02:00", 1_000_000),
        ("1970-01-01 00:00:00.5Z", 500_000), ("19700101T000001Z", 1_000_000), ("1970-01-02", 86_400_000_000),
        ("1970-01-01T00:00:00.1234567Z", 123_456), ("1969-12-31T23:59:59Z", -1_000_000), ("1970-W01-4", 0),
        ("1970-01-01 02:00:01 +0200", 1_000_000), ("1970-01-01T02:00:01 +02:00", 1_000_000),
        ("1970-01-01 00:00:01 Z", 1_000_000), ("1970-01-01T00:00:01Z\r", 1_000_000), (" 1970-01-01", 0),
    ],
)  # fmt: skip
def test_timestamps_are_utc_and_a_naive_one_is_too(written: str, micros: int) -> None:
    found = run(artifact(timestamp=written))
    assert (found.timestamp, found.diagnostics) == (micros, ())


@pytest.mark.parametrize(
    "written",
    ["yesterday", "", "2026-03-01 10:00:00  +0100", "2026-03-01 +0100", "2026-03-01T10 :00:00", "2026-13-01",
     "2026-03-01T24:00:00", "2026-03-01T10:00:60Z", 1772323200, True,
     "2026-03-01x10:00:00", "9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+10:00", "2026-03-01T10:00:00+25:00"],
)  # fmt: skip
def test_a_malformed_timestamp_is_null_with_a_diagnostic(written: object) -> None:
    found = run(artifact(timestamp=written))
    assert (found.timestamp, rules(found)) == (None, [("timestamp_malformed", "timestamp")])


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-03-01T10:00:00", "2026-03-01T09:00:00Z"), ("2026-07-01 10:00:00", "2026-07-01T08:00:00Z"),
        ("2026-07-01", "2026-06-30T22:00:00Z"), ("2026-07-01T10:00:00Z", "2026-07-01T10:00:00Z"),
        ("2026-07-01 10:00:00 -0500", "2026-07-01T15:00:00Z"),
    ],
)  # fmt: skip
def test_a_time_without_an_offset_is_of_the_zone_that_is_set(written: str, utc: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    for result in (decode(artifact(timestamp=written).encode(), "f", zone),
                   module._decode_strictly(artifact(timestamp=written).encode(), "f", zone)):  # fmt: skip
        assert isinstance(result, Run)
        assert result.timestamp is not None
        assert iso_time(result.timestamp) == utc


@pytest.mark.parametrize(
    ("raw", "job", "noted"),
    [
        ('"fedora"', "fedora", 0), ('" fedora\\r"', "fedora", 0), ("17", "17", 0), ("1.50", "1.50", 0),
        ("null", None, 0), ('" "', None, 1), ("true", None, 1), ('["fedora"]', None, 1),
    ],
)  # fmt: skip
def test_a_job_is_text_or_a_number_as_written(raw: str, job: str | None, noted: int) -> None:
    found = run('{"policy_hash":"p","outcome":"PASS","unknown_rate":0.1,"top_reasons":[],"job":' + raw + "}")
    assert (found.job, found.attempt) == (job, None)
    assert rules(found) == [("job_unusable", "job")] * noted


@pytest.mark.parametrize(
    ("raw", "attempt", "noted"),
    [
        ("2", 2, 0), ("0", 0, 0), ("2.0", 2, 0), ("null", None, 0), ("-1", None, 1), ("1.5", None, 1),
        ("true", None, 1), ('"2"', None, 1), ("1e30", None, 1), ("1e999999999999", None, 1),
        ("NaN", None, 1), ("Infinity", None, 1),
    ],
)  # fmt: skip
def test_an_attempt_is_a_whole_number(raw: str, attempt: int | None, noted: int) -> None:
    found = run('{"policy_hash":"p","outcome":"PASS","unknown_rate":0.1,"top_reasons":[],"attempt":' + raw + "}")
    assert (found.job, found.attempt) == (None, attempt)
    assert rules(found) == [("attempt_unusable", "attempt")] * noted


@pytest.mark.parametrize(
    ("raw", "run_id", "noted"),
    [
        ('"run-7"', "run-7", 0), ("17", "17", 0), ("1.50", "1.50", 0), ("null", "x/run-1", 0),
        ('"run-7\\r"', "run-7", 0),
        ('""', "x/run-1", 1), ('"  "', "x/run-1", 1), ("true", "x/run-1", 1), ("[1]", "x/run-1", 1),
    ],
)  # fmt: skip
def test_a_run_id_is_text_or_a_number_as_written_else_the_folder(raw: str, run_id: str, noted: int) -> None:
    found = run('{"policy_hash":"p","outcome":"PASS","unknown_rate":0.1,"top_reasons":[],"run_id":' + raw + "}")
    assert found.run_id == run_id
    assert rules(found) == [("run_id_unusable", "run_id")] * noted


@pytest.mark.parametrize(
    ("fields", "stratum", "noted"),
    [
        ({}, None, []), ({"stratum": "pinned"}, "pinned", []), ({"stratum": " Unpinned "}, "unpinned", []),
        ({"pinned": True}, "pinned", []), ({"pinned_flag": False}, "unpinned", []),
        ({"stratum": "pinned", "pinned": False}, "pinned", [("stratum_conflict", "stratum")]),
        ({"stratum": "both"}, None, [("stratum_unusable", "stratum")]),
        ({"stratum": "both", "pinned": True}, "pinned", [("stratum_unusable", "stratum")]),
        ({"pinned": "yes"}, None, [("stratum_unusable", "pinned")]), ({"stratum": None}, None, []),
    ],
)  # fmt: skip
def test_the_stratum_is_what_the_artifact_says(
    fields: dict[str, object], stratum: str | None, noted: list[tuple[str, str]]
) -> None:
    found = run(artifact(**fields))
    assert (found.stratum, rules(found)) == (stratum, noted)


def test_further_fields_are_never_an_error() -> None:
    assert run(artifact(mode="comment", counts={"checks": 9}, anything=[{"a": 1}, {"a": 1}])).diagnostics == ()


def test_a_byte_order_mark_is_ignored_and_said() -> None:
    found = run(b"\xef\xbb\xbf" + artifact().encode())
    assert (found.policy_hash, rules(found)) == ("a6f53e", [("byte_order_mark", "")])


_text = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(["a:b", ":", '":', "pinned", "WARN", "\\"])
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=6,
)
_documents = st.fixed_dictionaries(
    {},
    optional={
        "policy_hash": _text | _values,
        "outcome": _text | _values,
        "unknown_rate": st.floats(0, 1) | st.sampled_from([0.08, 1, 0, -0.0]) | _values,
        "top_reasons": st.lists(_text, max_size=4) | _values,
        "run_id": _text | _values,
        "timestamp": st.datetimes().map(str) | st.sampled_from(["2026-03-01 10:00:00 +0100", "2026-03-01\r"]) | _values,
        "job": _text | _values,
        "attempt": st.integers(-1, 3) | _values,
        "stratum": st.sampled_from(["pinned", "unpinned"]) | _values,
        "pinned": st.booleans(),
        "more": _values,
    },
)


def _without_details(result: Run | Rejection) -> object:
    return (result[:7], result[8:], rules(result)) if isinstance(result, Run) else (result.rule, result.place)


_separators = st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")])


@given(_documents, st.booleans(), st.sampled_from([None, 2]), _separators)
def test_the_quick_way_and_the_strict_way_agree(
    fields: dict[str, object], ascii_only: bool, indent: int | None, separators: tuple[str, str]
) -> None:
    data = json.dumps(fields, ensure_ascii=ascii_only, indent=indent, separators=separators).encode()
    assert _without_details(decode(data, "f")) == _without_details(module._decode_strictly(data, "f"))


_pairs = st.lists(st.tuples(st.sampled_from(["outcome", "a", "b:"]), _text), max_size=5)


@given(_pairs, st.sampled_from([":", " :", "\n:"]))
def test_a_repeated_key_never_passes(pairs: list[tuple[str, str]], colon: str) -> None:
    body = ",".join(json.dumps(k, ensure_ascii=False) + colon + json.dumps(v, ensure_ascii=False) for k, v in pairs)
    result = decode(("{" + body + "}").encode(), "f")
    if len({key for key, _ in pairs}) < len(pairs):
        assert isinstance(result, Rejection)
        assert result.rule == "repeated_key"
    else:
        assert isinstance(result, Run) == ("outcome" in dict(pairs))


@given(st.binary(max_size=40) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_crash_it(data: bytes) -> None:
    assert isinstance(decode(data, "f"), Run | Rejection)


@given(st.decimals(0, 1, allow_nan=False, places=25) | st.floats(0, 1).map(Decimal))
def test_a_rate_is_the_double_nearest_to_the_decimal_as_written(written: Decimal) -> None:
    found = run('{"outcome":"PASS","unknown_rate":' + format(written, "f") + "}")
    assert found.unknown_rate is not None
    assert Fraction(found.unknown_rate) == Fraction(float(Fraction(written)))
    digits = format(written, "f").replace(".", "").lstrip("0")
    lost = len(digits) > 17 or (found.unknown_rate == 0.0 and written != 0)
    assert (("rate_rounded", "unknown_rate") in rules(found)) is lost
