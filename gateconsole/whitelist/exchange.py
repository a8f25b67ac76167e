"""A new file takes the place of one that was read, in one step, and only of that one (architecture 3, files).

The two change places, so that what was replaced can be looked at: what somebody put there in the last instant comes
back. Where the file system cannot do that (NFS, old kernels), the new file replaces whatever is there.
"""

from __future__ import annotations

import ctypes
import errno
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from gateconsole.whitelist import file

_HERE: Final = -100
"""AT_FDCWD: a path is meant as it stands."""

_EXCHANGE: Final = 2
_CANNOT: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM})
"""EPERM is what some containers say to every call they do not know; where it is meant, the plain one says it again."""


class WhitelistChangedError(Exception):
    """The file is not what was read a moment ago: read it again. What is there stays there."""


class FileState(NamedTuple):
    """A file as it was found: its mark and its bytes; both None where there is none."""

    mark: os.stat_result | None
    content: bytes | None

    @property
    def file(self) -> tuple[int, ...]:
        """Which file it is, whatever it is called."""
        return () if self.mark is None else (self.mark.st_dev, self.mark.st_ino)

    def is_as(self, other: FileState) -> bool:
        """Whether it is the same file, written by nobody meanwhile."""
        return self.content == other.content and self.file == other.file and self._written == other._written

    @property
    def _written(self) -> int | None:
        return None if self.mark is None else self.mark.st_mtime_ns


def read_state(path: Path) -> FileState:
    """The file of this name. Raises OSError, file.WhitelistError."""
    try:
        return FileState(os.stat(path), file.content(path))
    except FileNotFoundError:
        return FileState(None, None)


def replace_file(spare: Path, real: Path, was: FileState, *, goes: bool = False) -> None:
    """What is called `spare` takes the place of `real`, which was this; with `goes` nothing takes it.

    Raises WhitelistChangedError, OSError: then `real` is what others made it. What is left as `spare` then is nobody's.
    """
    if was.mark is None:
        _appear(spare, real)
    elif goes:
        _take_away(spare, real, was)
    else:
        _replace(spare, real, was)


def exchange_files(one: Path, other: Path) -> bool:
    """Two files change places in one step; False where that cannot be done. Raises OSError."""
    call = getattr(_libc(), "renameat2", None)
    if call is None:
        return False
    if call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), ctypes.c_uint(_EXCHANGE)) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), os.fspath(other))


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _appear(spare: Path, real: Path) -> None:
    """A file gets a name that must still be free. Raises WhitelistChangedError, OSError."""
    try:
        os.link(spare, real, follow_symlinks=False)
    except FileExistsError as error:
        raise WhitelistChangedError from error
    except OSError:  # a file system without links
        os.rename(spare, real)
    else:
        _drop(spare)


def _take_away(spare: Path, real: Path, was: FileState) -> None:
    os.rename(real, spare)
    try:
        _check(spare, was)
    except BaseException:
        with suppress(WhitelistChangedError):  # then a newer one has come
            _appear(spare, real)
        raise
    _drop(spare)


def _replace(spare: Path, real: Path, was: FileState) -> None:
    ours = os.stat(spare)
    if not exchange_files(spare, real):
        os.rename(spare, real)
        return
    try:
        _check(spare, was)
    except BaseException:
        _give_back(spare, real, ours)
        raise
    _drop(spare)


def _give_back(spare: Path, real: Path, ours: os.stat_result) -> None:
    """What was taken comes back; what replaced ours meanwhile is newer, and stays."""
    try:
        back = exchange_files(spare, real)
    except OSError:
        back = False
    if not back or not os.path.samestat(os.stat(spare), ours):
        os.rename(spare, real)


def _check(path: Path, was: FileState) -> None:
    try:
        same = read_state(path).is_as(was)
    except file.WhitelistError:
        same = False
    if not same:
        raise WhitelistChangedError


def _drop(spare: Path) -> None:
    with suppress(OSError):
        os.unlink(spare)
