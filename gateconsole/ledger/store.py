"""The ledger's file: SQLite, append-only, many processes. What is acknowledged is on disk, applied once.

Rollback journal and `synchronous=EXTRA`: SQLite before 3.51.3 can corrupt in WAL mode with several writers. Tables
that others keep beside the events change in the same transaction. No clock: times are passed in.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from gateconsole.io.files import fsync_folder, share
from gateconsole.ledger.events import CREATED, Event, Payload, decode, encode, kind_of
from gateconsole.ledger.events import KINDS as _KINDS
from gateconsole.ledger.location import REMEDY, LedgerBusyError, LedgerUnusableError, is_there, prepare
from gateconsole.ledger.payloads import LedgerContinued, LedgerCreated
from gateconsole.text import printable, shown_path

FORM: Final = 1
"""Version of the file's form (`user_version`); a higher one is refused."""

APPLICATION: Final = 0x67617465
"""`application_id` of the file: "gate"."""

BUSY_SECONDS: Final = 30.0
"""How long another process may keep the ledger locked before that is an error."""

_SCHEMA: Final = (
    """CREATE TABLE events (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, actor TEXT NOT NULL,
        kind TEXT NOT NULL, version INTEGER NOT NULL, payload TEXT NOT NULL) STRICT""",
    """CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    """CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    # INSERT OR REPLACE deletes without asking the trigger above.
    """CREATE TRIGGER events_are_not_replaced BEFORE INSERT ON events
        WHEN NEW.seq <> (SELECT ifnull(max(seq), 0) + 1 FROM events)
            OR EXISTS (SELECT 1 FROM events WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {FORM}",
)
_CONTINUED_ID: Final = "ledger-continued-"
"""How the ids of events begin that change the digits: so the last one is found by the index of ids."""

_COLUMNS: Final = "seq, id, at, actor, kind, version, payload"


class Transaction:
    """One write in progress: everything in it happens, or nothing does."""

    def __init__(self, connection: sqlite3.Connection, at: int, actor: str) -> None:
        self.connection = connection
        self.at = at
        self.actor = actor
        self.ledger = ""
        self.created = False

    def append(self, payload: Payload, event_id: str | None = None) -> Event:
        """Append what happened; `event_id` is random unless given.

        Raises LedgerUnusableError if the id is there already.
        """
        kind = kind_of(payload)
        event = Event(
            last_seq(self.connection) + 1,
            event_id or os.urandom(16).hex(),
            self.at,
            self.actor,
            kind,
            _KINDS[kind].version,
            encode(payload),
        )
        self.insert(event)
        return event

    def import_under(self, digits: str) -> None:
        """The ledger came out of a back-up: its next run begins with these digits, unless others wait already."""
        self.connection.execute("CREATE TABLE IF NOT EXISTS ledger_import (ledger TEXT NOT NULL)")
        if imported_under(self.connection) is None:
            self.connection.execute("INSERT INTO ledger_import VALUES (?)", (digits,))

    def continue_imported(self) -> None:
        """Put down under which digits an imported ledger goes on: before its first run, once an import."""
        digits = imported_under(self.connection)
        if digits is None:
            return
        self.append(LedgerContinued(digits), f"{_CONTINUED_ID}{last_seq(self.connection) + 1:012}")
        self.connection.execute("DELETE FROM ledger_import")

    def insert(self, event: Event) -> None:
        """Append an event as it was elsewhere: a back-up comes back."""
        try:
            self.connection.execute(f"INSERT INTO events ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", event)
        except sqlite3.IntegrityError as error:
            raise LedgerUnusableError(f"event {event.seq} is in the ledger already") from error


class Ledger:
    """An open ledger. One thread at a time; every process opens its own."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def for_writing(cls, path: Path, patience: float | None = None) -> Ledger:
        """Open a ledger, or begin one; its first transaction writes the first event. Raises LedgerUnusableError.

        `patience`: seconds for which another process may keep it locked (default: BUSY_SECONDS); then LedgerBusyError.
        """
        prepare(path)
        if not is_there(path):
            _begin(path)
        with _said(path):
            connection = _connect(path, "rw", patience)
            connection.execute("PRAGMA synchronous = EXTRA")
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "delete":
                connection.execute("PRAGMA journal_mode = DELETE")
            _check(path, connection)
        return cls(path, connection)

    @classmethod
    def for_reading(cls, path: Path, patience: float | None = None) -> Ledger | None:
        """Open a ledger that is only read; None if there is none yet. Raises LedgerUnusableError.

        Opened for writing where that is allowed, so that what a killed process left half done can be rolled back.
        """
        if not is_there(path):
            return None
        mode = "rw" if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) else "ro"
        with _said(path):
            connection = _connect(path, mode, patience)
            _check(path, connection)
            if _form(connection) == 0:
                connection.close()
                return None
        return cls(path, connection)

    @contextmanager
    def transaction(self, at: int, actor: str, first: Event | None = None) -> Iterator[Transaction]:
        """A write: waits for other writers, commits at the end; an exception undoes it all.

        `at`: microseconds UTC. `first`: the first event of a ledger that is about to be created from a back-up.
        Raises LedgerBusyError, LedgerUnusableError.
        """
        with _said(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                made = Transaction(self._connection, at, actor)
                if _form(self._connection) == 0:
                    made.created = True
                    for statement in _SCHEMA:
                        self._connection.execute(statement)
                    if first is None:
                        made.append(LedgerCreated(os.urandom(2).hex()))
                    else:
                        made.insert(first)
                _check(self.path, self._connection)
                made.ledger = self.id
                yield made
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Several reads of one state: what others commit meanwhile does not show."""
        with _said(self.path):
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")

    @property
    def id(self) -> str:
        """The four hex digits its next run begins with; empty before the first write.

        Those of its first event, unless it came out of a back-up: what was dispatched behind that is not in it, and no
        run id is ever given twice (rule G20).
        """
        if _form(self._connection) == 0:
            return ""
        imported = imported_under(self._connection)
        if imported is not None:
            return imported
        continued = self._connection.execute(
            f"SELECT {_COLUMNS} FROM events WHERE id > ? AND id < ? ORDER BY id DESC LIMIT 1",
            (_CONTINUED_ID, f"{_CONTINUED_ID}:"),
        ).fetchone()
        if continued is not None:
            return str(decode(Event._make(continued))[0])
        for event in read_events(self._connection, 0, limit=1):
            payload = decode(event)
            if isinstance(payload, LedgerCreated):
                return payload.ledger
        raise LedgerUnusableError(f"{shown_path(self.path)}: the first event is not {CREATED}: {REMEDY}")

    def events(self, after: int = 0) -> Iterator[Event]:
        """The events behind `after`, in order."""
        with _said(self.path):
            yield from read_events(self._connection, after)

    def data_version(self) -> int:
        """A number that changes when another connection wrote."""
        with _said(self.path):
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()


def read_events(connection: sqlite3.Connection, after: int, limit: int = -1) -> Iterator[Event]:
    """The events behind `after` of an open ledger, in order."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM events WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit))
    return map(Event._make, rows)


def imported_under(connection: sqlite3.Connection) -> str | None:
    """The digits that an imported ledger has not dispatched under yet; None if it was not imported, or has."""
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'ledger_import'").fetchone() is None:
        return None
    waiting = connection.execute("SELECT ledger FROM ledger_import").fetchone()
    return None if waiting is None else str(waiting[0])


def last_seq(connection: sqlite3.Connection) -> int:
    """The number of the newest event, 0 without one."""
    found: int | None = connection.execute("SELECT max(seq) FROM events").fetchone()[0]
    return found or 0


def _begin(path: Path) -> None:
    """Make a ledger without events, whole before it has its name: a killed process leaves none of 0 bytes.

    Raises LedgerUnusableError.
    """
    with sqlite3.connect(":memory:") as memory:
        memory.execute(f"PRAGMA application_id = {APPLICATION}")
        content = memory.serialize()
    memory.close()
    begun = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        with open(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644), "wb") as file:
            share(file.fileno(), path.parent)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            with suppress(FileExistsError):  # another process began it meanwhile
                os.link(begun, path)
        except OSError:  # a file system without links
            if not is_there(path):
                os.rename(begun, path)
        fsync_folder(path.parent)
    except OSError as error:
        raise LedgerUnusableError(
            f"{shown_path(path)}: cannot be created: {error.strerror}: give this user permission, or {REMEDY}"
        ) from error
    finally:
        with suppress(OSError):
            os.unlink(begun)


