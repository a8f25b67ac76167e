"""Hints, supervised: what a Watch says it does, and what it does when events cannot be had (architecture 6)."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateconsole.artifacts import listener
from gateconsole.artifacts import watch as module
from gateconsole.artifacts.listener import WatchError, kind_of, start_watch, write_out
from gateconsole.artifacts.watch import Watch
from gateconsole.model import ARTIFACT_NAME
from tests.tools.mirror import put

PATIENCE_S = 60.0


class Owner:
    """Starts watches, remembers what they told, stops them."""

    def __init__(self) -> None:
        self.woken = threading.Event()
        self.paths: set[str] = set()
        self.overflows = 0
        self._watches: list[Watch] = []

    def watch(self, root: Path, poll: bool = False, script: str | None = None) -> Watch:
        listener = None if script is None else (sys.executable, "-c", script)
        watch = Watch(root, poll=poll, wake=self.woken.set, listener=listener)
        self._watches.append(watch)
        watch.start()
        return watch

    def until(self, watch: Watch, condition: Callable[[], bool]) -> None:
        """Take hints until something holds; fails after a minute."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            hints = watch.take()
            self.paths |= hints.paths
            self.overflows += hints.overflow
            if condition():
                return
            assert time.monotonic() < deadline, (watch.mode, watch.reason, self.paths)
            self.woken.wait(0.05)
            self.woken.clear()

    def close(self) -> None:
        for watch in self._watches:
            watch.stop()


@pytest.fixture
def owner() -> Iterator[Owner]:
    owner = Owner()
    yield owner
    owner.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between two starts."""
    for name in ("FIRST_WAIT_S", "LONGEST_WAIT_S", "LASTING_WAIT_S"):
        monkeypatch.setattr(module, name, 0.01)


def armed(watch: Watch) -> Callable[[], bool]:
    return lambda: watch.mode == "inotify"


def test_a_new_run_is_hinted_at(tmp_path: Path, owner: Owner) -> None:
    watch = owner.watch(tmp_path)
    owner.until(watch, armed(watch))
    assert watch.reason == ""
    put(tmp_path, "run-1")
    owner.until(watch, lambda: str(tmp_path / "run-1") in owner.paths)


def test_a_rewrite_in_a_known_run_folder_is_hinted_at(tmp_path: Path, owner: Owner) -> None:
    put(tmp_path, "run-1")
    watch = owner.watch(tmp_path)
    owner.until(watch, armed(watch))
    put(tmp_path, "run-1", b"changed")
    owner.until(watch, lambda: str(tmp_path / "run-1" / ARTIFACT_NAME) in owner.paths)


def test_arming_asks_for_a_reconcile_because_events_before_it_are_lost(tmp_path: Path, owner: Owner) -> None:
    watch = owner.watch(tmp_path)
    owner.until(watch, armed(watch))
    assert owner.overflows >= 1


def test_what_was_taken_is_not_told_again(tmp_path: Path, owner: Owner) -> None:
    watch = owner.watch(tmp_path)
    owner.until(watch, armed(watch))
    owner.until(watch, lambda: True)
    assert watch.take() == (frozenset(), False)


def test_our_own_folder_wakes_nobody(tmp_path: Path, owner: Owner) -> None:
    (tmp_path / ".gateconsole").mkdir()
    watch = owner.watch(tmp_path)
    owner.until(watch, armed(watch))
    (tmp_path / ".gateconsole" / "ledger.db").write_text("x")
    put(tmp_path, "run-1")
    owner.until(watch, lambda: str(tmp_path / "run-1") in owner.paths)
    assert not [path for path in owner.paths if ".gateconsole" in path]


def test_polling_starts_nothing(tmp_path: Path, owner: Owner) -> None:
    before = threading.active_count()
    watch = owner.watch(tmp_path, poll=True, script="raise SystemExit")
    assert watch.mode == "polling"
    assert threading.active_count() == before
    watch.stop()


def test_a_name_that_is_not_utf8_is_said_and_events_come_again_without_it(
    tmp_path: Path, owner: Owner, impatient: None
) -> None:
    watch = owner.watch(tmp_path)
    owner.until(watch, armed(watch))
    foreign = tmp_path / os.fsdecode(b"run-\xff")
    foreign.mkdir()
    owner.until(watch, lambda: watch.mode == "reconciling only")
    assert "not UTF-8" in watch.reason
    assert owner.overflows >= 2
    foreign.rmdir()
    owner.until(watch, armed(watch))
    put(tmp_path, "run-2")
    owner.until(watch, lambda: str(tmp_path / "run-2") in owner.paths)


def test_a_root_that_is_removed_and_made_again_is_watched_again(tmp_path: Path, owner: Owner, impatient: None) -> None:
    root = tmp_path / "root"
    root.mkdir()
    watch = owner.watch(root)
    owner.until(watch, armed(watch))
    root.rmdir()
    owner.until(watch, lambda: watch.mode == "reconciling only")
    root.mkdir()
    owner.until(watch, armed(watch))
    put(root, "run-1")
    owner.until(watch, lambda: str(root / "run-1") in owner.paths)


def test_a_root_that_is_missing_at_the_start_is_watched_once_it_is_there(
    tmp_path: Path, owner: Owner, impatient: None
) -> None:
    root = tmp_path / "root"
    watch = owner.watch(root)
    owner.until(watch, lambda: watch.mode == "reconciling only")
    assert watch.reason
    root.mkdir()
    owner.until(watch, armed(watch))


def test_at_the_limit_of_watches_it_says_so_and_names_the_remedy(tmp_path: Path, owner: Owner) -> None:
    script = 'print(\'["failed", "limit", "x"]\', flush=True)'
    watch = owner.watch(tmp_path, script=script)
    owner.until(watch, lambda: watch.mode == "reconciling only")
    assert "max_user_watches" in watch.reason
    assert owner.overflows == 1


@pytest.mark.parametrize("script", ["raise SystemExit", "print('no json')", "print('{}')", "import os; os.abort()"])
def test_a_listener_that_breaks_is_started_again(tmp_path: Path, owner: Owner, impatient: None, script: str) -> None:
    marks = tmp_path / "marks"
    marks.touch()
    count = f"open({str(marks)!r}, 'a').write('x'); {script}"
    watch = owner.watch(tmp_path, script=count)
    owner.until(watch, lambda: marks.stat().st_size >= 3)
    assert watch.mode == "reconciling only"


def test_a_listener_that_cannot_be_started_leaves_the_reconciling(tmp_path: Path, owner: Owner) -> None:
    watch = Watch(tmp_path, poll=False, wake=owner.woken.set, listener=(str(tmp_path / "no such program"),))
    watch.start()
    owner.until(watch, lambda: watch.mode == "reconciling only")
    watch.stop()


def test_a_flood_of_hints_becomes_one_request_to_reconcile(
    tmp_path: Path, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_PATHS", 3)
    script = """import json, sys
