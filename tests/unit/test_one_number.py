"""One number: the same figure on the screen, in CSV, Markdown, JSON and plain text of one Snapshot."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateconsole.engine.engine import Options, read_once
from gateconsole.exports.documents import alerts_document, readiness_document, watch_document
from gateconsole.judgement import operator_acts
from gateconsole.judgement.readiness import Row
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.location import default_ledger
from gateconsole.ledger.store import Ledger
from gateconsole.policy_review import PolicyReview, associations_by_class, reviews
from gateconsole.reports.judgement_text import alerts_text, readiness_text
from gateconsole.reports.rollup import report
from gateconsole.rows.alerts import SpikeRow
from gateconsole.snapshot import Snapshot
from gateconsole.tui.alerts.cells import SpikeLine, spike_cell
from gateconsole.tui.policies.effect_text import difference, ratio
from gateconsole.tui.readiness.text import alarms, checklist
from gateconsole.tui.theme.paint import Painter
from gateconsole.tui.theme.themes import load_theme
from gateconsole.view import check_interval, check_limit, check_value, rate_beside, share_beside
from tests.tools.exported import csv_rows, export, json_rows
from tests.tools.md_tables import named_cells

START = 1_772_000_000_000_000
MINUTE = 60_000_000
PAINT = Painter(load_theme("gate-dark"))


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Two policies, two strata, a whitelist, spikes with and without FAIL, an alert, verdicts, an acknowledgement."""
    root = tmp_path_factory.mktemp("one")
    rng = random.Random(4)
    for number in range(140):
        policy = "p" if number % 4 else "q"
        hot = 120 <= number < 130
        rate = 0.4 if hot else rng.choice([0.0, 0.0, 0.0, 0.01, 0.02, 0.03])
        moment = datetime.fromtimestamp((START + number * MINUTE) / 1e6, UTC).isoformat()
        document = {
            "run_id": f"run-{number}",
            "policy_hash": policy,
            "stratum": rng.choice(["pinned", "unpinned"]),
            "outcome": "FAIL" if number % 11 == 0 else "REVIEW" if hot else rng.choice(["PASS", "COMMENT", "WARN"]),
            "unknown_rate": rate,
            "top_reasons": rng.choice([["x"], ["y"], ["x", "y"]]) if rate else [],
            "timestamp": moment,
        }
        (root / f"run-{number}").mkdir()
        (root / f"run-{number}" / "gate_result.json").write_text(json.dumps(document))
    (root / "unknown_whitelist.json").write_text('["y"]')
    seen = read_once(Options(root))
    ledger, when = Ledger.for_writing(default_ledger(root)), Actor(START, "mika")
    spikes = [spike for spike in seen.spikes["p"].spikes() if spike.rate == 0.4]
    for spike, word in zip(spikes[:3], ("rejected", "accepted", "rejected"), strict=True):
        operator_acts.judge(ledger, (spike.run.run_id, None, "p", spike.run.stratum), word, when)  # type: ignore[arg-type]
    firing = next(one for one in seen.alerts if one.state == "firing" and one.policy_hash == "p")
    last_run = seen.spikes["p"].last_run
    assert last_run is not None
    operator_acts.acknowledge(ledger, firing, last_run, when)
    ledger.close()
    return read_once(Options(root))


@pytest.fixture(scope="module")
def written(snapshot: Snapshot) -> str:
    return report(snapshot).decode()


@pytest.fixture(scope="module")
def reviewed(snapshot: Snapshot) -> PolicyReview:
    found = reviews(snapshot)[0]
    assert found.policy_hash == "p"
    return found


def ready(snapshot: Snapshot) -> dict[str, Any]:
    """Policy p in `readiness --json`."""
    policy: dict[str, Any] = readiness_document(snapshot, reviews(snapshot))["policies"][0]
    return policy


def shown(lines: list[Any]) -> str:
    """Screen lines as text."""
    return "\n".join("".join(text for text, *_ in parts) for parts in lines)


def test_the_snapshot_has_something_to_say(snapshot: Snapshot, reviewed: PolicyReview) -> None:
    assert {alert.state for alert in snapshot.alerts} >= {"acknowledged"}
    assert reviewed.risk.difference
    assert reviewed.false_alarms.false_positives == (2, 3)
    assert snapshot.spikes["p"].cut.baseline


def test_risk_difference_and_ratio(snapshot: Snapshot, reviewed: PolicyReview, written: str) -> None:
    risk = reviewed.risk
    assert risk.difference is not None
    assert risk.ratio is not None
    found = csv_rows("policies", snapshot)[0]
    assert (float(found["risk_difference"]), float(found["risk_ratio"])) == (risk.difference, risk.ratio)
    for row in (
        json_rows("policies", snapshot)[0],
        watch_document(snapshot)["policies"][0],
        ready(snapshot)["risks"][0],
    ):
        assert (row["risk_difference"], row["risk_ratio"]) == (risk.difference, risk.ratio)
    row = named_cells(written, "Listed against unlisted classes")[0]
    assert (row["risk difference"], row["risk ratio"]) == (f"{risk.difference:.4f}", f"{risk.ratio:.4f}")
    assert f"{risk.difference:.4f} |" in export("policies", "md", snapshot)
    assert difference(risk.difference, risk.limits).split()[0] == f"{risk.difference:+.4f}"
    assert ratio(risk.ratio, None) == f"{risk.ratio:.2f}"


