"""The tree -> what is new, changed, gone: rules G1-G3, G29."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateconsole.artifacts.file_changes import YOUNG_NS
from gateconsole.artifacts.read_file import MAX_BYTES
from gateconsole.artifacts.scan import FileFound, FileGone
from gateconsole.model import ARTIFACT_NAME, Rejection, artifact_path
from tests.tools.mirror import Mirror, coarse_times, on_disk, put


def rejection(mirror: Mirror) -> Rejection:
    ((_, data),) = mirror.files.values()
    assert isinstance(data, Rejection)
    return data


def test_a_full_scan_finds_every_artifact_with_its_bytes(tmp_path: Path) -> None:
    for at in range(700):
        put(tmp_path, f"run-{at}", b"%d" % at)
    mirror = Mirror(tmp_path)
    mirror.full()
    assert mirror.paths() == {f"run-{at}/{ARTIFACT_NAME}": b"%d" % at for at in range(700)}
    assert sorted(mirror.files) == list(range(700))


def test_a_scan_comes_in_batches_of_at_most_five_hundred_files(tmp_path: Path) -> None:
    for at in range(1200):
        put(tmp_path, f"run-{at}")
    sizes = [len(batch) for batch in Mirror(tmp_path).scan.full(now=0)]
    assert sum(sizes) == 1200
    assert max(sizes) <= 500


@pytest.mark.parametrize("folder", [".", "run-1", "2026/03/01/run-1", "a b", "run\n1", "ü/€", "back\\slash"])
def test_an_artifact_is_found_wherever_its_folder_is(tmp_path: Path, folder: str) -> None:
    put(tmp_path, folder, b"x")
    mirror = Mirror(tmp_path)
    mirror.full()
    assert mirror.files == {0: (folder, b"x")}


def test_artifacts_are_found_below_a_folder_that_holds_one_itself(tmp_path: Path) -> None:
    for folder in (".", "run-1", "run-1/attempt-2", "run-1/attempt-2/logs/deep"):
        put(tmp_path, folder, folder.encode())
    mirror = Mirror(tmp_path)
    mirror.full()
    assert mirror.paths() == on_disk(tmp_path)
    assert len(mirror.files) == 4


def test_only_the_exact_name_is_an_artifact(tmp_path: Path) -> None:
    folder = put(tmp_path, "run-1")
    for name in ("gate_result.json.tmp", "Gate_Result.json", ".gate_result.json", "gate_result.jsonl"):
        (folder / name).write_bytes(b"{}")
        (tmp_path / name).write_bytes(b"{}")
    mirror = Mirror(tmp_path)
    mirror.full()
    assert list(mirror.paths()) == [f"run-1/{ARTIFACT_NAME}"]


def test_a_name_that_is_not_utf8_is_shown_by_its_bytes(tmp_path: Path) -> None:
    put(tmp_path, os.fsdecode(b"run-\xff\xfe"), b"x")
    mirror = Mirror(tmp_path)
    mirror.full()
    assert mirror.files == {0: ("run-\\xff\\xfe", b"x")}


def test_a_folder_named_like_an_artifact_is_a_folder(tmp_path: Path) -> None:
    put(tmp_path, f"run-1/{ARTIFACT_NAME}/inner")
    put(tmp_path, ARTIFACT_NAME)
    mirror = Mirror(tmp_path)
    mirror.full()
    assert mirror.paths() == on_disk(tmp_path)
    assert len(mirror.files) == 2


def test_our_own_folder_in_the_root_is_not_scanned(tmp_path: Path) -> None:
    put(tmp_path, ".gateconsole/x")
    put(tmp_path, "team/.gateconsole/x")
    mirror = Mirror(tmp_path)
    mirror.full()
    mirror.touch(tmp_path / ".gateconsole/x" / ARTIFACT_NAME)
    assert [folder for folder, _ in mirror.files.values()] == ["team/.gateconsole/x"]


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    put(tmp_path, "real/run-1")
    (tmp_path / "link").symlink_to("real")
    mirror = Mirror(tmp_path / "link")
    mirror.full()
    assert mirror.files == {0: ("run-1", b"{}")}


def test_no_linked_folder_is_entered(tmp_path: Path) -> None:
    put(tmp_path, "outside/run-1")
    root = tmp_path / "root"
    put(root, "run-2")
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "run-3").symlink_to(tmp_path / "outside/run-1")
    (root / "loop").symlink_to(".")
    (root / "run-2" / "up").symlink_to("..")
    mirror = Mirror(root)
    mirror.full()
    mirror.touch(root / "run-3" / ARTIFACT_NAME, root / "link/run-1", root / "loop/run-2")
    mirror.verify()
    assert mirror.files == {0: ("run-2", b"{}")}


def test_a_link_named_like_an_artifact_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "run-1").mkdir()
    (tmp_path / "run-1" / ARTIFACT_NAME).symlink_to(put(tmp_path / "elsewhere", "x") / ARTIFACT_NAME)
    mirror = Mirror(tmp_path)
    mirror.touch("run-1")
    assert rejection(mirror).rule == "not_regular_file"
    assert "symbolic link" in rejection(mirror).detail


def test_a_fifo_named_like_an_artifact_is_rejected_without_waiting_for_it(tmp_path: Path) -> None:
    (tmp_path / "run-1").mkdir()
    os.mkfifo(tmp_path / "run-1" / ARTIFACT_NAME)
    mirror = Mirror(tmp_path)
    mirror.full()
    assert "FIFO" in rejection(mirror).detail


def test_a_socket_named_like_an_artifact_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "r").mkdir()
    monkeypatch.chdir(tmp_path / "r")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(ARTIFACT_NAME)
    mirror = Mirror(tmp_path)
    mirror.full()
    assert "socket" in rejection(mirror).detail


def test_a_file_of_sixteen_mebibytes_is_read_and_a_larger_one_is_not(tmp_path: Path) -> None:
    for name, size in (("fits", MAX_BYTES), ("large", MAX_BYTES + 1)):
        with (put(tmp_path, name) / ARTIFACT_NAME).open("wb") as file:
            file.truncate(size)
    mirror = Mirror(tmp_path)
    mirror.full()
    paths = mirror.paths()
    assert len(paths[artifact_path("fits")]) == MAX_BYTES
    assert paths[artifact_path("large")] == "too_large"


def test_an_empty_file_is_found_with_no_bytes(tmp_path: Path) -> None:
    put(tmp_path, "run-1", b"")
    mirror = Mirror(tmp_path)
    mirror.full()
    assert mirror.files == {0: ("run-1", b"")}


def test_reconcile_finds_what_came_and_went_without_a_hint(tmp_path: Path) -> None:
    put(tmp_path, "run-1")
    put(tmp_path, "run-2")
    put(tmp_path, "nested/deep/run-3")
    mirror = Mirror(tmp_path)
    mirror.full()
    (tmp_path / "run-1").rename(tmp_path / "moved")
    put(tmp_path, "nested/deep/run-4")
    put(tmp_path, "fresh/run-5")
    changes = mirror.reconcile()
    assert len([change for change in changes if isinstance(change, FileGone)]) == 1
    assert mirror.paths() == on_disk(tmp_path)


def test_reconcile_finds_an_artifact_that_comes_later_than_its_folder(tmp_path: Path) -> None:
    (tmp_path / "a/b/run-1").mkdir(parents=True)
    mirror = Mirror(tmp_path)
    mirror.full()
    put(tmp_path, "a/b/run-1")
    assert mirror.reconcile() == [FileFound(0, "a/b/run-1", b"{}")]


def test_reconcile_of_an_unchanged_tree_lists_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a/b/run-1")
    mirror = Mirror(tmp_path)
    mirror.full()
    monkeypatch.setattr(os, "scandir", lambda *_: pytest.fail("listed"))
    assert mirror.reconcile() == []


def test_a_folder_that_had_just_changed_when_it_was_listed_is_listed_again(tmp_path: Path) -> None:
    put(tmp_path, "run-1")
    stat = tmp_path.stat()
    mirror = Mirror(tmp_path, now=stat.st_ctime_ns + 1)
    mirror.full()
    put(tmp_path, "run-2")
    assert mirror.scan._known.top.racy
    assert len(mirror.reconcile()) == 1


def test_settle_looks_only_into_folders_that_were_just_made_and_empty(tmp_path: Path) -> None:
    (tmp_path / "run-1").mkdir()
    now = tmp_path.stat().st_ctime_ns
    mirror = Mirror(tmp_path, now=now)
    assert mirror.full() == []
    assert mirror.scan.unsettled
    put(tmp_path, "run-1")
    assert mirror.settle() == [FileFound(0, "run-1", b"{}")]
    assert not mirror.scan.unsettled


def test_an_artifact_renamed_into_place_is_one_change_of_the_same_file(tmp_path: Path) -> None:
    folder = put(tmp_path, "run-1", b"old")
    mirror = Mirror(tmp_path)
    mirror.full()
    (folder / "tmp").write_bytes(b"new")
    (folder / "tmp").replace(folder / ARTIFACT_NAME)
    assert mirror.verify() == [FileFound(0, "run-1", b"new")]


def test_verify_notices_a_rewrite_of_equal_size_and_restored_mtime(tmp_path: Path) -> None:
    file = put(tmp_path, "run-1", b"old") / ARTIFACT_NAME
    mirror = Mirror(tmp_path)
    mirror.full()
    before = file.stat()
    file.write_bytes(b"new")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert mirror.verify() == [FileFound(0, "run-1", b"new")]


def test_verify_finds_what_happened_inside_run_folders(tmp_path: Path) -> None:
    for at in range(1, 6):
        put(tmp_path, f"run-{at}")
    mirror = Mirror(tmp_path)
    mirror.full()
    (tmp_path / "run-1" / ARTIFACT_NAME).unlink()
    put(tmp_path, "run-2/attempt/2")
    (tmp_path / "run-3" / ARTIFACT_NAME).unlink()
    (tmp_path / "run-3" / ARTIFACT_NAME).symlink_to("nowhere")
    (tmp_path / "run-4" / ARTIFACT_NAME).unlink()
    put(tmp_path, f"run-4/{ARTIFACT_NAME}/inner")
    mirror.verify()
    assert mirror.paths() == on_disk(tmp_path)
    assert len(mirror.files) == 5


def test_verify_goes_round_in_portions(tmp_path: Path) -> None:
    for at in range(600):
        put(tmp_path, f"run-{at:03}")
    mirror = Mirror(tmp_path)
    mirror.full()
    for at in range(600):
        (tmp_path / f"run-{at:03}" / ARTIFACT_NAME).write_bytes(b"changed")
    first = mirror.hear(mirror.scan.verify(100, now=mirror.now))
    assert 0 < len(first) < 600
    assert mirror.scan.rounds == 0
    assert len(first) + len(mirror.verify(100)) == 600


def test_a_leaf_that_comes_back_gets_a_new_id(tmp_path: Path) -> None:
    folder = put(tmp_path, "run-1")
    mirror = Mirror(tmp_path)
    mirror.full()
    (folder / ARTIFACT_NAME).unlink()
    assert mirror.touch(folder) == [FileGone(0)]
    put(tmp_path, "run-1", b"again")
    assert mirror.reconcile() == [FileFound(1, "run-1", b"again")]


def test_a_file_keeps_its_id_when_its_folder_gets_and_loses_other_folders(tmp_path: Path) -> None:
    folder = put(tmp_path, "run-1")
    mirror = Mirror(tmp_path)
    mirror.full()
    put(folder, "inner")
    assert mirror.verify() == [FileFound(1, "run-1/inner", b"{}")]
    (folder / "inner" / ARTIFACT_NAME).unlink()
    (folder / "inner").rmdir()
    assert mirror.reconcile() == [FileGone(1)]
    put(tmp_path, "run-1", b"changed")
    assert mirror.verify() == [FileFound(0, "run-1", b"changed")]


@pytest.mark.parametrize("as_bytes", [False, True])
@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("hint", ["", "a", "a/b", f"a/b/{ARTIFACT_NAME}", "a/b/log.txt", "a/b/none/such"])
def test_a_hint_at_or_below_a_new_folder_finds_its_whole_subtree(
    tmp_path: Path, hint: str, absolute: bool, as_bytes: bool
) -> None:
    mirror = Mirror(tmp_path)
    mirror.full()
    put(tmp_path, "a/b")
    put(tmp_path, "a/c/d")
    given = os.path.join(tmp_path, hint) if absolute else hint
    mirror.touch(os.fsencode(given) if as_bytes else given)
    assert mirror.paths() == on_disk(tmp_path)


def test_a_hint_for_a_vanished_folder_takes_its_runs_out(tmp_path: Path) -> None:
    put(tmp_path, "a/b")
    put(tmp_path, "a/c/d")
    put(tmp_path, "e")
    mirror = Mirror(tmp_path)
    mirror.full()
    (tmp_path / "a").rename(tmp_path.parent / f"{tmp_path.name}-away")
    mirror.touch(tmp_path / "a")
    assert mirror.paths() == on_disk(tmp_path)


def test_a_hint_outside_the_root_does_no_harm(tmp_path: Path) -> None:
    put(tmp_path, "root/run-1")
    put(tmp_path, "other/run-2")
    mirror = Mirror(tmp_path / "root")
    mirror.touch(tmp_path / "other/run-2", "../other/run-2", "/", "//", ".")
    assert [folder for folder, _ in mirror.files.values()] == ["run-1"]


def test_reread_tells_a_file_again_although_nothing_changed(tmp_path: Path) -> None:
    put(tmp_path, ".")
    put(tmp_path, "run-1")
    mirror = Mirror(tmp_path)
    mirror.full()
    assert {change.file for change in mirror.reread(0, 1, 99)} == {0, 1}


def test_reread_of_a_file_that_is_gone_says_so_once(tmp_path: Path) -> None:
    folder = put(tmp_path, "run-1")
    mirror = Mirror(tmp_path)
    mirror.full()
    (folder / ARTIFACT_NAME).unlink()
    assert mirror.reread(0) == [FileGone(0)]
    assert mirror.reread(0) == []


def test_a_file_changed_just_before_it_was_read_is_to_be_read_once_more(tmp_path: Path) -> None:
    file = put(tmp_path, "run-1") / ARTIFACT_NAME
    mirror = Mirror(tmp_path, now=file.stat().st_ctime_ns + 1)
    mirror.full()
    assert mirror.scan.racy_files() == [0]
    mirror.reread(0)
    assert mirror.scan.racy_files() == []


def test_a_file_read_long_after_its_change_is_not_racy(tmp_path: Path) -> None:
    put(tmp_path, "run-1")
    mirror = Mirror(tmp_path)
    mirror.full()
    assert mirror.scan.racy_files() == []


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stamps tell no fractions of a second."""
    coarse_times(monkeypatch)


