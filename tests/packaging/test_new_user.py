"""A new user's first session: installed from the wheel, played in tmux, from `gateconsole demo` to an exported file."""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.pty.tmux import Tmux

ROW = re.compile(r"^▌(\S+) .* (\d\.\d{4}) ", re.MULTILINE)
"""The run under the cursor, and its rate."""

COUNT = re.compile(r"Runs ([\d,]+) of ([\d,]+)")


class Session(NamedTuple):
    """What was seen, step by step, and what was there when it was over."""

    sorted: str
    frozen: str
    said: str
    exported: list[dict[str, str]]
    left: list[Path]


@pytest.fixture(scope="module")
def session(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """The whole session, once."""
    with tempfile.TemporaryDirectory(prefix="new-user-") as folder:
        place = Path(folder)
        home, desk, temporary = place / "home", place / "desk", place / "tmp"
        for each in (home, desk, temporary):
            each.mkdir()
        variables = {
            "PATH": f"{installed}:/usr/bin:/bin",
            "HOME": str(home),
            "TMPDIR": str(temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        with Tmux(place, desk, 120, 36, variables) as window:
            seen, frozen, said = play(window)
        (written,) = desk.iterdir()
        assert str(written) in said
        with written.open(newline="", encoding="utf-8") as file:
            exported = list(csv.DictReader(file))
        yield Session(seen, frozen, said, exported, [*temporary.rglob("*"), *home.rglob("*")])


HIGHEST_SAMPLE = 0.08
"""The highest rate of the policy before anything arrives: the first row has it, or more."""


def play(window: Tmux) -> tuple[str, str, str]:
    """Start the demo, find the run with the highest rate, filter, hold, export, quit; what was seen meanwhile."""
    window.type("gateconsole demo\n")
    window.until_shown("✓ complete")
    window.until_shown("▌a6f53e|▌b71c02|▌c0ffee")
    window.press("5")
    window.until_shown("TIME▼")
    while "▼RATE" not in window.text:
        before = window.text
        window.press("o")
        window.until(lambda text: header(text) != header(before))  # noqa: B023
    window.type("/policy:a6f53e")
    window.until_shown(r"[\d,]+ of [\d,]+ runs")
    window.press("Enter")
    window.press("Space")
    window.until_shown("FROZEN, ")
    window.press("g")
    seen = window.until(lambda text: (top := ROW.search(text)) is not None and float(top[2]) >= HIGHEST_SAMPLE)
    window.until_shown("FROZEN, [1-9]")
    frozen = window.text
    window.press("e")
    said = window.until_shown(r"\.csv").replace("\n", "")
    window.press("q")
    window.until(lambda text: text.rstrip().endswith("ready>"))
    return seen, frozen, said


def header(text: str) -> list[str]:
    """The titles of the list, with the mark of the sorted one."""
    return [line for line in text.splitlines() if "OUTCOME" in line]


def test_the_run_with_the_highest_rate_stands_first(session: Session) -> None:
    top = ROW.search(session.sorted)
    assert top is not None, session.sorted
    rates = {row["run_id"]: float(row["unknown_rate"] or 0) for row in session.exported}
    assert float(top[2]) == pytest.approx(rates[top[1]], abs=1e-4)
    assert rates[top[1]] == max(rates.values())


def test_a_held_view_says_how_many_runs_came_since(session: Session) -> None:
    assert re.search(r"FROZEN, \d+ newer", session.frozen)


def test_what_is_exported_is_what_was_shown(session: Session) -> None:
    counted = COUNT.search(session.frozen)
    assert counted is not None, session.frozen
    assert len(session.exported) == int(counted[1].replace(",", ""))
    assert {row["policy_hash"] for row in session.exported} == {"a6f53e"}


def test_the_demo_leaves_nothing_behind(session: Session) -> None:
    assert session.left == []


def test_the_session_ran_what_was_installed(installed: Path) -> None:
    assert os.access(installed / "gateconsole", os.X_OK)
