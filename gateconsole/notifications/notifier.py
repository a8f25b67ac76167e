"""Telling of new firing alerts: one thread follows Snapshots, takes occasions on and says them, one runs the hook.

The hook is run until it ends well or its alert is over: a run that fails is made again after a pause, one that a killed
console left is made again by the next. What was begun and what ended well stands in the ledger, so that all consoles
together run it once. An alert may be told twice where nobody can know whether a command ended, never not at all.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from gateconsole.judgement.alerts import Alert
from gateconsole.judgement.operator_acts import NONE, Acts, claim_notification, hook_failed, vanish
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.store import Ledger
from gateconsole.notifications.hook import ENDED, Hook
from gateconsole.notifications.news import (
    CLAIMS,
    HOOK,
    PROBLEMS,
    SCREEN,
    Call,
    News,
    begin_calls,
    calls_again,
    claim_notifications,
    first_calls,
    message,
    retry_pause,
)
from gateconsole.text import printable

if TYPE_CHECKING:
    from gateconsole.snapshot import Snapshot

log = logging.getLogger("gateconsole")

_PATIENCE: Final = 5.0
"""Seconds another process may keep the ledger locked before the news is told without it."""

_WAIT_MOST: Final = 30.0
"""Seconds between two looks at calls that are due at a time of the wall clock, which may be set meanwhile."""

_GOODBYE: Final = 1.0
"""Seconds the threads may take to end."""


class Notification(NamedTuple):
    """Something to be said: a new alert, or (`problem`) what went wrong in telling. Raw text."""

    text: str
    problem: bool = False


class LedgerAccess(NamedTuple):
    """The ledger in which occasions are taken on, and under whose name; `writes`: whether that is allowed."""

    ledger: Path
    actor: str
    writes: bool = True


class _Postponed(NamedTuple):
    """A call that could not be taken on, as the ledger could not be written: when to try again (microseconds UTC)."""

    call: Call
    again_at: int
    failures: int


class Notifier:
    """Follows one root's Snapshots until it is stopped.

    `say` is called from its threads, None where nobody looks: then only the hook is served. Where nothing may be
    written news is said here and the hook is left alone: nobody could tell whether it ran. Where the ledger cannot be
    written just now it is tried again.
    """

    def __init__(
        self, writer: LedgerAccess, say: Callable[[Notification], None], hook: Hook | None, *, screen: bool = True
    ) -> None:
        self._writer = writer
        self._say = say
        self._hook = hook if writer.writes else None
        self._screen = screen
        self._news = News((*([SCREEN] if screen else []), *([HOOK] if self._hook is not None else [])))
        self._changed = threading.Condition()
        self._snapshot: Snapshot | None = None
        self._seen: Snapshot | None = None
        self._stopping = False
        self._woken = False
        self._calls: list[Call] = []
        self._calling: frozenset[tuple[str, ...]] = frozenset()
        self._postponed: dict[tuple[str, ...], _Postponed] = {}
        self._threads = [threading.Thread(target=self._follow, name="telling", daemon=True)]
        if self._hook is not None:
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
        wait: float | None = None
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._woken or self._snapshot is not self._seen, wait)
                if self._stopping:
                    return
                self._woken = False
                snapshot = self._snapshot
            wait = None
            if snapshot is None:
                continue
            try:
                if snapshot is not self._seen:
                    self._seen = snapshot
                    self._news.look(snapshot, time.monotonic())
                    self._record_vanished(snapshot)
                alerts = self._news.take(time.monotonic())
                if alerts:
                    self._tell(alerts, snapshot)
                wait = self._call_again(snapshot)
            except Exception:
                log.exception("telling of new alerts failed")
            due = self._news.due
            if due is not None:
                begins = max(due - time.monotonic(), 0.0)
                wait = begins if wait is None else min(wait, begins)

    def _tell(self, alerts: tuple[Alert, ...], snapshot: Snapshot) -> None:
        if self._screen and self._claim(alerts, snapshot.acts or NONE):
            self._say(Notification(message(alerts)))
        if self._hook is not None:
            self._hand_over(first_calls(alerts, snapshot))

    def _claim(self, alerts: tuple[Alert, ...], acts: Acts) -> bool:
        """Whether it is ours to say; where nobody can know, it is."""
        if not self._writer.writes:
            return True
        try:
            with self._ledger() as (ledger, when):
                return claim_notifications(ledger, alerts, when, acts)
        except PROBLEMS as problem:
            log.warning("a new alert is said without the ledger: %s", problem)
            return True

    def _record_vanished(self, snapshot: Snapshot) -> None:
        """Firings that were told and stand no longer: the ledger is to know, so that they can be told again."""
        acts = snapshot.acts or NONE
        vanished = [
            one
            for one in self._news.take_vanished()
            if one in acts.notified or (*one, HOOK) in acts.notified or one in acts.attempts
        ]
        if not vanished or not self._writer.writes:
            return
        try:
            with self._ledger() as (ledger, when):
                for occasion in vanished:
                    vanish(ledger, occasion, when, vanished=acts.vanished.get(occasion, 0))
        except PROBLEMS as problem:
            log.warning("firings that vanished could not be recorded: %s", problem)

    @contextmanager
    def _ledger(self) -> Iterator[tuple[Ledger, Actor]]:
        """The ledger for writing, and who writes now. Raises LedgerUnusableError."""
        ledger = Ledger.for_writing(self._writer.ledger, _PATIENCE)
        try:
            yield ledger, Actor(time.time_ns() // 1000, self._writer.actor)
        finally:
            ledger.close()

    # the hook

    def _call_again(self, snapshot: Snapshot) -> float | None:
        """Hand over the calls whose pause is over; seconds until the next one's is, None: there is none."""
        if self._hook is None:
            return None
        now = time.time_ns() // 1000
        with self._changed:
            postponed = dict(self._postponed)
        open_calls = calls_again(snapshot)
        loud = {alert.occasion for alert in snapshot.alerts if alert.loud}
        for occasion, one in postponed.items():
            if occasion in loud:
                open_calls.append((one.again_at, one.call))
            elif snapshot.phase == "live" and occasion[0] not in snapshot.judging:
                with self._changed:
                    self._postponed.pop(occasion, None)
        due = [call for again_at, call in open_calls if again_at <= now]
        self._hand_over(due)
        later = [again_at - now for again_at, _ in open_calls if again_at > now]
        if not later:
            return _WAIT_MOST if due else None
        return min(min(later) / 1_000_000, _WAIT_MOST)

    def _hand_over(self, calls: list[Call]) -> None:
        """To the hook's thread, but for those it has."""
        with self._changed:
            busy = self._calling | {call.occasion for call in self._calls}
            self._calls += [call for call in calls if call.occasion not in busy]
            self._changed.notify_all()

    def _serve_hook(self) -> None:
        """Run the hook for what is to be told; what comes while it runs is handed over together."""
        while True:
            with self._changed:
                self._calls, calls = ([], self._calls) if not self._stopping else ([], [])
                self._calling = frozenset(call.occasion for call in calls)
                if not calls:
                    self._changed.wait_for(lambda: self._stopping or bool(self._calls))
                    if self._stopping:
                        return
                    continue
                snapshot = self._snapshot
            if snapshot is not None:
                try:
                    self._call(calls, snapshot)
                except Exception:
                    log.exception("the hook for new alerts failed")
                    self._say(Notification("on_alert: internal error, see what --log wrote", problem=True))

    def _call(self, calls: list[Call], snapshot: Snapshot) -> None:
        """Run the hook once for those calls that are ours, and keep what came of it."""
        assert self._hook is not None
        try:
            with self._ledger() as (ledger, when):
                mine = begin_calls(ledger, calls, when, self._hook.limit)
        except PROBLEMS as problem:
            self._postpone(calls, str(problem))
            return
        with self._changed:
            for call in calls:
                self._postponed.pop(call.occasion, None)
        if not mine:
            return
        alerts = tuple(call.alert for call in (*mine, *calls[CLAIMS:]))
        failure = self._hook.run(_document(snapshot, alerts))
        if failure == ENDED:
            return
        if failure and not self._stopping:
            pause = retry_pause(mine[0].attempt)
            self._say(Notification(f"on_alert: {failure}; run again in {pause:g} s", problem=True))
        try:
            with self._ledger() as (ledger, when):
                for call in mine:
                    if not failure:
                        claim_notification(ledger, call.occasion, when, HOOK, vanished=call.vanished)
                        continue
                    again_at = when.at + int(retry_pause(call.attempt) * 1_000_000)
                    hook_failed(
                        ledger, call.occasion, when, attempt=call.attempt, why=printable(failure), again_at=again_at
                    )
        except PROBLEMS as trouble:
            log.warning("what came of the hook could not be recorded: %s", trouble)

    def _postpone(self, calls: list[Call], problem: str) -> None:
        """The calls could not be taken on: later, if their alerts are still loud then."""
        with self._changed:
            before = [self._postponed[one.occasion].failures for one in calls if one.occasion in self._postponed]
            failures = max(before, default=0) + 1
            pause = retry_pause(failures)
            again_at = time.time_ns() // 1000 + int(pause * 1_000_000)
            for call in calls:
                self._postponed[call.occasion] = _Postponed(call, again_at, failures)
            self._woken = True  # the thread that follows waits for the new time
            self._changed.notify_all()
        self._say(Notification(f"on_alert was not run: {problem}; tried again in {pause:g} s", problem=True))


def _document(snapshot: Snapshot, alerts: tuple[Alert, ...]) -> bytes:
    """These alerts as `alerts --json` says them."""
    from gateconsole.exports.documents import alerts_document
    from gateconsole.exports.formats import json_text

    return f"{json_text(alerts_document(replace(snapshot, alerts=alerts)))}\n".encode()
