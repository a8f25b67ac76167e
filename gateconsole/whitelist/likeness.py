"""A new file is given what the old one has beside its bytes: owner, mode, access list, further attributes."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def give(handle: int, old: Path, mark: os.stat_result) -> list[str]:
    """Give the open file the owner, the mode and the access list of the old one; what could not be kept, in words.

    Raises OSError.
    """
    notes: list[str] = []
    made = os.fstat(handle)
    if (made.st_uid, made.st_gid) != (mark.st_uid, mark.st_gid):
        try:
            os.fchown(handle, mark.st_uid, mark.st_gid)
        except OSError:
            with suppress(OSError):
                os.fchown(handle, -1, mark.st_gid)
            notes.append(f"the file belonged to uid {mark.st_uid} and belongs to uid {os.geteuid()} now")
    os.fchmod(handle, stat.S_IMODE(mark.st_mode))
    with suppress(OSError):
        for name in os.listxattr(old):
            with suppress(OSError):
                os.setxattr(handle, name, os.getxattr(old, name))
    if mark.st_nlink > 1:
        notes.append(f"the file had other names ({mark.st_nlink - 1} hard links): they keep the old text")
    return notes
