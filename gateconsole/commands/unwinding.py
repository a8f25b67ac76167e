"""A signal that ends a command unwinds its stack."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def ends_by(signals: Iterable[signal.Signals]) -> Iterator[None]:
    """Let these signals unwind the stack, so that whatever must be undone at the end is; exit 128 + its number."""

    def end(number: int, _: Any) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
