"""The whitelist's history as the ledger has it: every act of an operator, with the entry before and after it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal, NamedTuple

from gateconsole.ledger import payloads_whitelist as said
from gateconsole.ledger.events import WHITELIST_KINDS, Event, EventError, decode
from gateconsole.ledger.store import Ledger
from gateconsole.model import Entry
from gateconsole.whitelist.file import WhitelistError
from gateconsole.whitelist.json_document import Item, item_from

What = Literal["added", "edited", "retired", "undone"]

UNDO: Final = "undo-"
"""Begins the event id of an undo; the undone act's id follows, so that no act is undone twice."""


class WhitelistAct(NamedTuple):
    """One act on the whitelist. `id` is its event's, None where no ledger keeps it; `at` in microseconds UTC.

    `before`, `after`: the entry's item, None where there is none. `place`, the digests and `backup`: see
    `ledger.payloads_whitelist`. `undone`: whether it was taken back; `undoes`: what an undo takes back.
    """

    id: str | None
    what: What
    at: int
    actor: str
    file: str
    before: Item | None
    after: Item | None
    place: int
    digest_before: str
    digest_after: str
    backup: str
    why: str = ""
    undone: bool = False
    undoes: str | None = None

    @property
    def reason(self) -> str:
        """The unknown class it is about."""
        item = self.after or self.before
        return item.entry.reason if item else ""

    @property
    def entries(self) -> tuple[Entry | None, Entry | None]:
        """What the entry said before and after."""
        before, after = self.before, self.after
        return None if before is None else before.entry, None if after is None else after.entry


def history(ledger: Path, file: str | None = None) -> tuple[WhitelistAct, ...]:
    """Every act that the ledger has, oldest first; only those on this file if it is named (`Place.name`).

    Empty without a ledger. Raises LedgerUnusableError, EventError.
    """
    held = Ledger.for_reading(ledger)
    if held is None:
        return ()
    marks = ", ".join("?" * len(WHITELIST_KINDS))
    wanted = f"SELECT seq, id, at, actor, kind, version, payload FROM events WHERE kind IN ({marks}) ORDER BY seq"
    try:
        with held.reading() as connection:
            events = [Event._make(row) for row in connection.execute(wanted, tuple(WHITELIST_KINDS))]
    finally:
        held.close()
    return history_of(events, file)


def history_of(events: Iterable[Event], file: str | None = None) -> tuple[WhitelistAct, ...]:
    """The acts of these events, in their order; other kinds do not count. Raises EventError."""
    acts = [_act(event) for event in events if event.kind in WHITELIST_KINDS]
    gone = {act.undoes for act in acts if act.undoes is not None}
    return tuple(act._replace(undone=act.id in gone) for act in acts if file is None or act.file == file)


def last_of(acts: Iterable[WhitelistAct], actor: str) -> WhitelistAct | None:
    """The last act of an operator that can be undone."""
    mine = [act for act in acts if act.actor == actor and act.what != "undone" and not act.undone]
    return mine[-1] if mine else None


def _act(event: Event) -> WhitelistAct:
    payload = decode(event)
    what: What
    before, after, why, place, undoes = None, None, "", 0, None
    match payload:
        case said.WhitelistAdded():
            what, after, place = "added", payload.after, payload.place
        case said.WhitelistEdited():
            what, before, after, place = "edited", payload.before, payload.after, payload.place
        case said.WhitelistRetired():
            what, before, why, place = "retired", payload.before, payload.why, payload.place
        case said.WhitelistUndone():
            what, before, after, undoes = "undone", payload.before, payload.after, payload.event
        case _:
            raise EventError(f"event {event.seq}: {event.kind}: no act on the whitelist")
    return WhitelistAct(
        id=event.id,
        what=what,
        at=event.at,
        actor=event.actor,
        file=payload.file,
        before=_item(event, before),
        after=_item(event, after),
        place=place,
        digest_before=payload.digest_before,
        digest_after=payload.digest_after,
        backup=payload.backup,
        why=why,
        undoes=undoes,
    )


def _item(event: Event, text: str | None) -> Item | None:
    try:
        return None if text is None else item_from(text)
    except WhitelistError as error:
        raise EventError(f"event {event.seq}: {event.kind}: the entry cannot be read: {error}") from error
