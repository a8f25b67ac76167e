"""Tests that start programs share one worker; the others are dealt out one by one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
RAN = re.compile(r"\[(gw\d)\] .*PASSED tests/(\w+)/")
TEST = "import pytest\n@pytest.mark.parametrize('at', range(5))\ndef test_one(at: int) -> None:\n    pass\n"


def test_tests_that_start_programs_share_one_worker_and_the_others_are_dealt_out(tmp_path: Path) -> None:
    for place in ("pty/test_a", "packaging/test_b", "pty/test_c", "unit/test_d", "screens/test_e"):
        path = tmp_path / "tests" / f"{place}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEST)
    options = ("-v", "-n", "2", "--dist", "loadgroup", "-p", "tests.tools.workers", "-p", "no:cacheprovider")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    ran = defaultdict(list)
    for worker, folder in RAN.findall(ended.stdout):
        ran[folder].append(worker)
    assert {folder: len(workers) for folder, workers in ran.items()} == {
        "pty": 10,
        "packaging": 5,
        "unit": 5,
        "screens": 5,
    }
    programs = {*ran["pty"], *ran["packaging"]}
    assert len(programs) == 1
    assert {*ran["unit"], *ran["screens"]} - programs
