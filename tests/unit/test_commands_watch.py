"""`watch --json`, broken pipes, `demo`: programs of their own, as a shell starts them."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.golden import fixture

SOURCE = Path(__file__).parents[2]
PATIENCE = 30.0
"""Seconds after which a program that says nothing has failed."""


class Watching:
    """A running `gateconsole watch --json`."""

    def __init__(self, *words: str | Path) -> None:
        command = [sys.executable, "-m", "gateconsole", "watch", "--json", *map(str, words)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1)

    def until(self, parsed: int, phase: str = "live") -> dict[str, Any]:
        """The first document with so many runs in this phase."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and select.select([self.process.stdout], [], [], PATIENCE)[0]:
            document: dict[str, Any] = json.loads(self.process.stdout.readline())
            if document["completeness"]["parsed"] == parsed and document["phase"] == phase:
                return document
        raise AssertionError(f"no Snapshot with {parsed} runs, {phase}")

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Exit code and stderr after a signal."""
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, err


@contextmanager
def watching(*words: str | Path) -> Iterator[Watching]:
    one = Watching(*words)
    try:
        yield one
    finally:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    fixture.write_tree(root)
    return root


@pytest.mark.parametrize("options", [[], ["--poll"]])
def test_every_change_on_disk_becomes_a_line_and_ctrl_c_ends_it_well(tree: Path, options: list[str]) -> None:
    new = {"policy_hash": "new", "outcome": "PASS", "unknown_rate": 0.0, "top_reasons": []}
    with watching(tree, *options) as watch:
        first = watch.until(8)
        fixture.write_artifact(tree / "deep" / "er", new)
        second = watch.until(9)
        shutil.rmtree(tree / "r07")
        third = watch.until(8)
        assert watch.end() == (0, "")
    assert first["schema"] == 1
    assert second["generation"] > first["generation"]
    assert [row["policy_hash"] for row in second["policies"] if row["stratum"] == "all"] == ["a6f53e", "b71c02", "new"]
    assert third["completeness"]["gone"] == 1


def test_a_missing_root_is_waited_for_and_said(tmp_path: Path) -> None:
    root = tmp_path / "later"
    with watching(root) as watch:
        document = watch.until(0, "waiting")
        assert [banner["code"] for banner in document["banners"]] == ["root_missing"]
        fixture.write_tree(root)
        assert watch.until(8)["banners"] == []
        code, err = watch.end()
    assert code == 0
    assert "no such folder: create or mount it" in err


def test_a_broken_whitelist_is_said_while_the_figures_go_on(tree: Path) -> None:
    with watching(tree) as watch:
        watch.until(8)
        (tree / "unknown_whitelist.json").write_text("{")
        fixture.write_artifact(tree / "r09", {"policy_hash": "p"})
        document = watch.until(9)
        while document["whitelist_problem"] is None:
            document = watch.until(9)
        assert document["banners"][0]["code"] == "whitelist_broken"
        assert document["policies"][0]["runs_whitelisted"] == 2


def test_a_reader_that_leaves_ends_it_quietly_though_nothing_changes(tree: Path) -> None:
    with watching(tree) as watch:
        watch.until(8)
        assert watch.process.stdout is not None
        watch.process.stdout.close()
        assert watch.process.wait(PATIENCE) == 0
        assert watch.process.stderr is not None
        assert watch.process.stderr.read() == ""


@pytest.mark.parametrize("command", [["export", "runs", "-o", "-"], ["schema", "gate_result"], ["paths"], ["watch"]])
def test_a_broken_pipe_is_quiet(tree: Path, command: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-m", "gateconsole", *command]
    environment = os.environ | {"CI_ARTIFACT_PATH": str(tree)}
    ended = subprocess.run(words, stdout=writer, stderr=subprocess.PIPE, env=environment, text=True, timeout=PATIENCE)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("form", ["csv", "json", "md"])
def test_a_reader_that_leaves_in_the_midst_of_a_table_is_quiet(form: str) -> None:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)  # less than the table: it cannot be written to its end
    words = [sys.executable, "-m", "gateconsole", "export", "sample_artifacts", "runs", "-o", "-", "--format", form]
    with subprocess.Popen(words, stdout=writer, stderr=subprocess.PIPE, text=True, cwd=SOURCE) as ended:
        os.close(writer)
        assert os.read(reader, 1)
        os.close(reader)
        assert ended.wait(PATIENCE) == 0
        assert ended.stderr is not None
        assert "error" not in ended.stderr.read()


@pytest.mark.parametrize("command", [["--version"], ["--help"], ["export", "--help"], ["queue", "--help"]])
def test_what_is_said_of_the_program_may_be_left_too(command: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-m", "gateconsole", *command]
    ended = subprocess.run(words, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    "command", [["validate", "sample_artifacts"], ["alerts", "sample_artifacts", "--fail-on", "firing"]]
)
def test_a_verdict_that_nobody_read_to_its_end_is_no_good_one(command: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-m", "gateconsole", *command]
    ended = subprocess.run(
        words, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False, cwd=SOURCE
    )
    os.close(writer)
    assert ended.returncode == 141
    assert "error" not in ended.stderr


def test_a_reader_of_stderr_that_leaves_changes_no_exit_code(tree: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-m", "gateconsole", "export", f"{tree}/nowhere", "runs", "-o", "-"]
    ended = subprocess.run(words, stdout=subprocess.PIPE, stderr=writer, timeout=PATIENCE, check=False)
    os.close(writer)
    assert ended.returncode == 3


@pytest.mark.parametrize("command", [["export", "runs", "-o", "-"], ["validate"], ["watch"], ["watch", "--json"]])
def test_a_full_disk_behind_stdout_is_said_and_exit_3(tree: Path, command: list[str]) -> None:
    words = [sys.executable, "-m", "gateconsole", *command, *([str(tree)] if command == ["validate"] else [])]
    (tree / "bad").mkdir()
    (tree / "bad" / "gate_result.json").write_text("{}")
    environment = os.environ | {"CI_ARTIFACT_PATH": str(tree)}
    with open("/dev/full", "w") as full:
        ended = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, env=environment, text=True, timeout=PATIENCE)
    assert ended.returncode == 3
    assert ended.stderr.endswith(
        "stdout cannot be written (No space left on device): make room, or send it elsewhere\n"
    )


@pytest.mark.parametrize(("closed", "root", "code"), [(">&-", "", 0), ("2>&-", "", 0), ("2>&-", "/none", 3)])
def test_a_stream_closed_from_the_start_changes_no_exit_code(tree: Path, closed: str, root: str, code: int) -> None:
    line = f'"$0" -m gateconsole "$1" {closed}'
    words = ["sh", "-c", line, sys.executable, f"{tree}{root}"]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)
    assert (ended.returncode, ended.stderr) == (code, "")


def test_a_demo_in_a_pipe_shows_its_samples_and_leaves_nothing(tmp_path: Path) -> None:
    environment = os.environ | {
        "TMPDIR": str(tmp_path),
        "CI_ARTIFACT_PATH": "/nowhere",
        "GATECONSOLE_WHITELIST": "/none",
    }
    words = [sys.executable, "-m", "gateconsole", "demo"]
    ended = subprocess.run(words, capture_output=True, env=environment, text=True, timeout=PATIENCE)
    assert ended.returncode == 0
    assert "73 seen = 72 parsed + 1 rejected" in ended.stdout
    assert "none" not in ended.stderr
    assert os.listdir(tmp_path) == []
