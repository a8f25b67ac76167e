"""A reader of the scan's changes that keeps what they say and checks their rules; and trees to scan."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gateconsole.artifacts.scan import Change, FileFound, Scan
from gateconsole.model import ARTIFACT_NAME, Rejection, artifact_path
from gateconsole.text import printable_path

SECOND = 1_000_000_000
LATER = 4_000_000_000 * SECOND
"""A time of a pass so late that nothing in the tree is racy."""


class Mirror:
    """The files a Scan has told of so far, by id."""

    def __init__(self, root: Path, now: int = LATER) -> None:
        self.root = root
        self.scan = Scan(root)
        self.now = now
        self.files: dict[int, tuple[str, bytes | Rejection]] = {}
        self._used: set[int] = set()

    def hear(self, batches: Iterable[list[Change]]) -> list[Change]:
        """Take in the changes of one pass; fails if one breaks the rules of Found and Gone."""
        changes = [change for batch in batches for change in batch]
        for change in changes:
            if isinstance(change, FileFound):
                known = self.files.get(change.file)
                assert known is not None or change.file not in self._used, "an id is never used twice"
                assert known is None or known[0] == change.folder, "an id stays with its path"
                self.files[change.file] = (change.folder, change.data)
                self._used.add(change.file)
            else:
                del self.files[change.file]
        assert self.scan.seen == len(self.files)
        return changes

    def full(self) -> list[Change]:
        return self.hear(self.scan.full(now=self.now))

    def reconcile(self) -> list[Change]:
        return self.hear(self.scan.reconcile(now=self.now))

    def settle(self) -> list[Change]:
        return self.hear(self.scan.settle(now=self.now))

    def touch(self, *hints: str | bytes | Path) -> list[Change]:
        texts = [os.fspath(hint) if isinstance(hint, Path) else hint for hint in hints]
        return self.hear(self.scan.touch(texts, now=self.now))

    def verify(self, budget: int = 1_000_000) -> list[Change]:
        """One whole round."""
        rounds, changes = self.scan.rounds, []
        while self.scan.rounds == rounds:
            changes += self.hear(self.scan.verify(budget, now=self.now))
        return changes

    def reread(self, *files: int) -> list[Change]:
        return self.hear(self.scan.reread(files, now=self.now))

    def paths(self) -> dict[str, bytes | str]:
        """Path -> bytes, or the rule of the rejection; fails if two ids stand for one path."""
        told = {artifact_path(folder): data for folder, data in self.files.values()}
        assert len(told) == len(self.files)
        return {path: data.rule if isinstance(data, Rejection) else data for path, data in told.items()}


def on_disk(root: Path) -> dict[str, bytes | str]:
    """What an honest slow walk finds: path -> bytes, or "not_regular_file"."""
    found: dict[str, bytes | str] = {}
    stack = [os.fsencode(root)]
    while stack:
        folder = stack.pop()
        for name in os.listdir(folder):
            path = folder + b"/" + name
            mode = os.lstat(path).st_mode
            if stat.S_ISDIR(mode):
                stack.append(path)
            elif name == ARTIFACT_NAME.encode():
                shown = printable_path(os.path.relpath(path, os.fsencode(root)))
                found[shown] = Path(os.fsdecode(path)).read_bytes() if stat.S_ISREG(mode) else "not_regular_file"
    return found


def put(root: Path, folder: str, data: bytes = b"{}") -> Path:
    """Write an artifact in a folder, made if need be; the folder."""
    place = root / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / ARTIFACT_NAME).write_bytes(data)
    return place


def coarse_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on time stamps tell no fractions of a second, as on ext3, HFS+ and some servers."""
    real = {name: getattr(os, name) for name in ("stat", "fstat")}

    def rounded(name: str) -> Callable[..., Any]:
        def call(*of: Any, **more: Any) -> Any:
            found = real[name](*of, **more)
            if not isinstance(of[0], int) and more.get("dir_fd") is None:
                return found  # nothing of the scan's
            whole = dict.fromkeys(("st_ctime_ns", "st_mtime_ns"), found.st_ctime_ns // 10**9 * 10**9)
            fields = {key: getattr(found, key) for key in ("st_mode", "st_ino", "st_dev", "st_nlink", "st_size")}
            return SimpleNamespace(**fields, **whole)

        return call

    for name in real:
        monkeypatch.setattr(os, name, rounded(name))
