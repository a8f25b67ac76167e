"""How soon a key is answered on the screen Runs while 500 artifacts a second arrive; through a pty, on real files.

The answer to a key is the first byte of the cursor's new mark; that of a letter typed into the filter, the mark after
it; that of a new order, that it is being made (when the rows stand in it is a line of its own). Peer: Textual's own
DataTable with as many rows, to which as many a second are appended.
`python -m tests.bench.keys [HELD]` prints p50 and p99 of each group of keys.
"""

from __future__ import annotations

import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

from tests.bench.arrival import percentile
from tests.bench.report import ROOT, Row, milliseconds
from tests.bench.writer import write
from tests.pty.terminal import Terminal

PER_SECOND = 500
GAP = 0.11
"""Seconds between two keys: not in step with any tick."""

MARK = "▌".encode()
SORT = "another order"
SORTED = "another order: the rows stand in it"
KEYS = {
    "a row down, up": ("j", "k"),
    "a page down, up": ("\x1b[6~", "\x1b[5~"),
    "the last row, the first": ("G", "g"),
    SORT: ("O",),
    "a letter of a filter": tuple("run-1"),
}
PATIENCE = 10.0


@contextmanager
def arriving(root: Path, count: int) -> Iterator[None]:
    """A CI of its own process that writes for as long as the block lasts."""
    command = [sys.executable, "-m", "tests.bench.writer", str(root), "new", str(count), str(PER_SECOND)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as writer:
        try:
            yield
        finally:
            writer.kill()


def answered(terminal: Terminal, key: str, *marks: bytes) -> list[float]:
    """Seconds from a key to the first byte of its answer; of several, in this order, those to each.

    What is overtaken by the next one was answered with it.
    """
    while select.select([terminal._master], [], [], 0)[0]:
        terminal.read_some()
    before = len(terminal.raw)
    taken: list[float] = []
    start = time.perf_counter()
    terminal.press(key)
    while len(taken) < len(marks):
        terminal.read_some()
        now = time.perf_counter() - start
        seen = [place for place, mark in enumerate(marks, 1) if mark in terminal.raw[before:]]
        taken += [now] * (max(seen, default=0) - len(taken))
        if now > PATIENCE:
            raise RuntimeError(f"no answer to {key!r}")
    terminal.raw = b""
    return taken


def drain(terminal: Terminal, seconds: float) -> None:
    """Read as a terminal does, drawing nothing."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if select.select([terminal._master], [], [], left)[0]:
            terminal.read_some()


def pressed(terminal: Terminal, keys: Sequence[str], number: int) -> list[float]:
    """The answer times of so many keys, one after the other."""
    taken = []
    for key in islice(cycle(keys), number):
        taken += answered(terminal, key, MARK)
        drain(terminal, GAP)
    return taken


def measure_keys(held: int, number: int) -> dict[str, list[float]]:
    """Seconds until each of `number` keys of each group was answered, with `held` runs there before."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "artifacts"
        root.mkdir()
        write(root, "new", held, 0)
        found: dict[str, list[float]] = {}
        with Terminal("-m", "gateconsole", str(root), columns=120, lines=36) as terminal:
            terminal.until_shown(f"{held:,} parsed")
            terminal.press("5")
            terminal.until_shown(f"Runs {held:,}")
            with arriving(root, 10**6):
                drain(terminal, 1.0)
                terminal.press("jjjjj")
                drain(terminal, 0.5)
                for name, keys in KEYS.items():
                    if name.startswith("a letter"):
                        terminal.press("/")
                        drain(terminal, 0.5)
                    if name == SORT:
                        found[name], found[SORTED] = sorting(terminal, number)
                        continue
                    found[name] = pressed(terminal, keys, number)
                    if name.startswith("a letter"):
                        terminal.press("\x1b")
                        drain(terminal, 0.5)
            terminal.process.kill()
        return found


def sorting(terminal: Terminal, number: int) -> tuple[list[float], list[float]]:
    """Until another order is said to be made, and until the rows stand in it: the mark in the header turns round."""
    said, stands = [], []
    for place in range(number + number % 2):
        turned = "▲" if place % 2 == 0 else "▼"
        first, second = answered(terminal, "O", b"sorting", turned.encode())
        said.append(first)
        stands.append(second)
        drain(terminal, GAP)
    return said, stands


def measure_peer(held: int, number: int, a_second: int = PER_SECOND) -> list[float]:
    """The same for a bare DataTable to which so many rows a second come: seconds until the row is named."""
    with Terminal("-m", "tests.bench.tailtable", str(held), str(a_second), columns=120, lines=36) as terminal:
        terminal.until_shown("ready")
        taken: list[float] = []
        for place in range(number):
            taken += answered(terminal, "\x1b[B" if place % 2 == 0 else "\x1b[A", b"cursor")
            drain(terminal, GAP)
        terminal.process.kill()
    return taken


def rows(quick: bool) -> list[Row]:
    """The lines of the bench's table."""
    held, number = (2_000, 10) if quick else (100_000, 100)
    found = measure_keys(held, number)
    peer = measure_peer(held, number)
    lines = []
    for name, taken in found.items():
        p50, p99 = percentile(taken, 50), percentile(taken, 99)
        moves = name.startswith("a row")
        lines.append(
            Row(
                f"{name}: key to answer, {held:,} runs, {PER_SECOND}/s arriving, p50 / p99"
                + (" (peer: DataTable)" if moves else ""),
                f"{milliseconds(p50)} / {milliseconds(p99)}",
                f"{milliseconds(percentile(peer, 50))} / {milliseconds(percentile(peer, 99))}" if moves else "-",
                goal="-" if name == SORTED else "p99 <= 50 ms",
                met=None if name == SORTED else p99 <= 0.05,
            )
        )
    return lines


if __name__ == "__main__":
    size = int(sys.argv[1]) if sys.argv[1:] else 100_000
    for group, times in measure_keys(size, 60).items():
        print(f"{group}: p50 {milliseconds(percentile(times, 50))}, p99 {milliseconds(percentile(times, 99))}")
    peers = measure_peer(size, 60)
    print(f"DataTable: p50 {milliseconds(percentile(peers, 50))}, p99 {milliseconds(percentile(peers, 99))}")