print('["armed"]')
print(json.dumps(["touched", [str(n) for n in range(9)]]), flush=True)
sys.stdin.read()"""
    watch = owner.watch(tmp_path, script=script)
    owner.until(watch, lambda: owner.overflows >= 1 and watch.mode == "inotify")
    owner.until(watch, lambda: True)
    assert len(owner.paths) <= 3


def test_stop_ends_thread_and_process_and_may_be_called_twice(tmp_path: Path, owner: Owner) -> None:
    pids = tmp_path / "pid"
    script = f"""import os, sys
open({str(pids)!r}, "w").write(str(os.getpid()))
print('["armed"]', flush=True)
sys.stdin.read()"""
    watch = owner.watch(tmp_path, script=script)
    owner.until(watch, armed(watch))
    pid = int(pids.read_text())
    watch.stop()
    watch.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "watch"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_listener_ends_when_its_owner_dies(tmp_path: Path) -> None:
    import subprocess

    listener = subprocess.Popen(
        [sys.executable, "-P", module._LISTENER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert listener.stdin is not None and listener.stdout is not None
    assert listener.stdout.readline() == b'["armed"]\n'
    listener.stdin.close()
    assert listener.wait(PATIENCE_S) == 0
    listener.stdout.close()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError("OS file watch limit reached. about [x]"), "limit"),
        (RuntimeError("Error creating recommended watcher: Too many open files (os error 24)"), "limit"),
        (FileNotFoundError("No such file"), "root"),
        (RuntimeError("Unable to decode path x to string"), "name"),
        (RuntimeError("anything else"), "broken"),
    ],
)
def test_a_failure_of_watchfiles_is_told_by_its_kind(error: BaseException, kind: str) -> None:
    assert kind_of(error) == kind


def test_folders_that_may_not_be_read_do_not_prevent_watching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from watchfiles import _rust_notify

    asked: list[bool] = []

    def make(paths: list[str], debug: bool, poll: bool, delay: int, recursive: bool, pass_over: bool) -> str:
        asked.append(pass_over)
        if not pass_over:
            raise PermissionError("Permission denied (os error 13)")
        return "watcher"

    monkeypatch.setattr(_rust_notify, "RustNotify", make)
    assert start_watch(str(tmp_path)) == "watcher"
    assert asked == [False, True]


def test_watchfiles_is_not_imported_in_this_process() -> None:
    import subprocess

    code = "import sys, gateconsole.artifacts.watch; raise SystemExit('watchfiles' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_what_a_pipe_cannot_hold_at_once_is_told_as_it_is_read() -> None:
    reading, writing = os.pipe()
    said, heard = os.urandom(1_000_000), bytearray()

    def hear() -> None:
        while data := os.read(reading, 65_536):
            heard.extend(data)

    listening = threading.Thread(target=hear)
    listening.start()
    write_out(said, writing, PATIENCE_S)
    os.close(writing)
    listening.join()
    os.close(reading)
    assert heard == said


def test_a_listener_nobody_hears_gives_up_instead_of_remembering_a_night_of_paths() -> None:
    reading, writing = os.pipe()
    with pytest.raises(WatchError):
        write_out(bytes(1_000_000), writing, 0.05)
    os.close(writing)
    os.close(reading)


def test_a_listener_that_ended_in_the_midst_of_a_word_is_started_again(
    tmp_path: Path, owner: Owner, impatient: None
) -> None:
    script = """import sys; sys.stdout.write('["armed"]\\n["touched", ["/a'); sys.stdout.flush()"""
    watch = owner.watch(tmp_path, script=script)
    owner.until(watch, lambda: owner.overflows >= 3)
    owner.until(watch, lambda: watch.reason == "the listening process ended without a word")
    assert owner.paths == set()


def test_a_root_that_was_mounted_anew_ends_the_listening_that_is_deaf_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same device and folder: the kernel told the watches nothing more since it was unmounted."""
    told: list[tuple[object, ...]] = []
    mounts = iter([b"7", b"7", b"8"])
    monkeypatch.setattr(listener, "_mount", lambda folder: next(mounts))
    monkeypatch.setattr(listener, "start_watch", lambda root: SimpleNamespace(watch=lambda *_: "timeout"))
    monkeypatch.setattr(listener, "tell", lambda *message: told.append(message))
    listener.listen(str(tmp_path))
    assert told == [("armed",), ("failed", "root", "the folder was removed, moved, replaced or mounted anew")]
