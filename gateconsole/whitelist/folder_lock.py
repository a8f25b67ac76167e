"""The lock that keeps our processes apart: on the folder of the whitelist, so that the file itself can be replaced."""

from __future__ import annotations

import fcntl
import os
import select
from pathlib import Path
from typing import Final

SECONDS: Final = 30.0
"""How long another process may hold the lock before that is an error."""

_LOCKS: Final = Path("/proc/locks")
_PAUSE: Final = 0.002
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def folder(path: Path, patience: float | None = None) -> int:
    """A handle of this folder, locked until it is closed; the folder is still the one of that name.

    Raises BlockingIOError when another process keeps it for `patience` seconds (None: SECONDS), OSError.
    """
    limit = SECONDS if patience is None else patience
    waited = 0.0
    while True:
        handle = os.open(path, _FOLDER)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return handle
        except BlockingIOError:
            if waited >= limit:
                os.close(handle)
                raise
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
        select.select([], [], [], _PAUSE)
        waited += _PAUSE


def holder(path: Path) -> int | None:
    """The process that has this folder locked; None where that cannot be known."""
    try:
        mark = os.stat(path)
        lines = _LOCKS.read_text().splitlines()
    except OSError:
        return None
    wanted = f"{os.major(mark.st_dev):02x}:{os.minor(mark.st_dev):02x}:{mark.st_ino}"
    fields = (line.split() for line in lines)
    held = (each[4] for each in fields if len(each) > 5 and each[1] == "FLOCK" and each[5] == wanted)
    return next((int(process) for process in held if process.isdigit() and int(process)), None)