@pytest.mark.parametrize("how", ["full", "touch", "own"])
def test_a_fail_over_a_pass_in_the_same_second_is_seen_where_time_stamps_tell_no_fractions(
    tmp_path: Path, coarse: None, how: str
) -> None:
    folder = put(tmp_path, "." if how == "own" else "run-1", b"PASS")
    now = time.time_ns()
    mirror = Mirror(tmp_path, now=now)
    mirror.touch(folder) if how == "touch" else mirror.full()
    (folder / ARTIFACT_NAME).write_bytes(b"FAIL")
    mirror.verify()
    mirror.touch(folder / ARTIFACT_NAME)
    assert mirror.scan.racy_files() == []
    again = mirror.scan.coarse_files()
    assert (again, mirror.scan.coarse_files()) == ([0], [])
    mirror.reread(*again)
    assert [data for _, data in mirror.files.values()] == [b"FAIL"]
    assert mirror.scan.coarse_files() == []


def test_a_file_of_a_minute_ago_is_not_read_again_where_time_stamps_tell_no_fractions(
    tmp_path: Path, coarse: None
) -> None:
    put(tmp_path, "run-1")
    mirror = Mirror(tmp_path, now=time.time_ns() + YOUNG_NS + 2 * 10**9)
    mirror.full()
    assert mirror.scan.coarse_files() == []


