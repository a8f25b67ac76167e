"""What the detail says of one run or one rejected file, as lines. Pure: rows and texts in, parts out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from gateconsole.artifacts.raw_text import RawText
from gateconsole.exports.cells import rate_text
from gateconsole.model import Diagnostic, Whitelist
from gateconsole.rows.rejected import DUPLICATE
from gateconsole.rows.sorts import RunRow
from gateconsole.text import iso_time
from gateconsole.tui.runs.rows import PENDING, FileLine
from gateconsole.tui.theme.paint import INKS, Painter, Parts
from gateconsole.tui.theme.wrap import field, wrapped
from gateconsole.view import MISSING, format_count, format_time, outcome_letter

_STATES: Final = {
    "whitelisted": "= all its classes are listed",
    "mixed": "= some of its classes are listed",
    "not_whitelisted": "none of its classes is listed",
    "none": "no unknown class",
}
_STATE_INKS: Final = {"whitelisted": "listed", "mixed": "listed", "not_whitelisted": "text", "none": "muted"}
_FILE_STATES: Final = {
    PENDING: "pending: not counted yet",
    DUPLICATE: "duplicate: it is in no figure",
}
_LINE: Final = re.compile(r"line (\d+)")


class ArtifactText(NamedTuple):
    """What was read for one artifact: its text, what was unusable in it, the queue's run it names if there is one."""

    raw: RawText
    diagnostics: tuple[Diagnostic, ...] = ()
    queue_run: str = ""


def run_facts(
    paint: Painter,
    run: RunRow,
    found: ArtifactText | None,
    whitelist: Whitelist,
    width: int,
    *,
    judged: Sequence[Parts] = (),
) -> list[Parts]:
    """The artifact as it was read, how its classes stand to the whitelist, what was unusable in it.

    `judged`: lines that say how the run was judged.
    """
    time = MISSING if run.timestamp is None else iso_time(run.timestamp)
    lines = [
        *field(paint, "outcome", run.outcome, width, INKS[outcome_letter(run.outcome)]),
        *field(paint, "unknown_rate", rate_text(run.unknown_rate), width, "strong"),
    ]
    for place, reason in enumerate(run.top_reasons or ("",)):
        lines += field(paint, "top_reasons" if place == 0 else "", reason, width)
        lines += _listing(paint, reason, run, whitelist, width) if reason else []
    return [
        *lines,
        *field(paint, "whitelist", _STATES[run.whitelist_state], width, _STATE_INKS[run.whitelist_state]),
        *judged,
        *field(paint, "policy_hash", run.policy_hash, width),
        *field(paint, "stratum", run.stratum or "", width),
        *field(paint, "timestamp", time, width),
        *field(paint, "run_id", run.run_id, width),
        *(field(paint, "job", run.job, width) if run.job is not None else ()),
        *(field(paint, "attempt", str(run.attempt), width) if run.attempt is not None else ()),
        *_diagnostics(paint, found, width),
        *field(paint, "file", run.path, width, "muted"),
    ]


def _listing(paint: Painter, reason: str, run: RunRow, whitelist: Whitelist, width: int) -> list[Parts]:
    """Below a reason: what the whitelist says of it, if it is an unknown class (rule G15)."""
    if not run.unknown_rate:
        return field(paint, "", "· no unknown class: the rate is not above 0", width, "muted")
    entry = whitelist.entry(reason, run.stratum)
    if entry is None:
        return field(paint, "", "· not listed", width, "muted")
    since = f" since {entry.added_at[:10]}" if entry.added_at else ""
    scope = f" ({entry.scope} only)" if entry.scope else ""
    why = f"= listed{since}{scope}: {entry.justification or 'no justification given'}"
    return field(paint, "", why, width, "listed")


def _diagnostics(paint: Painter, found: ArtifactText | None, width: int) -> list[Parts]:
    if found is None:
        return field(paint, "diagnostics", "…", width, "muted")
    if not found.diagnostics:
        return field(paint, "diagnostics", "none: every field was usable", width, "muted")
    lines: list[Parts] = []
    for place, note in enumerate(found.diagnostics):
        lines += field(paint, "diagnostics" if place == 0 else "", f"{note.rule} in {note.field}", width, "notice")
        if note.detail:
            lines += field(paint, "", note.detail, width, "muted")
    return lines


def file_facts(paint: Painter, line: FileLine, width: int) -> list[Parts]:
    """Why a file is no run, where in it, since when."""
    state = _FILE_STATES.get(line.rule, "rejected: it is in no figure")
    return [
        *field(paint, "file", line.path, width, "strong"),
        *field(paint, "state", state, width, "notice"),
        *field(paint, "rule", line.rule, width),
        *field(paint, "kept" if line.rule == DUPLICATE else "place", line.place, width),
        *field(paint, "why", line.detail, width),
        *field(paint, "since", format_time(line.since, line.today), width),
    ]


def raw_lines(paint: Painter, found: ArtifactText | None, width: int, place: str = "") -> list[Parts]:
    """The file's text with numbered lines, long ones folded; the line that `place` names is marked."""
    if found is None:
        return []
    raw = found.raw
    if raw.problem:
        return [((f" {raw.problem}", "notice"),)]
    if not raw.lines:
        return [((" the file is empty", "notice"),)]
    marked = _LINE.search(place)
    number = int(marked[1]) if marked else 0
    gutter = len(str(len(raw.lines)))
    lines: list[Parts] = []
    for at, text in enumerate(raw.lines, 1):
        mark = ("→", "bad") if at == number else (" ", "text")
        for row, piece in enumerate(wrapped(text, max(width - gutter - 4, 8), paint.ascii_only)):
            head = f"{at if row == 0 else '':>{gutter}} │ "
            lines.append((mark if row == 0 else (" ", "text"), (head, "muted"), (piece, "text")))
    if raw.cut:
        lines.append(((" cut here: the file is longer", "notice"), (f", {size_text(raw)}", "muted")))
    return lines


def size_text(raw: RawText) -> str:
    """How large the file is, and how much of it is shown: `412 bytes`, `the first 64 KB of 1,204,113 bytes`."""
    return f"the first 64 KB of {format_count(raw.size)} bytes" if raw.cut else f"{format_count(raw.size)} bytes"


def raw_title(found: ArtifactText | None) -> Sequence[tuple[str, str]]:
    """The line above the text."""
    said = f"  {size_text(found.raw)}" if found is not None and not found.raw.problem else ""
    return ((" as it is on disk", "text"), (said, "muted"))
