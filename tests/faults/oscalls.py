"""Every call to the operating system that a save makes, seen one by one: to fail it, to be killed in it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gateconsole.whitelist import exchange as swap

NAMES = (
    "open", "close", "write", "fsync", "rename", "link", "unlink", "mkdir", "listdir", "stat", "lstat", "fstat",
    "chmod", "fchmod", "fchown", "listxattr", "getxattr", "setxattr", "removexattr",
)  # fmt: skip


@contextmanager
def calls(seen: Callable[[int, str], None]) -> Iterator[None]:
    """While this lasts `seen(number, name)` is called before each call, numbered from 1; what it raises is the call's.

    A file whose closing fails is closed nevertheless, as Linux does it.
    """
    number = 0

    def wrapped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            nonlocal number
            number += 1
            try:
                seen(number, name)
            except OSError:
                if name == "close":
                    real(*args, **named)
                raise
            return real(*args, **named)

        return call

    exchange = swap.exchange_files
    swap.exchange_files = wrapped("exchange", exchange)
    real = {name: getattr(os, name) for name in NAMES}
    flock = fcntl.flock
    for name, function in real.items():
        setattr(os, name, wrapped(name, function))
    fcntl.flock = wrapped("flock", flock)
    try:
        yield
    finally:
        swap.exchange_files = exchange
        fcntl.flock = flock
        for name, function in real.items():
            setattr(os, name, function)
