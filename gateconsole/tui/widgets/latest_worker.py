"""Work away from the screen: one piece at a time, always the newest that was asked for; a key never waits for it."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Final, Generic, ParamSpec, TypeVar

A = TypeVar("A")
P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger("gateconsole")

_NICENESS: Final = 10
_TASKS: Final = Path("/proc/self/task")


def _give_way() -> None:
    """Let the screen's thread go first: this thread, and those in which polars does the work asked for here.

    Sorting 100,000 runs takes every core for a moment; a key pressed then must not wait for one. Linux only.
    """
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        for task in _TASKS.iterdir():
            if (task / "comm").read_text().startswith("polars"):
                os.setpriority(os.PRIO_PROCESS, int(task.name), _NICENESS)


class LooseThreads(Executor):
    """A few threads that no end of the program waits for: a file system that hangs must not keep `q` from ending it.

    (The library's ThreadPoolExecutor is waited for at the interpreter's end, whatever its threads do.)
    """

    def __init__(self, most: int) -> None:
        """`most`: how many threads at the same time."""
        self._most = most
        self._threads = 0
        self._idle = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Have `fn(*args, **kwargs)` done in a thread; what it raises is the Future's."""
        future: Future[R] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                answer = fn(*args, **kwargs)
            except BaseException as problem:
                future.set_exception(problem)
            else:
                future.set_result(answer)

        self._work.put(work)
        with self._lock:
            if not self._idle.acquire(blocking=False) and self._threads < self._most:
                self._threads += 1
                threading.Thread(target=self._serve, name=f"look_{self._threads}", daemon=True).start()
        return future

    def _serve(self) -> None:
        _give_way()
        while True:
            self._work.get()()
            self._idle.release()


_THREADS: Final = LooseThreads(3)


async def in_thread(work: Callable[[], R]) -> R:
    """What `work` gives, done in a thread; what it raises is raised here."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)


class LatestWorker(Generic[A, R]):
    """Calls `work(asked)` in a thread and then `done(asked, found)` on the screen's own.

    While it works, a newer question takes the place of one that waits. `rest`: seconds after a piece of work before a
    question that is not `urgent` is taken up, so that a flood of Snapshots is shown at a pace an eye can follow. What
    `work` raises is logged, and the screen keeps what it shows.
    """

    def __init__(self, work: Callable[[A], R], done: Callable[[A, R], None], rest: float = 0.0) -> None:
        self._work = work
        self._done = done
        self._rest = rest
        self._waiting: list[A] = []
        self._working = False
        self._free_from = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._working or bool(self._waiting)

    def ask(self, asked: A, urgent: bool = True) -> None:
        """Want this done; an `urgent` question does not wait for the rest after the last one."""
        self._waiting = [asked]
        if self._working:
            self._free_from = 0.0 if urgent else self._free_from
            return
        loop = asyncio.get_running_loop()
        if urgent or loop.time() >= self._free_from:
            self._begin()
        elif self._alarm is None:
            self._alarm = loop.call_at(self._free_from, self._begin)

    def _begin(self) -> None:
        """Take up the question that waits."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if not self._waiting or self._working:
            return
        asked = self._waiting.pop()
        self._working = True
        loop = asyncio.get_running_loop()
        self._free_from = float("inf")
        future = loop.run_in_executor(_THREADS, self._work, asked)
        future.add_done_callback(lambda done: self._finished(asked, done))

    def _finished(self, asked: A, future: asyncio.Future[R]) -> None:
        loop = asyncio.get_running_loop()
        self._working = False
        self._free_from = loop.time() + self._rest if self._free_from else 0.0
        if self._waiting:
            self._alarm = loop.call_at(self._free_from, self._begin)
        if future.cancelled():
            return
        problem = future.exception()
        if problem is not None:
            log.error("what the screen asked for could not be found out", exc_info=problem)
        else:
            self._done(asked, future.result())
