"""Whose queue the console shows, and who acts on it. Light: it is made before the first paint."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gateconsole.innocence.act import When


def wall_clock() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000


class Hand(NamedTuple):
    """The ledger, the actor every act is told under, and whether anything may be written."""

    ledger: Path
    actor: str
    writes: bool = True
    clock: Callable[[], int] = wall_clock

    def when(self) -> When:
        """Who acts, now."""
        from gateconsole.innocence.act import When

        return When(self.clock(), self.actor)
