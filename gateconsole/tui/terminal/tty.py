"""The terminal as a device: opened apart from the standard streams, and written to without ever waiting for it.

A terminal that nobody reads (a stalled line) takes no more after a few kilobytes. Whoever waited for it could neither
hear a signal nor read a key; whoever queued everything would show, minutes later, what has long been different.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import select
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple

from gateconsole.tui.terminal.job_control import has_parent_shell, is_foreground

QUESTION: Final = "\x1b[5n"
"""Asks the terminal for a sign of life (DSR, since the VT100); it answers when all before it has been drawn."""

_ASK_EVERY: Final = 2048
"""Bytes after which the terminal is asked whether it has drawn them."""

_WINDOW_LEAST: Final = 4096
_WINDOW_FIRST: Final = 16_384
_WINDOW_MOST: Final = 262_144
"""Bytes that may be under way before the next frame waits: as many as the line carries within `_DELAY`."""

_DELAY: Final = 0.25
"""Seconds that the bytes under way may take beyond what the line needs for an answer alone."""

_ANSWER_LOST: Final = 5.0
"""Seconds after which an answer is not waited for any longer."""

_CANCEL: Final = b"\x18"
"""Ends a sequence that was cut off in the middle, as terminals read it (CAN)."""

_STOPPED: Final = "started in the background: the console needs the terminal"
BACKGROUND: Final = f"{_STOPPED}: start it in the foreground (timeout needs --foreground)"
NO_TERMINAL: Final = "the terminal cannot be opened for keys and screen: start the console in a terminal of your own"


class TerminalError(Exception):
    """There is no terminal to draw on; the text says why and what helps."""


class Tty(NamedTuple):
    """A terminal that is open. `shared`: other processes have the same descriptor, so its mode is put back."""

    number: int
    shared: bool

    def take(self) -> None:
        """From now on neither reading nor writing waits."""
        os.set_blocking(self.number, False)

    def give_back(self) -> None:
        """Leave the descriptor as others know it."""
        if self.shared:
            os.set_blocking(self.number, True)


def open_tty() -> Tty:
    """The terminal that stdout shows, for keys and screen alike, whatever stdin and stderr are. Raises TerminalError.

    Opened anew where that is possible, so that not to wait is a mode of this process alone.
    """
    candidates = ["/dev/tty", "/proc/self/fd/1"]
    with suppress(OSError):  # another mount namespace may have made it
        candidates.insert(0, os.ttyname(1))
    for path in candidates:
        try:
            number = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            continue
        if os.isatty(number):
            return Tty(number, shared=False)
        os.close(number)
    for number in (1, 0, 2):
        if os.isatty(number) and _can_do_both(number):
            return Tty(os.dup(number), shared=True)
    raise TerminalError(NO_TERMINAL)


def _can_do_both(number: int) -> bool:
    return fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR


def wait_for_foreground(number: int) -> None:
    """Return once the terminal is this job's. Raises TerminalError where nobody would give it to us.

    A job that a shell has put into the background (`&`) stops until `fg`, as every program that wants the terminal. A
    process that is not the job itself (below `timeout`, in a script) would stand still for ever.
    """
    while not is_foreground(number):
        if os.getpid() != os.getpgrp() or not has_parent_shell():
            raise TerminalError(BACKGROUND)
        before = signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTTOU)
        signal.signal(signal.SIGTTOU, before)


class _Asked(NamedTuple):
    """A question on its way. `total`: bytes written until then; `at`: when (monotonic seconds)."""

    total: int
    at: float


class Output:
    """Writes to the terminal in order and never waits. One frame at a time: a newer one is not made before.

    `free` is called, on the loop, when a frame may be written after `ready` said no. A terminal that answers is sent
    only as much as it draws within `_DELAY`: what lies in the buffers of a slow line would delay every later key. Of
    one that never answered only that is known what the system takes.
    """

    def __init__(self, number: int, encoding: str, free: Callable[[], None]) -> None:
        self._number = number
        self._encoding = encoding
        self._free = free
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._open = True
        self._waiting = bytearray()
        self._watched = False
        self._wanted = False  # a frame was asked for and had to wait
        self._narrow = False  # the window was what it waited for
        self._total = self._confirmed = 0
        self._asked: deque[_Asked] = deque()
        self._window = _WINDOW_FIRST
        self._quickest = float("inf")
        self.answers = False
        """Whether this terminal answers."""
        self.questions = 0
        """Signs of life that were asked for so far."""

    def write(self, data: str) -> None:
        """Write soon, in order; from any thread."""
        if threading.get_ident() != self._thread:
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self.write, data)
            return
        if self._open:
            self._waiting += data.encode(self._encoding, "backslashreplace")
            self._push()

    def frame(self, data: str) -> None:
        """Write a whole frame; only when `ready`."""
        due = self._total + len(data) - (self._asked[-1].total if self._asked else self._confirmed) >= _ASK_EVERY
        self.write(data)
        if due and self.answers:
            self.ask()

    def ask(self) -> None:
        """Ask the terminal whether it has drawn all this."""
        self.write(QUESTION)
        self.questions += 1
        self._asked.append(_Asked(self._total + len(self._waiting), time.monotonic()))

    def ready(self) -> bool:
        """Whether a frame may be written now. If not, `free` is called once it may."""
        now = time.monotonic()
        full = self.answers and self._total - self._confirmed > self._window
        if full and self._asked and now - self._asked[0].at >= _ANSWER_LOST:
            self._give_up()
            full = False
        if full and not self._asked:
            self.ask()
        if full and not self._wanted:
            self._loop.call_later(max(self._asked[0].at + _ANSWER_LOST - now, 0.05), self._look_again)
        self._narrow = self._narrow or full
        self._wanted = full or bool(self._waiting) or not self._open
        return not self._wanted

    def answered(self) -> None:
        """The terminal has answered; on the loop."""
        self.answers = True
        if not self._asked:
            return
        asked = self._asked.popleft()
        self._confirmed = max(self._confirmed, asked.total)
        took = time.monotonic() - asked.at
        self._quickest = min(self._quickest, took)
        if took - self._quickest > _DELAY:
            self._window = max(_WINDOW_LEAST, self._window // 2)
        elif self._narrow:
            self._window = min(_WINDOW_MOST, self._window * 2)
        self._narrow = False
        self._look_again()

    def flush(self, seconds: float) -> bool:
        """Wait so long at most until all is written; False if it is not."""
        end = time.monotonic() + seconds
        self._push()
        while self._waiting and self._open:
            left = end - time.monotonic()
            if left <= 0:
                return False
            select.select([], [self._number], [], left)
            self._push()
        return True

    def abandon(self) -> None:
        """Forget what is not written yet, and end what is cut off by that."""
        if self._waiting:
            self._waiting[:] = _CANCEL

    def close(self) -> None:
        """Write nothing more."""
        self._unwatch()
        self._open = False
        self._waiting.clear()

    def _push(self) -> None:
        """Write as much as the terminal takes."""
        while self._waiting and self._open:
            try:
                taken = os.write(self._number, self._waiting)
            except BlockingIOError:
                break
            except InterruptedError:
                continue
            except OSError as error:
                if error.errno not in {errno.EIO, errno.ENXIO, errno.EBADF, errno.EPIPE}:
                    raise
                self.close()  # the terminal is gone; who looks after that will see it
                return
            self._total += taken
            del self._waiting[:taken]
        if self._waiting and not self._watched:
            self._loop.add_writer(self._number, self._writable)
            self._watched = True

    def _writable(self) -> None:
        self._push()
        if not self._waiting:
            self._unwatch()
            self._look_again()

    def _unwatch(self) -> None:
        if self._watched:
            self._watched = False
            if not self._loop.is_closed():
                self._loop.remove_writer(self._number)

    def _look_again(self) -> None:
        if self._wanted and self._open:
            self._wanted = False
            if self.ready():
                self._free()

    def _give_up(self) -> None:
        """An answer was lost: this terminal is taken for one that does not answer, until it does again."""
        self._asked.clear()
        self._confirmed = self._total
        self.answers = False


def output_encoding() -> str:
    """The encoding of what is drawn: that of the standard streams."""
    return getattr(sys.__stderr__ or sys.__stdout__, "encoding", None) or "utf-8"
