"""A process of its own that tells which paths below a folder were touched; started by watch.py, run as a file.

watchfiles holds the interpreter lock while it adds its watches (1 s for 100,000 folders, warm), so it must not live in
the console's process. One JSON array a line on stdout: ["armed"], ["touched", [path ...]], ["failed", kind, reason].
Ends when stdin is closed, on any failure, when another folder stands where ROOT was, and when nobody reads what it
tells: a console that was suspended for a night (`ctrl+z`) would have it hold every path of that night, 0.5 KB a run.
Imports nothing of ours.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import sys
from typing import Any, Literal

DEBOUNCE_MS = 50
STEP_MS = 10
CHECK_MS = 1_000
"""The default debounce of watchfiles, 1,600 ms, shows a steady stream 0.8 s late; 0 spins a core (architecture 6)."""

PROBE_MS = 50
"""How long a watcher must last before it counts: arming opens folders, and a name that is not UTF-8 ends it at once."""

PATIENCE_S = 30.0
"""How long it waits to be heard. Who comes back later finds it gone, starts another and looks through everything."""

_STDOUT = 1

Kind = Literal["limit", "name", "root", "broken"]


class WatchError(Exception):
    """Nobody reads what is told."""


class _Owner:
    """Asked by watchfiles at every step whether to stop: when the starting process closed our stdin, or died."""

    def is_set(self) -> bool:
        return bool(select.select([sys.stdin], [], [], 0)[0])


def tell(*message: object) -> None:
    """Write one message. Raises WatchError."""
    write_out(json.dumps(message).encode() + b"\n", _STDOUT, PATIENCE_S)


def write_out(data: bytes, number: int, patience: float) -> None:
    """Write everything to a pipe that somebody reads.

    Raises WatchError when it takes nothing for `patience` seconds.
    """
    os.set_blocking(number, False)
    left = memoryview(data)
    while left:
        try:
            left = left[os.write(number, left) :]
        except BlockingIOError:
            if not select.select([], [number], [], patience)[1]:
                raise WatchError from None


def kind_of(error: BaseException) -> Kind:
    """What a failure means: `limit` no more watches, `name` one that is not UTF-8, `root` is not there, or `broken`."""
    text = str(error)
    if "Unable to decode path" in text:
        return "name"
    if "limit reached" in text or "os error 24" in text or "os error 28" in text:
        return "limit"
    return "root" if isinstance(error, FileNotFoundError) else "broken"


def start_watch(root: str) -> Any:
    """A watcher of everything below a folder. Where folders may not be read, one that passes over them."""
    from watchfiles import _rust_notify

    try:
        return _rust_notify.RustNotify([root], False, False, 300, True, False)
    except PermissionError:
        return _rust_notify.RustNotify([root], False, False, 300, True, True)


def listen(root: str) -> None:
    """Tell what is touched until the owner goes or the root does. Raises what watchfiles raises."""
    identity = _identity(root)
    watcher = start_watch(root)
    answer = watcher.watch(DEBOUNCE_MS, STEP_MS, PROBE_MS, _Owner())
    tell("armed")
    while True:
        if answer in ("stop", "signal"):
            return
        paths = sorted({path for _, path in answer}) if answer != "timeout" else []
        if paths:
            tell("touched", paths)
        if root in paths or identity != _identity(root):
            tell("failed", "root", "the folder was removed, moved, replaced or mounted anew")
            return
        answer = watcher.watch(DEBOUNCE_MS, STEP_MS, CHECK_MS, _Owner())


def _identity(root: str) -> tuple[int, int, bytes] | None:
    """Which folder stands there, and by which mount: one that was mounted anew tells nothing to who listened before."""
    try:
        folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        found = os.fstat(folder)
        return found.st_dev, found.st_ino, _mount(folder)
    except OSError:
        return None
    finally:
        os.close(folder)


def _mount(folder: int) -> bytes:
    """The number of the mount as statx tells it (`artifacts.trail.mount_of`), empty where it does not."""
    state = ctypes.create_string_buffer(256)
    try:
        answered = ctypes.CDLL(None).statx(folder, b"", 0x1000, 0x5000, state) == 0
    except (OSError, AttributeError):
        return b""
    return state.raw[0x90:0x98] if answered else b""


def main() -> None:
    """Listen to the folder named on the command line."""
    try:
        listen(sys.argv[1])
    except (BrokenPipeError, KeyboardInterrupt, WatchError):
        pass
    except BaseException as error:
        tell("failed", kind_of(error), f"{type(error).__name__}: {error}")
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
