"""ctrl+z and fg in a real shell: the prompt can be used in between, and the screen comes back whole."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty.shell import MOUSE, Shell
from tests.pty.terminal import Terminal
from tests.pty.test_life import restored

SCREEN, CURSOR, FOCUS, PASTE, WRAP = 1049, 25, 1004, 2004, 7
LIVELY = ("-m", "tests.pty.lively")


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell that runs the console."""
    with Shell(tmp_path) as shell:
        shell.start()
        yield shell


def console(shell: Shell) -> int:
    """The process id of the console, by the shell's table of jobs."""
    return int(shell.answer("jobs -p"))


def back(shell: Shell, seen: str = "73 seen") -> None:
    """fg, until the screen is there."""
    known = len(shell.raw)
    shell.run("fg")
    shell.until(lambda text: b"\x1b[?1049h" in shell.raw[known:] and seen in text)


def test_the_prompt_can_be_used_as_if_nothing_ran(shell: Shell) -> None:
    assert shell.mouse
    assert shell.modes >= {SCREEN, FOCUS, PASTE}
    assert CURSOR not in shell.modes
    shell.suspend()
    assert not shell.mouse
    assert not shell.modes & {SCREEN, FOCUS, PASTE}
    assert CURSOR in shell.modes
    assert "Stopped" in shell.answer("jobs")
    line = shell.answer("stty -a").replace(";", " ").split()
    assert {"echo", "icanon", "isig", "icrnl", "ixon"} <= set(line)
    assert shell.answer("echo $((6 * 7))") == "42\r\n"


def test_the_screen_comes_back_whole_with_the_new_size_and_the_new_runs(shell: Shell) -> None:
    shell.suspend()
    shell.resize(100, 30)
    shell.add_run("run-meanwhile")
    shell.read(2.2)
    back(shell, "74 seen")
    shell.until_shown("nothing that came meanwhile is lost")
    shown = shell.whole()
    assert "5f5e0d" in shown
    assert [len(line) for line in shown.splitlines()] == [100] * 30
    assert shell.mouse
    assert shell.modes >= {SCREEN, FOCUS, PASTE}
    assert CURSOR not in shell.modes
    shell.press("j")
    shell.until(lambda text: "▌b71c02" in text or "▌a6f53e" in text or "▌5f5e0d" in text)


def test_a_console_that_was_suspended_twice_leaves_the_terminal_as_it_was(shell: Shell) -> None:
    for _ in range(2):
        shell.suspend()
        before = shell.answer("stty -g")
        back(shell)
    shell.settle()
    shell.suspend("q")
    assert shell.answer("stty -g") == before
    assert shell.answer("jobs") == ""
    assert shell.modes == {CURSOR, WRAP}


