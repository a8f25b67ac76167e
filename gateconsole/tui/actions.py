"""Every act a key can do, in one registry: bindings, footer and the README's key table are made from it.

It imports nothing of the screen, so that documents can be made without one.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Action(NamedTuple):
    """One act: its id, the keys that do it (Textual's names), what the footer calls it, what it does, and where.

    `shown` is how its keys are written for people; `screens` is empty for an act that works everywhere; an act
    that is not `footer` works but is left out of the footer line.
    """

    id: str
    keys: tuple[str, ...]
    shown: str
    label: str
    description: str
    screens: tuple[str, ...] = ()
    footer: bool = True


ACTIONS: Final[tuple[Action, ...]] = (
    Action("open", ("enter",), "enter", "open", "open the policy under the cursor", ("policies",)),
    Action("back", ("escape",), "esc", "back", "back to the list", ("policies",)),
    Action("down", ("down", "j"), "↓ j", "down", "one row down", ("policies",)),
    Action("up", ("up", "k"), "↑ k", "up", "one row up", ("policies",)),
    Action("page_down", ("pagedown",), "pgdn", "page", "one page down", ("policies",), footer=False),
    Action("page_up", ("pageup",), "pgup", "page", "one page up", ("policies",), footer=False),
    Action("first", ("g", "home"), "g", "first", "the first row", ("policies",)),
    Action("last", ("G", "end"), "G", "last", "the last row", ("policies",)),
    Action("screen_policies", ("1",), "1", "policies", "the policies, live", footer=False),
    Action("theme", ("T",), "T", "theme", "the next theme"),
    Action("redraw", ("ctrl+l",), "ctrl+l", "redraw", "draw the whole screen again", footer=False),
    Action("quit", ("q", "ctrl+c"), "q", "quit", "quit"),
)
"""In the order of the footer."""

_KEY_WORDS: Final = {"escape": "esc", "pagedown": "pgdn", "pageup": "pgup", "down": "↓", "up": "↑"}


def key_table() -> list[tuple[str, str, str]]:
    """The keys as a table for documents: (keys, where they work, what they do)."""
    return [(_keys(action), _where(action), action.description) for action in ACTIONS]


def _keys(action: Action) -> str:
    return " ".join(_KEY_WORDS.get(key, key) for key in action.keys)


def _where(action: Action) -> str:
    return ", ".join(name.capitalize() for name in action.screens) or "everywhere"
