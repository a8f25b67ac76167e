"""Replacing unknown_whitelist.json safely among people, editors, consoles and git (architecture 3, files).

A lock on the real file's folder keeps our processes apart; the old bytes are kept; the new ones are on disk before they
take the file's place; right before that the file must be what was read. A reader sees the old or the new file, whole.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from gateconsole.io.files import share
from gateconsole.text import printable, shown_path
from gateconsole.whitelist import backups, file, file_attributes, folder_lock
from gateconsole.whitelist.exchange import FileState, WhitelistChangedError, read_state, replace_file

_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_REMEDIES: Final = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room in your quota",
    errno.EROFS: "it is mounted read-only: work on a copy with --whitelist FILE",
    errno.EACCES: "you may not write there: ask for it, or work on a copy with --whitelist FILE",
    errno.EPERM: "you may not write there: ask for it, or work on a copy with --whitelist FILE",
    errno.EIO: "the disk failed: look at it before anything else",
}


class WhitelistUnusableError(Exception):
    """The whitelist cannot be read or saved; nothing was changed. Printable: the file, what is wrong, what to do."""


class RollbackError(WhitelistUnusableError):
    """The file was changed, but what belongs to the change could not be recorded, and the old file not be put back."""


class Written(NamedTuple):
    """What a save did. `backup`: where the replaced bytes are; `notes`: what the operator should know, printable."""

    backup: Path | None
    notes: tuple[str, ...]


Recording = Callable[[Path | None], AbstractContextManager[None]]
"""Something that happens together with the replacing or not at all; told where the replaced bytes are kept."""


@contextmanager
def locked(path: Path) -> Iterator[LockedFile]:
    """The file behind this path, its folder locked against all other savers. Raises WhitelistUnusableError."""
    real = Path(os.path.realpath(path))
    try:
        handle = folder_lock.folder(real.parent)
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        held = LockedFile(path, real, handle)
        held.remove_stray()
        yield held
    finally:
        with suppress(OSError):
            os.close(handle)


def tidy(path: Path) -> None:
    """Remove what a killed process left beside the file, unless one is saving just now. For a start; never raises."""
    real = Path(os.path.realpath(path))
    if os.path.lexists(_temporary(real)):
        with suppress(OSError):
            handle = folder_lock.folder(real.parent, patience=0.0)
            try:
                os.unlink(_temporary(real))
            finally:
                os.close(handle)


def _temporary(real: Path) -> Path:
    """Where the new file is made; only who holds the lock writes it."""
    return real.with_name(f".{real.name}.gateconsole.tmp")


class LockedFile:
    """A whitelist file under lock. `was`: the file at the last `read`."""

    def __init__(self, path: Path, real: Path, folder: int) -> None:
        self.path = path
        self.real = real
        self.was = FileState(None, None)
        self._folder = folder
        self._temporary = _temporary(real)
        self._made = FileState(None, None)

    @property
    def content(self) -> bytes | None:
        """The file's bytes at the last `read`, None: there is no file."""
        return self.was.content

    def remove_stray(self) -> None:
        """Remove what a killed process left: nobody else writes this name while we hold the lock."""
        with suppress(OSError):
            os.unlink(self._temporary)

    def read(self) -> bytes | None:
        """The file as it is now. Raises WhitelistUnusableError."""
        try:
            self.was = read_state(self.real)
        except (OSError, file.WhitelistError) as error:
            raise _unusable(self.path, error) from error
        return self.content

    def replace(self, new: bytes | None, folders: Sequence[Path], at: int, recording: Recording) -> Written:
        """Let these bytes take the file's place (None: the file goes), if it still is what `read` gave.

        `folders`: where the replaced bytes may be kept, the first one that can be written; `at`: microseconds UTC.
        Raises WhitelistChangedError, WhitelistUnusableError and what `recording` raises; then the file is what it was.
        """
        if new is not None and len(new) > file.MAX_BYTES:
            why = f"would be larger than {file.MAX_BYTES >> 20} MB; nothing was changed: retire entries"
            raise WhitelistUnusableError(f"{shown_path(self.path)}: {why}")
        backup: Path | None = None
        try:
            backup = self._back_up(folders, at)
            notes = self._write(new)
            notes += self._swap(new, recording, backup)
        except BaseException as error:
            self.remove_stray()
            if backup is not None and not isinstance(error, RollbackError):
                with suppress(OSError):
                    os.unlink(backup)
            if isinstance(error, OSError):
                raise _unusable(self.path, error) from error
            raise
        if backup is not None:
            backups.close(backup)
        return Written(backup, tuple(notes))

    def _back_up(self, folders: Sequence[Path], at: int) -> Path | None:
        if self.content is None:
            return None
        for number, folder in enumerate(folders, 1):
            try:
                return backups.keep(folder, self.real, self.content, at)
            except OSError as error:
                if number == len(folders):
                    why = f"what is replaced cannot be kept in {shown_path(folder)}: {error.strerror or error}"
                    raise WhitelistUnusableError(
                        f"{shown_path(self.path)}: {why}; nothing was changed: {_remedy(error)}"
                    ) from error
        return None

    def _write(self, new: bytes | None) -> list[str]:
        """The new file beside the old one, on disk, with its mode and, where possible, its owner. Raises OSError."""
        if new is None:
            return []
        notes: list[str] = []
        mark = self.was.mark
        try:
            handle = os.open(self._temporary, _CREATE, 0o666 if mark is None else 0o600)
        except FileExistsError as error:
            what = f"{shown_path(self._temporary)} is in the way and not yours to remove: have it removed"
            raise WhitelistUnusableError(f"{shown_path(self.path)}: {what}; nothing was changed") from error
        try:
            left = memoryview(new)
            while left:
                left = left[os.write(handle, left) :]
            if mark is None:
                share(handle, self.real.parent)
            else:
                notes += file_attributes.copy_attributes(handle, self.real, mark)
            os.fsync(handle)
            self._made = FileState(os.fstat(handle), new)
        finally:
            os.close(handle)
        return notes

    def _swap(self, new: bytes | None, recording: Recording, backup: Path | None) -> list[str]:
        """Replace the file, together with what is recorded."""
        notes: list[str] = []
        swapped = False
        try:
            with recording(backup):
                self._check_unchanged()
                replace_file(self._temporary, self.real, self.was, goes=new is None)
                swapped = True
                notes += self._settle()
        except BaseException as error:
            if swapped:
                self._put_back(error, backup, FileState(None, None) if new is None else self._made)
            raise
        return notes

    def _check_unchanged(self) -> None:
        """Raises WhitelistChangedError unless the path leads to the same file with the bytes that were read."""
        if Path(os.path.realpath(self.path)) != self.real or not read_state(self.real).is_as(self.was):
            raise WhitelistChangedError

    def _settle(self) -> list[str]:
        """Make the new name last. It is in place: what fails now takes nothing back."""
        try:
            os.fsync(self._folder)
        except OSError as error:
            why = error.strerror or str(error)
            return [f"it is in place, but the disk did not confirm it ({why}): it may be gone after a power failure"]
        return []

    def _put_back(self, error: BaseException, backup: Path | None, made: FileState) -> None:
        """What belongs to the change could not be recorded: the old file comes back. Raises RollbackError.

        What somebody else has made of it since stays.
        """
        try:
            if not read_state(self.real).is_as(made):
                raise WhitelistChangedError
            if self.content is None:
                os.unlink(self.real)
            elif backup is not None and FileState(os.lstat(backup), None).file == self.was.file:
                os.rename(backup, self.real)  # with all that an editor may have written into it meanwhile
            else:
                self.remove_stray()
                self._write(self.content)
                os.rename(self._temporary, self.real)
            os.fsync(self._folder)
        except (OSError, WhitelistChangedError, file.WhitelistError) as problem:
            told = f"was changed, but that could not be recorded ({printable(str(error))})"
            why = problem.strerror or str(problem) if isinstance(problem, OSError) else "somebody has changed it since"
            kept = f"the old text: {shown_path(backup) if backup else 'none'}"
            raise RollbackError(f"{shown_path(self.path)}: {told} nor taken back ({why}); {kept}") from error


def _unusable(path: Path, error: OSError | file.WhitelistError) -> WhitelistUnusableError:
    if isinstance(error, BlockingIOError):
        process = folder_lock.holder(Path(os.path.realpath(path)).parent)
        which = f"process {process}" if process is not None else "that process"
        why = f"another process keeps its folder locked for more than {folder_lock.SECONDS:.0f} s"
        return WhitelistUnusableError(f"{shown_path(path)}: {why}: end {which} and try again; nothing was changed")
    if isinstance(error, OSError):
        return WhitelistUnusableError(
            f"{shown_path(path)}: {error.strerror or error}; nothing was changed: {_remedy(error)}"
        )
    return WhitelistUnusableError(printable(f"{shown_path(path)}: {error}; nothing was changed"))


def _remedy(error: OSError) -> str:
    return _REMEDIES.get(error.errno or 0, "see that the folder is there and can be written")
