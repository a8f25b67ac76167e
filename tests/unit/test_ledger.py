"""The ledger: append-only, one order, one transaction, clear refusals (architecture 3)."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from gateconsole.ledger import location, store
from gateconsole.ledger.events import KINDS, Event, EventError, decode, encode, event_of, line_of
from gateconsole.ledger.location import LedgerBusyError, LedgerUnusableError
from gateconsole.ledger.payloads import PatchHeld, PatchSubmitted
from gateconsole.ledger.store import Ledger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "root" / ".gateconsole" / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Ledger:
    path.parent.parent.mkdir()
    return Ledger.for_writing(path)


def append(ledger: Ledger, patch: str = "I1", event_id: str | None = None) -> Event:
    with ledger.transaction(1, "mika") as transaction:
        return transaction.append(PatchHeld(patch, ""), event_id)


def test_the_first_event_names_the_ledger_by_four_hex_digits(ledger: Ledger) -> None:
    append(ledger)
    first, second = ledger.events()
    assert (first.seq, first.kind, second.seq) == (1, "ledger_created", 2)
    assert len(ledger.id) == 4
    assert int(ledger.id, 16) >= 0


def test_nothing_is_created_before_something_is_written(path: Path) -> None:
    assert Ledger.for_reading(path) is None
    assert not path.parent.exists()


def test_an_event_keeps_who_when_and_what(ledger: Ledger) -> None:
    append(ledger)
    _, event = ledger.events()
    assert (event.at, event.actor, decode(event)) == (1, "mika", PatchHeld("I1", ""))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET actor = 'eve'",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events SELECT 1, 'x', at, 'eve', kind, version, payload FROM events WHERE seq = 1",
        "INSERT OR REPLACE INTO events SELECT 3, id, at, 'eve', kind, version, payload FROM events WHERE seq = 1",
        "INSERT INTO events SELECT 9, 'x', at, actor, kind, version, payload FROM events WHERE seq = 1",
    ],
)
def test_the_database_itself_refuses_to_change_events(ledger: Ledger, path: Path, statement: str) -> None:
    append(ledger)
    before = list(ledger.events())
    with sqlite3.connect(path) as other, pytest.raises(sqlite3.DatabaseError, match="append-only"):
        other.execute(statement)
    assert list(ledger.events()) == before


def test_an_event_id_is_taken_once(ledger: Ledger) -> None:
    append(ledger, event_id="artifact-1")
    with pytest.raises(LedgerUnusableError, match="already"):
        append(ledger, event_id="artifact-1")
    assert len(list(ledger.events())) == 2


def test_an_exception_undoes_the_whole_transaction(ledger: Ledger) -> None:
    append(ledger)
    with pytest.raises(KeyError), ledger.transaction(2, "mika") as transaction:
        transaction.append(PatchHeld("I2", ""))
        raise KeyError
    assert len(list(ledger.events())) == 2


def test_another_connections_write_changes_the_data_version(ledger: Ledger, path: Path) -> None:
    append(ledger)
    before = ledger.data_version()
    assert ledger.data_version() == before
    append(Ledger.for_writing(path), "I2")
    assert ledger.data_version() != before


def test_it_syncs_as_promised(ledger: Ledger) -> None:
    append(ledger)
    connection = ledger._connection
    assert connection.execute("PRAGMA synchronous").fetchone() == (3,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_ledger_in_wal_mode_is_put_back_to_a_rollback_journal(path: Path, ledger: Ledger) -> None:
    append(ledger)
    ledger.close()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA journal_mode = WAL")
    other.close()
    again = Ledger.for_writing(path)
    assert again._connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_newer_form_is_refused_with_the_remedy(path: Path, ledger: Ledger) -> None:
    append(ledger)
    with sqlite3.connect(path) as other:
        other.execute(f"PRAGMA user_version = {store.FORM + 1}")
    with pytest.raises(LedgerUnusableError, match="newer than this program"):
        Ledger.for_writing(path)
    with pytest.raises(LedgerUnusableError, match="newer than this program"):
        Ledger.for_reading(path)


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE theirs (x)")
    with pytest.raises(LedgerUnusableError, match="another program"):
        Ledger.for_writing(tmp_path / "other.db")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("not a database, but long enough to look at " * 40)
    with pytest.raises(LedgerUnusableError, match="is no ledger"):
        Ledger.for_writing(tmp_path / "notes.db")


def test_a_missing_root_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnusableError, match="no such folder"):
        Ledger.for_writing(tmp_path / "gone" / ".gateconsole" / "ledger.db")
    assert not (tmp_path / "gone").exists()


def test_a_lock_that_is_never_given_back_is_said(ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(ledger)
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    other = Ledger.for_writing(path)
    with ledger.transaction(1, "mika"), pytest.raises(LedgerBusyError, match="locked"):
        append(other)


def test_a_network_file_system_is_only_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(location, "file_system", lambda folder: "nfs4")
    with pytest.raises(LedgerUnusableError, match="--ledger"):
        Ledger.for_writing(tmp_path / ".gateconsole" / "ledger.db")


def test_the_file_system_of_a_folder_is_that_of_the_longest_mount_above_it(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "20 1 8:1 / / rw - ext4 /dev/sda rw\n"
        f"21 20 0:5 / {tmp_path}/with\\040blank rw shared:1 - nfs4 server:/x rw\n"
        f"22 20 0:6 / {tmp_path}/withal rw - tmpfs none rw\n"
    )
    folder = tmp_path / "with blank" / "below"
    assert location.file_system(folder, mounts) == "nfs4"
    assert location.file_system(tmp_path, mounts) == "ext4"
    assert location.file_system(tmp_path, tmp_path / "none") is None


def test_every_kind_comes_back_from_its_line() -> None:
    values: dict[object, object] = {
        str: "ü\u2028\x7f",
        int: 3,
        bool: True,
        tuple[str, ...]: ("a", "b"),
        str | None: None,
        int | None: None,
        float: 0.08,
    }
    for number, (name, kind) in enumerate(KINDS.items(), 1):
        hints = get_type_hints(kind.payload).values()
        make: Any = kind.payload
        payload = make(*(values[hint] for hint in hints))
        event = Event(number, "id", 1_700_000_000_123_456, "ada", name, kind.version, encode(payload))
        assert decode(event) == payload
        line = line_of(event)
        assert line.isascii()
        assert event_of(line) == event


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"kind": "teleported"}, "newer than this program"),
        ({"version": 9}, "newer than this program"),
        ({"payload": '{"patch":"I1"}'}, "expected the fields"),
        ({"payload": '{"patch":7,"reason":""}'}, "expected a text"),
        ({"payload": "{"}, "no JSON"),
        ({"payload": '{"patch":"\\udcff","reason":""}'}, "expected a text"),
    ],
)
def test_an_event_that_does_not_fit_is_refused(change: dict[str, object], complaint: str) -> None:
    event = Event(2, "id", 1, "ada", "held", 1, encode(PatchHeld("I1", "")))._replace(**change)  # type: ignore[arg-type]
    with pytest.raises(EventError, match=complaint):
        decode(event)


def test_a_list_must_be_a_list_of_texts() -> None:
    event = Event(2, "id", 1, "ada", "patch_submitted", 1, encode(PatchSubmitted("a", (), False)))
    with pytest.raises(EventError, match="a list of texts"):
        decode(event._replace(payload='{"patch":"a","testcases":[1],"first":false}'))
    with pytest.raises(EventError, match="true or false"):
        decode(event._replace(payload='{"patch":"a","testcases":[],"first":0}'))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        '{"seq":1}',
        '{"seq": 1,"id":"a","time":"1970-01-01T00:00:00Z","actor":"","kind":"","version":1,"payload":{}}',
    ],
)
def test_a_line_that_the_log_would_not_write_is_refused(line: str) -> None:
    with pytest.raises(EventError):
        event_of(line)
