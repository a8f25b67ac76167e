"""How many runs are never known, where events alone lose them: four cases, ours beside bare watchfiles."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import listeners
from tests.bench.report import Row
from tests.bench.writer import FIRST

SETTLE = 5.0
"""Seconds after the last arrival within which every run must be known."""

CASES = (
    ("3,000 in new folders at 1,000/s", "new", 3000, 1000, False),
    ("300 nested, three new folders each", "nested", 300, 0, False),
    ("300 in folders renamed in", "renamed", 300, 0, False),
    ("process stopped over 20,000", "filled", 20_000, 0, True),
)


def one(
    listen: Callable[[Path], listeners.Listener], form: str, count: int, pace: int, stop: bool
) -> tuple[int, float]:
    """Runs missed, and seconds from the last arrival (or from going on) to the last one known."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "artifacts"
        root.mkdir()
        for number in range(FIRST, FIRST + count if form == "filled" else FIRST):
            (root / f"run-{number}").mkdir()
        with listen(root) as listener:
            listener.wait_for(0, 60)
            time.sleep(1.5)
            if stop:
                listener.pause()
            listeners.written(root, form, count, pace)
            if stop:
                listener.resume()
            end = time.monotonic()
            listener.wait_for(count, SETTLE)
            last = max((moment for moment, _ in listener.steps), default=end)
            return count - max(0, listener.known()), max(0.0, last - end)


def rows(quick: bool) -> list[Row]:
    """One row a case."""
    made = []
    for name, form, count, pace, stop in CASES:
        some = max(100, count // 10 // 100 * 100) if quick else count
        missed, lag = one(listeners.gateconsole, form, some, pace, stop)
        missed_peer, _ = one(listeners.watchfiles, form, some, pace, stop)
        made.append(
            Row(
                f"missed: {name}",
                f"{missed:,} of {some:,}, the last after {lag:.2f} s",
                f"watchfiles {missed_peer:,} of {some:,}",
                (),
                f"0, within {SETTLE:.0f} s",
                missed == 0,
            )
        )
    return made
