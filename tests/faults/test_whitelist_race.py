"""Several processes, people and editors at one whitelist: nothing is lost between our processes."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from gateconsole.ledger.actor import Actor
from gateconsole.model import Entry
from gateconsole.whitelist import exchange, file, history, operator_acts
from gateconsole.whitelist.merge import EntryChange, EntryConflict, edited, new_entry
from gateconsole.whitelist.safe_write import RollbackError, WhitelistUnusableError
from tests.faults.oscalls import calls

WHEN = Actor(1_770_000_000_000_000, "mika")
EACH = 500

ADDER = f"""
import sys
from pathlib import Path
from gateconsole.ledger.actor import Actor
from gateconsole.whitelist import operator_acts
from gateconsole.whitelist.merge import EntryChange, new_entry

place, name = operator_acts.whitelist_file(Path(sys.argv[1])), sys.argv[2]
for number in range({EACH}):
    when = Actor(1_770_000_000_000_000 + number, name)
    change = EntryChange(None, new_entry(f"{{name}}_{{number}}", "known", None, when))
    assert operator_acts.apply_change(place, change, when).act
"""


@pytest.fixture
def place(tmp_path: Path) -> operator_acts.WhitelistFile:
    return operator_acts.whitelist_file(tmp_path)


@pytest.fixture
def quick_place() -> Iterator[operator_acts.WhitelistFile]:
    """In memory where that is: no power fails here, so no disk is waited for."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield operator_acts.whitelist_file(Path(folder))


def test_two_processes_adding_five_hundred_entries_each_leave_a_thousand(
    quick_place: operator_acts.WhitelistFile,
) -> None:
    place = quick_place
    command = [sys.executable, "-c", ADDER, str(place.root)]
    adders = [subprocess.Popen([*command, name]) for name in ("ada", "mika")]
    assert [adder.wait(120) for adder in adders] == [0, 0]
    wanted = {f"{name}_{number}" for name in ("ada", "mika") for number in range(EACH)}
    reasons = [entry.reason for entry in file.read(place.file).entries]
    assert sorted(reasons) == sorted(wanted)
    assert place.ledger is not None
    assert {act.reason for act in history.history(place.ledger)} == wanted


def by_hand(place: operator_acts.WhitelistFile, change: Callable[[dict[str, list[dict[str, object]]]], None]) -> None:
    """Another person's editor."""
    document = json.loads(place.file.read_text())
    change(document)
    place.file.write_text(json.dumps(document))


@pytest.fixture
def seen(place: operator_acts.WhitelistFile) -> Entry:
    """What the form shows."""
    entry = new_entry("flaky", "known suite", None, WHEN)
    operator_acts.apply_change(place, EntryChange(None, entry), WHEN)
    return entry


def test_what_a_person_writes_between_form_and_save_survives(place: operator_acts.WhitelistFile, seen: Entry) -> None:
    by_hand(place, lambda found: found["entries"].append({"reason": "theirs", "ticket": 7}))
    wanted = edited(seen, WHEN, justification="tracked in OPS-7", scope=None, review_by=seen.review_by)
    operator_acts.apply_change(place, EntryChange(seen, wanted), WHEN)
    entries = json.loads(place.file.read_text())["entries"]
    assert [(entry["reason"], entry.get("ticket")) for entry in entries] == [("flaky", None), ("theirs", 7)]
    assert entries[0]["justification"] == "tracked in OPS-7"


def test_what_a_person_adds_to_the_same_entry_stays_with_it(place: operator_acts.WhitelistFile, seen: Entry) -> None:
    by_hand(place, lambda found: found["entries"][0].update(ticket="OPS-7"))
    wanted = edited(seen, WHEN, justification="tracked", scope=None, review_by=seen.review_by)
    operator_acts.apply_change(place, EntryChange(seen, wanted), WHEN)
    assert json.loads(place.file.read_text())["entries"][0]["ticket"] == "OPS-7"


def test_an_entry_changed_by_both_is_a_conflict_and_nothing_is_written(
    place: operator_acts.WhitelistFile, seen: Entry
) -> None:
    by_hand(place, lambda found: found["entries"][0].update(justification="hers"))
    before = place.file.read_bytes()
    wanted = edited(seen, WHEN, justification="mine", scope=None, review_by=seen.review_by)
    clash = operator_acts.apply_change(place, EntryChange(seen, wanted), WHEN)
    assert isinstance(clash, EntryConflict)
    assert (clash.seen, clash.wanted, clash.theirs) == (seen, wanted, seen._replace(justification="hers"))
    assert "there is 'hers'" in clash.text and "wanted is 'mine'" in clash.text
    assert place.file.read_bytes() == before
    assert isinstance(operator_acts.apply_change(place, clash.mine, WHEN), operator_acts.SavedChange)
    assert file.read(place.file).entries == (wanted,)


