"""`gateconsole schema`: JSON Schemas that agree with what is read without complaint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gateconsole.__main__ import main
from gateconsole.artifacts.decode import decode
from gateconsole.cli.schema import GATE_RESULT, SCHEMAS, WHITELIST
from gateconsole.model import Run
from gateconsole.whitelist import file

GOOD: dict[str, Any] = {"policy_hash": "p", "outcome": "PASS", "unknown_rate": 0.5, "top_reasons": ["a"]}


def is_clean(fields: object) -> bool:
    """Whether an artifact is read without any complaint."""
    judged = decode(json.dumps(fields).encode(), ".")
    return isinstance(judged, Run) and not judged.diagnostics


def fits(schema: dict[str, Any], document: object) -> bool:
    return bool(Draft202012Validator(schema).is_valid(document))


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_printed_and_is_one(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["schema", name]) == 0
    printed = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(printed)
    assert printed == SCHEMAS[name]


def test_the_samples_fit_exactly_when_they_are_read_without_complaint(committed_samples: Path) -> None:
    fitting = 0
    for path in committed_samples.rglob("gate_result.json"):
        content = path.read_bytes()
        judged = decode(content, ".")
        if isinstance(judged, Run):
            assert fits(GATE_RESULT, json.loads(content)) == (not judged.diagnostics), path
            fitting += not judged.diagnostics
    assert fitting > 60
    assert fits(WHITELIST, json.loads((committed_samples / "unknown_whitelist.json").read_bytes()))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"outcome": "MAYBE"},
        {"outcome": ""},
        {"policy_hash": " "},
        {"policy_hash": 7},
        {"unknown_rate": 1},
        {"unknown_rate": 1.5},
        {"unknown_rate": -0.1},
        {"unknown_rate": True},
        {"unknown_rate": "0.5"},
        {"unknown_rate": None},
        {"top_reasons": None},
        {"top_reasons": "a"},
        {"top_reasons": ""},
        {"top_reasons": []},
        {"top_reasons": ["a", ""]},
        {"top_reasons": [1]},
        {"top_reasons": {}},
        {"run_id": 7},
        {"run_id": True},
        {"run_id": None},
        {"timestamp": "2026-03-01T10:00:00Z"},
        {"timestamp": "2026-03-01"},
        {"timestamp": "2026-03-01 10:00:00.25+02:00"},
        {"timestamp": "2026-03-01 10:00:00 +0200"},
        {"timestamp": "2026-03-01T10:00:00Z\r"},
        {"timestamp": "2026-03-01 +0200"},
        {"timestamp": "yesterday"},
        {"job": "fedora"},
        {"job": 7},
        {"job": ""},
        {"job": None},
        {"job": ["fedora"]},
        {"attempt": 2},
        {"attempt": 2.0},
        {"attempt": None},
        {"attempt": -1},
        {"attempt": 1.5},
        {"attempt": "2"},
        {"attempt": True},
        {"timestamp": 1772323200},
        {"stratum": "pinned"},
        {"stratum": "both"},
        {"stratum": None},
        {"pinned": True},
        {"pinned": "yes"},
        {"pinned_flag": False},
        {"queue_run": None, "patches": 3},
        {"testcase": 7, "patches": "many"},
        {"queue_run": "3f41-17"},
        {"queue_run": "3f41-17", "testcase": "linux", "patches": ["a", 17]},
        {"queue_run": "3f41-17", "testcase": "linux", "patches": [17.0, -1]},
        {"queue_run": "3f41-17", "testcase": "linux", "patches": [1.5]},
        {"queue_run": "3f41-17", "testcase": "linux", "patches": [True]},
        {"queue_run": "3f41-17", "testcase": "linux", "patches": ["a", None]},
        {"queue_run": "3f41-17", "testcase": "linux", "patches": "a b"},
        {"queue_run": "3f41-17", "testcase": "linux", "patches": []},
        {"queue_run": "3f41-17", "testcase": None, "patches": ["a"]},
        {"queue_run": "3f41-17", "testcase": 7, "patches": ["a"]},
        {"queue_run": "3f41-17", "testcase": " ", "patches": ["a"]},
        {"queue_run": 17, "testcase": "linux", "patches": ["a"]},
        {"queue_run": " ", "testcase": "linux", "patches": ["a"]},
        {"colour": "red", "counts": {"checks": 3}, "warn_rate": "high"},
    ],
)
def test_an_artifact_fits_exactly_when_it_is_read_without_complaint(change: dict[str, Any]) -> None:
    assert fits(GATE_RESULT, GOOD | change) == is_clean(GOOD | change)


@pytest.mark.parametrize("field", GOOD)
def test_the_four_fields_are_required(field: str) -> None:
    assert not fits(GATE_RESULT, {key: value for key, value in GOOD.items() if key != field})


values = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", " ", "pinned", "2026-03-01"])
entries = st.dictionaries(
    st.sampled_from(["reason", "justification", "scope", "review_by", "more"]), values, max_size=4
)
documents = (
    st.fixed_dictionaries({}, optional={"version": values, "entries": values | st.lists(entries, max_size=2)})
    | st.lists(values | entries, max_size=3)
    | st.dictionaries(st.sampled_from(["a", "b", " "]), values, max_size=3)
    | values
)


@given(documents)
def test_a_whitelist_fits_exactly_when_it_is_in_force(tmp_path_factory: Any, document: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "whitelist.json"
    path.write_text(json.dumps(document))
    assert fits(WHITELIST, document) == (file.read(path).problem is None)
