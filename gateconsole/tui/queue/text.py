"""What the screen Queue says about a testcase beside its patches. Pure: a board and a width in, lines out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from gateconsole.patch_queue.overview import Board, TestcaseBoard
from gateconsole.patch_queue.queries import MINUTE, QueueRunRow
from gateconsole.patch_queue.timeline import TimelineEntry
from gateconsole.snapshot import Snapshot
from gateconsole.text import counted
from gateconsole.tui.keys.key_hints import hint
from gateconsole.tui.queue.cells import p_text, short
from gateconsole.tui.theme.paint import Painter, Part, Parts, width_of
from gateconsole.tui.theme.wrap import labelled_text, wrapped
from gateconsole.view import format_count, format_time, format_time_short

_LONG: Final = 600
"""Minutes from which a duration is told in hours."""

_MANY: Final = 60
"""Patches of a set, runs or builders that are named; the rest is counted."""


def no_queue(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Why there is no testcase to show, and what to do next."""
    if snapshot.queue is None:
        return [("the queue has not been read yet", "muted")]
    if any(banner.code == "queue_unusable" for banner in snapshot.banners):
        why = "Why, and what to do, stands above; the queue shows here as soon as it can be read."
        return [("The ledger cannot be read", "strong"), ("", "text"), (why, "muted")]
    return [
        ("No testcase is configured yet", "strong"),
        ("", "text"),
        ("The queue begins with a testcase,", "text"),
        ("and the share of patches expected not to break it:", "text"),
        ("gateconsole queue configure TESTCASE --p 0.9", "key"),
        ("gateconsole queue submit PATCH", "key"),
        ("", "text"),
        ("Both with the same --root or --ledger as this console; they show here at once.", "muted"),
    ]


def header(board: Board, each: TestcaseBoard, place: int, read_only: bool, width: int) -> list[Parts]:
    """The testcase in a line, then what to know before trusting it."""
    testcase, judged = each.testcase, each.estimate
    which = f" {place + 1}/{len(board.testcases)}" if len(board.testcases) > 1 else ""
    head: list[Part] = [(f" {testcase.name}", "strong"), (which, "accent")]
    brief = f"  p {testcase.p}  M {testcase.m}"
    whole = f"  p {testcase.p} (estimate {judged.text}, n {each.verdicts})  M {testcase.m}"
    strategy = f"{testcase.strategy}{' literal' if testcase.literal else ''}"
    counts: list[Part] = [
        (f"   {format_count(each.considered)} pending  {format_count(len(each.in_flight))} in flight", "text")
    ]
    if each.overdue:
        counts.append((f"  ▲ {format_count(each.overdue)} overdue", "bad"))
    if testcase.retired is not None:
        counts.append(("  ○ retired", "notice"))
    if testcase.paused is not None:
        counts.append(("  ○ paused", "notice"))
    if read_only:
        counts.append(("  RO", "notice"))
    most = (f"{whole}  strategy {strategy}", f"{whole}  {strategy}", f"{brief}  {strategy}")
    for said in (*most, brief, f"  p {testcase.p}", ""):
        line: Parts = (*head, (said, "text"), *counts)
        if width_of(line) < width:
            break
    notes = [f"paused: {testcase.paused}"] if testcase.paused is not None else []
    notes += [*each.warnings, *(f"conflict: {one.text}" for one in board.conflicts if one.testcase == testcase.name)]
    shown = [((" ▲ ", "bad"), (note, "notice")) for note in notes[:3]]
    if len(notes) > 3:
        shown[-1] = ((" ▲ ", "bad"), (f"{notes[2]} (and {len(notes) - 3} more)", "notice"))
    return [line, *shown]


def view_lines(found: str, order: str, held: str, missing: str) -> list[Parts]:
    """What the list shows of all patches, in which order, as held when; below, what of the filter no patch has."""
    said = ((found, "notice"), (order, "muted"), (held, "notice"))
    shown = tuple((f" {text} ", ink) for text, ink in said if text)
    return [*([shown] if shown else []), *([((f" {missing}", "notice"),)] if missing else [])]


def overview(paint: Painter, board: Board, each: TestcaseBoard, now: int, width: int) -> list[Parts]:
    """The proposal and why; runs in flight; open failed sets; builders; builds against the bound; what is not shown."""
    return [
        *_proposal(paint, each, width),
        *_in_flight(paint, each, width),
        *_open(paint, each, width),
        *_builders(paint, each, now, width),
        *labelled_text(paint, "estimate", _estimate(each), width),
        *labelled_text(paint, "builds", _builds(each), width),
        *_earlier(paint, board, each, width),
    ]


def _earlier(paint: Painter, board: Board, each: TestcaseBoard, width: int) -> list[Parts]:
    """What was decided earlier and is not shown, and how it is (rule Q23)."""
    if board.history is None:
        return []
    hidden = [counted(each.earlier, "patch") + " decided earlier"] if each.earlier else []
    hidden += [f"retired: {', '.join(board.retired)}"] if board.retired else []
    return (
        labelled_text(paint, "earlier", f"{'; '.join(hidden)}; {hint(('queue_all', 'shows all'))}", width)
        if hidden
        else []
    )


def _proposal(paint: Painter, each: TestcaseBoard, width: int) -> Iterator[Parts]:
    proposal = each.proposal
    if proposal.choice.kind is None or proposal.product is None:
        begin = "" if each.patches else ": `gateconsole queue submit PATCH` brings one"
        yield from labelled_text(paint, "next", f"{proposal.why}{begin}", width)
        return
    held = " (paused)" if each.testcase.paused is not None else ""
    size = _patches(len(proposal.patches))
    said = f"{proposal.choice.kind}, {size}, product {p_text(proposal.product)}{held}: {names(proposal.patches)}"
    yield from labelled_text(paint, "next", said, width, "strong")
    yield from labelled_text(paint, "why", proposal.why, width)


