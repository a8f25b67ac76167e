"""The console in a terminal on real files: a new alert is a toast, its hook's command ends with the console."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.pty.terminal import Terminal
from tests.screens.test_alerts_telling import Files
from tests.unit.test_hook import until_gone, until_written


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_toast_is_shown_and_a_signal_ends_the_hooks_command_too(tmp_path: Path, number: int) -> None:
    files, pids, settings = Files(tmp_path / "ci"), tmp_path / "pids", tmp_path / "settings.toml"
    files.calm(45)
    hook = f"sh -c 'sleep 600 & echo $$ $! > {pids}; echo noise; wait'"
    settings.write_text(f"on_alert = {json.dumps(hook)}\n")
    with Terminal("-m", "gateconsole", str(files.root), "--settings", str(settings)) as terminal:
        terminal.until_shown("45 seen")
        terminal.press("2")
        terminal.until_shown("1 policy judged, 45 runs with a rate")
        for _ in range(3):
            files.spike()
        terminal.until_shown("▲ new firing alert: a6f53e flaky_test: 3 spikes, peak 0.3000")
        terminal.until_shown("▲ 1 firing")
        known = until_written(pids).split()
        terminal.process.send_signal(number)
        assert terminal.ended() == 128 + number
    assert b"noise" not in terminal.raw
    for pid in known:
        until_gone(int(pid))
