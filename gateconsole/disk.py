"""What makes a change of a folder last; how a file that others may have put there is read without waiting for it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_READING: Final = os.O_NONBLOCK | os.O_NOCTTY


class Unfit(Exception):
    """What stands at a path is no file to be read whole; the text says what it is, without the path."""


def plain_bytes(path: Path, most: int) -> bytes:
    """The bytes of a regular file of at most `most` bytes; a FIFO or device is never waited for.

    A link is followed. Raises Unfit (no regular file, too large) and OSError (a folder is IsADirectoryError).
    """
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _READING)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Unfit("not a regular file")
        found = file.read(most + 1) or b""
    if len(found) > most:
        raise Unfit(f"larger than {_size(most)}")
    return found


def program(name: str, environ: Mapping[str, str]) -> str | None:
    """The path of a program, by PATH but never in the current folder, None if there is none; a path is what it is.

    An entry of PATH that is empty, `.` or relative names folders of whoever made the current folder.
    """
    if os.sep in name:
        return name
    folders = [folder for folder in environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(folder)]
    return shutil.which(name, path=os.pathsep.join(folders)) if folders else None


def _size(most: int) -> str:
    return f"{most >> 20} MB" if most >= 1 << 20 else f"{most >> 10} KB"


def sync_folder(folder: Path) -> None:
    """Have a folder's entries on the disk, so that a new or replaced name outlasts a crash. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
