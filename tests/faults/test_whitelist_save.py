"""What can go wrong while the whitelist is saved: the file stays whole, the message says what to do."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gateconsole.ledger.actor import Actor
from gateconsole.ledger.store import Ledger
from gateconsole.whitelist import backups, file, folder_lock, history, operator_acts, permissions
from gateconsole.whitelist.merge import EntryChange, new_entry
from gateconsole.whitelist.safe_write import WhitelistUnusableError, tidy
from tests.faults.oscalls import calls

WHEN = Actor(1_770_000_000_000_000, "mika")
FIRST, SECOND = new_entry("first", "known", None, WHEN), new_entry("second", "known", None, WHEN)
ADD = EntryChange(None, SECOND)


@pytest.fixture
def place(tmp_path: Path) -> operator_acts.WhitelistFile:
    place = operator_acts.whitelist_file(tmp_path)
    operator_acts.apply_change(place, EntryChange(None, FIRST), WHEN)
    return place


def reasons(place: operator_acts.WhitelistFile) -> list[str]:
    found = file.read(place.file)
    assert found.problem is None
    return [entry.reason for entry in found.entries]


def failing(at: int, code: int) -> tuple[list[str], Callable[[int, str], None]]:
    hit: list[str] = []

    def seen(number: int, name: str) -> None:
        if number == at:
            hit.append(name)
            raise OSError(code, os.strerror(code))

    return hit, seen


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES], ids=errno.errorcode.get)
def test_each_call_failing_once_leaves_the_file_whole_and_says_why(
    place: operator_acts.WhitelistFile, code: int
) -> None:
    old = place.file.read_bytes()
    refused = set()
    for at in range(1, 200):
        hit, seen = failing(at, code)
        try:
            with calls(seen):
                done = operator_acts.apply_change(place, ADD, WHEN)
        except WhitelistUnusableError as error:
            refused.add(hit[0])
            assert place.file.read_bytes() == old, hit
            assert os.strerror(code) in str(error) or "ledger" in str(error), hit
            assert "was changed" in str(error) or "was not changed" in str(error), hit
            operator_acts.apply_change(place, ADD, WHEN)  # the next start
        else:
            assert isinstance(done, operator_acts.SavedChange)
        assert reasons(place) == ["first", "second"], hit
        operator_acts.apply_change(place, EntryChange(SECOND, None), WHEN)
        assert {path.name for path in place.file.parent.iterdir()} == {place.file.name, ".gateconsole"}, hit
        if not hit:
            break
    assert not hit
    assert {"open", "write", "fsync", "exchange", "flock", "fchmod", "close"} <= refused


def test_a_disk_that_does_not_confirm_the_new_name_is_told(place: operator_acts.WhitelistFile) -> None:
    renamed = False

    def seen(_: int, name: str) -> None:
        nonlocal renamed
        if name == "fsync" and renamed:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        renamed = renamed or name == "exchange"

    with calls(seen):
        done = operator_acts.apply_change(place, ADD, WHEN)
    assert isinstance(done, operator_acts.SavedChange)
    assert "the disk did not confirm it" in done.notes[0]
    assert reasons(place) == ["first", "second"]


def test_a_broken_file_is_never_overwritten(place: operator_acts.WhitelistFile) -> None:
    place.file.write_text('{"version": 1,\n  "entries": [{"reason": "a"}, {"reason": NaN}]\n}')
    before = place.file.read_bytes()
    with pytest.raises(WhitelistUnusableError, match=r"line 2, column 43: NaN is no JSON.*nothing was changed"):
        operator_acts.apply_change(place, ADD, WHEN)
    assert place.file.read_bytes() == before


def test_a_newer_version_is_refused(place: operator_acts.WhitelistFile) -> None:
    place.file.write_text('{"version": 2, "entries": []}')
    with pytest.raises(WhitelistUnusableError, match="line 1, column 13: version 2 is newer"):
        operator_acts.apply_change(place, ADD, WHEN)


def test_a_link_stays_a_link_and_the_file_behind_it_is_replaced(tmp_path: Path) -> None:
    real = tmp_path / "repository" / "whitelist.json"
    real.parent.mkdir()
    real.write_text('["first"]')
    root = tmp_path / "root"
    root.mkdir()
    place = operator_acts.whitelist_file(root)
    place.file.symlink_to(real)
    operator_acts.apply_change(place, ADD, WHEN)
    assert place.file.is_symlink()
    assert [entry.reason for entry in file.read(real).entries] == ["first", "second"]
    assert {path.name for path in real.parent.iterdir()} == {real.name}


def test_a_link_to_nothing_yet_makes_the_file_behind_it(tmp_path: Path) -> None:
    place = operator_acts.whitelist_file(tmp_path)
    place.file.symlink_to("real.json")
    operator_acts.apply_change(place, ADD, WHEN)
    assert place.file.is_symlink()
    assert [entry.reason for entry in file.read(tmp_path / "real.json").entries] == ["second"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_the_mode_is_kept(place: operator_acts.WhitelistFile, mode: int) -> None:
    place.file.chmod(mode)
    operator_acts.apply_change(place, ADD, WHEN)
    assert stat.S_IMODE(place.file.stat().st_mode) == mode


def test_a_new_file_has_the_mode_of_any_new_file_in_a_folder_that_all_may_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    plain = tmp_path / "plain"
    plain.touch()
    place = operator_acts.whitelist_file(tmp_path)
    operator_acts.apply_change(place, ADD, WHEN)
    assert place.file.stat().st_mode == plain.stat().st_mode


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(WhitelistUnusableError, match="No such file or directory; nothing was changed"):
        operator_acts.apply_change(operator_acts.whitelist_file(None, tmp_path / "gone" / "whitelist.json"), ADD, WHEN)


def test_a_lock_held_by_a_process_that_hangs_is_told(
    place: operator_acts.WhitelistFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_lock, "SECONDS", 0.02)
    handle = folder_lock.folder(place.file.parent)
    with pytest.raises(
        WhitelistUnusableError, match=f"another process keeps its folder locked.*: end process {os.getpid()}"
    ):
        operator_acts.apply_change(place, ADD, WHEN)
    monkeypatch.setattr(folder_lock, "_LOCKS", place.file)  # no such table
    with pytest.raises(WhitelistUnusableError, match="end that process and try again"):
        operator_acts.apply_change(place, ADD, WHEN)
    os.close(handle)
    assert isinstance(operator_acts.apply_change(place, ADD, WHEN), operator_acts.SavedChange)


def test_what_a_killed_process_left_goes_at_the_next_start_but_not_while_one_saves(
    place: operator_acts.WhitelistFile,
) -> None:
    left = place.file.with_name(f".{place.file.name}.gateconsole.tmp")
    left.write_text("half a fi")
    saving = folder_lock.folder(place.file.parent)
    tidy(place.file)
    assert left.exists()
    os.close(saving)
    tidy(place.file)
    assert not left.exists()
    assert reasons(place) == ["first"]


def test_what_stands_in_the_way_and_cannot_go_is_named(place: operator_acts.WhitelistFile) -> None:
    place.file.with_name(f".{place.file.name}.gateconsole.tmp").mkdir()
    with pytest.raises(
        WhitelistUnusableError, match=r"gateconsole\.tmp is in the way.*have it removed; nothing was changed"
    ):
        operator_acts.apply_change(place, ADD, WHEN)


# what is kept


def test_a_place_that_takes_no_back_up_refuses_and_is_named(place: operator_acts.WhitelistFile) -> None:
    alone = operator_acts.whitelist_file(None, place.file)
    folder = alone.folders[0]
    folder.write_text("in the way")
    old = place.file.read_bytes()
    with pytest.raises(
        WhitelistUnusableError, match=r"what is replaced cannot be kept in .*whitelist: .*; nothing was changed"
    ):
        operator_acts.apply_change(alone, ADD, WHEN)
    assert place.file.read_bytes() == old


def test_the_replaced_bytes_are_kept_closed_to_others(place: operator_acts.WhitelistFile) -> None:
    place.file.chmod(0o666)
    old = place.file.read_bytes()
    done = operator_acts.apply_change(place, ADD, WHEN)
    assert isinstance(done, operator_acts.SavedChange)
    assert done.backup is not None
    assert done.backup.parent == place.file.parent / ".gateconsole" / "whitelist"
    assert done.backup.read_bytes() == old
    assert stat.S_IMODE(done.backup.stat().st_mode) == 0o640


def test_so_many_back_ups_are_kept_and_no_more(
    place: operator_acts.WhitelistFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "MOST", 5)
    for number in range(10):
        when = Actor(WHEN.at + number, "mika")
        operator_acts.apply_change(place, EntryChange(None, new_entry(f"reason {number}", "known", None, when)), when)
    kept = sorted(path for path in place.folders[0].iterdir() if path.suffix == ".json")
    assert len(kept) == 5
    assert len(file.read(kept[-1]).entries) == 10  # the newest are the ones that stay


def test_a_file_in_a_folder_of_another_disk_is_copied(place: operator_acts.WhitelistFile) -> None:
    def seen(_: int, name: str) -> None:
        if name == "link":
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    old = place.file.read_bytes()
    with calls(seen):
        done = operator_acts.apply_change(place, ADD, WHEN)
    assert isinstance(done, operator_acts.SavedChange)
    assert done.backup is not None
    assert done.backup.read_bytes() == old


def test_a_root_that_takes_no_back_ups_has_them_beside_the_file(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / ".gateconsole").write_text("in the way")
    mine = tmp_path / "mine" / "whitelist.json"
    mine.parent.mkdir()
    mine.write_text("[]")
    done = operator_acts.apply_change(operator_acts.whitelist_file(root, mine, tmp_path / "ledger.db"), ADD, WHEN)
    assert isinstance(done, operator_acts.SavedChange)
    assert done.backup is not None
    assert done.backup.parent == mine.parent / ".gateconsole" / "whitelist"


# the ledger


def test_a_ledger_that_cannot_be_written_refuses_the_act_before_anything_changes(
    place: operator_acts.WhitelistFile,
) -> None:
    assert place.ledger is not None
    place.ledger.write_text("no ledger")
    old = place.file.read_bytes()
    with pytest.raises(WhitelistUnusableError, match="the whitelist was not changed"):
        operator_acts.apply_change(place, ADD, WHEN)
    assert place.file.read_bytes() == old
    assert [path.name for path in place.file.parent.iterdir() if path.suffix == ".tmp"] == []


def test_a_file_alone_is_saved_without_any_ledger(tmp_path: Path) -> None:
    place = operator_acts.whitelist_file(None, tmp_path / "whitelist.json")
    done = operator_acts.apply_change(place, ADD, WHEN)
    assert isinstance(done, operator_acts.SavedChange)
    assert done.act is not None
    assert done.act.id is None
    assert [path.name for path in tmp_path.rglob("*.db")] == []
    assert reasons(place) == ["second"]


@pytest.mark.parametrize("was_there", [True, False])
def test_a_commit_that_fails_brings_the_old_file_back(
    place: operator_acts.WhitelistFile, monkeypatch: pytest.MonkeyPatch, was_there: bool
) -> None:
    if not was_there:
        place.file.unlink()
    old = place.file.read_bytes() if was_there else None
    real = Ledger.for_writing

    class Failing:
        """A connection whose commits fail, as on a full disk."""

        def __init__(self, inner: object) -> None:
            self.inner = inner

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

        def execute(self, statement: str, *args: object) -> object:
            import sqlite3

            if statement == "COMMIT":
                assert reasons(place)[-1] == "second"  # it was in place by then
                raise sqlite3.OperationalError("database or disk is full")
            return self.inner.execute(statement, *args)  # type: ignore[attr-defined]

    def opened(path: Path) -> Ledger:
        ledger = real(path)
        ledger._connection = Failing(ledger._connection)  # type: ignore[assignment]
        return ledger

    monkeypatch.setattr(Ledger, "for_writing", opened)
    with pytest.raises(WhitelistUnusableError, match=r"disk is full.*the whitelist was not changed"):
        operator_acts.apply_change(place, ADD, WHEN)
    monkeypatch.undo()
    assert (place.file.read_bytes() if place.file.exists() else None) == old
    assert place.ledger is not None
    assert [act.reason for act in history.history(place.ledger)] == ["first"]
    assert isinstance(operator_acts.apply_change(place, ADD, WHEN), operator_acts.SavedChange)


# who else may write


def test_a_file_everybody_may_write_is_warned_of(place: operator_acts.WhitelistFile) -> None:
    assert permissions.warnings(place.file) == ()
    place.file.chmod(0o666)
    (told,) = permissions.warnings(place.file)
    assert "everybody may write it (mode 0666): chmod o-w" in told


def test_a_folder_whose_link_everybody_may_replace_is_warned_of(
    place: operator_acts.WhitelistFile, tmp_path: Path
) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    link = folder / place.file.name
    link.symlink_to(place.file)
    assert permissions.warnings(link) == ()
    folder.chmod(0o777)
    (told,) = permissions.warnings(link)
    assert "everybody may replace it (mode 0777 of its folder)" in told
    folder.chmod(0o1777)
    assert permissions.warnings(link) == ()


def test_a_file_of_somebody_else_is_warned_of(
    place: operator_acts.WhitelistFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: place.file.stat().st_uid + 7)
    if place.file.stat().st_uid == 0:
        os.chown(place.file, 4711, -1)
    (told,) = permissions.warnings(place.file)
    assert "neither to you nor to root" in told


def test_further_names_of_the_file_are_told(place: operator_acts.WhitelistFile) -> None:
    os.link(place.file, place.file.with_name("second name"))
    done = operator_acts.apply_change(place, ADD, WHEN)
    assert isinstance(done, operator_acts.SavedChange)
    assert "1 hard links" in done.notes[0]


# git


def git(folder: Path, *words: str) -> str:
    named = ["-c", "user.name=mika", "-c", "user.email=mika@example.com"]
    return subprocess.run(["git", *named, *words], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("reason", ["aaa", "mmm", "zzz"])
def test_a_new_entry_is_one_hunk_of_added_lines(tmp_path: Path, reason: str) -> None:
    place = operator_acts.whitelist_file(tmp_path)
    for each in ("bbb", "nnn"):
        operator_acts.apply_change(place, EntryChange(None, new_entry(each, "known", None, WHEN)), WHEN)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", place.file.name)
    git(tmp_path, "commit", "-q", "-m", "whitelist")
    operator_acts.apply_change(place, EntryChange(None, new_entry(reason, "known", None, WHEN)), WHEN)
    assert git(tmp_path, "diff", "--numstat").split()[:2] == ["8", "0"]
    assert git(tmp_path, "diff").count("\n@@ ") == 1
