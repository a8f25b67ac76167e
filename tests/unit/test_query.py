"""The query language: what a text asks for, which runs match, and what is told when it cannot be read."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.model import NONE
from gateconsole.query import EVERYTHING, KEYS, MAX_LENGTH, Query, QueryError, Term, Value, parse, term_for
from gateconsole.statistics.runs_frame import Row, frame_of, with_run_ids
from gateconsole.statistics.whitelist_split import STATES
from gateconsole.text import iso_time, join_list
from gateconsole.view import format_time, format_time_short

NOON = 1_772_370_965_000_000
"""2026-03-01T13:16:05Z."""

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def asked(text: str) -> Query:
    """The query of a text that is one."""
    query = parse(text)
    assert isinstance(query, Query), query
    return query


def wrong(text: str) -> QueryError:
    """What is told of a text that is none."""
    error = parse(text)
    assert isinstance(error, QueryError), error
    return error


def a_run(**fields: Any) -> dict[str, Any]:
    """A run of which only some fields matter; `reasons` are a tuple, `state` is whitelist_state."""
    plain = {
        "run_id": "run-1",
        "timestamp": NOON,
        "policy_hash": "a6f53e",
        "outcome": "PASS",
        "unknown_rate": 0.0,
        "reasons": (),
        "stratum": None,
        "folder": "day/job-1",
        "state": "none",
        "job": None,
    }
    return plain | fields


def frame(*runs: dict[str, Any]) -> pl.DataFrame:
    """Runs as the frame that expressions read."""
    rows: list[Row] = []
    for run in runs:
        joined = {**run, "reasons": join_list(run["reasons"])}
        rows.append(tuple(joined[name] for name in joined if name not in {"state", "job"}))
    states = pl.Series("whitelist_state", [run["state"] for run in runs], dtype=pl.Enum(STATES))
    jobs = pl.Series("job", [run["job"] for run in runs], dtype=pl.String)
    return with_run_ids(frame_of(rows)).with_columns(states, jobs)


def holds(text: str, **fields: Any) -> bool:
    """Whether a run with these fields matches, asked at NOON."""
    return bool(frame(a_run(**fields)).select(asked(text).expression(NOON)).item())


def test_the_empty_query_is_every_run() -> None:
    assert asked("  ") == EVERYTHING
    assert not EVERYTHING
    assert frame(a_run(), a_run()).filter(EVERYTHING.expression(NOON)).height == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"run_id": "x-NTP-9"},
        {"policy_hash": "antp"},
        {"outcome": "NTP"},
        {"reasons": ("other", "ntp_offset")},
        {"folder": "day/ntp/1"},
    ],
)
def test_a_bare_word_is_found_in_every_text_in_any_case(fields: dict[str, Any]) -> None:
    assert holds("nTp", **fields)
    assert not holds("!ntp", **fields)
    assert not holds("ntp")


def test_every_bare_word_must_be_found() -> None:
    assert holds("run a6f")
    assert not holds("run b71")


def test_quotes_hold_blanks_commas_and_colons() -> None:
    assert holds('"linux gcc,a:b"', folder="linux gcc,a:b/1")
    assert holds(r'"a \"b\" \\"', folder='a "b" \\')


def test_a_value_is_a_part_in_any_case_and_with_an_equals_sign_the_whole() -> None:
    assert holds("policy:A6F")
    assert holds("policy:=a6f53e")
    assert not holds("policy:=a6f")
    assert not holds("policy:=A6F53E")


def test_the_job_is_found_by_its_key_and_by_a_word() -> None:
    assert holds("job:deb", job="Debian 12") and holds("debian", job="Debian 12")
    assert holds('job:="Debian 12"', job="Debian 12") and not holds("job:=deb", job="Debian 12")
    assert not holds("job:deb") and not holds("deb") and holds("!deb")
    assert holds("job:none") and not holds("job:none", job="none") and holds('job:="none"', job="none")


def test_what_means_something_in_patterns_means_itself() -> None:
    assert holds("run:r.n+(", run_id="a r.n+(")
    assert not holds("run:r.n+(", run_id="runn(")


def test_a_reason_is_one_of_the_run_s_reasons() -> None:
    several = ("flaky_test", "a;b\\", "c")
    assert holds("reason:FLAKY", reasons=several)
    assert holds("reason:=flaky_test", reasons=several)
    assert holds("reason:=c", reasons=several)
    assert not holds("reason:=flaky", reasons=several)
    assert not holds("reason:=flaky_test", reasons=("flaky_test2",))


@given(st.lists(st.text("ab;\\", min_size=1, max_size=3), max_size=3), st.text("ab;\\", min_size=1, max_size=3))
def test_reasons_with_separators_are_told_apart(reasons: list[str], wanted: str) -> None:
    whole, part = term_for("reason", wanted), str(Query((Term("reason", (Value(wanted),)),)))
    assert holds(whole, reasons=tuple(reasons)) is (wanted in reasons)
    assert holds(part, reasons=tuple(reasons)) is any(wanted in reason for reason in reasons)


def test_commas_and_repeated_keys_are_alternatives() -> None:
    for text in ("outcome:FAIL,BLOCK", "outcome:FAIL outcome:BLOCK"):
        assert [holds(text, outcome=word) for word in ("FAIL", "BLOCK", "PASS")] == [True, True, False]
    assert asked("outcome:FAIL outcome:BLOCK") == asked("outcome:FAIL,BLOCK")


def test_different_keys_must_hold_together_and_inverted_terms_each() -> None:
    assert holds("policy:a6 stratum:pinned", stratum="pinned")
    assert not holds("policy:a6 stratum:pinned", stratum="unpinned")
    assert [holds("!outcome:PASS !outcome:WARN", outcome=word) for word in ("PASS", "WARN", "FAIL")] == [
        False,
        False,
        True,
    ]


def test_an_outcome_is_known_other_or_none() -> None:
    assert holds("outcome:fail", outcome="FAIL")
    assert [holds("outcome:other", outcome=word) for word in ("GREEN", "PASS", NONE)] == [True, False, False]
    assert [holds("outcome:none", outcome=word) for word in ("GREEN", NONE)] == [False, True]
    assert [holds("outcome:=GREEN", outcome=word) for word in ("GREEN", "green")] == [True, False]


def test_strata_and_states_have_their_own_words() -> None:
    assert [holds("stratum:none", stratum=stratum) for stratum in ("pinned", None)] == [False, True]
    assert [holds("!stratum:pinned", stratum=stratum) for stratum in ("pinned", "unpinned", None)] == [
        False,
        True,
        True,
    ]
    assert [holds("state:mixed,none", state=state) for state in STATES] == [False, False, True, True]


@pytest.mark.parametrize(
    ("text", "matching"),
    [
        ("rate:>0.04", [0.05, 1.0]),
        ("rate:>=0.04", [0.04, 0.05, 1.0]),
        ("rate:<.04", [0.0]),
        ("rate:<=0.04", [0.0, 0.04]),
        ("rate:0.04", [0.04]),
        ("rate:0.04..0.05", [0.04, 0.05]),
        ("rate:0.05..", [0.05, 1.0]),
        ("rate:..0.04", [0.0, 0.04]),
        ("rate:none", [None]),
        ("!rate:>0.04", [0.0, 0.04, None]),
    ],
)
def test_rates_are_compared_as_fractions(text: str, matching: list[float | None]) -> None:
    assert [rate for rate in (0.0, 0.04, 0.05, 1.0, None) if holds(text, unknown_rate=rate)] == matching


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("time:2026-03-01", -13 * HOUR - 16 * MINUTE - 5_000_000, 11 * HOUR - 16 * MINUTE - 5_000_000),
        ("time:03-01T13:16", -5_000_000, 55_000_000),
        ("time:2026-03-01T13:16:05Z", 0, 1_000_000),
        ("time:13:16", -5_000_000, 55_000_000),
        ("time:13:00..13:16", -16 * MINUTE - 5_000_000, 55_000_000),
        ("time:30m", -30 * MINUTE, None),
        ("since:30m", -30 * MINUTE, None),
        ("since:2h", -2 * HOUR - 5_000_000, None),
        ("time:2h..1h", -2 * HOUR - 5_000_000, -1 * HOUR - 5_000_000 + 1),
        ("until:13:16", None, 55_000_000),
        ("time:..13:16", None, 55_000_000),
        ("time:13:16..", -5_000_000, None),
        ("since:today", -13 * HOUR - 16 * MINUTE - 5_000_000, None),
        ("time:yesterday", -37 * HOUR - 16 * MINUTE - 5_000_000, -13 * HOUR - 16 * MINUTE - 5_000_000),
        ("since:13:17", -DAY + MINUTE - 5_000_000, None),
        ("time:2026-03-01T13:16:05.25Z", 250_000, 260_000),
        ("time:2026-03-01T13:16:05.123456Z", 123_456, 123_457),
        ("time:2026-03-01T13:16:05.1234567Z", 123_456, 123_457),
        ("time:2026-03-01T14:16:05+01:00", 0, 1_000_000),
        ("time:2026-03-01T08:46:05-0430", 0, 1_000_000),
        ("time:14:16+01", -5_000_000, 55_000_000),
        ("since:00:16:05-13:00", 0, None),
        ('time:"2026-03-01 13:16:05"', 0, 1_000_000),
        ('time:"03-01 13:16Z"', -5_000_000, 55_000_000),
        ('time:"2026-03-01 13:16:05.5.."', 500_000, None),
        ("time:2026-03", -13 * HOUR - 16 * MINUTE - 5_000_000, 31 * DAY - 13 * HOUR - 16 * MINUTE - 5_000_000),
    ],
)
def test_times_are_ranges_in_utc_up_to_the_end_of_what_is_named(
    text: str, first: int | None, after: int | None
) -> None:
    inside = [
        (first if first is not None else -99 * DAY, True),
        (after if after is not None else 99 * DAY, after is None),
    ]
    inside += [(first - 1, False)] if first is not None else []
    inside += [(after - 1, True)] if after is not None else []
    for offset, expected in inside:
        assert holds(text, timestamp=NOON + offset) is expected, offset


@given(st.integers(-(6 * 10**16), 2 * 10**17))
def test_a_time_as_the_console_writes_it_asks_for_the_run_of_that_time(timestamp: int) -> None:
    assert holds(f"time:{iso_time(timestamp)}", timestamp=timestamp)
    assert not holds(f"time:{iso_time(timestamp)}", timestamp=timestamp - 1)


@pytest.mark.parametrize("age", [0, DAY, 30 * DAY, 400 * DAY])
def test_a_time_as_a_list_writes_it_asks_for_the_run_of_that_time(age: int) -> None:
    for written in (format_time(NOON - age, NOON), format_time_short(NOON - age, NOON)):
        assert holds(f'time:"{written}"', timestamp=NOON - age), written


def test_a_date_without_a_year_is_the_latest_that_is_not_in_the_future() -> None:
    year = 365 * DAY
    assert holds("time:02-28", timestamp=NOON - DAY)
    assert holds("time:03-02", timestamp=NOON - year + DAY)
    assert not holds("time:03-02", timestamp=NOON + DAY)
    assert holds("time:02-29", timestamp=1_709_200_000_000_000)  # 2024


def test_an_undated_run_is_in_no_range_of_times() -> None:
    assert not holds("since:2000-01-01", timestamp=None)
    assert holds("!since:2000-01-01", timestamp=None)


def test_since_and_until_hold_together() -> None:
    assert holds("since:1h until:1m", timestamp=NOON - 2 * MINUTE)
    assert not holds("since:1h until:1m", timestamp=NOON)


def test_relative_times_move_by_whole_seconds_or_minutes() -> None:
    begin = NOON // HOUR * HOUR
    assert asked("since:30s").key(begin) == asked("since:30s").key(begin + 999_999)
    assert asked("since:30s").key(begin) != asked("since:30s").key(begin + 1_000_000)
    assert asked("since:2h").key(begin) == asked("since:2h").key(begin + MINUTE - 1)


@pytest.mark.parametrize(
    ("text", "offset", "said", "hint"),
    [
        ("outcome:FIAL", 8, "no outcome 'FIAL'", "did you mean FAIL?"),
        ("a oucome:FAIL", 2, "no key 'oucome'", "did you mean outcome:?"),
        ("a !xyzzy:1", 3, "no key 'xyzzy'", "there are policy, outcome"),
        ("linux:x86", 0, "no key 'linux'", "text with a colon stands in quotes"),
        ("stratum:pined", 8, "no stratum 'pined'", "did you mean pinned?"),
        ("state:white", 6, "no state 'white'", "whitelisted"),
        ("outcome:", 8, 'nothing after ":"', "expected PASS, COMMENT"),
        ("outcome:FAIL,", 13, 'nothing after ","', "expected PASS"),
        ("a !", 3, 'nothing after "!"', "write what to look for"),
        (",", 0, "a word is missing", "write what to look for"),
        ("!!flaky", 1, '"!" before a value', "one ! before the whole term"),
        ("a !!outcome:FAIL", 3, '"!" before a value', "one ! before the whole term"),
        ("reason:!flaky", 7, '"!" before a value', "stands in quotes"),
        ("reason:a,!b", 9, '"!" before a value', "stands in quotes"),
        ('a "b c', 2, "a quote that is not closed", 'end it with "'),
        ('ab"c"', 2, "a quote inside a value", "put the whole value in quotes"),
        ("rate:7.5", 5, "a rate is at most 1, not 7.5", "7.5 % is written 0.075"),
        ("rate:high", 5, "no rate 'high'", "a fraction"),
        ("since:02-30", 6, "no date '02-30'", "2h, 02-18"),
        ("since:25:00", 6, "no time of day '25:00'", "09:30"),
        ("since:09:30+24:00", 6, "no zone '+24:00'", "09:30"),
        ("since:09:30+01:60", 6, "no zone '+01:60'", "09:30"),
        ("since:2026-13", 6, "no month '2026-13'", "2h, 02-18"),
        ("since:soon", 6, "no time 'soon'", "2h, 02-18"),
        ("since:1h..2h", 6, "takes one time, not a range", "2h"),
        ("time:2026-02-20..2026-02-18", 5, "ends before it begins", "a range of times"),
        ("\udcff", 0, "not UTF-8", "leave it out"),
        ("x" * (MAX_LENGTH + 1), MAX_LENGTH, "too long", "at most 2,000"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place_and_a_hint(text: str, offset: int, said: str, hint: str) -> None:
    error = wrong(text)
    assert error.offset == offset
    assert said in error.text
    assert hint in error.hint
    assert str(error).startswith(f"column {offset + 1}: ")


def test_every_key_says_what_its_values_are() -> None:
    for key, meaning in KEYS.items():
        assert meaning in wrong(f"{key}:").hint


@given(st.text('ab:,=!"\\ .<>0', max_size=12) | st.text(max_size=12))
def test_any_text_is_a_query_or_told_and_a_query_compiles(text: str) -> None:
    query = parse(text)
    if isinstance(query, Query):
        assert frame(a_run()).select(query.expression(NOON)).to_series().null_count() == 0
        assert parse(str(query)) == query


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("  OUTCOME:fail,fail   x ", "outcome:FAIL x"),
        ('"plain"', "plain"),
        ('"a:b" "!c" "d e"', '"a:b" "!c" "d e"'),
        ('!"!c" reason:"!d",="!e"', '!"!c" reason:"!d",="!e"'),
        ("policy:a policy:=b", "policy:a,=b"),
        ("outcome:(none) state:MIXED since:TODAY", "outcome:none state:mixed since:today"),
        ('reason:="a;b"', "reason:=a;b"),
    ],
)
def test_a_query_has_one_canonical_text(text: str, canonical: str) -> None:
    assert str(asked(text)) == canonical


@given(st.sampled_from(["policy", "reason", "run", "outcome"]), st.text(min_size=1, max_size=8))
def test_a_value_asked_for_exactly_is_found_whatever_it_is(key: str, text: str) -> None:
    query = asked(term_for(key, text))
    assert query.terms[0].key == key
    if key in {"policy", "run"}:
        field = {"policy": "policy_hash", "run": "run_id"}[key]
        assert holds(str(query), **{field: text})


def test_only_words_are_asked_of_a_rejected_file() -> None:
    file = ("job-1/gate_result.json", "line 1", "not_utf8", "byte 7")
    assert asked("JOB utf8 !nothing").matches_file(*file)
    assert not asked("elsewhere").matches_file(*file)
    assert not asked("outcome:FAIL").matches_file(*file)
    assert asked("!outcome:FAIL").matches_file(*file)


def test_a_query_knows_the_columns_it_reads() -> None:
    assert asked("state:mixed rate:>0").columns == {"whitelist_state", "unknown_rate"}
    assert EVERYTHING.columns == frozenset()


def test_a_hint_is_one_line_of_plain_text() -> None:
    assert re.fullmatch(r"[ -~]+", str(wrong("outcome:\x1b[31m")))
