"""The command that is run for new alerts: without a shell, JSON on its stdin, within a time, its output nobody's."""

from __future__ import annotations

import errno
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from gateconsole.io.files import program
from gateconsole.text import printable

LIMIT: Final = 10.0
"""Seconds a command may take; then it is killed with its children."""

ENDED: Final = "ended with the console"
"""What `Hook.run` says of a command that `Hook.end` kept from ending by itself: nobody knows what it did."""

_TICK: Final = 0.05
_KEPT: Final = 4096


class Hook:
    """One command, run again and again, never twice at a time. `end` may come from another thread."""

    def __init__(self, command: Sequence[str], limit: float = LIMIT) -> None:
        self.command = tuple(command)
        self.limit = limit
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._ended = False

    def run(self, data: bytes) -> str:
        """Run it with `data` on its stdin; why it failed, printably, or nothing; or ENDED. Waits for it."""
        name = printable(self.command[0])
        try:
            child = self._start()
        except (OSError, ValueError) as error:
            return f"{name}: {getattr(error, 'strerror', None) or error}: mend the setting on_alert"
        if child is None:
            return ENDED
        try:
            said, in_time = self._attend(child, data)
        finally:
            self._kill(child)
            for pipe in (child.stdin, child.stderr):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
        if in_time and child.returncode == 0:
            return ""
        if self._ended:
            return ENDED
        if not in_time:
            return f"{name}: not done within {self.limit:g} s: killed"
        return f"{name}: {_status(child.returncode)}{f': {said}' if said else ''}"

    def end(self) -> None:
        """Kill what runs, with its children, and run nothing any more."""
        with self._lock:
            self._ended = True
            child = self._child
        if child is not None:
            self._kill(child)

    def _start(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._ended:
                return None
            path = program(self.command[0], os.environ)
            if path is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            # A session of its own: it has no terminal to write to, and can be killed as a whole.
            self._child = subprocess.Popen(
                self.command,
                executable=path,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
                bufsize=0,
            )
            return self._child

    def _attend(self, child: subprocess.Popen[bytes], data: bytes) -> tuple[str, bool]:
        """Feed it and hear what it complains of; (its first line of stderr, whether it ended in time)."""
        assert child.stdin is not None
        assert child.stderr is not None
        for pipe in (child.stdin, child.stderr):
            os.set_blocking(pipe.fileno(), False)
        heard = b""
        deadline = time.monotonic() + self.limit
        left: memoryview | None = memoryview(data)
        hears = True
        while time.monotonic() < deadline:
            left = _communicate(child, left)
            readable = select.select([child.stderr] if hears else [], [], [], _TICK)[0]
            chunk = child.stderr.read(65536) if readable else None
            hears = hears and chunk != b""
            heard = (heard + (chunk or b""))[:_KEPT]
            if not readable or not hears:
                with self._lock:
                    ended = child.poll() is not None
                if ended:
                    return _first_line(heard), True
                if not hears:
                    time.sleep(_TICK)
        return _first_line(heard), False

    def _kill(self, child: subprocess.Popen[bytes]) -> None:
        """End it and its children, if it has not ended by itself; what it left behind on purpose then stays."""
        with self._lock:
            if child.poll() is None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def _communicate(child: subprocess.Popen[bytes], left: memoryview | None) -> memoryview | None:
    """Write as much as the pipe takes; None once all is written, or nobody reads it."""
    if left is None or child.stdin is None:
        return None
    try:
        while left:
            written = child.stdin.write(left)
            if not written:
                return left
            left = left[written:]
    except BlockingIOError:
        return left
    except OSError:
        pass
    with suppress(OSError):
        child.stdin.close()
    return None


def _first_line(heard: bytes) -> str:
    lines = [line.strip() for line in heard.decode("utf-8", "backslashreplace").splitlines()]
    return printable(next(filter(None, lines), ""))[:200]


def _status(code: int) -> str:
    if code > 0:
        return f"exit {code}"
    try:
        return f"ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"ended by signal {-code}"
