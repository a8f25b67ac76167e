"""The table `queue` of export: rows as told, one time for all of them, the same bytes for the same TIME."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest

from gateconsole.__main__ import main
from gateconsole.demo.queue import restored
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.events import line_of
from gateconsole.ledger.location import default_ledger
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import builder_acts, operator_acts
from gateconsole.text import iso_time
from tests.tools import sample_queue

Said = pytest.CaptureFixture[str]
LATER = "2026-02-25T13:05:00Z"


@pytest.fixture
def tree(samples: Path) -> Path:
    """The samples with their queue as a ledger."""
    ledger = Ledger.for_writing(default_ledger(samples))
    restored(ledger, (samples / "queue.jsonl").read_bytes(), timedelta(0), 0)
    ledger.close()
    return samples


def table(capfdbinary: pytest.CaptureFixture[bytes], tree: Path, as_of: str, form: str = "csv") -> bytes:
    """What `export` writes to stdout."""
    assert main(["export", str(tree), "queue", "-o", "-", "--format", form, "--as-of", as_of]) == 0
    return capfdbinary.readouterr().out


def test_every_patch_of_every_testcase_is_a_row(capfdbinary: pytest.CaptureFixture[bytes], tree: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(table(capfdbinary, tree, LATER).decode())))
    assert len(rows) == 24
    assert {row["testcase"] for row in rows} == {sample_queue.GCC, sample_queue.ARM}
    assert {row["as_of"] for row in rows} == {LATER}
    first = rows[0]
    assert (first["patch"], first["place"], first["k"], first["p_innocent"]) == ("I08fe r3", "1", "2", "0.729")
    assert (first["proposed"], first["in_flight"], first["suspect_of"]) == ("yes", "5eed-6", "5eed-1")


def test_what_is_overdue_is_told_for_the_time(capfdbinary: pytest.CaptureFixture[bytes], tree: Path) -> None:
    assert b"5eed-6,5eed-6,5eed-1" in table(capfdbinary, tree, LATER)
    assert b"5eed-6,,5eed-1" in table(capfdbinary, tree, "2026-02-25T12:25:00Z")


@pytest.mark.parametrize("form", ["csv", "json", "md"])
def test_equal_times_give_equal_bytes(capfdbinary: pytest.CaptureFixture[bytes], tree: Path, form: str) -> None:
    assert table(capfdbinary, tree, LATER, form) == table(capfdbinary, tree, LATER, form)


def test_a_time_that_is_none_is_refused_with_what_was_expected(capsys: Said, tree: Path) -> None:
    assert main(["export", str(tree), "queue", "-o", "-", "--as-of", "noon"]) == 2
    assert "--as-of noon: expected ISO 8601 such as 2026-03-01T00:00:00Z" in capsys.readouterr().err


def test_the_queue_is_that_of_the_events_up_to_the_time(
    capfdbinary: pytest.CaptureFixture[bytes], tree: Path, tmp_path: Path
) -> None:
    ledger = Ledger.for_reading(default_ledger(tree))
    assert ledger is not None
    events = list(ledger.events())
    ledger.close()
    middle = events[len(events) // 2].at
    last = max(at for at, event in enumerate(events) if event.at <= middle)
    (tmp_path / "then").mkdir()
    earlier = Ledger.for_writing(default_ledger(tmp_path / "then"))
    lines = "".join(f"{line_of(event)}\n" for event in events[: last + 1])
    restored(earlier, lines.encode(), timedelta(0), 0)
    earlier.close()
    then = table(capfdbinary, tree, iso_time(middle))
    assert then == table(capfdbinary, tmp_path / "then", iso_time(middle)) != table(capfdbinary, tree, LATER)
    assert table(capfdbinary, tree, "2020-01-01T00:00:00Z").count(b"\n") == 1


def test_the_last_suspect_and_a_retired_testcase_are_told(
    capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    ledger = Ledger.for_writing(default_ledger(tmp_path))
    now = Actor(1_000_000, "tester")
    for testcase in ("linux", "arm"):
        operator_acts.configure(ledger, testcase, now, p="0.9", literal=True)
    for patch in ("A", "B"):
        operator_acts.submit(ledger, patch, now)
    run = str(builder_acts.next_run(ledger, "linux", "tb1", now).run)
    builder_acts.report(ledger, run, "fail", now)
    operator_acts.hold(ledger, "A", "waits", now)
    alone = str(builder_acts.next_run(ledger, "linux", "tb1", now).run)
    builder_acts.report(ledger, alone, "pass", now)
    operator_acts.retire(ledger, "arm", "gone", now)
    ledger.close()
    rows = list(csv.DictReader(io.StringIO(table(capfdbinary, tmp_path, LATER).decode())))
    told = {(row["testcase"], row["patch"]): (row["bad_unless_flake"], row["retired"]) for row in rows}
    assert told == {
        ("linux", "A"): (run, "no"),
        ("linux", "B"): ("", "no"),
        ("arm", "A"): ("", "yes"),
        ("arm", "B"): ("", "yes"),
    }
    assert list(rows[0])[-3:] == ["overall", "bad_unless_flake", "retired"]
