"""What the screen Whitelist says of one entry, and of the file. Pure: an entry and a width in, lines out."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from gateconsole.model import Entry
from gateconsole.snapshot import Snapshot
from gateconsole.text import counted, printable
from gateconsole.tui.keys.key_hints import hint
from gateconsole.tui.shell.view_filter import CHANGED
from gateconsole.tui.theme.paint import Painter, Part, Parts, width_of
from gateconsole.tui.theme.wrap import field
from gateconsole.tui.whitelist.cells import MARKS, review_ink, scope_text
from gateconsole.tui.whitelist.preview_text import cover_rows, fail_lines
from gateconsole.tui.whitelist.preview_worker import PreviewReply
from gateconsole.tui.whitelist.save import EntryHistory, acts_on
from gateconsole.view import format_count, format_time
from gateconsole.whitelist.entry_status import EntryStatus
from gateconsole.whitelist.history import WhitelistAct
from gateconsole.whitelist.lookalikes import LookAlike

BESIDE: Final = 132
"""Width from which the history stands beside what is known of an entry."""

_MOST_ACTS: Final = 50
_PRESSING: Final = ("expired", "overdue", "review due", "duplicate", "shadowed", "unknown scope", "unused")
_VERBS: Final = {"added": "listed it", "edited": "edited it", "retired": "retired it", "undone": "undid an act"}


class Top(NamedTuple):
    """What stands above the list: entries in force, all as they stand, notes of the file, whether nothing is written.

    `said`: the filter and the order, in words; the last ones give way.
    """

    number: int
    listed: Sequence[EntryStatus]
    notes: Sequence[str]
    said: Sequence[str]
    read_only: bool


def header(top: Top, width: int) -> list[Parts]:
    """How many entries, which of them press; then what is to be known of the file."""
    head: list[Part] = [(f" {counted(top.number, 'entry')}", "strong")]
    for state in _PRESSING:
        having = sum(state in one.states for one in top.listed)
        if having:
            mark, ink = MARKS[state]
            head.append((f"   {mark} {format_count(having)} {state}", ink))
    if top.read_only:
        head.append(("   RO", "notice"))
    words = [*top.said]
    while words and width_of(tuple(head)) + sum(len(printable(word)) + 3 for word in words) > width:
        del words[-1]
    right: Parts = ((f"{' · '.join(words)} ", "muted"),) if words else ()
    blank = max(width - width_of(tuple(head)) - width_of(right), 0)
    return [(*head, (" " * blank, "text"), *right), *_notes(top.notes[:3], width)]


def _notes(notes: Sequence[str], width: int) -> Iterator[Parts]:
    """Each note in two lines at most."""
    for note in notes:
        for place, line in enumerate(textwrap.wrap(note, max(width - 4, 10), max_lines=2, placeholder=" …")):
            yield ((" ▲ " if not place else "   ", "bad"), (line, "notice"))


class EntryFacts(NamedTuple):
    """What is known of an entry: how it stands, its further keys, what it covers, the acts of its file.

    None where that is still being looked up. `now`: microseconds UTC.
    """

    one: EntryStatus
    extra: Mapping[str, object]
    answer: PreviewReply | None
    history: EntryHistory | None
    now: int


def entry_lines(paint: Painter, known: EntryFacts, width: int) -> list[Parts]:
    """The entry whole, how it stands, what looks like it, what it covers."""
    one, extra, answer, _, now = known
    entry = one.entry
    mark, ink = MARKS[one.state]
    lines = [
        *field(paint, "reason", entry.reason, width, "strong"),
        *field(paint, "state", f"{mark} {one.note}", width, ink),
        *field(paint, "justification", entry.justification or "none given", width),
        *field(paint, "scope", scope_text(entry), width),
        *field(paint, "added", _added(entry), width),
        *field(paint, "review by", _review(one, now), width, review_ink(one)),
        *(field(paint, "expires at", entry.expires_at, width) if entry.expires_at else ()),
    ]
    for name, value in extra.items():
        lines += field(paint, name[:13], json.dumps(value, ensure_ascii=False), width, "muted")
    lines += alike_lines(paint, answer.alike if answer is not None else (), width)
    return [*lines, *_covers(paint, one, answer, now, width)]


def _added(entry: Entry) -> str:
    return " by ".join(filter(None, (entry.added_at or "on a day not told", entry.added_by)))


def _review(one: EntryStatus, now: int) -> str:
    if not one.entry.review_by:
        return "no day is set"
    left = (
        ""
        if one.days is None
        else f" (in {counted(one.days, 'day')})"
        if one.days >= 0
        else f" ({counted(-one.days, 'day')} ago)"
    )
    return f"{one.entry.review_by}{left}"


def alike_lines(paint: Painter, alike: Sequence[tuple[LookAlike, bool]], width: int) -> list[Parts]:
    """Reasons that look like this one: pointed out, never corrected."""
    lines: list[Parts] = []
    for near, listed in alike[:3]:
        said = f"`{near.reason}`, which is {'listed' if listed else 'not listed'}: {near.text}"
        lines += field(paint, "looks like", said, width, "notice")
    return lines


def _covers(paint: Painter, one: EntryStatus, answer: PreviewReply | None, now: int, width: int) -> Iterator[Parts]:
    if answer is None:
        yield from field(paint, "covers", "…", width, "muted")
        return
    preview = answer.preview
    if preview is None:
        yield from field(paint, "covers", "no runs are held to count it in", width, "muted")
        return
    window = f"the {counted(one.of, 'valid run')} of the last {counted(one.within, 'day')}"
    recent = f"{format_count(one.hits)} of {window}, {counted(preview.runs, 'run')} in all"
    yield from field(paint, "covers", recent, width)
    yield from cover_rows(paint, preview)
    yield from fail_lines(paint, preview, now, width)


# history


def history_lines(paint: Painter, entry: Entry, found: EntryHistory | None, now: int, width: int) -> list[Parts]:
    """What was done to the entry, newest first: when, who, what."""
    if found is None:
        return field(paint, "history", "…", width, "muted")
    if found.problem:
        return field(paint, "history", found.problem, width, "notice")
    mine = acts_on(found.acts, entry)
    if not mine:
        said = "none in the ledger: the entry was made by hand, or by another tool"
        return field(paint, "history", said, width, "muted")
    lines: list[Parts] = []
    for place, act in enumerate(mine[:_MOST_ACTS]):
        when = f"{format_time(act.at, now)} {act.actor}: {_told(act)}"
        lines += field(paint, "history" if not place else "", when, width, "muted" if act.undone else "text")
    if len(mine) > _MOST_ACTS:
        lines += field(paint, "", f"and {format_count(len(mine) - _MOST_ACTS)} earlier", width, "muted")
    return lines


def _told(act: WhitelistAct) -> str:
    """An act in words: what became of the entry by it."""
    before, after = act.entries
    if act.what == "edited" and before is not None and after is not None:
        changed = [
            f"{name.replace('_', ' ')} {_value(old)} → {_value(new)}"
            for name, old, new in zip(before._fields, before, after, strict=True)
            if old != new
        ]
        said = f"edited: {'; '.join(changed)}"
    else:
        said = _VERBS[act.what]
    why = f": {act.why}" if act.why else ""
    return f"{said}{why}{' (undone)' if act.undone else ''}"


def _value(value: str | None) -> str:
    return "none" if value is None else f"'{value}'"


def detail_lines(paint: Painter, known: EntryFacts, width: int) -> list[Parts]:
    """Everything that is known of an entry; where there is room, its history stands beside it."""
    entry = known.one.entry
    if width < BESIDE:
        return [
            *entry_lines(paint, known, width),
            *history_lines(paint, entry, known.history, known.now, width),
        ]
    left = width * 3 // 5
    facts = entry_lines(paint, known, left)
    past = history_lines(paint, entry, known.history, known.now, width - left - 2)
    blank: Parts = ()
    rows = max(len(facts), len(past))
    facts += [blank] * (rows - len(facts))
    past += [blank] * (rows - len(past))
    return [(*paint.cell(one_line, left), ("  ", "text"), *other) for one_line, other in zip(facts, past, strict=True)]


def nothing_listed(snapshot: Snapshot, filtered: str, may_write: bool) -> list[tuple[str, str]]:
    """Why there is no entry in the list, and what to do next."""
    if filtered:
        return [
            ("No entry matches the filter", "strong"),
            (f"/ {filtered}", "notice"),
            ("", "text"),
            (f"reason:, policy:, stratum: and words find entries; {hint(*CHANGED)}", "muted"),
        ]
    if snapshot.whitelist.problem is not None:
        return [
            ("No whitelist is in force", "strong"),
            ("", "text"),
            ("The line above says what is wrong with the file, and where.", "muted"),
            ("Nothing is written while it is broken.", "muted"),
            ("It is read again as soon as it is mended.", "muted"),
        ]
    if snapshot.phase == "starting":
        return [("starting", "strong")]
    if snapshot.phase == "waiting":
        return _away(snapshot)
    lines = [("Nothing is whitelisted", "strong"), ("", "text")]
    if may_write:
        elsewhere = hint(("whitelist", "does so on a class, an alert or a run"))
        lines.append((f"{hint(('whitelist_new', 'lists an unknown class'))}; {elsewhere}.", "muted"))
    return [*lines, ("A listed class stays visible, and FAIL stays FAIL; its alerts call nobody.", "muted")]


def _away(snapshot: Snapshot) -> list[tuple[str, str]]:
    """What can be said without the root: its whitelist lies in it."""
    if snapshot.completeness.seen:
        return [("Nothing was whitelisted when the root was last there", "strong")]
    return [
        ("What is whitelisted is not known yet", "strong"),
        ("", "text"),
        ("The root is away, and its whitelist with it.", "muted"),
        ("Both are read as soon as it is there.", "muted"),
    ]
