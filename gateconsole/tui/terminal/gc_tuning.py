"""How the interpreter is set, so that a key never waits for its threads or its garbage."""

from __future__ import annotations

import gc
import sys
from typing import Final

_GIVE_WAY: Final = 0.0005
"""Seconds after which a thread that reads artifacts must let the screen's have its turn; a key needs several."""

_COLLECT_AFTER: Final = (5_000, 10, 50)
"""Objects until the youngest are looked through for garbage, and how often they are until older ones are, and all."""


def give_way() -> None:
    """Let the screen's thread have its turn soon, however busy the others are."""
    sys.setswitchinterval(_GIVE_WAY)


def settle_heap() -> None:
    """Spare what is there for good from every later garbage collection: modules, widgets, what the first scan made.

    Going through all of it stops every thread for 45 ms, once a second while 500 runs a second arrive; a key waits.
    What comes later is young for longer: its rows and lists mostly go by themselves.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
