"""This process as a job of a shell: whether somebody could take it up again, and how all of it is stopped."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Final

_LOCKS: Final = Path("/proc/locks")
_LOCK_OWNER: Final = 4
"""The word of a line of /proc/locks that is the process: `1: POSIX  ADVISORY  WRITE 4711 08:01:99 0 EOF`."""

_CONTINUED_WITHIN: Final = 0.1
"""Seconds for the news that the process was continued: another thread may take the signal, after this one goes on."""


def parent_of(pid: int) -> int | None:
    """The process that started this one; None where nothing tells."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return None


def has_parent_shell(parent: Callable[[int], int | None] = parent_of) -> bool:
    """Whether a process of this session, but of another job, waits for this one: only that can bring it back.

    The rule of POSIX: an orphaned process group is not stopped from the keyboard, as nobody would continue it. Where
    the system does not say who started whom, the answer is yes, and the kernel applies the rule itself.
    """
    job, session = os.getpgrp(), os.getsid(0)
    pid: int | None = os.getppid()
    while pid:
        try:
            if os.getsid(pid) != session:
                return False
            if os.getpgid(pid) != job:
                return True
        except OSError:
            return False
        pid = parent(pid)
    return pid is None


def is_foreground(number: int) -> bool:
    """Whether the terminal behind this descriptor is this job's now, or no job's: no terminal, or one of no session."""
    if not os.isatty(number):
        return True
    try:
        return os.tcgetpgrp(number) == os.getpgrp()
    except OSError as error:
        return error.errno == errno.ENOTTY


def holds_file_locks(locks: Path = _LOCKS) -> bool:
    """Whether this process has a file locked (Linux; False elsewhere): others would wait for it while it is stopped."""
    with suppress(OSError):
        pid = str(os.getpid())
        return any(pid in line.split()[_LOCK_OWNER : _LOCK_OWNER + 1] for line in locks.read_text().splitlines())
    return False


class Job:
    """Hears that the job is to stop and that it was continued; stops it as the shell expects.

    `asked`: somebody wants it to stop (SIGTSTP: `kill`, or the terminal while another program of the job has it).
    `continued`: it was stopped by something that asks nobody (SIGSTOP), and goes on. Both are called as a signal
    handler of the event loop is: `loop` says how.
    """

    def __init__(
        self, loop: Callable[[Callable[[], None]], object], asked: Callable[[], None], continued: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._asked = asked
        self._continued = continued
        self._stopping = False

    def listen(self) -> None:
        """Hear the signals from now on, whoever did before."""
        self._hear(signal.SIGTSTP, self._on_stop)
        self._hear(signal.SIGCONT, self._on_continue)

    def stop(self, number: signal.Signals = signal.SIGTSTP, *, whole: bool = True) -> bool:
        """Stop now, with everything that was started as one command (`whole`), and return once it goes on.

        False when it went on at once: the kernel stops no job that nobody could continue.
        """
        before = signal.signal(number, signal.SIG_DFL)
        self._stopping = True
        try:
            os.kill(0 if whole else os.getpid(), number)  # here the process stands still
            end = time.monotonic() + _CONTINUED_WITHIN
            while self._stopping and time.monotonic() < end:
                time.sleep(0.001)
            went_on_at_once = self._stopping
        finally:
            self._stopping = False
            signal.signal(number, before)
            signal.siginterrupt(number, False)
        return not went_on_at_once

    def _hear(self, number: signal.Signals, handler: Callable[[int, FrameType | None], None]) -> None:
        signal.signal(number, handler)
        signal.siginterrupt(number, False)  # what other threads wait for goes on

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self._loop(self._asked)

    def _on_continue(self, number: int, frame: FrameType | None) -> None:
        if self._stopping:
            self._stopping = False
        else:
            self._loop(self._continued)
