"""A console that a test leads through a pipe: one letter, one act. Started by the pty tests and the bench.

`t` publishes the next tick (20 cells change), `r` a Snapshot in which five policies got a run, `e` an equal Snapshot,
`s` a storm of ticks; `c` answers with the seconds of CPU used, `g` with the number of objects that garbage collections
leave alone. Every act is answered. With `--table`, the same rows in Textual's own DataTable.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from gateconsole.snapshot import RecentRun, Snapshot
from tests.screens.fake import MINUTE, NOON, made_runs, of, policy

ROWS = 40
CHANGED = range(ROWS - 12, ROWS - 2)
"""Policies that change in a tick, in two cells each; all of them in sight, none under the cursor."""

ARRIVALS = range(ROWS - 5, ROWS)
"""Policies that get one more run in an arrival, the one under the cursor among them."""

STORM = 200


def first() -> Snapshot:
    """Forty policies."""
    return of([policy(f"{place:06x}", made_runs(60 + place, place, NOON - place * MINUTE)) for place in range(ROWS)])


def rates(generation: int) -> tuple[float, float]:
    """Median and p95 that a tick gives the policies it changes."""
    rate = generation * 317 % 900 / 10_000
    return rate, 0.09 - rate


def ticked(snapshot: Snapshot, generation: int) -> Snapshot:
    """The next Snapshot: ten policies in sight have another median and another p95."""
    policies = list(snapshot.policies)
    for place in CHANGED:
        median, p95 = rates(generation)
        whole = replace(policies[place].whole, unknown_rate_median=median, unknown_rate_p95=p95)
        policies[place] = replace(policies[place], whole=whole)
    return replace(snapshot, generation=generation, policies=tuple(policies))


def arrived(snapshot: Snapshot, generation: int) -> Snapshot:
    """The next Snapshot: five policies got a run, a minute after the newest there was."""
    policies = list(snapshot.policies)
    time = (snapshot.newest or NOON) + MINUTE
    for place in ARRIVALS:
        run = RecentRun(f"run-{generation}", time, "pinned", "COMMENT", generation % 7 / 100, ("flaky_test",))
        policies[place] = policy(policies[place].policy_hash, [*policies[place].recent, run])
    return replace(of(policies), generation=generation)


class LedSource:
    """Publishes what descriptor 3 asks for."""

    def __init__(self) -> None:
        self.snapshot = first()

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Publish the first Snapshot, then listen."""
        publish(self.snapshot)
        threading.Thread(target=self._listen, args=(publish,), daemon=True).start()

    def stop(self) -> None:
        """Nothing to end."""

    def _listen(self, publish: Callable[[Snapshot], None]) -> None:
        told, reply = map(int, os.environ["LEAD"].split())
        while letter := os.read(told, 1):
            answer = b"."
            if letter == b"t":
                self.snapshot = ticked(self.snapshot, self.snapshot.generation + 1)
                publish(self.snapshot)
            elif letter == b"e":
                publish(replace(self.snapshot, generation=self.snapshot.generation + 1))
            elif letter == b"r":
                self.snapshot = arrived(self.snapshot, self.snapshot.generation + 1)
                publish(self.snapshot)
            elif letter == b"s":
                for _ in range(STORM):
                    self.snapshot = ticked(self.snapshot, self.snapshot.generation + 1)
                    publish(self.snapshot)
            elif letter == b"c":
                answer = f"{time.process_time():.6f}\n".encode()
            elif letter == b"g":
                answer = b"%d\n" % gc.get_freeze_count()
            os.write(reply, answer)


if __name__ == "__main__":
    if "--table" in sys.argv:
        from tests.bench.datatable import run_table

        run_table(LedSource())
    else:
        from gateconsole.tui.app import run_console

        raise SystemExit(run_console(LedSource, root_label="ci-artifacts"))
