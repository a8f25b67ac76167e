"""What a pass tells: files found and gone, and the keeping of what is known of each file."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from itertools import repeat
from typing import Final, NamedTuple

from gateconsole.artifacts.file_index import FileIndex, Folder
from gateconsole.artifacts.read_file import (
    COARSE_NS,
    STALE,
    UNREAD,
    Reading,
    identity_of,
    ignores_case,
    lstat_or_none,
    read_artifact,
    read_run_folders,
)
from gateconsole.model import Rejection
from gateconsole.text import printable_path

RACY_FILE_NS: Final = 50_000_000
"""A file changed less than this before a pass began may change again with equal times (the kernel's clock tick)."""

YOUNG_NS: Final = 60_000_000_000
"""A file of coarse time stamps changed less than this before a pass began is read again: its clock may be behind."""


class FileFound(NamedTuple):
    """A file that is new, or whose bytes may have changed, with what was read.

    `file`: dense id from 0, stable as long as a file stays at the path, never used twice in one Scan.
    `folder`: its folder relative to the root, POSIX, "." at the root; no UTF-8: `\\xHH` (rule G3).
    """

    file: int
    folder: str
    data: bytes | Rejection


class FileGone(NamedTuple):
    """A file that is no longer there."""

    file: int


Change = FileFound | FileGone

_make_found: Final = tuple.__new__


class RootLostError(Exception):
    """The root is no longer where it was: what seems gone proves nothing."""


class FileTracker:
    """The files' side of one pass. `now` is nanoseconds since 1970 at its begin; `stands` asks for the root."""

    def __init__(self, known: FileIndex, stands: Callable[[], bool], now: int) -> None:
        self._known = known
        self._stands = stands
        self._racy_since = now - RACY_FILE_NS
        self._young_since = now - YOUNG_NS
        self._changes: list[Change] = []

    def take(self) -> list[Change]:
        """What was found since the last call."""
        changes, self._changes = self._changes, []
        return changes

    def confirm(self) -> None:
        """Nothing is gone unless the root still stands: raises RootLostError."""
        if not self._stands():
            raise RootLostError

    def gone(self, file: int) -> None:
        """A file is no longer there; `confirm` was asked before."""
        self._known.forget_file(file)
        self._changes.append(FileGone(file))

    def new(self, home: Folder, text: str, reading: Reading) -> int:
        """A file not known before, in a folder whose text is given; its id."""
        file = self._known.add_file(home, reading.mark)
        self._tell(file, text, reading, True)
        return file

    def new_leaves(self, folder: Folder, names: list[str], fd: int, device: int, above: str) -> list[str]:
        """Read those of many new folders that are plain leaves; the names of the others.

        `above` is the folder's text with a slash, or empty at the root; `device` as `read_leaves` wants it.
        """
        if names and device != -1 and ignores_case(names, fd):
            device = -1
        leaves = read_run_folders(names, fd, device, self._racy_since, self._young_since)
        files = self._known.add_leaves(folder, leaves.names, leaves.marks)
        self._known.racy.update(files[at] for at in leaves.racy)
        self._known.coarse.update(files[at] for at in leaves.coarse)
        plain = "".join(leaves.names).isascii()
        texts = [above + name if plain else above + printable_path(os.fsencode(name)) for name in leaves.names]
        self._changes.extend(map(_make_found, repeat(FileFound), zip(files, texts, leaves.data, strict=True)))
        return leaves.others

    def again(self, file: int, path: str, fd: int, home: Folder, name: str | None) -> bool:
        """Read a known file again if its identity differs; False if it is gone. Raises OSError if unknown."""
        found = lstat_or_none(path, fd)
        if found is None or stat.S_ISDIR(found.st_mode):
            return False
        same = identity_of(found) == self._known.marks[file]
        return same or self.reread(file, path, fd, home, name, tells_unread=False)

    def reread(
        self, file: int, path: str, fd: int, home: Folder, name: str | None, *, tells_unread: bool = True
    ) -> bool:
        """Read a known file again; False if it is gone. Raises OSError when what is known of it stays.

        `tells_unread`: also that its bytes still cannot be had, so that a pending file can be rejected.
        """
        reading = read_artifact(path, fd)
        if reading is None:
            return False
        marks = self._known.marks
        before = marks[file]
        if reading.known_stays and before != UNREAD:
            marks[file] = STALE
            raise OSError(errno.EIO, f"{path} cannot be read")
        if tells_unread or reading.mark != UNREAD or before != UNREAD:
            marks[file] = reading.mark
            self._tell(file, folder_text(home, name), reading, reading.mark != before)
        return True

    def _tell(self, file: int, text: str, reading: Reading, differs: bool) -> None:
        """A file read again with an equal identity, a while later, is no longer racy."""
        if differs and reading.ctime >= self._young_since and not reading.ctime % COARSE_NS:
            self._known.coarse.add(file)
        elif reading.unsettled or (differs and reading.ctime >= self._racy_since):
            self._known.racy.add(file)
        self._changes.append(FileFound(file, text or ".", reading.data))


def folder_text(folder: Folder, name: str | None = None) -> str:
    """A folder, or a leaf in it, relative to the root, printable; empty at the root."""
    above = folder.text()
    if name is None:
        return above
    shown = name if name.isascii() else printable_path(os.fsencode(name))
    return f"{above}/{shown}" if above else shown
