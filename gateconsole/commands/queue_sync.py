"""Look through ROOT's artifacts for results of the queue's runs and book them (DOMAIN row 20)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from gateconsole.artifacts.reading import read_artifact
from gateconsole.commands.common import tell
from gateconsole.innocence.act import When
from gateconsole.innocence.artifacts import Odd, Says, claim_of
from gateconsole.innocence.booking import Artifact, book, unbooked_since
from gateconsole.innocence.dispatch import Effect
from gateconsole.innocence.state import is_current
from gateconsole.ledger.place import FOLDER
from gateconsole.ledger.store import Ledger
from gateconsole.model import ARTIFACT_NAME, Rejection
from gateconsole.text import printable, printable_path

_SLACK: Final = 60_000_000_000
"""Nanoseconds a file system's clock may be behind the one of the dispatch."""


def sync(
    ledger: Ledger, root: Path, when: When, says: Mapping[str, Says], only_recent: bool
) -> tuple[list[tuple[str, Effect]], list[tuple[str, Odd]]]:
    """Book what is new in ROOT: (path, effect) of each booked result, (path, why) of each that reports nothing.

    `only_recent`: look only at files changed since the oldest run without a result was dispatched; none: not at all.
    """
    since = 0
    if only_recent:
        with ledger.reading() as connection:
            oldest = unbooked_since(connection) if is_current(connection) else 0
        if oldest is None:
            return [], []
        since = max(0, oldest * 1000 - _SLACK)
    booked: list[tuple[str, Effect]] = []
    odd: list[tuple[str, Odd]] = []
    for found in book(ledger, list(_artifacts(root, since)), when, says):
        if isinstance(found.outcome, Odd):
            odd.append((found.path, found.outcome))
        else:
            booked.append((found.path, found.outcome))
    return booked, odd


def _artifacts(root: Path, since: int) -> Iterator[Artifact]:
    """Artifacts that name a run of a queue, in the order of their paths; `since`: nanoseconds of the last change."""
    for path, data in _changed(root, since):
        claim = claim_of(data)
        if claim is None:
            continue
        from gateconsole.artifacts.decode import decode

        folder = os.path.dirname(path) or "."
        run = decode(data, printable_path(os.fsencode(folder)))
        if not isinstance(run, Rejection):
            yield Artifact(printable(printable_path(os.fsencode(path))), run.outcome, claim)


def _changed(root: Path, since: int) -> Iterator[tuple[str, bytes]]:
    """(path below ROOT, bytes) of every readable artifact that changed; no link is followed."""
    unlisted: list[OSError] = []
    for folder, below, names in os.walk(root, onerror=unlisted.append):
        below[:] = sorted(name for name in below if not (name == FOLDER and folder == os.fspath(root)))
        if ARTIFACT_NAME not in names:
            continue
        path = os.path.join(folder, ARTIFACT_NAME)
        try:
            if since and os.lstat(path).st_ctime_ns < since:
                continue
        except OSError:
            continue
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            reading = read_artifact(ARTIFACT_NAME, handle)
        finally:
            os.close(handle)
        if reading is not None and isinstance(reading.data, bytes):
            yield os.path.relpath(path, root), reading.data
    for error in unlisted:
        tell(f"{printable(str(error.filename))}: cannot be listed: {error.strerror}: results in it are not booked")
