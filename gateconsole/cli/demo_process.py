"""A process beside the demo: it feeds the private copy, and removes it when the demo has ended, however that ended."""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

from gateconsole.demo.runs import arrivals

Pause = Callable[[float], bool]
"""Waits so many seconds; True, at once, when the demo has ended."""

PATIENCE: Final = 5.0
"""Seconds the demo waits at its end for the keeper to remove the copy."""

_BEHIND: Final = 30_000_000
"""Microseconds a story may lag behind the clock (the machine slept) before it begins anew from now."""


@contextmanager
def kept_alive(folder: Path, work: Callable[[Pause], None]) -> Iterator[None]:
    """While the block runs, a child process does `work`; when this process has ended, it removes the folder.

    The child holds a pipe whose other end only this process has: even SIGKILL closes it. Call before any thread starts.
    """
    told, ours = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        _keep(folder, told, work)
    os.close(told)
    try:
        yield
    finally:
        os.close(ours)
        _wait_for(child)


def feed(root: Path, seed: int, number: int, pause: Pause) -> None:
    """Write the story's arrivals into ROOT until the demo ends or the disk is full; its times are around now."""
    while True:
        for arrival in arrivals(seed, time.time_ns() // 1000, number):
            if pause(arrival.delay):
                return
            number = arrival.number + 1
            if time.time_ns() // 1000 - arrival.time > _BEHIND:
                break
            path = root / arrival.path
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(arrival.content)
            except OSError:
                return
        else:
            return
        seed += 1


def _keep(folder: Path, told: int, work: Callable[[Pause], None]) -> NoReturn:
    """The child's life: it never returns, and leaves the terminal alone."""

    def pause(seconds: float | None) -> bool:
        return bool(select.select([told], [], [], seconds)[0])

    try:
        os.setsid()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        work(pause)
        pause(None)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)


def _wait_for(child: int) -> None:
    """Wait until the child has ended, but not for ever."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if os.waitpid(child, os.WNOHANG)[0]:
            return
        time.sleep(0.01)
