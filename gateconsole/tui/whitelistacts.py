"""What an operator does to the whitelist: the file and its history looked at, and the save. First on disk, then said.

No widget, no thread of its own; what waits for a disk is not for the screen's own thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from gateconsole.innocence.known import Refused
from gateconsole.ledger.events import EventWrong
from gateconsole.ledger.place import LedgerUnusable
from gateconsole.text import printable
from gateconsole.tui.hand import Hand
from gateconsole.tui.undoing import Step, Undone
from gateconsole.tui.whitelistdraft import Draft
from gateconsole.whitelist import acts, trust
from gateconsole.whitelist.acts import Place, place_of
from gateconsole.whitelist.change import (
    Change,
    Conflict,
)
from gateconsole.whitelist.document import FIELDS, parse
from gateconsole.whitelist.file import WhitelistWrong, content
from gateconsole.whitelist.history import Act, history
from gateconsole.whitelist.match import Entry
from gateconsole.whitelist.save import WhitelistUnusable

PROBLEMS = (Refused, WhitelistUnusable, LedgerUnusable, EventWrong)
"""What may come instead of an act; each says what to do."""

_DONE: Final = {"add": "listed", "edit": "edited", "retire": "retired"}
_NAMES: Final = {"add": "listing", "edit": "edit", "retire": "retiring"}


# the file itself


class FileLook(NamedTuple):
    """What is to be known of the file beside its entries, printable; further keys of the entries, by their numbers."""

    notes: tuple[str, ...] = ()
    extras: tuple[dict[str, object], ...] = ()


def look_at_file(place: Place) -> FileLook:
    """Read it once more for what the engine does not keep. A file that cannot be read is said elsewhere."""
    notes = trust.warnings(place.file)
    try:
        document = parse(content(place.file))
    except (OSError, WhitelistWrong):
        return FileLook(notes)
    extras = tuple({key: value for key, value in item.fields.items() if key not in FIELDS} for item in document.items)
    if document.form not in {"written form", "no file"}:
        notes = (*notes, f"the file is of an older form ({document.form}): the next save converts it")
    return FileLook(notes, extras)


class Remembered(NamedTuple):
    """The acts on a whitelist that its ledger has, newest first; or why it cannot say."""

    acts: tuple[Act, ...] = ()
    problem: str = ""


def remember(place: Place) -> Remembered:
    """Read the history."""
    if place.ledger is None:
        return Remembered(problem="no ledger goes with this file: name one with --ledger")
    try:
        return Remembered(history(place.ledger, place.name)[::-1])
    except (LedgerUnusable, EventWrong) as problem:
        return Remembered(problem=str(problem))


def acts_on(found: Sequence[Act], entry: Entry) -> tuple[Act, ...]:
    """The acts on entries of this reason; those of another scope only where the scope was changed."""
    mine = [act for act in found if act.reason == entry.reason]
    return tuple(act for act in mine if any(each is not None and _same_line(each, entry) for each in act.entries))


def _same_line(one: Entry, other: Entry) -> bool:
    return one.scope == other.scope or (one.added_by, one.added_at) == (other.added_by, other.added_at)


# the save


class Errand(NamedTuple):
    """A change that was decided on, who makes it and where. `draft`: the form it came from."""

    hand: Hand
    place: Place
    draft: Draft
    change: Change


class Outcome(NamedTuple):
    """What came of it: what to say, printable; how to take it back; what stood in the way.

    `on_disk` False: nothing was changed.
    """

    text: str
    on_disk: bool
    step: Step | None = None
    conflict: Conflict | None = None


def perform(errand: Errand) -> Outcome:
    """Save. Not on the screen's own thread."""
    hand, place, draft, change = errand
    try:
        done = acts.make(place, change, hand.when(), why=draft.why.strip())
    except PROBLEMS as problem:
        return Outcome(str(problem), on_disk=False)
    if isinstance(done, Conflict):
        return Outcome(done.text, on_disk=False, conflict=done)
    name = f"{_NAMES[draft.kind]} of {printable(change.reason)}"
    act = done.act
    if act is None:
        return Outcome(f"nothing to save: {printable(change.reason)} says that already", on_disk=True)
    said = "; ".join((f"on disk: {printable(change.reason)} {_DONE[draft.kind]}", *done.notes))
    return Outcome(said, on_disk=True, step=Step(name, lambda: take_back(hand, place, act, name)))


def take_back(hand: Hand, place: Place, act: Act, name: str) -> Undone:
    """Undo an act; what others changed meanwhile stays."""
    try:
        done = acts.undo(place, act, hand.when())
    except PROBLEMS as problem:
        return Undone(str(problem), on_disk=False)
    if isinstance(done, Conflict):
        return Undone(f"not undone: {done.text}", on_disk=False)
    said = f"on disk: the {name} is undone" if done.act is not None else f"the {name} was undone already"
    return Undone("; ".join((said, *done.notes)), on_disk=True)


def place_for(root: Path | None, hand: Hand | None) -> Place | None:
    """The whitelist of a console; None where there is none to write to."""
    if hand is None or (root is None and hand.whitelist is None):
        return None
    return place_of(root, hand.whitelist, hand.ledger)
