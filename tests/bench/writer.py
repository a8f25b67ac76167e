"""A CI in a process of its own: writes artifacts at a pace and prints when each was on disk.

`python -m tests.bench.writer ROOT FORM COUNT PER_SECOND`; PER_SECOND 0 is as fast as it goes. Prints one JSON list of
CLOCK_MONOTONIC seconds, one an artifact, taken after its file was closed (renamed: after the rename).
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

FORMS = ("new", "nested", "renamed", "filled")
"""new: a folder each; nested: three new folders each; renamed: 100 at a time in a folder moved into the tree; filled:
into folders that were there before."""

FIRST = 1_000_000
"""Number of a writer's first run; lower numbers are those a bench put there before."""

RENAMED_AT_ONCE = 100


def content(number: int) -> bytes:
    """A plain artifact like a gate's."""
    moment = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=number)
    artifact = {
        "run_id": f"run-{number}",
        "timestamp": moment.isoformat(),
        "policy_hash": ("a6f53e", "b71c02", "c0ffee")[number % 3],
        "outcome": ("PASS", "PASS", "COMMENT", "WARN", "FAIL")[number % 5],
        "unknown_rate": number % 41 / 500,
        "top_reasons": ["flaky_test"] if number % 41 else [],
        "stratum": ("pinned", "unpinned")[number % 2],
    }
    return json.dumps(artifact).encode()


def put(folder: Path, number: int) -> None:
    """Make the folder and its artifact, as a CI does: in place, no rename."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "gate_result.json").open("wb", buffering=0) as file:
        file.write(content(number))


def write(root: Path, form: str, count: int, per_second: float, first: int = 0) -> list[float]:
    """Write `count` artifacts; gives the moment each was there."""
    moments: list[float] = []
    start = time.monotonic()
    staging = root.with_name(root.name + "-staging")
    for number in range(first, first + count):
        if form == "renamed":
            put(staging / f"run-{number}", number)
            if (number - first) % RENAMED_AT_ONCE == RENAMED_AT_ONCE - 1:
                staging.rename(root / f"moved-{number}")
                moments += [time.monotonic()] * RENAMED_AT_ONCE
        else:
            below = "build/gate" if form == "nested" else ""
            put(root / f"run-{number}" / below, number)
            moments.append(time.monotonic())
        if per_second:
            due = start + (number - first + 1) / per_second
            time.sleep(max(0.0, due - time.monotonic()))
    return moments


if __name__ == "__main__":
    root_, form_, count_, pace_ = sys.argv[1:]
    print(json.dumps(write(Path(root_), form_, int(count_), float(pace_), FIRST)))
