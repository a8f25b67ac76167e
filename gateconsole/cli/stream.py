"""`gateconsole watch --json`: one JSON object a line for every changed Snapshot."""

from __future__ import annotations

import select
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

from gateconsole.cli.base import OK, Context, print_message
from gateconsole.cli.signals import undone_by_signals

if TYPE_CHECKING:
    from gateconsole.snapshot import Snapshot

if TYPE_CHECKING:
    from gateconsole.notifications.notifier import Notification, Notifier
    from gateconsole.tui.shell.operator import Operator

_MOST_WAITING: Final = 256
"""A reader that falls further behind misses the oldest Snapshots; their generation numbers tell."""

_LOOK_FOR_READER: Final = 1.0
"""Seconds between looks at whether somebody still reads, while nothing changes."""


def stream(context: Context) -> int:
    """Print until Ctrl-C (exit 0: that is how it ends). A reader that leaves ends it quietly too."""
    from gateconsole.engine.engine import Engine

    inbox = _Inbox()
    engine = Engine(context.options())
    with ExitStack() as stack, undone_by_signals(stack.close, {signal.SIGINT: OK}):
        put = stack.enter_context(_hook(context))

        def publish(snapshot: Snapshot) -> None:
            inbox.put(snapshot)
            put(snapshot)

        engine.start(publish)
        try:
            _print_changes(inbox)
        finally:
            engine.stop()
    return OK


@contextmanager
def _hook(context: Context) -> Iterator[Callable[[Snapshot], None]]:
    """Where Snapshots go to be told of by the settings' `on_alert`; nowhere without it. At the end its command too."""

    if context.settings.values["on_alert"].value is None:
        yield lambda _: None
        return
    telling = teller(context, lambda told: print_message(told.text), screen=False)
    telling.start()
    try:
        yield telling.put
    finally:
        telling.stop()


def _print_changes(inbox: _Inbox) -> None:
    from gateconsole.exports.documents import watch_document
    from gateconsole.exports.formats import json_text

    printed: dict[str, Any] | None = None
    told: tuple[object, ...] = ()
    for snapshot in inbox:
        if snapshot.banners != told:
            told = snapshot.banners
            for banner in snapshot.banners:
                print_message(f"{banner.text}: {banner.remedy}")
        document = watch_document(snapshot)
        if printed is None or {**document, "generation": 0} != {**printed, "generation": 0}:
            printed = document
            sys.stdout.write(f"{json_text(document)}\n")
            sys.stdout.flush()


class _Inbox:
    """Snapshots on their way from the engine's thread to this one, the newest few hundred."""

    def __init__(self) -> None:
        self._waiting: deque[Snapshot] = deque(maxlen=_MOST_WAITING)
        self._filled = threading.Condition()

    def put(self, snapshot: Snapshot) -> None:
        """Called by the engine's thread; never waits for the reader."""
        with self._filled:
            self._waiting.append(snapshot)
            self._filled.notify()

    def __iter__(self) -> Iterator[Snapshot]:
        """Snapshots as they come, until the reader of stdout has left."""
        while not _reader_left():
            with self._filled:
                come = self._filled.wait_for(lambda: self._waiting, timeout=_LOOK_FOR_READER)
                snapshot = self._waiting.popleft() if come else None
            if snapshot is not None:
                yield snapshot


def _reader_left() -> bool:
    """True when stdout is a pipe that nobody reads any more: then there may be no next line to notice it by."""
    pipe = select.poll()
    pipe.register(sys.stdout.fileno(), 0)
    return any(events & select.POLLERR for _, events in pipe.poll(0))


def teller(context: Context, say: Callable[[Notification], None], *, screen: bool) -> Notifier:
    """What tells of new alerts: on a `screen` and by the settings' hook. It imports polars: not before the paint."""
    import shlex

    from gateconsole.notifications.hook import Hook
    from gateconsole.notifications.notifier import LedgerAccess, Notifier

    command = context.settings.values["on_alert"].value
    hook = None if command is None else Hook(shlex.split(str(command)))
    return Notifier(LedgerAccess(*_hand(context)[:3]), say, hook, screen=screen)


def _hand(context: Context) -> Operator:
    """Whose queue the console shows: that of the settings' ledger, else of the root's own."""
    from gateconsole.ledger.location import default_ledger
    from gateconsole.tui.shell.operator import Operator

    queue = context.options(recent=True).queue  # this imports polars: it is asked for after the first paint
    ledger = queue.ledger if queue.ledger is not None else default_ledger(context.root)
    writes = not context.settings.flag("read_only")
    return Operator(ledger, queue.actor, writes, whitelist=context.settings.path("whitelist"), history=queue.history)
