"""The console needs a terminal, not three streams: it opens one for itself, or says why it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.pty.shell import PROMPT, Shell
from tests.pty.terminal import PATIENCE, ROOT, Terminal

CONSOLE = f"{sys.executable} -m gateconsole"


def left(shell: Shell) -> None:
    """A key moves the cursor, another one ends the console; the shell has its terminal as before."""
    before = shell.text
    shell.press("j")
    shell.until(lambda text: text != before and "▌" in text)
    known = len(shell.raw)
    shell.press("q")
    shell.until(lambda _: b"\x1b[?1049l" in shell.raw[known:] and PROMPT.encode() in shell.raw[known:])
    line = shell.answer("stty -a").replace(";", " ").split()
    assert {"echo", "icanon", "isig", "icrnl", "ixon"} <= set(line)


@pytest.mark.parametrize("streams", ["2>&-", "</dev/null", "<&-", "</dev/null 2>/dev/null", "<&- 2>&-", "2>/dev/full"])
def test_whatever_the_other_streams_are_screen_and_keys_are_the_terminals(tmp_path: Path, streams: str) -> None:
    with Shell(tmp_path) as shell:
        shell.start(around=f"{{}} {streams}")
        left(shell)


def test_nothing_of_the_screen_goes_into_a_log_of_errors(tmp_path: Path) -> None:
    log = tmp_path / "err.log"
    with Shell(tmp_path) as shell:
        shell.start(around=f"{{}} 2>{log}")
        left(shell)
        assert log.read_bytes() == b""


def test_ctrl_z_and_the_pager_work_without_the_other_streams(tmp_path: Path) -> None:
    with Shell(tmp_path, PAGER="less") as shell:
        shell.start(around="{} </dev/null 2>/dev/null")
        shell.suspend()
        assert "Stopped" in shell.answer("jobs")
        shell.run("fg")
        shell.until_shown("73 seen")
        shell.settle()
        known = len(shell.raw)
        shell.press("P")
        shell.until(lambda _: b"policy a6f53e" in shell.raw[known:])
        shell.settle()
        shell.press("q")
        shell.until_shown("73 seen")
        shell.settle()
        left(shell)


def test_in_a_background_that_nobody_ends_it_says_so_and_ends(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.run(f"clear; sh -c 'timeout 60 {CONSOLE} {shell.tree}; echo en''ded $?'")
        text = shell.until_shown("ended 2")
        assert "started in the background" in text.replace("\n", "")
        assert b"\x1b[?1049h" not in shell.raw


def test_with_timeout_in_the_foreground_it_works(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.start(around="sh -c 'timeout --foreground 600 {}; true'")
        left(shell)


def test_a_job_that_a_shell_has_put_into_the_background_waits_for_fg(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.run(f"{CONSOLE} {shell.tree} &")
        end = time.monotonic() + PATIENCE
        while "Stopped" not in shell.answer("jobs") and time.monotonic() < end:
            shell.read(0.1)
        shell.run("fg")
        shell.until_shown("73 seen")
        shell.settle()
        left(shell)


@pytest.mark.parametrize("kind", ["dumb", "", "unknown"])
@pytest.mark.parametrize("command", [("sample_artifacts",), ("demo",)])
def test_where_no_screen_can_be_drawn_the_table_is_text(kind: str, command: tuple[str, ...]) -> None:
    with Terminal("-m", "gateconsole", *command, TERM=kind) as terminal:
        assert terminal.ended() == 0
        assert b"\x1b" not in terminal.raw
        assert "a6f53e" in terminal.text
        assert f"TERM is {kind or 'not set'}" in terminal.text


def test_a_stream_that_was_closed_lends_its_number_to_no_file(tmp_path: Path) -> None:
    words = "import os, gateconsole.__main__ as m; m.main(['--version']); print(os.open('/dev/null', 0) > 2)"
    for closed in ("<&-", "2>&-", "<&- 2>&-"):
        line = f'"$0" -c "{words}" {closed}'
        ended = subprocess.run(
            ["sh", "-c", line, sys.executable],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ,
            check=False,
            timeout=PATIENCE,
        )
        assert ended.stdout.endswith("True\n"), closed
