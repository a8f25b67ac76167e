"""`gateconsole queue next` asks about quiet folders in turns, and misses nothing for good (rule Q20)."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateconsole.cli.queue import sync as queue_sync
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.store import Ledger
from gateconsole.model import ARTIFACT_NAME
from gateconsole.patch_queue import artifact_results, builder_acts, operator_acts
from gateconsole.patch_queue.reported_results import SAYS

WHEN = Actor(1_000_000, "tester")


class Tree:
    """A small tree whose folders are quiet as soon as they may be; what `next` and `sync` book of it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.root.mkdir()
        self.probe = folder / "probe"
        self.sizes = 0
        self.ledger = Ledger.for_writing(folder / "ledger.db")
        operator_acts.configure(self.ledger, "linux", WHEN, p="0.9")
        for patch in ("A", "B"):
            operator_acts.submit(self.ledger, patch, WHEN)
        self.run = str(builder_acts.next_run(self.ledger, "linux", "tb", WHEN).run)

    def tick(self) -> None:
        """Wait until a change has another time than every change before."""
        self.probe.write_bytes(b"")
        before = self.probe.stat().st_ctime_ns
        while self.probe.stat().st_ctime_ns <= before:
            self.probe.write_bytes(b"")

    def write(self, folder: str, outcome: str, named: bool, in_place: bool = True) -> None:
        path = self.root / folder / ARTIFACT_NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        claim = {"queue_run": self.run, "testcase": "linux", "patches": ["A", "B"]} if named else {}
        whole = {"policy_hash": "a", "outcome": outcome, "unknown_rate": 0.0, "top_reasons": [], **claim}
        self.sizes += 1
        text = json.dumps(whole) + " " * self.sizes
        if in_place:
            path.write_text(text)
        else:
            path.with_name("new").write_text(text)
            path.with_name("new").replace(path)

    def look(self, turn: int | None, everything: bool = False) -> list[str]:
        booked, _ = queue_sync.sync(self.ledger, self.root, WHEN, SAYS, everything=everything, turn=turn)
        self.tick()
        return [path for path, _ in booked]

    def asked(self, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
        """The names that the system is asked about from now on."""
        stat, names = os.stat, list[bytes]()

        def noting(path: Any, **more: Any) -> os.stat_result:
            if isinstance(path, bytes):
                names.append(path)
            return stat(path, **more)

        monkeypatch.setattr(os, "stat", noting)
        return names


def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small trees are looked at in turns too, and no mark is unreliable for its youth (`Tree.tick` sees to that)."""
    monkeypatch.setattr(artifact_results, "AT_ONCE", 1)
    monkeypatch.setattr(artifact_results, "TURNS", 4)
    monkeypatch.setattr(queue_sync, "FINE_NS", 0)


FOLDERS = ("a", "b", "c", "d", "e/1", "e/2", "e/3", "a/deep")
OPS = st.tuples(
    st.sampled_from(("write", "write", "write", "remove", "move", "empty", "look", "look")),
    st.sampled_from(FOLDERS),
    st.sampled_from(("PASS", "FAIL", "REVIEW")),
    st.booleans(),
    st.booleans(),
    st.integers(0, 3),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(OPS, max_size=14))
def test_all_turns_together_find_what_a_whole_look_finds(ops: list[tuple[str, str, str, bool, bool, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        few_at_once(patched)
        tree = Tree(Path(folder))
        for name in FOLDERS:
            tree.write(name, "PASS", False)
        tree.look(None)
        for op, name, outcome, named, in_place, turn in ops:
            path = tree.root / name
            if op == "write":
                tree.write(name, outcome, named, in_place)
            elif op == "remove":
                shutil.rmtree(path, ignore_errors=True)
            elif op == "move" and path.exists() and not (tree.root / "moved").exists():
                path.rename(tree.root / "moved")
            elif op == "empty":
                (path / "logs").mkdir(parents=True, exist_ok=True)
            elif op == "look":
                tree.look(turn)
        for turn in range(4):
            tree.look(turn)
        assert tree.look(None, everything=True) == []


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("in_place", [True, False])
def test_one_turn_is_enough_for_new_folders_and_for_what_was_ever_of_concern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, turn: int, in_place: bool
) -> None:
    few_at_once(monkeypatch)
    tree = Tree(tmp_path)
    for number in range(40):
        tree.write(f"day/other-{number}", "PASS", False)
    tree.write("day/ours", "PASS", True)
    tree.write("day/reused", "PASS", False)
    assert tree.look(None) == ["day/ours/gate_result.json"]
    tree.write("day/reused", "WARN", False, in_place)  # a place that is written again
    tree.look(None)
    tree.write("day/reused", "FAIL", True, in_place)
    assert tree.look(turn) == ["day/reused/gate_result.json"]
    tree.write("day/ours", "FAIL", True, in_place)
    tree.write("day/ours/leg", "REVIEW", True)
    tree.write("new/deep", "REVIEW", True)
    found = ["day/ours/gate_result.json", "day/ours/leg/gate_result.json", "new/deep/gate_result.json"]
    assert tree.look(turn) == found
    shutil.rmtree(tree.root / "day" / "other-5")
    tree.write("day/other-5", "FAIL", True)  # the same name, perhaps the same inode
    assert tree.look(turn) == ["day/other-5/gate_result.json"]


def test_next_asks_about_a_part_of_the_quiet_folders_and_a_small_tree_is_one_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_sync, "FINE_NS", 0)
    tree = Tree(tmp_path)
    for number in range(200):
        tree.write(f"other-{number}", "PASS", False)
    tree.look(None)
    names = tree.asked(monkeypatch)
    tree.look(0)
    assert len(names) == 401
    monkeypatch.setattr(artifact_results, "AT_ONCE", 20)
    names.clear()
    tree.look(0)
    assert 1 < len(names) < 100
    names.clear()
    tree.look(None)
    assert len(names) == 401


def test_a_root_that_was_away_is_looked_at_again_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_at_once(monkeypatch)
    tree = Tree(tmp_path)
    for number in range(20):
        tree.write(f"other-{number}", "PASS", False)
    tree.look(None)
    tree.root.rename(tmp_path / "away")
    assert tree.look(1) == []
    (tmp_path / "away").rename(tree.root)
    shutil.rmtree(tree.root / "other-3")
    tree.write("other-4/leg", "PASS", True)
    tree.look(1)
    tree.look(2)
    assert [path for turn in range(4) for path in tree.look(turn)] + tree.look(None, everything=True) == []
