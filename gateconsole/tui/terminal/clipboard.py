"""Copying over any line: OSC 52, the sequence by which a program hands text to the terminal's clipboard.

What is copied is printable text in base64, so that nothing of it can be a sequence. A multiplexer keeps such sequences
for itself: each gets the wrapping it passes on.
"""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from gateconsole.io.files import program
from gateconsole.text import tab_text
from gateconsole.tui.keys.key_hints import hint
from gateconsole.tui.terminal.job_control import parent_of

LARGEST: Final = 74_994
"""Characters of base64 that terminals take at least (xterm, hterm); more is refused, not cut."""

_SCREEN_PIECE: Final = 512
"""Bytes of one device control string that GNU screen takes (its limit is 768)."""


FORGET: Final = "\x1b]52;c;\x07"
"""Empties the terminal's clipboard."""

MOSH_NOTICES: Final = 0.5
"""Seconds after which mosh has carried a state of the clipboard over any line. What is in it twice it carries once."""

_TMUX_ANSWERS: Final = 2.0
_MOSH: Final = "mosh-server"


class TooLargeError(Exception):
    """More than terminals take; the text says how much it is and what helps."""


def row_text(cells: Sequence[str]) -> str:
    """A row as text: cells separated by tabs, each printable and, pasted into a spreadsheet, no formula."""
    return "\t".join(map(tab_text, cells))


def to_terminal(text: str, environ: Mapping[str, str]) -> str:
    """The bytes that make the terminal take this text. Raises TooLarge.

    Inside tmux both ways are used: as it is (for `set-clipboard on`) and wrapped (for `allow-passthrough on`).
    """
    payload = base64.b64encode(text.encode()).decode("ascii")
    if len(payload) > LARGEST:
        instead = hint(("page", "shows it"), ("export", "exports it"))
        raise TooLargeError(f"too much to copy: {len(payload):,} of {LARGEST:,} bytes: {instead}")
    sequence = f"\x1b]52;c;{payload}\x07"
    if environ.get("TMUX"):
        return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\{sequence}"
    if environ.get("STY"):
        pieces = (sequence[start : start + _SCREEN_PIECE] for start in range(0, len(sequence), _SCREEN_PIECE))
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return sequence


def into_tmux(text: str) -> bool:
    """Put a text into the buffer of the tmux around us, which sends it on to its terminal; whether tmux took it.

    As tmux is set up by itself it takes no such sequence of a program: only this way. Not on the screen's own thread.
    """
    path = program("tmux", os.environ)
    if path is None:
        return False
    try:
        ended = subprocess.run(
            [path, "load-buffer", "-w", "-"],
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_TMUX_ANSWERS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return ended.returncode == 0


def through_mosh() -> bool:
    """Whether what is written goes through mosh: one of the processes that started this one is its server."""
    pid: int | None = os.getppid()
    while pid:
        with suppress(OSError):
            if Path(f"/proc/{pid}/comm").read_text(errors="replace").strip() == _MOSH:
                return True
        pid = parent_of(pid)
    return False
