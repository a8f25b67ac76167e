"""Blinks: what is unreadable for a moment changes nothing and calls nobody (rules G2, G16)."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateconsole.__main__ import main
from gateconsole.artifacts import pending_and_rejected
from gateconsole.engine.as_of import as_of
from gateconsole.engine.engine import Options
from gateconsole.engine.root_state import Root
from gateconsole.judgement.operator_acts import NONE
from gateconsole.model import Completeness, Entry, Whitelist
from gateconsole.snapshot import Snapshot
from gateconsole.whitelist import file
from gateconsole.whitelist.file import read
from gateconsole.whitelist.merge import EntryChange, changed
from tests.unit.test_engine import Live
from tests.unit.test_judging_live import START, look, put

MINUTE = 60_000_000
NOW = START + 60 * MINUTE
SECOND = 1_000_000

Fail = Callable[[int], None]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Three spikes among the last six runs, never three among five: nothing fires while every calm run is held."""
    root = tmp_path / "root"
    for number in range(45):
        put(root, number, 0.02)
    for number, rate in enumerate([0.5, 0.02, 0.02, 0.5, 0.02, 0.5], 45):
        put(root, number, rate)
    return root


def calm(root: Path) -> Path:
    """The artifact of a calm run without which the alert would fire."""
    return root / "run-46" / "gate_result.json"


def figures(snapshot: Snapshot) -> tuple[object, ...]:
    """What must not blink: the runs held, their figures, the alerts."""
    runs = snapshot.runs
    assert runs is not None
    return runs().height, snapshot.policies[0].whole, [(one.key, one.state) for one in snapshot.alerts]


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch, tree: Path) -> Iterator[Fail]:
    """Opening the calm run's artifact fails with this error; 0: no longer."""
    real = os.open
    failing = [0]

    def opened(path: Any, *rest: Any, **more: Any) -> int:
        if failing[0] and os.fsdecode(path).endswith(f"run-46/{calm(tree).name}"):
            raise OSError(failing[0], os.strerror(failing[0]))
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", opened)

    def fails(number: int) -> None:
        failing[0] = number
        os.utime(calm(tree))

    yield fails


def test_the_tree_fires_without_the_calm_run(tree: Path) -> None:
    calm(tree).unlink()
    assert [one.state for one in look(Root(tree), NOW).alerts] == ["firing"]


def halves(text: str) -> Iterator[bytes]:
    """What many small writes leave on the way."""
    data = text.encode()
    for end in range(0, len(data), 9):
        yield data[:end]


WAYS: dict[str, Callable[[str], Iterable[bytes]]] = {
    "truncated": lambda text: [b""],
    "many small writes": halves,
    "overwritten in place, its old end still there": lambda text: [text.encode() + b'50, "x"]}'],
    "cut within a character": lambda text: ['{"policy_hash": "é'.encode()[:-1]],
    "made of NULs first": lambda text: [b"\0" * len(text)],
}


