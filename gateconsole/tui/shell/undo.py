"""What was done in this session and can be taken back, newest first: one stack for all screens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from gateconsole.tui.widgets.latest_worker import LatestWorker

_MOST: Final = 100


class UndoResult(NamedTuple):
    """What came of taking something back: what to say, and whether it is on disk."""

    text: str
    on_disk: bool


class UndoStep(NamedTuple):
    """Something done: its name (`ack of flaky_test in a6f53e`), and how it is taken back, in a thread.

    `back` says what is on disk, or why nothing is; it does not raise.
    """

    words: str
    back: Callable[[], UndoResult]


class UndoStack:
    """The steps of a session. Used on the screen's own thread; a step that cannot be taken back stays."""

    def __init__(self, say: Callable[[str, str], None]) -> None:
        """`say`: (text, ink) in the last line."""
        self._say = say
        self._steps: list[UndoStep] = []
        self.working: LatestWorker[UndoStep, UndoResult] = LatestWorker(lambda step: step.back(), self._came)

    def __bool__(self) -> bool:
        return bool(self._steps) and not self.working.busy

    @property
    def next(self) -> str:
        """The name of what would be taken back now; empty without one."""
        return self._steps[-1].words if self._steps else ""

    def push(self, step: UndoStep) -> None:
        """This was done last."""
        self._steps = [*self._steps[1 - _MOST :], step]

    def undo(self) -> None:
        """Take the last step back."""
        if not self:
            self._say("nothing was done in this session that can be undone", "notice")
            return
        self._say(f"undo: {self.next} ...", "text")
        self.working.ask(self._steps[-1])

    def _came(self, step: UndoStep, undone: UndoResult) -> None:
        if undone.on_disk:
            self._steps = [one for one in self._steps if one is not step]
        self._say(undone.text, "good" if undone.on_disk else "bad")
