"""Notices that the terminal is gone, also where no SIGHUP says so (a console that leads no session)."""

from __future__ import annotations

import select
from typing import Final

_GONE: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL


def terminal_gone(number: int) -> bool:
    """True when nobody is at the other end of this descriptor any more. Asks only; reads and writes nothing."""
    asked = select.poll()
    asked.register(number, 0)
    return any(said & _GONE for _, said in asked.poll(0))
