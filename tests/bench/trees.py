"""Artifact trees as a CI leaves them: ROOT/DAY/run-N/gate_result.json."""

from __future__ import annotations

from pathlib import Path

from tests.bench.writer import content

RUNS_A_DAY = 1000


def make_tree(root: Path, count: int) -> None:
    """Make `count` artifacts, a folder each, 1,000 a day."""
    for number in range(count):
        day = root / f"day-{number // RUNS_A_DAY:03}"
        if number % RUNS_A_DAY == 0:
            day.mkdir(parents=True)
        folder = day / f"run-{number}"
        folder.mkdir()
        with (folder / "gate_result.json").open("wb", buffering=0) as file:
            file.write(content(number))
