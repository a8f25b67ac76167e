"""The lines around every screen: status, tabs, banners, footer.

Pure: Snapshot and width in, parts out. The status line answers "is it complete and fresh?".
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from gateconsole.model import Completeness
from gateconsole.snapshot import Snapshot
from gateconsole.text import counted, noun, printable
from gateconsole.tui.keys.actions import Action
from gateconsole.tui.shell.view_filter import ViewFilter
from gateconsole.tui.theme.paint import Part, Parts, width_of
from gateconsole.view import completeness, format_count, format_time

_LABEL_MOST = 32
_STAY = ("help", "quit")
_NOTICE_LINES = 3
"""Lines that what is said may take."""


class Tab(NamedTuple):
    """A screen's place in the tab line: its key, its title; what is wrong there (`▲2`) or to be noticed (`△2`)."""

    key: str
    title: str
    badge: str = ""


class Status(NamedTuple):
    """The status line, and what of it found no room and goes to the right of the tab line."""

    line: Parts
    left_over: Parts


def status_line(snapshot: Snapshot, root_label: str, width: int) -> Status:
    """Root, completeness, newest run, mode: the longest wording that fits."""
    label = _clip_left(printable(root_label), _LABEL_MOST if width >= 100 else 16)
    head: Parts = ((f" {label}", "strong"), ("   ", "text"))
    newest, mode = _newest(snapshot), _mode(snapshot)
    whole, brief, briefest = (_facts(snapshot, level) for level in range(3))
    choices = (
        Status((*whole, *newest, *mode), ()),
        Status((*brief, *newest, *mode), ()),
        Status((*brief, *newest), mode),
        Status(brief, (*newest, *mode)),
        Status(briefest, (*newest, *mode)),
    )
    for choice in choices:
        if width_of((*head, *choice.line)) < width:
            break
    return Status((*head, *choice.line), choice.left_over)


def _facts(snapshot: Snapshot, brevity: int) -> Parts:
    """What is known about the files: the phase while nothing is, else the sum and what is missing from it."""
    if stopped(snapshot):
        return (("▲ ", "bad"), ("stopped", "notice"), (_last(snapshot), "muted"))
    if snapshot.phase == "starting":
        return (("starting", "muted"),)
    if snapshot.phase == "waiting":
        return (("▲ ", "bad"), ("root is away", "notice"), (_last(snapshot), "muted"))
    if snapshot.phase == "loading":
        return ((reading(snapshot), "notice"),)
    parts = snapshot.completeness
    mark, word, ink = _verdict(snapshot)
    told = not brevity or (ink != "good" and mark == "▲")
    said = f"{mark} {word}   " if told and not brevity else f"{mark} {word}  " if told else f"{mark} "
    words = completeness(parts)
    return ((said, ink), (words.replace(" seen", "") if brevity == 2 else words, "text"), *_beside(parts, brevity))


def _verdict(snapshot: Snapshot) -> tuple[str, str, str]:
    """(mark, word, ink): whether all is there, and tells anything. No evidence is never a ✓."""
    parts = snapshot.completeness
    if parts.nothing_found:
        return "▲", parts.word, "notice"
    if not parts.complete:
        return "·", parts.word, "notice"
    blind = [alert for alert in snapshot.alerts if alert.without_evidence]
    if any(alert.policy_hash is None for alert in blind):
        return "▲", "silent", "notice"
    if blind:
        return "▲", f"no rate in {counted(len(blind), 'policy')}", "notice"
    return "✓", parts.word, "good"


def stopped(snapshot: Snapshot) -> bool:
    """True when no further Snapshot will come: the engine could not start. A later fault has everything read anew."""
    return snapshot.phase == "starting" and any(banner.code == "engine_failed" for banner in snapshot.banners)


def _last(snapshot: Snapshot) -> str:
    return f"   last: {completeness(snapshot.completeness)}" if snapshot.completeness.seen else ""


def _beside(parts: Completeness, brevity: int) -> Parts:
    words: list[Part] = []
    gap = "  " if brevity else "   "
    if parts.unreadable_folders:
        folders = noun(parts.unreadable_folders, "unreadable folder") if brevity < 2 else "unreadable"
        words.append((f"{gap}{format_count(parts.unreadable_folders)} {folders}", "notice"))
    if parts.misnamed and brevity < 2:
        words.append((f"{gap}{format_count(parts.misnamed)} misnamed", "notice"))
    if parts.gone and brevity < 2:
        words.append((f"{gap}{format_count(parts.gone)} gone", "muted"))
    return tuple(words)


