"""What a bench reports, and how two sides are measured: warmed up, in alternating rounds, by their ratio."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
ROUNDS = 5


class Row(NamedTuple):
    """One line of the table. `ratios` are ours / peer, one a round; `met` is None where there is no goal to meet."""

    name: str
    ours: str
    peer: str = "-"
    ratios: tuple[float, ...] = ()
    goal: str = "-"
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """The line as shown."""
        verdict = {True: "yes", False: "NO", None: "-"}[self.met]
        return (self.name, self.ours, self.peer, spread(self.ratios), self.goal, verdict)


HEADER = ("what", "ours", "peer", "ratio, median [min..max]", "goal", "met")


def spread(values: Sequence[float]) -> str:
    """`median [min..max]`, or `-`."""
    if not values:
        return "-"
    figures = (statistics.median(values), min(values), max(values))
    middle, low, high = (f"{value:.2f}" if value >= 0.1 else f"{value:.4f}" for value in figures)
    return f"{middle} [{low}..{high}]"


def table(rows: Iterable[Row]) -> str:
    """The rows as aligned text."""
    lines = [HEADER, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    padded = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
    return "\n".join("  ".join(line).rstrip() for line in padded)


def milliseconds(seconds: float) -> str:
    """A duration in milliseconds, three significant figures where they mean something."""
    value = seconds * 1000
    return f"{value:,.0f} ms" if value >= 100 else f"{value:.1f} ms" if value >= 10 else f"{value:.2f} ms"


def rounds(
    sides: dict[str, Callable[[], float]], count: int = ROUNDS, before_each: Callable[[], object] = lambda: None
) -> dict[str, list[float]]:
    """Seconds of every side in each of `count` rounds, the sides alternating, after one round that is not counted.

    `before_each` is done before every side, so that none finds a colder page cache than the others.
    """
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(count + 1):
        for name, side in sides.items():
            before_each()
            seconds = side()
            if number:
                taken[name].append(seconds)
    return taken


def ratios(ours: Sequence[float], peer: Sequence[float]) -> tuple[float, ...]:
    """ours / peer, round by round."""
    return tuple(mine / theirs for mine, theirs in zip(ours, peer, strict=True))


def child(module: str, *arguments: object, timeout: float = 900) -> dict[str, Any]:
    """Run a bench's own module in a fresh process; what it prints last is one JSON object."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=timeout)
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stderr}")
    answer: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return answer


def resident_bytes() -> int:
    """This process's memory now, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def peak_bytes() -> int:
    """This process's largest memory so far, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def forget_peak() -> None:
    """Let `peak_bytes` begin anew from the memory used now."""
    Path("/proc/self/clear_refs").write_text("5")
