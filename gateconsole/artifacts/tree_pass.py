"""One pass over the tree: compares what is there with what is known, reads what is new, notes what is gone.

Passes may interleave: one may be half way through a wide folder when another looks at a few paths in it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from gateconsole.artifacts.file_changes import FileTracker, RootLostError, folder_text
from gateconsole.artifacts.file_index import FileIndex, Folder
from gateconsole.artifacts.open_folders import OWN_FOLDER, OpenFolders, holds_folders, list_folder, misnamed
from gateconsole.artifacts.read_file import ABSENT, BELOW, identity_of, lstat_or_none, read_artifact
from gateconsole.model import ARTIFACT_NAME

RACY_FOLDER_NS: Final = 2_000_000_000
"""A folder changed less than this before a pass began may change again with equal times (coarse time stamps)."""

_NO_FOLDER: Final = ABSENT | {errno.ELOOP}
_TICK: Final = 256


class TreePass:
    """The folders' side of one pass that began at `now` (ns since 1970). Generators yield where they may be paused."""

    def __init__(self, known: FileIndex, trail: OpenFolders, files: FileTracker, now: int) -> None:
        self._known = known
        self._trail = trail
        self._files = files
        self._racy_since = now - RACY_FOLDER_NS
        self._todo: list[Folder] = []

    def everything(self, force: bool) -> Iterator[None]:
        """List all folders that are no leaves, or (not forced) those that changed; and all that is new in them."""
        stack, count = [self._known.top], 0
        while stack:
            folder = stack.pop()
            children = folder.children()
            if self._known.alive(folder) and (force or self._changed(folder)):
                yield from self._list(folder)
                yield from self._descend()
            stack.extend(children)
            count += 1
            if count % _TICK == 0:
                yield

    def refresh(self, folder: Folder) -> Iterator[None]:
        """Look at a folder that is no leaf: its own artifact, and what is in it if it changed."""
        if not self._known.alive(folder):
            return
        if self._changed(folder):
            yield from self._list(folder)
            yield from self._descend()
        elif folder.artifact >= 0:
            self._entered(folder, partial(self._own, folder))

    def visit(self, folder: Folder, name: str) -> Iterator[None]:
        """Look at one entry of a folder: a leaf, or anything new."""
        if self._known.alive(folder) and name not in (folder.folders or ()):
            self._entered(folder, partial(self._entry, folder, name))
        yield from self._descend()

    def check_leaves(self, folder: Folder, leaves: list[tuple[str, int]]) -> Iterator[None]:
        """Look at known leaves again; those that moved meanwhile are passed over."""
        if self._known.alive(folder):
            self._entered(folder, partial(self._check_leaves, folder, leaves))
        yield from self._descend()

    def reread(self, files: Iterable[int]) -> Iterator[None]:
        """Read files again, whatever their identity."""
        for folder, places in list(self._known.locate(files)):
            for name, file in places:
                if self._known.alive(folder) and self._known.lives(file, folder):
                    self._entered(folder, partial(self._once_more, folder, name, file))
            yield from self._descend()
            yield

    # --- folders ------------------------------------------------------------------------------------------------

    def _entered(self, folder: Folder, act: Callable[[int], None]) -> None:
        """Do something in an open folder; if it cannot be entered, note that."""
        try:
            act(self._trail.enter(folder))
        except OSError as error:
            self._refused(folder, error)

    def _changed(self, folder: Folder) -> bool:
        """Whether a folder must be listed: it changed, may have changed, was never listed, or cannot be looked at."""
        if folder.stamp is None or folder.racy:
            return True
        try:
            if folder.parent is None:
                found = os.fstat(self._trail.enter(folder))
            else:
                found = os.stat(folder.name, dir_fd=self._trail.enter(folder.parent), follow_symlinks=False)
        except OSError:
            return True
        return identity_of(found) != folder.stamp

    def _descend(self) -> Iterator[None]:
        """List the folders found on the way, and those found in them."""
        while self._todo:
            yield from self._list(self._todo.pop())
            yield

    def _list(self, folder: Folder) -> Iterator[None]:
        """Compare a folder's entries with the known ones."""
        if folder.listing is not None or not self._known.alive(folder):
            return
        added: set[str] = set()
        folder.listing = added
        try:
            fd = self._trail.enter(folder)
            found = os.fstat(fd)
            names: set[str] = set()
            yield from list_folder(fd, names)
            own = "/" in names
            self._known.note_misnamed(folder, misnamed(names))
            if folder.parent is None:
                names.discard(OWN_FOLDER)
            yield from self._compare(folder, fd, names, added)
            if self._known.alive(folder):
                self._listed(folder, found)
                if own or folder.artifact >= 0:
                    self._own(folder, fd)
                self._known.demote(folder)
        except OSError as error:
            self._refused(folder, error)
        finally:
            folder.listing = None

    def _compare(self, folder: Folder, fd: int, names: set[str], added: set[str]) -> Iterator[None]:
        """Drop what is not among the names any more, meet what is new; `added` came by other passes meanwhile."""
        if not self._known.alive(folder):
            return
        lost: set[str] = set()
        new = names.difference(folder.folders or ())
        for chunk in folder.leaves.names() if folder.leaves else ():
            lost.update(set(chunk).difference(names))
            new.difference_update(chunk)
        present = names | added if added else names
        self._drop(folder, lost - added, [child for child in folder.children() if child.name not in present])
        above = folder.text() + "/" if folder.parent else ""
        device = os.fstat(fd).st_dev
        device = device if self._known.counts_links(device) else -1
        order = sorted(new)
        ahead = len(order)
        self._known.ahead += ahead
        try:
            for at in range(0, len(order), _TICK):
                batch = [name for name in order[at : at + _TICK] if name not in added]
                for name in self._files.new_leaves(folder, batch, fd, device, above):
                    self._meet(folder, name, fd, above)
                self._known.ahead -= min(_TICK, ahead)
                ahead -= min(_TICK, ahead)
                yield
                if not self._known.alive(folder):
                    return
        finally:
            self._known.ahead -= ahead
        if folder.leaves:
            folder.leaves.pack()

    def _listed(self, folder: Folder, found: os.stat_result) -> None:
        """Remember what a folder looked like just before it was listed completely."""
        folder.stamp = identity_of(found)
        folder.racy = found.st_ctime_ns >= self._racy_since
        self._known.unreadable.pop(folder, None)
        if folder.racy and not folder.leaves and not folder.folders:
            self._known.young[folder] = None
        else:
            self._known.young.pop(folder, None)

    def _refused(self, folder: Folder, error: OSError) -> None:
        """A folder cannot be entered: it is gone, or it stays as known and is listed as unreadable."""
        if not self._known.alive(folder):
            return
        if error.errno not in _NO_FOLDER:
            self._known.unreadable[folder] = None
            folder.stamp = None
        elif folder.parent is None:
            raise RootLostError
        else:
            self._drop(folder.parent, (), [folder])

    def _drop(self, folder: Folder, leaves: Iterable[str], children: Iterable[Folder]) -> None:
        """Entries that are no longer in a folder."""
        names = list(leaves)
        if names and folder.leaves:
            self._files.confirm()
            for name in names:
                self._files.gone(folder.leaves.find(name))
            folder.leaves.remove(names)
        for child in children:
            self._files.confirm()
            for inner in list(child.below()):
                for file in inner.files():
                    self._files.gone(file)
                self._known.forget_folder(inner)

    # --- entries ------------------------------------------------------------------------------------------------

    def _entry(self, folder: Folder, name: str, fd: int) -> None:
        """An entry somebody pointed at."""
        file = folder.leaves.find(name) if folder.leaves else -1
        if file >= 0:
            self._leaf(folder, name, file, fd)
            return
        found = lstat_or_none(name, fd)
        if found is not None and stat.S_ISDIR(found.st_mode):
            self._meet(folder, name, fd, folder.text() + "/" if folder.parent else "")

    def _meet(self, folder: Folder, name: str, fd: int, above: str) -> None:
        """A folder that is not known yet; try its artifact before anything else (architecture 7)."""
        known = self._known
        try:
            reading = read_artifact(name + BELOW, fd)
            if reading is None:
                self._todo.append(known.add_folder(folder, name))
                return
            found = lstat_or_none(name, fd)
            if found is None or not stat.S_ISDIR(found.st_mode):
                return
            leaf = self._is_leaf(found, name, fd)
        except OSError as error:
            self._refused(known.add_folder(folder, name), error)
            return
        text = above + name if name.isascii() else folder_text(folder, name)
        if leaf:
            known.add_leaf(folder, name, self._files.new(folder, text, reading))
        else:
            child = known.add_folder(folder, name)
            child.artifact = self._files.new(child, text, reading)
            self._todo.append(child)

    def _is_leaf(self, found: os.stat_result, name: str, fd: int) -> bool:
        """Whether no folder is in a folder: by its link count where that proves it, else by listing it."""
        if found.st_nlink == 2 and self._known.counts_links(found.st_dev):
            return True
        return not holds_folders(name, fd)

    def _check_leaves(self, folder: Folder, leaves: list[tuple[str, int]], fd: int) -> None:
        for name, file in leaves:
            if self._known.lives(file, folder):
                self._leaf(folder, name, file, fd)

    def _leaf(self, folder: Folder, name: str, file: int, fd: int) -> None:
        """A known leaf: still there, the same file in it, still without folders?"""
        known = self._known
        try:
            found = lstat_or_none(name, fd)
            if found is None or not stat.S_ISDIR(found.st_mode):
                self._drop(folder, (name,), ())
            elif not self._files.again(file, name + BELOW, fd, folder, name):
                self._drop(folder, (name,), ())
                self._todo.append(known.add_folder(folder, name))
            elif not self._is_leaf(found, name, fd):
                self._todo.append(known.promote(folder, name, file))
        except OSError as error:
            self._refused(known.promote(folder, name, file), error)

    def _own(self, folder: Folder, fd: int) -> None:
        """A folder's own artifact: new, the same, changed or gone. Raises OSError if that cannot be known."""
        if folder.artifact < 0:
            reading = read_artifact(ARTIFACT_NAME, fd)
            if reading is not None:
                folder.artifact = self._files.new(folder, folder.text(), reading)
        elif not self._files.again(folder.artifact, ARTIFACT_NAME, fd, folder, None):
            self._own_gone(folder)

    def _own_gone(self, folder: Folder) -> None:
        self._files.confirm()
        self._files.gone(folder.artifact)
        folder.artifact = -1

    def _once_more(self, folder: Folder, name: str | None, file: int, fd: int) -> None:
        """Read one known file again, whatever its identity."""
        if name is None:
            if not self._files.reread(file, ARTIFACT_NAME, fd, folder, None):
                self._own_gone(folder)
            return
        try:
            if not self._files.reread(file, name + BELOW, fd, folder, name):
                self._leaf(folder, name, file, fd)
        except OSError as error:
            self._refused(self._known.promote(folder, name, file), error)
