"""A tree that fails: unreadable folders, errors of the machine, a root that goes away (rules G2, G7, G29)."""

import errno
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateconsole.__main__ import main
from gateconsole.artifacts.open_folders import mount_of
from gateconsole.artifacts.scan import FileFound, FileGone, RootState, Scan
from gateconsole.artifacts.watch import Watch
from gateconsole.engine.engine import Options
from gateconsole.engine.scheduler import EngineLoop
from gateconsole.model import ARTIFACT_NAME, Rejection
from gateconsole.snapshot import Snapshot
from tests.golden import fixture
from tests.tools.mirror import Mirror, on_disk, put

Fail = Callable[[str, int], None]


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fail]:
    """fail(name, errno): from now on opening that path component, or what is below it, fails; errno 0: works again.

    The suite may run as a user whom no permission stops, so the system's answer is given here.
    """
    failing: dict[str, int] = {}
    real_open, real_stat = os.open, os.stat

    def broken(path: Any, below_only: bool) -> int:
        parts = os.fsdecode(path).split("/") if isinstance(path, str | bytes | os.PathLike) else []
        parts = parts[:-1] if below_only else parts
        return next((failing[part] for part in parts if failing.get(part)), 0)

    def open_(path: Any, *rest: Any, **more: Any) -> int:
        if number := broken(path, False):
            raise OSError(number, os.strerror(number))
        return real_open(path, *rest, **more)

    def stat_(path: Any, *rest: Any, **more: Any) -> os.stat_result:
        if number := broken(path, True):
            raise OSError(number, os.strerror(number))
        return real_stat(path, *rest, **more)

    monkeypatch.setattr(os, "open", open_)
    monkeypatch.setattr(os, "stat", stat_)
    yield failing.__setitem__


def test_a_folder_that_cannot_be_entered_is_listed_and_the_rest_is_found(tmp_path: Path, fail: Fail) -> None:
    put(tmp_path, "open/run-1")
    put(tmp_path, "shut/run-2")
    fail("shut", errno.EACCES)
    mirror = Mirror(tmp_path)
    mirror.full()
    assert mirror.scan.unreadable_folders == ("shut",)
    assert list(mirror.paths()) == [f"open/run-1/{ARTIFACT_NAME}"]


def test_a_folder_that_can_be_entered_again_leaves_the_list_and_its_runs_are_found(tmp_path: Path, fail: Fail) -> None:
    put(tmp_path, "shut/run-2")
    fail("shut", errno.EACCES)
    mirror = Mirror(tmp_path)
    mirror.full()
    fail("shut", 0)
    assert mirror.reconcile() == [FileFound(0, "shut/run-2", b"{}")]
    assert not mirror.scan.unreadable_folders


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE, errno.EMFILE])
@pytest.mark.parametrize("place", ["team", "run-1"])
def test_known_runs_stay_while_their_folder_cannot_be_read(tmp_path: Path, fail: Fail, number: int, place: str) -> None:
    put(tmp_path, "team/run-1")
    put(tmp_path, "team/run-2/inner")
    mirror = Mirror(tmp_path)
    mirror.full()
    fail(place, number)
    (tmp_path / "team").touch()
    mirror.reconcile()
    mirror.verify()
    mirror.touch("team/run-1", "team/run-2")
    assert len(mirror.files) == 2
    assert mirror.scan.unreadable_folders != ()
    fail(place, 0)
    mirror.reconcile()
    mirror.verify()
    assert mirror.paths() == on_disk(tmp_path)
    assert not mirror.scan.unreadable_folders


def test_a_file_without_read_permission_is_rejected_as_a_cold_scan_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "run-1")
    mirror = Mirror(tmp_path)
    mirror.full()
    real = os.open

    def refuse(path: Any, *rest: Any, **more: Any) -> int:
        if os.fsdecode(path).endswith(ARTIFACT_NAME):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", refuse)
    mirror.reread(0)
    assert mirror.paths() == {f"run-1/{ARTIFACT_NAME}": "unreadable"}
    ((_, rejection),) = mirror.files.values()
    assert isinstance(rejection, Rejection)
    assert "Permission denied" in rejection.detail
    assert mirror.verify() == [], "said once"
    monkeypatch.setattr(os, "open", real)
    assert mirror.verify() == [FileFound(0, "run-1", b"{}")]


