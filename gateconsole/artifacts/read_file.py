"""One artifact on disk -> its bytes, or why it has none (rules G1, G2). No link is followed, no FIFO waited for."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from gateconsole.model import ARTIFACT_NAME, Rejection

MAX_BYTES: Final = 16 * 1024 * 1024
"""Largest artifact that is read (rule G2)."""

UNREAD: Final = 0
"""Mark of a file whose bytes were never had: look again each time."""

STALE: Final = 1
"""Mark of a file that was read, then could not be looked at: read it again when possible."""

GONE: Final = 2
"""Mark of a file that is no longer there."""

ABSENT: Final = frozenset({errno.ENOENT, errno.ENOTDIR})
"""Errors that prove that nothing is at a path. Any other error proves nothing."""

BELOW: Final = "/" + ARTIFACT_NAME
"""From a run folder's name to its artifact."""

COARSE_NS: Final = 1_000_000_000
"""Time stamps that are whole multiples of this are of a file system that tells no fractions of a second (ext3, ext4
with small inodes, HFS+, some servers): a file may be written again with equal ones."""

_OTHER_CASE: Final = ARTIFACT_NAME.upper()
_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_REFUSALS: Final = frozenset({errno.EACCES, errno.EPERM})
_KINDS: Final = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a block device",
    stat.S_IFCHR: "a character device",
}


class Reading(NamedTuple):
    """What stood at a path: bytes or Rejection, the identity mark (64 bits), ctime (ns), whether to read once more.

    `unsettled`: the size changed under the read. `known_stays`: the error is of the machine (EIO, EMFILE ...), so
    what an earlier reading gave still holds.
    """

    data: bytes | Rejection
    mark: int
    ctime: int
    unsettled: bool = False
    known_stays: bool = False


def identity_of(found: os.stat_result) -> int:
    """Identity of a file's content, signed 64 bit: another inode, ctime, mtime or size gives another number."""
    return hash((found.st_ino, found.st_ctime_ns, found.st_mtime_ns, found.st_size))


def lstat_or_none(path: str, dir_fd: int) -> os.stat_result | None:
    """The lstat of a path, or None if nothing is there. Raises OSError when that cannot be known."""
    try:
        return os.stat(path, dir_fd=dir_fd, follow_symlinks=False)
    except OSError as error:
        if error.errno in ABSENT:
            return None
        raise


class PlainRunFolders(NamedTuple):
    """Folders with a plain artifact and no folder in them: names, and for each its bytes and its mark.

    `racy`: positions of those changed at `racy_since` or later; `coarse`: of those with coarse time stamps that changed
    at `young_since` or later. `others`: names that want a closer look.
    """

    names: list[str]
    data: list[bytes]
    marks: list[int]
    racy: list[int]
    coarse: list[int]
    others: list[str]


def read_run_folders(
    names: Iterable[str], dir_fd: int, device: int, racy_since: int, young_since: int
) -> PlainRunFolders:
    """Read the artifacts of many folders in one tight loop: open, fstat, read, close, stat of the folder.

    On a `device` whose link counts count folders, a count of 2 proves that there is no folder in a folder; -1: none is.
    Whatever is not plain is left to `read_artifact`. Times in ns since 1970; `young_since` is before `racy_since`.
    """
    leaves = PlainRunFolders([], [], [], [], [], [])
    good, datas, marks, racy, coarse, others = leaves
    os_open, os_fstat, os_read, os_close, os_stat = os.open, os.fstat, os.read, os.close, os.stat
    for name in names:
        try:
            fd = os_open(name + BELOW, _FLAGS, dir_fd=dir_fd)
            try:
                found = os_fstat(fd)
                size = found.st_size
                plain = size <= MAX_BYTES and found.st_mode & 0o170000 == 0o100000
                data = os_read(fd, size + 1) if plain else b""
            finally:
                os_close(fd)
            folder = os_stat(name, dir_fd=dir_fd, follow_symlinks=False)
        except OSError:
            others.append(name)
            continue
        if folder.st_nlink != 2 or folder.st_dev != device or len(data) != size or not plain:
            others.append(name)
            continue
        ctime = found.st_ctime_ns
        if ctime >= young_since:
            if not ctime % COARSE_NS:
                coarse.append(len(good))
            elif ctime >= racy_since:
                racy.append(len(good))
        good.append(name)
        datas.append(data)
        marks.append(hash((found.st_ino, ctime, found.st_mtime_ns, size)))
    return leaves


