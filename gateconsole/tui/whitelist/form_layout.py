"""How the whitelist's form looks. Pure: what it is at and a size in, lines out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from gateconsole.model import Entry
from gateconsole.tui.theme.paint import Painter, Parts, width_of
from gateconsole.tui.theme.wrap import field
from gateconsole.tui.whitelist.cells import scope_text
from gateconsole.tui.whitelist.form_fields import Fields, field_lines
from gateconsole.tui.whitelist.form_model import FieldError, FormModel
from gateconsole.tui.whitelist.preview_text import preview_lines
from gateconsole.tui.whitelist.preview_worker import PreviewReply
from gateconsole.tui.whitelist.text import alike_lines
from gateconsole.tui.widgets.modal import KeyHint
from gateconsole.whitelist.merge import EntryConflict


class FormView(NamedTuple):
    """What the form is at. `problem`: why the save failed; `slow`: it waits; `asked`: a preview is or will be there;
    `notes`: of the file; `now`: microseconds UTC."""

    fields: Fields
    mode: Literal["asking", "saving", "conflict"]
    wrong: FieldError | None
    problem: str
    slow: bool
    conflict: EntryConflict | None
    answer: PreviewReply | None
    asked: bool
    notes: Sequence[str]
    now: int


def form_lines(paint: Painter, look: FormView, width: int, most: int) -> list[Parts]:
    """The form in at most `most` lines of this width; the last one is its lower edge."""
    inner = width - 4
    if look.mode == "conflict" and look.conflict is not None:
        body = list(_conflict(paint, look.conflict, inner))
        return _in_frame(paint, "changed by somebody else meanwhile", body[: most - 2], (), width)
    draft = look.fields.begun
    body = [
        *_entry(paint, draft, inner),
        *field_lines(paint, look.fields, look.wrong, inner),
        *_said(paint, look, inner),
        *_alike(paint, look.answer, inner),
    ]
    body += _outlook(paint, look, inner, most - 2 - len(body))
    state: Parts = ((" saving ... ", "muted"),) if look.mode == "saving" else ()
    return _in_frame(paint, draft.title, body[: most - 2], state, width)


def _entry(paint: Painter, draft: FormModel, width: int) -> Iterator[Parts]:
    """What is known before anything is typed."""
    if draft.note:
        yield ((f" {draft.note}", "muted"),)
    if draft.kind == "retire" and draft.seen is not None:
        yield from field(paint, "it says", draft.seen.justification or "no justification", width)
        yield from field(paint, "scope", scope_text(draft.seen), width)


def _said(paint: Painter, look: FormView, width: int) -> Iterator[Parts]:
    """Why it was not saved, that it is being saved, what saving does to the file."""
    if look.problem:
        yield from field(paint, "▲ not saved", look.problem, width, "bad")
    elif look.slow:
        yield from field(paint, "saving", "another process has the file or the ledger locked, waiting", width, "notice")
    for note in look.notes[:2]:
        yield from field(paint, "the file", note, width, "notice")


def _alike(paint: Painter, answer: PreviewReply | None, width: int) -> Sequence[Parts]:
    return [] if answer is None else alike_lines(paint, answer.alike, width)


def _outlook(paint: Painter, look: FormView, width: int, room: int) -> list[Parts]:
    """The preview, under a rule of its own."""
    if not look.asked:
        return []
    rule: Parts = ((" " + "─" * (width - 2), "rule"),)
    if look.answer is None:
        return [rule, *field(paint, "covers", "…", width, "muted")]
    if look.answer.preview is None:
        return [rule, *field(paint, "covers", "no runs are held to count it in", width, "muted")]
    return [rule, *preview_lines(paint, look.answer.preview, look.now, width, room - 1)]


def _conflict(paint: Painter, conflict: EntryConflict, width: int) -> Iterator[Parts]:
    """Both sides, and what was there when the form was opened."""
    for name, entry, ink in (
        ("it was", conflict.seen, "muted"),
        ("there is now", conflict.theirs, "notice"),
        ("wanted", conflict.wanted, "strong"),
    ):
        yield from field(paint, name, _side(entry), width, ink)
    yield ()
    yield ((" m mine: ", "key"), ("what is wanted takes its place all the same", "text"))
    yield ((" t theirs: ", "key"), ("what is there now stays, nothing is written", "text"))


def _side(entry: Entry | None) -> str:
    if entry is None:
        return "no entry"
    review = f"review by {entry.review_by}" if entry.review_by else "no review day"
    facts = ", ".join((scope_text(entry), review, entry.added_by or "nobody named"))
    return f"{entry.reason}: {entry.justification or 'no justification'} ({facts})"


# keys


def form_keys(look: FormView) -> list[KeyHint]:
    """What the form can be told now. While it saves nothing can be typed; a conflict wants a decision."""
    if look.mode == "saving":
        return [KeyHint("esc", "put it away, the save goes on")]
    if look.mode == "conflict":
        return [KeyHint("m", "mine"), KeyHint("t", "theirs"), KeyHint("esc", "back to the form")]
    draft = look.fields.begun
    retire = draft.kind == "retire"
    keys = [
        KeyHint("enter", "retire" if retire else "save"),
        KeyHint("esc", "keep it" if retire else "keep nothing"),
    ]
    if len(draft.fields) > 1:
        keys.append(KeyHint("tab", "next field"))
    if look.fields.here == "scope":
        keys.append(KeyHint("← →", "others"))
    if look.fields.here == "reason" and draft.offered:
        keys.append(KeyHint("↑ ↓", "classes not listed"))
    return keys


# frame


def _in_frame(paint: Painter, title: str, body: Sequence[Parts], state: Parts, width: int) -> list[Parts]:
    shown: Parts = ((f" {paint.text(title, max(width - 8, 8))} ", "strong"),)
    framed = [(("│ ", "rule"), *paint.cell(line, width - 4), (" │", "rule")) for line in body]
    return [_edge("┌┐", shown, width), *framed, _edge("└┘", state, width)]


def _edge(corners: str, words: Parts, width: int) -> Parts:
    """A line of the frame with words in it; the last ones give way."""
    while words and width_of(words) > width - 4:
        words = words[:-2]
    return (
        (f"{corners[0]}─", "rule"),
        *words,
        ("─" * (width - 4 - width_of(words)), "rule"),
        (f"─{corners[1]}", "rule"),
    )