def test_a_file_that_cannot_be_read_for_a_moment_keeps_its_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "run-1")
    mirror = Mirror(tmp_path)
    mirror.full()
    put(tmp_path, "run-1", b"changed")

    def broken(fd: int, size: int) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "read", broken)
        assert mirror.verify() == []
        assert mirror.scan.unreadable_folders == ("run-1",)
    assert mirror.reconcile() == [FileFound(0, "run-1", b"changed")]
    assert not mirror.scan.unreadable_folders


def test_a_folder_whose_listing_fails_half_way_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "run-1")
    mirror = Mirror(tmp_path)
    mirror.full()
    put(tmp_path, "run-2")

    def broken(_: object) -> object:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", broken)
        assert mirror.reconcile() == []
        assert mirror.scan.unreadable_folders == (".",)
        assert mirror.scan.check_root() is RootState.UNREADABLE
    assert mirror.scan.check_root() is RootState.OK
    mirror.reconcile()
    assert mirror.paths() == on_disk(tmp_path)
    assert not mirror.scan.unreadable_folders


def test_folders_that_come_and_go_while_they_are_walked_do_no_harm(tmp_path: Path) -> None:
    for at in range(600):
        put(tmp_path, f"run-{at:03}")
        put(tmp_path, f"deep-{at:03}/inner")
    mirror = Mirror(tmp_path, now=0)
    walk = mirror.scan.full(now=0)
    for step, batch in enumerate(walk):
        mirror.hear([batch])
        if step < 20:
            shutil.rmtree(tmp_path / f"run-{599 - step:03}")
            shutil.rmtree(tmp_path / f"deep-{step:03}")
            put(tmp_path, f"new-{step}/inner")
    mirror.reconcile()
    mirror.verify()
    assert mirror.paths() == on_disk(tmp_path)


def test_a_root_that_is_missing_is_waited_for(tmp_path: Path) -> None:
    mirror = Mirror(tmp_path / "root")
    assert mirror.scan.check_root() is RootState.MISSING
    assert mirror.full() == []
    put(tmp_path, "root/run-1")
    assert mirror.scan.check_root() is RootState.OK
    assert len(mirror.full()) == 1


def test_a_root_that_is_a_file_is_said_to_be_no_folder(tmp_path: Path) -> None:
    (tmp_path / "root").write_text("x")
    mirror = Mirror(tmp_path / "root")
    assert mirror.scan.check_root() is RootState.NOT_A_FOLDER
    assert mirror.full() == []


def test_a_root_that_may_not_be_opened_is_said_to_be_unreadable(tmp_path: Path, fail: Fail) -> None:
    put(tmp_path, "root/run-1")
    mirror = Mirror(tmp_path / "root")
    mirror.full()
    fail("root", errno.EACCES)
    assert mirror.scan.check_root() is RootState.UNREADABLE
    assert mirror.reconcile() == []
    fail("root", 0)
    mirror.reconcile()
    assert not mirror.scan.unreadable_folders
    assert len(mirror.files) == 1


@pytest.mark.parametrize("work", ["reconcile", "verify", "touch", "full", "reread"])
def test_nothing_is_gone_while_the_root_is_away(tmp_path: Path, work: str) -> None:
    root = tmp_path / "root"
    put(root, "run-1")
    put(root, "a/b/run-2")
    mirror = Mirror(root)
    mirror.full()
    root.rename(tmp_path / "away")
    if work == "verify":
        mirror.hear(mirror.scan.verify(10, now=mirror.now))
    else:
        passes: dict[str, Callable[[], object]] = {
            "reconcile": mirror.reconcile,
            "full": mirror.full,
            "touch": lambda: mirror.touch(root, "run-1", "a"),
            "reread": lambda: mirror.reread(0, 1),
        }
        passes[work]()
    assert len(mirror.files) == 2
    assert mirror.scan.check_root() is RootState.MISSING


