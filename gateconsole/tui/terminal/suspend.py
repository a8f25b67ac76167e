"""Giving the terminal back to the shell (`ctrl+z`) and taking it again (`fg`), whoever stopped the process and how."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from typing import Final, Protocol

from textual.drivers.linux_driver import LinuxDriver

from gateconsole.tui.terminal.job_control import Job, has_parent_shell, holds_file_locks, is_foreground

_SETTLE: Final = 0.05
"""Seconds in which a signal that came with the one that continued us (`kill %1`) is heard before we stop again."""

_ASK_AGAIN: Final = 1.0
"""Seconds between two looks whether the terminal is ours, where nothing could stop us meanwhile."""

_WRITES_MOST: Final = 2.0
"""Seconds to wait for what is being written: stopped with a lock on the ledger, every builder would wait for `fg`."""

_WORTH_SAYING: Final = 2.0
"""Seconds after which it is said how long the console stood still."""

NO_SHELL: Final = "not suspended: no shell started the console that could bring it back (fg)"
WRITING: Final = "not suspended: something is still being written to disk; try again in a moment"


class Suspendable(Protocol):
    """What the suspension asks of the application."""

    paging: bool

    def redraw(self) -> None:
        """Draw everything again."""

    def say(self, text: str, ink: str = "text") -> None:
        """Say something in the last line."""


class Suspension:
    """Who has the terminal. `away`: the shell has it, nothing may be written; `back_at`: when it was taken again.

    Textual's own handlers are replaced: they stop this process alone (a shell waits for the whole job), stop it where
    nobody could continue it, run in the midst of whatever the main thread does, and start a second reader of the
    keyboard, with the raw mode as the one to be restored, when the process was stopped by SIGSTOP.
    """

    def __init__(self, app: Suspendable, driver: Callable[[], object]) -> None:
        self._app = app
        self._find_driver = driver
        self._job: Job | None = None
        self._alive_at = time.monotonic()
        self._ours = True
        self._ending = False
        self.away = False
        self.back_at = 0.0

    @property
    def _driver(self) -> LinuxDriver | None:
        driver = self._find_driver()
        return driver if isinstance(driver, LinuxDriver) else None

    def listen(self) -> None:
        """Hear from now on that the process is to be stopped, or goes on; belongs to the running event loop."""
        if self._driver is None:
            return
        loop = asyncio.get_running_loop()

        def later(act: Callable[[], None]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(act)

        self._job = Job(later, self.suspend, self._continued)
        self._job.listen()

    def alive(self) -> None:
        """It is now; called about once a second, so that it is known how long the process stood still."""
        self._alive_at = time.monotonic()

    def suspend(self) -> None:
        """To the shell. Returns when the job is continued; where nobody could do that, it is said instead."""
        driver, job = self._driver, self._job
        if driver is None or job is None:
            self._app.say(NO_SHELL, "notice")
        elif self._app.paging:
            job.stop(whole=False)  # the terminal has told the pager too
        elif self.away or self._ending:
            return
        elif not has_parent_shell():
            self._app.say(NO_SHELL, "notice")
        elif not _writes_done():
            self._app.say(WRITING, "notice")
        else:
            self._give_away(driver, job)

    def _give_away(self, driver: LinuxDriver, job: Job) -> None:
        self.alive()
        self.away, self._ours = True, False
        driver.suspend_application_mode()
        stopped = job.stop()
        self._come_back()
        if not stopped:
            self._app.say(NO_SHELL, "notice")

    def end(self) -> None:
        """The program ends. If the shell has the terminal, nothing of it is touched any more."""
        self._ending = True
        driver = self._driver
        if driver is not None and self.away:
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # or the end would be stopped
            driver.attrs_before = None
            driver.exit_event.set()
            driver.close()

    def _continued(self) -> None:
        """The process goes on after it was stopped without being asked, or in the background."""
        if not self._app.paging:
            self._come_back()

    def _come_back(self) -> None:
        """Take the terminal if it is ours; a job in the background has to wait for that."""
        driver = self._driver
        if driver is None or self._ending:
            return
        if is_foreground(driver.fileno):
            self._take(driver)
        else:
            self.away = True
            asyncio.get_running_loop().call_later(_SETTLE, self._stop_in_background)

    def _stop_in_background(self) -> None:
        """As every program that wants the terminal of another job: the shell says `stopped (tty output)`."""
        driver, job = self._driver, self._job
        if driver is None or job is None or self._ending or not self.away:
            return
        if not is_foreground(driver.fileno) and not (has_parent_shell() and job.stop(signal.SIGTTOU)):
            asyncio.get_running_loop().call_later(_ASK_AGAIN, self._stop_in_background)
            return
        self._come_back()

    def _take(self, driver: LinuxDriver) -> None:
        """All modes anew, from the shell's as they are now; the size as it is now; the screen whole."""
        if self._ours:  # another program may have changed what we had set
            driver.suspend_application_mode()
        driver.resume_application_mode()
        self._ours, self.away = True, False
        self.take_up_input()
        self._app.redraw()
        gone = time.monotonic() - self._alive_at
        if gone >= _WORTH_SAYING:
            self._app.say(f"back after {format_duration(gone)}; nothing that came meanwhile is lost")
        self.alive()

    def take_up_input(self) -> None:
        """What was typed until now was meant for another program."""
        self.back_at = time.monotonic()


def _writes_done() -> bool:
    """Wait for what holds a lock; False if it still does after a while."""
    end = time.monotonic() + _WRITES_MOST
    while held := holds_file_locks():
        if time.monotonic() > end:
            break
        time.sleep(0.005)
    return not held


def format_duration(seconds: float) -> str:
    """A time that has passed, in words: `8 s`, `3 min`, `2 h 5 min`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
