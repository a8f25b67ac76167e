"""`gateconsole whitelist add|edit|retire|undo|log`: acts on the file, and what the ledger kept of them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from gateconsole.cli.base import FINDING, OK, USAGE, CommandError, print_message
from gateconsole.cli.whitelist.context import (
    WhitelistContext,
    chosen,
    entry_document,
    print_json,
    refusals,
    scope_of,
    wants_json,
    whitelist_context,
)
from gateconsole.model import Entry, Whitelist
from gateconsole.text import iso_time, printable, shown_path
from gateconsole.whitelist import history, lookalikes, operator_acts, permissions
from gateconsole.whitelist import merge as change
from gateconsole.whitelist.merge import EntryChange, EntryConflict

MERGE_FAILED: Final = 129
"""What git takes for "could not be merged", other than "merged with conflicts"."""

_NEVER: Final = "never"
_READ_ONLY: Final = "read-only: nothing is written to the whitelist; drop --read-only to act"
_NO_LEDGER: Final = (
    "no ledger goes with this whitelist, so no history is kept: name one with --root ROOT or --ledger FILE"
)


def _add(args: argparse.Namespace, desk: WhitelistContext) -> int:
    when, whitelist = desk.when(), desk.whitelist()
    entry = change.new_entry(args.reason, args.justification, scope_of(args.scope), when, review_by=args.review_by)
    if args.expires_at is not None:
        entry = entry._replace(expires_at=change.checked_expiry(args.expires_at, when))
    there = next((one for one in whitelist.entries if (one.reason, one.scope) == (entry.reason, entry.scope)), None)
    same = there is not None and (there.justification, there.expires_at) == (entry.justification, entry.expires_at)
    if there is not None and same and args.review_by in {None, there.review_by}:
        return _say(args, desk, operator_acts.SavedChange(None), there)
    alike = lookalikes.find_look_alikes(entry.reason, (one.reason for one in whitelist.entries))
    for one in alike:
        print_message(f"{printable(entry.reason)} looks like {printable(one.reason)}, which is listed: {one.text}")
    return _say(args, desk, operator_acts.apply_change(desk.place, EntryChange(None, entry), when), entry)


def _edit(args: argparse.Namespace, desk: WhitelistContext) -> int:
    when, seen = desk.when(), _chosen(args, desk.whitelist())
    wanted = change.edited(
        seen,
        when,
        justification=seen.justification if args.justification is None else args.justification,
        scope=seen.scope if args.scope is None else scope_of(args.scope),
        review_by=seen.review_by if args.review_by is None else args.review_by,
    )
    if args.expires_at is not None:
        never = args.expires_at == _NEVER
        wanted = wanted._replace(expires_at=None if never else change.checked_expiry(args.expires_at, when))
    return _say(args, desk, operator_acts.apply_change(desk.place, EntryChange(seen, wanted), when), wanted)


def _retire(args: argparse.Namespace, desk: WhitelistContext) -> int:
    seen = _chosen(args, desk.whitelist())
    return _say(
        args,
        desk,
        operator_acts.apply_change(desk.place, EntryChange(seen, None), desk.when(), why=printable(args.why)),
        seen,
    )


def _undo(args: argparse.Namespace, desk: WhitelistContext) -> int:
    if desk.place.ledger is None:
        raise CommandError(f"nothing to undo: {_NO_LEDGER}", USAGE)
    found = history.history(desk.place.ledger, desk.place.name)
    if args.event is None:
        act = history.last_of(found, desk.actor)
        if act is None:
            raise CommandError(
                f"{printable(desk.actor)} did nothing here that can be undone: see `whitelist log`", USAGE
            )
    else:
        act = next((one for one in found if one.id == args.event), None)
        if act is None:
            raise CommandError(f"{printable(args.event)}: no such act on this whitelist: see `whitelist log`", USAGE)
    return _say(args, desk, operator_acts.undo_act(desk.place, act, desk.when()), act.entries[0] or act.entries[1])


def _chosen(args: argparse.Namespace, whitelist: Whitelist) -> Entry:
    return chosen(whitelist, args.reason, args.of)


def _say(
    args: argparse.Namespace,
    desk: WhitelistContext,
    came: operator_acts.SavedChange | EntryConflict,
    entry: Entry | None,
) -> int:
    """Tell what came of an act; Failure (1) with both sides of a conflict."""
    if isinstance(came, EntryConflict):
        told = f"{came.text}; nothing was changed: look at both, then "
        how = "edit or retire it" if came.theirs is not None else "add it"
        raise CommandError(told + how, FINDING)
    notes = (*came.notes, *permissions.warnings(desk.place.file))
    for note in notes:
        print_message(note)
    act = came.act
    if wants_json(args):
        print_json(_document(act, entry, notes))
    elif act is None:
        print_message("that holds already, nothing changed")
    else:
        print_message(f"{act.what} {printable(act.reason)}{_details(act)} in {shown_path(desk.place.file)}")
    return OK


def _details(act: history.WhitelistAct) -> str:
    entry = act.entries[1]
    if act.what not in {"added", "edited"} or entry is None:
        return ""
    ends = f", expires at {entry.expires_at}" if entry.expires_at else ""
    return printable(f" ({entry.scope or 'all'} runs, review by {entry.review_by or 'no day'}{ends})")


def _document(act: history.WhitelistAct | None, entry: Entry | None, notes: Iterable[str]) -> dict[str, Any]:
    before, after = (None, entry) if act is None else act.entries
    return {
        "changed": act is not None,
        "event": None if act is None else act.id,
        "what": None if act is None else act.what,
        "before": entry_document(before),
        "after": entry_document(after),
        "notes": list(notes),
    }


def _log(args: argparse.Namespace, desk: WhitelistContext) -> int:
    if desk.place.ledger is None:
        raise CommandError(_NO_LEDGER, USAGE)
    found = history.history(desk.place.ledger, desk.place.name)
    if wants_json(args):
        print_json({"acts": [_act_document(act) for act in found]})
        return OK
    for act in found:
        ends = f"{f': {act.why}' if act.why else ''}{'  (undone)' if act.undone else ''}"
        print(printable(f"{iso_time(act.at)}  {act.id}  {act.actor}  {act.what} {act.reason}{ends}"))
    return OK


def _act_document(act: history.WhitelistAct) -> dict[str, Any]:
    before, after = act.entries
    return {
        "event": act.id,
        "time": iso_time(act.at),
        "actor": act.actor,
        "what": act.what,
        "reason": act.reason,
        "before": entry_document(before),
        "after": entry_document(after),
        "why": act.why or None,
        "undone": act.undone,
    }


def _merge(args: argparse.Namespace) -> int:
    """Merge three versions into `args.ours`; exit 1 with conflicts. Failure (129): a file cannot be used."""
    from gateconsole.whitelist.git_merge import merge_versions

    paths = [Path(args.base), Path(args.ours), Path(args.theirs)]
    try:
        ours = paths[1].read_bytes()
        merge = merge_versions(paths[0].read_bytes(), ours, paths[2].read_bytes())
        if merge.content != ours:
            paths[1].write_bytes(merge.content)
    except OSError as error:
        name = shown_path(Path(os.fsdecode(error.filename or "")))
        raise CommandError(f"{name}: {error.strerror or error}: nothing was merged", MERGE_FAILED) from error
    for conflict in merge.conflicts:
        print_message(conflict)
    return FINDING if merge.conflicts else OK


def _writing(do: Callable[[argparse.Namespace, WhitelistContext], int]) -> Callable[[argparse.Namespace], int]:
    def perform(args: argparse.Namespace) -> int:
        desk = whitelist_context(args)
        if desk.settings.flag("read_only"):
            raise CommandError(_READ_ONLY, USAGE)
        with refusals():
            return do(args, desk)

    return perform


def _reading(args: argparse.Namespace) -> int:
    with refusals():
        return _log(args, whitelist_context(args))


PERFORM: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "add": _writing(_add),
    "edit": _writing(_edit),
    "retire": _writing(_retire),
    "undo": _writing(_undo),
    "log": _reading,
    "merge": _merge,
}
"""Act -> what does it."""