def test_every_spike_with_its_cut_and_rule(snapshot: Snapshot, written: str) -> None:
    spikes = snapshot.spikes["p"].spikes()
    rule = snapshot.spikes["p"].rules.text
    expected = [(spike.run.run_id, spike.cut, rule(spike.cut, spike.baseline)) for spike in spikes]
    rows = [row for row in csv_rows("spikes", snapshot) if row["policy_hash"] == "p"]
    assert [(row["run_id"], float(row["cut"]), row["rule"]) for row in rows] == expected
    found = [row for row in json_rows("spikes", snapshot) if row["policy_hash"] == "p"]
    assert [(row["run_id"], row["cut"], row["rule"]) for row in found] == expected
    printed = [row for row in named_cells(written, "Spikes", table=1) if row["policy_hash"] == "p"]
    last = [(run, f"{cut:.4f}", text) for run, cut, text in expected[-40:]]
    assert [(row["run_id"], row["cut"], row["rule"]) for row in printed] == last


def test_the_number_of_spikes_of_a_class_and_its_cut(snapshot: Snapshot, written: str) -> None:
    alert = next(one for one in snapshot.alerts if one.state == "acknowledged")
    key = (alert.policy_hash, alert.class_name)
    rows = csv_rows("alerts", snapshot)
    row = next(row for row in rows if (row["policy_hash"], row["class"]) == key)
    assert (int(row["spikes"]), float(row["cut"]), float(row["peak"])) == (alert.spikes, alert.cut, alert.peak)
    for document in (alerts_document(snapshot), watch_document(snapshot)):
        one = next(one for one in document["alerts"] if (one["policy_hash"], one["class"]) == key)
        assert (one["spikes"], one["cut"], one["peak"]) == (alert.spikes, alert.cut, alert.peak)
        assert (one["state"], one["by"]) == ("acknowledged", "mika")
    pattern = next(
        row for row in named_cells(written, "Recurring patterns") if (row["policy_hash"], row["class"]) == key
    )
    assert (pattern["spikes"], pattern["peak"]) == (str(alert.spikes), f"{alert.peak:.4f}")
    (line,) = [line for line in alerts_text(snapshot).splitlines() if line.startswith("acknowledged")]
    assert f" {alert.cut:.4f}  {alert.peak:.4f} " in line
    assert f" {alert.spikes} " in line


def test_the_association_of_spikes_with_fail_signals(snapshot: Snapshot, written: str) -> None:
    for row in named_cells(written, "Spikes and FAIL signals"):
        said = associations_by_class(snapshot)[row["policy_hash"], row["class"]]
        assert row["phi"] == ("-" if said.phi is None else f"{said.phi:.4f}")
        assert row["what may be said"] == said.words
    for alert in alerts_document(snapshot)["alerts"]:
        if alert["policy_hash"] is not None:
            said = associations_by_class(snapshot)[alert["policy_hash"], alert["class"]]
            assert (alert["fail_association"]["phi"], alert["fail_association"]["p"]) == (said.phi, said.p)
    for row in csv_rows("alerts", snapshot):
        if row["policy_hash"]:
            said = associations_by_class(snapshot)[row["policy_hash"], row["class"]]
            assert row["fail_association_phi"] == ("" if said.phi is None else repr(said.phi))


def test_every_line_of_the_checklist(snapshot: Snapshot, reviewed: PolicyReview, written: str) -> None:
    rows = [row for row in csv_rows("readiness", snapshot) if row["policy_hash"] == "p"]
    said = ready(snapshot)["rows"]
    printed = [row for row in named_cells(written, "WARN readiness") if row["policy_hash"] == "p"]
    screen = shown(checklist(reviewed.readiness, 120)).splitlines()[1:]
    text = readiness_text(snapshot, reviews(snapshot)).splitlines()
    for at, row in enumerate(reviewed.readiness.rows):
        assert (rows[at]["name"], rows[at]["state"]) == (row.name, row.state)
        assert (said[at]["value"], said[at]["state"], said[at]["sure"]) == (row.value, row.state, row.sure)
        assert rows[at]["value"] == ("" if row.value is None else f"{row.value}")
        value = printed[at]["value"]
        assert printed[at]["check"] == row.name
        assert f" {value} " in screen[at]
        assert any(line.startswith(f"  {row.name}") and f" {value}  " in line for line in text)