def _newest(snapshot: Snapshot) -> Parts:
    if snapshot.newest is None:
        return ()
    return (("   newest ", "muted"), (format_time(snapshot.newest, snapshot.taken_at), "text"))


def _mode(snapshot: Snapshot) -> Parts:
    return () if snapshot.mode == "starting" else (("   ", "text"), (snapshot.mode, "muted"))


def reading(snapshot: Snapshot) -> str:
    """Progress in words: `reading 41,200 of 100,000`."""
    if snapshot.progress is None:
        return "reading"
    done, seen = snapshot.progress
    return f"reading {format_count(done)} of {format_count(seen)}"


def _clip_left(text: str, width: int) -> str:
    """The end of a path says more than its start."""
    return text if len(text) <= width else f"…{text[-(width - 1) :]}"


def tab_line(tabs: Sequence[Tab], current: str, right: Callable[[int], Parts], width: int) -> Parts:
    """The screens there are, the current one marked like a selected row; what `right` gives for the room there is.

    What stands there, a held view or a filter, goes before the names of the other screens: their keys tell them.
    """
    for short in (False, True):
        parts = tuple(part for tab in tabs for part in _tab(tab, tab.title == current, short))
        room = width - width_of(parts) - 2
        found = right(room)
        if width_of(found) <= room:
            return (*parts, (" " * (room - width_of(found) + 1), "text"), *found)
    return parts


def _tab(tab: Tab, current: bool, short: bool) -> Parts:
    badge = f" {tab.badge}" if tab.badge else ""
    ink = "notice" if tab.badge.startswith("△") else "bad"
    if current:
        mark: Parts = (("▌", "accent@selection"), (tab.key, "key@selection"))
        return (*mark, (f" {tab.title}", "strong@selection"), (f"{badge} ", f"{ink}@selection"))
    title = "" if short else f" {tab.title}"
    return ((f" {tab.key}", "key"), (title, "text"), (f"{badge} ", ink))


def right_of_tabs(lens: ViewFilter, newer: int, left_over: Parts, theme: str, room: int) -> Parts:
    """What stands right in the tab line, as much of it as fits: a held view, the filter, then what found no room."""
    head: list[Part] = []
    if lens.frozen is not None:
        head += [(f" FROZEN, {format_count(newer)} newer ", "notice@banner"), ("  ", "text")]
    if lens.filtered:
        clipped = _clip_right(printable(lens.text), max(room - width_of(tuple(head)) - 6, 8))
        head += [("/ ", "key"), (clipped, "notice"), ("  ", "text")]
    tails: tuple[Parts, ...] = ((*left_over, ("   ", "text"), (theme, "muted")), left_over, ())
    fitting = next(tail for tail in tails if not tail or width_of((*head, *tail)) < room)
    return (*head, *fitting)


def _clip_right(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def folded(mark: Part, said: Part, width: int, most: int | None, cut: str = " …") -> list[Parts]:
    """Text behind a mark, going on below itself in `most` lines at most (None: any number), `cut` where it is cut."""
    (sign, sign_ink), (text, ink) = mark, said
    lines = textwrap.wrap(text, max(width - 4, 10), max_lines=most, placeholder=cut) if text else []
    return [((sign if y == 0 else " " * len(sign), sign_ink), (line, ink)) for y, line in enumerate(lines)]


def notice_lines(text: str, ink: str, width: int) -> list[Parts]:
    """What is said in the last line: one line if it fits, at most three."""
    mark = " ▲ " if ink == "bad" else " "
    return folded((mark, ink), (printable(text), ink), width, _NOTICE_LINES) or [()]


def footer_line(actions: Sequence[Action], width: int) -> Parts:
    """The keys that do something now, as many as fit; how to get help and how to leave stay to the last."""
    items: dict[str, Parts] = {
        action.id: ((f" {action.shown}", "key"), (f" {action.label} ", "muted")) for action in actions if action.keys
    }
    for name in [*(name for name in reversed(items) if name not in _STAY), "help"]:
        if sum(map(width_of, items.values())) <= width:
            break
        items.pop(name, None)
    return tuple(part for item in items.values() for part in item)


def key_line(keys: Iterable[tuple[str, str]], width: int) -> Parts:
    """The keys of what is open, and what they do; where there is no room the last ones give way."""
    line: Parts = ()
    for key, does in keys:
        longer: Parts = (*line, (f" {key}", "key"), (f" {does} ", "muted"))
        if line and width_of(longer) > width:
            break
        line = longer
    return line
