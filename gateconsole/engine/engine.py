"""hints -> scan -> decode -> series -> Snapshot: live, in one worker thread, or once.

The thread owns everything that changes; what it hands out, one frozen Snapshot after another, never does. The scan is
the truth: hints only say where to look first, and what they could make needless is looked at all the same, less often.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from gateconsole.artifacts.scan import RootState
from gateconsole.artifacts.watch import Watch
from gateconsole.engine.root_state import Root
from gateconsole.engine.scheduler import EngineLoop, Options, root_problem, wall_clock
from gateconsole.snapshot import Snapshot
from gateconsole.text import shown_path

__all__ = ["Engine", "Options", "RootUnusableError", "read_once", "wall_clock"]

log = logging.getLogger("gateconsole")

GOODBYE: Final = 2.0
"""Seconds for which an end waits for the thread."""


class RootUnusableError(Exception):
    """ROOT cannot be read; the text names it, says what is wrong and what to do."""


def read_once(options: Options, *, judged: bool = True) -> Snapshot:
    """One scan from beginning to end as one Snapshot, without charts; waits a second once if a file does not parse.

    Not `judged`: spikes and alerts are left out, and every policy is in `judging`.

    Raises RootUnusableError when ROOT cannot be read.
    """
    name = shown_path(options.root)
    root = Root(options.root, options.whitelist, options.queue, options.yardstick, options.naive_zone)
    _refuse(options, root, root.scan.check_root())
    root.look_at_whitelist(wall_clock())
    _finish(root.work(root.scan.full(now=time.time_ns()), wall_clock))
    _refuse(options, root, RootState.OK if root.scan.fault is None else RootState.UNREADABLE)
    if root.intake.n_pending:
        time.sleep(1.01)
        _finish(root.work(root.scan.reread(root.intake.due(wall_clock()), now=time.time_ns()), wall_clock))
        _refuse(options, root, RootState.OK if root.scan.fault is None else RootState.UNREADABLE)
    if "." in root.scan.unreadable_folders:
        raise RootUnusableError(f"{name} cannot be listed; check its permissions")
    if (state := root.scan.check_root()) is not RootState.OK:
        _refuse(options, root, state if state is RootState.UNREADABLE else RootState.OK)
        raise RootUnusableError(f"{name} went away while it was read; mount it and try again")
    now = wall_clock()
    root.settle(now)
    root.series.keep_recent(now, charts=False)
    if judged:
        root.series.keep_judging()
    root.look_at_ledger(now)
    _finish(root.judge(wall_clock))
    root.desk.close()
    return root.snapshot(generation=1, phase="live", mode="one scan", banners=(), now=now)


def _refuse(options: Options, root: Root, state: RootState) -> None:
    """Raise RootUnusableError unless ROOT could be read."""
    problem = root_problem(options.root, state, root.scan.fault)
    if problem is not None:
        raise RootUnusableError(f"{problem.text}; {problem.remedy}")


def _finish(work: Iterator[None]) -> None:
    for _ in work:
        pass


class Engine:
    """Watches a root and publishes a Snapshot whenever something changed, from a thread of its own."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Begin; `publish` is called from the engine's thread with every new Snapshot."""
        self._thread = threading.Thread(target=self._live, args=(publish,), name="engine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; returns when the thread has, or soon: one that a file system keeps ends with the program."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(GOODBYE)
            if self._thread.is_alive():
                log.warning("the engine's thread hangs in a call to the system and is left behind")
            self._thread = None

    def _live(self, publish: Callable[[Snapshot], None]) -> None:
        """Keep watching whatever happens: a fault is shown, and everything is read anew."""
        watching = EngineLoop(self._options, publish, self._wake, self._stopping)
        watch = Watch(self._options.root, poll=self._options.poll, wake=self._wake.set)
        watch.start()
        try:
            while not self._stopping.is_set():
                try:
                    watching.run(watch)
                except Exception as problem:
                    log.exception("the engine failed and starts again")
                    try:
                        watching.failed(problem)
                    except Exception:  # the next round says it
                        log.exception("a fault of the engine could not be said")
                    self._stopping.wait(1.0)
        finally:
            watch.stop()
            watching.close()
