"""`gateconsole whitelist list|lint|preview`: how the entries stand, and what a change would do."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gateconsole.cli.base import (
    FINDING,
    OK,
    USAGE,
    CommandError,
    Context,
    now,
    print_message,
    snapshot_once,
    tell_ledger,
)
from gateconsole.cli.whitelist.context import (
    WhitelistContext,
    chosen,
    entry_document,
    print_json,
    scope_of,
    wants_json,
    whitelist_context,
)
from gateconsole.model import Entry, Whitelist
from gateconsole.text import aligned, counted, iso_time, printable
from gateconsole.whitelist import permissions
from gateconsole.whitelist.lookalikes import LookAlikeIndex, find_look_alikes
from gateconsole.whitelist.merge import EntryChange

if TYPE_CHECKING:
    from gateconsole.judgement.effects import Risk
    from gateconsole.snapshot import Snapshot
    from gateconsole.whitelist.entry_status import EntryStatus
    from gateconsole.whitelist.preview import Effect, Preview

_HEADER: Final = ("REASON", "SCOPE", "BY", "ADDED", "REVIEW", "HITS/{}d", "HITS", "STATE", "JUSTIFICATION")
_EFFECT_HEADER: Final = ("POLICY", "STRATUM", "RUNS", "SPIKES", "FAIL", "FALSE ALARMS", "RD", "RR")
_NO_ROOT: Final = "a preview needs runs: name the artifact tree with --root ROOT"


def _list(args: argparse.Namespace) -> int:
    desk, time = whitelist_context(args), _time(args)
    found, as_of, _ = _standings(desk, time)
    if wants_json(args):
        print_json({"whitelist": [*_rows(found, as_of)]})
        return OK
    if not found:
        print_message("the whitelist is empty: `gateconsole whitelist add REASON --justification TEXT` lists a class")
        return OK
    header = [title.format(found[0].within) for title in _HEADER]
    print(*aligned(header, [_cells(one) for one in found], header), sep="\n")
    return OK


def _lint(args: argparse.Namespace) -> int:
    desk, time = whitelist_context(args), _time(args)
    found, as_of, classes = _standings(desk, time)
    findings = [*_findings(found, classes), *((None, "trust", text) for text in permissions.warnings(desk.place.file))]
    if wants_json(args):
        rows = [{"number": number, "finding": what, "text": text} for number, what, text in findings]
        print_json({"as_of": iso_time(as_of), "findings": rows})
    else:
        for number, _, text in findings:
            print(printable(text if number is None else f"entry {number}, {text}"))
    return FINDING if findings else OK


def _findings(found: Sequence[EntryStatus], classes: frozenset[str]) -> Iterator[tuple[int | None, str, str]]:
    """(number of the entry, what it is, in words): every state but active, and what an entry lacks."""
    reasons = {one.entry.reason for one in found}
    looks = LookAlikeIndex(reasons | classes)
    for one in found:
        name = one.entry.reason
        if one.state != "active":
            for state, note in zip(one.states, one.note.split("; "), strict=True):
                yield one.number, state, f"{name}: {state}: {note}"
        if not one.entry.justification.strip():
            yield one.number, "no justification", f"{name}: no justification: say why it is harmless"
        if one.days is None:
            said = f"review_by {one.entry.review_by!r} is no day" if one.entry.review_by else "no review date"
            yield one.number, "no review date", f"{name}: {said}: write one such as 2026-05-20"
        for other in looks.near(name):
            where = "is listed too" if other.reason in reasons else "is a class of the runs"
            yield one.number, "look-alike", f"{name}: looks like {other.reason}, which {where}: {other.text}"


def _standings(desk: WhitelistContext, time: int | None) -> tuple[tuple[EntryStatus, ...], int, frozenset[str]]:
    """The entries, the time they are judged for, and the classes of the runs. Failure (3) as `look_once`."""
    from gateconsole.whitelist.entry_status import entry_statuses

    if desk.place.root is None:
        as_of = now() if time is None else time
        return entry_statuses(desk.whitelist(), None, as_of, desk.settings.count("unused_days")), as_of, frozenset()
    snapshot = _look(desk.place.root, desk, time)
    runs = None if snapshot.runs is None else snapshot.runs()
    found = entry_statuses(snapshot.whitelist, runs, snapshot.taken_at, snapshot.yardstick.unused_days)
    return found, snapshot.taken_at, _classes(snapshot)


def _look(root: Path, desk: WhitelistContext, time: int | None, judged: bool = False) -> Snapshot:
    """One Snapshot, now or as of a time. Failure (3)."""
    from gateconsole.cli.as_of_options import as_of_time, refuse_without_ledger

    context = Context(root, desk.settings)
    snapshot = snapshot_once(context, judged=judged)
    refuse_without_ledger(snapshot) if judged else tell_ledger(snapshot)
    return snapshot if time is None else as_of_time(context, snapshot, time)


def _classes(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(name for policy in snapshot.policies for name in policy.classes["class"].to_list())


def _time(args: argparse.Namespace) -> int | None:
    from gateconsole.cli.as_of_options import moment_of

    return moment_of(args.as_of)


def _rows(found: Sequence[EntryStatus], as_of: int) -> Iterator[dict[str, Any]]:
    from gateconsole.exports.whitelist_table import WHITELIST_COLUMNS, rows_of

    for row in rows_of(found, as_of):
        cells = zip(WHITELIST_COLUMNS, row[1:], strict=True)
        yield {"as_of": iso_time(as_of), **{column.name: value for column, value in cells}}


def _cells(one: EntryStatus) -> tuple[str, ...]:
    entry, known = one.entry, one.known
    texts = (entry.reason, entry.scope or "all", entry.added_by, entry.added_at, entry.review_by)
    hits = (str(one.hits), str(one.hits_all)) if known else ("?", "?")
    shown = tuple(printable(text or "-") for text in texts)
    return (*shown, *hits, ", ".join(one.states), printable(entry.justification or "-"))


def _preview(args: argparse.Namespace) -> int:
    from gateconsole.whitelist.preview import Previewer

    desk, time = whitelist_context(args), _time(args)
    if desk.place.root is None:
        raise CommandError(_NO_ROOT, USAGE)
    snapshot = _look(desk.place.root, desk, time, judged=True)
    change = _change(args, snapshot.whitelist)
    assert snapshot.runs is not None
    previewer = Previewer(snapshot.runs(), snapshot.spikes, snapshot.alerts, snapshot.whitelist)
    made = previewer.preview(change)
    reasons = {entry.reason for entry in snapshot.whitelist.entries}
    for one in find_look_alikes(args.reason, reasons | _classes(snapshot)):
        print_message(f"{printable(args.reason)} looks like {printable(one.reason)}: {one.text}")
    if wants_json(args):
        print_json(_document(made))
    else:
        print(*(printable(line) for line in _lines(made)), sep="\n")
    return OK


def _change(args: argparse.Namespace, whitelist: Whitelist) -> EntryChange:
    """What is asked: add; edit the scope of what is listed already; or retire."""
    listed = any(entry.reason == args.reason for entry in whitelist.entries)
    if args.retire or (listed and args.of is not None):
        seen = chosen(whitelist, args.reason, args.of)
        if args.retire:
            return EntryChange(seen, None)
        return EntryChange(seen, seen._replace(scope=seen.scope if args.scope is None else scope_of(args.scope)))
    return EntryChange(None, Entry(args.reason, scope=scope_of(args.scope or "all")))


def _document(made: Preview) -> dict[str, Any]:
    before, after = made.change
    return {
        "before": entry_document(before),
        "after": entry_document(after),
        "runs": made.runs,
        "policies": made.policies,
        "spikes": made.spikes,
        "spikes_listed": made.spikes_listed,
        "spikes_unlisted": made.spikes_unlisted,
        "alerts_listed": [{"policy_hash": one.policy_hash, "class": one.class_name} for one in made.alerts_listed],
        "alerts_unlisted": [{"policy_hash": one.policy_hash, "class": one.class_name} for one in made.alerts_unlisted],
        "fail_runs": made.n_fails,
        "fails": [
            {**one._asdict(), "timestamp": None if one.timestamp is None else iso_time(one.timestamp)}
            for one in made.fails
        ],
        "alarms": made.alarms,
        "left_before": made.left_before,
        "left_after": made.left_after,
        "effects": [_effect_document(one) for one in made.effects],
    }


def _effect_document(one: Effect) -> dict[str, Any]:
    from gateconsole.model import NONE

    return {
        "policy_hash": one.policy_hash,
        "stratum": one.stratum or NONE,
        "runs": one.runs,
        "spikes": one.spikes,
        "fail_runs": one.fails,
        "n_valid": one.n_valid,
        "alarms": one.alarms,
        "left_before": one.before.left,
        "left_after": one.after.left,
        "risk_before": one.risk_before._asdict(),
        "risk_after": one.risk_after._asdict(),
    }


def _lines(made: Preview) -> Iterator[str]:
    entry = made.entry
    covers = f"{counted(made.runs, 'run')} in {counted(made.policies, 'policy')}"
    what = "retired" if made.change.after is None else "edited" if made.change.before is not None else "added"
    yield f"{entry.reason} ({entry.scope or 'all'} runs) {what}: covers {covers}"
    yield f"spikes among them {made.spikes}: {made.spikes_listed} become listed, {made.spikes_unlisted} no longer are"
    for word, found in (("become listed", made.alerts_listed), ("no longer are listed", made.alerts_unlisted)):
        if found:
            yield f"alerts that {word}: {', '.join(f'{one.policy_hash} {one.class_name}' for one in found)}"
    more = f", the last {len(made.fails)}" if len(made.fails) < made.n_fails else ""
    named = ", ".join(f"{one.run_id} ({one.outcome}, {one.policy_hash})" for one in made.fails)
    yield f"FAIL / BLOCK among them: {f'{made.n_fails} stay what they are{more}: {named}' if made.n_fails else 'none'}"
    yield f"false alarms left {made.left_before} -> {made.left_after} of {made.alarms}"
    if made.effects:
        yield from aligned(_EFFECT_HEADER, [_effect_cells(one) for one in made.effects], _EFFECT_HEADER)


def _effect_cells(one: Effect) -> tuple[str, ...]:
    return (
        one.policy_hash,
        one.stratum or "-",
        *(str(number) for number in (one.runs, one.spikes, one.fails)),
        f"{one.before.left} -> {one.after.left} of {one.alarms}",
        _both(one, lambda risk: "-" if risk.difference is None else f"{risk.difference:+.4f}"),
        _both(one, lambda risk: "-" if risk.ratio is None else f"{risk.ratio:.4f}"),
    )


def _both(one: Effect, shown: Callable[[Risk], str]) -> str:
    return f"{shown(one.risk_before)} -> {shown(one.risk_after)}"


PERFORM: Final[dict[str, Callable[[argparse.Namespace], int]]] = {"list": _list, "lint": _lint, "preview": _preview}
"""Act -> what does it."""
