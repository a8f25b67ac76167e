"""The words of a screen that has nothing to show, and where they stand. Pure: Snapshot and size in, parts out."""

from __future__ import annotations

from collections.abc import Sequence

from gateconsole.snapshot import Snapshot
from gateconsole.text import counted, printable
from gateconsole.tui.keys.key_hints import key
from gateconsole.tui.shell.status_lines import reading, stopped
from gateconsole.tui.theme.paint import Parts, width_of
from gateconsole.tui.theme.wrap import wrap_words
from gateconsole.view import format_count

LEAST_WIDTH = 60
LEAST_HEIGHT = 10
_NARROWEST = 8


def nothing_to_show(snapshot: Snapshot, root_label: str) -> list[tuple[str, str]]:
    """What an empty screen says, as (text, ink) a line: what is so, and what to do next."""
    root = printable(root_label)
    parts = snapshot.completeness
    if stopped(snapshot):
        return [("Nothing is read", "strong"), (root, "text"), ("", "text"), ("The line above says why.", "muted")]
    if snapshot.phase == "starting":
        return [("starting", "strong"), ("", "text"), (f"opening {root}", "muted")]
    if snapshot.phase == "waiting":
        return [
            ("The root is away", "strong"),
            (root, "text"),
            ("", "text"),
            ("The console waits and shows the runs as soon as the folder is back.", "muted"),
            (f"If the path is wrong: {key('quit')}, then gateconsole PATH", "muted"),
        ]
    if snapshot.phase == "loading":
        return [
            (reading(snapshot), "strong"),
            (_bar(snapshot), "chart"),
            ("", "text"),
            ("Policies appear as their runs are read.", "muted"),
        ]
    if parts.pending and not parts.rejected:
        return [
            ("No run yet", "strong"),
            ("", "text"),
            (f"{format_count(parts.pending)} pending: still being written", "muted"),
        ]
    if parts.seen:
        be = "is" if parts.rejected == 1 else "are"
        return [
            ("No run yet", "strong"),
            (f"{format_count(parts.rejected)} of {counted(parts.seen, 'file')} {be} no run", "notice"),
            ("", "text"),
            ("What is wrong with each, and where:  gateconsole validate PATH", "muted"),
        ]
    return [
        ("No run yet", "strong"),
        (root, "text"),
        ("", "text"),
        *_misnamed(snapshot),
        ("Runs appear as soon as CI writes a gate_result.json", "muted"),
        ("below this folder, at any depth.", "muted"),
        ("To see the console with runs in it:  gateconsole demo", "muted"),
    ]


def _misnamed(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Files that were surely meant: they are never read."""
    number = snapshot.completeness.misnamed
    if not number:
        return []
    named = f"{counted(number, 'file')} with almost that name, never read: {printable(snapshot.misnamed)}"
    return [(named, "notice"), ("", "text")]


def _bar(snapshot: Snapshot) -> str:
    """How much is read, as forty cells."""
    done, seen = snapshot.progress or (0, 0)
    filled = min(done * 40 // seen, 40) if seen else 0
    return "█" * filled + "─" * (40 - filled)


def centred(lines: Sequence[tuple[str, str]], width: int, height: int) -> list[Parts]:
    """A block of lines in the middle of a screen, somewhat above its centre, aligned on the left.

    A line that is too long for the screen goes on below itself.
    """
    room = max(width - 2, _NARROWEST)
    lines = [(piece, ink) for text, ink in lines for piece in wrap_words(text, room, False)]
    block = min(max((width_of((line,)) for line in lines), default=0), width - 2)
    left = max((width - block) // 2, 1)
    above = max((height - len(lines)) * 2 // 5, 0)
    blank: Parts = ()
    return [*([blank] * above), *(((" " * left, "text"), line) for line in lines)][:height]


def too_small(width: int, height: int) -> list[Parts]:
    """All that a terminal below the least size is told."""
    words, needed = "too small", f"needs {LEAST_WIDTH} x {LEAST_HEIGHT}"
    said = (
        [(f"{words}: {needed}", "text")]
        if width > len(words) + len(needed) + 3
        else [(words, "text"), (needed, "text")]
    )
    return centred([*said, (f"now {width} x {height}", "muted")], width, height)