def test_the_rate_of_false_positives(snapshot: Snapshot, reviewed: PolicyReview, written: str) -> None:
    share = reviewed.false_alarms.false_positives
    assert share.value == 2 / 3
    row = next(row for row in csv_rows("readiness", snapshot) if row["name"] == "false positives")
    assert float(row["value"]) == share.value
    assert ready(snapshot)["false_alarms"]["false_positive_rate"] == share.value
    assert named_cells(written, "Alarms and false positives")[0]["judged false"] == "66.7 % (2 of 3)"
    assert "judged false: 66.7 % (2 of 3)" in readiness_text(snapshot, reviews(snapshot))
    assert "66.7 %" in shown(alarms(PAINT, reviewed.false_alarms, 120))


def test_the_proposed_cuts_and_the_backtest(snapshot: Snapshot, reviewed: PolicyReview, written: str) -> None:
    said = ready(snapshot)
    assert [one["cut"] for one in said["proposals"]] == [one.cut for one in reviewed.proposals]
    row = named_cells(written, "Proposed settings")[0]
    assert [row["p95-based cut"], row["median-based cut"]] == [f"{one.cut:.4f}" for one in reviewed.proposals]
    printed = [row for row in named_cells(written, "Mini-backtest") if row["policy_hash"] == "p"]
    assert [(row["stratum"], row["PASS"], row["WARN"], row["REVIEW"]) for row in printed] == [
        (one["stratum"], str(one["outcome_PASS"]), str(one["outcome_WARN"]), str(one["outcome_REVIEW"]))
        for one in said["backtest"]
    ]


# figures that stand beside a limit


@pytest.mark.parametrize(
    ("runs", "n", "limit", "value", "interval"),
    [
        (1997, 10_000, 0.20, "19.97 %", "19.2 to 20.8 %"),
        (2000, 10_000, 0.20, "20.0 %", "19.2 to 20.8 %"),
        (199_999, 1_000_000, 0.20, "19.9999 %", "19.9 to 20.1 %"),
        (3_500_001, 10_000_000, 0.35, "35.00001 %", "34.97 to 35.03 %"),
        (1_997_520, 10_000_000, 0.20, "19.98 %", "19.95 to 19.9999895 %"),
    ],
)
def test_a_share_never_looks_as_if_it_were_on_the_other_side_of_its_limit(
    runs: int, n: int, limit: float, value: str, interval: str
) -> None:
    met = runs / n < limit
    row = Row("WARN + FAIL", runs / n, runs, n, limit, "<", "met" if met else "not met", False, "seed")
    assert check_value(row) == value
    assert check_limit(row) == f"< {limit * 100:g} %"
    assert (Decimal(check_value(row)[:-2]) < Decimal(check_limit(row)[2:-2])) == met
    lower, upper = (Decimal(word) for word in check_interval(row)[:-2].split(" to "))
    assert row.limits is not None
    assert (lower < Decimal(repr(limit)) * 100, upper < Decimal(repr(limit)) * 100) == (
        row.limits.lower < limit,
        row.limits.upper < limit,
    )


@given(value=st.floats(0, 1), limit=st.sampled_from([0.07, 0.1, 0.1234, 0.2, 0.35, 1.0]))
def test_every_share_is_shown_on_its_side(value: float, limit: float) -> None:
    shown, bound = Decimal(share_beside(value, limit)), Decimal(repr(limit)) * 100
    assert ((shown > bound), (shown < bound)) == ((value > limit), (value < limit))


@given(rate=st.floats(0, 1), cut=st.floats(0, 1))
def test_two_rates_side_by_side_compare_as_they_do(rate: float, cut: float) -> None:
    assume(abs(rate - cut) > 1e-30 or rate == cut)
    one, two = Decimal(rate_beside(rate, cut)), Decimal(rate_beside(cut, rate))
    assert ((one > two), (one < two)) == ((rate > cut), (rate < cut))


def test_a_spike_just_above_its_cut_says_so_everywhere(tmp_path: Path) -> None:
    for number in range(44):
        artifact(tmp_path, number, 0.04001)
    for number in range(44, 47):
        artifact(tmp_path, number, 0.04004)
    seen = read_once(Options(tmp_path))
    (alert,) = (one for one in seen.alerts if one.policy_hash is not None)
    assert alert.state == "firing"
    words = "0.04004", "0.04001"
    (line,) = (line for line in alerts_text(seen).splitlines() if "p95 of" in line)
    assert {*words} <= {*line.split()}
    rows = named_cells(report(seen).decode(), "Spikes", 1)
    assert {(row["unknown_rate"], row["cut"], row["rule"][-9:]) for row in rows[-3:]} == {(*words, "= 0.04001")}
    detail = SpikeLine(SpikeRow(seen.spikes["p"].spikes()[-1], None), 0)
    assert [spike_cell(detail, name, 8)[0][0] for name in ("rate", "cut")] == [*words]


def artifact(root: Path, number: int, rate: float) -> None:
    """A run of one policy, a minute after the one before."""
    moment = datetime.fromtimestamp((START + number * MINUTE) / 1e6, UTC).isoformat()
    document = {"policy_hash": "p", "outcome": "COMMENT", "unknown_rate": rate, "top_reasons": ["x"]}
    (root / f"run-{number}").mkdir()
    (root / f"run-{number}" / "gate_result.json").write_text(json.dumps({**document, "timestamp": moment}))
