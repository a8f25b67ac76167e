"""The ways out of the console for what is shown: the terminal's clipboard and the pager."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, Protocol

from textual.app import App, SuspendNotSupported

from gateconsole.text import printable
from gateconsole.tui.shell.screen import ConsoleScreen, CopyRow, Page
from gateconsole.tui.terminal.clipboard import (
    FORGET,
    MOSH_NOTICES,
    TooLargeError,
    into_tmux,
    row_text,
    through_mosh,
    to_terminal,
)
from gateconsole.tui.terminal.driver import ConsoleDriver
from gateconsole.tui.terminal.pager import PagerError, pager_command, show_page
from gateconsole.tui.widgets.latest_worker import LatestWorker, in_thread

log = logging.getLogger("gateconsole")

Say = Callable[[str, str], None]
"""(text, ink): say it in the last line."""

_AT_ONCE: Final = 0.3
"""Seconds in which nobody reads a page and leaves it: a pager that took less did not wait (`cat`)."""


class Terminal(Protocol):
    """What writes to the terminal."""

    def write(self, data: str) -> None:
        """Write."""

    def flush(self) -> None:
        """And at once."""


def copy_row(screen: ConsoleScreen, terminal: Terminal, say: Say, *, as_json: bool) -> None:
    """Hand the row under the cursor to the terminal's clipboard. Whether it took it, no terminal says."""
    row = screen.row()
    if row is None:
        say("no row to copy", "notice")
        return
    if as_json:
        LatestWorker(_json_of, lambda _, text: _hand_over(text, "JSON", terminal, say)).ask(row)
    else:
        _hand_over(row_text(row.cells), "text", terminal, say)


def _json_of(row: CopyRow) -> str:
    """A row as JSON, whole; not on the screen's own thread."""
    from gateconsole.exports.formats import json_text  # after the first paint: it brings every table

    return json_text(row.document | row.further())


def _hand_over(text: str, form: str, terminal: Terminal, say: Say) -> None:
    """Send a text to the clipboard, and say what is known of it: no terminal says whether it took it."""
    try:
        sequence = to_terminal(text, os.environ)
    except TooLargeError as problem:
        say(str(problem), "bad")
        return
    what = f"the row as {form}, {len(text):,} characters"

    def send() -> None:
        if isinstance(terminal, ConsoleDriver) and through_mosh():
            terminal.write(FORGET)
            terminal.write_later(sequence, MOSH_NOTICES)
        else:
            terminal.write(sequence)
        terminal.flush()
        say(f"sent to the terminal: {what}", "good")

    def sent_to_tmux(_: str, taken: bool) -> None:
        if taken:
            say(f"in tmux's buffer, and sent on to the terminal: {what}", "good")
        else:
            send()

    if os.environ.get("TMUX"):
        LatestWorker(into_tmux, sent_to_tmux).ask(text)
    else:
        send()


async def page_text(page: Page | list[str], say: Say) -> str | None:
    """A page as printable text, made in a thread; None if it could not be made, which is said."""
    try:
        return await in_thread(lambda: "".join(f"{printable(line)}\n" for line in (page() if callable(page) else page)))
    except Exception:
        log.exception("a page could not be made")
        say("the page could not be made; --log FILE keeps why: please report it", "bad")
        return None


async def page_out(app: App[int], page: str, setting: str | None, say: Say) -> None:
    """Show a text in the pager, the console out of the way meanwhile."""
    try:
        command = pager_command(setting, os.environ)
        async with _suspended(app):
            began = time.monotonic()
            await show_page(command, page)
            took = time.monotonic() - began
        if took < _AT_ONCE:
            name = printable(command[0])
            say(f"{name} ended at once; the page stands above, where the shell is: PAGER=less waits", "notice")
    except PagerError as problem:
        say(str(problem), "bad")
    except SuspendNotSupported:
        say("no pager here: this terminal cannot be given away", "bad")


@asynccontextmanager
async def _suspended(app: App[int]) -> AsyncIterator[None]:
    """The terminal is given away meanwhile. It is taken back also when the pager failed, but not when all ends."""
    problem: PagerError | None = None
    with app.suspend():
        try:
            yield
        except PagerError as raised:
            problem = raised
    if problem is not None:
        raise problem
