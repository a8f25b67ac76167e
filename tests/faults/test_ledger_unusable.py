"""A ledger that cannot be entered, opened, read or believed: it is said, always, and no run stays away.

The suite may run as root, whom no permission stops: commands are run as another user then.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateconsole.engine.engine import Engine, Options
from gateconsole.engine.ledger_follower import Desk, QueueOptions
from gateconsole.engine.root_state import Root
from gateconsole.ledger import location
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.location import LedgerUnusableError, default_ledger
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import operator_acts
from gateconsole.snapshot import Snapshot
from tests.golden import fixture

SOURCE = Path(__file__).parents[2]
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if os.geteuid() == 0 else ()
WHEN = Actor(1_772_323_200_000_000, "mika")


@pytest.fixture
def shared() -> Iterator[Path]:
    """The golden tree where any user may enter it, its ledger in a folder that nobody but its owner may enter."""
    if NOBODY and shutil.which(NOBODY[0]) is None:
        pytest.skip("root without setpriv: no other user to be")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")
        fixture.write_tree(root)
        with_a_queue(root)
        for path in (Path(folder), root, *root.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        if command("export", root, "policies", "-o", "-").returncode:
            pytest.skip("another user cannot run Python here")
        default_ledger(root).parent.chmod(0)
        try:
            yield root
        finally:
            default_ledger(root).parent.chmod(0o755)


def with_a_queue(root: Path) -> None:
    """A testcase and a patch in the root's ledger."""
    ledger = Ledger.for_writing(default_ledger(root))
    operator_acts.configure(ledger, "linux", WHEN, p="0.9")
    operator_acts.submit(ledger, "A", WHEN)
    ledger.close()


def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """A command line run by another user than the root's owner."""
    return subprocess.run(
        [*NOBODY, sys.executable, "-B", "-m", "gateconsole", *map(str, words)],
        cwd="/",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), "HOME": "/", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    "words",
    [
        ("rollup", "ROOT", "-o", "OUT"),
        ("export", "ROOT", "-o", "OUT"),
        ("export", "ROOT", "queue", "-o", "OUT"),
        ("alerts", "ROOT"),
        ("readiness", "ROOT"),
        ("whitelist", "preview", "flaky_test", "--root", "ROOT"),
        ("queue", "status", "--root", "ROOT"),
        ("queue", "next", "linux", "--builder", "tb1", "--root", "ROOT"),
        ("queue", "configure", "linux", "--p", "0.9", "--root", "ROOT"),
        ("queue", "log", "--root", "ROOT"),
    ],
    ids=" ".join,
)
def test_what_rests_on_a_ledger_that_may_not_be_entered_is_exit_3_and_replaces_nothing(
    shared: Path, words: tuple[str, ...]
) -> None:
    out = shared.parent / "out"
    out.mkdir()
    (out / "queue.csv").write_text("as it was")
    out.chmod(0o777)
    ended = command(*(word.replace("ROOT", str(shared)).replace("OUT", str(out)) for word in words))
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "ledger.db: cannot be opened: Permission denied: give this user permission, or name a file" in ended.stderr
    assert [(path.name, path.read_text()) for path in out.iterdir()] == [("queue.csv", "as it was")]


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (("export", "ROOT", "runs", "-o", "-"), "a6f53e"),
        (("ROOT",), "a6f53e"),
        (("whitelist", "list", "--root", "ROOT"), "unknown_field_missing"),
        (("paths", "ROOT"), "ledger.db"),
    ],
)
def test_what_does_not_rest_on_it_is_done_and_it_is_said(shared: Path, words: tuple[str, ...], printed: str) -> None:
    ended = command(*(word.replace("ROOT", str(shared)) for word in words))
    assert ended.returncode == 0
    assert printed in ended.stdout
    assert "ledger.db: cannot be" in ended.stderr
    assert "Permission denied" in ended.stderr


def test_validate_works_beside_it(shared: Path) -> None:
    assert command("validate", shared).returncode == 0


