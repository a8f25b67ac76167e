"""The marks the console draws with: what stands for each in ASCII, and whether an encoding has them.

It imports nothing of the screen, so that commands can ask before one is opened.
"""

from __future__ import annotations

from typing import Final

_GLYPHS: Final = "▁▂▃▄▅▆▇█" + "▌▐▖▗▙▟" + "│─┄┼┤└┴┌┐┘" + "…·○●×✓✗▲△→↓↑←"
_AS_ASCII: Final = "_.-=+*#@" + "||||||" + "|--+++++++" + "~.o*xvx!^>v^<"

IN_ASCII: Final = str.maketrans(dict(zip(_GLYPHS, _AS_ASCII, strict=True)) | {"≥": ">=", "≤": "<="})
"""A table for `str.translate`."""


def carried_by(encoding: str) -> bool:
    """True when text in this encoding can hold every mark; an encoding nobody knows holds none."""
    try:
        "".join(map(chr, IN_ASCII)).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