def test_an_entry_retired_by_the_other_is_a_conflict_that_can_be_insisted_on(
    place: operator_acts.WhitelistFile, seen: Entry
) -> None:
    by_hand(place, lambda found: found["entries"].clear())
    wanted = edited(seen, WHEN, justification="mine", scope="pinned", review_by=seen.review_by)
    clash = operator_acts.apply_change(place, EntryChange(seen, wanted), WHEN)
    assert isinstance(clash, EntryConflict)
    assert clash.theirs is None
    operator_acts.apply_change(place, clash.mine, WHEN)
    assert file.read(place.file).entries == (wanted,)


def test_an_entry_whose_scope_the_other_changed_is_found_again(place: operator_acts.WhitelistFile, seen: Entry) -> None:
    by_hand(place, lambda found: found["entries"][0].update(scope="pinned"))
    clash = operator_acts.apply_change(place, EntryChange(seen, None), WHEN)
    assert isinstance(clash, EntryConflict)
    assert clash.theirs == seen._replace(scope="pinned")


def test_the_same_class_added_by_both_is_a_conflict(place: operator_acts.WhitelistFile, seen: Entry) -> None:
    clash = operator_acts.apply_change(place, EntryChange(None, seen._replace(justification="mine")), WHEN)
    assert isinstance(clash, EntryConflict)
    assert clash.theirs == seen


@pytest.mark.parametrize("what", ["edit", "retire"])
def test_what_both_want_alike_is_done_already(place: operator_acts.WhitelistFile, seen: Entry, what: str) -> None:
    wanted = None if what == "retire" else seen._replace(justification="ours")
    assert isinstance(operator_acts.apply_change(place, EntryChange(seen, wanted), WHEN), operator_acts.SavedChange)
    before = place.file.read_bytes()
    assert operator_acts.apply_change(place, EntryChange(seen, wanted), WHEN) == operator_acts.SavedChange(None)
    assert place.file.read_bytes() == before


def meanwhile(do: Callable[[], object], times: int = 1, at: str = "fchmod") -> AbstractContextManager[None]:
    """So many times, right before this call to the system, somebody does something. `fchmod`: the new file is made."""
    left = times

    def seen(_: int, name: str) -> None:
        nonlocal left
        if name == at and left:
            left -= 1
            do()

    return calls(seen)


def while_saving(
    place: operator_acts.WhitelistFile, change: EntryChange, do: Callable[[], object], times: int = 1
) -> operator_acts.SavedChange | EntryConflict:
    with meanwhile(do, times):
        return operator_acts.apply_change(place, change, WHEN)


def test_an_editor_that_writes_while_we_save_is_merged_with(place: operator_acts.WhitelistFile, seen: Entry) -> None:
    other = new_entry("other", "mine", None, WHEN)
    came = while_saving(
        place,
        EntryChange(None, other),
        lambda: by_hand(place, lambda found: found["entries"].append({"reason": "theirs"})),
    )
    assert isinstance(came, operator_acts.SavedChange)
    assert [entry.reason for entry in file.read(place.file).entries] == ["flaky", "other", "theirs"]


def test_a_file_that_is_replaced_while_we_save_is_merged_with(place: operator_acts.WhitelistFile, seen: Entry) -> None:
    other = new_entry("other", "mine", None, WHEN)

    def checkout() -> None:
        fresh = place.file.with_name("fresh")
        fresh.write_text('["theirs"]')
        fresh.rename(place.file)

    while_saving(place, EntryChange(None, other), checkout)
    assert [entry.reason for entry in file.read(place.file).entries] == ["other", "theirs"]


def test_a_file_that_never_rests_is_given_up_with_a_message(place: operator_acts.WhitelistFile, seen: Entry) -> None:
    number = iter(range(1000))
    before = place.file

    def rewrite() -> None:
        before.write_text(json.dumps([f"theirs {next(number)}"]))

    with pytest.raises(WhitelistUnusableError, match="another program keeps changing it"):
        while_saving(place, EntryChange(None, new_entry("other", "mine", None, WHEN)), rewrite, times=1000)
    assert [entry.reason[:6] for entry in file.read(place.file).entries] == ["theirs"]