def _connect(path: Path, mode: str, patience: float | None) -> sqlite3.Connection:
    plain = (
        f"%{byte:02x}" if byte in b"%?#" or not 32 < byte < 127 else chr(byte) for byte in os.fsencode(path.absolute())
    )
    address = f"file:{''.join(plain)}?mode={mode}"
    seconds = BUSY_SECONDS if patience is None else patience
    return sqlite3.connect(address, uri=True, timeout=seconds, isolation_level=None, check_same_thread=False)


def _form(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def _check(path: Path, connection: sqlite3.Connection) -> None:
    """Raise LedgerUnusableError unless the file is empty or a ledger this program knows."""
    form = _form(connection)
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application != APPLICATION and (tables or application or form):
        raise LedgerUnusableError(f"{shown_path(path)} is a database of another program: {REMEDY}")
    if form > FORM:
        raise LedgerUnusableError(
            f"{shown_path(path)}: form {form} of the ledger is newer than this program's {FORM}: update gateconsole"
        )


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """SQLite's complaints as LedgerBusyError and LedgerUnusableError, with the file and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", "")
        for begins, make in _COMPLAINTS.items():
            if code.startswith(begins):
                raise make(shown_path(path)) from error
        if isinstance(error, sqlite3.ProgrammingError | sqlite3.IntegrityError):
            raise
        raise LedgerUnusableError(
            f"{shown_path(path)} cannot be used: {printable(str(error))}: if it is damaged, move it away and bring the"
            f" back-up in with `gateconsole queue import`, or {REMEDY}"
        ) from error


_COMPLAINTS: Final[dict[str, Callable[[str], LedgerUnusableError]]] = {
    "SQLITE_BUSY": lambda file: LedgerBusyError(
        f"{file}: another process keeps it locked: see what it does (`fuser -v FILE` names it), then try again"
    ),
    "SQLITE_READONLY": lambda file: LedgerUnusableError(
        f"{file}: cannot be written: give this user permission, or {REMEDY}"
    ),
    "SQLITE_CANTOPEN": lambda file: LedgerUnusableError(
        f"{file}: cannot be opened: give this user permission, or {REMEDY}"
    ),
    "SQLITE_PERM": lambda file: LedgerUnusableError(
        f"{file}: cannot be opened: give this user permission, or {REMEDY}"
    ),
    "SQLITE_NOTADB": lambda file: LedgerUnusableError(f"{file} is no ledger: move it away, or {REMEDY}"),
    "SQLITE_CORRUPT": lambda file: LedgerUnusableError(
        f"{file} is damaged: move it away and bring the back-up in with `gateconsole queue import`"
    ),
    "SQLITE_FULL": lambda file: LedgerUnusableError(f"{file}: the disk is full, nothing was written: make room"),
    "SQLITE_IOERR": lambda file: LedgerUnusableError(
        f"{file}: the disk refused to read or write: see the system's log"
    ),
}
