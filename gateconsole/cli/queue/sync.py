"""Look through ROOT's artifacts for results of the queue's runs and book them (rule Q20).

A file is read when it was not looked at before as it is now, whatever any clock says. What was looked at is kept in the
ledger: so only what is new is listed and read. `status` and `sync` ask the system about every folder and artifact; so
does `next` in a tree of up to 1,000 quiet folders. A folder is quiet while no folder is in it and its artifact never
named a run and never became another one where it stood. Of more quiet ones `next` asks about a part, drawn by lot, and
about all of them in a folder that changed: a new folder is found at once, a quiet one that begins to be of concern by
`status`, `sync`, a console, or a later `next`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from gateconsole.artifacts.read_file import ABSENT, BELOW, STALE, UNREAD, identity_of, read_artifact
from gateconsole.cli.base import print_message
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.location import FOLDER, origin_of
from gateconsole.ledger.store import Ledger
from gateconsole.model import ARTIFACT_NAME, Rejection, artifact_path
from gateconsole.patch_queue.artifact_results import (
    Artifact,
    Look,
    Looks,
    Row,
    artifact_of,
    book_looks,
    look_of,
    looks_in_turn,
    looks_of,
    quiet_looks_in,
)
from gateconsole.patch_queue.builder_acts import VerdictChanges
from gateconsole.patch_queue.reported_results import Says, UnusableResult, named_run
from gateconsole.text import printable, printable_path

_NAME: Final = ARTIFACT_NAME.encode()
_BELOW: Final = BELOW.encode()
_OWN: Final = FOLDER.encode()
_SECOND: Final = 1_000_000_000

FINE_NS: Final = 50_000_000
"""How far apart two changes must be to be told apart by their times; nanoseconds, several ticks of a kernel."""

COARSE_NS: Final = 2_500_000_000
"""The same where a file system keeps whole seconds, or every other one."""


def sync(
    ledger: Ledger,
    root: Path,
    when: Actor,
    says: Mapping[str, Says],
    *,
    everything: bool = False,
    turn: int | None = None,
) -> tuple[list[tuple[str, VerdictChanges]], list[tuple[str, UnusableResult]]]:
    """Book what is new in ROOT: (path, effect) of each booked result, (path, why) of each that reports nothing.

    `everything`: read every artifact, also those that were looked at. `turn`: ask only about a part of the quiet ones
    (`looks_in_turn`); any number. Raises LedgerUnusableError, RefusedError.
    """
    origin = origin_of(ledger.path, root)
    known = looks_of(ledger, origin) if turn is None else looks_in_turn(ledger, origin, turn)
    tree = _Tree(root, known, everything, None if turn is None else partial(quiet_looks_in, ledger, origin))
    tree.look()
    booked: list[tuple[str, VerdictChanges]] = []
    odd: list[tuple[str, UnusableResult]] = []
    for found in book_looks(ledger, tree.artifacts(), tree.looks(), when, says, origin=origin):
        if isinstance(found.outcome, UnusableResult):
            odd.append((found.path, found.outcome))
        else:
            booked.append((found.path, found.outcome))
    for path, error in tree.problems:
        print_message(
            f"{printable(printable_path(path))}: cannot be read: {error.strerror}: results in it are not booked"
        )
    return booked, odd


class _Tree:
    """One look through a root. Folders are paths below it, bytes; no link is followed."""

    def __init__(
        self,
        root: Path,
        known: dict[bytes, Row],
        everything: bool,
        quiet_in: Callable[[bytes, list[bytes]], Mapping[bytes, Row]] | None,
    ) -> None:
        """`known` may lack quiet folders if `quiet_in` tells those among the names in a folder that changed."""
        self._root = os.fsencode(root)
        self._known = known
        self._quiet_in = quiet_in
        self._everything = everything
        self._folders: dict[bytes, list[bytes]] = {}
        for folder in known:
            if folder:
                above, _, name = folder.rpartition(b"/")
                self._folders.setdefault(above, []).append(name)
        self._looks: dict[bytes, Look] = {}
        self._same: set[bytes] = set()
        self._folder_times: dict[bytes, int] = {}
        self._file_times: dict[bytes, int] = {}
        self._artifacts: dict[bytes, Artifact] = {}
        self._unread: set[bytes] = set()
        self.problems: list[tuple[bytes, OSError]] = []

    def look(self) -> None:
        """Ask about every folder and artifact; list and read what is not known as it is."""
        stack = list[bytes]()
        try:
            handle = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            self._unread.add(b"")
            self.problems.append((self._root, error))
        else:
            try:
                self._look_at(b"", b".", handle, stack)
            finally:
                os.close(handle)
        while stack:
            self._look_into(stack.pop(), stack)

    def _look_into(self, folder: bytes, stack: list[bytes]) -> None:
        """The folders in a folder."""
        path = os.path.join(self._root, folder) if folder else self._root
        try:
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | (os.O_NOFOLLOW if folder else 0))
        except OSError as error:
            self._failed(folder, error)
            return
        try:
            for name in self._changed(folder, handle, stack):
                self._look_at(_join(folder, name), name, handle, stack)
        finally:
            os.close(handle)

    def _changed(self, folder: bytes, handle: int, stack: list[bytes]) -> Iterator[bytes]:
        """The folders in an open one that are not as they were, or whose artifact is not: one tight loop."""
        same_as_before, folders, everything, known, os_stat = (
            self._same,
            self._folders,
            self._everything,
            self._known,
            os.stat,
        )
        prefix = folder + b"/" if folder else b""
        for name in self._folders[folder]:
            below = prefix + name
            look = known.get(below)
            if look is None or everything:
                yield name
                continue
            _, mark, artifact, file_mark, _, _, _ = look
            try:
                found = os_stat(name, dir_fd=handle, follow_symlinks=False)
                same = mark == hash((found.st_ino, found.st_ctime_ns, found.st_mtime_ns, found.st_size))
                if same and artifact:
                    found = os_stat(name + _BELOW, dir_fd=handle, follow_symlinks=False)
                    same = file_mark == hash((found.st_ino, found.st_ctime_ns, found.st_mtime_ns, found.st_size))
            except OSError:
                same = False
            if not same:
                yield name
                continue
            same_as_before.add(below)
            if below in folders:
                stack.append(below)

    def _look_at(self, folder: bytes, name: bytes, above: int, stack: list[bytes]) -> None:
        """One folder, by its name in an open one: itself, then its artifact."""
        try:
            found = os.stat(name, dir_fd=above, follow_symlinks=False)
            if found.st_mode & 0o170000 != stat.S_IFDIR:
                return
            mark = identity_of(found)
            row = self._known.get(folder)
            look = row and look_of(row)
            if look is None or look.folder_mark != mark or self._everything:
                artifact = self._list(folder)
                self._folder_times[folder] = found.st_ctime_ns
                before = look or Look(mark, artifact)
                look = before._replace(folder_mark=mark, artifact=artifact, folders=folder in self._folders)
                if not artifact:
                    look = look._replace(file_mark=None, refused=None)
            self._looks[folder] = self._artifact(folder, name, above, look) if look.artifact else look
        except OSError as error:
            self._failed(folder, error)
        if folder in self._folders:
            stack.append(folder)

    def _list(self, folder: bytes) -> bool:
        """Which folders are in a folder, and whether an artifact is."""
        names, artifact = list[bytes](), False
        with os.scandir(os.path.join(self._root, folder)) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    names.append(entry.name)
                elif entry.name == _NAME:
                    artifact = True
        self._folders.pop(folder, None)
        if not folder and _OWN in names:
            names.remove(_OWN)
        if names:
            self._folders[folder] = names
        if self._quiet_in is not None and (not folder or folder in self._known):
            self._known.update(
                self._quiet_in(folder, [name for name in names if _join(folder, name) not in self._known])
            )
        return artifact

    def _artifact(self, folder: bytes, name: bytes, above: int, look: Look) -> Look:
        """The look at a folder's artifact: the same object while it is as it was."""
        path = name + _BELOW
        if look.file_mark is not None and not self._everything:
            try:
                found = os.stat(path, dir_fd=above, follow_symlinks=False)
            except FileNotFoundError:
                return look._replace(file_mark=None, refused=None)
            if identity_of(found) == look.file_mark:
                return look
            look = look._replace(lively=True)
        reading = read_artifact(os.fsdecode(path), above)
        if reading is None:
            return look._replace(file_mark=None, refused=None)
        self._file_times[folder] = reading.ctime
        if isinstance(reading.data, bytes) and self._take(folder, reading.data):
            look = look._replace(lively=True)
        reliable = not reading.unsettled and reading.mark not in (UNREAD, STALE)
        return look._replace(file_mark=reading.mark if reliable else None, refused=None)

    def _take(self, folder: bytes, data: bytes) -> bool:
        """Whether an artifact names a run, and what it claims."""
        claim = named_run(data)
        if claim is None:
            return False
        from gateconsole.artifacts.decode import decode

        run = decode(data, printable_path(folder or b"."))
        if not isinstance(run, Rejection):
            self._artifacts[folder] = Artifact(_path(folder), run.outcome, claim)
        return True

    def _failed(self, folder: bytes, error: OSError) -> None:
        """A folder that is gone is forgotten; of any other one, and what is below it, nothing new is known."""
        if error.errno in ABSENT:
            self._folders.pop(folder, None)
            self._looks.pop(folder, None)
            return
        self.problems.append((os.path.join(self._root, folder), error))
        self._unread.add(folder)
        row = self._known.get(folder)
        self._looks[folder] = Look(None, False) if row is None else look_of(row)._replace(folder_mark=None)

    def artifacts(self) -> dict[bytes, Artifact]:
        """Those that name a run and were read, or were refused before; in the order of their paths."""
        refused = {
            folder: artifact_of(claimed, _path(folder))
            for folder, _, _, _, claimed, _, _ in self._known.values()
            if claimed is not None and (folder in self._same or (folder in self._looks and self._looks[folder].refused))
        }
        return dict(sorted({**refused, **self._artifacts}.items()))

    def looks(self) -> Looks:
        """How this look differs from the last one.

        A time so near to the newest one that was met may come to stand for two changes: that mark is not relied on.
        """
        newest = max((*self._folder_times.values(), *self._file_times.values()), default=0)
        for folder, time in self._folder_times.items():
            if _is_young(time, newest) and folder in self._looks:
                self._looks[folder] = self._looks[folder]._replace(folder_mark=None)
        for folder, time in self._file_times.items():
            if _is_young(time, newest) and folder in self._looks:
                self._looks[folder] = self._looks[folder]._replace(file_mark=None)
        gone = self._known.keys() - self._looks.keys() - self._same
        if self._unread:
            gone = {folder for folder in gone if self._unread.isdisjoint(_above(folder))}
        return Looks(self._known, self._looks, gone)


def _join(folder: bytes, name: bytes) -> bytes:
    return folder + b"/" + name if folder else name


def _is_young(time: int, newest: int) -> bool:
    return time > newest - (FINE_NS if time % _SECOND else COARSE_NS)


def _above(folder: bytes) -> Iterator[bytes]:
    """The folders that hold a folder."""
    while folder:
        folder = folder.rpartition(b"/")[0]
        yield folder


def _path(folder: bytes) -> str:
    return printable(artifact_path(printable_path(folder) or "."))
