"""The tree -> which artifacts are new, changed, gone (rules G1-G3, G7, G29). The only truth; hints only hurry it.

Every pass is a generator of batches, so that the engine works in short slices; `now` is nanoseconds since 1970 at the
begin of the pass. Passes may interleave, and a pass that is closed early is taken up by the next `reconcile`. No pass
keeps anything open after its end, so a root can be unmounted. A root that is missing, or that another folder has
replaced, yields nothing: ask `check_root`, and make a new Scan for a replaced one (file ids begin again).

A folder named `gate_result.json` is a folder like any other; anything else of that name that is no regular file is a
Rejection.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

from gateconsole.artifacts.file_changes import Change, FileFound, FileGone, FileTracker, RootLostError, folder_text
from gateconsole.artifacts.file_index import FileIndex, Folder
from gateconsole.artifacts.open_folders import OWN_FOLDER, OpenFolders, mount_of
from gateconsole.artifacts.tree_pass import TreePass
from gateconsole.model import ARTIFACT_NAME

__all__ = ["Change", "FileFound", "FileGone", "RootState", "Scan"]

Pass = Generator[list[Change], None, None]
"""Batches of changes; may be closed early."""

_FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_PORTION: Final = 256


class RootState(StrEnum):
    """What stands at the root's path (rule G7)."""

    OK = "ok"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    NOT_A_FOLDER = "not a folder"
    REPLACED = "replaced"
    """Another folder than the one scanned: removed and made again, unmounted, mounted over, a link turned."""


