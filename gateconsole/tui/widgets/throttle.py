"""A flood of news at a pace an eye can follow, and a slow line too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Throttle(Generic[T]):
    """Passes on what comes: the first at once, then the newest every `rest` seconds; what it replaced is never shown.

    Belongs to one event loop; `use` is called on it.
    """

    def __init__(self, use: Callable[[T], None], rest: float) -> None:
        self._use = use
        self._rest = rest
        self._waiting: list[T] = []
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether something waits for its turn."""
        return bool(self._waiting)

    def come(self, news: T) -> None:
        """Here is something newer."""
        self._waiting = [news]
        if self._alarm is None:
            self._pass_on()

    def _pass_on(self) -> None:
        self._alarm = None
        if self._waiting:
            self._alarm = asyncio.get_running_loop().call_later(self._rest, self._pass_on)
            self._use(self._waiting.pop())
