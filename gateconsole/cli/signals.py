"""A signal that ends a command: at once by default, after what must be undone where there is something.

Nothing is raised for a signal: an exception in the midst of an import, of a library's call or of a class body comes out
as another one, or not at all.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final, NoReturn

ENDINGS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""The signals by which people and service managers end a program."""

PATIENCE: Final = 10.0
"""Seconds that undoing may take; then the process ends without."""

_NO_STATUS: Final[Mapping[int, int]] = MappingProxyType({})


def end_by_default(number: int) -> NoReturn:
    """End this process as the signal does by default, also where that does nothing: as the first of a container."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)


@contextmanager
def undone_by_signals(undo: Callable[[], None], statuses: Mapping[int, int] = _NO_STATUS) -> Iterator[None]:
    """Call `undo` when one of ENDINGS comes, then end as by default, or with the exit status that `statuses` names.

    A signal that is ignored (nohup) stays so. Only the main thread can hear signals; elsewhere nothing changes.
    """
    ending = False

    def end(number: int, _: Any) -> None:
        nonlocal ending
        if ending:
            return
        ending = True
        timer = threading.Timer(PATIENCE, os._exit, (statuses.get(number, 128 + number),))
        timer.daemon = True
        timer.start()
        try:
            undo()
        finally:
            if number in statuses:
                os._exit(statuses[number])
            end_by_default(number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heeded = [number for number in ENDINGS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, end) for number in heeded}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
