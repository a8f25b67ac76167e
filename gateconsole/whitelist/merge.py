"""One change of the whitelist, and how it meets what others did meanwhile (three-way, by entry). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from gateconsole.dates import date_of, day_of
from gateconsole.ledger.actor import Actor, RefusedError, checked_name
from gateconsole.model import Entry, Stratum, Whitelist
from gateconsole.text import printable
from gateconsole.whitelist.json_document import Document, Item, item_of

REVIEW_DAYS: Final = 90
"""Days until an entry should be looked at again, unless told."""


class EntryChange(NamedTuple):
    """What an operator saw and what they want: added (no `before`), edited (both), retired (no `after`)."""

    before: Entry | None
    after: Entry | None

    @property
    def reason(self) -> str:
        """The unknown class it is about."""
        entry = self.after or self.before
        return entry.reason if entry else ""


@dataclass(frozen=True, slots=True)
class EntryConflict:
    """Somebody else changed the same entry: what was seen, what is wanted, what is there now (None: no entry)."""

    seen: Entry | None
    wanted: Entry | None
    theirs: Entry | None

    @property
    def mine(self) -> EntryChange:
        """The change that has it the operator's way all the same."""
        return EntryChange(self.theirs, self.wanted)

    @property
    def text(self) -> str:
        """Both sides in one line, printable."""
        entry = self.wanted or self.seen or self.theirs
        name = printable(entry.reason) if entry else ""
        sides = f"there is {conflict_side(self.theirs)}; wanted is {conflict_side(self.wanted)}"
        return f"{name}: changed by somebody else meanwhile: {sides}"


class MergeResult(NamedTuple):
    """The document after a change, and the entry's item before and after it; None: no item, or nothing to do."""

    document: Document
    before: Item | None
    after: Item | None
    place: int


def conflict_side(entry: Entry | None) -> str:
    """One side of a conflict as one line, printable."""
    if entry is None:
        return "no entry"
    parts = (entry.scope or "all", f"review by {entry.review_by}" if entry.review_by else "no review date")
    return printable(f"'{entry.justification}' ({', '.join(parts)}; {entry.added_by or 'nobody named'})")


def merge(document: Document, change: EntryChange) -> MergeResult | EntryConflict | None:
    """The change made in what is there now; None if that is so already. Raises RefusedError: there is one already."""
    seen, wanted = change
    if seen is None:
        return _added(document, wanted) if wanted is not None else None
    at = document.find(seen)
    if at is None:
        return _missed(document, seen, wanted)
    if wanted is None:
        return MergeResult(document.without(at), document.items[at], None, at)
    if wanted == seen:
        return None
    if wanted.scope != seen.scope and document.alike(wanted) is not None:
        raise RefusedError(_twice(wanted))
    made = document.with_changed(at, wanted)
    return MergeResult(made, document.items[at], made.items[at], at)


def _added(document: Document, wanted: Entry) -> MergeResult | EntryConflict | None:
    there = document.alike(wanted)
    if there is not None:
        theirs = document.items[there].entry
        return None if theirs == wanted else EntryConflict(None, wanted, theirs)
    item = item_of(wanted)
    made = document.with_item(item)
    return MergeResult(made, None, item, next(at for at, held in enumerate(made.items) if held is item))


def _missed(document: Document, seen: Entry, wanted: Entry | None) -> EntryConflict | None:
    """What was seen is not there any more: wanted by both sides, or a conflict."""
    if wanted is not None and document.find(wanted) is not None:
        return None
    there = document.alike(seen)
    entries = [item.entry for item in document.items]
    moved = (each for each in entries if _born(each) == _born(seen))
    theirs = next(moved, None) if there is None else entries[there]
    return None if theirs is None and wanted is None else EntryConflict(seen, wanted, theirs)


def _born(entry: Entry) -> tuple[str | None, ...]:
    """What tells an entry whose scope was changed."""
    return entry.reason, entry.added_by, entry.added_at


def _twice(entry: Entry) -> str:
    where = entry.scope or "all runs"
    return f"{printable(entry.reason)} is listed for {where} already: edit that entry, or retire it first"


def changed(whitelist: Whitelist, change: EntryChange) -> Whitelist:
    """The whitelist after a change: what was seen is gone, what is wanted is there."""
    before, after = change
    entries, expired = list(whitelist.entries), set(whitelist.expired)
    if before is not None and before in entries:
        at = entries.index(before)
        entries[at : at + 1] = [] if after is None else [after]
        if after is not None and before in expired and before.expires_at == after.expires_at:
            expired.add(after)
    elif after is not None:
        entries.append(after)
    return Whitelist(tuple(entries), expired=frozenset(expired))


# What an operator may say.


def new_entry(
    reason: str, justification: str, scope: Stratum | None, when: Actor, *, review_by: str | None = None
) -> Entry:
    """An entry as an operator adds it; `review_by` as YYYY-MM-DD, by default REVIEW_DAYS on. Raises RefusedError."""
    actor = checked_name("actor", when.actor)
    checked_text("reason", reason)
    checked_text("justification", justification)
    review = default_review(when) if review_by is None else checked_date(review_by, when)
    return Entry(reason, justification.strip(), scope, actor, day_of(when.at).isoformat(), review)


def edited(seen: Entry, when: Actor, *, justification: str, scope: Stratum | None, review_by: str | None) -> Entry:
    """The entry saying this instead; who added it when stays. A review date that is not new is not looked at.

    Raises RefusedError.
    """
    if justification != seen.justification:
        checked_text("justification", justification)
        justification = justification.strip()
    if not justification.strip():
        raise RefusedError("a justification is needed: say why this class is harmless")
    if review_by != seen.review_by and review_by is not None:
        review_by = checked_date(review_by, when)
    return seen._replace(justification=justification, scope=scope, review_by=review_by)


def fitting_scope(strata: Iterable[Stratum | None]) -> Stratum | None:
    """The scope that fits runs of these strata: theirs if they share one, else all."""
    found = set(strata)
    return found.pop() if len(found) == 1 else None


def default_review(when: Actor) -> str:
    """The day REVIEW_DAYS on, as YYYY-MM-DD."""
    return (day_of(when.at) + timedelta(days=REVIEW_DAYS)).isoformat()


def checked_date(text: str, when: Actor) -> str:
    """A review date as it is written. Raises RefusedError: no day, or one that is over."""
    plain = text.strip()
    found = date_of(plain)
    if found is None or len(plain) != 10:
        raise RefusedError(f"review by {printable(text)!r}: expected a day such as {default_review(when)}")
    if found < day_of(when.at):
        raise RefusedError(f"review by {plain}: that day is over: name one to come, such as {default_review(when)}")
    return plain


def checked_expiry(text: str, when: Actor) -> str:
    """The day from which an entry is to match nothing, as it is written.

    Raises RefusedError: no day, or none to come.
    """
    plain = text.strip()
    day = date_of(plain)
    if day is None or len(plain) != 10:
        raise RefusedError(f"expires at {printable(text)!r}: expected a day such as {default_review(when)}")
    if day <= day_of(when.at):
        raise RefusedError(
            f"expires at {plain}: from today on it would match nothing: name a day to come, or retire it"
        )
    return plain


def checked_text(what: str, text: str) -> None:
    """Raises RefusedError for a reason or justification that is blank or no well-formed text."""
    if not text.strip():
        words = "say why this class is harmless" if what == "justification" else "name the unknown class"
        raise RefusedError(f"a {what} is needed: {words}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RefusedError(f"the {what} is no well-formed text: type it again") from error
