"""Artifacts' results into the ledger: one event a state of an artifact (rule Q20), and which files were looked at.

A state is what an artifact says of a run. Artifacts of one run (the legs of a matrix, re-runs) each speak; an artifact
that is rewritten takes back what it said of the same run. A file that goes, or speaks of another run from now on, takes
nothing back: its run was built all the same.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple
from zlib import crc32

from gateconsole.ledger.actor import Actor, RefusedError
from gateconsole.ledger.payloads import ArtifactResult
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue.builder_acts import VerdictChanges, effect_of, members
from gateconsole.patch_queue.lookup import had_name, run_number
from gateconsole.patch_queue.reported_results import (
    SAYS,
    Booking,
    LedgerRun,
    ReportedResult,
    Says,
    UnusableResult,
    classify,
)
from gateconsole.patch_queue.state import is_current, replay
from gateconsole.patch_queue.transaction import QueueTransaction, queue_transaction
from gateconsole.text import printable


class Artifact(NamedTuple):
    """An artifact that names a run of a queue: its path below the root, its outcome, what it claims."""

    path: str
    outcome: str
    claim: ReportedResult


class BookingOutcome(NamedTuple):
    """What came of an artifact: an effect, or why it reports nothing."""

    path: str
    outcome: VerdictChanges | UnusableResult


class Look(NamedTuple):
    """How a folder of a root was looked at: marks of the folder and of its artifact (`reading.mark_of`).

    A mark is None where the next look must not rely on it. `artifact`: whether one is in it. `refused`: what it claims,
    if it names a run and is no result; judged again at every look, for the ledger may know the run meanwhile.
    `lively`: its artifact named a run once, or became another one where it stood. `folders`: whether folders are in it.
    """

    folder_mark: int | None
    artifact: bool
    file_mark: int | None = None
    refused: str | None = None
    lively: bool = False
    folders: bool = False

    @property
    def quiet(self) -> bool:
        """Whether it may be looked at in turns: nothing below it, and its artifact never was of any concern."""
        busy = self.lively or self.folders or self.refused is not None
        return self.artifact and not busy and self.folder_mark is not None and self.file_mark is not None


Row = tuple[bytes, int | None, int, int | None, str | None, int, int]
"""A look as the ledger keeps it, its folder first: 20,000 of them are not made into anything else."""

TURNS: Final = 64
"""Quiet folders are divided into so many parts."""

AT_ONCE: Final = 1000
"""So many quiet folders are looked at by every `next`, at least; as many parts as that takes."""


class Looks(NamedTuple):
    """A look at a root: how it was before, what is another one now, which folders are gone; by folder."""

    before: Mapping[bytes, Row]
    changed: Mapping[bytes, Look]
    gone: Iterable[bytes]

    def changes(
        self, artifacts: Mapping[bytes, Artifact], results: Iterable[BookingOutcome]
    ) -> dict[bytes, Look | None]:
        """What is to be remembered, now that is known which of the artifacts are refused; None for what is gone."""
        odd = {one.path for one in results if isinstance(one.outcome, UnusableResult)}
        now = dict(self.changed)
        for folder, artifact in artifacts.items():
            claim = json.dumps((*artifact.claim, artifact.outcome)) if artifact.path in odd else None
            if folder in now or folder in self.before:
                look = now.get(folder) or look_of(self.before[folder])
                now[folder] = look._replace(refused=claim)
        changes = dict[bytes, Look | None].fromkeys(self.gone)
        for folder, look in now.items():
            if (folder, *look) != self.before.get(folder):
                changes[folder] = look
        return changes


def look_of(row: Row) -> Look:
    """A look as it was kept."""
    _, folder_mark, artifact, file_mark, claim, lively, folders = row
    return Look(folder_mark, bool(artifact), file_mark, claim, bool(lively), bool(folders))


def book(
    ledger: Ledger, artifacts: Sequence[Artifact], when: Actor, says: Mapping[str, Says] = SAYS, origin: str = ""
) -> list[BookingOutcome]:
    """Book every state that is new; what was booked before is passed over in silence.

    Raises LedgerUnusableError, RefusedError.

    `origin`: the root, where the ledger is not in it: artifacts of several roots are kept apart by it.
    """
    results, news = _judged(ledger, artifacts, says, origin)
    if not news:
        return results
    with queue_transaction(ledger, when.at, when.actor) as act:
        booked = [one for artifact in artifacts for one in _book_one(act, artifact, says, origin)]
        _look_again(act.connection, origin, [one.path for one in booked if isinstance(one.outcome, VerdictChanges)])
    return booked


def book_looks(
    ledger: Ledger,
    artifacts: Mapping[bytes, Artifact],
    looks: Looks,
    when: Actor,
    says: Mapping[str, Says],
    *,
    origin: str,
) -> list[BookingOutcome]:
    """Book the artifacts of these folders, and remember in the same transaction how the tree was looked at.

    Raises LedgerUnusableError, RefusedError.
    """
    results, news = _judged(ledger, artifacts.values(), says, origin)
    if not news and not looks.changes(artifacts, results):
        return results
    with queue_transaction(ledger, when.at, when.actor) as act:
        results = [one for artifact in artifacts.values() for one in _book_one(act, artifact, says, origin)]
        _keep_looks(act.connection, origin, looks.changes(artifacts, results))
    return results


def refused(ledger: Ledger, artifacts: Iterable[Artifact], says: Mapping[str, Says] = SAYS) -> list[BookingOutcome]:
    """The artifacts that are no result in this ledger, and why; nothing is written.

    Raises LedgerUnusableError, RefusedError.
    """
    return _judged(ledger, artifacts, says, "")[0]


def _judged(
    ledger: Ledger, artifacts: Iterable[Artifact], says: Mapping[str, Says], origin: str
) -> tuple[list[BookingOutcome], bool]:
    """(what is refused, whether anything is to be booked)"""
    odd, news = list[BookingOutcome](), False
    if not ledger.id:
        return odd, news
    with ledger.reading() as connection:
        state = connection if is_current(connection) else replay(ledger.events())
        for artifact in artifacts:
            judged = classify(artifact.claim, artifact.outcome, ledger.id, known_run(state, artifact.claim), says)
            if isinstance(judged, UnusableResult):
                odd.append(BookingOutcome(artifact.path, judged))
            news = news or _event(state, judged, artifact, origin) is not None
    return odd, news


def _book_one(act: QueueTransaction, artifact: Artifact, says: Mapping[str, Says], origin: str) -> list[BookingOutcome]:
    """Book one artifact in a transaction: its effect if it says something new, why it is no result if it is none."""
    claim, path = artifact.claim, artifact.path
    judged = classify(claim, artifact.outcome, act.ledger, known_run(act.connection, claim), says)
    event = _event(act.connection, judged, artifact, origin)
    booked = list[BookingOutcome]()
    if event is not None:
        effect = effect_of(act, claim.queue_run, run_number(act.connection, claim.queue_run), event)
        booked.append(BookingOutcome(path, effect))
    if isinstance(judged, UnusableResult):
        booked.append(BookingOutcome(path, judged))
    return booked


def _event(
    connection: sqlite3.Connection, judged: Booking | UnusableResult, artifact: Artifact, origin: str
) -> ArtifactResult | None:
    """What is to be appended for an artifact: nothing when the ledger has it.

    What is refused only takes back what the artifact said of that run. An outcome keeps the meaning it was booked with,
    so that two people with other settings do not book against each other.
    """
    run, source = artifact.claim.queue_run, _source(artifact.path, origin)
    try:
        number = run_number(connection, run)
    except RefusedError:
        return None
    last = connection.execute(
        "SELECT says, outcome FROM reports WHERE run = ? AND source = ?", (number, source)
    ).fetchone()
    if isinstance(judged, UnusableResult):
        return ArtifactResult(run, source, "unusable", artifact.outcome) if last and last[0] else None
    if last is not None and (last[0] == judged.says or last[1] == judged.outcome):
        return None
    return ArtifactResult(run, source, judged.says, judged.outcome)


def _source(path: str, origin: str) -> str:
    """The name by which the ledger knows an artifact."""
    return printable(f"{origin}/{path}" if origin else path)


def known_run(connection: sqlite3.Connection, claim: ReportedResult) -> LedgerRun | None:
    """The run an artifact names, as the ledger has it; None without one."""
    try:
        number = run_number(connection, claim.queue_run)
    except RefusedError:
        return None
    testcase, ledger = connection.execute(
        "SELECT t.name, r.ledger FROM runs r JOIN testcases t ON t.id = r.testcase WHERE r.number = ?", (number,)
    ).fetchone()
    if claim.testcase is not None and had_name(connection, number, claim.testcase):
        testcase = claim.testcase  # as it was called when the run was dispatched, or at any other time
    return LedgerRun(testcase, members(connection, number), ledger)


# Which files were looked at: beside the events, for `next` must not read 20,000 artifacts to find one.

_TABLE: Final = "artifact_folders"
_LOOKS: Final = (
    "DROP TABLE IF EXISTS artifact_looks",  # an earlier form of it
    f"""CREATE TABLE IF NOT EXISTS {_TABLE} (
        origin TEXT NOT NULL, folder BLOB NOT NULL, folder_mark INTEGER, artifact INTEGER NOT NULL, file_mark INTEGER,
        refused TEXT, lively INTEGER NOT NULL, folders INTEGER NOT NULL, turn INTEGER,
        PRIMARY KEY (origin, folder)) WITHOUT ROWID""",
    f"CREATE INDEX IF NOT EXISTS {_TABLE}_turn ON {_TABLE} (origin, turn)",
)
_CHUNK: Final = 200
_COLUMNS: Final = "folder, folder_mark, artifact, file_mark, refused, lively, folders"
_ROW: Final = f"SELECT {_COLUMNS} FROM {_TABLE} WHERE origin = ?"
_IN_TURN: Final = f"SELECT {_COLUMNS} FROM {_TABLE} INDEXED BY {_TABLE}_turn WHERE origin = ?"


def looks_of(ledger: Ledger, origin: str) -> dict[bytes, Row]:
    """How each folder of a root was last looked at, by its path below the root. Raises LedgerUnusableError."""
    with ledger.reading() as connection:
        return _rows(connection, _ROW, origin) if _has_looks(connection) else {}


def looks_in_turn(ledger: Ledger, origin: str, turn: int) -> dict[bytes, Row]:
    """The same of those that are not quiet, and of a part of the quiet ones: any `turn` gives one of TURNS parts, or
    so many from it on that AT_ONCE are among them. Raises LedgerUnusableError."""
    with ledger.reading() as connection:
        if not _has_looks(connection):
            return {}
        counted = f"SELECT count(*) FROM {_TABLE} WHERE origin = ? AND turn >= 0"
        quiet: int = connection.execute(counted, (origin,)).fetchone()[0]
        if quiet <= AT_ONCE:
            return _rows(connection, _ROW, origin)
        parts = -(-TURNS * AT_ONCE // quiet)
        rows = _rows(connection, f"{_IN_TURN} AND turn IS NULL", origin)
        for part in range(turn, turn + parts):
            rows.update(_rows(connection, f"{_IN_TURN} AND turn = ?", origin, part % TURNS))
        return rows


def quiet_looks_in(ledger: Ledger, origin: str, folder: bytes, names: Sequence[bytes]) -> dict[bytes, Row]:
    """The same of the quiet ones of these folders in a folder. Raises LedgerUnusableError."""
    first, behind = _below(folder)
    prefix = first if folder else b""
    rows = dict[bytes, Row]()
    with ledger.reading() as connection:
        if not _has_looks(connection):
            return {}
        if len(names) > AT_ONCE:  # most of what is known below it
            rows = _rows(connection, f"{_ROW} AND folder > ? AND folder < ? AND turn >= 0", origin, first, behind)
            return {below: row for below, row in rows.items() if b"/" not in below[len(prefix) :]}
        for at in range(0, len(names), _CHUNK):
            paths = [prefix + name for name in names[at : at + _CHUNK]]
            marks = ", ".join("?" * len(paths))
            rows.update(_rows(connection, f"{_ROW} AND turn >= 0 AND folder IN ({marks})", origin, *paths))
    return rows


def _rows(connection: sqlite3.Connection, query: str, *values: object) -> dict[bytes, Row]:
    return {row[0]: row for row in connection.execute(query, values)}


def _below(folder: bytes) -> tuple[bytes, bytes]:
    """The paths of what is below a folder lie between these two."""
    return (folder + b"/", folder + b"0") if folder else (b"", b"\xff" * 5000)


def artifact_of(claimed: str, path: str) -> Artifact:
    """The refused artifact that a look remembers."""
    run, testcase, patches, outcome = json.loads(claimed)
    return Artifact(path, outcome, ReportedResult(run, testcase, None if patches is None else tuple(patches)))


def _has_looks(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (_TABLE,)).fetchone()
    return found is not None


def _keep_looks(connection: sqlite3.Connection, origin: str, looks: Mapping[bytes, Look | None]) -> None:
    for statement in _LOOKS:
        connection.execute(statement)
    gone = [folder for folder, look in looks.items() if look is None]
    connection.executemany(
        f"DELETE FROM {_TABLE} WHERE origin = ? AND folder = ?", ((origin, folder) for folder in gone)
    )
    connection.executemany(  # those below it that were not asked for this time
        f"DELETE FROM {_TABLE} WHERE origin = ? AND folder > ? AND folder < ?",
        ((origin, *_below(folder)) for folder in gone if folder),
    )
    connection.executemany(
        f"INSERT OR REPLACE INTO {_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (origin, folder, *look, crc32(folder) % TURNS if look.quiet else None)
            for folder, look in looks.items()
            if look is not None
        ),
    )


def _look_again(connection: sqlite3.Connection, origin: str, paths: Iterable[str]) -> None:
    """Let the next look read these artifacts: who booked them may have read them before they were rewritten."""
    if not _has_looks(connection):
        return
    for path in paths:
        folder = path.rpartition("/")[0].encode()
        plain = "" if "\\" in path else " AND folder = ?"  # else: the name is not the folder's bytes
        wanted = (origin, folder) if plain else (origin,)
        connection.execute(f"UPDATE {_TABLE} SET file_mark = NULL, turn = NULL WHERE origin = ?{plain}", wanted)
