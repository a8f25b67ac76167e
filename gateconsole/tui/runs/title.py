"""The words above the lists of the screen Runs, and those that stand there when a list is empty. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gateconsole.snapshot import Snapshot
from gateconsole.text import counted, printable
from gateconsole.tui.keys.key_hints import hint, key
from gateconsole.tui.shell.empty_states import nothing_to_show
from gateconsole.tui.shell.view_filter import CHANGED, ViewFilter
from gateconsole.tui.theme.paint import Part, Parts, width_of
from gateconsole.view import format_count, n_of_m

if TYPE_CHECKING:
    from gateconsole.rows.runs import RunsView

Lines = list[tuple[str, str]]


def title_line(names: tuple[Parts, Parts], files_shown: bool, said: Sequence[str], width: int) -> Parts:
    """The two lists with their counts, the one in sight marked like a selected tab; at the right what is `said`.

    Of that the first parts give way where there is no room.
    """
    parts: list[Part] = []
    for place, name in enumerate(names):
        if (place == 1) is files_shown:
            parts += [("▌", "accent@selection"), *((text, "strong@selection") for text, _ in name)]
            parts.append((" ", "text@selection"))
        else:
            other: Part = (f"{' ' * (1 + place)}{key('other_list')} ", "key")
            parts += [other, *name, (" " * (2 - place), "text")]
    words = list(filter(None, said))
    while words and width_of(tuple(parts)) + sum(len(word) + 3 for word in words) > width:
        del words[0]
    right: Parts = ((f"{' · '.join(words)} ", "muted"),)
    blank = width - width_of(tuple(parts)) - width_of(right)
    return (*parts, (" " * max(blank, 0), "text"), *right)


def runs_name(view: RunsView | None) -> Parts:
    """`Runs 37 of 12,340`."""
    said = f" {n_of_m(view.matched, view.total)}" if view is not None else ""
    return ((f"Runs{said}", "text"),)


def files_name(shown: int, rejected: int, pending: int, duplicate: str = "") -> Parts:
    """`Rejected 3 of 26 + 2 pending + 1 duplicate`."""
    waiting = f" + {format_count(pending)} pending" if pending else ""
    lost = f" + {duplicate} duplicate" if duplicate else ""
    ink = "notice" if rejected or pending or duplicate else "muted"
    return ((f"Rejected {n_of_m(shown, rejected)}{waiting}{lost}", ink),)


def no_runs(snapshot: Snapshot, lens: ViewFilter, view: RunsView | None, root_label: str) -> Lines:
    """Why the list of runs is empty, and what to do next."""
    parts = snapshot.completeness
    if view is None and parts.parsed:
        return [(f"listing {counted(parts.parsed, 'run')}", "strong")]
    if view is not None and view.total and lens.filtered:
        return lens.leaves_nothing("No run matches the filter", f"It leaves out all of {counted(view.total, 'run')}.")
    lines = nothing_to_show(snapshot, root_label)
    if snapshot.phase == "live" and parts.rejected:
        return [*lines[:-1], (hint(("other_list", "shows which, and what is wrong with each")), "muted")]
    return [(text.replace("Policies appear", "Runs appear"), ink) for text, ink in lines]


def no_files(snapshot: Snapshot, lens: ViewFilter) -> Lines:
    """Why the list of rejected files is empty, and what to do next."""
    left_out = len(snapshot.rejected) + len(snapshot.duplicates)
    if left_out and lens.filtered:
        return [
            ("No rejected file matches the filter", "strong"),
            (f"/ {printable(lens.text)}", "notice"),
            ("", "text"),
            ("A file that is no run has no policy, outcome or rate: only words are looked for in it.", "muted"),
            (f"{hint(*CHANGED)}; {counted(left_out, 'file')} left out", "muted"),
        ]
    if snapshot.phase in {"starting", "loading"}:
        return [("No file was rejected so far", "strong")]
    return [("No file was rejected", "strong"), ("", "text"), (hint(("other_list", "goes back to the runs")), "muted")]
