"""rollout_series_v1.md (rules 2.3)."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from gateconsole.judgement.limits import ReadinessLimits
from gateconsole.judgement.rules import SpikeRules
from gateconsole.model import Completeness
from gateconsole.reports.rollup import report
from gateconsole.snapshot import Snapshot
from gateconsole.statistics.runs_frame import RUNS_SCHEMA
from tests.golden import fixture
from tests.unit.test_exports_tables import hostile


def lines(snapshot: Snapshot) -> list[str]:
    return report(snapshot).decode().splitlines()


def section(snapshot: Snapshot, title: str) -> list[str]:
    """The lines of one section that are not blank."""
    written = lines(snapshot)
    start = written.index(f"## {title}") + 1
    ends = [i for i, line in enumerate(written) if i >= start and line.startswith("## ")]
    return [line for line in written[start : ends[0] if ends else None] if line]


def test_rates_stand_per_policy_and_stratum_with_four_decimals() -> None:
    assert section(fixture.snapshot(), "unknown_rate by policy and stratum") == [
        "| policy_hash | stratum | n | n_valid | min | median | p95 | max |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| `a6f53e` | all | 6 | 6 | 0.0000 | 0.0075 | 0.0800 | 0.0800 |",
        "| `a6f53e` | pinned | 3 | 3 | 0.0000 | 0.0050 | 0.0100 | 0.0100 |",
        "| `a6f53e` | unpinned | 3 | 3 | 0.0000 | 0.0200 | 0.0800 | 0.0800 |",
        "| `b71c02` | all | 2 | 2 | 0.0120 | 0.0210 | 0.0300 | 0.0300 |",
        "| `b71c02` | pinned | 1 | 1 | 0.0300 | 0.0300 | 0.0300 | 0.0300 |",
        "| `b71c02` | unpinned | 1 | 1 | 0.0120 | 0.0120 | 0.0120 | 0.0120 |",
    ]


def test_outcomes_stand_with_their_share_of_runs() -> None:
    rows = section(fixture.snapshot(), "Outcomes")
    assert rows[2] == "| `a6f53e` | all | 6 | 3 (50.0 %) | 1 (16.7 %) | - | 1 (16.7 %) | 1 (16.7 %) | - | - |"


def test_words_outside_the_six_outcomes_are_named() -> None:
    odd = fixture.stats({"MAYBE": 2}, (None, None, None, None), (0, 0, 0, 2), n_valid=0)
    snapshot = fixture.snapshot(policies=(fixture.policy("p", odd, fixture.classes(), unknown=odd),))
    rows = section(snapshot, "Outcomes")
    assert rows[2].endswith("| 2 (100 %) |")
    assert rows[-1] == "Other outcomes of `p`: `MAYBE` 2."
    assert section(snapshot, "unknown_rate by policy and stratum")[2] == "| `p` | all | 2 | 0 | - | - | - | - |"


def test_unknown_classes_stand_with_runs_and_share() -> None:
    rows = section(fixture.snapshot(), "Unknown classes")
    assert rows[2:4] == [
        "| `a6f53e` | `unknown_field_missing` | 3 | 6 | 50.0 % | listed | 0 |",
        "| `a6f53e` | `flaky_test` | 2 | 6 | 33.3 % | unlisted | 0 |",
    ]


def test_the_whitelist_split_stands_per_policy_and_stratum() -> None:
    rows = section(fixture.snapshot(), "Whitelist split")
    assert rows[2] == (
        "| `a6f53e` | all | 6 | 2 (33.3 %) | 1 (16.7 %) | 1 (16.7 %) | 2 (33.3 %) | 3 (50.0 %) | 2 (33.3 %) |"
    )


def test_rejected_files_are_listed_or_none() -> None:
    assert section(fixture.snapshot(), "Rejected files") == ["None."]
    rows = section(fixture.snapshot(rejected=(fixture.REJECTED,)), "Rejected files")
    assert rows[2] == r"| `b/gate_result.json` | `line 1 column 1` | not_utf8 | `expected \| UTF-8\x1b` |"


def test_the_report_depends_on_nothing_of_the_session() -> None:
    calm = fixture.snapshot()
    other = replace(
        calm, generation=99, root="/elsewhere", mode="polling", taken_at=7, completeness=Completeness(8, 8, gone=3)
    )
    assert report(calm) == report(other)


def test_hostile_text_cannot_leave_its_code_span() -> None:
    written = report(hostile()).decode()
    assert not set(written) & {"\x1b", "\x9b", "\u202e", "\x7f"}
    assert "``\\|`[x](y)" in written


def test_no_runs_make_a_report_that_says_so() -> None:
    snapshot = fixture.snapshot(policies=(), completeness=Completeness())
    assert "Files: 0 seen = 0 parsed. Policies: 0." in lines(snapshot)
    assert section(snapshot, "Outcomes") == ["None."]


def test_the_definitions_say_the_settings_in_force() -> None:
    rules = SpikeRules("median", "2.5", window=100, at_least=20, floor=0.02, fire_at=2, among=4, resolve_after=8)
    written = " ".join(" ".join(section(fixture.snapshot(yardstick=ReadinessLimits(rules)), "Definitions")).split())
    cut = "The cut is 2.5 x median of the last 100 earlier valid runs of the policy (at least 20), never below 0.02"
    assert cut in written
    assert "begins at 2 spikes holding a class among the last 4 valid runs and ends after 8 in a row" in written


def test_no_line_of_the_definitions_is_wider_than_the_house_s() -> None:
    assert max(map(len, section(fixture.snapshot(), "Definitions"))) <= 120


def test_versions_are_told_by_all_their_runs_not_by_a_clock() -> None:
    stamped = fixture.runs_frame().with_columns(timestamp=pl.datetime(2099, 1, 1))
    ahead = fixture.snapshot(runs=lambda: stamped)
    counted = replace(ahead, policies=tuple(replace(one, newest=4_070_908_800_000_000) for one in ahead.policies))
    assert report(ahead) == report(counted)
    assert "2099-01-01T00:00:00Z" in section(ahead, "Stability over policy versions")[2]


def test_a_root_without_runs_is_a_report_too() -> None:
    empty = fixture.snapshot(policies=(), runs=RUNS_SCHEMA.to_frame, spikes={}, completeness=Completeness())
    for title in ("Listed against unlisted classes", "Spikes", "WARN readiness", "Mini-backtest"):
        assert section(empty, title) == ["None."]
