"""Between Textual and the terminal: only what differs is written, and the program ends when nobody is there."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from abc import abstractmethod
from typing import Final, cast

from rich.color import ColorSystem
from rich.console import RenderableType
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._compositor import CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.events import Event, InputEvent, Paste, Resize
from textual.screen import Screen

from gateconsole.tui.terminal.driver import ConsoleDriver, PasteRefusedMessage
from gateconsole.tui.terminal.hangup import terminal_gone
from gateconsole.tui.terminal.painter import DiffPainter
from gateconsole.tui.terminal.suspend import Suspension
from gateconsole.tui.terminal.tty import Tty

log = logging.getLogger("gateconsole")

_PATIENCE: Final = 2.0
"""Seconds an orderly end may take after a signal; a terminal that is gone must not hold the process."""

_BATCH: Final = 0.02
"""Seconds after which a frame that is due is tried again, while the screen is being changed."""

ENDING_SIGNALS: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
"""What ends the program. `ctrl+c` is a key here: a SIGINT was sent by somebody."""

NOT_TAKEN: Final = "nothing is pasted here: no line is being typed"


class TerminalApp(App[int], inherit_bindings=False):
    """An application that owns its terminal. `paging`: another program has it for the moment."""

    def __init__(self) -> None:
        super().__init__(driver_class=ConsoleDriver, ansi_color=True)
        self._filters.clear()  # colours are ours alone, from the theme to the terminal
        self._disable_tooltips = True
        self._disable_notifications = True
        self._painter = DiffPainter()
        self._frame_owed = False
        self.tty = Tty(-1, shared=False)  # before it is run; nothing reads it without a screen
        self.paging = False
        self.suspension = Suspension(self, lambda: self._driver)

    @property
    @abstractmethod
    def color_system(self) -> ColorSystem:
        """The colours the terminal has."""

    @abstractmethod
    def painted(self) -> None:
        """Something is on the screen."""

    @abstractmethod
    def redraw(self) -> None:
        """Draw everything again, whatever the terminal shows."""

    @abstractmethod
    def say(self, text: str, ink: str = "text") -> None:
        """Say something in the last line."""

    # who has the terminal

    def on_mount(self) -> None:
        """The driver is there: from here on, what it does when the process is stopped is ours."""
        self.suspension.listen()

    @property
    def away(self) -> bool:
        """Whether somebody else has the terminal: a pager, or the shell. Nothing may be written then."""
        return self.paging or self.suspension.away

    def meant_for_another(self, event: Event) -> bool:
        """Whether this was typed while somebody else was to have the terminal: `ls` at the prompt are no keys here."""
        typed = isinstance(event, InputEvent | Paste)
        return typed and (self.away or event.time < self.suspension.back_at)

    def bell(self) -> None:
        """Ring, if the terminal is ours."""
        if not self.away:
            super().bell()

    # what ends the program

    def input_gone(self) -> bool:
        """Whether the terminal is gone that keys come from."""
        number = getattr(self._driver, "fileno", None)
        return isinstance(number, int) and terminal_gone(number)

    def end_on_signals(self) -> None:
        """End quietly, terminal restored, when the line drops or the process is asked to end."""
        loop = asyncio.get_running_loop()
        for number in ENDING_SIGNALS:
            loop.add_signal_handler(number, self.end_by_signal, number)

    def end_by_signal(self, number: int) -> None:
        """End as this signal asks; soon, even if something hangs. `ctrl+c` in the pager is for the pager alone."""
        if number == signal.SIGINT and self.paging:
            return
        timer = threading.Timer(_PATIENCE, self._end_at_once, (128 + number,))
        timer.daemon = True
        timer.start()
        self.suspension.end()
        self.exit(128 + number)

    def _end_at_once(self, status: int) -> None:
        """What hangs must not hold the process; the line at least is as it was."""
        if isinstance(self._driver, ConsoleDriver):
            self._driver.put_line_back()
        os._exit(status)

    def _handle_exception(self, error: Exception) -> None:
        """A defect ends the program. What cannot be done any more because it is ending is none: it is only logged."""
        if not self._exit:
            super()._handle_exception(error)
            return
        log.info("while ending: %s", type(error).__name__, exc_info=error)
        self._close_messages_no_wait()

    def _fatal_error(self) -> None:
        """End at once. Textual would print a traceback with what the artifacts say; `run_console` raises instead."""
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """The input thread cannot go on: the terminal is gone, or that is a defect."""
        if self.input_gone():
            self.end_by_signal(signal.SIGHUP)
            return
        self._exception = self._exception or RuntimeError("the terminal's input cannot be read")
        self._close_messages_no_wait()

    # what is pasted

    async def on_event(self, event: Event) -> None:
        """What is pasted while nothing is typed is nothing: least of all keys."""
        if isinstance(event, Paste):
            self.app_focus = True  # as for a key: who pastes has the terminal in sight
        if isinstance(event, Paste) and self.focused is None:
            self.say(NOT_TAKEN, "notice")
        else:
            await super().on_event(event)

    def on_paste_refused_message(self, message: PasteRefusedMessage) -> None:
        """What was pasted cannot be taken: say why."""
        if not self.away:
            self.say(message.why, "notice")

    # what is written

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Write what differs from what the terminal shows; nothing, if nothing does.

        While a frame is still on its way none is made: then the newest is, of all that has changed meanwhile.
        """
        driver = self._driver
        update: object = renderable  # a CompositorUpdate, whatever it is said to be
        ready = driver is not None and self._running and not self._closed and not self._batch_count
        if self.away:
            return
        if not isinstance(driver, ConsoleDriver) or not ready or not isinstance(update, CompositorUpdate):
            super()._display(screen, renderable)
            if ready and self.is_headless and renderable is not None:
                self.painted()
            return
        if not driver.frame_ready():
            self._frame_owed = True
            return
        if self._frame_owed:
            self._frame_owed = False
            update = self._whole_frame(screen)
        sequence = self._painter.bytes_for(update, self.color_system)
        if sequence:
            driver.write_frame(f"{SYNC_START}{sequence}{SYNC_END}" if self._sync_available else sequence)
            self.painted()
        self.post_display_hook()

    def frame_due(self) -> None:
        """A frame had to wait and may be written now: the newest there is."""
        if not self._frame_owed or self.away or not self._running:
            return
        if self._batch_count:
            self.set_timer(_BATCH, self.frame_due)
        else:
            self._display(self.screen, self._whole_frame(self.screen))

    def _whole_frame(self, screen: Screen[object]) -> LayoutUpdate:
        """All that is on the screen now; of that the painter writes what differs."""
        frame = screen._compositor.render_update(full=True, screen_stack=self._background_screens)
        return cast(LayoutUpdate, frame)

    def on_resize(self, event: Resize) -> None:
        """A terminal that changed its size may show anything: paint it whole."""
        if self._size is not None and event.size != self._size:
            self._painter.forget()
