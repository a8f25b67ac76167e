"""The queue beside a root: results that artifacts report are booked once, others' acts are seen (rule Q20)."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from gateconsole.engine.engine import Options, read_once
from gateconsole.engine.ledger_follower import Desk, QueueOptions
from gateconsole.engine.root_state import Root
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.location import default_ledger
from gateconsole.ledger.store import Ledger
from gateconsole.model import Run
from gateconsole.patch_queue import builder_acts, operator_acts

NOW = 1_772_323_200_000_000


def queue_with_a_run(root: Path) -> str:
    """A testcase, two patches, one run of both in flight; its id."""
    ledger = Ledger.for_writing(default_ledger(root))
    when = Actor(NOW, "test")
    operator_acts.configure(ledger, "linux", when, p="0.9")
    for patch in ("A", "B"):
        operator_acts.submit(ledger, patch, when)
    run = builder_acts.next_run(ledger, "linux", "tb1", when).run
    ledger.close()
    assert run is not None
    return run


def artifact(run: str, outcome: str = "PASS", patches: tuple[str, ...] = ("A", "B")) -> tuple[bytes, Run]:
    fields = {"outcome": outcome, "queue_run": run, "testcase": "linux", "patches": list(patches)}
    return json.dumps(fields).encode(), Run("r", None, "p", outcome, 0.0, (), None)


def states(desk: Desk, now: int = NOW) -> dict[str, str]:
    return {one.patch: one.state for one in desk.look(now).overall}


def test_a_result_is_booked_once_by_a_desk_that_books(tmp_path: Path) -> None:
    run = queue_with_a_run(tmp_path)
    desk = Desk(tmp_path, QueueOptions(books=True))
    assert states(desk) == {"A": "pending", "B": "pending"}
    desk.claim("build-1", *artifact(run))
    assert states(desk) == {"A": "good", "B": "good"}
    seq = desk.look(NOW).seq
    desk.claim("build-1", *artifact(run))
    assert desk.look(NOW).seq == seq


def test_a_desk_that_does_not_book_writes_nothing(tmp_path: Path) -> None:
    run = queue_with_a_run(tmp_path)
    before = default_ledger(tmp_path).read_bytes()
    desk = Desk(tmp_path, QueueOptions(books=False))
    desk.claim("build-1", *artifact(run))
    assert states(desk) == {"A": "pending", "B": "pending"}
    assert default_ledger(tmp_path).read_bytes() == before


def test_a_disagreeing_or_foreign_result_is_a_diagnostic_and_no_report(tmp_path: Path) -> None:
    run = queue_with_a_run(tmp_path)
    desk = Desk(tmp_path, QueueOptions(books=True))
    desk.claim("x", *artifact(run, patches=("A",)))
    desk.claim("y", *artifact("ffff-1"))
    assert states(desk) == {"A": "pending", "B": "pending"}
    assert [(path, note.rule) for path, note in desk.notes()] == [
        ("x/gate_result.json", "patches_disagree"),
        ("y/gate_result.json", "foreign_run"),
    ]


def noted(desk: Desk) -> list[tuple[str, str]]:
    return [(path, note.rule) for path, note in desk.notes()]


def test_a_note_goes_when_its_file_no_longer_gives_reason_for_it(tmp_path: Path) -> None:
    run = queue_with_a_run(tmp_path)
    root = Root(tmp_path, queue=QueueOptions(books=True))
    for name, fields in (("x", {}), ("y", {"patches": ["A"]}), ("z", {"queue_run": "ffff-1"})):
        write(tmp_path / name, {"queue_run": run, "testcase": "linux", "patches": ["A", "B"], **fields})
    scan(root)
    assert dict(root_notes(root)) == {"y": "patches_disagree", "z": "foreign_run"}
    write(tmp_path / "y", {"queue_run": run, "testcase": "linux", "patches": ["B", "A"]})
    write(tmp_path / "z", {})  # names no run any more
    write(tmp_path / "x", {"queue_run": run, "testcase": "Linux", "patches": ["A", "B"]})
    scan(root)
    assert dict(root_notes(root)) == {"x": "testcase_disagrees"}
    (tmp_path / "x" / "gate_result.json").unlink()
    scan(root)
    assert root_notes(root) == []


def test_a_note_is_a_diagnostic_of_the_run_in_the_snapshot_and_makes_a_new_one(tmp_path: Path) -> None:
    queue_with_a_run(tmp_path)
    root = Root(tmp_path)
    root.look_at_ledger(NOW)
    write(tmp_path / "x", {"queue_run": "ffff-1", "testcase": "linux", "patches": ["A"]})
    for _ in root.work(root.scan.full(now=NOW * 1000), lambda: NOW):
        pass
    assert root.look_at_ledger(NOW)
    assert not root.look_at_ledger(NOW)
    snapshot = root.snapshot(generation=1, phase="live", mode="one scan", banners=(), now=NOW)
    assert [(path, [note.rule for note in notes]) for path, notes in snapshot.diagnostics()] == [
        ("x/gate_result.json", ["foreign_run"])
    ]
    assert [path for path, _ in snapshot.refused] == ["x/gate_result.json"]


def test_who_may_not_book_still_says_what_is_refused(tmp_path: Path) -> None:
    run = queue_with_a_run(tmp_path)
    before = default_ledger(tmp_path).read_bytes()
    desk = Desk(tmp_path, QueueOptions(books=False))
    desk.claim("x", *artifact(run, patches=("A",)))
    desk.claim("y", *artifact(run, "ERROR"))
    desk.claim("z", *artifact(run))
    desk.look(NOW)
    assert noted(desk) == [("x/gate_result.json", "patches_disagree"), ("y/gate_result.json", "outcome_unknown")]
    assert default_ledger(tmp_path).read_bytes() == before


def test_a_run_that_the_ledger_comes_to_know_is_no_longer_refused(tmp_path: Path) -> None:
    run = queue_with_a_run(tmp_path)
    desk = Desk(tmp_path, QueueOptions(books=True))
    following = f"{run.rpartition('-')[0]}-2"
    desk.claim("x", *artifact(following, patches=("A", "B", "C")))
    desk.look(NOW)
    assert noted(desk) == [("x/gate_result.json", "unknown_run")]
    ledger = Ledger.for_writing(default_ledger(tmp_path))
    operator_acts.submit(ledger, "C", Actor(NOW, "test"))
    assert builder_acts.next_run(ledger, "linux", "tb1", Actor(NOW, "test")).run == following
    ledger.close()
    assert states(desk)["C"] == "good"
    assert noted(desk) == []


def test_a_ledger_that_is_replaced_by_a_longer_one_is_another_one(tmp_path: Path) -> None:
    run = queue_with_a_run(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    queue_with_a_run(other)
    longer = Ledger.for_writing(default_ledger(other))
    for patch in "CDEFG":
        operator_acts.submit(longer, patch, Actor(NOW, "test"))
    longer.close()
    desk = Desk(tmp_path, QueueOptions(books=True))
    desk.claim("build-1", *artifact(run))
    assert states(desk) == {"A": "good", "B": "good"}
    default_ledger(other).replace(default_ledger(tmp_path))
    desk.look(NOW)
    assert noted(desk) == [("build-1/gate_result.json", "foreign_run")]


def test_a_file_rewritten_in_place_is_booked_again_by_the_console(tmp_path: Path) -> None:
    run = queue_with_a_run(tmp_path)
    desk = Desk(tmp_path, QueueOptions(books=True))
    for outcome, state in (("REVIEW", "pending"), ("PASS", "good"), ("FAIL", "pending"), ("PASS", "good")):
        desk.claim("build-1", *artifact(run, outcome))
        assert states(desk) == {"A": state, "B": state}


def write(folder: Path, fields: dict[str, object]) -> None:
    """A run in a folder, with these fields beside what every run has."""
    folder.mkdir(exist_ok=True)
    whole = {"policy_hash": "p", "outcome": "PASS", "unknown_rate": 0.0, "top_reasons": [], **fields}
    (folder / "gate_result.json").write_text(json.dumps(whole))


def scan(root: Root) -> None:
    """Look at the whole tree, then at the ledger."""
    for _ in root.work(root.scan.full(now=NOW * 1000), lambda: NOW):
        pass
    root.look_at_ledger(NOW)


def root_notes(root: Root) -> list[tuple[str, str]]:
    return [(path.removesuffix("/gate_result.json"), rule) for path, rule in noted(root.desk)]


def test_results_wait_for_a_ledger_that_comes_later(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    run = queue_with_a_run(other)
    desk = Desk(tmp_path, QueueOptions(ledger=tmp_path / "later" / "ledger.db", books=True))
    desk.claim("build-1", *artifact(run))
    assert states(desk) == {}
    default_ledger(other).parent.rename(tmp_path / "later")
    assert states(desk) == {"A": "good", "B": "good"}


def test_a_one_shot_command_shows_the_queue_and_never_writes_it(tmp_path: Path) -> None:
    run = queue_with_a_run(tmp_path)
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "gate_result.json").write_bytes(artifact(run)[0])
    before = default_ledger(tmp_path).read_bytes()
    board = read_once(Options(tmp_path)).queue
    assert board is not None
    assert [one.patch for one in board.overall] == ["A", "B"]
    assert default_ledger(tmp_path).read_bytes() == before


def test_a_broken_ledger_is_a_banner_and_nothing_else(tmp_path: Path) -> None:
    default_ledger(tmp_path).parent.mkdir()
    default_ledger(tmp_path).write_bytes(b"no database" * 100)
    root = Root(tmp_path)
    root.look_at_ledger(NOW)
    snapshot = root.snapshot(generation=1, phase="live", mode="one scan", banners=(), now=NOW)
    assert [banner.code for banner in snapshot.banners] == ["queue_unusable", "silence"]
    assert snapshot.banners[0].remedy == "no queue and no act on an alert is shown until it can be read"


def test_a_ledger_that_broke_later_is_shown_as_it_was_last_read(tmp_path: Path) -> None:
    queue_with_a_run(tmp_path)
    root = Root(tmp_path)
    root.look_at_ledger(NOW)
    default_ledger(tmp_path).unlink()
    default_ledger(tmp_path).write_bytes(b"no database" * 100)
    root.look_at_ledger(NOW)
    snapshot = root.snapshot(generation=1, phase="live", mode="one scan", banners=(), now=NOW)
    assert snapshot.banners[0].remedy == "the queue is shown as it was last read"
    assert snapshot.queue is not None and snapshot.queue.testcases


def test_a_locked_ledger_is_waited_for_a_moment_only_and_what_waits_is_booked_later(tmp_path: Path) -> None:
    run = queue_with_a_run(tmp_path)
    desk = Desk(tmp_path, QueueOptions(books=True))
    assert desk.look(NOW).seq
    desk.claim("build-1", *artifact(run))
    other = sqlite3.connect(default_ledger(tmp_path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert states(desk) == {"A": "pending", "B": "pending"}
    assert desk.problem is not None and "keeps it locked" in desk.problem
    other.execute("ROLLBACK")
    assert states(desk) == {"A": "good", "B": "good"}
    assert desk.problem is None