CALLS = ("open", "stat", "access")


@pytest.fixture
def any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names lead to what differs from them in case only, as on disks of Windows and macOS and in folders of ext4."""
    real = {name: getattr(os, name) for name in CALLS}

    def there(path: str, at: str) -> str:
        for part in path.split("/"):
            names = os.listdir(at) if os.path.isdir(at) else []
            wanted = next((name for name in names if name.casefold() == part.casefold()), part)
            at = f"{at}/{wanted}"
        return at

    def ignoring(name: str) -> Callable[..., Any]:
        def call(path: Any, *rest: Any, dir_fd: int | None = None, **more: Any) -> Any:
            if dir_fd is None or not isinstance(path, str) or path == ".":
                return real[name](path, *rest, dir_fd=dir_fd, **more)
            return real[name](there(path, f"/proc/self/fd/{dir_fd}"), *rest, **more)

        return call

    for name in CALLS:
        monkeypatch.setattr(os, name, ignoring(name))


@pytest.mark.parametrize("links", [True, False], ids=["links counted", "links not counted"])
@pytest.mark.parametrize("how", ["full", "touch"])
def test_where_case_is_ignored_the_listing_says_what_is_named_exactly(
    tmp_path: Path, any_case: None, monkeypatch: pytest.MonkeyPatch, how: str, links: bool
) -> None:
    if not links:
        monkeypatch.setattr("gateconsole.artifacts.file_index._file_system", lambda _: "vfat")
    names = {"run-1": "Gate_Result.json", "run-2": ARTIFACT_NAME, "run-3": "GATE_RESULT.JSON", ".": "gate_result.JSON"}
    for folder, name in names.items():
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_bytes(b"{}")
    mirror = Mirror(tmp_path)
    mirror.touch("run-1", "run-2", "run-3", ARTIFACT_NAME) if how == "touch" else mirror.full()
    mirror.reconcile()
    mirror.verify()
    assert list(mirror.paths()) == [f"run-2/{ARTIFACT_NAME}"]
    (tmp_path / "run-1" / "Gate_Result.json").rename(tmp_path / "run-1" / ARTIFACT_NAME)
    (tmp_path / "run-2" / ARTIFACT_NAME).rename(tmp_path / "run-2" / "Gate_Result.json")
    mirror.touch("run-1", "run-2")
    mirror.verify()
    assert list(mirror.paths()) == [f"run-1/{ARTIFACT_NAME}"]


def test_where_case_counts_both_names_may_stand_side_by_side(tmp_path: Path) -> None:
    for name in ("GATE_RESULT.JSON", ARTIFACT_NAME):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "RUN").mkdir()
    put(tmp_path, "run", b"below")
    mirror = Mirror(tmp_path)
    mirror.full()
    assert mirror.paths() == {ARTIFACT_NAME: ARTIFACT_NAME.encode(), f"run/{ARTIFACT_NAME}": b"below"}


def test_a_file_that_grows_under_the_read_is_read_to_its_end_and_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(tmp_path, "run-1", b"begin") / ARTIFACT_NAME
    real = os.fstat

    def grow(fd: int) -> os.stat_result:
        found = real(fd)
        if found.st_ino == file.stat().st_ino and found.st_size == 5:
            with file.open("ab") as more:
                more.write(b" and end")
        return found

    monkeypatch.setattr(os, "fstat", grow)
    mirror = Mirror(tmp_path)
    mirror.touch("run-1")
    assert mirror.files == {0: ("run-1", b"begin and end")}
    assert mirror.scan.racy_files() == [0]


def test_link_counts_are_not_trusted_where_they_prove_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateconsole.artifacts.file_index._file_system", lambda _: "btrfs")
    put(tmp_path, "run-1")
    put(tmp_path, "run-2/inner")
    put(tmp_path, "run-2")
    mirror = Mirror(tmp_path)
    mirror.full()
    put(tmp_path, "run-1/later")
    mirror.verify()
    assert mirror.paths() == on_disk(tmp_path)


def test_two_thousand_nested_folders_are_walked(tmp_path: Path) -> None:
    here, depth = os.open(tmp_path, os.O_RDONLY), 2000
    for _ in range(depth):
        os.mkdir("folder", dir_fd=here)
        below = os.open("folder", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    fd = os.open(ARTIFACT_NAME, os.O_CREAT | os.O_WRONLY, dir_fd=here)
    os.close(fd)
    os.close(here)
    mirror = Mirror(tmp_path)
    mirror.full()
    mirror.reconcile()
    mirror.verify()
    assert mirror.files == {0: ("/".join(["folder"] * depth), b"")}
    level = os.open(tmp_path, os.O_RDONLY)
    os.rename("folder", "shallow", src_dir_fd=level, dst_dir_fd=level)
    os.close(level)
    assert [type(change) for change in mirror.reconcile()] == [FileGone, FileFound]
    subprocess.run(["rm", "-r", tmp_path / "shallow"], check=True)


@pytest.mark.parametrize(
    "name",
    [
        "Gate_Result.json", "gate-result.json", "gate_result (1).json", "gate_result.json.gz", "GATE_RESULT.JSON",
        "gate_results.json", "gateresult.json", "gate_result copy.json", "gate_result-2.json",
    ],
)  # fmt: skip
def test_a_name_that_was_surely_meant_is_counted_and_never_read(tmp_path: Path, name: str) -> None:
    mirror = Mirror(tmp_path)
    (tmp_path / "team" / "run-1").mkdir(parents=True)
    (tmp_path / "team" / "run-1" / name).write_bytes(b"{}")
    (tmp_path / "team" / "run-2" / name).mkdir(parents=True)
    mirror.full()
    assert mirror.files == {}
    assert mirror.scan.misnamed == (1, f"team/run-1/{name}")
    (tmp_path / "team" / "run-1" / name).unlink()
    mirror.reconcile()
    assert mirror.scan.misnamed == (0, "")
    (tmp_path / "team" / "run-1" / name).write_bytes(b"{}")
    mirror.reconcile()
    shutil.rmtree(tmp_path / "team")
    mirror.reconcile()
    assert mirror.scan.misnamed == (0, "")


@pytest.mark.parametrize(
    "name",
    ["gate_result.json.tmp", ".gate_result.json.swp", "result.json", "gate_result.jsonl", "investigate_result.json"],
)
def test_another_name_is_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"{}")
    mirror = Mirror(tmp_path)
    mirror.full()
    assert mirror.scan.misnamed == (0, "")
