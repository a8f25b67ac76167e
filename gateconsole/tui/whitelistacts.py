"""What an operator can do to the whitelist: what a form asks for it, what would come of it, and the save.

First on disk, then said. No widget, no thread of its own; what waits for a disk or looks at runs is not for the
screen's own thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from gateconsole.innocence.act import When
from gateconsole.innocence.known import Refused
from gateconsole.ledger.events import EventWrong
from gateconsole.ledger.place import LedgerUnusable
from gateconsole.model import Stratum
from gateconsole.rows.whitelist import known_classes
from gateconsole.series.rules import UNATTRIBUTED
from gateconsole.snapshot import Snapshot
from gateconsole.text import printable
from gateconsole.tui.hand import Hand
from gateconsole.tui.undoing import Step, Undone
from gateconsole.tui.whitelisting import Suspect
from gateconsole.whitelist import acts, trust
from gateconsole.whitelist.acts import Place, place_of
from gateconsole.whitelist.change import (
    Change,
    Conflict,
    checked_date,
    checked_text,
    default_review,
    edited,
    fitting_scope,
    new_entry,
)
from gateconsole.whitelist.document import FIELDS, parse
from gateconsole.whitelist.file import WhitelistWrong, content
from gateconsole.whitelist.history import Act, history
from gateconsole.whitelist.match import Entry, Whitelist
from gateconsole.whitelist.save import WhitelistUnusable

Kind = Literal["add", "edit", "retire"]
FieldName = Literal["reason", "justification", "scope", "review by", "why"]

SCOPES: Final[tuple[tuple[str, Stratum | None], ...]] = (("all", None), ("unpinned", "unpinned"), ("pinned", "pinned"))
"""What a scope is called, and what it is."""

PROBLEMS = (Refused, WhitelistUnusable, LedgerUnusable, EventWrong)
"""What may come instead of an act; each says what to do."""

_DONE: Final = {"add": "listed", "edit": "edited", "retire": "retired"}
_NAMES: Final = {"add": "listing", "edit": "edit", "retire": "retiring"}


class Draft(NamedTuple):
    """What a form asks, as far as it is filled in. `seen`: the entry as it was when the form was opened.

    `free`: the reason is typed too; `offered`: reasons to choose from; `note`: what to know first, raw text.
    """

    kind: Kind
    reason: str = ""
    justification: str = ""
    scope: Stratum | None = None
    review_by: str = ""
    why: str = ""
    seen: Entry | None = None
    free: bool = False
    offered: tuple[str, ...] = ()
    note: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What tells one form from another: an act that failed comes back only to its own."""
        return self.kind, self.seen, self.free, "" if self.free else self.reason

    @property
    def fields(self) -> tuple[FieldName, ...]:
        """What it asks, in order."""
        if self.kind == "retire":
            return ("why",)
        return (*(("reason",) if self.free else ()), "justification", "scope", "review by")

    @property
    def title(self) -> str:
        """What the form is called; raw text."""
        named = self.seen.reason if self.seen is not None else self.reason
        words = {"add": "whitelist", "edit": "edit", "retire": "retire"}[self.kind]
        return f"{words} {named}" if named and not self.free else "whitelist a class"


# what a form begins with


def listing_draft(suspect: Suspect, whitelist: Whitelist, when: When) -> Draft:
    """List this class; the entry that does so already is edited instead."""
    scope = fitting_scope(suspect.strata)
    there = next((whitelist.entry(suspect.reason, each) for each in suspect.strata or (scope,)), None)
    if there is not None and all(whitelist.entry(suspect.reason, each) for each in suspect.strata):
        return edit_draft(there)._replace(
            note=f"it is listed already{f' for {there.scope} runs' if there.scope else ''}"
        )
    held = ", ".join(dict.fromkeys(stratum or "no stratum" for stratum in suspect.strata))
    note = f"the runs in sight that hold it: {held}" if held else ""
    return Draft("add", suspect.reason, "", scope, default_review(when), note=note)


def new_draft(snapshot: Snapshot, when: When) -> Draft:
    """List a class that is typed, or chosen from those that are not listed."""
    names = (name for name in known_classes(snapshot) if name != UNATTRIBUTED)
    offered = tuple(name for name in names if snapshot.whitelist.entry(name, None) is None)
    return Draft("add", review_by=default_review(when), free=True, offered=offered)


def edit_draft(entry: Entry) -> Draft:
    """Say something else in this entry."""
    return Draft("edit", entry.reason, entry.justification, entry.scope, entry.review_by or "", seen=entry)


def retire_draft(entry: Entry) -> Draft:
    """Take this entry out; the ledger keeps it."""
    return Draft("retire", entry.reason, entry.justification, entry.scope, seen=entry)


# what is filled in -> a change


class Wrong(NamedTuple):
    """The field that cannot be used as it is, and why; printable."""

    field: FieldName
    text: str


def wrong(draft: Draft, when: When) -> Wrong | None:
    """The first field that is not as it must be; None if all are."""
    checks: dict[FieldName, Callable[[], object]] = {
        "reason": lambda: checked_text("reason", draft.reason),
        "justification": lambda: checked_text("justification", draft.justification),
        "review by": lambda: _checked_review(draft, when),
    }
    for name in draft.fields:
        try:
            checks.get(name, lambda: None)()
        except Refused as problem:
            said = str(problem)
            return Wrong(name, said.partition("is needed: ")[2] or said.partition(": ")[2] or said)
    return None


def _checked_review(draft: Draft, when: When) -> None:
    kept = draft.seen is not None and (draft.seen.review_by or "") == draft.review_by
    if not kept and not (draft.seen is not None and not draft.review_by.strip()):
        checked_date(draft.review_by, when)


def change_of(draft: Draft, when: When) -> Change:
    """What is to be changed. Raises Refused."""
    seen = draft.seen
    if draft.kind == "retire" and seen is not None:
        return Change(seen, None)
    if seen is None:
        made = new_entry(draft.reason, draft.justification, draft.scope, when, review_by=draft.review_by)
        return Change(None, made)
    review = draft.review_by if draft.review_by.strip() else None
    return Change(seen, edited(seen, when, justification=draft.justification, scope=draft.scope, review_by=review))


def wished(draft: Draft) -> Change | None:
    """The change as far as it can be told before all is filled in, to be previewed; None without a reason."""
    if draft.kind == "retire":
        return Change(draft.seen, None) if draft.seen is not None else None
    reason = draft.seen.reason if draft.seen is not None else draft.reason
    return Change(draft.seen, Entry(reason, draft.justification, draft.scope)) if reason.strip() else None


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
