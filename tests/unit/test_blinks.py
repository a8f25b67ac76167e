"""Blinks: what is unreadable for a moment changes nothing and calls nobody (DOMAIN rows 2, 16)."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateconsole.artifacts import intake
from gateconsole.engine import Options
from gateconsole.model import Completeness
from gateconsole.root import Root
from gateconsole.snapshot import Snapshot
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
    monkeypatch.setattr(intake, "SETTLE", 600 * SECOND)  # however slow this machine is
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
