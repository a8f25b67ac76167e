"""Write a file as a whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from gateconsole.io.files import fsync_folder
from gateconsole.text import shown_path

_unfinished: Final[set[Path]] = set()
"""New files of this process that have not taken their places yet."""


def discard_unfinished() -> None:
    """Remove the new files that have not taken their places: the process ends in the midst of writing them."""
    for path in tuple(_unfinished):
        with suppress(OSError):
            path.unlink(missing_ok=True)


class OutputUnusableError(Exception):
    """An output cannot be written; the text names the path, what the system said and what to do next."""


@contextmanager
def atomic_writer(path: Path) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of `path` when the block ends well; readers see the old or the new whole.

    The folder is made when missing. The new file lies in the same folder until it is on disk (fsync of file and
    folder); when anything fails it is removed and `path` stays as it was. Raises OutputUnusableError for what the
    system refuses: a read-only or full disk, a folder of that name.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _removed_on_failure(temporary):
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        fsync_folder(path.parent)
    except OSError as error:
        raise OutputUnusableError(
            f"{shown_path(path)}: cannot be written ({error.strerror or error}): "
            "make room or choose another folder with -o DIR"
        ) from error


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` by these bytes; see `replacing`."""
    with atomic_writer(path) as file:
        file.write(content)


@contextmanager
def _removed_on_failure(temporary: Path) -> Iterator[None]:
    _unfinished.add(temporary)
    try:
        yield
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    finally:
        _unfinished.discard(temporary)
