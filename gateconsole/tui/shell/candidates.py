"""Unknown classes that may be whitelisted, and the message that an act of the form has ended."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from textual.message import Message

from gateconsole.judgement.rules import UNATTRIBUTED
from gateconsole.model import STRATA, Stratum
from gateconsole.snapshot import Snapshot
from gateconsole.tui.shell.operator import Operator

if TYPE_CHECKING:
    from gateconsole.tui.shell.undo import UndoStep


class WhitelistCandidate(NamedTuple):
    """An unknown class that may be whitelisted, and the strata of the runs in sight that hold it."""

    reason: str
    strata: tuple[Stratum | None, ...] = ()


def whitelist_candidate(reason: str, strata: Iterable[Stratum | None]) -> WhitelistCandidate:
    """A class with the strata of its runs in their fixed order, each once."""
    held = set(strata)
    order: tuple[Stratum | None, ...] = (*STRATA, None)
    return WhitelistCandidate(reason, tuple(stratum for stratum in order if stratum in held))


def can_list(found: Iterable[WhitelistCandidate]) -> tuple[WhitelistCandidate, ...]:
    """Those that are classes of their own: a spike without a reason has none to list."""
    return tuple(one for one in found if one.reason.strip() and one.reason != UNATTRIBUTED)


def can_write(hand: Operator | None, root: Path | None, snapshot: Snapshot) -> bool:
    """Whether the whitelist may be changed: there is one, it is not broken, and the console is not read-only."""
    if hand is None or not hand.writes or snapshot.whitelist.problem is not None:
        return False
    return root is not None or hand.whitelist is not None


class EntrySaved(Message):
    """An act of the form has come to its end: what to say, printable; how to take it back, if it happened."""

    def __init__(self, text: str, ink: str, step: UndoStep | None = None) -> None:
        super().__init__()
        self.text = text
        self.ink = ink
        self.step = step
