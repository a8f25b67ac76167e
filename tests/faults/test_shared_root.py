"""A ROOT shared by a group (2775, umask 022): whoever writes first locks nobody out, and nothing is wider than ROOT.

As root the writers are different users of one group. As a plain user, who cannot become another, the same is written
by one, and the modes are what the group needs.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateconsole.__main__ import main
from gateconsole.io.files import make_shared_folder, share

GROUP = 61_000
MEMBERS = (61_001, 61_002)
STRANGER = 61_003


@pytest.fixture
def root() -> Iterator[Path]:
    """A shared ROOT outside pytest's own folder, which others may not enter."""
    root = Path(tempfile.mkdtemp(prefix="gateconsole-shared-"))
    try:
        (root / "r1").mkdir()
        (root / "r1" / "gate_result.json").write_text(
            '{"policy_hash": "p", "outcome": "COMMENT", "unknown_rate": 0.5, "top_reasons": ["x"]}'
        )
        if os.geteuid() == 0:
            os.chown(root, -1, GROUP)
        root.chmod(0o2775)
        yield root
    finally:
        shutil.rmtree(root)


def as_user(uid: int, group: int, *words: str | Path, umask: int = 0o022) -> int:
    """The exit code of a command of this user (as root; else of this one), whose own group is another than ROOT's."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 99
    try:
        os.umask(umask)
        if os.geteuid() == 0:
            os.setgroups([group])
            os.setgid(uid)
            os.setuid(uid)
        os.environ["GATECONSOLE_ACTOR"] = f"user {uid}"
        code = main([str(word) for word in words])
    finally:
        os._exit(code)


def load_all(folder: Path) -> None:
    """Import all that the commands need, which other users may not be able to read."""
    folder.mkdir()
    assert main(["queue", "configure", "tc", "--p", "0.9", "--root", str(folder)]) == 0
    assert main(["queue", "submit", "P", "--root", str(folder)]) == 0
    assert main(["whitelist", "add", "x", "--justification", "why", "--root", str(folder)]) == 0
    assert main(["whitelist", "edit", "x", "--justification", "better", "--root", str(folder)]) == 0
    assert main(["alerts", str(folder)]) == 0


def modes(root: Path) -> dict[str, int]:
    made = [root / ".gateconsole", *(root / ".gateconsole").rglob("*"), root / "unknown_whitelist.json"]
    return {path.relative_to(root).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in made}


def test_every_member_of_the_group_can_write_whoever_was_first(root: Path, tmp_path: Path) -> None:
    load_all(tmp_path / "own")
    one, other = MEMBERS
    at = ("--root", root)
    assert as_user(one, GROUP, "queue", "configure", "tc", "--p", "0.9", *at) == 0
    assert as_user(one, GROUP, "whitelist", "add", "x", "--justification", "why", *at) == 0
    for user, justification in ((other, "theirs"), (one, "mine"), (other, "theirs again")):
        assert as_user(user, GROUP, "queue", "submit", f"patch {justification}", *at) == 0
        assert as_user(user, GROUP, "whitelist", "edit", "x", "--justification", justification, *at) == 0
    assert '"theirs again"' in (root / "unknown_whitelist.json").read_text()
    group = root.stat().st_gid
    for name, mode in modes(root).items():
        path = root / name
        assert path.stat().st_gid == group, name
        assert not mode & ~0o7775, name
        if path.is_dir():
            assert mode == 0o2775, name
        elif "replaced-" in name:
            assert mode in {0o640, 0o664}, name  # 0664: it is the old file itself, and its owner's
        else:
            assert mode == 0o664, name


def test_a_stranger_gets_no_more_than_root_lets_him(root: Path, tmp_path: Path) -> None:
    load_all(tmp_path / "own")
    root.chmod(0o2770)
    at = ("--root", root)
    assert as_user(MEMBERS[0], GROUP, "queue", "configure", "tc", "--p", "0.9", *at, umask=0) == 0
    assert as_user(MEMBERS[0], GROUP, "whitelist", "add", "x", "--justification", "why", *at, umask=0) == 0
    assert not [name for name, mode in modes(root).items() if mode & 0o007]
    if os.geteuid() == 0:
        assert as_user(STRANGER, STRANGER, "queue", "submit", "patch", *at) == 3


@pytest.mark.parametrize(
    ("folder_mode", "umask", "folder", "file"),
    [
        (0o755, 0o022, 0o755, 0o644),
        (0o700, 0o022, 0o700, 0o600),
        (0o775, 0o022, 0o2775, 0o664),
        (0o2770, 0o022, 0o2770, 0o660),
        (0o2750, 0o022, 0o2750, 0o640),
        (0o777, 0o022, 0o2775, 0o664),
        (0o775, 0o077, 0o2770, 0o660),
        (0o755, 0o000, 0o755, 0o644),
    ],
)
def test_what_is_made_takes_the_group_s_rights_of_its_folder_and_is_never_wider(
    tmp_path: Path, folder_mode: int, umask: int, folder: int, file: int
) -> None:
    parent = tmp_path / "parent"
    parent.mkdir()
    parent.chmod(folder_mode)
    before = os.umask(umask)
    try:
        assert make_shared_folder(parent / "made")
        (parent / "file").write_text("")
    finally:
        os.umask(before)
    share(parent / "file", parent)
    assert stat.S_IMODE((parent / "made").stat().st_mode) == folder
    assert stat.S_IMODE((parent / "file").stat().st_mode) == file
    assert not make_shared_folder(parent / "made")


def test_where_the_group_cannot_be_given_our_own_group_gets_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("")
    path.chmod(0o644)
    tmp_path.chmod(0o775)
    real = os.stat

    def foreign(what: Path, **options: bool) -> os.stat_result:
        state = real(what, **options)
        return state if what != tmp_path else os.stat_result((*state[:5], state.st_gid + 1, *state[6:]))

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "stat", foreign)
    monkeypatch.setattr(os, "chown", refuse)
    share(path, tmp_path)
    monkeypatch.undo()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