@pytest.mark.parametrize("way", WAYS)
def test_a_run_that_is_rewritten_stays_as_it_was_while_its_file_does_not_parse(tree: Path, way: str) -> None:
    root = Root(tree)
    before = look(root, NOW)
    text = calm(tree).read_text()
    for step, data in enumerate(WAYS[way](text)):
        calm(tree).write_bytes(data)
        found = look(root, NOW + step * SECOND // 2)
        assert figures(found) == figures(before)
        assert found.pending == ("run-46/gate_result.json",)
        assert found.completeness == Completeness(seen=51, parsed=50, pending=1)
        assert not found.completeness.complete
    calm(tree).write_text(text.replace("0.02", "0.01"))
    after = look(root, NOW + 9 * SECOND)
    assert after.completeness == Completeness(seen=51, parsed=51)
    assert [one.state for one in after.alerts] == ["pending"]
    assert after.policies[0].whole.unknown_rate_max == 0.5
    assert sorted(after.runs()["unknown_rate"].to_list()).count(0.01) == 1  # type: ignore[misc]


def test_the_run_goes_when_its_file_is_rejected(tree: Path) -> None:
    root = Root(tree)
    look(root, NOW)
    calm(tree).write_text("")
    assert look(root, NOW).completeness.pending == 1
    for _ in root.work(root.scan.reread(root.intake.due(NOW + SECOND), now=NOW * 1000), lambda: NOW + SECOND):
        continue
    found = look(root, NOW + SECOND)
    assert found.completeness == Completeness(seen=51, parsed=50, rejected=1)
    assert [one.state for one in found.alerts] == ["firing"]


def test_a_run_whose_file_is_replaced_by_another_one_is_never_missing(tree: Path, tmp_path: Path) -> None:
    root = Root(tree)
    before = look(root, NOW)
    new = tmp_path / "new.json"
    new.write_text(calm(tree).read_text())
    os.replace(new, calm(tree))
    assert figures(look(root, NOW)) == figures(before)
    text = calm(tree).read_text()
    calm(tree).unlink()
    calm(tree).write_text(text)  # deleted and made again between two looks
    found = look(root, NOW)
    assert figures(found) == figures(before)
    assert found.completeness.gone == 0


def test_a_folder_that_is_renamed_away_and_back_between_two_looks_changes_nothing(tree: Path) -> None:
    root = Root(tree)
    before = look(root, NOW)
    folder = calm(tree).parent
    folder.rename(tree.parent / "away")
    (tree.parent / "away").rename(folder)
    assert figures(look(root, NOW)) == figures(before)


def test_a_folder_that_is_away_at_a_look_is_gone_and_counts_again_when_it_is_back(tree: Path) -> None:
    root = Root(tree)
    before = look(root, NOW)
    folder = calm(tree).parent
    folder.rename(tree.parent / "away")
    found = look(root, NOW)
    assert found.completeness == Completeness(seen=50, parsed=50, gone=1)
    (tree.parent / "away").rename(folder)
    assert figures(look(root, NOW)) == figures(before)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
def test_a_run_whose_file_may_not_be_read_for_a_moment_stays(tree: Path, fail: Fail, number: int) -> None:
    root = Root(tree)
    before = look(root, NOW)
    fail(number)
    found = look(root, NOW)
    assert figures(found) == figures(before)
    assert found.completeness == Completeness(seen=51, parsed=50, pending=1)
    fail(0)
    after = look(root, NOW + SECOND // 2)
    assert figures(after) == figures(before)
    assert after.completeness == Completeness(seen=51, parsed=51)


def test_a_file_that_may_not_be_read_is_rejected_after_its_second(tree: Path, fail: Fail) -> None:
    root = Root(tree)
    look(root, NOW)
    fail(errno.EACCES)
    look(root, NOW)
    for _ in root.work(root.scan.reread(root.intake.due(NOW + SECOND), now=NOW * 1000), lambda: NOW + SECOND):
        continue
    found = look(root, NOW + SECOND)
    assert [bad.rule for bad in found.rejected] == ["unreadable"]
    assert found.completeness == Completeness(seen=51, parsed=50, rejected=1)


def test_a_duplicate_whose_file_is_pending_is_counted_once(tree: Path) -> None:
    copy = tree / "a-copy" / "gate_result.json"
    copy.parent.mkdir()
    copy.write_text(json.dumps({**json.loads(calm(tree).read_text()), "run_id": "run-46"}))
    root = Root(tree)
    assert look(root, NOW).completeness == Completeness(seen=52, parsed=51, duplicate=1)
    copy.write_text("")
    assert look(root, NOW).completeness == Completeness(seen=52, parsed=51, pending=1)


def test_no_snapshot_of_a_live_console_lacks_the_run_that_is_rewritten(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending_and_rejected, "SETTLE", 600 * SECOND)  # however slow this machine is
    console = Live(Options(tree))
    try:
        begun = console.until(lambda s: s.phase == "live" and s.completeness.parsed == 51 and not s.judging)
        generation, text = begun.generation, calm(tree).read_text()
        with calm(tree).open("w") as file:
            console.until(lambda s: s.completeness.pending == 1)
            file.write(text[:40])
            file.flush()
            console.until(lambda s: s.completeness.pending == 1)
            file.write(text[40:])
        console.until(lambda s: s.completeness == Completeness(seen=51, parsed=51))
    finally:
        console.stop()
    for snapshot in console.all:
        if snapshot.generation >= generation:
            assert figures(snapshot) == figures(begun)
            assert snapshot.completeness.seen == 51


# the whitelist (rule G16)

CONFLICT = """{
  "version": 1,
  "entries": [
<<<<<<< HEAD
    {"reason": "x"}
=======
    {"reason": "x", "justification": "why"}
>>>>>>> branch
  ]
}
"""


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A root in which the one alert that fires is listed."""
    root = tmp_path / "root"
    for number in range(45):
        put(root, number, 0.02)
    for number in range(45, 48):
        put(root, number, 0.5)
    list_of(root).write_text('["x"]')
    return root


def list_of(root: Path) -> Path:
    return root / "unknown_whitelist.json"


def seen(root: Root, now: int) -> Snapshot:
    """What a console shows now, the whitelist looked at as well."""
    root.look_at_whitelist(now)
    return look(root, now)


def calls(snapshot: Snapshot) -> list[str]:
    """The classes of the alerts that call somebody."""
    return [one.class_name for one in snapshot.alerts if one.loud and one.policy_hash is not None]


def test_without_a_whitelist_the_alert_calls(listed: Path) -> None:
    list_of(listed).unlink()
    assert calls(seen(Root(listed), NOW)) == ["x"]


BROKEN = {
    "empty": "",
    "half of it": '["x',
    "git's conflict markers": CONFLICT,
    "of a newer version": '{"version": 2, "entries": []}',
    "no list": "3",
}


@pytest.mark.parametrize("way", BROKEN)
def test_the_last_list_that_was_read_stays_in_force_while_the_file_is_broken(listed: Path, way: str) -> None:
    root = Root(listed)
    assert calls(seen(root, NOW)) == []
    seen(root, NOW + 3 * SECOND)
    list_of(listed).write_text(BROKEN[way])
    for later in (4, 10, 3600):
        broken = seen(root, NOW + later * SECOND)
        assert calls(broken) == []
        assert [one.reason for one in broken.whitelist.entries] == ["x"]
        (banner,) = (one for one in broken.banners if one.code == "whitelist_broken")
        assert banner.remedy == "until then the list as it was at 2026-03-01T01:00:03Z stays in force"
    list_of(listed).write_text("[]")
    mended = seen(root, NOW + 3601 * SECOND)
    assert (calls(mended), mended.banners) == (["x"], ())


def test_a_whitelist_that_was_never_read_is_not_in_force(listed: Path) -> None:
    list_of(listed).write_text(CONFLICT)
    broken = seen(Root(listed), NOW)
    assert calls(broken) == ["x"]
    (banner,) = broken.banners
    assert banner.text == (f"{list_of(listed)}: line 4: git's conflict markers; choose between the two sides there")
    assert banner.remedy == "until then no whitelist is in force"


@pytest.mark.parametrize(
    "words", [["alerts"], ["readiness"], ["rollup", "-o", "out"], ["export", "-o", "out"], ["whitelist", "list"]]
)
def test_a_command_with_a_whitelist_that_cannot_be_read_says_so_and_ends_with_3(
    listed: Path, words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(listed.parent)
    list_of(listed).write_text(CONFLICT)
    root = ["--root", str(listed)] if words[0] == "whitelist" else [str(listed)]
    assert main([words[0], *root, *words[1:]] if words[0] != "whitelist" else [*words, *root]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert "line 4: git's conflict markers" in said.err
    assert not Path("out").exists()


def test_conflict_markers_are_named_only_where_they_are(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    for text in ("<<<<<<< HEAD\n[]\n", '["a"\n=======\n', '["a" "<<<<<<< a\\n=======\\n>>>>>>> b"]'):
        path.write_text(text)
        assert "git's conflict" not in str(read(path).problem)
    path.write_text(CONFLICT.replace("\n", "\r\n"))
    assert "line 4: git's conflict markers" in str(read(path).problem)
    path.write_text('["<<<<<<< a", "=======", ">>>>>>> b"]')
    assert read(path).problem is None


def test_an_editor_that_takes_the_file_away_while_it_saves_calls_nobody(listed: Path) -> None:
    root = Root(listed)
    seen(root, NOW)
    away = listed.parent / "backup~"
    list_of(listed).rename(away)
    for tenth in range(1, 20):
        missing = seen(root, NOW + tenth * SECOND // 10)
        assert (calls(missing), missing.banners) == ([], ())
    list_of(listed).write_text('["x", "y"]')
    saved = seen(root, NOW + 2 * SECOND)
    assert [one.reason for one in saved.whitelist.entries] == ["x", "y"]


def test_a_whitelist_that_stays_away_is_the_empty_one(listed: Path) -> None:
    root = Root(listed)
    seen(root, NOW)
    list_of(listed).unlink()
    assert calls(seen(root, NOW + SECOND)) == []
    gone = seen(root, NOW + 3 * SECOND)
    assert (calls(gone), gone.banners) == (["x"], ())


def test_a_whitelist_that_may_not_be_read_for_a_moment_stays_in_force(
    listed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Root(listed)
    seen(root, NOW)
    real = os.open

    def refused(path: Any, *rest: Any, **more: Any) -> int:
        if os.fsdecode(path).endswith(list_of(listed).name):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refused)
        os.utime(list_of(listed))
        shut = seen(root, NOW + SECOND)
    assert calls(shut) == []
    assert "Permission denied" in shut.banners[0].text
    assert seen(root, NOW + 2 * SECOND).banners == ()


def test_a_list_of_another_clock_is_read_anew_only_for_two_seconds(
    listed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(list_of(listed), (4e9, 4e9))
    root, reads = Root(listed), []
    real = file.read

    def counted(path: Path) -> Whitelist:
        reads.append(path)
        return real(path)

    monkeypatch.setattr(file, "read", counted)
    for quarter in range(40):
        root.look_at_whitelist(NOW + quarter * SECOND // 4)
    assert len(reads) == 9


def test_the_list_stays_in_force_when_the_engine_reads_everything_anew(
    listed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = Live(Options(listed))
    try:
        console.until(lambda s: s.phase == "live" and not s.judging and len(s.whitelist.entries) == 1)
        list_of(listed).write_text("")
        console.until(lambda s: s.whitelist.problem is not None)
        real = Root.settle
        failed: list[int] = []

        def fail_once(root: Root, now: int) -> None:
            if not failed:
                failed.append(now)
                raise RuntimeError("boom")
            real(root, now)

        monkeypatch.setattr(Root, "settle", fail_once)
        put(listed, 48, 0.02)
        anew = console.until(lambda s: bool(failed) and s.phase == "live" and s.completeness.parsed == 49)
        assert [one.reason for one in anew.whitelist.entries] == ["x"]
    finally:
        console.stop()
    assert [(s.generation, s.phase, s.whitelist, s.judging, s.alerts) for s in console.all if calls(s)] == []


# entries that expire


def test_an_entry_matches_nothing_from_its_day_on(listed: Path) -> None:
    list_of(listed).write_text('[{"reason": "x", "expires_at": "2026-03-02"}]')
    root = Root(listed)
    midnight = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) * SECOND
    before = seen(root, midnight - 1)
    assert (calls(before), before.policies[0].whole.listed["whitelisted"]) == ([], 48)
    assert not root.look_at_whitelist(midnight - 1)
    assert root.look_at_whitelist(midnight)
    after = seen(root, midnight)
    assert (calls(after), after.policies[0].whole.listed["whitelisted"]) == (["x"], 0)
    assert [one.reason for one in after.whitelist.entries] == ["x"]
    then = as_of(after, midnight - 1, NONE)
    assert calls(then) == []
    assert calls(as_of(then, midnight, NONE)) == ["x"]


def test_an_expired_entry_leaves_the_one_behind_it_in_force() -> None:
    entries = (Entry("x", expires_at="2026-03-02"), Entry("x", "again"))
    whitelist = Whitelist(entries).at(START + 86_400 * SECOND)
    assert whitelist.entry("x", None) == entries[1]
    assert whitelist.at(START).entry("x", None) == entries[0]
    assert whitelist.at(START + 86_400 * SECOND) is whitelist


def test_an_expiry_that_is_no_day_is_named(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text('[{"reason": "x",\n  "expires_at": "soon"}]')
    assert str(read(path).problem).endswith(
        'line 2, column 17: entry 1, reason "x": expires_at is no day; write it such as 2026-05-20, or null'
    )


def test_a_change_of_an_expired_entry_lists_nothing_unless_its_day_changes() -> None:
    entry = Entry("x", expires_at="2026-03-01")
    whitelist = Whitelist((entry,)).at(START)
    assert whitelist.expired == {entry}
    for wanted, listed in (
        (entry._replace(justification="why"), False),
        (entry._replace(expires_at=None), True),
        (None, False),
    ):
        assert (changed(whitelist, EntryChange(entry, wanted)).entry("x", None) is not None) == listed
    assert changed(whitelist, EntryChange(None, Entry("y"))).entry("x", None) is None
