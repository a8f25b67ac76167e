"""The tables of `export` in their three formats."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.cli.export import TABLE_NAMES
from gateconsole.exports.documents import watch_document
from gateconsole.exports.formats import FORMATS, json_text
from gateconsole.exports.plain import policies_text
from gateconsole.exports.tables import POLICIES, TABLES
from gateconsole.judgement.alerts import alerts
from gateconsole.judgement.spikes import judge_policies
from gateconsole.model import EMPTY as NO_WHITELIST
from gateconsole.model import Diagnostic, Whitelist
from gateconsole.snapshot import Banner, Snapshot
from gateconsole.statistics.runs_frame import RUNS_SCHEMA
from gateconsole.text import join_list
from tests.golden import fixture
from tests.tools.exported import csv_rows, export, json_rows

HOSTILE = '|`[x](y)\x1b[31m\x9b\u202e<b>,"=\x7f;=1+1'


def hostile() -> Snapshot:
    """A Snapshot whose every artifact text is hostile."""
    one = fixture.policy(
        HOSTILE,
        fixture.stats({HOSTILE: 2}, (0.5, 0.5, 0.5, 0.5), (0, 2, 0, 0)),
        fixture.classes((HOSTILE, 2, 1.0, 0, "unlisted")),
        unknown=fixture.stats({HOSTILE: 2}, (0.5, 0.5, 0.5, 0.5), (0, 2, 0, 0)),
    )
    run = (HOSTILE, datetime(2026, 3, 1), HOSTILE, HOSTILE, 0.5, join_list([HOSTILE]), None, HOSTILE)
    rejected = fixture.REJECTED._replace(path=HOSTILE, place=HOSTILE, detail=HOSTILE)
    noted = ((f"{HOSTILE}/gate_result.json", (Diagnostic("outcome_unknown", "outcome", HOSTILE),)),)
    runs = pl.DataFrame([run], schema=RUNS_SCHEMA, orient="row")
    spikes = judge_policies(runs)
    (pending,) = alerts(spikes, (), NO_WHITELIST, 0)
    return fixture.snapshot(
        policies=(one,),
        rejected=(rejected,),
        diagnostics=lambda: noted,
        runs=lambda: runs,
        spikes=spikes,
        alerts=(replace(pending, actor=HOSTILE, until=0),),
    )


def test_the_command_offers_exactly_the_tables_there_are() -> None:
    assert tuple(TABLES) == TABLE_NAMES


def test_policies_begin_with_the_columns_of_the_contract() -> None:
    names = ",".join(column.name for column in POLICIES.columns)
    assert names.startswith(
        "policy_hash,stratum,n,n_valid,unknown_rate_min,unknown_rate_median,unknown_rate_p95,unknown_rate_max,outcome_PASS"
    )


def test_policies_have_a_row_for_the_whole_and_each_stratum() -> None:
    rows = csv_rows("policies", fixture.snapshot())
    assert [(row["policy_hash"], row["stratum"], row["n"]) for row in rows] == [
        ("a6f53e", "all", "6"),
        ("a6f53e", "pinned", "3"),
        ("a6f53e", "unpinned", "3"),
        ("b71c02", "all", "2"),
        ("b71c02", "pinned", "1"),
        ("b71c02", "unpinned", "1"),
    ]


def test_a_policy_row_holds_the_golden_figures() -> None:
    row = csv_rows("policies", fixture.snapshot())[0]
    assert [row[f"unknown_rate_{name}"] for name in ("min", "median", "p95", "max")] == [
        "0.0",
        "0.0075",
        "0.08",
        "0.08",
    ]
    assert (row["outcome_PASS"], row["share_PASS"], row["outcome_other"], row["other_outcomes"]) == (
        "3",
        "0.5",
        "0",
        "",
    )
    assert (row["runs_whitelisted"], row["runs_mixed"], row["n_listed"], row["n_unlisted"]) == ("2", "1", "3", "2")


def test_outcome_words_outside_the_six_are_counted_and_named() -> None:
    odd = fixture.stats({"PASS": 1, "(none)": 2, "MAYBE": 1}, (None, None, None, None), (0, 0, 0, 4), n_valid=0)
    snapshot = fixture.snapshot(policies=(fixture.policy("p", odd, fixture.classes(), unknown=odd),))
    whole, unknown = csv_rows("policies", snapshot)
    assert (whole["outcome_other"], whole["share_other"], whole["other_outcomes"]) == ("3", "0.75", "(none)=2;MAYBE=1")
    assert (unknown["stratum"], whole["unknown_rate_median"]) == ("(none)", "")
    assert json_rows("policies", snapshot)[0]["other_outcomes"] == ["(none)=2", "MAYBE=1"]


def test_classes_carry_n_beside_their_share() -> None:
    assert json_rows("classes", fixture.snapshot())[0] == {
        "policy_hash": "a6f53e",
        "class": "unknown_field_missing",
        "runs": 3,
        "n_valid": 6,
        "share": 0.5,
        "listed": "listed",
        "fail_runs": 0,
    }


def test_runs_are_the_series_with_path_and_diagnostics() -> None:
    noted = (("r03/gate_result.json", (Diagnostic("rate_unusable", "unknown_rate", "8;1"),)),)
    rows = csv_rows("runs", fixture.snapshot(diagnostics=lambda: noted))
    series = list(csv.DictReader(io.StringIO(fixture.SERIES_CSV)))
    assert [{key: row[key] for key in series[0]} for row in rows] == series
    assert (rows[2]["path"], rows[2]["diagnostics"]) == ("r03/gate_result.json", r"rate_unusable unknown_rate: 8\;1")
    assert rows[0]["diagnostics"] == ""


def test_runs_as_json_keep_lists_times_and_nulls() -> None:
    timed = fixture.runs_frame().with_columns(timestamp=pl.datetime(2026, 3, 1))
    row = json_rows("runs", fixture.snapshot(runs=lambda: timed.head(3)))[2]
    assert row["timestamp"] == "2026-03-01T00:00:00Z"
    assert row["top_reasons"] == ["unknown_field_missing", "flaky_test"]
    assert (row["whitelisted_reasons"], row["unlisted_reasons"]) == (["unknown_field_missing"], ["flaky_test"])
    assert json_rows("runs", fixture.snapshot())[1]["timestamp"] is None


def test_rejected_files_are_listed_by_path_without_a_clock() -> None:
    later = fixture.REJECTED._replace(path="a/gate_result.json", since=9)
    rows = json_rows("rejected", fixture.snapshot(rejected=(fixture.REJECTED, later)))
    assert [row["path"] for row in rows] == ["a/gate_result.json", "b/gate_result.json"]
    assert list(rows[0]) == ["path", "place", "rule", "detail"]


@pytest.mark.parametrize("table", TABLE_NAMES)
def test_an_empty_table_is_still_a_table(table: str) -> None:
    empty = fixture.snapshot(policies=(), runs=RUNS_SCHEMA.to_frame, spikes={}, whitelist=NO_WHITELIST)
    assert export(table, "csv", empty) == ",".join(column.name for column in TABLES[table].columns) + "\n"
    assert json_rows(table, empty) == []
    assert len(export(table, "md", empty).splitlines()) == 2


@pytest.mark.parametrize("table", TABLE_NAMES)
@pytest.mark.parametrize("form", FORMATS)
def test_hostile_text_stays_text_in_every_format(table: str, form: str) -> None:
    written = export(table, form, hostile())
    assert not set(written) & {"\x1b", "\x9b", "\u202e", "\x7f"}
    if form == "csv":
        rows = list(csv.reader(io.StringIO(written)))
        assert {len(row) for row in rows} == {len(TABLES[table].columns)}
    if form == "md":
        for row in written.splitlines():
            assert row.replace("\\|", "").count("|") == len(TABLES[table].columns) + 1


@pytest.mark.parametrize("table", ["runs", "policies", "classes", "alerts", "spikes", "readiness", "rejected"])
def test_no_table_holds_a_formula_for_a_reader_that_splits_at_semicolons(table: str) -> None:
    written = export(table, "csv", hostile())
    cells = [cell for row in csv.reader(io.StringIO(written), delimiter=";") for cell in row]
    assert ";'=1+1" in written
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@given(st.text(max_size=8))
def test_a_json_line_is_plain_ascii_and_reads_back(text: str) -> None:
    line = json_text({"key": text})
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == {"key": text}


def test_a_json_document_refuses_what_json_lacks() -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_text({"rate": float("nan")})


def test_the_watch_document_says_where_every_file_stands() -> None:
    banner = Banner("root_missing", "no root", "mount it")
    document = watch_document(fixture.snapshot(banners=(banner,), newest=1_772_323_200_000_000))
    assert document["completeness"] == {
        "seen": 8,
        "parsed": 8,
        "pending": 0,
        "rejected": 0,
        "duplicate": 0,
        "gone": 0,
        "unreadable_folders": 0,
        "conflicting": 0,
        "misnamed": 0,
        "state": "complete",
    }
    assert (document["schema"], document["generation"], document["mode"]) == (1, 1, "one scan")
    assert document["newest"] == "2026-03-01T00:00:00Z"
    assert document["banners"] == [{"code": "root_missing", "text": "no root", "remedy": "mount it"}]
    assert json.loads(json_text(document))["policies"] == json_rows("policies", fixture.snapshot())


def test_nothing_is_complete_while_the_first_scan_runs() -> None:
    states = {
        phase: watch_document(fixture.snapshot(phase=phase))["completeness"]["state"]
        for phase in ("loading", "live", "waiting")
    }
    assert states == {"loading": "incomplete", "live": "complete", "waiting": "complete"}


def test_the_watch_document_tells_a_broken_whitelist() -> None:
    assert watch_document(fixture.snapshot(whitelist=Whitelist(problem="broken")))["whitelist_problem"] == "broken"


def test_the_plain_table_is_aligned_and_ends_with_completeness() -> None:
    lines = policies_text(fixture.snapshot()).splitlines()
    assert lines == [
        "POLICY  N  VALID     MIN  MEDIAN     P95     MAX  LISTED  OUTCOMES",
        "a6f53e  6      6  0.0000  0.0075  0.0800  0.0800  50.0 %  P3 C1 R1 F1",
        "b71c02  2      2  0.0120  0.0210  0.0300  0.0300   0.0 %  W1 R1",
        "8 seen = 8 parsed",
    ]


def test_the_plain_table_is_aligned_in_cells_of_a_terminal() -> None:
    """東 takes two cells, the mark of é none."""
    one, other = fixture.snapshot().policies
    policies = (replace(one, policy_hash="東京"), replace(other, policy_hash="ne\u0301e"))
    assert policies_text(fixture.snapshot(policies=policies)).splitlines()[:3] == [
        "POLICY  N  VALID     MIN  MEDIAN     P95     MAX  LISTED  OUTCOMES",
        "東京    6      6  0.0000  0.0075  0.0800  0.0800  50.0 %  P3 C1 R1 F1",
        "ne\u0301e     2      2  0.0120  0.0210  0.0300  0.0300   0.0 %  W1 R1",
    ]


def test_the_plain_table_calls_runs_without_an_outcome_by_a_word() -> None:
    policy = fixture.snapshot().policies[0]
    without = replace(policy, whole=replace(policy.whole, outcomes={"PASS": 5, "(none)": 1}))
    assert policies_text(fixture.snapshot(policies=(without,))).splitlines()[1].endswith("P5 none 1")


def test_a_huge_policy_hash_widens_no_other_line_of_the_plain_table() -> None:
    fine, huge = fixture.snapshot().policies
    shown = policies_text(fixture.snapshot(policies=(fine, replace(huge, policy_hash="h" * 100_000)))).splitlines()
    assert shown[2].startswith("h" * 100_000 + "  2  ")
    assert len(shown[1]) < 200


def test_the_plain_table_shows_hostile_text_as_text() -> None:
    assert not set(policies_text(hostile())) & {"\x1b", "\x9b", "\u202e", "\x7f"}
