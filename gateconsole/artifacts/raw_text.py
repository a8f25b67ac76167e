"""The beginning of one artifact as printable lines, whatever stands in it (rules G1, G2): for the eye only."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Final, NamedTuple

from gateconsole.model import artifact_path
from gateconsole.text import printable

SHOWN_BYTES: Final = 64 * 1024
"""How much of a file is shown."""

_PLACE: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_ESCAPED: Final = re.compile(rb"\\x([89a-f][0-9a-f])")


class RawText(NamedTuple):
    """A file as printable lines; `size` in bytes, `cut`: more of it is not shown. `problem`: why there is none."""

    lines: tuple[str, ...]
    size: int = 0
    cut: bool = False
    problem: str = ""


def artifact_text(root: Path, folder: str) -> RawText:
    """What stands in the artifact of this folder (as in `series.store.RUNS_SCHEMA`), at most its first 64 KB.

    No link below the root is followed and nothing but a regular file is read. Never raises for what the disk holds.
    """
    path = os.fsencode(artifact_path(folder))
    raw = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), path)
    problem: OSError | None = None
    for name in dict.fromkeys((path, raw)):  # `\xHH` may stand for a byte that is not UTF-8 (rule G3)
        try:
            return _read(root, name)
        except OSError as error:
            problem = error
    return RawText((), problem=f"cannot be read: {printable(str(problem.strerror if problem else problem))}")


def _read(root: Path, name: bytes) -> RawText:
    *places, last = name.split(b"/")
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for place in places:
            below = os.open(place, _PLACE, dir_fd=here)
            os.close(here)
            here = below
        file = os.open(last, _FILE, dir_fd=here)
    finally:
        os.close(here)
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            return RawText((), problem="not a regular file: it is not read")
        data = b""
        while len(data) <= SHOWN_BYTES and (more := os.read(file, SHOWN_BYTES + 1 - len(data))):
            data += more
    finally:
        os.close(file)
    cut = len(data) > SHOWN_BYTES
    return RawText(_lines(data[:SHOWN_BYTES]), max(found.st_size, len(data)), cut)


def _lines(data: bytes) -> tuple[str, ...]:
    """Bytes as printable lines: not UTF-8 as `\\xHH`, a tab as blanks; a line ends at LF or CR LF only."""
    text = data.decode("utf-8", "backslashreplace")
    lines = text.removesuffix("\n").split("\n") if text else []
    return tuple(printable(line.removesuffix("\r").replace("\t", "    ")) for line in lines)
