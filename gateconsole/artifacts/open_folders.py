"""Open folders along one path, so that a pass enters any folder name by name: no link followed, no path too long."""

from __future__ import annotations

import ctypes
import os
import re
import struct
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from typing import Final

from gateconsole.artifacts.file_index import Folder
from gateconsole.model import ARTIFACT_NAME

OWN_FOLDER: Final = ".gateconsole"
"""The folder directly in the root that holds our ledger; never scanned (architecture 3)."""

_FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_MOST_OPEN: Final = 32
_AT_EMPTY_PATH: Final = 0x1000
_MOUNT_ID: Final = 0x1000
_UNIQUE_MOUNT_ID: Final = 0x4000
_MOUNT_ID_AT: Final = 0x90
_STATX_SIZE: Final = 256
_TICK: Final = 4096

_looks_meant = re.compile(
    r"gate[-_ .]?results?( ?\(\d+\)| copy|[-_.]\d+)?\.json(\.(gz|bz2|xz|zst|zip))?", re.IGNORECASE
).fullmatch


def is_misnamed(name: str) -> bool:
    """Whether a file was surely meant to be an artifact and is none by its name (rule G2)."""
    return name != ARTIFACT_NAME and _looks_meant(name) is not None


class OpenFolders:
    """The root and the folders from it down to the last one entered, open. At most 32 descriptors."""

    def __init__(self, top: Folder, root_fd: int) -> None:
        self._open: dict[Folder, int] = {top: root_fd}

    def enter(self, folder: Folder) -> int:
        """A descriptor of the folder, valid until the next call. Raises OSError if it cannot be opened."""
        steps = []
        while folder not in self._open:
            steps.append(folder)
            assert folder.parent is not None, "the root is always open"
            folder = folder.parent
        while next(reversed(self._open)) is not folder:
            os.close(self._open.popitem()[1])
        fd = self._open[folder]
        for step in reversed(steps):
            fd = open_folder(step.name, fd)
            self._open[step] = fd
            if len(self._open) > _MOST_OPEN:
                os.close(self._open.pop(next(islice(self._open, 1, 2))))
        return fd

    def close(self) -> None:
        """Close everything, the root too."""
        for fd in self._open.values():
            os.close(fd)
        self._open.clear()


def open_folder(name: str, dir_fd: int) -> int:
    """A descriptor of a folder in an open folder; a link is no folder. Raises OSError."""
    return os.open(name, _FLAGS, dir_fd=dir_fd)


def mount_of(fd: int) -> int | None:
    """The mount an open folder was reached by, as Linux numbers it; None where that cannot be known.

    Since Linux 6.8 a number is used once; before, a mount often gets the one that the last unmounted had.
    """
    call = _statx()
    state = ctypes.create_string_buffer(_STATX_SIZE)
    if call is None or call(fd, b"", _AT_EMPTY_PATH, _MOUNT_ID | _UNIQUE_MOUNT_ID, state) != 0:
        return None
    answered: int = struct.unpack_from("=I", state)[0]
    return int(struct.unpack_from("=Q", state, _MOUNT_ID_AT)[0]) if answered & (_MOUNT_ID | _UNIQUE_MOUNT_ID) else None


@cache
def _statx() -> Callable[..., int] | None:
    """The C library's statx, if it has one."""
    try:
        call: Callable[..., int] = ctypes.CDLL(None).statx
    except (OSError, AttributeError):
        return None
    return call


def list_folder(fd: int, folders: set[str]) -> Iterator[None]:
    """Add the names of the folders in an open folder to a set, and "/" if an artifact that is no folder is there.

    A file whose name was surely meant to be the artifact's is added behind a "/" (`misnamed`), which no folder's name
    has. Yields now and then. Raises OSError.
    """
    with os.scandir(fd) as entries:
        while portion := list(islice(entries, _TICK)):
            inner = [entry.name for entry in portion if entry.is_dir(follow_symlinks=False)]
            folders.update(inner)
            if len(inner) < len(portion):
                others = {entry.name for entry in portion}.difference(inner)
                folders.update(f"/{name}" for name in filter(is_misnamed, others))
                if ARTIFACT_NAME in others:
                    folders.add("/")
            yield


def misnamed(names: set[str]) -> list[str]:
    """The misnamed files among what `list_folder` gave, sorted; they and "/" are taken out."""
    marked = {name for name in names if name.startswith("/")}
    names -= marked
    return sorted(name[1:] for name in marked - {"/"})


def holds_folders(name: str, dir_fd: int) -> bool:
    """Whether there are folders in a folder, by listing it. Raises OSError."""
    fd = open_folder(name, dir_fd)
    try:
        names: set[str] = set()
        return any(any(not name.startswith("/") for name in names) for _ in list_folder(fd, names))
    finally:
        os.close(fd)
