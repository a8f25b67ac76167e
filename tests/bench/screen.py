"""The screen's frugality, measured through a pty: first paint, bytes a tick, CPU a tick, idle.

A tick is one new Snapshot in which two cells of ten policies in sight differ. Peers: Textual's own DataTable with
the same rows, and a Textual application with one word.
"""

from __future__ import annotations

import compileall
import statistics
import time

from tests.bench.report import ROOT, ROUNDS, Row, milliseconds, ratios, table
from tests.pty.terminal import Terminal

HZ = 10
SIDES = {"ours": ("-m", "tests.pty.lively"), "peer": ("-m", "tests.pty.lively", "--table")}
PAINTERS = {"ours": ("-m", "tests.pty.paints_first"), "peer": ("-m", "tests.bench.datatable")}
READY = {"ours": "Policies", "peer": "painted"}


def started(side: str) -> Terminal:
    """A side with its first Snapshot on the screen and nothing more to write."""
    terminal = Terminal(*SIDES[side])
    terminal.until_shown("00001e")
    terminal.settle(0.8)
    return terminal


def measure_bytes_per_tick(ticks: int = 20) -> dict[str, float]:
    """Bytes a tick writes: 20 changed cells (`ours`, `peer`), nothing changed (`ours_equal`, `peer_equal`), a run
    arrived in each of five policies (`ours_arrival`, `peer_arrival`).
    """
    found = {}
    for side in SIDES:
        with started(side) as terminal:
            for letter, name in (("t", side), ("e", f"{side}_equal"), ("r", f"{side}_arrival")):
                written = []
                for _ in range(ticks):
                    terminal.lead(letter)
                    written.append(len(_drain(terminal, 1 / HZ)))
                found[name] = statistics.median(written)
    return found


def measure_cpu_per_tick(ticks: int = 60) -> dict[str, float]:
    """Seconds of CPU a tick costs at 10 Hz above idling (`ours`, `peer`), and the share of a core idling takes."""
    found = {}
    for side in SIDES:
        with started(side) as terminal:
            start, clock = float(terminal.lead("c")), time.monotonic()
            _drain(terminal, 3.0)
            idle = (float(terminal.lead("c")) - start) / (time.monotonic() - clock)
            start, clock = float(terminal.lead("c")), time.monotonic()
            for _ in range(ticks):
                terminal.lead("t")
                _drain(terminal, 1 / HZ)
            spent = float(terminal.lead("c")) - start - idle * (time.monotonic() - clock)
            found[side] = max(spent, 0.0) / ticks
            found[f"{side}_idle"] = idle
    return found


def measure_first_paint() -> dict[str, float]:
    """Seconds from the start of Python until the first words stand in the terminal.

    The console is compiled before, as pip does it when it is installed; Textual was.
    """
    compileall.compile_dir(ROOT / "gateconsole", quiet=1)
    found = {}
    for side, arguments in PAINTERS.items():
        start = time.perf_counter()
        with Terminal(*arguments) as terminal:
            word = READY[side].encode()
            while word not in terminal.raw:
                terminal.read_some()
            found[side] = time.perf_counter() - start
    return found


def _drain(terminal: Terminal, seconds: float) -> bytes:
    """Everything written within a time, as a terminal would read it."""
    end = time.monotonic() + seconds
    new = b""
    while (left := end - time.monotonic()) > 0:
        new += terminal.read(left)
    return new


def rows(quick: bool) -> list[Row]:
    """The lines of the bench's table."""
    measure_first_paint()
    paints = [measure_first_paint() for _ in range(1 if quick else ROUNDS + 4)]
    ticks = [measure_bytes_per_tick(5 if quick else 20) for _ in range(1 if quick else 3)]
    costs = [measure_cpu_per_tick(10 if quick else 60) for _ in range(1 if quick else ROUNDS)]
    sides = ("ours", "peer")
    paint, peer_paint = ([each[side] for each in paints] for side in sides)
    size, peer_size = ([each[side] for each in ticks] for side in sides)
    cost, peer_cost = ([each[side] for each in costs] for side in sides)
    arrival, peer_arrival = ([each[f"{side}_arrival"] for each in ticks] for side in sides)
    equal = max(each["ours_equal"] for each in ticks)
    idle = statistics.median(each["ours_idle"] for each in costs)
    middle = statistics.median
    paint_ratios = ratios(paint, peer_paint)
    return [
        Row(
            "first paint in a pty (peer: bare Textual)",
            milliseconds(middle(paint)),
            milliseconds(middle(peer_paint)),
            paint_ratios,
            "<= 1.3x",
            middle(paint_ratios) <= 1.3,
        ),
        Row(
            "bytes a tick, 20 cells changed (peer: DataTable)",
            f"{middle(size):,.0f} B",
            f"{middle(peer_size):,.0f} B",
            ratios(size, peer_size),
            "<= 2,500 B",
            middle(size) <= 2_500,
        ),
        Row(
            "bytes a tick, a run in each of 5 policies, chart moves (peer: list only)",
            f"{middle(arrival):,.0f} B",
            f"{middle(peer_arrival):,.0f} B",
            ratios(arrival, peer_arrival),
        ),
        Row("bytes a tick, nothing changed", f"{equal:,.0f} B", goal="0 B", met=equal == 0),
        Row(
            "CPU a tick at 10 Hz (peer: DataTable)",
            milliseconds(middle(cost)),
            milliseconds(middle(peer_cost)),
            ratios(cost, peer_cost),
            "<= 8 ms",
            middle(cost) <= 0.008,
        ),
        Row("idle, share of a core", f"{idle * 100:.2f} %", goal="<= 2 %", met=idle <= 0.02),
    ]


if __name__ == "__main__":
    print(table(rows(quick=False)))