def ignores_case(names: list[str], dir_fd: int) -> bool:
    """Whether these folders may lie where another case is the same name: then a name that opens proves nothing.

    Where only some folders are so (ext4), the one they lie in and the first of them are asked.
    """
    other = names[0].swapcase()
    asked = ([other] if other != names[0] else []) + [f"{names[0]}/{_OTHER_CASE}"]
    return any(os.access(name, os.F_OK, dir_fd=dir_fd, follow_symlinks=False) for name in asked)


def named_exactly(path: str, dir_fd: int) -> bool:
    """Whether the artifact that opens at a path bears its name as it is written (rule G1).

    Where its name in capitals leads nowhere, case counts; else the listing decides. Raises OSError.
    """
    above = path[: -len(ARTIFACT_NAME)]
    if not os.access(above + _OTHER_CASE, os.F_OK, dir_fd=dir_fd, follow_symlinks=False):
        return True
    fd = os.open(above or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=dir_fd)
    try:
        return ARTIFACT_NAME in os.listdir(fd)
    finally:
        os.close(fd)


def read_artifact(path: str, dir_fd: int) -> Reading | None:
    """Read the artifact at a path relative to an open folder; None if nothing of its exact name, or a folder, is there.

    Raises OSError when it cannot be known whether something is there: the folder cannot be entered.
    """
    reading = _read(path, dir_fd)
    return reading if reading is None or named_exactly(path, dir_fd) else None


def _read(path: str, dir_fd: int) -> Reading | None:
    """What opens at a path relative to an open folder, whatever the case of its name; None if nothing does.

    Raises OSError when it cannot be known whether something is there: the folder cannot be entered.
    """
    try:
        fd = os.open(path, _FLAGS, dir_fd=dir_fd)
    except OSError as error:
        return None if error.errno in ABSENT else _refused(path, dir_fd, error)
    try:
        found = os.fstat(fd)
        size = found.st_size
        if found.st_mode & 0o170000 != stat.S_IFREG or size > MAX_BYTES:
            return _unfit(found)
        data = os.read(fd, size + 1)
        return Reading(data, identity_of(found), found.st_ctime_ns) if len(data) == size else _read_on(fd, data, found)
    except OSError as error:
        return _failed(error)
    finally:
        os.close(fd)


def read_at(path: Path) -> Reading | None:
    """The same for a file that somebody named. Raises OSError when its folder cannot be opened."""
    holder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return _read(path.name, holder)
    finally:
        os.close(holder)


def _read_on(fd: int, data: bytes, found: os.stat_result) -> Reading:
    """The file to its end: it may be growing, or its file system tells no sizes."""
    parts = [data]
    size = len(data)
    while data and size <= MAX_BYTES:
        data = os.read(fd, 1 << 20)
        parts.append(data)
        size += len(data)
    whole = b"".join(parts) if size <= MAX_BYTES else _too_large(size)
    return Reading(whole, identity_of(found), found.st_ctime_ns, unsettled=True)


def _unfit(found: os.stat_result) -> Reading | None:
    """What is there but is not read: no regular file, or too large. A folder of this name is just a folder."""
    kind = stat.S_IFMT(found.st_mode)
    if kind == stat.S_IFDIR:
        return None
    data = _too_large(found.st_size) if kind == stat.S_IFREG else _irregular(kind)
    return Reading(data, identity_of(found), found.st_ctime_ns)


def _refused(path: str, dir_fd: int, error: OSError) -> Reading | None:
    """Why a file cannot be opened, by looking at it without opening."""
    found = lstat_or_none(path, dir_fd)
    if found is None:
        return None
    if not stat.S_ISREG(found.st_mode):
        return _unfit(found)
    return _failed(error)


def _failed(error: OSError) -> Reading:
    detail = f"the system says {error.strerror or error}; expected a readable file: give this user read permission"
    rejection = Rejection("unreadable", "whole file", detail, unfinished=True)
    return Reading(rejection, UNREAD, 0, known_stays=error.errno not in _REFUSALS)


def _too_large(size: int) -> Rejection:
    detail = f"{size} bytes; expected at most {MAX_BYTES}: write one run, without logs"
    return Rejection("too_large", "whole file", detail)


def _irregular(kind: int) -> Rejection:
    what = _KINDS.get(kind, "no regular file")
    detail = f"{what}; expected a regular file: write the artifact itself here"
    return Rejection("not_regular_file", "whole file", detail)
