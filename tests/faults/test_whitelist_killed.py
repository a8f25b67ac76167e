"""A process killed at any moment of a save: the file is the old or the new one, whole (architecture 3, files)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_kill_in_any_call_and_at_any_time_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.kill_whitelist", str(tmp_path)]
    ended = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) > 25  # calls in which it was killed