def test_what_an_editor_writes_into_the_replaced_file_is_kept(place: operator_acts.WhitelistFile, seen: Entry) -> None:
    with place.file.open("r+b") as editor:
        done = operator_acts.apply_change(place, EntryChange(None, new_entry("other", "mine", None, WHEN)), WHEN)
        editor.seek(0)
        editor.write(b"its last words")
    assert isinstance(done, operator_acts.SavedChange)
    assert done.backup is not None
    assert done.backup.read_bytes().startswith(b"its last words")


# the last instant: what was read is still there, the new file is about to take its place


def checked_out(place: operator_acts.WhitelistFile, reason: str = "theirs") -> None:
    """A file that git or an editor makes anew."""
    fresh = place.file.with_name("fresh")
    fresh.write_text(json.dumps([reason]))
    fresh.rename(place.file)


MINE = EntryChange(None, new_entry("mine", "mine", None, WHEN))


def test_a_file_that_is_replaced_in_the_last_instant_is_merged_with(
    place: operator_acts.WhitelistFile, seen: Entry
) -> None:
    with meanwhile(lambda: checked_out(place), at="exchange"):
        operator_acts.apply_change(place, MINE, WHEN)
    assert [entry.reason for entry in file.read(place.file).entries] == ["mine", "theirs"]
    assert {path.name for path in place.file.parent.iterdir()} == {place.file.name, ".gateconsole"}


def test_an_editor_that_writes_in_the_last_instant_is_merged_with(
    place: operator_acts.WhitelistFile, seen: Entry
) -> None:
    with meanwhile(lambda: place.file.write_text('["theirs"]'), at="exchange"):
        operator_acts.apply_change(place, MINE, WHEN)
    assert [entry.reason for entry in file.read(place.file).entries] == ["mine", "theirs"]


def test_who_replaces_the_file_twice_in_the_last_instant_is_merged_with(
    place: operator_acts.WhitelistFile, seen: Entry
) -> None:
    number = iter(range(2))
    with meanwhile(lambda: checked_out(place, f"theirs {next(number)}"), times=2, at="exchange"):
        operator_acts.apply_change(place, MINE, WHEN)
    assert [entry.reason for entry in file.read(place.file).entries] == ["mine", "theirs 1"]


def test_a_file_that_somebody_else_makes_in_the_last_instant_is_merged_with(place: operator_acts.WhitelistFile) -> None:
    with meanwhile(lambda: checked_out(place), at="link"):
        operator_acts.apply_change(place, MINE, WHEN)
    assert [entry.reason for entry in file.read(place.file).entries] == ["mine", "theirs"]


def test_an_undo_takes_no_file_away_that_was_replaced_in_the_last_instant(place: operator_acts.WhitelistFile) -> None:
    done = operator_acts.apply_change(place, MINE, WHEN)
    assert isinstance(done, operator_acts.SavedChange) and done.act is not None
    mine = json.loads(place.file.read_text())["entries"]

    def theirs() -> None:
        fresh = place.file.with_name("fresh")
        fresh.write_text(json.dumps([*mine, "theirs"]))
        fresh.rename(place.file)

    with meanwhile(theirs, at="rename"):
        operator_acts.undo_act(place, done.act, WHEN)
    assert [entry.reason for entry in file.read(place.file).entries] == ["theirs"]


class Refusing:
    """A C library whose kernel does not let files change places."""

    def renameat2(self, *_: object) -> int:
        ctypes.set_errno(errno.EPERM)
        return -1


@pytest.mark.parametrize("library", [object, Refusing], ids=["has no such call", "is not let"])
def test_where_files_cannot_change_places_the_new_one_replaces_the_old_one(
    place: operator_acts.WhitelistFile, seen: Entry, monkeypatch: pytest.MonkeyPatch, library: type
) -> None:
    monkeypatch.setattr(exchange, "_libc", library)
    operator_acts.apply_change(place, MINE, WHEN)
    assert [entry.reason for entry in file.read(place.file).entries] == ["flaky", "mine"]


def test_what_somebody_wrote_before_the_commit_failed_stays(
    place: operator_acts.WhitelistFile, seen: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def failing(*_: object) -> Iterator[None]:
        yield
        checked_out(place)
        raise WhitelistUnusableError("database or disk is full")

    monkeypatch.setattr(operator_acts, "_recorded", failing)
    with pytest.raises(
        RollbackError, match=r"disk is full.*nor taken back \(somebody has changed it since\); the old text"
    ):
        operator_acts.apply_change(place, MINE, WHEN)
    assert [entry.reason for entry in file.read(place.file).entries] == ["theirs"]
