"""A new file is given what the old one has beside its bytes: owner, mode, access list, further attributes."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def copy_attributes(handle: int, old: Path, mark: os.stat_result) -> list[str]:
    """Give the open file the owner, the mode and the access list of the old one; what could not be kept, in words.

    Raises OSError.
    """
    notes: list[str] = []
    mode = stat.S_IMODE(mark.st_mode)
    made = os.fstat(handle)
    if (made.st_uid, made.st_gid) != (mark.st_uid, mark.st_gid):
        try:
            os.fchown(handle, mark.st_uid, mark.st_gid)
        except OSError:
            notes.append(f"the file belonged to uid {mark.st_uid} and belongs to uid {os.geteuid()} now")
            mode = _mode_for_group(handle, mark.st_gid, mode)
    _attributes(handle, old, mode)
    if mark.st_nlink > 1:
        notes.append(f"the file had other names ({mark.st_nlink - 1} hard links): they keep the old text")
    return notes


def _mode_for_group(handle: int, group: int, mode: int) -> int:
    """The mode that gives no other group what this one may; the group itself is kept where that is allowed."""
    try:
        os.fchown(handle, -1, group)
    except OSError:
        return mode & ~0o070 | (mode & 0o007) << 3
    return mode


def _attributes(handle: int, old: Path, mode: int) -> None:
    """Mode and attributes; those that a new file gets of its folder go, an access list above all. Raises OSError."""
    wanted: dict[str, bytes] = {}
    with suppress(OSError):
        wanted = {name: os.getxattr(old, name) for name in os.listxattr(old)}
        for name in set(os.listxattr(handle)) - set(wanted):
            with suppress(OSError):
                os.removexattr(handle, name)
    os.fchmod(handle, mode)
    for name, value in wanted.items():
        with suppress(OSError):
            os.setxattr(handle, name, value)
