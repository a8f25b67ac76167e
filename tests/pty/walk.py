"""A console walked through hostile data, and what may have been written meanwhile: every byte is counted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from tests.pty.terminal import Terminal

OWN = re.compile(
    rb"\x1b\[\d+;\d+H"  # go to a cell
    rb"|\x1b\[\d+G"  # go to a column
    rb"|\x1b\[[\d;]*m"  # set a style
    rb"|\x1b\[\?(?:1049|1000|1003|1015|1006|25|1004|2004|7|2048|2026)[hl]"  # modes of the driver
    rb"|\x1b\[\?(?:2026|2048)\$p|\x1b\[5n|\x1b\[18t"  # questions of the driver
    rb"|\x1b\[>\d+u|\x1b\[<u"  # keyboard protocol
    rb"|\x1b\]22;\w+\x07"  # shape of the pointer
)
"""Every sequence that the driver and the painter write."""

FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff\U000e0000-\U000e0fff]"
)


class Walk(NamedTuple):
    """All that was written, and every screen that was seen."""

    raw: bytes
    shown: str


def walked_out(terminal: Terminal, seen: Iterable[str]) -> Walk:
    """Leave a console that lives after all of it, in good order."""
    assert terminal.process.poll() is None
    terminal.press("q")
    assert terminal.ended() == 0
    return Walk(terminal.raw, "\n".join(seen))


def controls(raw: bytes) -> str:
    """What in this controls the terminal and is not the program's own, with what is around it; empty without."""
    text = OWN.sub(b"", raw).decode()
    found = FORBIDDEN.search(text)
    return "" if found is None else ascii(text[max(found.start() - 40, 0) : found.end() + 40])
