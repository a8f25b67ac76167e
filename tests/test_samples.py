"""sample_artifacts/ is what its script makes, and tells the story the screens and the README rely on."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tests.tools import make_samples
from tests.tools.make_samples import TARGET, told


def tree(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_the_committed_samples_are_the_bytes_the_script_makes(tmp_path: Path) -> None:
    make_samples.write(tmp_path)
    committed = {path: data for path, data in tree(TARGET).items() if not path.startswith(".gateconsole/")}
    assert committed == tree(tmp_path)


def test_the_script_removes_what_is_no_part_of_the_story(tmp_path: Path) -> None:
    (tmp_path / "old" / "run-1").mkdir(parents=True)
    (tmp_path / "old" / "run-1" / "gate_result.json").write_bytes(b"{}")
    make_samples.write(tmp_path)
    assert not (tmp_path / "old").exists()


def test_one_policy_is_mature_one_is_young_and_one_is_new() -> None:
    valid = Counter(run.policy_hash for run in told() if run.quirk not in {"no_rate", "truncated"})
    assert valid["a6f53e"] > 40 > valid["b71c02"] > valid["c0ffee"] > 0
    assert valid.total() >= 60


def test_the_story_is_told_in_the_order_of_time() -> None:
    moments = [(run.day, run.clock) for run in told()]
    assert moments == sorted(moments)


def test_exactly_one_file_is_no_json() -> None:
    broken = []
    for path in TARGET.rglob("gate_result.json"):
        try:
            json.loads(path.read_bytes())
        except ValueError:
            broken.append(path.relative_to(TARGET).as_posix())
    assert broken == ["2026-02-24/run-4133/gate_result.json"]


def test_spikes_hang_on_one_class_and_fails_do_not() -> None:
    for policy_hash, culprit in (("a6f53e", "flaky_test"), ("b71c02", "artefact_missing")):
        runs = [run for run in told() if run.policy_hash == policy_hash and run.unknown]
        high = sorted(runs, key=lambda run: run.unknown)[-4:]
        assert all(culprit in run.reasons for run in high)
    assert all(run.unknown == 0 for run in told() if run.outcome in {"FAIL", "BLOCK"})