def test_without_a_mouse_none_is_asked_for_afterwards_either(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.start("--no-mouse")
        shell.suspend()
        back(shell)
        shell.settle()
        assert shell.modes >= {SCREEN, FOCUS, PASTE}
        assert not any(b"\x1b[?%dh" % mode in shell.raw for mode in MOUSE)


def test_a_filter_that_is_being_typed_is_there_afterwards(shell: Shell) -> None:
    shell.press("/policy:b71")
    shell.until_shown("/ policy:b71")
    shell.settle()
    shell.suspend()
    back(shell, "/ policy:b71")
    shell.settle()
    shell.press("c0")
    shell.until_shown("/ policy:b71c0")


def test_a_form_that_is_being_filled_in_is_there_afterwards(shell: Shell) -> None:
    shell.press("4")
    shell.until_shown("REASON")
    shell.press("n")
    shell.until_shown("whitelist a class")
    shell.press("seen in no FAIL")
    shell.until_shown("seen in no FAIL")
    shell.suspend()
    back(shell, "seen in no FAIL")
    shell.settle()
    shell.press(" so far")
    shell.until_shown("seen in no FAIL so far")


def test_a_command_around_the_console_is_stopped_with_it(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.start(around="sh -c '{}; echo o''ver'")
        shell.suspend()
        assert "Stopped" in shell.answer("jobs")
        back(shell)
        shell.settle()
        shell.press("q")
        shell.until_shown("over")


def test_what_was_typed_for_the_shell_is_no_key_of_the_console(shell: Shell) -> None:
    shell.suspend("\x1aq")
    back(shell)
    shell.whole()
    shell.suspend()
    assert "Stopped" in shell.answer("jobs")


def test_in_the_background_it_waits_for_the_terminal_and_writes_nothing(shell: Shell) -> None:
    shell.suspend()
    known = len(shell.raw)
    shell.run("bg")
    shell.until(lambda _: shell.raw[known:].rstrip().endswith(b"ready>") and b" &\r\n" in shell.raw[known:])
    shell.read(1.0)
    assert "Stopped" in shell.answer("jobs")
    assert b"\x1b[" not in shell.raw[known:]
    back(shell)
    shell.whole()


def test_a_stopped_console_ends_when_the_shell_ends_it(shell: Shell) -> None:
    shell.suspend()
    before = shell.answer("stty -g")
    pid = console(shell)
    known = len(shell.raw)
    shell.run("kill %1")
    end = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        shell.read(0.1)
        shell.press("\r")
    assert not Path(f"/proc/{pid}").exists()
    assert shell.answer("stty -g") == before
    assert b"\x1b[" not in shell.raw[known:]


def test_stopped_by_a_signal_from_outside_it_comes_back_whole_too(shell: Shell) -> None:
    shell.suspend()
    pid = console(shell)
    back(shell)
    for number in (signal.SIGTSTP, signal.SIGSTOP):
        known = len(shell.raw)
        shell.settle()
        os.kill(pid, number)
        shell.until(lambda _, known=known: b"ready> " in shell.raw[known:])  # type: ignore[misc]
        assert "Stopped" in shell.answer("jobs")
        back(shell)
        shell.whole()
    shell.suspend("q")
    line = shell.answer("stty -a").replace(";", " ").split()
    assert {"echo", "icanon", "isig", "icrnl", "ixon"} <= set(line)


def test_ctrl_z_in_the_pager_suspends_both_and_fg_brings_both_back(tmp_path: Path) -> None:
    with Shell(tmp_path, PAGER="less") as shell:
        shell.start()
        shell.press("P")
        shell.until_shown("policy a6f53e")
        shell.settle()
        shell.suspend()
        assert "Stopped" in shell.answer("jobs")
        known = len(shell.raw)
        shell.run("fg")
        shell.until(lambda _: b"policy a6f53e" in shell.raw[known:])
        shell.settle()
        known = len(shell.raw)
        shell.press("q")
        shell.until(lambda _: b"Policies" in shell.raw[known:])
        shell.whole()


def test_where_nobody_could_bring_it_back_ctrl_z_says_so_and_the_console_lives() -> None:
    with Terminal(*LIVELY) as terminal:
        terminal.until_shown("000027")
        terminal.settle()
        known = len(terminal.raw)
        terminal.press("\x1a")
        terminal.until_shown("not suspended: no shell started the console")
        assert b"\x1b[?1049l" not in terminal.raw[known:]
        terminal.press("j")
        terminal.until_shown("▌000026")


def test_a_signal_to_stop_does_not_freeze_what_nobody_could_bring_back() -> None:
    with Terminal(*LIVELY) as terminal:
        terminal.until_shown("000027")
        terminal.settle()
        terminal.process.send_signal(signal.SIGTSTP)
        terminal.until_shown("not suspended: no shell started the console")


def test_stopped_and_continued_the_terminal_is_restored_at_the_end() -> None:
    with Terminal(*LIVELY) as terminal:
        terminal.until_shown("000027")
        terminal.settle()
        for _ in range(2):
            terminal.process.send_signal(signal.SIGSTOP)
            terminal.screen.reset()
            terminal.process.send_signal(signal.SIGCONT)
            terminal.until_shown("000027")
            terminal.settle()
        terminal.press("q")
        assert terminal.ended() == 0
        assert restored(terminal)
