"""`gateconsole demo`: the console on a private copy of the samples. Nothing of the user's is touched."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from gateconsole.commands import COMMANDS
from gateconsole.commands.common import (
    UNUSABLE,
    Context,
    Failure,
    Parser,
    add_common,
    add_console,
    new_parser,
    settings_of,
)
from gateconsole.settings import Value

_ENDINGS: Final = (signal.SIGTERM, signal.SIGHUP)


def parser() -> Parser:
    """The command's options."""
    made = new_parser("demo", COMMANDS["demo"])
    add_common(made, live=True)
    add_console(made)
    return made


def run(args: argparse.Namespace) -> int:
    """Open the console on the copy (its table of text when stdout is no terminal); remove the copy at the end."""
    from gateconsole.commands.watch import open_console, print_once

    settings = settings_of(args)
    own = {**settings.values, "whitelist": Value(None, "demo")}
    with _ends_by_signal(), private_copy() as root:
        context = Context(root, replace(settings, values=own))
        return open_console(context, "demo") if sys.stdout.isatty() else print_once(context)


@contextmanager
def private_copy() -> Iterator[Path]:
    """A copy of the samples in a new temporary folder, removed when the block ends, however it ends."""
    from gateconsole.data import DataMissing, data_path

    with tempfile.TemporaryDirectory(prefix="gateconsole-demo-", ignore_cleanup_errors=True) as folder:
        root = Path(folder) / "ci-artifacts"
        try:
            shutil.copytree(data_path("sample_artifacts"), root)
        except (DataMissing, OSError) as error:
            raise Failure(f"no copy of the samples: {error}", UNUSABLE) from error
        yield root


@contextmanager
def _ends_by_signal() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the stack, so that what must be removed is."""

    def end(number: int, _: Any) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in _ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
