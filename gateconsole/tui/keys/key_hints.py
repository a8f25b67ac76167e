"""The keys named in what the screen says: `esc clears it` names whatever key does that in this session.

Words are made by pure functions far from the console, so what holds is kept for them here: once a console, and for
what runs in its context; a thread that is started there has to be told.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

from gateconsole.tui.keys.actions import Registry
from gateconsole.tui.keys.key_names import key_label

_DELIVERED: Final = Registry()
_in_force: ContextVar[Registry] = ContextVar("keys", default=_DELIVERED)


def use(registry: Registry) -> None:
    """From now on hints name these keys."""
    _in_force.set(registry)


def key(action: str) -> str:
    """The first key of an act as people write it; of an act without one how it is done with the palette."""
    acts = {one.id: one for one in _in_force.get().actions}
    if acts[action].keys:
        return key_label(acts[action].keys[0])
    palette = acts["palette"].keys
    return f"{key_label(palette[0])} {acts[action].label}" if palette else f"`{acts[action].label}`"


def hint(*said: tuple[str, str]) -> str:
    """What acts would do now, as (action, words): `esc clears it, / changes it`."""
    return ", ".join(f"{key(action)} {words}" for action, words in said)
