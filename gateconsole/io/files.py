"""What makes a change of a folder last; how a file that others may have put there is read without waiting for it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

_READING: Final = os.O_NONBLOCK | os.O_NOCTTY


class NotARegularFileError(Exception):
    """What stands at a path is no file to be read whole; the text says what it is, without the path."""


def read_regular_file(path: Path, most: int) -> bytes:
    """The bytes of a regular file of at most `most` bytes; a FIFO or device is never waited for.

    A link is followed. Raises Unfit (no regular file, too large) and OSError (a folder is IsADirectoryError).
    """
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _READING)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise NotARegularFileError("not a regular file")
        found = file.read(most + 1) or b""
    if len(found) > most:
        raise NotARegularFileError(f"larger than {_size(most)}")
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


_GROUP_BITS: Final = 0o070
_ALL_BITS: Final = 0o777


def share(path: Path | int, folder: Path) -> None:
    """Give what we have just made in a folder the folder's group, and that group the rights it has on the folder.

    People who share a folder by a group (mode 2775) must not be locked out by the umask of who wrote first. Never is
    anything wider than the folder itself; of the rights of others none is added. Where the group cannot be given (we
    are no member), it gets nothing more. A new folder hands the group on (setgid) where the group may write.
    """
    like, made = os.stat(folder), os.stat(path)
    group = made.st_gid
    if group != like.st_gid:
        with suppress(OSError):
            os.chown(path, -1, like.st_gid)
            group = like.st_gid
    rights = like.st_mode & _GROUP_BITS if group == like.st_gid else 0
    is_folder = stat.S_ISDIR(made.st_mode)
    if not is_folder:
        rights &= ~0o010
    mode = (made.st_mode | rights) & like.st_mode & _ALL_BITS | made.st_mode & 0o600
    if is_folder:
        mode |= 0o700 | (stat.S_ISGID if rights & stat.S_IWGRP else made.st_mode & stat.S_ISGID)
    with suppress(OSError):  # a file system that has no modes
        os.chmod(path, mode)


def make_shared_folder(folder: Path) -> bool:
    """Make a folder, and those above it that are missing, each as `share` has it; False if it was there.

    Raises OSError.
    """
    if os.path.isdir(folder):
        return False
    make_shared_folder(folder.parent)
    try:
        folder.mkdir()
    except FileExistsError:
        if not os.path.isdir(folder):
            raise
        return False
    share(folder, folder.parent)
    return True


def fsync_folder(folder: Path) -> None:
    """Have a folder's entries on the disk, so that a new or replaced name outlasts a crash. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
