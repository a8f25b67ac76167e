"""Help: the keys that work on a screen, and what its marks mean; found by a few letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from gateconsole.tui.keys.actions import Registry, written
from gateconsole.tui.keys.key_hints import key
from gateconsole.tui.theme.paint import Parts
from gateconsole.tui.widgets.dialog import DialogRow

_KEYS_WIDTH: Final = 11
_LABEL_WIDTH: Final = 11

MARKS: Final[tuple[tuple[str, str, str], ...]] = (
    ("P C W R", "text", "outcomes PASS, COMMENT, WARN, REVIEW"),
    ("F B", "bad", "FAIL signals: FAIL, BLOCK"),
    ("U", "other", "an outcome that is none of these"),
    ("-", "text", "none: there is no value"),
    ("= all", "listed", "every unknown class of the run is on the whitelist"),
    ("= 02-19", "listed", "the class is on the whitelist since then"),
    ("✓ ○ △", "text", "an entry: active; unused; review due within 14 days, or overdue"),
    ("(reason)", "muted", "a reason of a run whose rate is 0: no unknown class"),
    ("✓", "good", "every file seen is in the figures"),
    ("·", "notice", "some are not: still being written, rejected or unreadable"),
    ("▲", "bad", "something is wrong; the line says what to do next"),
    ("0.0750", "text", "a rate: unknown checks / checks of one run, a fraction"),
    ("7.6 %", "text", "a share: runs / runs with a rate, in percent"),
    ("▲ △", "bad", "alerts of a policy: firing (F); firing quietly (Q), acked (A)"),
    ("· ○", "text", "alerts of a policy: pending (P), no data (N)"),
    ("× ●", "warn", "a spike: the rate is above the cut; ● with a FAIL signal"),
    ("┄", "notice", "the cut of the next run; its rule stands above the chart"),
    ("✓ ✗", "text", "readiness: the limit is met, not met; · too few runs, - not applicable"),
    ("~", "notice", "not sure: the 95 % interval reaches over the limit"),
    ("?", "notice", "cannot tell yet: the policy is judged anew just now"),
    ("13:16Z", "text", "times are UTC; a date stands only where it is not today"),
)
"""(mark, ink, what it means)."""

READINESS: Final = "readiness for WARN: the console reports, it never switches a mode"
"""What the key of that screen brings."""


class Help:
    """What a Box shows for `?`: the acts of the screen, then those that work everywhere, then the marks."""

    title = "help"
    picking = ""
    leaving = "close"
    searched = True
    width = 92
    side: Literal["middle", "right"] = "middle"

    def __init__(self, registry: Registry, screen: str) -> None:
        everywhere = [action for action in registry.on(screen) if not action.screens]
        own = [action for action in registry.on(screen) if action.screens]
        self._parts: list[tuple[str, list[tuple[str, Parts]]]] = [
            (screen.capitalize(), [_act(written(action), action.label, action.description) for action in own]),
            ("Everywhere", [_act(written(action), action.label, action.description) for action in everywhere]),
            ("Marks", [_mark(*mark) for mark in (*MARKS[:-1], (key("screen_readiness"), "key", READINESS), MARKS[-1])]),
        ]

    def search(self, query: str) -> Sequence[DialogRow]:
        """The lines that hold every word of the query, each part under its name."""
        words = query.lower().split()
        entries: list[DialogRow] = []
        for name, lines in self._parts:
            kept = [parts for text, parts in lines if all(word in text.lower() for word in words)]
            if kept:
                entries.extend([_blank] if entries else [])
                entries.append(DialogRow(((name, "accent"),), pickable=False))
                entries.extend(DialogRow(parts, pickable=False) for parts in kept)
        return entries

    def start(self) -> int:
        """The first line."""
        return 0

    def moved(self, place: int) -> None:
        """Nothing depends on it."""

    def pick(self, place: int) -> None:
        """Help is only read."""

    def leave(self) -> None:
        """Nothing is to be done."""


_blank: Final = DialogRow(((" ", "text"),), pickable=False)


def _act(keys: str, label: str, description: str) -> tuple[str, Parts]:
    gap = " " * max(_KEYS_WIDTH - len(keys), 2)
    parts: Parts = (("  ", "text"), (keys, "key"), (gap, "text"), (f"{label:<{_LABEL_WIDTH}} ", "strong"))
    return f"{keys} {label} {description}", (*parts, (description, "text"))


def _mark(mark: str, ink: str, meaning: str) -> tuple[str, Parts]:
    return f"{mark} {meaning}", (("  ", "text"), (f"{mark:<{_KEYS_WIDTH}}", ink), (meaning, "text"))
