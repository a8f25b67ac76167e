"""The driver of the terminal: Textual's, but for how it is read and written: no input ends it, no write waits."""

from __future__ import annotations

import asyncio
import fcntl
import os
import selectors
import signal
import struct
import termios
import time
import tty
from codecs import getincrementaldecoder
from contextlib import suppress
from threading import Event, Thread
from typing import Any, Final, Protocol, cast

from textual import constants
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste, Resize
from textual.geometry import Size
from textual.message import Message

from gateconsole.tui.terminal.paste import START, Pasted, PasteSplitter, Piece, RefusedPaste
from gateconsole.tui.terminal.reports import ESCAPE, Reports, answers, size_of, understood
from gateconsole.tui.terminal.tty import Output, Tty, output_encoding

_AT_ONCE: Final = 4096
"""Bytes read at once."""

_LOOK: Final = 0.1
"""Seconds between two looks whether the driver is to end, while nothing is typed."""

_LOOK_SOON: Final = 0.02
"""The same while it is not known yet what something is that came."""

_LAST_FRAME: Final = 0.3
"""Seconds that what is being written may take still, when the terminal is given back."""

_LAST_WORDS: Final = 0.3
"""Seconds that the terminal's modes may take to be written."""

_LAST_REPORTS: Final = 0.3
"""Seconds in which a terminal that answers says that no report of the mouse is on its way any more."""

_REPORTS_STILL: Final = 0.05
"""The same for a terminal that does not answer: as long as a report is on its way in the same room."""

_USUAL_SIZE: Final = (80, 24)
_SIZE_QUESTION: Final = "\x1b[18t"
_SIZE_ANSWER: Final = 10.0
"""Seconds in which an answer to the question for the size is expected; at another time it is none."""

_SIZES: Final = range(1, 2001)
_OFF_MOUSE: Final = "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"
_KITTY_FLAGS: Final = 1 | 8 | 16
"""Keyboard protocol: no ambiguous escape, every key as a sequence, with its text."""


