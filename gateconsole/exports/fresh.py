"""An export beside what is there already: under a name of its own, never in the place of another file."""

from __future__ import annotations

import os
from pathlib import Path

from gateconsole.exports.selection import write_table
from gateconsole.io.atomic import OutputUnusableError, atomic_writer
from gateconsole.query import EVERYTHING, Query
from gateconsole.snapshot import Snapshot
from gateconsole.text import iso_time, shown_path

_SECOND = 1_000_000
_MOST_NAMES = 1000


def export_fresh(name: str, form: str, snapshot: Snapshot, folder: Path, query: Query = EVERYTHING) -> Path:
    """Write a table as `folder/NAME-20261122T013000Z.FORM`, the time being the Snapshot's; its path.

    The bytes are those of `selection.write_table`. Where that name is taken, `-2`, `-3` ... is added. Raises
    OutputUnusableError; then nothing is left behind.
    """
    stamp = iso_time(snapshot.taken_at // _SECOND * _SECOND).replace("-", "").replace(":", "")
    path = _reserved(folder, f"{name}-{stamp}", form)
    try:
        with atomic_writer(path) as file:
            write_table(name, form, snapshot, file, query)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _reserved(folder: Path, stem: str, form: str) -> Path:
    """An empty new file of the first name that is free: nobody else can take it meanwhile."""
    for number in range(1, _MOST_NAMES):
        path = folder / (f"{stem}.{form}" if number == 1 else f"{stem}-{number}.{form}")
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
        except FileExistsError:
            continue
        except OSError as error:
            why = error.strerror or str(error)
            raise OutputUnusableError(
                f"{shown_path(folder)}: nothing can be written there ({why}): "
                "gateconsole export ROOT --where QUERY -o DIR writes elsewhere"
            ) from error
        return path
    raise OutputUnusableError(f"{shown_path(folder)}: holds {_MOST_NAMES:,} files {stem}: move some of them away")
