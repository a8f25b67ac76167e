"""The golden fixture of rules 2.4 judged, from real files to the digits in report, JSON and CSV."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from gateconsole.__main__ import main
from tests.tools.md_tables import cells_of, section_of

Printed = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def report(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("out")
    assert main(["rollup", str(tree), "-o", str(out)]) == 0
    return (out / "rollout_series_v1.md").read_text()


def document(capsys: Printed, *words: str | Path) -> Any:
    assert main([str(word) for word in words]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_report_has_every_section_of_the_contract_in_order(report: str) -> None:
    assert [line[3:] for line in report.splitlines() if line.startswith("## ")] == [
        "Definitions",
        "unknown_rate by policy and stratum",
        "Outcomes",
        "Unknown classes",
        "Whitelist split",
        "Listed against unlisted classes",
        "Spikes",
        "Recurring patterns",
        "Spikes and FAIL signals",
        "Alarms and false positives",
        "WARN readiness",
        "Proposed settings",
        "Mini-backtest",
        "Stability over policy versions",
        "Rejected files",
    ]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("a6f53e", ["6", "3", "2", "0.1667", "1.5000"]), ("b71c02", ["2", "1", "2", "-0.5000", "0.5000"])],
)
def test_risk_difference_and_ratio_are_the_golden_ones(report: str, policy: str, expected: list[str]) -> None:
    row = next(row for row in cells_of(report, "Listed against unlisted classes") if row[:2] == [policy, "all"])
    assert [row[at] for at in (2, 3, 4, 7, 9)] == expected


def test_the_spikes_are_the_golden_ones_each_with_its_rule(report: str) -> None:
    rows = cells_of(report, "Spikes", table=1)
    assert [(row[1], row[5], row[6], row[7]) for row in rows] == [
        ("r01", "0.0800", "0.0100", "fixed 0.01"),
        ("r03", "0.0200", "0.0100", "fixed 0.01"),
        ("r07", "0.0300", "0.0100", "fixed 0.01"),
        ("r08", "0.0120", "0.0100", "fixed 0.01"),
    ]


@pytest.mark.parametrize(
    ("policy", "name", "expected"),
    [
        ("a6f53e", "flaky_test", ["0", "2", "1", "3", "-0.3162"]),
        ("a6f53e", "unknown_field_missing", ["0", "1", "1", "4", "-0.2000"]),
        ("b71c02", "artefact_missing", ["0", "2", "0", "0", "-"]),
    ],
)
def test_spikes_and_fail_signals_are_the_golden_ones(report: str, policy: str, name: str, expected: list[str]) -> None:
    row = next(row for row in cells_of(report, "Spikes and FAIL signals") if row[:2] == [policy, name])
    assert [*row[2:6], row[10]] == expected


def test_no_pattern_recurs_in_so_few_runs(report: str) -> None:
    assert section_of(report, "Recurring patterns") == ["None."]


def test_the_proposed_cuts_stand_side_by_side_with_their_reasons(report: str) -> None:
    (row, _) = cells_of(report, "Proposed settings")
    assert (row[1], row[5]) == ("0.0800", "0.0225")
    assert row[4].startswith("p95 of 6 valid runs = 0.0800; 0 of 5 runs")
    assert row[8].startswith("3 x median of 6 valid runs = 0.0225; 1 of 5 runs")


def test_alerts_say_the_golden_associations(capsys: Printed, tree: Path) -> None:
    found = document(capsys, "alerts", tree, "--json")["alerts"]
    said = {(one["policy_hash"], one["class"]): one["fail_association"] for one in found}
    flaky = said["a6f53e", "flaky_test"]
    assert [flaky[key] for key in ("both", "spike_only", "fail_only", "neither")] == [0, 2, 1, 3]
    assert f"{flaky['phi']:.4f}" == "-0.3162"
    assert f"{said['a6f53e', 'unknown_field_missing']['phi']:.4f}" == "-0.2000"
    assert said["b71c02", "artefact_missing"]["phi"] is None


def test_readiness_says_the_golden_verdicts_and_risks(capsys: Printed, tree: Path) -> None:
    first, second = document(capsys, "readiness", tree, "--json")["policies"]
    assert (first["verdict"], second["verdict"]) == ("not ready", "not ready")
    assert first["risks"][0]["risk_difference"] == pytest.approx(1 / 6)
    assert (first["risks"][0]["risk_ratio"], second["risks"][0]["risk_difference"]) == (1.5, -0.5)
    assert [one["stratum"] for one in first["risks"]] == ["all", "pinned", "unpinned"]
    assert {row["name"]: row["value"] for row in first["rows"]}["valid runs"] == 6


def test_the_tables_say_the_same(tree: Path, tmp_path: Path) -> None:
    assert main(["export", str(tree), "policies", "spikes", "-o", str(tmp_path)]) == 0
    with (tmp_path / "policies.csv").open(newline="") as file:
        whole = next(row for row in csv.DictReader(file) if row["stratum"] == "all")
    assert (whole["risk_difference"], whole["risk_ratio"]) == ("0.16666666666666666", "1.5")
    with (tmp_path / "spikes.csv").open(newline="") as file:
        spikes = list(csv.DictReader(file))
    assert [(row["run_id"], row["unknown_rate"], row["cut"], row["rule"], row["classes"]) for row in spikes] == [
        ("r01", "0.08", "0.01", "fixed 0.01", "flaky_test"),
        ("r03", "0.02", "0.01", "fixed 0.01", "unknown_field_missing;flaky_test"),
        ("r07", "0.03", "0.01", "fixed 0.01", "artefact_missing"),
        ("r08", "0.012", "0.01", "fixed 0.01", "flaky_test;artefact_missing;unknown_field_missing"),
    ]
