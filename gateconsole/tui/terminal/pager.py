"""The pager: which program shows a plain page, and how it is run. No shell ever sees the page or its name."""

from __future__ import annotations

import asyncio
import errno
import os
import shlex
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from gateconsole.io.files import program
from gateconsole.text import printable

_USUAL: Final = ("less", "more")
_STAY: Final = "-+F"
"""Tells `less` to stay until it is left, whatever LESS says."""

_NOT_KNOWN: Final = 1
"""How a `less` ends that was given an option it does not know."""

_PATIENCE: Final = 1.0
"""Seconds a pager has to end when the console must."""


class PagerError(Exception):
    """No page can be shown; the text says which program was tried, what went wrong, and what helps."""


def pager_command(setting: str | None, environ: Mapping[str, str]) -> list[str]:
    """The program and its arguments: the setting `pager`, else $PAGER, else less or more. Raises PagerError."""
    said, origin = (setting, "the setting pager") if setting else (environ.get("PAGER"), "PAGER")
    if not said:
        for name in _USUAL:
            if program(name, environ):
                return _careful([name])
        raise PagerError("no pager: neither less nor more is installed: name one in the setting pager or in PAGER")
    try:
        words = shlex.split(said)
    except ValueError as problem:
        raise PagerError(f"{origin}: {printable(said)!r}: {problem}: mend it") from None
    if not words:
        raise PagerError(f"{origin} is blank: name a program such as less")
    return _careful(words)


def _careful(words: list[str]) -> list[str]:
    """`less` must not end by itself on a short page: it would be gone before it is seen."""
    return [*words, _STAY] if Path(words[0]).name == "less" else words


def _plainer(command: list[str]) -> list[list[str]]:
    """What to try when a `less` knew not every option (BusyBox has one of its own): without ours, then without any."""
    if Path(command[0]).name != "less" or len(command) == 1:
        return []
    ours = [command[:-1]] if command[-1] == _STAY and len(command) > 2 else []
    return [*ours, command[:1]]


async def show_page(command: list[str], page: str) -> None:
    """Run the pager on a page until it is left. The terminal must be given up before. Raises PagerError."""
    code = await _run(command, page)
    for plainer in _plainer(command):
        if code != _NOT_KNOWN:
            break
        command, code = plainer, await _run(plainer, page)
    if code not in {0, -signal.SIGPIPE, -signal.SIGINT}:
        shown = " ".join(map(printable, command))
        raise PagerError(f"{shown}: ended with status {code}: mend the setting pager or PAGER")


async def _run(command: list[str], page: str) -> int:
    """The exit status of a pager once it was left."""
    shown = " ".join(map(printable, command))
    with _interrupts_ignored():
        try:
            path = program(command[0], os.environ)
            if path is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            process = await asyncio.create_subprocess_exec(*command, executable=path, stdin=asyncio.subprocess.PIPE)
        except OSError as problem:
            raise PagerError(f"{shown}: {problem.strerror}: mend the setting pager or PAGER") from None
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # left before it had read all: nothing is wrong
                await process.communicate(page.encode())
            return await process.wait()
        except asyncio.CancelledError:
            await _end(process)
            raise


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a pager and wait until it has put the terminal back."""
    with suppress(ProcessLookupError):
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE)
        except TimeoutError:
            process.kill()


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """ctrl+c in the pager is for the pager alone; a handler, unlike ignoring, is not passed on to it."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
