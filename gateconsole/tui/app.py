"""The console: paints first, loads the engine afterwards, and shows the newest Snapshot it is given."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from rich.color import ColorSystem
from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.events import Resize
from textual.message import Message
from textual.screen import Screen

from gateconsole.snapshot import EMPTY, Banner, Snapshot
from gateconsole.tui.actions import ACTIONS, Action
from gateconsole.tui.frame import (
    LEAST_HEIGHT,
    LEAST_WIDTH,
    Tab,
    banner_lines,
    centred,
    footer_line,
    nothing_to_show,
    status_line,
    tab_line,
    too_small,
)
from gateconsole.tui.painter import Painter
from gateconsole.tui.safe import Paint, Parts
from gateconsole.tui.screens import SCREENS, ScreenEntry
from gateconsole.tui.theming import ThemeBroken, load_theme, theme_names
from gateconsole.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gateconsole.tui.screens.base import ConsoleScreen

_PATIENCE: Final = 2.0
"""Seconds an orderly end may take after a signal; a terminal that is gone must not hold the process."""


class Source(Protocol):
    """What the console needs of the engine."""

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Begin to publish Snapshots, from any thread."""

    def stop(self) -> None:
        """Publish no more; called once, also if `start` never was."""


class Published(Message):
    """A Snapshot has come. A newer one takes its place, so the screen is never behind by more than one."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """The newest Snapshot is all that counts."""
        return isinstance(message, Published)


class Frame(Screen[None], inherit_bindings=False):
    """Status, tabs, banners, the current screen, footer. The screens come after the first paint."""

    def __init__(self, paint: Paint, root_label: str) -> None:
        super().__init__(id="frame")
        self.paint = paint
        self._root_label = root_label
        self.snapshot: Snapshot = EMPTY
        self._screens: dict[str, ConsoleScreen] = {}
        self._current = SCREENS[0]
        self._status = Pane(paint, self._draw_status, ground="panel", id="status")
        self._tabs = Pane(paint, self._draw_tabs, id="tabs")
        self._banners = Pane(paint, self._draw_banners, ground="banner", grow=True, id="banners")
        self._opening = Pane(paint, self._draw_opening, id="opening")
        self._footer = Pane(paint, self._draw_footer, ground="panel", id="footer")
        self._small = Pane(paint, self._draw_small, id="small")

    @property
    def current(self) -> ConsoleScreen | None:
        """The screen in sight; None before the first paint."""
        return self._screens.get(self._current.name)

    @property
    def panes(self) -> tuple[Pane, ...]:
        """The lines around the screens."""
        return (self._status, self._tabs, self._banners, self._opening, self._footer, self._small)

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield from self.panes

    def on_mount(self) -> None:
        """Stand on the theme's ground."""
        self._stand()

    async def mount_screens(self) -> None:
        """Make the screens; each begins with what is known by then."""
        for entry in SCREENS:
            self._screens[entry.name] = entry.make(self.paint, self._root_label)
        await self.mount(*self._screens.values(), before=self._footer)
        self._opening.display = False
        self.show(self.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        """Show another Snapshot everywhere."""
        self.snapshot = snapshot
        if self.current is not None:
            self.current.show(snapshot)
        for pane in self.panes:
            pane.show()

    def act(self, action: str) -> None:
        """Do an act of the current screen."""
        if self.current is not None and self.current.able(action):
            self.current.act(action)
            self._footer.show()

    def repaint(self, paint: Paint) -> None:
        """Use another theme."""
        self.paint = paint
        self._stand()
        for pane in self.panes:
            pane.repaint(paint)
        for screen in self._screens.values():
            screen.repaint(paint)

    def on_resize(self, event: Resize) -> None:
        """Below the least size nothing but that is said."""
        self.set_class(event.size.width < LEAST_WIDTH or event.size.height < LEAST_HEIGHT, "-small")
        self._banners.show()

    def _stand(self) -> None:
        self.styles.background = Color.parse(self.paint.theme.grounds["background"])

    def _draw_status(self, width: int, height: int) -> list[Parts]:
        return [status_line(self.snapshot, self._root_label, width).line]

    def _draw_tabs(self, width: int, height: int) -> list[Parts]:
        left_over = status_line(self.snapshot, self._root_label, width).left_over
        right: Parts = (*left_over, ("   ", "text"), (self.paint.theme.name, "muted"))
        return [tab_line([self._tab(entry) for entry in SCREENS], self._current.title, right, width)]

    def _tab(self, entry: ScreenEntry) -> Tab:
        screen = self._screens.get(entry.name)
        return Tab(entry.key, entry.title, screen.badge() if screen else "")

    def _draw_banners(self, width: int, height: int) -> list[Parts]:
        return banner_lines(self.snapshot, width)

    def _draw_opening(self, width: int, height: int) -> list[Parts]:
        return centred(nothing_to_show(self.snapshot, self._root_label), width, height)

    def _draw_footer(self, width: int, height: int) -> list[Parts]:
        return [footer_line([action for action in ACTIONS if action.footer and self._able(action)], width)]

    def _draw_small(self, width: int, height: int) -> list[Parts]:
        return too_small(width, height)

    def _able(self, action: Action) -> bool:
        if not action.screens:
            return True
        return self.current is not None and self._current.name in action.screens and self.current.able(action.id)


class Console(App[int], inherit_bindings=False):
    """The application. It owns the terminal, the theme and the source; the Frame owns what is seen."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(action.keys), f"act('{action.id}')", action.label, id=action.id, priority=action.id == "quit")
        for action in ACTIONS
    ]

    def __init__(
        self, make_source: Callable[[], Source], *, root_label: str, theme: str = "gate-dark", ascii_only: bool = False
    ) -> None:
        super().__init__()
        self.title = "gateconsole"
        self._disable_tooltips = True
        self._disable_notifications = True
        self._ascii_only = ascii_only
        self._painter = Painter()
        self._make_source = make_source
        self._source: Source | None = None
        self._source_lock = threading.Lock()
        self._ended = False
        self._asked_for_source = False
        self.frame = Frame(Paint(load_theme(theme), ascii_only), root_label)
        self._acts: dict[str, Callable[[], None]] = {
            "quit": lambda: self.exit(0),
            "theme": self.next_theme,
            "redraw": self.redraw,
            "screen_policies": lambda: None,
        }

    def get_default_screen(self) -> Screen[None]:
        """The frame is there from the first moment."""
        return self.frame

    # the life of the program

    def on_mount(self) -> None:
        """After a stop (`fg`), the terminal shows something else."""
        self.app_resume_signal.subscribe(self, lambda _: self.redraw())

    def end_on_signals(self) -> None:
        """End quietly, terminal restored, when the line drops or the process is asked to end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            loop.add_signal_handler(number, self._end_by_signal, number)

    def _end_by_signal(self, number: int) -> None:
        timer = threading.Timer(_PATIENCE, os._exit, (128 + number,))
        timer.daemon = True
        timer.start()
        self.exit(128 + number)

    def _painted(self) -> None:
        """Something is on the screen: now the engine may be loaded."""
        if not self._asked_for_source:
            self._asked_for_source = True
            self.set_timer(0.005, self._load_source)

    async def _load_source(self) -> None:
        await self.frame.mount_screens()
        threading.Thread(target=self._start_source, name="source", daemon=True).start()

    def _start_source(self) -> None:
        try:
            source = self._make_source()
            with self._source_lock:
                if self._ended:
                    return
                self._source = source
            source.start(self.publish)
        except Exception as problem:
            self.publish(_failed(problem))

    def publish(self, snapshot: Snapshot) -> None:
        """Show this Snapshot soon; from any thread. A newer one takes its place."""
        if not self._ended:
            self.post_message(Published(snapshot))

    def stop_source(self) -> None:
        """Ask for no more Snapshots."""
        with self._source_lock:
            self._ended = True
            source, self._source = self._source, None
        if source is not None:
            source.stop()

    def on_published(self, message: Published) -> None:
        """A Snapshot has come."""
        self.frame.show(message.snapshot)

    # acts

    def action_act(self, action: str) -> None:
        """Do an act of the registry: one of the console's own, else one of the current screen."""
        own = self._acts.get(action)
        if own is not None:
            own()
        else:
            self.frame.act(action)

    def next_theme(self) -> None:
        """The theme after this one; one whose file is broken is passed over."""
        names = theme_names()
        now = self.frame.paint.theme.name
        place = names.index(now) + 1 if now in names else 0
        for name in (*names[place:], *names[:place]):
            try:
                theme = load_theme(name)
            except ThemeBroken:
                continue
            self.frame.repaint(Paint(theme, self._ascii_only))
            return

    def redraw(self) -> None:
        """Draw everything again, whatever the terminal shows."""
        self._painter.forget()
        self.frame.refresh(layout=True)

    # the way to the terminal

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Write what differs from what the terminal shows; nothing, if nothing does."""
        driver = self._driver
        update: object = renderable
        ready = driver is not None and self._running and not self._closed and not self._batch_count
        if driver is None or not ready or self.is_headless or not isinstance(update, CompositorUpdate):
            super()._display(screen, renderable)
            if ready and self.is_headless and renderable is not None:
                self._painted()
            return
        sequence = self._painter.bytes_for(update, self.console._color_system or ColorSystem.TRUECOLOR)
        if sequence:
            self._begin_update()
            driver.write(sequence)
            self._end_update()
            driver.flush()
            self._painted()
        self.post_display_hook()

    def on_resize(self, event: Resize) -> None:
        """A terminal that changed its size may show anything: paint it whole."""
        if self._size is not None and event.size != self._size:
            self._painter.forget()


def _failed(problem: Exception) -> Snapshot:
    """What is shown when the source cannot be made or started: nothing will come, so say why and what helps."""
    text = f"the engine could not start: {type(problem).__name__}: {problem}"
    return Snapshot(banners=(Banner("engine_failed", text, "q, then gateconsole paths shows what was found where"),))


def run_console(
    make_source: Callable[[], Source],
    *,
    root_label: str,
    theme: str = "gate-dark",
    mouse: bool = True,
    read_only: bool = False,
    ascii_only: bool = False,
) -> int:
    """Run the console until it is left; the exit status.

    `make_source` is called in a thread after the first paint, so it may import slow modules. Raises ThemeBroken.
    `read_only` is for acts that write; this console has none yet.
    """
    app = Console(make_source, root_label=root_label, theme=theme, ascii_only=ascii_only)
    try:
        code = asyncio.run(_run(app, mouse))
    finally:
        app.stop_source()
    return code


async def _run(app: Console, mouse: bool) -> int:
    app.end_on_signals()
    code = await app.run_async(mouse=mouse)
    return code if code is not None else app.return_code or 0
