"""Whose queue the console shows, and who acts on it. Light: it is made before the first paint."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gateconsole.ledger.actor import Actor


def wall_clock() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000


class Operator(NamedTuple):
    """The ledger, the actor every act is told under, whether anything may be written.

    `whitelist`: the file that takes the place of the one in the root, if any. `history`: microseconds for which what
    the queue decided is shown; None: always.
    """

    ledger: Path
    actor: str
    writes: bool = True
    clock: Callable[[], int] = wall_clock
    whitelist: Path | None = None
    history: int | None = None

    def when(self) -> Actor:
        """Who acts, now."""
        from gateconsole.ledger.actor import Actor

        return Actor(self.clock(), self.actor)
