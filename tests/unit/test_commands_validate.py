"""`gateconsole validate`: every problem, with place, rule and remedy."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from gateconsole.__main__ import main
from gateconsole.cli.validate import REMEDIES
from gateconsole.engine.engine import Options, read_once
from gateconsole.model import DiagnosticRule
from tests.golden import fixture

Said = pytest.CaptureFixture[str]
GOOD: dict[str, Any] = {"policy_hash": "p", "outcome": "PASS", "unknown_rate": 0.5, "top_reasons": ["a"]}


def validate(capsys: Said, *paths: Path) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and findings; the plain lines say the same."""
    code = main(["validate", "--json", *map(str, paths)])
    document = json.loads(capsys.readouterr().out)
    findings: list[dict[str, Any]] = document["findings"]
    assert main(["validate", *map(str, paths)]) == code
    assert len(capsys.readouterr().out.splitlines()) == len(findings)
    assert document["schema"] == 1
    return code, findings


def test_good_artifacts_are_no_finding(capsys: Said, tmp_path: Path) -> None:
    fixture.write_tree(tmp_path)
    assert validate(capsys, tmp_path) == (0, [])


def test_every_problem_of_a_kept_artifact_is_told_with_field_rule_and_remedy(capsys: Said, tmp_path: Path) -> None:
    bad = {"policy_hash": " ", "outcome": "maybe", "unknown_rate": 8, "top_reasons": ["a", " "], "timestamp": "now"}
    fixture.write_artifact(tmp_path / "a", bad)
    code, findings = validate(capsys, tmp_path)
    assert code == 1
    assert {(found["place"], found["rule"]) for found in findings} == {
        ("policy_hash", "field_missing"),
        ("outcome", "outcome_unknown"),
        ("unknown_rate", "rate_unusable"),
        ("top_reasons", "reason_dropped"),
        ("timestamp", "timestamp_malformed"),
    }
    assert all(found["effect"] == "kept" and found["remedy"] for found in findings)
    assert all(found["path"] == str(tmp_path / "a" / "gate_result.json") for found in findings)


def test_a_rejected_artifact_is_told_with_line_and_column(capsys: Said, tmp_path: Path) -> None:
    (tmp_path / "gate_result.json").write_text('{"policy_hash":\n "p" oops}')
    code, (found,) = validate(capsys, tmp_path)
    assert (code, found["effect"], found["rule"]) == (1, "rejected", "not_one_json_object")
    assert found["place"] == "line 2 column 6"
    assert "write one JSON object a file" in found["detail"]


def test_a_file_may_be_named_directly_and_have_any_name(capsys: Said, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    (tmp_path / "good.json").write_text(json.dumps(GOOD))
    assert validate(capsys, tmp_path / "good.json") == (0, [])
    assert validate(capsys, tmp_path / "x.json", tmp_path / "good.json")[0] == 1


def test_links_and_fifos_of_that_name_are_told_and_not_followed(capsys: Said, tmp_path: Path) -> None:
    fixture.write_artifact(tmp_path / "real", GOOD)
    for name in ("file", "folder", "fifo"):
        (tmp_path / name).mkdir()
    (tmp_path / "file" / "gate_result.json").symlink_to(tmp_path / "real" / "gate_result.json")
    (tmp_path / "folder" / "gate_result.json").symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "fifo" / "gate_result.json")
    (tmp_path / "loop").symlink_to(tmp_path)
    code, findings = validate(capsys, tmp_path)
    assert code == 1
    assert [found["rule"] for found in findings] == ["not_regular_file"] * 3


def test_a_timestamp_in_the_future_is_told(capsys: Said, tmp_path: Path) -> None:
    fixture.write_artifact(tmp_path, {**GOOD, "timestamp": "9000-01-01"})
    assert [found["rule"] for found in validate(capsys, tmp_path)[1]] == ["timestamp_in_future"]


def test_the_console_s_own_folder_is_not_looked_into(capsys: Said, tmp_path: Path) -> None:
    fixture.write_artifact(tmp_path / ".gateconsole", {})
    assert validate(capsys, tmp_path) == (0, [])


def test_a_folder_of_that_name_further_down_is_one_like_any_other(capsys: Said, tmp_path: Path) -> None:
    fixture.write_artifact(tmp_path / "a" / ".gateconsole", {})
    assert [found["rule"] for found in validate(capsys, tmp_path)[1]] == ["no_gate_fields"]


def test_a_path_that_is_not_there_is_exit_3(capsys: Said, tmp_path: Path) -> None:
    assert main(["validate", str(tmp_path / "none")]) == 3
    assert "not there: name an artifact or a folder" in capsys.readouterr().err


