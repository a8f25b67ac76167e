"""Copying over any line: OSC 52, the sequence by which a program hands text to the terminal's clipboard.

What is copied is printable text in base64, so that nothing of it can be a sequence. A multiplexer keeps such sequences
for itself: each gets the wrapping it passes on.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Final

from gateconsole.text import tab_text
from gateconsole.tui.hints import hint

LARGEST: Final = 74_994
"""Characters of base64 that terminals take at least (xterm, hterm); more is refused, not cut."""

_SCREEN_PIECE: Final = 512
"""Bytes of one device control string that GNU screen takes (its limit is 768)."""


class TooLarge(Exception):
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
        raise TooLarge(f"too much to copy: {len(payload):,} of {LARGEST:,} bytes: {instead}")
    sequence = f"\x1b]52;c;{payload}\x07"
    if environ.get("TMUX"):
        return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\{sequence}"
    if environ.get("STY"):
        pieces = (sequence[start : start + _SCREEN_PIECE] for start in range(0, len(sequence), _SCREEN_PIECE))
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return sequence
