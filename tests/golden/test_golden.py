"""The golden fixture of rules 2.4 from files to figures and bytes."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from gateconsole.__main__ import main
from gateconsole.engine.engine import Options, read_once
from gateconsole.reports.rollup import report
from gateconsole.snapshot import Policy, Snapshot
from tests.golden import fixture

COLUMNS = ("class", "runs", "share", "fail_runs", "listed")


@pytest.fixture(scope="module")
def snapshot(tree: Path) -> Snapshot:
    return read_once(Options(tree))


def policy(snapshot: Snapshot, name: str) -> Policy:
    return next(policy for policy in snapshot.policies if policy.policy_hash == name)


def test_there_are_two_policies_and_every_file_is_a_run(snapshot: Snapshot) -> None:
    assert [policy.policy_hash for policy in snapshot.policies] == ["a6f53e", "b71c02"]
    assert snapshot.completeness.seen == snapshot.completeness.parsed == 8


@pytest.mark.parametrize(
    ("name", "n", "least", "median", "p95", "most"),
    [("a6f53e", 6, 0.0, 0.0075, 0.08, 0.08), ("b71c02", 2, 0.012, 0.021, 0.03, 0.03)],
)
def test_rates_are_the_golden_ones(
    snapshot: Snapshot, name: str, n: int, least: float, median: float, p95: float, most: float
) -> None:
    whole = policy(snapshot, name).whole
    assert (whole.n, whole.n_valid) == (n, n)
    assert (whole.unknown_rate_min, whole.unknown_rate_median) == (least, median)
    assert (whole.unknown_rate_p95, whole.unknown_rate_max) == (p95, most)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a6f53e", [("unknown_field_missing", 3), ("flaky_test", 2)]),
        ("b71c02", [("artefact_missing", 2), ("flaky_test", 1), ("unknown_field_missing", 1)]),
    ],
)
def test_unknown_classes_are_the_golden_ones(snapshot: Snapshot, name: str, expected: list[tuple[str, int]]) -> None:
    assert policy(snapshot, name).classes.select("class", "runs").rows() == expected


@pytest.mark.parametrize(("name", "n_w", "n_nw"), [("a6f53e", 3, 2), ("b71c02", 1, 2)])
def test_runs_with_listed_and_unlisted_classes_are_the_golden_ones(
    snapshot: Snapshot, name: str, n_w: int, n_nw: int
) -> None:
    assert (policy(snapshot, name).whole.n_listed, policy(snapshot, name).whole.n_unlisted) == (n_w, n_nw)


def test_every_figure_equals_the_ones_worked_out_by_hand(snapshot: Snapshot) -> None:
    for found, expected in zip(snapshot.policies, fixture.POLICIES, strict=True):
        assert found.whole == expected.whole
        assert found.strata == expected.strata
        assert found.classes.select(COLUMNS).rows() == expected.classes.select(COLUMNS).rows()


def test_the_series_file_is_the_golden_one(tree: Path, tmp_path: Path) -> None:
    assert main(["rollup", str(tree), "-o", str(tmp_path)]) == 0
    assert (tmp_path / "rollout_series.csv").read_text() == fixture.SERIES_CSV


def test_the_report_file_is_the_report_of_the_figures_worked_out_by_hand(tree: Path, tmp_path: Path) -> None:
    assert main(["rollup", str(tree), "-o", str(tmp_path)]) == 0
    assert (tmp_path / "rollout_series_v1.md").read_bytes() == report(fixture.snapshot())


def test_any_order_of_writing_gives_the_same_bytes(tree: Path, tmp_path: Path) -> None:
    artifacts = [path for path in sorted(tree.rglob("*")) if path.is_file()]
    written = set()
    for seed in range(3):
        root, out = tmp_path / f"root{seed}", tmp_path / f"out{seed}"
        random.Random(seed).shuffle(artifacts)
        for path in artifacts:
            copy = root / path.relative_to(tree)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
            os.utime(copy, (seed, seed))
        assert main(["rollup", str(root), "-o", str(out)]) == 0
        written.add(tuple((out / name).read_bytes() for name in ("rollout_series.csv", "rollout_series_v1.md")))
    assert len(written) == 1
