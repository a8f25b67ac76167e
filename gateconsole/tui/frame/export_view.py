"""The act `export`: what is shown, as a file in the current folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gateconsole.text import shown_path
from gateconsole.tui.widgets.latest_worker import LatestWorker

if TYPE_CHECKING:
    from gateconsole.tui.shell.screen import ExportedView


class ExportMessage(NamedTuple):
    """What came of it: printable text and its ink."""

    text: str
    ink: str


def write_view(shown: ExportedView) -> ExportMessage:
    """Write it as CSV, as `gateconsole export --where` would, under a name nobody has; say where, or why not.

    Not on the screen's own thread.
    """
    from gateconsole.exports.fresh import export_fresh
    from gateconsole.io.atomic import OutputUnusableError

    try:
        path = export_fresh(shown.table, "csv", shown.snapshot, Path.cwd(), shown.query)
    except OutputUnusableError as problem:
        return ExportMessage(str(problem), "bad")
    except FileNotFoundError:
        return ExportMessage("the current folder is gone: start the console in another one to export", "bad")
    return ExportMessage(f"wrote {shown_path(path)}: {shown.words}", "good")


class ExportView:
    """Writes one table after the other; `say` (text, ink) is told when it begins and what came of it."""

    def __init__(self, say: Callable[[str, str], None]) -> None:
        self._say = say
        self.working: LatestWorker[ExportedView, ExportMessage] = LatestWorker(write_view, self._written)

    def begin(self, shown: ExportedView | None) -> None:
        """Write this, soon."""
        if shown is None:
            self._say("nothing is shown that could be written", "notice")
            return
        self._say(f"writing {shown.words}", "text")
        self.working.ask(shown)

    def _written(self, shown: ExportedView, said: ExportMessage) -> None:
        self._say(*said)
