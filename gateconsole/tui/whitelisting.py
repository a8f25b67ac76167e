"""The way from any screen to the whitelist's form: what is under the cursor, which class of it, the form, the undo.

Light: it is there before the first paint; the form and what it needs are loaded when it is first opened.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from textual.message import Message

from gateconsole.model import STRATA, Stratum
from gateconsole.series.rules import UNATTRIBUTED
from gateconsole.snapshot import Snapshot
from gateconsole.tui.hand import Hand

if TYPE_CHECKING:
    from gateconsole.tui.frame import Frame
    from gateconsole.tui.undoing import Step
    from gateconsole.tui.whitelistdraft import Draft
    from gateconsole.tui.widgets.whitelist_form import WhitelistForm


class Suspect(NamedTuple):
    """An unknown class that may be whitelisted, and the strata of the runs in sight that hold it."""

    reason: str
    strata: tuple[Stratum | None, ...] = ()


def suspect(reason: str, strata: Iterable[Stratum | None]) -> Suspect:
    """A class with the strata of its runs in their fixed order, each once."""
    held = set(strata)
    order: tuple[Stratum | None, ...] = (*STRATA, None)
    return Suspect(reason, tuple(stratum for stratum in order if stratum in held))


def may_list(found: Iterable[Suspect]) -> tuple[Suspect, ...]:
    """Those that are classes of their own: a spike without a reason has none to list."""
    return tuple(one for one in found if one.reason.strip() and one.reason != UNATTRIBUTED)


def writes(hand: Hand | None, root: Path | None, snapshot: Snapshot) -> bool:
    """Whether the whitelist may be changed: there is one, it is not broken, and the console is not read-only."""
    if hand is None or not hand.writes or snapshot.whitelist.problem is not None:
        return False
    return root is not None or hand.whitelist is not None


class EntryWanted(Message):
    """An entry is to be made, changed or retired: the form is to ask for it."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft


class EntrySaved(Message):
    """An act of the form has come to its end: what to say, printable; how to take it back, if it happened."""

    def __init__(self, text: str, ink: str, step: Step | None = None) -> None:
        super().__init__()
        self.text = text
        self.ink = ink
        self.step = step


class Whitelisting:
    """Opens the form over the current screen. Used on the screen's own thread."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self.form: WhitelistForm | None = None

    def choose(self) -> None:
        """Whitelist the unknown class under the cursor; ask which, when there are several."""
        from gateconsole.tui.widgets.whitelist_classes import ClassPicker

        screen = self._frame.current
        if screen is None or screen.hand is None:
            return
        found = may_list(screen.suspects())
        if len(found) == 1:
            self._list(found[0])
        elif found:
            self._frame.open_box(ClassPicker(found, self._frame.snapshot.whitelist, self._list))

    def _list(self, suspect: Suspect) -> None:
        from gateconsole.tui.whitelistdraft import listing_draft

        screen = self._frame.current
        if screen is not None and screen.hand is not None:
            self.open(listing_draft(suspect, self._frame.snapshot.whitelist, screen.hand.when()))

    def open(self, draft: Draft) -> None:
        """Ask for an entry."""
        from gateconsole.tui.whitelistacts import place_for
        from gateconsole.tui.widgets.whitelist_form import WhitelistForm

        frame = self._frame
        screen = frame.current
        place = place_for(screen.root, screen.hand) if screen is not None else None
        if screen is None or screen.hand is None or place is None:
            return
        if self.form is None:
            self.form = WhitelistForm(frame.paint)
            frame.mount(self.form)
        self.form.repaint(frame.paint)
        self.form.open(draft, screen.hand, place, frame.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        """Another Snapshot has come: what the form previews may be another."""
        if self.form is not None and self.form.display:
            self.form.show_snapshot(snapshot)
