"""A real terminal for tests: a program behind a pty, every byte it wrote, and the screen those bytes make."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import pyte

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0

ESCAPE = "\x1b[27u"
"""The key escape as terminals write it when asked to: whatever follows, and however soon, is another key."""


class Terminal:
    """Starts `python ARGUMENTS` with a pty of `columns` x `lines` as its terminal; `raw` holds all it wrote."""

    def __init__(self, *arguments: str, columns: int = 120, lines: int = 36, **environment: str) -> None:
        self.raw = b""
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._master, slave = pty.openpty()
        self._set_size(columns, lines)
        self.before = termios.tcgetattr(slave)
        self._slave = slave
        told, self._tell = os.pipe()
        self._answers, answer = os.pipe()
        self.process = subprocess.Popen(
            ["setsid", "--ctty", sys.executable, *arguments],
            cwd=ROOT,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            pass_fds=(told, answer),
            env={
                **os.environ,
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "LEAD": f"{told} {answer}",
                **environment,
            },
        )
        os.close(told)
        os.close(answer)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for number in (self._master, self._slave, self._tell, self._answers):
            if number >= 0:
                os.close(number)

    def read(self, seconds: float) -> bytes:
        """What the program writes within a time."""
        end = time.monotonic() + seconds
        new = b""
        while (left := end - time.monotonic()) > 0 and (piece := self._piece(left)):
            new += piece
        return new

    def read_some(self) -> bytes:
        """What the program writes next, as soon as it does; not drawn, only kept in `raw`."""
        if not select.select([self._master], [], [], PATIENCE)[0]:
            raise AssertionError("nothing was written")
        new = os.read(self._master, 65536)
        self.raw += new
        return new

    def until(self, seen: Callable[[str], bool]) -> str:
        """The screen as text, once it is as wished; AssertionError with the screen if it never is."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if seen(self.text):
                return self.text
            if self.process.poll() is not None and not self.read(0.05):
                break
            self.read(0.02)
        raise AssertionError(f"the screen never showed it:\n{self.text}")

    def until_shown(self, words: str) -> str:
        """The screen as text, once it shows these words."""
        return self.until(lambda text: words in text)

    def settle(self, quiet: float = 0.4) -> str:
        """The screen as text, once nothing was written for a time."""
        while self._piece(quiet):
            pass
        return self.text

    @property
    def text(self) -> str:
        """The screen, line by line."""
        # Not `screen.display`: it stumbles over what is left of a wide character after a mark pyte does not draw.
        buffer, columns = self.screen.buffer, range(self.screen.columns)
        return "\n".join("".join(buffer[y][x].data for x in columns) for y in range(self.screen.lines))

    def press(self, keys: str) -> None:
        """Type bytes."""
        self.send(keys.encode())

    def send(self, sent: bytes) -> None:
        """Type bytes that may be no text, and more of them than the line takes at once."""
        end = time.monotonic() + PATIENCE
        os.set_blocking(self._master, False)
        while sent and time.monotonic() < end:
            try:
                sent = sent[os.write(self._master, sent) :]
            except BlockingIOError:
                self.read(0.02)
        os.set_blocking(self._master, True)
        assert not sent, "the program does not read"

    def lead(self, letter: str) -> bytes:
        """Tell a led program (tests.pty.lively) to do something; its answer."""
        os.write(self._tell, letter.encode())
        if not select.select([self._answers], [], [], PATIENCE)[0]:
            raise AssertionError(f"no answer to {letter!r}")
        return os.read(self._answers, 100)

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size."""
        self.screen.resize(lines, columns)
        self.screen.reset()
        self._set_size(columns, lines)
        self.process.send_signal(signal.SIGWINCH)

    def hang_up(self) -> None:
        """Take the terminal away, as a dropped line does."""
        os.close(self._slave)
        os.close(self._master)
        self._slave = self._master = -1

    def ended(self) -> int:
        """The exit status, once the program has ended."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.05)
        self.read(0.05)
        assert self.process.returncode is not None
        return self.process.returncode

    def unread(self) -> bytes:
        """What was typed and the program has not read: it would stand at the prompt."""
        attributes = termios.tcgetattr(self._slave)
        attributes[3] &= ~termios.ICANON
        termios.tcsetattr(self._slave, termios.TCSANOW, attributes)
        number = struct.unpack("i", fcntl.ioctl(self._slave, termios.FIONREAD, b"\0" * 4))[0]
        return os.read(self._slave, number) if number else b""

    @property
    def settings(self) -> Sequence[object]:
        """The line's settings (echo, canonical mode) as they are now."""
        return termios.tcgetattr(self._slave)

    def _piece(self, patience: float) -> bytes:
        """What the program writes next; nothing if it writes nothing for a time."""
        if not select.select([self._master], [], [], patience)[0]:
            return b""
        try:
            piece = os.read(self._master, 65536)
        except OSError:
            return b""
        self.raw += piece
        self._stream.feed(piece)
        return piece

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
