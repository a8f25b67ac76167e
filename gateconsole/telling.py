"""Telling of new firing alerts: one thread that follows Snapshots, takes occasions on, says them and runs the hook."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from gateconsole.alerts import Alert
from gateconsole.hook import Hook
from gateconsole.innocence.act import When
from gateconsole.ledger.store import Ledger
from gateconsole.notify import HOOK, PROBLEMS, SCREEN, Claimed, News, claim, told_words

if TYPE_CHECKING:
    from gateconsole.snapshot import Snapshot

log = logging.getLogger("gateconsole")

_PATIENCE: Final = 5.0
"""Seconds another process may keep the ledger locked before the news is told without it."""

_GOODBYE: Final = 1.0
"""Seconds the threads may take to end."""


class Told(NamedTuple):
    """Something to be said: a new alert, or (`problem`) what went wrong in telling. Raw text."""

    text: str
    problem: bool = False


class Writer(NamedTuple):
    """The ledger in which occasions are taken on, and under whose name; `writes`: whether that is allowed."""

    ledger: Path
    actor: str
    writes: bool = True


class Teller:
    """Follows one root's Snapshots until it is stopped.

    `say` is called from its threads, None where nobody looks: then only the hook is served. Where nothing may be
    written, or the ledger cannot be, news is said here and the hook is left alone: nobody could tell whether it ran.
    """

    def __init__(self, writer: Writer, say: Callable[[Told], None], hook: Hook | None, *, screen: bool = True) -> None:
        self._writer = writer
        self._say = say
        self._hook = hook
        self._screen = screen
        self._news = News((*([SCREEN] if screen else []), *([HOOK] if hook is not None else [])))
        self._changed = threading.Condition()
        self._snapshot: Snapshot | None = None
        self._seen: Snapshot | None = None
        self._stopping = False
        self._hooked: list[Alert] = []
        self._hooked_of: Snapshot | None = None
        self._threads = [threading.Thread(target=self._follow, name="telling", daemon=True)]
        if hook is not None:
            self._threads.append(threading.Thread(target=self._serve_hook, name="hook", daemon=True))

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def put(self, snapshot: Snapshot) -> None:
        """The newest Snapshot; from any thread, never waits."""
        with self._changed:
            self._snapshot = snapshot
            self._changed.notify_all()

    def stop(self) -> None:
        """Tell no more; the hook's command, if it runs, is killed with its children."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._hook is not None:
            self._hook.end()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(_GOODBYE)

    def _follow(self) -> None:
        """Look at each Snapshot, and tell when it is time; what goes wrong is logged, and the next one is looked at."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._snapshot is not self._seen, self._wait())
                if self._stopping:
                    return
                snapshot = self._snapshot
            if snapshot is None:
                continue
            try:
                if snapshot is not self._seen:
                    self._seen = snapshot
                    self._news.look(snapshot, time.monotonic())
                alerts = self._news.take(time.monotonic())
                if alerts:
                    self._tell(alerts, snapshot)
            except Exception:
                log.exception("telling of new alerts failed")

    def _wait(self) -> float | None:
        due = self._news.due
        return None if due is None else max(due - time.monotonic(), 0.0)

    def _tell(self, alerts: tuple[Alert, ...], snapshot: Snapshot) -> None:
        claimed = self._claim(alerts)
        if claimed.screen and self._screen:
            self._say(Told(told_words(alerts)))
        if claimed.problem and self._hook is not None:
            self._say(Told(f"on_alert was not run: {claimed.problem}", problem=True))
        if claimed.hook:
            with self._changed:
                self._hooked += alerts
                self._hooked_of = snapshot
                self._changed.notify_all()

    def _claim(self, alerts: tuple[Alert, ...]) -> Claimed:
        if not self._writer.writes:
            return Claimed(screen=True, hook=False)
        try:
            ledger = Ledger.for_writing(self._writer.ledger, _PATIENCE)
            try:
                when = When(time.time_ns() // 1000, self._writer.actor)
                return claim(ledger, alerts, when, screen=self._screen, hook=self._hook is not None)
            finally:
                ledger.close()
        except PROBLEMS as problem:
            return Claimed(screen=True, hook=False, problem=str(problem))

    def _serve_hook(self) -> None:
        """Run the hook for what is to be told; what comes while it runs is handed over together."""
        while self._hook is not None:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or bool(self._hooked))
                if self._stopping:
                    return
                alerts, self._hooked = tuple(self._hooked), []
                snapshot = self._hooked_of
            if snapshot is None:
                continue
            try:
                problem = self._hook.run(_document(snapshot, alerts))
            except Exception:
                log.exception("the hook for new alerts failed")
                problem = "internal error, see what --log wrote"
            if problem and not self._stopping:
                self._say(Told(f"on_alert: {problem}", problem=True))


def _document(snapshot: Snapshot, alerts: tuple[Alert, ...]) -> bytes:
    """These alerts as `alerts --json` says them."""
    from gateconsole.exports.documents import alerts_document
    from gateconsole.exports.formats import json_text

    return f"{json_text(alerts_document(replace(snapshot, alerts=alerts)))}\n".encode()
