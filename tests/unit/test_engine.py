"""The engine: from files on disk to Snapshots, live and once (rules G2, G6, G7, G29; architecture 2, 6)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateconsole.artifacts.scan import Change
from gateconsole.engine import engine as engine_module
from gateconsole.engine.as_of import as_of
from gateconsole.engine.engine import Engine, Options, RootUnusableError, read_once
from gateconsole.engine.root_state import Root
from gateconsole.engine.scheduler import EngineLoop
from gateconsole.judgement import operator_acts
from gateconsole.model import Completeness
from gateconsole.snapshot import EMPTY, Snapshot
from tests.tools.mirror import coarse_times


def put(root: Path, folder: str, text: str | None = None, **fields: object) -> Path:
    """Write an artifact, its folder first, in place."""
    where = root / folder
    where.mkdir(parents=True, exist_ok=True)
    path = where / "gate_result.json"
    whole = {"policy_hash": "p", "outcome": "PASS", "unknown_rate": 0.02, "top_reasons": ["flaky_test"], **fields}
    path.write_text(json.dumps(whole) if text is None else text)
    return path


class Live:
    """A running engine and the newest Snapshot it published."""

    def __init__(self, options: Options) -> None:
        self.all: list[Snapshot] = []
        self._new = threading.Condition()
        self._engine = Engine(options)
        self._engine.start(self._take)

    def _take(self, snapshot: Snapshot) -> None:
        with self._new:
            self.all.append(snapshot)
            self._new.notify_all()

    def until(self, holds: Callable[[Snapshot], bool]) -> Snapshot:
        """The newest Snapshot, once it holds; fails after a generous time."""
        with self._new:
            met = self._new.wait_for(lambda: bool(self.all) and holds(self.all[-1]), timeout=30)
            newest = self.all[-1] if self.all else EMPTY
        assert met, (newest.phase, newest.mode, newest.completeness, newest.banners)
        return newest

    def stop(self) -> None:
        self._engine.stop()


@pytest.fixture(params=[False, True], ids=["events", "polling"])
def live(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], tuple[Live, Path]]]:
    root = tmp_path / "root"
    root.mkdir()
    started: list[Live] = []

    def start() -> tuple[Live, Path]:
        started.append(Live(Options(root, poll=request.param)))
        return started[-1], root

    yield start
    for one in started:
        one.stop()
        for snapshot in one.all:
            parts = snapshot.completeness
            assert parts.seen == parts.parsed + parts.pending + parts.rejected + parts.duplicate


def parsed(n: int) -> Callable[[Snapshot], bool]:
    return lambda snapshot: snapshot.phase == "live" and snapshot.completeness.parsed == n


def test_once_reads_everything_and_says_where_every_file_stands(tmp_path: Path) -> None:
    put(tmp_path, "a/run-1", run_id="1")
    put(tmp_path, "a/run-1/nested", run_id="2")
    put(tmp_path, "b", run_id="1", timestamp="2026-03-01T00:00:00Z")
    put(tmp_path, "c", text='{"policy_hash": "p", "outc')
    (tmp_path / "d" / "gate_result.json").mkdir(parents=True)
    os.mkfifo(tmp_path / "gate_result.json")
    snapshot = read_once(Options(tmp_path))
    assert snapshot.completeness == Completeness(seen=5, parsed=2, rejected=2, duplicate=1, conflicting=1)
    assert [(bad.path, bad.rule) for bad in snapshot.rejected] == [
        ("c/gate_result.json", "not_one_json_object"),
        ("gate_result.json", "not_regular_file"),
    ]
    ((path, notes),) = snapshot.diagnostics()
    assert (path, notes[0].rule) == ("a/run-1/gate_result.json", "conflicting")
    assert "b/gate_result.json" in notes[0].detail
    assert snapshot.policies[0].whole.n == 2


def test_a_file_written_while_a_one_shot_command_waits_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    half = put(tmp_path, "a", text='{"policy_hash": "p", "outcome": "PA')

    def finish(seconds: float) -> None:
        half.write_text('{"policy_hash": "p", "outcome": "PASS"}')
        real(seconds)

    real = time.sleep
    monkeypatch.setattr(time, "sleep", finish)
    assert read_once(Options(tmp_path)).completeness == Completeness(seen=1, parsed=1)


def test_an_unusable_root_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RootUnusableError, match=r"missing: no such folder; create or mount it"):
        read_once(Options(tmp_path / "missing"))
    with pytest.raises(RootUnusableError, match="file is not a folder; name the folder"):
        read_once(Options(tmp_path / "file"))


def test_a_root_that_goes_while_it_is_read_gives_no_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    put(root, "run-1")
    real = Root.work

    def goes_away(self: Root, *pass_and_clock: Any) -> Iterator[None]:
        yield from real(self, *pass_and_clock)
        root.rename(tmp_path / "moved")
        root.mkdir()

    monkeypatch.setattr(Root, "work", goes_away)
    with pytest.raises(RootUnusableError, match="root went away while it was read"):
        read_once(Options(root))


def test_artifacts_show_as_they_arrive_change_and_go(live: Callable[[], tuple[Live, Path]]) -> None:
    console, root = live()
    assert console.until(lambda s: s.phase == "live").completeness.seen == 0
    first = put(root, "run-1", run_id="1")
    put(root, "deep/er/run-2", run_id="2", policy_hash="q")
    snapshot = console.until(parsed(2))
    assert [policy.policy_hash for policy in snapshot.policies] == ["p", "q"]
    put(root, "run-1", run_id="1", outcome="FAIL")
    snapshot = console.until(lambda s: parsed(2)(s) and s.policies[0].whole.outcomes["FAIL"] == 1)
    assert snapshot.policies[0].recent[-1].outcome == "FAIL"
    first.unlink()
    snapshot = console.until(parsed(1))
    assert snapshot.completeness.gone == 1


def test_a_file_that_does_not_parse_is_pending_then_rejected_then_a_run(
    live: Callable[[], tuple[Live, Path]],
) -> None:
    console, root = live()
    console.until(lambda s: s.phase == "live")
    put(root, "run-1", text='{"outcome": ')
    pending = console.until(lambda s: s.completeness.pending == 1)
    assert pending.pending == ("run-1/gate_result.json",)
    rejected = console.until(lambda s: s.completeness.rejected == 1)
    assert rejected.rejected[0].place == "line 1 column 13"
    put(root, "run-1")
    assert console.until(parsed(1)).rejected == ()


def test_passes_that_wait_for_each_other_are_all_worked_off(tmp_path: Path) -> None:
    watching = EngineLoop(Options(tmp_path), lambda _: None, threading.Event(), threading.Event())
    begun: list[int] = []

    def work(number: int) -> Iterator[list[Change]]:
        begun.append(number)
        yield []

    for number in range(3000):
        watching._begin("touch", work(number))
    while watching._passes:
        watching._work_a_slice()
    assert begun == list(range(3000))


def test_a_root_that_is_missing_is_waited_for(tmp_path: Path) -> None:
    console = Live(Options(tmp_path / "later"))
    try:
        waiting = console.until(lambda s: s.phase == "waiting")
        assert [banner.code for banner in waiting.banners] == ["root_missing"]
        put(tmp_path / "later", "run-1")
        assert console.until(parsed(1)).banners == ()
    finally:
        console.stop()


def test_figures_stay_while_the_root_is_away_and_follow_the_disk_when_it_is_replaced(
    live: Callable[[], tuple[Live, Path]],
) -> None:
    console, root = live()
    for number in range(3):
        put(root, f"run-{number}")
    console.until(parsed(3))
    root.rename(root.with_name("moved"))
    away = console.until(lambda s: s.phase == "waiting")
    assert away.policies[0].whole.n == 3
    assert [banner.code for banner in away.banners] == ["root_missing"]
    put(root, "run-9")
    back = console.until(parsed(1))
    assert [banner.code for banner in back.banners] == ["root_replaced"]
    assert back.banners[0].text.startswith("3 runs gone at ")
    assert back.completeness.gone == 3


def test_the_whitelist_of_the_figures_that_stay_stays_too(live: Callable[[], tuple[Live, Path]]) -> None:
    console, root = live()
    put(root, "run-1")
    (root / "unknown_whitelist.json").write_text('["flaky_test"]')
    console.until(lambda s: parsed(1)(s) and s.policies[0].whole.listed["whitelisted"] == 1)
    root.rename(root.with_name("moved"))
    console.until(lambda s: s.phase == "waiting")
    time.sleep(1.5)
    assert console.all[-1].policies[0].whole.listed["whitelisted"] == 1


def test_the_same_root_come_back_is_no_loss(live: Callable[[], tuple[Live, Path]]) -> None:
    console, root = live()
    put(root, "run-1")
    console.until(parsed(1))
    root.rename(root.with_name("moved"))
    console.until(lambda s: s.phase == "waiting")
    put(root.with_name("moved"), "run-2", run_id="2")
    root.with_name("moved").rename(root)
    assert console.until(parsed(2)).banners == ()


def test_more_than_half_of_the_runs_gone_is_said(live: Callable[[], tuple[Live, Path]]) -> None:
    console, root = live()
    for number in range(10):
        put(root, f"run-{number}", run_id=f"{number}")
    console.until(parsed(10))
    for number in range(6):
        shutil.rmtree(root / f"run-{number}")
    shrunk = console.until(lambda s: bool(s.banners))
    assert shrunk.banners[0].code == "root_shrunk"
    assert shrunk.completeness.parsed == 4


def test_copies_of_runs_held_are_duplicates_and_no_loss(live: Callable[[], tuple[Live, Path]]) -> None:
    console, root = live()
    put(root, "first", run_id="1")
    console.until(parsed(1))
    for number in range(4):
        put(root.with_name("copies"), f"{number}", run_id="1")
    root.with_name("copies").rename(root / "copies")
    console.until(lambda s: s.completeness.seen == 5)
    time.sleep(1.2)
    assert console.all[-1].completeness == Completeness(seen=5, parsed=1, duplicate=4)
    assert console.all[-1].banners == ()


def test_a_run_ahead_of_the_clock_counts_as_newest_when_the_clock_gets_there(tmp_path: Path) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=5, seconds=2)
    put(tmp_path, "ahead", timestamp=ahead.isoformat())
    console = Live(Options(tmp_path))
    try:
        assert console.until(parsed(1)).newest is None
        arrived = console.until(lambda s: s.newest is not None)
        assert arrived.policies[0].newest == arrived.newest
        assert arrived.diagnostics() == ()
    finally:
        console.stop()


def test_a_whitelist_saved_by_anyone_is_in_force_at_once_and_stays_while_it_is_broken(
    live: Callable[[], tuple[Live, Path]],
) -> None:
    console, root = live()
    put(root, "run-1")
    assert console.until(parsed(1)).policies[0].whole.listed["not_whitelisted"] == 1
    (root / "unknown_whitelist.json").write_text('["flaky_test"]')
    console.until(lambda s: s.policies[0].whole.listed["whitelisted"] == 1)
    (root / "unknown_whitelist.json").write_text('["flaky_test"')
    broken = console.until(lambda s: bool(s.banners))
    assert broken.banners[0].code == "whitelist_broken"
    assert broken.policies[0].whole.listed["whitelisted"] == 1
    assert "until then the list as it was at 20" in broken.banners[0].remedy


def test_a_fault_of_ours_is_shown_and_everything_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "run-1")
    real, calls = Root.settle, []

    def fail_once(root: Root, now: int) -> None:
        calls.append(now)
        if len(calls) == 1:
            raise RuntimeError("boom\x1b[31m")
        real(root, now)

    monkeypatch.setattr(Root, "settle", fail_once)
    console = Live(Options(tmp_path))
    try:
        snapshot = console.until(parsed(1))
        assert snapshot.banners[0].code == "engine_failed"
        assert "\x1b" not in snapshot.banners[0].text
    finally:
        console.stop()


def test_a_folder_of_runs_that_is_moved_inside_the_root_is_no_fault(live: Callable[[], tuple[Live, Path]]) -> None:
    console, root = live()
    for number in range(12):
        put(root / "march", f"run-{number}", run_id=f"{number}", unknown_rate=number / 100)
    figures = console.until(parsed(12)).policies[0].whole
    (root / "march").rename(root / "april")
    moved = console.until(lambda s: parsed(12)(s) and s.completeness.gone == 12)
    assert moved.banners == ()
    assert moved.policies[0].whole == figures


def test_a_fail_over_a_pass_of_the_same_second_and_size_is_seen_where_time_stamps_are_coarse(
    live: Callable[[], tuple[Live, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    coarse_times(monkeypatch)
    console, root = live()
    console.until(lambda s: s.phase == "live")
    for attempt in range(10):  # until both fall into one second
        file = put(root, f"run-{attempt}", run_id=f"{attempt}", outcome="PASS")
        first = file.stat().st_ctime_ns // 10**9
        console.until(parsed(attempt + 1))
        put(root, f"run-{attempt}", run_id=f"{attempt}", outcome="FAIL")
        if file.stat().st_ctime_ns // 10**9 == first:
            break
    else:
        pytest.skip("this machine is too slow to write twice in a second")
    console.until(lambda s: s.policies[0].whole.outcomes["FAIL"] == s.completeness.parsed)


def test_an_engine_that_hangs_in_the_system_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "run-1")
    hangs, goes_on = threading.Event(), threading.Event()
    real = os.scandir

    def scandir(*of: Any) -> Any:
        if threading.current_thread().name == "engine":
            hangs.set()
            assert goes_on.wait(60)
        return real(*of)

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(engine_module, "GOODBYE", 0.05)
    console = Live(Options(tmp_path, poll=True))
    try:
        assert hangs.wait(30)
        console.stop()
        assert not goes_on.is_set()
    finally:
        goes_on.set()


def test_nothing_is_published_while_nothing_changes(live: Callable[[], tuple[Live, Path]]) -> None:
    console, root = live()
    put(root, "run-1")
    console.until(parsed(1))
    time.sleep(2.5)
    published = len(console.all)
    time.sleep(5)
    assert len(console.all) == published


def test_a_checkout_of_another_whitelist_re_derives_all_past_runs(live: Callable[[], tuple[Live, Path]]) -> None:
    console, root = live()

    def git(*words: str) -> None:
        known = ("-c", "user.name=ada", "-c", "user.email=ada@example.org")
        subprocess.run(["git", *known, *words], cwd=root, check=True, capture_output=True, timeout=60)

    git("init", "-q", "-b", "main")
    for text in ("[]", '["flaky_test"]'):
        (root / "unknown_whitelist.json").write_text(text)
        git("add", "unknown_whitelist.json")
        git("commit", "-q", "-m", "whitelist")
    put(root, "run-1")
    put(root, "run-2")
    console.until(lambda s: parsed(2)(s) and s.policies[0].whole.listed["whitelisted"] == 2)
    git("checkout", "-q", "HEAD~1")
    console.until(lambda s: s.policies[0].whole.listed["whitelisted"] == 0)
    git("checkout", "-q", "main")
    console.until(lambda s: s.policies[0].whole.listed["whitelisted"] == 2)


def test_a_matrix_whose_jobs_name_themselves_counts_whole_and_one_that_does_not_says_what_is_hidden(
    live: Callable[[], tuple[Live, Path]],
) -> None:
    console, root = live()
    jobs = ("debian", "fedora", "suse")
    for name in jobs:
        for number in range(4):
            put(root, f"{name}/{number}", run_id=f"{number}", outcome="FAIL" if name == "fedora" else "PASS")
    hidden = console.until(lambda s: s.completeness.seen == 12)
    parts = hidden.completeness
    assert (parts.parsed, parts.duplicate, parts.conflicting, parts.complete) == (4, 8, 4, False)
    assert [(banner.code, '"job"' in banner.remedy) for banner in hidden.banners] == [("runs_hidden", True)]
    for name in jobs:
        for number in range(4):
            outcome = "FAIL" if name == "fedora" else "PASS"
            put(root, f"{name}/{number}", run_id=f"{number}", outcome=outcome, job=name)
    whole = console.until(parsed(12))
    assert (whole.completeness.complete, whole.banners) == (True, ())
    assert whole.policies[0].whole.outcomes["FAIL"] == 4
    put(root, "fedora/again/0", run_id="0", outcome="PASS", job="fedora", attempt=2)
    again = console.until(lambda s: s.completeness.seen == 13)
    assert (again.completeness.duplicate, again.completeness.conflicting) == (1, 1)  # the first names no attempt
    put(root, "fedora/0", run_id="0", outcome="FAIL", job="fedora", attempt=1)
    told = console.until(lambda s: s.completeness.complete)
    assert (told.completeness.duplicate, told.policies[0].whole.outcomes["FAIL"]) == (1, 3)


def test_a_run_ahead_of_the_clock_is_counted_flagged_and_judged_when_its_time_comes(tmp_path: Path) -> None:
    ahead = datetime.now(UTC) + timedelta(days=1)
    put(tmp_path, "now", run_id="1", timestamp=datetime.now(UTC).isoformat())
    put(tmp_path, "then", run_id="2", timestamp=ahead.isoformat())
    snapshot = read_once(Options(tmp_path))
    (policy,) = snapshot.policies
    assert (policy.whole.n, [run.run_id for run in policy.recent], snapshot.spikes["p"].n_valid) == (2, ["1"], 1)
    (banner,) = snapshot.banners
    assert (banner.code, banner.text.partition(":")[0]) == ("stamped_ahead", "1 run stamped ahead of the clock")
    later = as_of(snapshot, int(ahead.timestamp() * 1e6), operator_acts.NONE)
    assert ([run.run_id for run in later.policies[0].recent], later.spikes["p"].n_valid) == (["1", "2"], 2)
    assert "stamped_ahead" not in {banner.code for banner in later.banners}
