"""What the scan remembers of a tree.

A folder that holds its artifact and no other folder is a *leaf*: one name and one number in its parent's `Leaves`.
Every other folder is a `Folder`. The arrays of `Known` are indexed by file id.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from gateconsole.artifacts.read_file import GONE
from gateconsole.artifacts.run_folders import RunFolders
from gateconsole.text import printable_path

_LINK_COUNTING: Final = frozenset({"ext2", "ext3", "ext4", "xfs", "tmpfs", "ramfs", "overlay"})


class Folder:
    """A folder that is no leaf: the root, one that holds folders, or one without an artifact yet.

    `stamp` is its identity when it was last listed completely, None before; `racy`: it may have changed unseen since.
    `artifact` is the file id of its own artifact or -1. `listing` holds names that other passes added while one lists
    it, None while nobody does.
    """

    __slots__ = ("artifact", "folders", "index", "leaves", "listing", "name", "parent", "racy", "stamp")

    def __init__(self, parent: Folder | None, name: str, index: int) -> None:
        self.parent = parent
        self.name = name
        self.index = index
        self.artifact = -1
        self.stamp: int | None = None
        self.racy = False
        self.leaves: RunFolders | None = None
        self.folders: dict[str, Folder] | None = None
        self.listing: set[str] | None = None

    def text(self) -> str:
        """The folder relative to the root, printable, POSIX form; empty at the root itself."""
        names = []
        folder: Folder | None = self
        while folder is not None and folder.parent is not None:
            names.append(folder.name)
            folder = folder.parent
        return printable_path(os.fsencode("/".join(reversed(names))))

    def children(self) -> list[Folder]:
        """The folders in it that are no leaves, as they are now."""
        return list(self.folders.values()) if self.folders else []

    def below(self) -> Iterator[Folder]:
        """Itself and every folder below it that is no leaf."""
        stack = [self]
        while stack:
            folder = stack.pop()
            yield folder
            stack.extend(folder.children())

    def files(self) -> Iterator[int]:
        """The ids of its own artifact and of its leaves."""
        if self.artifact >= 0:
            yield self.artifact
        if self.leaves:
            for chunk in self.leaves.chunks():
                yield from (file for _, file in chunk)


class FileIndex:
    """Everything remembered between two passes. By file id: `marks` (identities), `homes` (index of the Folder).

    `ahead` counts the names that a pass under way has listed and not looked at yet.
    """

    def __init__(self) -> None:
        self.top = Folder(None, "", 0)
        self.folders: list[Folder | None] = [self.top]
        self.marks = array("q")
        self.homes = array("I")
        self.seen = 0
        self.ahead = 0
        self.racy: set[int] = set()
        self.coarse: set[int] = set()
        self.unreadable: dict[Folder, None] = {}
        self.young: dict[Folder, None] = {}
        self.misnamed: dict[Folder, list[str]] = {}
        self.misnamed_changes = 0
        self._counting: dict[int, bool] = {}
        self._free: list[int] = []

    def note_misnamed(self, folder: Folder, names: list[str]) -> None:
        """The files in a folder that have almost the artifact's name, sorted, as they are now."""
        if self.misnamed.get(folder, []) == names:
            return
        self.misnamed_changes += 1
        if names:
            self.misnamed[folder] = names
        else:
            del self.misnamed[folder]

    def add_file(self, home: Folder, mark: int) -> int:
        """A new file id."""
        self.marks.append(mark)
        self.homes.append(home.index)
        self.seen += 1
        return len(self.homes) - 1

    def add_folder(self, parent: Folder, name: str) -> Folder:
        """A new folder below a known one."""
        if not self._free:
            self._free.append(len(self.folders))
            self.folders.append(None)
        folder = Folder(parent, name, self._free.pop())
        self.folders[folder.index] = folder
        if parent.folders is None:
            parent.folders = {}
        parent.folders[name] = folder
        if parent.listing is not None:
            parent.listing.add(name)
        return folder

    def add_leaf(self, parent: Folder, name: str, file: int) -> None:
        """A leaf below a known folder."""
        if parent.leaves is None:
            parent.leaves = RunFolders()
        parent.leaves.add(name, file)
        if parent.listing is not None:
            parent.listing.add(name)

    def add_leaves(self, parent: Folder, names: list[str], marks: list[int]) -> range:
        """Many new leaves with their marks; their file ids."""
        first, count = len(self.marks), len(names)
        files = range(first, first + count)
        self.marks.extend(marks)
        self.homes.extend(array("I", [parent.index]) * count)
        self.seen += count
        if parent.leaves is None:
            parent.leaves = RunFolders()
        parent.leaves.extend(names, files)
        if parent.listing is not None:
            parent.listing.update(names)
        return files

    def promote(self, parent: Folder, name: str, file: int) -> Folder:
        """A leaf becomes a folder that holds its artifact, because it may hold folders too."""
        if parent.leaves is not None:
            parent.leaves.remove((name,))
        folder = self.add_folder(parent, name)
        folder.artifact = file
        self.homes[file] = folder.index
        return folder

    def demote(self, folder: Folder) -> None:
        """A folder that holds just its artifact becomes a leaf; anything else stays."""
        parent = folder.parent
        if parent is None or folder.artifact < 0 or folder.folders or folder.leaves or folder in self.unreadable:
            return
        self.forget_folder(folder)
        self.add_leaf(parent, folder.name, folder.artifact)
        self.homes[folder.artifact] = parent.index

    def alive(self, folder: Folder) -> bool:
        """Whether a folder is still part of the tree."""
        return self.folders[folder.index] is folder

    def lives(self, file: int, home: Folder) -> bool:
        """Whether a file is there and belongs to this folder (as its own artifact or as a leaf)."""
        return self.marks[file] != GONE and self.homes[file] == home.index

    def forget_file(self, file: int) -> None:
        """The file is no longer there; its id is never used again."""
        self.marks[file] = GONE
        self.racy.discard(file)
        self.coarse.discard(file)
        self.seen -= 1

    def forget_folder(self, folder: Folder) -> None:
        """Take one folder out of the tree; its files and folders are the caller's."""
        self.folders[folder.index] = None
        self._free.append(folder.index)
        self.note_misnamed(folder, [])
        self.unreadable.pop(folder, None)
        self.young.pop(folder, None)
        if folder.parent is not None and folder.parent.folders is not None:
            folder.parent.folders.pop(folder.name, None)

    def locate(self, files: Iterable[int]) -> Iterator[tuple[Folder, list[tuple[str | None, int]]]]:
        """Where files are: by folder, (leaf name or None for the folder's own artifact, file id)."""
        wanted: dict[int, set[int]] = {}
        for file in files:
            if 0 <= file < len(self.marks) and self.marks[file] != GONE:
                wanted.setdefault(self.homes[file], set()).add(file)
        for index, ids in wanted.items():
            folder = self.folders[index]
            if folder is None:
                continue
            places: list[tuple[str | None, int]] = [(None, folder.artifact)] if folder.artifact in ids else []
            if folder.leaves and len(places) < len(ids):
                places += folder.leaves.named(ids)
            yield folder, places

    def counts_links(self, device: int) -> bool:
        """Whether a folder's link count proves how many folders it holds: only where the file system is known to."""
        if device not in self._counting:
            self._counting[device] = _file_system(device) in _LINK_COUNTING
        return self._counting[device]


def _file_system(device: int) -> str:
    """The type of the file system of a device as /proc tells it, or empty."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) > 6 and fields[2] == wanted and "-" in fields[6:]:
            return fields[fields.index("-", 6) + 1]
    return ""
