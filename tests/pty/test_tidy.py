"""What a killed save left beside the whitelist goes when the console starts (architecture 3, files)."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.pty.terminal import Terminal

STRAY = ".unknown_whitelist.json.gateconsole.tmp"


@pytest.mark.parametrize(("option", "left"), [("--no-read-only", False), ("--read-only", True)])
def test_a_stray_temporary_file_goes_at_the_start_of_a_console_that_writes(
    tmp_path: Path, option: str, left: bool
) -> None:
    artifact = {"policy_hash": "a6f53e", "outcome": "PASS", "unknown_rate": 0.0, "top_reasons": []}
    (tmp_path / "gate_result.json").write_text(json.dumps(artifact))
    (tmp_path / STRAY).write_text('{"half a li')
    with Terminal("-m", "gateconsole", str(tmp_path), option) as terminal:
        terminal.until_shown("a6f53e")
        deadline = time.monotonic() + 10
        while not left and (tmp_path / STRAY).exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (tmp_path / STRAY).exists() == left
        terminal.press("q")
        assert terminal.ended() == 0