class PasteRefusedMessage(Message):
    """Something was pasted that is not taken; `why` says so to the operator."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


class TtyOwner(Protocol):
    """What the driver needs of its application: the terminal, and somebody to tell that it takes a frame."""

    tty: Tty

    def frame_due(self) -> None:
        """A frame had to wait, and may be written now."""


class ConsoleDriver(LinuxDriver):
    """Reads keys, pastes and answers apart, and writes without waiting.

    Textual's own would stand still with a terminal that nobody reads, ends with a report of a key that it does not
    know, and makes keys of the escape sequences in what is pasted.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        Driver.__init__(self, app, debug=debug, mouse=mouse, size=size)
        self._owner = cast(TtyOwner, app)
        self._tty = self._owner.tty
        self.fileno = self._tty.number
        self.input_tty = True
        self.attrs_before: list[Any] | None = None
        self.exit_event = Event()
        self._key_thread: Thread | None = None
        self._in_band_window_resize = self._mouse_pixels = self._must_signal_resume = False
        self._output: Output | None = None
        self._started = False
        self._leaving = False  # what is typed now is for nobody
        self._answers = 0
        self._one_answered = Event()
        self._reported_size: tuple[int, int] | None = None
        self._size_asked_at = float("-inf")
        self._later: list[tuple[float, str]] = []

    # writing

    def write(self, data: str) -> None:
        """Write soon, in order; never waits. Nothing, while another program has the terminal."""
        if self._output is not None:
            self._output.write(data)

    def write_later(self, data: str, seconds: float) -> None:
        """Write after so many seconds, the same for all; who gives the terminal back before waits for it."""
        self._later.append((time.monotonic() + seconds, data))
        self._loop.call_later(seconds, self._write_due)

    def _write_due(self, *, wait: bool = False) -> None:
        while self._later and (wait or self._later[0][0] <= time.monotonic()):
            due, data = self._later.pop(0)
            time.sleep(max(due - time.monotonic(), 0.0))
            self.write(data)
        if self._later:
            self._loop.call_later(self._later[0][0] - time.monotonic(), self._write_due)

    def frame_ready(self) -> bool:
        """Whether a frame may be written now. If not, the application hears when."""
        return self._output is not None and self._output.ready()

    def write_frame(self, data: str) -> None:
        """Write a frame, when `frame_ready`."""
        if self._output is not None:
            self._output.frame(data)

    def _frame_due(self) -> None:
        self._app.call_later(self._owner.frame_due)

    # taking the terminal and giving it back

    def start_application_mode(self) -> None:
        """Take the terminal: its modes, its size, its keys."""
        self._loop = asyncio.get_running_loop()
        self._tty.take()
        self._output = Output(self.fileno, output_encoding(), self._frame_due)
        self._started, self._leaving = True, False
        self._answers = 0
        self.exit_event.clear()
        signal.signal(signal.SIGWINCH, lambda *_: self.tell_size())
        self.tell_size()
        self.write("\x1b[?1049h")
        self._enable_mouse_support()
        self._set_line()
        self.write("\x1b[?25l\x1b[?1004h")
        if not constants.DISABLE_KITTY_KEY:
            self.write(f"\x1b[>{_KITTY_FLAGS}u")
        self._key_thread = Thread(target=self._run_input_thread, name="terminal-input", daemon=True)
        self._key_thread.start()
        self._request_terminal_sync_mode_support()
        self._enable_bracketed_paste()
        self._disable_line_wrap()
        self._enable_mouse_support()  # once more: iTerm 3.5.0 may have overheard it
        self._output.ask()

    def _set_line(self) -> None:
        """Each key at once, as it is, without an echo; what was set before is put back at the end."""
        try:
            self.attrs_before = termios.tcgetattr(self.fileno)
            attributes = termios.tcgetattr(self.fileno)
            attributes[tty.LFLAG] = self._patch_lflag(attributes[tty.LFLAG])
            attributes[tty.IFLAG] = self._patch_iflag(attributes[tty.IFLAG])
            attributes[tty.CC][termios.VMIN] = 1
            termios.tcsetattr(self.fileno, termios.TCSANOW, attributes)
        except termios.error:
            pass  # a terminal that is gone; who looks after that will see it

    def disable_input(self) -> None:
        """Read no more keys."""
        self.stop_application_mode()

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was taken. Takes two seconds at most, whatever the terminal does."""
        output = self._output
        if not self._started or output is None:
            return
        self._started, self._leaving = False, True
        signal.signal(signal.SIGWINCH, signal.SIG_DFL)
        listens = output.flush(_LAST_FRAME)
        if listens:
            self._write_due(wait=True)
        else:
            output.abandon()
        quiet = "\x1b[?2004l\x1b[?7h" + (_OFF_MOUSE if self._mouse else "") + "\x1b[?1004l"
        self.write(quiet + ("" if constants.DISABLE_KITTY_KEY else "\x1b[<u"))
        self._drain(output, listens)
        self._end_keys()
        self.put_line_back()
        self.write("\x1b[?1049l\x1b[?25h")
        output.flush(_LAST_WORDS if listens else 0.0)
        self._tty.give_back()

    def put_line_back(self) -> None:
        """Set the line as it was before; this never waits."""
        if self.attrs_before is not None:
            with suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)

    def _drain(self, output: Output, listens: bool) -> None:
        """Reports that were sent before the terminal heard that none is wanted must not stand at the prompt."""
        if listens and output.answers:
            output.ask()
        if not listens or not output.flush(_LAST_WORDS):
            return
        end = time.monotonic() + (_LAST_REPORTS if output.answers else _REPORTS_STILL)
        while (left := end - time.monotonic()) > 0 and not (output.answers and self._answers >= output.questions):
            self._one_answered.wait(left)
            self._one_answered.clear()

    def _end_keys(self) -> None:
        self.exit_event.set()
        if self._key_thread is not None:
            self._key_thread.join(_LOOK * 5)
        with suppress(termios.error):
            termios.tcflush(self.fileno, termios.TCIFLUSH)

    def close(self) -> None:
        """Write nothing more."""
        if self._output is not None:
            self._output.close()

    # the size

    def tell_size(self) -> None:
        """Tell the application how large the terminal is."""
        size = Size(*self._get_terminal_size())
        asyncio.run_coroutine_threadsafe(self._app._post_message(Resize(size, size)), loop=self._loop)

    def ask_size(self) -> None:
        """Ask anew: the system, and the terminal itself, as some lines carry no change of the size."""
        self.tell_size()
        self._size_asked_at = time.monotonic()
        self.write(_SIZE_QUESTION)

    def size_changed(self, size: tuple[int, int]) -> bool:
        """Whether the system knows another size than this: a line that sends no SIGWINCH."""
        return self._started and self._get_terminal_size() != size

    def _get_terminal_size(self) -> tuple[int, int]:
        """Columns and lines, as the system knows them, else as the terminal said, else what is usual."""
        try:
            columns, lines = os.get_terminal_size(self.fileno)
        except OSError:
            columns = lines = 0
        return (columns, lines) if columns and lines else self._reported_size or _USUAL_SIZE

    def _size_reported(self, columns: int, lines: int) -> None:
        """The terminal has said its size: the system shall know it too, and every other program of this line."""
        if time.monotonic() - self._size_asked_at > _SIZE_ANSWER or columns not in _SIZES or lines not in _SIZES:
            return
        self._reported_size = (columns, lines)
        if self._get_terminal_size() != self._reported_size:
            with suppress(OSError):
                fcntl.ioctl(self.fileno, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            self.tell_size()

    # reading

    def run_input_thread(self) -> None:
        """Read until the driver is to end. Bytes that are no UTF-8 are no reason to: each is a replacement mark."""
        parser = XTermParser(self._debug)
        pastes, reports = PasteSplitter(constants.ESCAPE_DELAY), Reports()
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                pieces: list[Piece]
                if selector.select(_LOOK_SOON if pastes.waiting or reports.waiting else _LOOK):
                    pieces = pastes.feed(decode(self._read()), time.monotonic())
                else:
                    pieces = pastes.tick(time.monotonic())
                self._tell_all(pieces, pastes, reports, parser)
                for unit in reports.tick(time.monotonic()):
                    self._tell_unit(unit, parser)

    def _read(self) -> bytes:
        try:
            read = os.read(self.fileno, _AT_ONCE)
        except BlockingIOError:
            return b""
        if not read:
            self.exit_event.wait(_LOOK)  # nobody is there; who looks after that will see it
        return read

    def _tell_all(self, pieces: list[Piece], pastes: PasteSplitter, reports: Reports, parser: XTermParser) -> None:
        waiting = list(pieces)
        while waiting:
            piece = waiting.pop(0)
            if isinstance(piece, Pasted):
                self.process_message(Paste(piece.text))
            elif isinstance(piece, RefusedPaste):
                self.process_message(PasteRefusedMessage(piece.why))
            else:
                for unit in reports.feed(piece.text, time.monotonic()):
                    if unit.startswith(START):  # its bytes came so slowly that it was not known as one
                        waiting[:0] = pastes.feed(unit, time.monotonic())
                    else:
                        self._tell_unit(unit, parser)

    def _tell_unit(self, unit: str, parser: XTermParser) -> None:
        """One key or report; a sequence that means nothing here is dropped."""
        if answers(unit):
            self._answers += 1
            self._one_answered.set()
            self._loop.call_soon_threadsafe(self._answered)
            return
        size = size_of(unit)
        if size is not None:
            self._loop.call_soon_threadsafe(self._size_reported, *size)
        elif unit == ESCAPE:  # it is known to stand alone: the parser would wait once more
            self.process_message(Key("escape", unit))
        elif (text := understood(unit)) or not unit.startswith(ESCAPE):
            for message in parser.feed(text):
                self.process_message(message)
        elif len(unit) == 2 and unit[1].isprintable():
            for key in parser._sequence_to_key_events(unit[1], alt=True):
                self.process_message(key)

    def process_message(self, message: Message) -> None:
        """Hand a message to the application; none, while the terminal is given back."""
        if not self._leaving:
            super().process_message(message)

    def _answered(self) -> None:
        if self._output is not None:
            self._output.answered()
