"""`watch --json` with the setting `on_alert`: the command gets each new alert once, and ends with the program."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gateconsole.engine.engine import Options, read_once
from gateconsole.ledger.location import default_ledger
from gateconsole.notifications import notifier
from gateconsole.notifications.hook import Hook
from tests.golden import fixture
from tests.unit.test_commands_watch import Watching, watching
from tests.unit.test_hook import until_gone, until_written


def artifact(root: Path, number: int, rate: float) -> None:
    """A run of one policy; with a rate it has an unknown class."""
    reasons = ["flaky_test"] if rate else []
    document = {
        "run_id": f"run-{number:03}",
        "policy_hash": "a6f53e",
        "outcome": "COMMENT",
        "unknown_rate": rate,
        "top_reasons": reasons,
    }
    fixture.write_artifact(root / f"run-{number:03}", document)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with 45 calm runs."""
    made = tmp_path / "root"
    for number in range(45):
        artifact(made, number, 0.0)
    return made


def fire(watch: Watching, root: Path) -> None:
    """An alert begins to fire, after the runs before it have been judged."""
    watch.until(45)
    artifact(root, 45, 0.5)
    while not watch.until(46)["alerts"]:
        pass
    artifact(root, 46, 0.5)
    artifact(root, 47, 0.5)


def settings(tmp_path: Path, command: str) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(f"on_alert = {json.dumps(command)}\n")
    return path


def test_a_new_alert_is_handed_to_the_command_and_stdout_stays_json(tmp_path: Path, root: Path) -> None:
    out = tmp_path / "out"
    script = tmp_path / "hook.py"
    script.write_text(f"import sys\nprint('noise')\nopen({str(out)!r}, 'w').write(sys.stdin.read())\n")
    with watching(root, "--settings", settings(tmp_path, f"{sys.executable} {script} 'two words'")) as watch:
        fire(watch, root)
        document = json.loads(until_written(out))
        assert [(one["class"], one["state"]) for one in document["alerts"]] == [("flaky_test", "firing")]
        assert watch.end() == (0, "")


def test_a_command_that_fails_is_told_on_stderr(tmp_path: Path, root: Path) -> None:
    done = tmp_path / "done"
    command = f"""sh -c 'echo no pager >&2; echo x > {done}; exit 3'"""
    with watching(root, "--settings", settings(tmp_path, command)) as watch:
        fire(watch, root)
        until_written(done)
        assert watch.process.stderr is not None
        assert watch.process.stderr.readline() == "gateconsole: on_alert: sh: exit 3: no pager; run again in 5 s\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_commands_children_too(tmp_path: Path, root: Path, number: int) -> None:
    pids = tmp_path / "pids"
    command = f"""sh -c 'sleep 600 & echo $$ $! > {pids}; wait'"""
    with watching(root, "--settings", settings(tmp_path, command)) as watch:
        fire(watch, root)
        known = until_written(pids).split()
        code, _ = watch.end(number)
    assert code == (-signal.SIGTERM if number == signal.SIGTERM else 0)
    for pid in known:
        until_gone(int(pid))


def test_a_command_line_that_is_none_is_refused_with_its_place(tmp_path: Path, root: Path) -> None:
    with watching(root, "--settings", settings(tmp_path, "page 'me")) as watch:
        _, err = watch.process.communicate(timeout=30)
        assert watch.process.returncode == 2
    assert "settings.toml, line 1: on_alert: page 'me: No closing quotation" in err


def test_a_hook_whose_console_was_killed_half_way_is_run_by_the_next(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids, out = tmp_path / "pids", tmp_path / "out"
    command = f"""sh -c 'echo $$ > {pids}; sleep 600'"""
    with watching(root, "--settings", settings(tmp_path, command)) as watch:
        fire(watch, root)
        pid = int(until_written(pids))
        watch.process.kill()
        watch.process.wait()
    os.kill(pid, signal.SIGKILL)
    monkeypatch.setattr(notifier, "time", Later())
    said: list[notifier.Notification] = []
    hook = Hook((sys.executable, "-c", f"import sys; open({str(out)!r}, 'w').write(sys.stdin.read())"))
    teller = notifier.Notifier(notifier.LedgerAccess(default_ledger(root), "ada"), said.append, hook)
    teller.start()
    try:
        teller.put(read_once(Options(root)))
        (alert,) = json.loads(until_written(out))["alerts"]
    finally:
        teller.stop()
    assert (alert["class"], alert["state"]) == ("flaky_test", "firing")
    assert said == []


class Later:
    """The time when the killed console's hook is surely over: its limit and the pause behind it."""

    monotonic = staticmethod(time.monotonic)

    @staticmethod
    def time_ns() -> int:
        return time.time_ns() + 16_000_000_000


def test_a_firing_that_late_runs_take_back_does_not_silence_the_incident_after_it(tmp_path: Path, root: Path) -> None:
    out, script = tmp_path / "out", tmp_path / "hook.py"
    script.write_text(f"import sys\nopen({str(out)!r}, 'a').write(sys.stdin.read())\n")

    def pages() -> list[dict[str, Any]]:
        return [json.loads(line) for line in until_written(out).splitlines()]

    def state(document: dict[str, Any]) -> list[str]:
        return [one["state"] for one in document["alerts"] if one["class"] == "flaky_test"]

    with watching(root, "--settings", settings(tmp_path, f"{sys.executable} {script}")) as watch:
        watch.until(45)
        for count, number in enumerate((50, 53, 56), 46):
            artifact(root, number, 0.5)
            watch.until(count)
        assert len(pages()) == 1
        for count, number in enumerate((51, 52, 54, 55), 49):
            artifact(root, number, 0.0)
            document = watch.until(count)
        while state(document) == ["firing"]:
            document = watch.until(52)
        for count, number in enumerate((57, 58), 53):
            artifact(root, number, 0.9)
            document = watch.until(count)
        while state(document) != ["firing"]:
            document = watch.until(54)
        end = time.monotonic() + 60
        while len(pages()) < 2:
            assert time.monotonic() < end, "the incident called nobody"
            time.sleep(0.01)
    first, second = pages()
    assert [one["alerts"][0]["last_run"] for one in (first, second)] == ["run-056", "run-058"]
