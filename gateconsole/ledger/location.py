"""Where a ledger may live: on a local file system, because locks and syncs of others cannot be relied on."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from gateconsole.io.files import fsync_folder, make_shared_folder
from gateconsole.text import printable, printable_path, shown_path

FOLDER: Final = ".gateconsole"
NAME: Final = "ledger.db"
REMEDY: Final = "name a file on a local disk with --ledger FILE"

_LEAST: Final = 512
"""Bytes of SQLite's smallest page."""

_FOREIGN: Final = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|glusterfs|lustre|beegfs|vboxsf|vmhgfs|virtiofs|fuse\..*"
)
_LOCAL_FUSE: Final = frozenset({"fuse.fuseblk", "fuse.fuse-overlayfs", "fuse.ext2"})
_MOUNTS: Final = Path("/proc/self/mountinfo")


class LedgerUnusableError(Exception):
    """The ledger cannot be used; the text names the file, what is wrong and what to do. Printable."""


class LedgerBusyError(LedgerUnusableError):
    """Another process kept the ledger locked for too long."""


def default_ledger(root: Path) -> Path:
    """The ledger of a ROOT."""
    return root / FOLDER / NAME


def origin_of(ledger: Path, root: Path) -> str:
    """What tells a ROOT from others that report to the same ledger: its path; empty for the ROOT the ledger is in."""
    real = os.path.realpath(root)
    if os.path.realpath(ledger) == os.path.join(real, FOLDER, NAME):
        return ""
    return printable(printable_path(os.fsencode(real)))


def prepare(path: Path) -> None:
    """Make the folder of a ledger that is about to be written. Raises LedgerUnusableError."""
    folder = path.parent
    if folder.name == FOLDER and not os.path.isdir(folder.parent):
        raise LedgerUnusableError(f"{shown_path(folder.parent)}: no such folder: create or mount it, or {REMEDY}")
    try:
        if make_shared_folder(folder):
            fsync_folder(folder.parent)
    except OSError as error:
        raise LedgerUnusableError(f"{shown_path(folder)}: cannot be created: {error.strerror}: {REMEDY}") from error
    check_owner(folder)


def is_there(path: Path) -> bool:
    """Whether there is a ledger. Raises LedgerUnusableError when that cannot be known, and for one that was truncated.

    A ledger is made whole before it gets its name, so one of fewer bytes than a page lost what it held.
    """
    try:
        size = os.stat(path).st_size
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise LedgerUnusableError(
            f"{shown_path(path)}: cannot be opened: {error.strerror}: give this user permission, or {REMEDY}"
        ) from error
    if size < _LEAST and not _journal_size(path):
        raise LedgerUnusableError(
            f"{shown_path(path)} holds {size} bytes, as no ledger does: it was truncated: move it away and bring the"
            " back-up in with `gateconsole queue import` (without one, the next act begins a new ledger)"
        )
    return True


def _journal_size(path: Path) -> int:
    """How much of a write that was not finished can be rolled back."""
    try:
        return os.stat(f"{os.fspath(path)}-journal").st_size
    except OSError:
        return 0


def check_owner(folder: Path) -> None:
    """Raise LedgerUnusableError if a folder is on a network or shared file system."""
    kind = file_system(folder)
    if kind is not None and _FOREIGN.fullmatch(kind) and kind not in _LOCAL_FUSE:
        raise LedgerUnusableError(
            f"{shown_path(folder)} is on {printable(kind)}, where a ledger is only read: {REMEDY}"
        )


def file_system(folder: Path, mounts: Path = _MOUNTS) -> str | None:
    """The type of the file system a folder is on, as Linux names it; None when that cannot be known."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        real = os.path.realpath(folder)
    except OSError:
        return None
    best, found = -1, None
    for line in lines:
        before, _, after = line.partition(" - ")
        point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), before.split(" ")[4])
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= best:
            best, found = len(point), after.split(" ")[0]
    return found