def test_a_root_that_returns_goes_on_as_before(tmp_path: Path) -> None:
    root = tmp_path / "root"
    put(root, "run-1")
    mirror = Mirror(root)
    mirror.full()
    root.rename(tmp_path / "away")
    mirror.reconcile()
    put(tmp_path, "away/run-2")
    (tmp_path / "away").rename(root)
    assert mirror.scan.check_root() is RootState.OK
    mirror.reconcile()
    assert mirror.paths() == on_disk(root)


def test_a_root_that_another_folder_replaced_is_said_to_be_replaced_and_nothing_is_gone(tmp_path: Path) -> None:
    root = tmp_path / "root"
    put(root, "run-1")
    mirror = Mirror(root)
    mirror.full()
    root.rename(tmp_path / "away")
    put(root, "run-2")
    assert mirror.scan.check_root() is RootState.REPLACED
    assert mirror.reconcile() == []
    assert mirror.touch("run-1", "run-2") == []
    assert len(mirror.files) == 1


def test_a_linked_root_turned_to_another_folder_is_replaced(tmp_path: Path) -> None:
    put(tmp_path, "one/run-1")
    put(tmp_path, "two/run-2")
    (tmp_path / "root").symlink_to("one")
    mirror = Mirror(tmp_path / "root")
    mirror.full()
    (tmp_path / "root").unlink()
    (tmp_path / "root").symlink_to("two")
    assert mirror.scan.check_root() is RootState.REPLACED


@pytest.mark.parametrize("replaced", [False, True])
def test_a_root_removed_in_the_middle_of_a_pass_takes_no_run_with_it(tmp_path: Path, replaced: bool) -> None:
    root = tmp_path / "root"
    for at in range(600):
        put(root, f"run-{at:03}")
    mirror = Mirror(root)
    mirror.full()
    walk = mirror.scan.verify(600, now=mirror.now)
    mirror.hear([next(walk)])
    (root).rename(tmp_path / "away")
    if replaced:
        root.mkdir()
    shutil.rmtree(tmp_path / "away")
    changes = mirror.hear(walk)
    assert not any(isinstance(change, FileGone) for change in changes)
    assert len(mirror.files) == 600


def test_the_same_folder_mounted_anew_is_noticed_once_and_is_no_other_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mount: list[int | None] = [7]
    monkeypatch.setattr("gateconsole.artifacts.scan.mount_of", lambda _: mount[0])
    scan = Scan(tmp_path)
    said: list[tuple[RootState, bool]] = []
    for mount[0] in (7, 7, 8, 8, None, 8, 9):
        said.append((scan.check_root(), scan.remounted()))
    assert said == [(RootState.OK, anew) for anew in (False, False, True, False, False, False, True)]


def test_a_mount_has_a_number_that_its_folders_share() -> None:
    numbers = []
    for path in ("/proc", "/proc/self", "/"):
        fd = os.open(path, os.O_RDONLY)
        numbers += [mount_of(fd), mount_of(fd)]
        os.close(fd)
    if numbers[0] is None:
        pytest.skip("this system numbers no mounts")
    assert len(set(numbers[:4])) == 1
    assert len(set(numbers)) == 2


def test_everything_is_looked_at_when_the_root_was_mounted_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixture.write_tree(tmp_path)
    mount, walks = [7], list[int]()
    stopping = threading.Event()
    monkeypatch.setattr("gateconsole.artifacts.scan.mount_of", lambda _: mount[0])
    real = Scan.full

    def full(scan: Scan, *, now: int) -> Any:
        walks.append(mount[0])
        return real(scan, now=now)

    def publish(snapshot: Snapshot) -> None:
        published.append(snapshot)
        if snapshot.phase == "live":
            mount[0] = 8

    published: list[Snapshot] = []
    monkeypatch.setattr(Scan, "full", full)
    watching = EngineLoop(Options(tmp_path, poll=True), publish, threading.Event(), stopping)
    monkeypatch.setattr(watching, "_finished", ended(watching._finished, walks, stopping))
    watching.run(Watch(tmp_path, poll=True, wake=lambda: None))
    watching.close()
    assert walks == [7, 8]
    assert (published[-1].completeness.parsed, published[-1].banners) == (8, ())