class Scan:
    """What is known of one root, and the passes that keep it true."""

    def __init__(self, root: Path) -> None:
        self._root = os.fspath(root)
        self._bases = tuple({os.path.abspath(root) + "/", os.path.realpath(root) + "/", self._root + "/"})
        self._identity: tuple[int, int] | None = None
        self._mount: int | None = None
        self._remounted = False
        self.fault: str | None = None
        """Why the root could not be opened, or was lost, when it was last tried; None after a pass that had it."""
        self._known = FileIndex()
        self._round = self._portions()
        self._misnamed = 0, (0, "")
        self.rounds = 0
        """How often `verify` has been through everything."""

    @property
    def seen(self) -> int:
        """Files of the exact name that are there now, whatever they are (rule G29)."""
        return self._known.seen

    @property
    def expected(self) -> int:
        """What `seen` will be if every name listed so far proves to be a run's folder: for showing progress."""
        return self._known.seen + self._known.ahead

    @property
    def places(self) -> int:
        """Files and folders that `verify` looks at in one round."""
        return self._known.seen + len(self._known.folders)

    @property
    def unreadable_folders(self) -> tuple[str, ...]:
        """Folders nobody could list or enter, relative to the root, sorted; "." is the root."""
        return tuple(sorted(folder.text() or "." for folder in self._known.unreadable))

    @property
    def misnamed(self) -> tuple[int, str]:
        """How many files have almost the artifact's name, and the first of them by path (rule G2); never read.

        Run folders that hold nothing but their artifact are not listed, so what lies in them does not count.
        """
        if self._misnamed[0] != self._known.misnamed_changes:
            folders = self._known.misnamed.items()
            first = min((folder_text(folder, names[0]) for folder, names in folders), default="")
            self._misnamed = self._known.misnamed_changes, (sum(len(names) for _, names in folders), first)
        return self._misnamed[1]

    @property
    def unsettled(self) -> bool:
        """Whether `settle` has anything to look at."""
        return bool(self._known.young)

    def racy_files(self) -> list[int]:
        """Files that changed so shortly before they were read that a later change may not show; asked once each.

        Give them to `reread` 50 ms later or more: after that their identity can be trusted.
        """
        return _taken(self._known.racy)

    def coarse_files(self) -> list[int]:
        """The same for those whose time stamps tell no fractions of a second: `reread` them 2 s later or more."""
        return _taken(self._known.coarse)

    def check_root(self) -> RootState:
        """What stands at the root's path now; opens it, reads nothing."""
        try:
            fd = os.open(self._root, _FLAGS)
        except FileNotFoundError:
            return RootState.MISSING
        except OSError as error:
            self.fault = error.strerror
            return RootState.NOT_A_FOLDER if error.errno == errno.ENOTDIR else RootState.UNREADABLE
        try:
            found = os.fstat(fd)
            if self._identity not in (None, _identity(found)):
                return RootState.REPLACED
            self._compare_mount(fd)
            if self._known.top in self._known.unreadable:
                with os.scandir(fd) as entries:
                    next(entries, None)
        except OSError as error:
            self.fault = error.strerror
            return RootState.UNREADABLE
        finally:
            os.close(fd)
        return RootState.OK

    def remounted(self) -> bool:
        """Whether `check_root` found the same folder mounted anew; asked once. Whoever listened to it is deaf now."""
        remounted, self._remounted = self._remounted, False
        return remounted

    def _compare_mount(self, fd: int) -> None:
        """The same folder of the same device may be another's after it was unmounted, and nobody was told."""
        before, self._mount = self._mount, mount_of(fd)
        self._remounted = self._remounted or (before is not None and self._mount not in (None, before))

    def full(self, *, now: int) -> Pass:
        """Walk through everything: the first scan, or a complete verification."""

        def work(walk: TreePass) -> Iterator[None]:
            again = self._known.seen > 0
            yield from walk.everything(force=True)
            for folder, leaves in self._portions() if again else ():
                if leaves:
                    yield from walk.check_leaves(folder, leaves)
                    yield

        return self._pass(now, work)

    def touch(self, hints: Iterable[bytes | str], *, now: int) -> Pass:
        """Look now at these paths: files or folders, absolute or relative to the root, there or not."""

        def work(walk: TreePass) -> Iterator[None]:
            for folder, name in {self._resolve(os.fsdecode(hint)): None for hint in hints}:
                yield from walk.refresh(folder) if name is None else walk.visit(folder, name)
                yield

        return self._pass(now, work)

    def reconcile(self, *, now: int) -> Pass:
        """Find what came or went since the last pass without any hint, by listing the folders that changed.

        Run folders that hold nothing but their artifact are not looked into: `verify` does that.
        """
        return self._pass(now, lambda walk: walk.everything(force=False))

    def settle(self, *, now: int) -> Pass:
        """Look into folders that were empty and just made when last listed: watchers lose what is created in them."""

        def work(walk: TreePass) -> Iterator[None]:
            for folder in list(self._known.young):
                yield from walk.refresh(folder)
                yield

        return self._pass(now, work)

    def verify(self, budget: int, *, now: int) -> Pass:
        """Look at the next `budget` files and folders one by one, beginning again after the last (`rounds`).

        Finds what `reconcile` cannot see: a file rewritten, deleted or replaced in a run folder, a folder made there.
        """

        def work(walk: TreePass) -> Iterator[None]:
            left = budget
            while left > 0:
                portion = next(self._round, None)
                if portion is None:
                    self._round = self._portions()
                    self.rounds += 1
                    return
                folder, leaves = portion
                left -= len(leaves or (0,))
                yield from walk.refresh(folder) if leaves is None else walk.check_leaves(folder, leaves)
                yield

        return self._pass(now, work)

    def reread(self, files: Iterable[int], *, now: int) -> Pass:
        """Read these files again, whatever their identity; ids of files that are gone are passed over."""
        return self._pass(now, lambda walk: walk.reread(files))

    def _pass(self, now: int, work: Callable[[TreePass], Iterator[None]]) -> Pass:
        """Run one pass; yields batches, empty ones too, at least every few milliseconds of work."""
        root_fd = self._open_root()
        if root_fd is None:
            return
        trail = OpenFolders(self._known.top, root_fd)
        files = FileTracker(self._known, self._stands, now)
        try:
            for _ in work(TreePass(self._known, trail, files, now)):
                yield files.take()
        except RootLostError:
            self.fault = "it went away while it was read"
        finally:
            trail.close()
        yield files.take()

    def _open_root(self) -> int | None:
        """The root opened, if it is still the folder it was at first; else `fault` says why not."""
        fd = -1
        try:
            fd = os.open(self._root, _FLAGS)
            identity = _identity(os.fstat(fd))
        except OSError as error:
            if fd >= 0:
                os.close(fd)
            self.fault = error.strerror
            if self._identity is not None and error.errno not in (errno.ENOENT, errno.ENOTDIR):
                self._known.unreadable[self._known.top] = None
                self._known.top.stamp = None
            return None
        if self._identity is None:
            self._identity = identity
        if self._identity == identity:
            self.fault = None
            return fd
        os.close(fd)
        self.fault = "another folder stands there now"
        return None

    def _stands(self) -> bool:
        """Whether the root's path still leads to the folder scanned."""
        try:
            found = os.stat(self._root)
        except OSError:
            return False
        return self._identity == _identity(found)

    def _resolve(self, hint: str) -> tuple[Folder, str | None]:
        """The deepest known folder on a path, and the next name below it (None: the folder itself is meant)."""
        if hint.startswith("/"):
            base = next((base for base in self._bases if hint.startswith(base)), hint)
            hint = hint[len(base) :]
        folder = self._known.top
        parts = [part for part in hint.split("/") if part not in ("", ".")]
        if ".." in parts or parts[:1] == [OWN_FOLDER]:
            return folder, None
        for at, part in enumerate(parts, 1):
            child = (folder.folders or {}).get(part)
            if child is None:
                return folder, None if part == ARTIFACT_NAME and at == len(parts) else part
            folder = child
        return folder, None

    def _portions(self) -> Iterator[tuple[Folder, list[tuple[str, int]] | None]]:
        """Everything known once: (folder, None) for a folder itself, (folder, leaves) for some of its leaves."""
        index = 0
        while index < len(self._known.folders):
            folder = self._known.folders[index]
            index += 1
            if folder is None:
                continue
            yield folder, None
            for chunk in folder.leaves.chunks() if folder.leaves else ():
                for at in range(0, len(chunk), _PORTION):
                    yield folder, chunk[at : at + _PORTION]


def _identity(found: os.stat_result) -> tuple[int, int]:
    """What tells one folder from another."""
    return found.st_dev, found.st_ino


def _taken(files: set[int]) -> list[int]:
    """What is in a set of files, which is empty then."""
    taken = sorted(files)
    files.clear()
    return taken
