"""What operators do to the whitelist: add, edit, retire, undo; each one save of the file (architecture 3, files).

The file is the truth, the ledger its history. With a ledger an act is in both or in neither: its event is written and
held, the file replaced, the event committed; if that fails the old file comes back. Only a process that is killed
between the last two leaves a change whose author only the entry itself names; it then looks like one made by an editor.
Where no ledger goes with the file (`--whitelist FILE` without a ROOT), acts are in the file and its back-ups alone.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from gateconsole.ledger import payloads_whitelist as said
from gateconsole.ledger.actor import Actor, RefusedError, checked_name
from gateconsole.ledger.events import Payload
from gateconsole.ledger.location import FOLDER, LedgerUnusableError, default_ledger
from gateconsole.ledger.store import Ledger
from gateconsole.model import WHITELIST_NAME
from gateconsole.text import printable, printable_path, shown_path
from gateconsole.whitelist import backups
from gateconsole.whitelist.exchange import WhitelistChangedError
from gateconsole.whitelist.file import WhitelistError
from gateconsole.whitelist.history import UNDO, What, WhitelistAct
from gateconsole.whitelist.json_document import Document, conversion, parse
from gateconsole.whitelist.merge import EntryChange, EntryConflict, MergeResult, checked_text, merge
from gateconsole.whitelist.safe_write import LockedFile, WhitelistUnusableError, locked

_TRIES: Final = 8


class WhitelistFile(NamedTuple):
    """Which whitelist, and what goes with it. `ledger` None: no history is kept."""

    file: Path
    root: Path | None = None
    ledger: Path | None = None

    @property
    def name(self) -> str:
        """The file as the ledger names it: relative to ROOT if it is in there, printable."""
        path = Path(os.path.abspath(self.file))
        inside = self.root is not None and path.is_relative_to(os.path.abspath(self.root))
        return printable(
            printable_path(os.fsencode(path.relative_to(os.path.abspath(self.root or "")) if inside else path))
        )

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where replaced bytes may be kept: in ROOT, else beside the file."""
        beside = Path(os.path.realpath(self.file)).parent
        return tuple(dict.fromkeys(folder / FOLDER / backups.FOLDER for folder in (self.root or beside, beside)))


def whitelist_file(root: Path | None, whitelist: Path | None = None, ledger: Path | None = None) -> WhitelistFile:
    """The place of a ROOT, or of a whitelist file alone; one of the two is needed."""
    if root is None and whitelist is None:
        raise ValueError("a ROOT or a whitelist file is needed")
    file = whitelist if whitelist is not None else (root or Path()) / WHITELIST_NAME
    kept = ledger if ledger is not None or root is None else default_ledger(root)
    return WhitelistFile(file, root, kept)


class SavedChange(NamedTuple):
    """What came of it. `act` None: it was so already, nothing was written. `notes`: what to know, printable."""

    act: WhitelistAct | None
    notes: tuple[str, ...] = ()
    backup: Path | None = None


class _Plan(NamedTuple):
    """The bytes a save writes (None: the file goes), and what happens by it."""

    new: bytes | None
    merged: MergeResult
    notes: tuple[str, ...]


def apply_change(
    place: WhitelistFile, change: EntryChange, when: Actor, *, why: str = ""
) -> SavedChange | EntryConflict:
    """Add, edit or retire as the change says; `why` is kept when an entry retires.

    Raises RefusedError, WhitelistUnusableError: then nothing was changed.
    """
    if change.after is not None:
        checked_text("reason", change.after.reason)
        checked_text("justification", change.after.justification)
    if change.before is not None and change.after is not None and change.before.reason != change.after.reason:
        raise RefusedError("an entry's reason does not change: retire it and add the other one")
    what: What = "added" if change.before is None else "retired" if change.after is None else "edited"

    def plan(content: bytes | None) -> _Plan | EntryConflict | None:
        document = parse(content)
        merged = merge(document, change)
        return _planned(content, document, merged) if isinstance(merged, MergeResult) else merged

    return _save(place, when, plan, _Kind(what, why))


def undo_act(place: WhitelistFile, act: WhitelistAct, when: Actor) -> SavedChange | EntryConflict:
    """Take an act back: the file's exact bytes if nobody changed it since, else the inverse of the entry's change.

    Raises RefusedError, WhitelistUnusableError: then nothing was changed.
    """
    if act.what == "undone":
        raise RefusedError(f"{printable(act.reason)}: an undo is not undone: add, edit or retire the entry instead")
    if act.undone:
        raise RefusedError(f"{printable(act.reason)}: that is undone already")
    if act.file != place.name:
        raise RefusedError(f"{printable(act.reason)}: that act was on another whitelist, {act.file}")

    def plan(content: bytes | None) -> _Plan | EntryConflict | None:
        exact = _exact(place, act, content)
        if exact is not None:
            return exact
        document = parse(content)
        merged = _inverse(document, act)
        return _planned(content, document, merged) if isinstance(merged, MergeResult) else merged

    return _save(place, when, plan, _Kind("undone", undoes=act.id))


