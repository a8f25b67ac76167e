"""The console: paints first, loads the engine afterwards, and shows the newest Snapshot it is given."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.color import ColorSystem
from textual.binding import Binding, BindingsMap
from textual.events import Event, Key
from textual.message import Message
from textual.screen import Screen

from gateconsole.snapshot import Snapshot
from gateconsole.tui.frame.active_theme import ActiveTheme, depth_here
from gateconsole.tui.frame.copy_and_page import copy_row, page_out, page_text
from gateconsole.tui.frame.frame import Frame
from gateconsole.tui.frame.help import Help
from gateconsole.tui.frame.palette import Palette
from gateconsole.tui.frame.screen_actions import other_screen_message, unavailable_message
from gateconsole.tui.frame.snapshot_feed import SnapshotFeed, SnapshotSource
from gateconsole.tui.keys import key_hints
from gateconsole.tui.keys.actions import ACTIONS, Action, Registry
from gateconsole.tui.shell.candidates import EntrySaved
from gateconsole.tui.shell.operator import Operator
from gateconsole.tui.terminal.app import ENDING_SIGNALS, TerminalApp
from gateconsole.tui.terminal.driver import ConsoleDriver
from gateconsole.tui.terminal.gc_tuning import give_way, settle_heap
from gateconsole.tui.terminal.tty import open_tty, wait_for_foreground
from gateconsole.tui.theme.themes import Theme, ThemeError, ThemeLibrary
from gateconsole.tui.whitelist.open_form import EntryRequested, Whitelisting

if TYPE_CHECKING:
    from gateconsole.notifications.notifier import Notification, Notifier
    from gateconsole.tui.alerts.screen import AlertsScreen
    from gateconsole.tui.shell.screen import Page

_LOOK_AROUND: Final = 1.0
"""Seconds between two looks at the terminal and at theme files."""

_QUIET: Final = frozenset({"open", "back", "down", "up", "page_down", "page_up", "first", "last"})
"""Acts whose keys may be pressed in vain without a word."""


class SnapshotPublished(Message):
    """A Snapshot has come. A newer one takes its place, so the screen is never behind by more than one."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """The newest Snapshot is all that counts."""
        return isinstance(message, SnapshotPublished)


class NewAlerts(Message):
    """Something to be told of alerts; from any thread."""

    def __init__(self, told: Notification) -> None:
        super().__init__()
        self.told = told


class Console(TerminalApp, inherit_bindings=False):
    """The application. It owns the theme and the feed; the Frame owns what is seen."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    AUTO_FOCUS = None

    def __init__(
        self,
        make_source: Callable[[], SnapshotSource],
        *,
        root_label: str,
        theme: str = "gate-dark",
        ascii_only: bool = False,
        registry: Registry | None = None,
        root: Path | None = None,
        hand: Callable[[], Operator] | None = None,
        wardrobe: ActiveTheme | None = None,
        pager: str | None = None,
        tell: Callable[[Callable[[Notification], None]], Notifier] | None = None,
        bell: bool = False,
    ) -> None:
        super().__init__()
        self.registry = registry or Registry()
        key_hints.use(self.registry)
        always = self.registry.keys_while_typing
        self._bindings = BindingsMap(
            [Binding(key, f"press({key!r})", priority=key in always) for key in self.registry.keys]
        )
        self.title = "gateconsole"
        self.wardrobe = wardrobe or ActiveTheme(theme, ascii_only=ascii_only)
        self._pager = pager
        self._feed = SnapshotFeed(make_source, self._show, tell, self._tell)
        self._bell = bell
        self._asked_for_source = False
        self._settled = False
        self.frame = Frame(self.wardrobe.paint(), root_label, self.registry, root, hand)
        self.whitelisting = Whitelisting(self.frame)
        self._acts: dict[str, Callable[[], None]] = {
            "quit": lambda: self.exit(0),
            "theme": self.choose_theme,
            "copy": lambda: self.copy(as_json=False),
            "copy_json": lambda: self.copy(as_json=True),
            "page": self.page,
            "palette": self.open_palette,
            "help": lambda: self.frame.open_box(Help(self.registry, self.frame.screen_name)),
            "redraw": self.redraw_anew,
            "suspend": self.suspension.suspend,
            "undo": self.frame.undoing.undo,
            "whitelist": self.whitelisting.choose,
            "screen_policies": lambda: self.frame.go("policies"),
            "screen_alerts": lambda: self.frame.go("alerts"),
            "screen_queue": lambda: self.frame.go("queue"),
            "screen_whitelist": lambda: self.frame.go("whitelist"),
            "screen_runs": lambda: self.frame.go("runs"),
            "screen_readiness": lambda: self.frame.go("readiness"),
        }

    @property
    def color_system(self) -> ColorSystem:
        """The colours the terminal has."""
        return self.wardrobe.color_system

    def get_default_screen(self) -> Screen[None]:
        """The frame is there from the first moment."""
        return self.frame

    # the life of the program

    def on_mount(self) -> None:
        """Say what is wrong with the look; look around from now on."""
        if self.wardrobe.problem:
            self.frame.say(self.wardrobe.problem, "bad")
        if not self.is_headless:
            self.set_interval(_LOOK_AROUND, self.look_around)

    def look_around(self) -> None:
        """Once a second: is the terminal still there, has the operator saved a theme, what does a filter's time mean?

        Writes nothing by itself.
        """
        if not self.paging and self.input_gone():
            self.end_by_signal(signal.SIGHUP)
            return
        self.suspension.alive()
        if (
            isinstance(self._driver, ConsoleDriver)
            and not self.away
            and self._driver.size_changed((self.size.width, self.size.height))
        ):
            self._driver.tell_size()
        complaint = self.wardrobe.problem
        saved = self.wardrobe.saved()
        if isinstance(saved, ThemeError):
            self.frame.say(self.wardrobe.problem, "bad")
        elif saved is not None:
            self.frame.repaint(saved)
            if complaint:
                self.frame.hush(only=complaint)
        self.frame.time_goes_on(time.time_ns() // 1000)

    def painted(self) -> None:
        """Something is on the screen: now the engine may be loaded."""
        if not self._asked_for_source:
            self._asked_for_source = True
            self.set_timer(0.005, self._load_source)

    async def _load_source(self) -> None:
        """The source and what the screens need are loaded beside the event loop: a key must not wait for polars."""
        threading.Thread(target=self._feed.start, name="source", daemon=True).start()
        await asyncio.to_thread(self.frame.load_screens)
        if not self._exit:  # nothing can be mounted any more
            await self.frame.mount_screens()

    def _tell(self, told: Notification) -> None:
        self.post_message(NewAlerts(told))

    def _show(self, snapshot: Snapshot) -> None:
        self.post_message(SnapshotPublished(snapshot))

    def publish(self, snapshot: Snapshot) -> None:
        """Show this Snapshot soon; from any thread. A newer one takes its place."""
        self._feed.publish(snapshot)

    def stop_source(self) -> None:
        """Ask for no more Snapshots."""
        self._feed.stop()

    def on_snapshot_published(self, message: SnapshotPublished) -> None:
        """A Snapshot has come."""
        if not self._settled and message.snapshot.phase == "live" and not self.is_headless:
            self._settled = True
            settle_heap()
        show = self.frame.show if self.is_headless else self.frame.come
        show(message.snapshot)
        self.whitelisting.show(message.snapshot)

    def on_entry_requested(self, message: EntryRequested) -> None:
        """An entry of the whitelist is to be asked for."""
        self.whitelisting.open(message.draft)

    def on_entry_saved(self, message: EntrySaved) -> None:
        """An act on the whitelist has come to its end."""
        if message.step is not None:
            self.frame.undoing.push(message.step)
        self.frame.say(message.text, message.ink)

    def on_new_alerts(self, message: NewAlerts) -> None:
        """An alert has begun to fire, or telling of it went wrong: say it for a while, over whatever is shown."""
        text, problem = message.told
        self.frame.toast.tell(text, "notice" if problem else "strong")
        if self._bell and not problem:
            self.bell()

    def on_alerts_screen_run_wanted(self, message: AlertsScreen.RunWanted) -> None:
        """Show one run, and come back with `esc`."""
        self.frame.drill(message.text)

    # acts

    async def on_event(self, event: Event) -> None:
        """What was said stands until the next key; a key acts before the next one, which may be for what it opens."""
        if self.meant_for_another(event):
            return
        if isinstance(event, Key) and not event.is_forwarded:
            self.frame.hush()
            if self.focused is None and await self._check_bindings(event.key):
                return
        await super().on_event(event)

    def action_press(self, key: str) -> None:
        """Do what a key means here: an act that can be done now."""
        known = self.registry.at(key, self.frame.screen_name)
        for action in known:
            if self.frame.able(action):
                self.act(action.id)
                return
        dead = [action for action in known if action.id not in _QUIET]
        if dead:
            self.frame.say(unavailable_message(dead[0], self.frame.snapshot), "notice")
            return
        screen = self.frame.screen_name
        elsewhere = [action for action in self.registry.elsewhere(key, screen) if action.id not in _QUIET]
        if elsewhere:
            self.frame.say(other_screen_message(key, elsewhere, screen), "notice")

    def act(self, action: str) -> None:
        """Do an act of the registry: one of the console's own, else one of the current screen."""
        own = self._acts.get(action)
        if own is not None:
            own()
        else:
            self.frame.act(action)

    def choose_theme(self) -> None:
        """The box of themes; each is seen at once."""
        self.frame.open_box(self.wardrobe.picker(self.frame.repaint, self._theme_kept, self.frame.say))

    def _theme_kept(self, theme: Theme) -> None:
        self.frame.say(f'{theme.name} for this session; to keep it: theme = "{theme.name}" in gateconsole.toml')

    def copy(self, *, as_json: bool) -> None:
        """The row under the cursor to the terminal's clipboard."""
        if self.frame.current is not None and self._driver is not None:
            copy_row(self.frame.current, self._driver, self.frame.say, as_json=as_json)

    def page(self) -> None:
        """What is shown, in the pager."""
        if self.frame.current is not None and not self.paging:
            page = self.frame.current.page()
            self.paging = True  # from this key on: the next one is for the pager
            self.run_worker(self._page(page), name="pager", exit_on_error=False)

    async def _page(self, page: Page | list[str]) -> None:
        try:
            text = await page_text(page, self.frame.say)
            if text is None:
                return
            await page_out(self, text, self._pager, self.frame.say)
        finally:
            self.paging = False
        self.suspension.take_up_input()
        self.redraw()

    def open_palette(self) -> None:
        """Every act that can be done now, to be found by its name."""
        able = [action for action in self.registry.on(self.frame.screen_name) if self.frame.able(action)]
        self.frame.open_box(Palette([action for action in able if action.id != "palette"], self.act))

    def redraw(self) -> None:
        """Draw everything again, whatever the terminal shows."""
        self._painter.forget()
        self.frame.refresh(layout=True)

    def redraw_anew(self) -> None:
        """Draw everything again, as large as the terminal is now: not every line carries a change of the size."""
        if isinstance(self._driver, ConsoleDriver):
            self._driver.ask_size()
        self.redraw()

    def say(self, text: str, ink: str = "text") -> None:
        """Say something in the last line, until the next key."""
        self.frame.say(text, ink)


def run_console(
    make_source: Callable[[], SnapshotSource],
    *,
    root_label: str,
    theme: str = "gate-dark",
    mouse: bool = True,
    ascii_only: bool = False,
    root: Path | None = None,
    hand: Callable[[], Operator] | None = None,
    actions: Sequence[Action] = ACTIONS,
    themes: Path | None = None,
    pager: str | None = None,
    tell: Callable[[Callable[[Notification], None]], Notifier] | None = None,
    bell: bool = False,
) -> int:
    """Run the console until it is left; the exit status.

    `make_source` is called in a thread after the first paint, so it may import slow modules. Raises ThemeError, and
    TerminalError where there is no terminal for it.
    `root`: where artifacts are read from to be shown whole; `themes`: the folder of the operator's own; `pager`: the
    program for plain pages. `hand`: says, after the first paint, whose queue it is and who acts on it.
    `tell`: makes, in that thread, what tells of new alerts, by what it is to say them with; `bell`: ring then.
    """
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)  # the terminal knows its size; these would outlive the first change of it
    app = Console(
        make_source,
        root_label=root_label,
        registry=Registry(actions),
        root=root,
        hand=hand,
        wardrobe=ActiveTheme(theme, ThemeLibrary(themes), depth_here(), ascii_only),
        pager=pager,
        tell=tell,
        bell=bell,
    )
    app.tty = open_tty()
    wait_for_foreground(app.tty.number)
    give_way()
    before = {number: signal.getsignal(number) for number in ENDING_SIGNALS}
    try:
        code = asyncio.run(_run(app, mouse))
    finally:
        for number, handler in before.items():  # the event loop leaves Python's own
            signal.signal(number, handler)
        app.stop_source()
    return code


async def _run(app: Console, mouse: bool) -> int:
    app.end_on_signals()
    code = await app.run_async(mouse=mouse)
    if app._exception is not None:
        raise app._exception
    return code if code is not None else app.return_code or 0
