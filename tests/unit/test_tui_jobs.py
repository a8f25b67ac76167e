"""The process as a job: who could bring it back, what others would wait for, and how it is stopped."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateconsole.tui.terminal import suspend
from gateconsole.tui.terminal.job_control import has_parent_shell, holds_file_locks
from gateconsole.tui.terminal.suspend import format_duration

ASK = "from gateconsole.tui.terminal.job_control import has_parent_shell; print(has_parent_shell())"
STOP = """
from gateconsole.tui.terminal.job_control import Job
heard = []
job = Job(lambda act: act(), lambda: heard.append("asked"), lambda: heard.append("continued"))
job.listen()
import os, signal
print(job.stop(), heard, flush=True)
os.kill(os.getpid(), signal.SIGTSTP)
os.kill(os.getpid(), signal.SIGCONT)
print(heard)
"""


def said(*command: str, process_group: int | None = None, new_session: bool = False) -> str:
    """What a command prints, in a job or a session of its own."""
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        process_group=process_group,
        start_new_session=new_session,
    ).stdout.strip()


def test_a_job_started_by_another_process_of_the_session_is_held() -> None:
    assert said(sys.executable, "-c", ASK, process_group=0) == "True"


def test_so_is_one_inside_a_command_that_was_started_so() -> None:
    assert said("sh", "-c", f'{sys.executable} -c "{ASK}"; true', process_group=0) == "True"


def test_a_session_of_its_own_is_held_by_nobody() -> None:
    assert said(sys.executable, "-c", ASK, new_session=True) == "False"
    assert said("sh", "-c", f'{sys.executable} -c "{ASK}"; true', new_session=True) == "False"


def test_where_the_system_does_not_say_who_started_whom_the_kernel_decides() -> None:
    ask = "from gateconsole.tui.terminal.job_control import has_parent_shell; print(has_parent_shell(lambda pid: None))"
    assert said("sh", "-c", f'{sys.executable} -c "{ask}"; true', process_group=0) == "True"
    assert has_parent_shell(lambda pid: 0) is (os.getpgid(os.getppid()) != os.getpgrp())


def test_a_job_nobody_holds_is_not_stopped_and_says_so() -> None:
    assert said(sys.executable, "-c", STOP, new_session=True) == "False []\n['asked', 'continued']"


def test_a_job_that_is_held_stands_still_until_it_is_continued_and_hears_nothing_of_it() -> None:
    with subprocess.Popen([sys.executable, "-c", STOP], stdout=subprocess.PIPE, text=True, process_group=0) as child:
        try:
            _, status = os.waitpid(child.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status)
            assert os.WSTOPSIG(status) == signal.SIGTSTP
            os.killpg(child.pid, signal.SIGCONT)
            out, _ = child.communicate(timeout=60)
        finally:
            child.kill()
    assert out == "True []\n['asked', 'continued']\n"


def test_that_it_was_continued_is_waited_for_where_another_thread_takes_the_signal() -> None:
    script = (
        "import os, threading\n"
        "from gateconsole.tui.terminal.job_control import Job\n"
        "job = Job(lambda act: act(), lambda: None, lambda: None)\n"
        "def kill(pid, number):  # the process goes on, and its news comes a moment later\n"
        "    threading.Timer(0.02, job._on_continue, (number, None)).start()\n"
        "os.kill = kill\n"
        "print(job.stop())\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout == "True\n"


def test_a_file_that_is_locked_is_noticed(tmp_path: Path) -> None:
    assert not holds_file_locks()
    with (tmp_path / "ledger").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert holds_file_locks()
    assert not holds_file_locks()


def test_where_no_locks_are_told_none_are_held(tmp_path: Path) -> None:
    assert not holds_file_locks(tmp_path / "locks")


@pytest.mark.parametrize(("held", "done"), [([True, True, False], True), ([True] * 99, False)], ids=["soon", "never"])
def test_what_is_being_written_is_waited_for_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, held: list[bool], done: bool
) -> None:
    told = iter([*held, *([held[-1]] * 100_000)])
    monkeypatch.setattr(suspend, "holds_file_locks", lambda: next(told))
    monkeypatch.setattr(suspend, "_WRITES_MOST", 60.0 if done else 0.02)
    assert suspend._writes_done() is done


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(2.4, "2 s"), (59.9, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h 0 min"), (30_000, "8 h 20 min")],
)
def test_how_long_it_stood_still_is_said_in_words(seconds: float, words: str) -> None:
    assert format_duration(seconds) == words
