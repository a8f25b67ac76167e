"""`gateconsole demo`: the console on a private copy of the samples, where runs keep arriving."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from gateconsole.cli import COMMANDS
from gateconsole.cli.base import (
    UNUSABLE,
    CommandError,
    Context,
    Parser,
    add_common,
    add_console,
    draws_here,
    new_parser,
    settings_of,
)
from gateconsole.cli.demo_process import Pause, feed, kept_alive
from gateconsole.cli.signals import undone_by_signals
from gateconsole.demo.queue import SAVED, QueueStory, restored
from gateconsole.demo.runs import first_number, shift_of, shifted
from gateconsole.ledger.actor import RefusedError
from gateconsole.ledger.events import EventError
from gateconsole.ledger.location import LedgerUnusableError, default_ledger
from gateconsole.ledger.store import Ledger
from gateconsole.settings.settings import Value

_NOT_THE_USERS: Final = ("whitelist", "ledger", "on_alert")
"""Settings of the user's that a demo leaves alone: no file of theirs is touched, nobody is called."""


def parser() -> Parser:
    """The command's options."""
    made = new_parser("demo", COMMANDS["demo"])
    made.add_argument("--seed", type=int, default=1, metavar="N", help="another story of arriving runs")
    made.add_argument("--still", action="store_true", help="no run arrives")
    add_common(made, live=True, own_root=True)
    add_console(made)
    return made


def run(args: argparse.Namespace) -> int:
    """Open the console on the copy (its table of text when stdout is no terminal); remove the copy at the end."""
    from gateconsole.cli.watch import open_console, print_once

    settings = settings_of(args)
    own = {**settings.values, **{key: Value(None, "demo") for key in _NOT_THE_USERS}}
    live = draws_here()
    with private_copy(None if args.still or not live else args.seed) as root:
        context = Context(root, replace(settings, values=own))
        return open_console(context, "demo") if live else print_once(context)


@contextmanager
def private_copy(seed: int | None) -> Iterator[Path]:
    """The samples, brought up to now, in a new temporary folder; removed when this process ends, however it does.

    With a seed, runs keep arriving there.
    """
    with ExitStack() as stack, undone_by_signals(stack.close):
        prefix = "gateconsole-demo-"
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)))
        root = folder / "ci-artifacts"
        number = _fill(root)

        def work(pause: Pause) -> None:
            if seed is not None:
                feed(root, seed, number, _with_queue(root, seed, pause))

        stack.enter_context(kept_alive(folder, work))
        yield root


def _with_queue(root: Path, seed: int, pause: Pause) -> Pause:
    """Pauses in which something happens in the queue; it stands still from the first trouble with its ledger on."""
    story: QueueStory | None = QueueStory(seed)

    def busy(seconds: float) -> bool:
        nonlocal story
        if story is not None:
            try:
                ledger = Ledger.for_writing(default_ledger(root))
                try:
                    story.step(ledger, time.time_ns() // 1000)
                finally:
                    ledger.close()
            except RefusedError:
                return pause(seconds)  # the operator was faster: another step will find something else
            except (EventError, LedgerUnusableError):
                story = None
        return pause(seconds)

    return busy


def _fill(root: Path) -> int:
    """Write the samples below ROOT; the number of the first run that may arrive."""
    from gateconsole.package_data import DataMissingError, data_path

    try:
        samples = data_path("sample_artifacts")
        paths = sorted(path for path in samples.rglob("*") if path.is_file())
        files = {path.relative_to(samples).as_posix(): path.read_bytes() for path in paths}
        now = time.time_ns() // 1000
        saved, delta = files.pop(SAVED), shift_of(files, now)
        for name, content in shifted(files, now).items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        _restore(root, saved, delta, now)
    except (DataMissingError, OSError, KeyError, RefusedError, EventError, LedgerUnusableError) as error:
        raise CommandError(f"no copy of the samples: {error}", UNUSABLE) from error
    return first_number(files)


def _restore(root: Path, saved: bytes, delta: timedelta, now: int) -> None:
    """The samples' queue as the private copy's own ledger."""
    ledger = Ledger.for_writing(default_ledger(root))
    try:
        restored(ledger, saved, delta, now)
    finally:
        ledger.close()
