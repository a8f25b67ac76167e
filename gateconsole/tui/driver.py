"""The driver of the terminal: Textual's, but for how the keyboard is read: what is pasted never becomes keys."""

from __future__ import annotations

import os
import selectors
import time
from codecs import getincrementaldecoder
from typing import Final

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste
from textual.message import Message

from gateconsole.tui.pasting import Pasted, Pastes, Piece, Refused

_AT_ONCE: Final = 4096
"""Bytes read at once."""

_LOOK: Final = 0.1
"""Seconds between two looks whether the driver is to end, while nothing is typed."""

_LOOK_SOON: Final = 0.02
"""The same while it is not known yet what something is that came."""


class PasteRefused(Message):
    """Something was pasted that is not taken; `why` says so to the operator."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


class ConsoleDriver(LinuxDriver):
    """Reads keys and pastes apart. Textual's own parser makes keys of the escape sequences in what is pasted."""

    def run_input_thread(self) -> None:
        """Read until the driver is to end. Bytes that are no UTF-8 are no reason to: each is a replacement mark."""
        parser = XTermParser(self._debug)
        pastes = Pastes(constants.ESCAPE_DELAY)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                pieces: list[Piece]
                if selector.select(_LOOK_SOON if pastes.waiting else _LOOK):
                    read = os.read(self.fileno, _AT_ONCE)
                    if not read:
                        self.exit_event.wait(_LOOK)  # nobody is there; who looks after that will see it
                    pieces = pastes.feed(decode(read), time.monotonic())
                else:
                    pieces = pastes.tick(time.monotonic())
                for piece in pieces:
                    self._tell(piece, parser)
                for message in parser.tick():
                    self.process_message(message)

    def _tell(self, piece: Piece, parser: XTermParser) -> None:
        if isinstance(piece, Pasted):
            self.process_message(Paste(piece.text))
        elif isinstance(piece, Refused):
            self.process_message(PasteRefused(piece.why))
        elif piece.text == "\x1b":  # it is known to stand alone: the parser would wait once more
            self.process_message(Key("escape", piece.text))
        else:
            for message in parser.feed(piece.text):
                self.process_message(message)
