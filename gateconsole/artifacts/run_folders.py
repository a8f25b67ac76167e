"""The run folders of one folder, packed: about 20 bytes and the name for each."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from itertools import accumulate
from typing import Final

_SMALLEST: Final = 64
_LARGEST: Final = 8192
_NOBODY: Final = 0xFFFFFFFF


class _Block:
    """Names of leaves in sorted order with their file ids."""

    __slots__ = ("_dead", "_ends", "_files", "_ids", "_names", "_text")

    def __init__(self, files: dict[str, int]) -> None:
        names = sorted(files)
        self._ids = array("I", map(files.__getitem__, names))
        self._ends = array("I", accumulate(map(len, names)))
        self._text = "/".join(names)
        self._names = (names[0], names[-1]) if names else ("", "")
        self._files = min(self._ids, default=0), max(self._ids, default=0)
        self._dead = 0

    def __len__(self) -> int:
        return len(self._ids) - self._dead

    def _name(self, at: int) -> str:
        return self._text[(self._ends[at - 1] if at else 0) + at : self._ends[at] + at]

    def _position(self, name: str) -> int:
        """Where a live name stands, -1 if it is not here."""
        if not self._names[0] <= name <= self._names[1]:
            return -1
        at = bisect_left(range(len(self._ids)), name, key=self._name)
        return at if at < len(self._ids) and self._ids[at] != _NOBODY and self._name(at) == name else -1

    def pairs(self) -> list[tuple[str, int]]:
        """All (name, file id), sorted by name."""
        pairs = zip(self._text.split("/"), self._ids, strict=True)
        return [pair for pair in pairs if pair[1] != _NOBODY] if self._dead else list(pairs)

    def named(self, files: Collection[int]) -> list[tuple[str, int]]:
        """(name, file id) of those of these files that are here."""
        first, last = self._files
        mine = {file for file in files if first <= file <= last}
        return [(self._name(at), file) for at, file in enumerate(self._ids) if file in mine] if mine else []

    def names(self) -> list[str]:
        """All names, sorted."""
        return [name for name, _ in self.pairs()] if self._dead else self._text.split("/")

    def find(self, name: str) -> int:
        """The file id of a name, -1 if it is not here."""
        at = self._position(name)
        return self._ids[at] if at >= 0 else -1

    def remove(self, name: str) -> bool:
        """Forget a name; whether it was here."""
        at = self._position(name)
        if at >= 0:
            self._ids[at] = _NOBODY
            self._dead += 1
        return at >= 0

    def shrunk(self) -> _Block:
        """The same without what was forgotten, once that is half of it."""
        return _Block(dict(self.pairs())) if self._dead > len(self) else self


class RunFolders:
    """The leaf folders of one folder: name -> file id. New ones in a dict, the others in packed blocks."""

    __slots__ = ("_blocks", "_recent")

    def __init__(self) -> None:
        self._recent: dict[str, int] = {}
        self._blocks: list[_Block] = []

    def __len__(self) -> int:
        return len(self._recent) + sum(map(len, self._blocks))

    def add(self, name: str, file: int) -> None:
        """Remember a leaf whose name is not known yet."""
        self.extend((name,), (file,))

    def extend(self, names: Iterable[str], files: Iterable[int]) -> None:
        """Remember many leaves whose names are not known yet."""
        self._recent.update(zip(names, files, strict=True))
        if len(self._recent) >= _LARGEST:
            self.pack()

    def find(self, name: str) -> int:
        """The file id of a leaf, -1 if there is none of this name."""
        file = self._recent.get(name, -1)
        if file >= 0:
            return file
        return next((file for block in self._blocks if (file := block.find(name)) >= 0), -1)

    def named(self, files: Collection[int]) -> list[tuple[str, int]]:
        """(name, file id) of those of these files that are here; blocks that cannot hold one are not looked at."""
        found = [(name, file) for name, file in self._recent.items() if file in files]
        for block in self._blocks if len(found) < len(files) else ():
            found += block.named(files)
        return found

    def remove(self, names: Iterable[str]) -> None:
        """Forget leaves by name."""
        for name in names:
            if self._recent.pop(name, None) is None:
                any(block.remove(name) for block in self._blocks)
        self._blocks = [small for block in self._blocks if len(small := block.shrunk())]

    def chunks(self) -> Iterator[list[tuple[str, int]]]:
        """All (name, file id), in portions of bounded size."""
        yield list(self._recent.items())
        for block in tuple(self._blocks):
            yield block.pairs()

    def names(self) -> Iterator[Collection[str]]:
        """All names, in portions of bounded size."""
        yield self._recent.keys()
        for block in tuple(self._blocks):
            yield block.names()

    def pack(self) -> None:
        """Move the dict into a block, merged with smaller blocks, so that there are few."""
        if len(self._recent) < _SMALLEST:
            return
        files = self._recent
        while self._blocks and len(self._blocks[-1]) <= min(len(files), _LARGEST - 1):
            files.update(self._blocks.pop().pairs())
        self._blocks.append(_Block(files))
        self._recent = {}