def ended(finished: Callable[[str], None], walks: list[int], stopping: threading.Event) -> Callable[[str], None]:
    """Stop when the second walk is done."""

    def finish(name: str) -> None:
        finished(name)
        if len(walks) == 2 and name == "look":
            stopping.set()

    return finish


# ROOT itself refuses once, at any of the calls that open it


class Refusing:
    """The system's answer to the `nth` opening, listing or stat of ROOT is an error; `calls` were asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, root: Path, number: int) -> None:
        self.calls = self.nth = 0
        self._root, self._number = root, number
        for name in ("open", "scandir", "stat", "fstat"):
            monkeypatch.setattr(os, name, self._refusing(getattr(os, name), os.fstat))

    def _refusing(self, real: Callable[..., Any], fstat: Callable[[int], os.stat_result]) -> Callable[..., Any]:
        def call(path: Any, *rest: Any, **more: Any) -> Any:
            if self._is_root(path, fstat) and not more.get("dir_fd"):
                self.calls += 1
                if self.calls == self.nth:
                    raise OSError(self._number, os.strerror(self._number))
            return real(path, *rest, **more)

        return call

    def _is_root(self, path: Any, fstat: Callable[[int], os.stat_result]) -> bool:
        if isinstance(path, int):
            return fstat(path).st_ino == self._inode
        return bool(os.fspath(path) == os.fspath(self._root))

    def begin(self, nth: int, inode: int) -> None:
        """From now on count anew, and refuse this call."""
        self.calls, self.nth, self._inode = 0, nth, inode


@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE, errno.ENOSPC, errno.ESTALE])
def test_a_root_that_refuses_once_gives_the_whole_figures_or_exit_3_and_replaces_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    root, out = tmp_path / "root", tmp_path / "out"
    fixture.write_tree(root)
    out.mkdir()
    inode = root.stat().st_ino
    export = ["export", str(root), "policies", "runs", "-o", str(out)]
    assert main(export) == 0
    whole = {path.name: path.read_bytes() for path in out.iterdir()}
    capsys.readouterr()
    refusing = Refusing(monkeypatch, root, number)
    codes = []
    for nth in range(1, 40):
        for name in whole:
            (out / name).write_text("as it was")
        refusing.begin(nth, inode)
        codes.append(main(export))
        refused, said = refusing.calls >= nth, capsys.readouterr().err
        refusing.begin(0, inode)
        left = {path.name: path.read_bytes() for path in out.iterdir()}
        if codes[-1] == 0:
            assert left == whole
        else:
            assert (codes[-1], set(left.values())) == (3, {b"as it was"})
            assert f"{root}" in said or "root " in said
        if not refused:
            break
    assert codes[-1] == 0
    assert 3 in codes


@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE, errno.ENOSPC])
def test_a_console_whose_root_refuses_the_first_scan_says_so_and_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    fixture.write_tree(tmp_path)
    published: list[Snapshot] = []
    stopping = threading.Event()
    watching = EngineLoop(Options(tmp_path, poll=True), published.append, threading.Event(), stopping)
    real, calls = Scan._open_root, []

    def open_root(scan: Scan) -> int | None:
        calls.append(scan)
        if len(calls) > 2:
            return real(scan)
        with monkeypatch.context() as broken:
            broken.setattr(os, "open", refuse)
            return real(scan)

    def refuse(path: Any, *rest: Any, **more: Any) -> int:
        raise OSError(number, os.strerror(number))

    def publish(snapshot: Snapshot) -> None:
        published.append(snapshot)
        if snapshot.phase == "live":
            stopping.set()

    monkeypatch.setattr(Scan, "_open_root", open_root)
    monkeypatch.setattr(watching, "_publish", publish)
    watching.run(Watch(tmp_path, poll=True, wake=lambda: None))
    watching.close()
    waiting = [one for one in published if one.phase == "waiting"]
    assert [(banner.code, os.strerror(number) in banner.text) for banner in waiting[0].banners] == [
        ("root_missing", True)
    ]
    assert (published[-1].phase, published[-1].completeness.parsed, published[-1].banners) == ("live", 8, ())