def _exact(place: WhitelistFile, act: WhitelistAct, content: bytes | None) -> _Plan | None:
    """The bytes from before the act, if the file is what the act left and they are still kept."""
    if backups.digest(content) != act.digest_after:
        return None
    merged = MergeResult(Document(), act.after, act.before, act.place)
    if not act.digest_before:
        return _Plan(None, merged, ("the whitelist file is gone, as it was before",))
    kept = (backups.find(folder, act.backup, act.digest_before) for folder in place.folders)
    found = next((bytes_ for bytes_ in kept if bytes_ is not None), None)
    return None if found is None else _Plan(found, merged, ())


def _inverse(document: Document, act: WhitelistAct) -> MergeResult | EntryConflict | None:
    if act.before is None or act.after is not None:
        before, after = act.entries
        return merge(document, EntryChange(after, before))
    wanted = act.before.entry
    there = document.alike(wanted)
    if there is not None:
        theirs = document.items[there].entry
        return None if theirs == wanted else EntryConflict(None, wanted, theirs)
    made = document.with_item(act.before, act.place)
    return MergeResult(made, None, act.before, act.place)


def _planned(content: bytes | None, document: Document, merged: MergeResult) -> _Plan:
    said_too = conversion(content, document)
    return _Plan(merged.document.content(), merged, () if said_too is None else (said_too,))


class _Kind(NamedTuple):
    """What kind of act a save is."""

    what: What
    why: str = ""
    undoes: str | None = None


def _save(
    place: WhitelistFile, when: Actor, plan: Callable[[bytes | None], _Plan | EntryConflict | None], kind: _Kind
) -> SavedChange | EntryConflict:
    """Read, plan and write under lock, anew as long as others change the file meanwhile."""
    checked_name("actor", when.actor)
    with locked(place.file) as held:
        for _ in range(_TRIES):
            try:
                planned = plan(held.read())
            except WhitelistError as error:
                raise WhitelistUnusableError(
                    printable(f"{shown_path(place.file)}: {error}; nothing was changed")
                ) from error
            if not isinstance(planned, _Plan):
                return planned or SavedChange(None)
            try:
                return _write(place, when, held, planned, kind)
            except WhitelistChangedError:
                continue
    raise WhitelistUnusableError(
        f"{shown_path(place.file)}: another program keeps changing it: try again when that has ended"
    )


def _write(place: WhitelistFile, when: Actor, held: LockedFile, plan: _Plan, kind: _Kind) -> SavedChange:
    _, before, after, at = plan.merged
    act = WhitelistAct(
        id=None,
        what=kind.what,
        at=when.at,
        actor=when.actor,
        file=place.name,
        before=before,
        after=after,
        place=at,
        digest_before=backups.digest(held.content),
        digest_after=backups.digest(plan.new),
        backup="",
        why=kind.why,
        undoes=kind.undoes,
    )
    recorded = [act]

    def recording(backup: Path | None) -> AbstractContextManager[None]:
        recorded[0] = act._replace(backup="" if backup is None else backup.name)
        return _recorded(place.ledger, when, recorded)

    written = held.replace(plan.new, place.folders, when.at, recording)
    return SavedChange(recorded[0], (*plan.notes, *written.notes), written.backup)


@contextmanager
def _recorded(path: Path | None, when: Actor, act: list[WhitelistAct]) -> Iterator[None]:
    """The act's event in the ledger, committed when the block ends well; the act gets its id."""
    if path is None:
        yield
        return
    try:
        ledger = Ledger.for_writing(path)
        try:
            with ledger.transaction(when.at, when.actor) as transaction:
                event_id = None if act[0].undoes is None else f"{UNDO}{act[0].undoes}"
                known = "SELECT 1 FROM events WHERE id = ?"
                if event_id is not None and transaction.connection.execute(known, (event_id,)).fetchone():
                    raise RefusedError(f"{printable(act[0].reason)}: that is undone already")
                event = transaction.append(_payload(act[0]), event_id)
                yield
        finally:
            ledger.close()
    except (LedgerUnusableError, sqlite3.Error) as error:
        what = f"{shown_path(path)}: {printable(str(error))}" if isinstance(error, sqlite3.Error) else str(error)
        raise WhitelistUnusableError(f"{what}; the whitelist was not changed: its history is kept there") from error
    act[0] = act[0]._replace(id=event.id)


def _payload(act: WhitelistAct) -> Payload:
    texts = [None if item is None else item.text for item in (act.before, act.after)]
    before, after = texts
    digests = (act.digest_before, act.digest_after, act.backup)
    if act.what == "undone":
        return said.WhitelistUndone(act.file, act.undoes or "", before, after, *digests)
    if before is None:
        return said.WhitelistAdded(act.file, after or "", act.place, *digests)
    if after is None:
        return said.WhitelistRetired(act.file, before, act.place, act.why, *digests)
    return said.WhitelistEdited(act.file, before, after, act.place, *digests)
