"""How soon a key is answered on the screen Queue with 10,000 patches; through a pty, on a real ledger.

The answer to a key is the first byte of the cursor's new mark. Peer: Textual's own DataTable with as many rows, none of
which change. `python -m tests.bench.queue_scroll [PATCHES]` prints p50 and p99 of each group of keys.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from gateconsole.ledger.location import default_ledger
from tests.bench.arrival import percentile
from tests.bench.keys import drain, measure_peer, pressed
from tests.bench.queue import filled
from tests.bench.report import Row, milliseconds
from tests.pty.terminal import Terminal

KEYS = {
    "a row down, up": ("j", "k"),
    "a page down, up": ("\x1b[6~", "\x1b[5~"),
    "the last row, the first": ("G", "g"),
    "a row down, up, its timeline open": ("j", "k"),
}


def measure_queue(patches: int, number: int) -> dict[str, list[float]]:
    """Seconds until each of `number` keys of each group was answered."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "artifacts"
        root.mkdir()
        filled(default_ledger(root), patches)
        found: dict[str, list[float]] = {}
        with Terminal("-m", "gateconsole", str(root), columns=120, lines=36) as terminal:
            terminal.until_shown("Policies")
            terminal.press("3")
            terminal.until_shown(f"{patches:,} pending")
            terminal.press("jjjjj")
            drain(terminal, 1.0)
            for name, keys in KEYS.items():
                if name.endswith("open"):
                    terminal.press("t")
                    drain(terminal, 1.0)
                found[name] = pressed(terminal, keys, number)
            terminal.process.kill()
    return found


def rows(quick: bool) -> list[Row]:
    """The lines of the bench's table."""
    patches, number = (500, 10) if quick else (10_000, 100)
    found, peer = measure_queue(patches, number), measure_peer(patches, number, 0)
    lines = []
    for name, taken in found.items():
        first = name == "a row down, up"
        lines.append(
            Row(
                f"Queue, {name}: key to answer, {patches:,} patches, p50 / p99{' (peer: DataTable)' if first else ''}",
                _both(taken),
                _both(peer) if first else "-",
                goal="p99 <= 50 ms",
                met=percentile(taken, 99) <= 0.05,
            )
        )
    return lines


def _both(taken: list[float]) -> str:
    return f"{milliseconds(percentile(taken, 50))} / {milliseconds(percentile(taken, 99))}"


if __name__ == "__main__":
    size = int(sys.argv[1]) if sys.argv[1:] else 10_000
    for group, times in measure_queue(size, 60).items():
        print(f"{group}: {_both(times)}")
    print(f"DataTable: {_both(measure_peer(size, 60))}")
