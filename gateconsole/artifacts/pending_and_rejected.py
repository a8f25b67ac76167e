"""What the scan found -> runs, rejected files, files still being written (rules G2, G29). No thread, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, tzinfo
from typing import Final, NamedTuple

from gateconsole.artifacts.decode import decode
from gateconsole.artifacts.scan import Change, FileFound
from gateconsole.model import Diagnostic, Diagnostics, Rejected, Rejection, Run, artifact_path

SETTLE: Final = 1_000_000
"""Microseconds a file that does not parse must stay unchanged before it is rejected (rule G2)."""


Put = Callable[[int, str, Run], None]
"""(file, folder, run)"""

Drop = Callable[[int], None]

Claimed = Callable[[str, bytes, Run | None], None]
"""(folder, bytes, run) of an artifact that names a run of a queue; bytes that name none when it no longer does"""

_QUEUE_MARK: Final = b'"queue_run"'


class _Bad(NamedTuple):
    """A file that is no run: its folder, the hash of its bytes, why, since when they are the same (microseconds)."""

    folder: str
    digest: int
    why: Rejection
    since: int


class ArtifactDecoder:
    """Which file is rejected, which is pending, what was unusable in the others. Mutable."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        """`zone`: of timestamps that name none (rule G4)."""
        self._zone = zone
        self._pending: dict[int, _Bad] = {}
        self._rejected: dict[int, _Bad] = {}
        self._rejected_sorted: tuple[Rejected, ...] | None = ()
        self._notes = _Notes()
        self._claims = _Claims()
        self.gone = 0
        """Files that left during this session."""

    @property
    def n_pending(self) -> int:
        """Files that do not parse now."""
        return len(self._pending)

    @property
    def n_rejected(self) -> int:
        """Files that are no run."""
        return len(self._rejected)

    def pending_files(self) -> Iterable[int]:
        """The ids of the files that do not parse now."""
        return self._pending.keys()

    def pending(self) -> tuple[str, ...]:
        """Paths of the files that do not parse yet, sorted."""
        return tuple(sorted(artifact_path(bad.folder) for bad in self._pending.values()))

    def rejected(self) -> tuple[Rejected, ...]:
        """The files that are no run, sorted by path; the same object while nothing changed."""
        if self._rejected_sorted is None:
            self._rejected_sorted = tuple(
                sorted(
                    Rejected(artifact_path(folder), why.place, why.rule, why.detail, since)
                    for folder, _, why, since in self._rejected.values()
                )
            )
        return self._rejected_sorted

    def diagnostics(self) -> Callable[[], Diagnostics]:
        """A way to get what was unusable in kept files as it is now, sorted by path."""
        return self._notes.frozen()

    def due(self, now: int) -> list[int]:
        """Pending files whose second is over: read them again. `now`: microseconds UTC."""
        return [file for file, bad in self._pending.items() if not 0 <= now - bad.since < SETTLE]

    def take(self, changes: Iterable[Change], now: int, put: Put, drop: Drop, claimed: Claimed) -> None:
        """Decode what was found; `put` every run in its file, `drop` every file that holds none (any more).

        A file that is only pending drops nothing: a run that stood in it stays as it was (rule G2). `claimed` is
        told of every run that says it is a result of the queue (rule Q20).
        """
        notes = self._notes
        for change in changes:
            if type(change) is not FileFound:
                self._pending.pop(change.file, None)
                self._unreject(change.file)
                notes.put(change.file, "", ())
                self.gone += 1
                self._claims.end(change.file, claimed)
                drop(change.file)
                continue
            file, folder, data = change
            result = decode(data, folder, self._zone) if type(data) is bytes else data
            if type(result) is Run:
                if self._pending or self._rejected:
                    self._pending.pop(file, None)
                    self._unreject(file)
                if result.diagnostics or notes.any:
                    notes.put(file, folder, result.diagnostics)
                put(file, folder, result)
                if type(data) is bytes and _QUEUE_MARK in data:
                    self._claims.begin(file, folder)
                    claimed(folder, data, result)
                elif self._claims.any:
                    self._claims.end(file, claimed)
            elif self._refuse(file, _Bad(folder, hash(data), result, now)):  # type: ignore[arg-type]
                notes.put(file, "", ())
                self._claims.end(file, claimed)
                drop(file)

    def _refuse(self, file: int, bad: _Bad) -> bool:
        """Reject a file (true), or let it wait for its second if it may still be being written."""
        rejected = self._rejected.get(file)
        if rejected is not None and rejected.digest == bad.digest:
            return True
        waiting = self._pending.pop(file, None)
        since = waiting.since if waiting is not None and waiting.digest == bad.digest else bad.since
        if bad.why.unfinished and 0 <= bad.since - since < SETTLE:
            self._unreject(file)
            self._pending[file] = bad._replace(since=since)
            return False
        self._rejected[file] = bad
        self._rejected_sorted = None
        return True

    def _unreject(self, file: int) -> None:
        if self._rejected.pop(file, None) is not None:
            self._rejected_sorted = None


class _Claims:
    """The files that name a run of a queue: who was told of one is told when it no longer does."""

    def __init__(self) -> None:
        self._folders: dict[int, str] = {}
        self._files: dict[str, int] = {}

    @property
    def any(self) -> bool:
        """Whether any file does."""
        return bool(self._folders)

    def begin(self, file: int, folder: str) -> None:
        """A file names a run."""
        self._folders[file], self._files[folder] = folder, file

    def end(self, file: int, claimed: Claimed) -> None:
        """A file names none, if it ever did; another one may stand in its place already."""
        folder = self._folders.pop(file, None)
        if folder is not None and self._files.get(folder) == file:
            del self._files[folder]
            claimed(folder, b"", None)


class _Notes:
    """Diagnostics by file, as a log: a frozen view of it costs nothing until it is read."""

    def __init__(self) -> None:
        self._log: list[tuple[int, str, tuple[Diagnostic, ...]]] = []
        self._noted: set[int] = set()

    @property
    def any(self) -> bool:
        """Whether any file has any."""
        return bool(self._noted)

    def put(self, file: int, folder: str, notes: tuple[Diagnostic, ...]) -> None:
        """What is unusable in this file now, perhaps nothing."""
        if notes:
            self._noted.add(file)
        elif file in self._noted:
            self._noted.discard(file)
        else:
            return
        self._log.append((file, folder, notes))
        if len(self._log) > 1024 and len(self._log) > 2 * len(self._noted):
            latest = {entry[0]: entry for entry in self._log}
            self._log = [entry for entry in latest.values() if entry[2]]

    def frozen(self) -> Callable[[], Diagnostics]:
        log, length = self._log, len(self._log)

        def read() -> Diagnostics:
            latest = {file: (folder, notes) for file, folder, notes in log[:length]}
            return tuple(sorted((artifact_path(folder), notes) for folder, notes in latest.values() if notes))

        return read
