"""The bytes a save replaced: kept in `.gateconsole/whitelist/`, the newest MOST of them (architecture 3, files).

A back-up is the old file itself under another name where that can be: what an editor still writes into it is kept too.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from gateconsole.io.files import NotARegularFileError, fsync_folder, make_shared_folder, read_regular_file, share
from gateconsole.text import iso_second
from gateconsole.whitelist.file import MAX_BYTES

MOST: Final = 50
"""Back-ups kept in a folder."""

FOLDER: Final = "whitelist"

_PREFIX: Final = "replaced-"
_OPEN: Final = 0o027
"""What nobody may do with a back-up: others all, the group write."""


def digest(content: bytes | None) -> str:
    """SHA-256 of a file's bytes in hexadecimal; empty when there is no file."""
    return "" if content is None else hashlib.sha256(content).hexdigest()


def keep(folder: Path, source: Path, content: bytes, at: int) -> Path:
    """Keep the file `source`, which holds this content and is about to be replaced; its new name. Raises OSError.

    `at`: microseconds UTC, part of the name.
    """
    if make_shared_folder(folder):
        with suppress(OSError):
            (folder / ".gitignore").write_text("*\n")
            share(folder / ".gitignore", folder)
    path = folder / f"{_PREFIX}{_stamp(at)}-{digest(content)[:12]}.json"
    if not _kept_already(path, content):
        try:
            os.link(source, path, follow_symlinks=False)
        except OSError:
            _copy(path, content)
    fsync_folder(folder)
    _forget_oldest(folder, path)
    return path


def find(folder: Path, name: str, wanted: str) -> bytes | None:
    """The kept bytes of this name, if they still are those of this digest."""
    try:
        content = read_regular_file(folder / name, MAX_BYTES)
    except (OSError, NotARegularFileError):
        return None
    return content if digest(content) == wanted else None


def close(path: Path) -> None:
    """Let others do nothing with a back-up that is the old file itself, unless it has further names."""
    with suppress(OSError):
        found = os.lstat(path)
        if found.st_nlink == 1 and stat.S_IMODE(found.st_mode) & _OPEN:
            os.chmod(path, stat.S_IMODE(found.st_mode) & ~_OPEN)


def _stamp(at: int) -> str:
    """A time as text that sorts: `20260301T000000.000000Z`."""
    whole = iso_second(at)[:-1]
    return f"{re.sub('[-:]', '', whole)}.{at % 1_000_000:06d}Z"


def _kept_already(path: Path, content: bytes) -> bool:
    """Whether a save that did not come to its end kept the same bytes under this name."""
    return find(path.parent, path.name, digest(content)) is not None


def _copy(path: Path, content: bytes) -> None:
    """A file of its own where the old one cannot have a second name. Raises OSError."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
    with os.fdopen(handle, "wb") as file:
        share(handle, path.parent)
        os.fchmod(handle, stat.S_IMODE(os.fstat(handle).st_mode) & ~_OPEN)
        file.write(content)
        file.flush()
        os.fsync(handle)


def _forget_oldest(folder: Path, made: Path) -> None:
    """Names sort by time; the one just made stays whatever its time."""
    with suppress(OSError):
        names = sorted(name for name in os.listdir(folder) if name.startswith(_PREFIX) and name != made.name)
        for name in names[: max(0, len(names) - MOST + 1)]:
            (folder / name).unlink(missing_ok=True)
