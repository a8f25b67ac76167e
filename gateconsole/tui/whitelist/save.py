"""What an operator does to the whitelist: the file and its history looked at, and the save. First on disk, then said.

No widget, no thread of its own; what waits for a disk is not for the screen's own thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from gateconsole.ledger.actor import RefusedError
from gateconsole.ledger.events import EventError
from gateconsole.ledger.location import LedgerUnusableError
from gateconsole.model import Entry
from gateconsole.text import printable
from gateconsole.tui.shell.operator import Operator
from gateconsole.tui.shell.undo import UndoResult, UndoStep
from gateconsole.tui.whitelist.form_model import FormModel
from gateconsole.whitelist import operator_acts, permissions
from gateconsole.whitelist.file import WhitelistError, content
from gateconsole.whitelist.history import WhitelistAct, history
from gateconsole.whitelist.json_document import FIELDS, parse
from gateconsole.whitelist.merge import (
    EntryChange,
    EntryConflict,
)
from gateconsole.whitelist.operator_acts import WhitelistFile, whitelist_file
from gateconsole.whitelist.safe_write import WhitelistUnusableError

PROBLEMS = (RefusedError, WhitelistUnusableError, LedgerUnusableError, EventError)
"""What may come instead of an act; each says what to do."""

_DONE: Final = {"add": "listed", "edit": "edited", "retire": "retired"}
_NAMES: Final = {"add": "listing", "edit": "edit", "retire": "retiring"}


# the file itself


class FileNotes(NamedTuple):
    """What is to be known of the file beside its entries, printable; further keys of the entries, by their numbers."""

    notes: tuple[str, ...] = ()
    extras: tuple[dict[str, object], ...] = ()


def file_notes(place: WhitelistFile) -> FileNotes:
    """Read it once more for what the engine does not keep. A file that cannot be read is said elsewhere."""
    notes = permissions.warnings(place.file)
    try:
        document = parse(content(place.file))
    except (OSError, WhitelistError):
        return FileNotes(notes)
    extras = tuple({key: value for key, value in item.fields.items() if key not in FIELDS} for item in document.items)
    if document.form not in {"written form", "no file"}:
        notes = (*notes, f"the file is of an older form ({document.form}): the next save converts it")
    return FileNotes(notes, extras)


class EntryHistory(NamedTuple):
    """The acts on a whitelist that its ledger has, newest first; or why it cannot say."""

    acts: tuple[WhitelistAct, ...] = ()
    problem: str = ""


def load_history(place: WhitelistFile) -> EntryHistory:
    """Read the history."""
    if place.ledger is None:
        return EntryHistory(problem="no ledger goes with this file: name one with --ledger")
    try:
        return EntryHistory(history(place.ledger, place.name)[::-1])
    except (LedgerUnusableError, EventError) as problem:
        return EntryHistory(problem=str(problem))


def acts_on(found: Sequence[WhitelistAct], entry: Entry) -> tuple[WhitelistAct, ...]:
    """The acts on entries of this reason; those of another scope only where the scope was changed."""
    mine = [act for act in found if act.reason == entry.reason]
    return tuple(act for act in mine if any(each is not None and _same_line(each, entry) for each in act.entries))


def _same_line(one: Entry, other: Entry) -> bool:
    return one.scope == other.scope or (one.added_by, one.added_at) == (other.added_by, other.added_at)


# the save


class WhitelistRequest(NamedTuple):
    """A change that was decided on, who makes it and where. `draft`: the form it came from."""

    hand: Operator
    place: WhitelistFile
    draft: FormModel
    change: EntryChange


class Outcome(NamedTuple):
    """What came of it: what to say, printable; how to take it back; what stood in the way.

    `on_disk` False: nothing was changed.
    """

    text: str
    on_disk: bool
    step: UndoStep | None = None
    conflict: EntryConflict | None = None


def perform(errand: WhitelistRequest) -> Outcome:
    """Save. Not on the screen's own thread."""
    hand, place, draft, change = errand
    try:
        done = operator_acts.apply_change(place, change, hand.when(), why=draft.why.strip())
    except PROBLEMS as problem:
        return Outcome(str(problem), on_disk=False)
    if isinstance(done, EntryConflict):
        return Outcome(done.text, on_disk=False, conflict=done)
    name = f"{_NAMES[draft.kind]} of {printable(change.reason)}"
    act = done.act
    if act is None:
        return Outcome(f"nothing to save: {printable(change.reason)} says that already", on_disk=True)
    said = "; ".join((f"on disk: {printable(change.reason)} {_DONE[draft.kind]}", *done.notes))
    return Outcome(said, on_disk=True, step=UndoStep(name, lambda: take_back(hand, place, act, name)))


def take_back(hand: Operator, place: WhitelistFile, act: WhitelistAct, name: str) -> UndoResult:
    """Undo an act; what others changed meanwhile stays."""
    try:
        done = operator_acts.undo_act(place, act, hand.when())
    except PROBLEMS as problem:
        return UndoResult(str(problem), on_disk=False)
    if isinstance(done, EntryConflict):
        return UndoResult(f"not undone: {done.text}", on_disk=False)
    said = f"on disk: the {name} is undone" if done.act is not None else f"the {name} was undone already"
    return UndoResult("; ".join((said, *done.notes)), on_disk=True)


def whitelist_file_for(root: Path | None, hand: Operator | None) -> WhitelistFile | None:
    """The whitelist of a console; None where there is none to write to."""
    if hand is None or (root is None and hand.whitelist is None):
        return None
    return whitelist_file(root, hand.whitelist, hand.ledger)
