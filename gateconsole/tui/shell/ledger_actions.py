"""An act on the ledger, from its question to the disk: asked in a form, sent, waited for, and what came of it said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar

from gateconsole.tui.shell.question_form import Form
from gateconsole.tui.shell.questions import Answers, Question, QueueRequest
from gateconsole.tui.shell.screen import ConsoleScreen
from gateconsole.tui.widgets.latest_worker import LatestWorker

_SLOW: Final = 1.0
"""Seconds after which an act that is not done yet says what it waits for."""


class OutcomeMessage(Protocol):
    """What came of an act: at least something to say."""

    @property
    def text(self) -> str:
        """What is on disk now, or why nothing is."""


D = TypeVar("D")
R = TypeVar("R", bound=OutcomeMessage)


class LedgerActions(Generic[D, R]):
    """The acts of a screen, one at a time. One that could not be done comes back with what was typed.

    `perform` does a deed in a thread; `kept` takes what came of it, True when it is on disk; `ask`: what a deed asks.
    """

    def __init__(
        self,
        screen: ConsoleScreen,
        form: Form,
        perform: Callable[[QueueRequest[D]], R],
        kept: Callable[[R], bool],
        ask: Callable[[D], Question],
    ) -> None:
        self._screen = screen
        self._form = form
        self._kept = kept
        self._ask = ask
        self._asked: D | None = None
        self._unsent: QueueRequest[D] | None = None
        self._working: LatestWorker[QueueRequest[D], R] = LatestWorker(perform, self._done)

    @property
    def busy(self) -> bool:
        """Whether an act is on its way."""
        return self._working.busy

    @property
    def may(self) -> bool:
        """Whether an act can begin: something may be written, and none is on its way."""
        hand = self._screen.hand
        return hand is not None and hand.writes and not self.busy

    def unsent(self, deed: D) -> QueueRequest[D] | None:
        """The same act as it was answered for before, if it could not be done."""
        last = self._unsent
        return last if last is not None and self._ask(last.deed).title == self._ask(deed).title else None

    def begin(self, deed: D, answers: Answers | None = None) -> None:
        """Ask what it needs to know. `answers`: what was typed before, when it comes back."""
        self._asked = deed
        self._form.open(self._ask(deed), answers)
        self._screen.post_message(self._screen.Listed())

    def at_once(self, deed: D) -> None:
        """Do what asks nothing."""
        self._asked = None
        self._send(deed, {})

    def answered(self, answers: Answers) -> None:
        """The form is answered: do it."""
        self._form.close()
        if self._asked is not None:
            self._send(self._asked, answers)

    def left(self) -> None:
        """The form is left: nothing is done."""
        self._form.close()
        self._asked = self._unsent = None
        self._screen.post_message(self._screen.Listed())

    def _send(self, deed: D, answers: Answers) -> None:
        screen = self._screen
        if screen.hand is not None:
            screen.post_message(screen.Said(f"{self._ask(deed).title} ..."))
            errand = self._unsent = QueueRequest(screen.hand, deed, answers)
            self._working.ask(errand)
            screen.set_timer(_SLOW, lambda: self._say_waiting(errand))
        screen.post_message(screen.Listed())

    def _say_waiting(self, errand: QueueRequest[D]) -> None:
        """An act that takes long waits for others."""
        if self.busy and self._unsent is errand:
            words = f"{self._ask(errand.deed).title}: another process has the ledger locked, waiting for it"
            self._screen.post_message(self._screen.Said(words, "notice"))

    def _done(self, errand: QueueRequest[D], told: R) -> None:
        """It is on disk, or refused; either way it is said."""
        screen = self._screen
        if not screen.is_attached:
            return
        kept = self._kept(told)
        if kept:
            self._unsent = None
        elif self._asked is errand.deed and screen.display and screen.screen.focused is None:
            self._form.open(self._ask(errand.deed), errand.answers)
        screen.post_message(screen.Said(told.text, "good" if kept else "bad"))
        screen.post_message(screen.Listed())
