"""Who else may change the whitelist: a file that everyone may write lists whatever anyone likes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gateconsole.text import shown_path


def warnings(path: Path) -> tuple[str, ...]:
    """What an operator should know of the file's owner and mode, printable; nothing for a file that is not there."""
    try:
        found = os.stat(path)
        folders = [os.stat(one) for one in dict.fromkeys((path.parent, Path(os.path.realpath(path)).parent))]
    except OSError:
        return ()
    name = shown_path(path)
    folder = next((one for one in folders if one.st_mode & stat.S_IWOTH and not one.st_mode & stat.S_ISVTX), None)
    said = []
    if found.st_mode & stat.S_IWOTH:
        said.append(f"{name}: everybody may write it (mode {stat.S_IMODE(found.st_mode):04o}): chmod o-w")
    if folder is not None:
        said.append(
            f"{name}: everybody may replace it (mode {stat.S_IMODE(folder.st_mode):04o} of its folder): chmod o-w"
        )
    if found.st_uid not in {0, os.geteuid()}:
        said.append(f"{name}: belongs to uid {found.st_uid}, neither to you nor to root: is it the right file?")
    return tuple(said)
