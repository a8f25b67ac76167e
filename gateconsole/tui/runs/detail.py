"""The detail of a run or of a rejected file: what was read, and the file itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from textual.app import ComposeResult
from textual.containers import Container

from gateconsole.artifacts.raw_text import RawText, artifact_text
from gateconsole.model import ARTIFACT_NAME
from gateconsole.rows.rejected import DUPLICATE
from gateconsole.rows.sorts import RunRow
from gateconsole.snapshot import EMPTY, Snapshot
from gateconsole.tui.runs.detail_text import ArtifactText, file_facts, raw_lines, raw_title, run_facts
from gateconsole.tui.runs.judgement_text import judged_facts
from gateconsole.tui.runs.queue_run import queue_run_text
from gateconsole.tui.runs.rows import FileLine, RunLine
from gateconsole.tui.shell.operator import Operator
from gateconsole.tui.theme.paint import Painter, Parts, width_of
from gateconsole.tui.widgets.latest_worker import LatestWorker
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.widgets.scroll_view import Scroller
from gateconsole.view import format_time

if TYPE_CHECKING:
    from gateconsole.rows.judgement import Judgement

BESIDE: Final = 96
"""Width from which the file stands beside what was read in it; below it under it."""

_FACTS_WIDTH: Final = 48

_PAGE_WIDTH: Final = 100
"""Cells in a line of a plain page about a run."""

_UNFOLDED: Final = 10**9
"""Cells in which no line of a file is folded."""

_PACE: Final = 2.0
"""Seconds between two judgements of the run in sight while others arrive: each may look at every run before it."""


class _Wanted(NamedTuple):
    root: Path | None
    line: RunLine | FileLine
    snapshot: Snapshot
    hand: Operator | None = None


def _read(wanted: _Wanted) -> ArtifactText:
    """The artifact's text and its diagnostics; not on the screen's own thread."""
    line = wanted.line
    path = line.run.path if isinstance(line, RunLine) else line.path
    folder = path.removesuffix(ARTIFACT_NAME).rstrip("/") or "."
    raw = RawText((), problem="there is no folder to read it from") if wanted.root is None else None
    raw = raw or artifact_text(wanted.root or Path(), folder)
    notes = dict(wanted.snapshot.diagnostics()) if isinstance(line, RunLine) else {}
    queue_run = queue_run_text(wanted.hand, raw.lines) if isinstance(line, RunLine) else ""
    return ArtifactText(raw, notes.get(path, ()), queue_run)


class _Asked(NamedTuple):
    snapshot: Snapshot
    run: RunRow


def _judge(asked: _Asked) -> Judgement | None:
    """How one run was judged; not on the screen's own thread."""
    from gateconsole.rows.judgement import judgement_of

    return judgement_of(asked.snapshot, asked.run)


def _facts(
    paint: Painter,
    line: RunLine | FileLine,
    snapshot: Snapshot,
    found: ArtifactText | None,
    width: int,
    *,
    judgement: Judgement | None,
) -> list[Parts]:
    """What is known of a row beside the text of its file."""
    if isinstance(line, FileLine):
        return file_facts(paint, line, width)
    queue_run = found.queue_run if found is not None else ""
    judged = judged_facts(paint, line.run, snapshot, width, judged=judgement, queue_run=queue_run)
    return run_facts(paint, line.run, found, snapshot.whitelist, width, judged=judged)


def _whole(paint: Painter, wanted: _Wanted) -> list[Parts]:
    """Everything about a row as lines of a page, read and judged for it; the file's lines are not folded."""
    line, snapshot, found = wanted.line, wanted.snapshot, _read(wanted)
    judged = _judge(_Asked(snapshot, line.run)) if isinstance(line, RunLine) else None
    facts = _facts(paint, line, snapshot, found, _PAGE_WIDTH, judgement=judged)
    place = _faulty(line)
    return [*facts, (), tuple(raw_title(found)), *raw_lines(paint, found, _UNFOLDED, place)]


