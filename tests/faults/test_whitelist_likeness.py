"""Whom the new file lets in: those whom the old one let in, nobody else."""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path

import pytest

from gateconsole.ledger.actor import Actor
from gateconsole.whitelist import file_attributes, operator_acts
from gateconsole.whitelist.merge import EntryChange, new_entry

WHEN = Actor(1_770_000_000_000_000, "mika")
ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"
USER, NAMED, GROUP, MASK, OTHER = 1, 2, 4, 16, 32
NOBODY_NAMED = 0xFFFFFFFF


def access_list(named: int) -> bytes:
    """An access list in the kernel's form: one user by number who may do everything."""
    whom = ((USER, 7), (NAMED, 7), (GROUP, 5), (MASK, 7), (OTHER, 5))
    rows = (struct.pack("<HHI", tag, may, named if tag == NAMED else NOBODY_NAMED) for tag, may in whom)
    return struct.pack("<I", 2) + b"".join(rows)


def save(place: operator_acts.WhitelistFile) -> None:
    assert isinstance(
        operator_acts.apply_change(place, EntryChange(None, new_entry("flaky", "known", None, WHEN)), WHEN),
        operator_acts.SavedChange,
    )


@pytest.fixture
def place(tmp_path: Path) -> operator_acts.WhitelistFile:
    place = operator_acts.whitelist_file(tmp_path)
    place.file.write_text("[]")
    place.file.chmod(0o660)
    return place


def test_an_access_list_is_kept(place: operator_acts.WhitelistFile) -> None:
    os.setxattr(place.file, ACCESS, access_list(4711))
    before = os.getxattr(place.file, ACCESS), place.file.stat().st_mode
    save(place)
    assert (os.getxattr(place.file, ACCESS), place.file.stat().st_mode) == before


def test_an_access_list_that_the_folder_gives_new_files_lets_nobody_else_in(place: operator_acts.WhitelistFile) -> None:
    os.setxattr(place.file.parent, DEFAULT, access_list(4711))
    save(place)
    assert ACCESS not in os.listxattr(place.file)
    assert stat.S_IMODE(place.file.stat().st_mode) == 0o660


@pytest.mark.parametrize(("mode", "kept"), [(0o660, 0o600), (0o664, 0o644), (0o640, 0o600), (0o666, 0o666)])
def test_another_group_gets_no_more_than_all_have(
    place: operator_acts.WhitelistFile, monkeypatch: pytest.MonkeyPatch, mode: int, kept: int
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refused)
    found = place.file.stat()
    theirs = os.stat_result((stat.S_IFREG | mode, *found[1:4], found.st_uid + 1, found.st_gid + 1, *found[6:10]))
    new = place.file.with_name("new")
    with new.open("wb") as file:
        (told,) = file_attributes.copy_attributes(file.fileno(), place.file, theirs)
    assert stat.S_IMODE(new.stat().st_mode) == kept
    assert f"belonged to uid {found.st_uid + 1}" in told