def _in_flight(paint: Painter, each: TestcaseBoard, width: int) -> Iterator[Parts]:
    if not each.in_flight:
        yield from labelled_text(paint, "in flight", "none", width, "muted")
    for run in sorted(each.in_flight, key=lambda run: not run.overdue)[:_MANY]:
        mark = "▲ overdue, " if run.overdue else "in flight "
        size = _patches(len(run.patches))
        said = f"{mark}{_elapsed(run)}, builder {run.builder}, {run.kind}, {size}, product {p_text(run.product)}"
        yield from labelled_text(paint, f"run {short(run.run)}", said, width, "bad" if run.overdue else "text")
    if len(each.in_flight) > _MANY:
        yield from labelled_text(
            paint, "", f"and {format_count(len(each.in_flight) - _MANY)} more in flight", width, "muted"
        )


def _elapsed(run: QueueRunRow) -> str:
    minutes = run.elapsed // MINUTE
    if run.expected is None:
        return _span(minutes)
    if minutes < _LONG:
        return f"{minutes} of ~{run.expected // MINUTE} min"
    return f"{_span(minutes)} of ~{_span(run.expected // MINUTE)}"


def _span(minutes: int) -> str:
    """A duration in the unit that needs few digits."""
    if minutes < _LONG:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{format_count(minutes // (24 * 60))} d"


def _open(paint: Painter, each: TestcaseBoard, width: int) -> Iterator[Parts]:
    for failed in each.open_runs[:_MANY]:
        left = len(failed.suspects)
        who = f"failed, suspects {format_count(left)} of {format_count(failed.size)}: {names(failed.suspects)}"
        what = "it is bad" if left == 1 else "a set that holds them all fails too"
        said = f"{who} ({what} unless the run was a flake)"
        yield from labelled_text(paint, f"run {short(failed.run)}", said, width, "notice")
    if len(each.open_runs) > _MANY:
        yield from labelled_text(
            paint, "", f"and {format_count(len(each.open_runs) - _MANY)} more failed sets", width, "muted"
        )


def _builders(paint: Painter, each: TestcaseBoard, now: int, width: int) -> list[Parts]:
    latest = sorted(each.builders, key=lambda one: (-one.last, one.builder))
    said = "; ".join(
        f"{one.builder} {counted(one.runs, 'run')}"
        f"{f', {one.in_flight} in flight' if one.in_flight else ''}, last {format_time_short(one.last, now)}"
        for one in latest[:_MANY]
    )
    more = f"; and {format_count(len(latest) - _MANY)} more" if len(latest) > _MANY else ""
    return labelled_text(paint, "builders", f"{said}{more}" or "none yet", width)


def _estimate(each: TestcaseBoard) -> str:
    """The estimate of p beside what it rests on (rule Q19)."""
    judged = each.estimate
    if judged.low is None:
        return f"p {judged.value:.2f}: no verdict yet, it is the p configured"
    verdicts = f"{format_count(judged.good)} good, {format_count(judged.bad)} bad"
    uncounted = each.suspected - judged.suspects
    left = f"; {counted(uncounted, 'suspect')} of overlapping sets left out" if uncounted > 0 else ""
    suspects = f", {counted(judged.suspects, 'suspect')}" if judged.suspects else ""
    return f"p {judged.text}: {verdicts}{suspects}{left}"


def _builds(each: TestcaseBoard) -> str:
    ratio = f", ratio {each.builds / each.bound:.1f}" if each.bound else ""
    return f"{format_count(each.builds)} for {counted(each.verdicts, 'verdict')}; bound n H(p) {each.bound:.1f}{ratio}"


def _patches(number: int) -> str:
    return counted(number, "patch")


def names(patches: Sequence[str]) -> str:
    """The patches of a set, at most so many as can be read."""
    more = f" and {format_count(len(patches) - _MANY)} more" if len(patches) > _MANY else ""
    return f"{' '.join(patches[:_MANY])}{more}"


def timeline_lines(paint: Painter, patch: str, moments: Sequence[TimelineEntry], now: int, width: int) -> list[Parts]:
    """What happened to a patch, newest first: when, what and why, k after it, who."""
    lines: list[Parts] = [((" timeline of ", "muted"), (patch, "strong"), (f"  {format_count(len(moments))}", "muted"))]
    for moment in reversed(moments):
        when = f" {format_time(moment.at, now):<13}"
        tail: Parts = ((f"  k {moment.k}", "muted"), (f"  {moment.actor} ", "muted"))
        room = max(width - len(when) - width_of(tail), 20)
        pieces = list(wrapped(moment.text, room, paint.ascii_only))
        ink = "good" if moment.verdict == "good" else "bad" if moment.verdict == "bad" else "text"
        lines.append(((when, "muted"), (pieces[0], ink), *tail))
        lines.extend(((" " * len(when), "text"), (piece, ink)) for piece in pieces[1:])
    return lines


def why_lines(paint: Painter, patch: str, why: str, each: TestcaseBoard, width: int) -> list[Parts]:
    """Why this set, why not this patch."""
    head: Parts = ((" why not ", "muted"), (patch, "strong"))
    return [head, *labelled_text(paint, "patch", why, width), *_proposal(paint, each, width)]