def test_hostile_text_and_names_are_told_as_text(capsys: Said, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xff\x1b[31m")
    fixture.write_artifact(folder, {**GOOD, "outcome": "\x1b]0;x\x07\u202e"})
    assert main(["validate", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert out.strip().isprintable()


def test_every_diagnostic_has_a_remedy() -> None:
    assert set(get_args(DiagnosticRule)) == set(REMEDIES)


def test_the_samples_have_the_two_findings_their_story_tells(capsys: Said, samples: Path) -> None:
    _, findings = validate(capsys, samples)
    assert [(found["effect"], found["rule"]) for found in findings] == [
        ("kept", "field_missing"),
        ("rejected", "not_one_json_object"),
    ]


def test_of_two_files_of_one_run_the_one_that_does_not_count_is_told_with_the_other(
    capsys: Said, tmp_path: Path
) -> None:
    for name, time in (("a", "2026-03-02T00:00:00Z"), ("b", "2026-03-03T00:00:00Z"), ("c", None), ("d", None)):
        fixture.write_artifact(tmp_path / name, {**GOOD, "run_id": "r1", **({"timestamp": time} if time else {})})
    fixture.write_artifact(tmp_path / "e", {**GOOD, "run_id": "r1", "stratum": "pinned"})
    code, findings = validate(capsys, tmp_path)
    assert code == 1
    assert [found["path"] for found in findings] == [str(tmp_path / name / "gate_result.json") for name in "acd"]
    assert {(found["effect"], found["place"]) for found in findings} == {("duplicate", "run_id")}
    assert [found["rule"] for found in findings] == ["conflicting", "conflicting", "conflicting"]
    assert all(found["detail"].endswith(str(tmp_path / "b" / "gate_result.json")) for found in findings)
    assert all(found["remedy"] for found in findings)


def test_what_validate_calls_duplicate_is_what_the_series_leaves_out(capsys: Said, tmp_path: Path) -> None:
    for place in range(12):
        run = {**GOOD, "run_id": f"r{place % 3}", "unknown_rate": place / 100}
        fixture.write_artifact(tmp_path / f"f{place}", run if place % 2 else {**run, "timestamp": "2026-03-02"})
    _, findings = validate(capsys, tmp_path)
    lost = read_once(Options(tmp_path)).duplicates
    assert [found["path"] for found in findings] == [str(tmp_path / one.path) for one in lost]
    assert [found["detail"].rpartition(": ")[2] for found in findings] == [str(tmp_path / one.kept) for one in lost]


def test_a_run_that_is_hidden_by_another_one_is_told_apart_from_an_equal_copy(capsys: Said, tmp_path: Path) -> None:
    runs = {
        "copy": GOOD, "first": {**GOOD, "outcome": "FAIL"}, "kept": GOOD,
        "jobs/a": {**GOOD, "job": "a", "outcome": "FAIL"}, "jobs/b": {**GOOD, "job": "b"},
        "again/1": {**GOOD, "job": "c", "attempt": 1, "outcome": "FAIL", "timestamp": "2026-03-03"},
        "again/2": {**GOOD, "job": "c", "attempt": 2},
    }  # fmt: skip
    for name, run in runs.items():
        fixture.write_artifact(tmp_path / name, {"run_id": "r1", **run})
    _, findings = validate(capsys, tmp_path)
    assert [(os.path.relpath(found["path"], tmp_path), found["rule"]) for found in findings] == [
        ("again/1/gate_result.json", "duplicate"),
        ("copy/gate_result.json", "duplicate"),
        ("first/gate_result.json", "conflicting"),
    ]
    assert '"job"' in findings[2]["remedy"]
    snapshot = read_once(Options(tmp_path))
    assert [(one.path, one.conflicting) for one in snapshot.duplicates] == [
        (os.path.relpath(found["path"], tmp_path), found["rule"] == "conflicting") for found in findings
    ]


def test_a_time_without_an_offset_is_of_the_zone_of_the_settings(capsys: Said, tmp_path: Path) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=3)
    fixture.write_artifact(tmp_path / "a", {**GOOD, "timestamp": f"{ahead:%Y-%m-%dT%H:%M:%S}"})
    assert [found["rule"] for found in validate(capsys, tmp_path)[1]] == ["timestamp_in_future"]
    (tmp_path / "zone.toml").write_text('naive_zone = "Etc/GMT-4"\n')
    assert main(["validate", "--json", "--settings", str(tmp_path / "zone.toml"), str(tmp_path / "a")]) == 0


def test_a_folder_without_an_artifact_is_no_clean_one_and_near_names_are_told(capsys: Said, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "run-1").mkdir(parents=True)
    assert main(["validate", str(root)]) == 0
    assert f"nothing found: no gate_result.json below {root}\n" in capsys.readouterr().err
    (root / "run-1" / "Gate_Result.json").write_text("{}")
    (root / "run-1" / "gate_result (1).json").write_text("{}")
    main(["validate", str(root)])
    said = capsys.readouterr().err
    assert f"2 files with almost the name gate_result.json, never read: {root}/run-1/Gate_Result.json\n" in said
    (root / "run-1" / "gate_result.json").write_text(json.dumps(GOOD))
    main(["validate", str(root)])
    said = capsys.readouterr().err
    assert ("2 files with almost the name" in said, "nothing found" in said) == (True, False)