def test_a_stream_goes_on_with_new_runs_and_says_it(shared: Path) -> None:
    words = [*NOBODY, sys.executable, "-B", "-m", "gateconsole", "watch", "--json", "--poll", str(shared)]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), "HOME": "/"}
    process = subprocess.Popen(
        words, cwd="/", env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    late = threading.Timer(120, process.kill)
    late.start()
    try:
        assert process.stdout is not None and process.stderr is not None
        lines = map(json.loads, process.stdout)
        next(line for line in lines if line["completeness"]["parsed"] == 8)
        write_run(shared, "r99")
        next(line for line in lines if line["completeness"]["parsed"] == 9)
        said = process.stderr.readline()
    finally:
        late.cancel()
        process.kill()
        process.communicate()
    assert b"cannot be opened: Permission denied" in said


def write_run(root: Path, name: str) -> None:
    """One more run, written as CI does: whole, under its name at last."""
    folder = root / name
    folder.mkdir()
    fields = {"policy_hash": "a6f53e", "outcome": "PASS", "unknown_rate": 0.0, "top_reasons": []}
    (folder / "tmp").write_text(json.dumps(fields))
    (folder / "tmp").rename(folder / "gate_result.json")


# in the process: whatever a ledger may answer


class Live:
    """A running engine and what it published."""

    def __init__(self, root: Path) -> None:
        self.all: list[Snapshot] = []
        self._new = threading.Condition()
        self.engine = Engine(Options(root, poll=True))
        self.engine.start(self._take)

    def _take(self, snapshot: Snapshot) -> None:
        with self._new:
            self.all.append(snapshot)
            self._new.notify_all()

    def until(self, holds: Callable[[Snapshot], bool]) -> Snapshot:
        """The newest Snapshot, once it holds."""
        with self._new:
            met = self._new.wait_for(lambda: bool(self.all) and holds(self.all[-1]), timeout=60)
            assert met, self.all[-1:]
            return self.all[-1]


@pytest.fixture
def live() -> Iterator[Callable[[Path], Live]]:
    started: list[Live] = []

    def start(root: Path) -> Live:
        started.append(Live(root))
        return started[-1]

    yield start
    for one in started:
        one.engine.stop()


@pytest.mark.parametrize(
    "fault",
    [
        PermissionError(errno.EACCES, "Permission denied"),
        OSError(errno.EIO, "Input/output error"),
        sqlite3.OperationalError("no such table: events"),
        RuntimeError("a defect of ours\x1b[31m"),
    ],
    ids=repr,
)
def test_whatever_looking_at_the_ledger_raises_runs_come_and_a_banner_says_it(
    tmp_path: Path, live: Callable[[Path], Live], monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    fixture.write_tree(tmp_path)
    failing = [True]
    real = Desk.look

    def look(desk: Desk, now: int) -> Any:
        if failing[0]:
            raise fault
        return real(desk, now)

    monkeypatch.setattr(Desk, "look", look)
    console = live(tmp_path)
    broken = console.until(lambda one: one.completeness.parsed == 8 and one.phase == "live" and bool(one.banners))
    assert [banner.code for banner in broken.banners] == ["queue_unusable"]
    assert "\x1b" not in broken.banners[0].text
    write_run(tmp_path, "r99")
    console.until(lambda one: one.completeness.parsed == 9)
    failing[0] = False
    console.until(lambda one: not one.banners)


def test_a_ledger_that_becomes_unusable_while_nothing_else_happens_is_said(
    tmp_path: Path, live: Callable[[Path], Live]
) -> None:
    fixture.write_tree(tmp_path)
    with_a_queue(tmp_path)
    console = live(tmp_path)
    console.until(lambda one: one.phase == "live" and one.queue is not None and bool(one.queue.testcases))
    os.truncate(default_ledger(tmp_path), 0)
    (banner,) = console.until(lambda one: bool(one.banners)).banners
    assert banner.code == "queue_unusable"
    assert "move it away and bring the back-up in with `gateconsole queue import`" in banner.text
    assert banner.remedy == "the queue is shown as it was last read"


def test_a_fault_that_repeats_before_anything_was_published_is_said_with_its_count(
    tmp_path: Path, live: Callable[[Path], Live], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(root: Root, now: int) -> bool:
        raise RuntimeError("boom")

    monkeypatch.setattr(Root, "look_at_whitelist", fails)
    (banner,) = (
        live(tmp_path).until(lambda one: any("2 faults so far" in banner.text for banner in one.banners)).banners
    )
    assert (banner.code, banner.remedy) == ("engine_failed", "please report it, with what --log wrote")


def test_a_fault_that_repeats_keeps_the_last_figures_and_the_other_banners(
    tmp_path: Path, live: Callable[[Path], Live], monkeypatch: pytest.MonkeyPatch
) -> None:
    fixture.write_tree(tmp_path)
    default_ledger(tmp_path).parent.mkdir()
    default_ledger(tmp_path).write_bytes(b"no database" * 100)
    console = live(tmp_path)
    console.until(lambda one: one.phase == "live" and one.completeness.parsed == 8 and bool(one.banners))

    def fails(root: Root, now: int) -> bool:
        raise RuntimeError("boom")

    monkeypatch.setattr(Root, "look_at_whitelist", fails)
    failed = console.until(lambda one: any(banner.code == "engine_failed" for banner in one.banners))
    assert {banner.code for banner in failed.banners} == {"engine_failed", "queue_unusable"}
    assert failed.completeness.parsed == 8


# a ledger of no bytes


def test_a_ledger_is_whole_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[int] = []
    real = os.link

    def link(source: Any, target: Any) -> None:
        named.append(os.stat(source).st_size)
        real(source, target)

    monkeypatch.setattr(os, "link", link)
    path = tmp_path / "ledger.db"
    Ledger.for_writing(path).close()
    assert named == [path.stat().st_size]
    assert path.stat().st_size > 0
    assert [one.name for one in tmp_path.iterdir()] == ["ledger.db"]
    assert Ledger.for_reading(path) is None


def test_where_no_link_can_be_made_it_is_whole_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(source: Any, target: Any) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    with Ledger.for_writing(tmp_path / "ledger.db").transaction(1, "mika") as transaction:
        assert transaction.created
    assert [one.name for one in tmp_path.iterdir()] == ["ledger.db"]


def test_two_that_begin_a_ledger_at_once_write_into_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, begun = os.link, list[Ledger]()

    def link(source: Any, target: Any) -> None:
        if not begun:
            monkeypatch.setattr(os, "link", real)
            begun.append(Ledger.for_writing(tmp_path / "ledger.db"))
            operator_acts.configure(begun[0], "linux", WHEN, p="0.9")
        real(source, target)

    monkeypatch.setattr(os, "link", link)
    second = Ledger.for_writing(tmp_path / "ledger.db")
    operator_acts.submit(second, "A", WHEN)
    assert [event.kind for event in begun[0].events()] == ["ledger_created", "testcase_configured", "patch_submitted"]


@pytest.mark.parametrize("opened", [Ledger.for_writing, Ledger.for_reading])
def test_a_ledger_of_no_bytes_was_truncated_and_is_refused_with_the_remedy(
    tmp_path: Path, opened: Callable[[Path], object]
) -> None:
    with_a_queue(tmp_path)
    os.truncate(default_ledger(tmp_path), 0)
    with pytest.raises(LedgerUnusableError, match=r"holds 0 bytes.*queue import"):
        opened(default_ledger(tmp_path))
    assert default_ledger(tmp_path).stat().st_size == 0


@pytest.mark.parametrize("size", [1, 99, 100, 4095, 4096, 8192, 12_288])
def test_a_ledger_cut_anywhere_is_refused_or_whole(tmp_path: Path, size: int) -> None:
    with_a_queue(tmp_path)
    path = default_ledger(tmp_path)
    assert size < path.stat().st_size
    os.truncate(path, size)
    desk = Desk(tmp_path, QueueOptions())
    desk.look(WHEN.at)
    desk.acts()
    assert desk.problem is not None and str(path) in desk.problem


def test_a_write_that_was_cut_off_is_rolled_back_and_no_truncation(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"")
    Path(f"{path}-journal").write_bytes(b"\0" * 512)
    assert location.is_there(path)


def test_a_ledger_begun_by_the_version_before_without_an_event_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 0")
        other.execute("VACUUM")
    other.close()
    with Ledger.for_writing(path).transaction(1, "mika") as transaction:
        assert transaction.created
