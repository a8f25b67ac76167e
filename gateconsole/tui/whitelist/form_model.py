"""What a form of the whitelist asks, and the change that comes of what is filled in. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from gateconsole.judgement.rules import UNATTRIBUTED
from gateconsole.ledger.actor import Actor, RefusedError
from gateconsole.model import Entry, Stratum, Whitelist
from gateconsole.rows.whitelist import classes_of_series
from gateconsole.snapshot import Snapshot
from gateconsole.tui.shell.candidates import WhitelistCandidate
from gateconsole.whitelist.merge import (
    EntryChange,
    checked_date,
    checked_text,
    default_review,
    edited,
    fitting_scope,
    new_entry,
)

Kind = Literal["add", "edit", "retire"]
FieldName = Literal["reason", "justification", "scope", "review by", "why"]

SCOPES: Final[tuple[tuple[str, Stratum | None], ...]] = (("all", None), ("unpinned", "unpinned"), ("pinned", "pinned"))
"""What a scope is called, and what it is."""


class FormModel(NamedTuple):
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


def listing_draft(suspect: WhitelistCandidate, whitelist: Whitelist, when: Actor) -> FormModel:
    """List this class; the entry that does so already is edited instead."""
    scope = fitting_scope(suspect.strata)
    there = next((whitelist.entry(suspect.reason, each) for each in suspect.strata or (scope,)), None)
    if there is not None and all(whitelist.entry(suspect.reason, each) for each in suspect.strata):
        return edit_draft(there)._replace(
            note=f"it is listed already{f' for {there.scope} runs' if there.scope else ''}"
        )
    held = ", ".join(dict.fromkeys(stratum or "no stratum" for stratum in suspect.strata))
    note = f"the runs in sight that hold it: {held}" if held else ""
    return FormModel("add", suspect.reason, "", scope, default_review(when), note=note)


def new_draft(snapshot: Snapshot, when: Actor) -> FormModel:
    """List a class that is typed, or chosen from those that are not listed."""
    names = (name for name in classes_of_series(snapshot) if name != UNATTRIBUTED)
    offered = tuple(name for name in names if snapshot.whitelist.entry(name, None) is None)
    return FormModel("add", review_by=default_review(when), free=True, offered=offered)


def edit_draft(entry: Entry) -> FormModel:
    """Say something else in this entry."""
    return FormModel("edit", entry.reason, entry.justification, entry.scope, entry.review_by or "", seen=entry)


def retire_draft(entry: Entry) -> FormModel:
    """Take this entry out; the ledger keeps it."""
    return FormModel("retire", entry.reason, entry.justification, entry.scope, seen=entry)


# what is filled in -> a change


class FieldError(NamedTuple):
    """The field that cannot be used as it is, and why; printable."""

    field: FieldName
    text: str


def field_error(draft: FormModel, when: Actor) -> FieldError | None:
    """The first field that is not as it must be; None if all are."""
    checks: dict[FieldName, Callable[[], object]] = {
        "reason": lambda: checked_text("reason", draft.reason),
        "justification": lambda: checked_text("justification", draft.justification),
        "review by": lambda: _checked_review(draft, when),
    }
    for name in draft.fields:
        try:
            checks.get(name, lambda: None)()
        except RefusedError as problem:
            said = str(problem)
            return FieldError(name, said.partition("is needed: ")[2] or said.partition(": ")[2] or said)
    return None


def _checked_review(draft: FormModel, when: Actor) -> None:
    kept = draft.seen is not None and (draft.seen.review_by or "") == draft.review_by
    if not kept and not (draft.seen is not None and not draft.review_by.strip()):
        checked_date(draft.review_by, when)


def change_of(draft: FormModel, when: Actor) -> EntryChange:
    """What is to be changed. Raises RefusedError."""
    seen = draft.seen
    if draft.kind == "retire" and seen is not None:
        return EntryChange(seen, None)
    if seen is None:
        made = new_entry(draft.reason, draft.justification, draft.scope, when, review_by=draft.review_by)
        return EntryChange(None, made)
    review = draft.review_by if draft.review_by.strip() else None
    return EntryChange(seen, edited(seen, when, justification=draft.justification, scope=draft.scope, review_by=review))


def previewed_change(draft: FormModel) -> EntryChange | None:
    """The change as far as it can be told before all is filled in, to be previewed; None without a reason."""
    if draft.kind == "retire":
        return EntryChange(draft.seen, None) if draft.seen is not None else None
    if draft.seen is not None:
        return EntryChange(draft.seen, draft.seen._replace(justification=draft.justification, scope=draft.scope))
    entry = Entry(draft.reason, draft.justification, draft.scope)
    return EntryChange(None, entry) if draft.reason.strip() else None