class RunDetail(Container):
    """Shows one row of the screen Runs whole. The file is read when its row is shown, anew when it is opened."""

    def __init__(self, paint: Painter) -> None:
        super().__init__(id="run-detail")
        self.root: Path | None = None
        self.hand: Operator | None = None
        self._paint = paint
        self._line: RunLine | FileLine | None = None
        self._snapshot = EMPTY
        self._found: ArtifactText | None = None
        self._width = 0
        self._beside = False
        self._raw_known: tuple[object, ...] = ()
        self._raw: list[Parts] = []
        self._judged: Judgement | None = None
        self._reading: LatestWorker[_Wanted, ArtifactText] = LatestWorker(_read, self._came, rest=0.1)
        self._judging: LatestWorker[_Asked, Judgement | None] = LatestWorker(_judge, self._judgement_came, rest=_PACE)
        self._title = Pane(paint, self._draw_title, id="run-title")
        self._facts = Scroller(paint, self._write_facts, id="run-facts")
        self._text = Scroller(paint, self._write_text, id="run-text")
        self._body = Container(self._facts, self._text, id="run-body")
        self._title.styles.height = 1

    def compose(self) -> ComposeResult:
        """Title, then facts and file."""
        yield self._title
        yield self._body

    def show(self, snapshot: Snapshot, line: RunLine | FileLine | None, *, anew: bool = False) -> None:
        """Show a row of this Snapshot; `anew` reads its file again."""
        same = line == self._line and snapshot.whitelist is self._snapshot.whitelist
        same = same and snapshot.refused == self._snapshot.refused
        moved = _key(line) != _key(self._line)
        judged = not moved and _same_judgement(line, self._snapshot, snapshot)
        told = snapshot.alerts is self._snapshot.alerts and snapshot.acts is self._snapshot.acts
        self._line, self._snapshot = line, snapshot
        if moved:
            self._found = self._judged = None
            self._facts.top = self._text.top = 0
        if isinstance(line, RunLine) and not judged:
            self._judging.ask(_Asked(snapshot, line.run), urgent=moved)
        if same and not anew:
            if not told:
                self._draw()
            return
        if line is not None:
            self._reading.ask(_Wanted(self.root, line, snapshot, self.hand))
        self._draw()

    def place(self, width: int) -> None:
        """Put facts and file beside each other, or in one column, for a width in cells."""
        if width == self._width:
            return
        self._width = width
        self._beside = width >= BESIDE
        self._text.display = self._beside
        self._body.styles.layout = "horizontal" if self._beside else "vertical"
        self._facts.styles.width = max(_FACTS_WIDTH, width * 2 // 5) if self._beside else "1fr"
        self._draw()

    def move(self, by: int) -> None:
        """Scroll both by lines."""
        for scroller in self._scrollers():
            scroller.move(by)

    def move_to(self, place: int) -> None:
        """Scroll both to a line; one beyond the end is the end."""
        for scroller in self._scrollers():
            scroller.move_to(place)

    @property
    def page(self) -> int:
        """How many lines fit."""
        return self._facts.page

    def page_of(self, snapshot: Snapshot, line: RunLine | FileLine) -> Callable[[], list[Parts]]:
        """What makes the lines that say everything of a row, whether it is shown or not; for a thread: it reads."""
        paint, wanted = self._paint, _Wanted(self.root, line, snapshot, self.hand)
        return lambda: _whole(paint, wanted)

    def _lines(self, width: int) -> list[Parts]:
        """Everything, in one column of this width."""
        return [*self._known(width), (), self._caption(width), *self._raw_at(width)]

    def repaint(self, paint: Painter) -> None:
        """Use another theme."""
        self._paint = paint
        for part in (self._title, self._facts, self._text):
            part.repaint(paint)

    def _scrollers(self) -> tuple[Scroller, ...]:
        return (self._facts, self._text) if self._beside else (self._facts,)

    def _came(self, wanted: _Wanted, found: ArtifactText) -> None:
        if _key(wanted.line) == _key(self._line) and self.is_attached:
            self._found = found
            self._draw()

    def _judgement_came(self, asked: _Asked, judged: Judgement | None) -> None:
        if isinstance(self._line, RunLine) and asked.run.key == self._line.run.key and self.is_attached:
            self._judged = judged
            self._draw()

    def _draw(self) -> None:
        for part in (self._title, self._facts, *((self._text,) if self._beside else ())):
            part.show()

    def _draw_title(self, width: int, height: int) -> list[Parts]:
        line = self._line
        if line is None:
            return []
        if isinstance(line, RunLine):
            name, facts = line.run.run_id, format_time(line.run.timestamp, line.today)
        else:
            name, facts = line.path, line.rule
        shown = self._paint.text(name, max(width // 2, 10))
        head: Parts = (("─ ", "rule"), (shown, "strong"), ("  ", "rule"), (f"{facts} ", "muted"))
        return [(*head, ("─" * max(width - width_of(head), 0), "rule"))]

    def _write_facts(self, width: int) -> list[Parts]:
        return self._known(width) if self._beside else self._lines(width)

    def _write_text(self, width: int) -> list[Parts]:
        return [self._caption(width), *self._raw_at(width)]

    def _known(self, width: int) -> list[Parts]:
        if self._line is None:
            return []
        return _facts(self._paint, self._line, self._snapshot, self._found, width, judgement=self._judged)

    def _caption(self, width: int) -> Parts:
        return tuple(raw_title(self._found))

    def _raw_at(self, width: int) -> list[Parts]:
        """The file's lines, folded once a width."""
        known = (self._found, width, self._line and _key(self._line), self._paint.ascii_only)
        if known != self._raw_known:
            place = _faulty(self._line)
            self._raw_known, self._raw = known, raw_lines(self._paint, self._found, width, place)
        return self._raw


def _same_judgement(line: RunLine | FileLine | None, old: Snapshot, new: Snapshot) -> bool:
    """Whether the run's policy stands judged as it did."""
    name = line.run.policy_hash if isinstance(line, RunLine) else ""
    return old.spikes.get(name) is new.spikes.get(name) and (name in old.judging) == (name in new.judging)


def _faulty(line: RunLine | FileLine | None) -> str:
    """The place in a file where it is no run; empty where nothing in it is wrong."""
    return line.place if isinstance(line, FileLine) and line.rule != DUPLICATE else ""


def _key(line: RunLine | FileLine | None) -> str | None:
    return line.run.key if isinstance(line, RunLine) else line and line.path
