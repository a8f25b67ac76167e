"""The frame around every screen: it lays out the lines, holds the screens, and passes each Snapshot on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import ComposeResult
from textual.color import Color
from textual.events import Resize
from textual.screen import Screen
from textual.widget import Widget

from gateconsole.query import EVERYTHING, Query, QueryError, parse
from gateconsole.snapshot import EMPTY, Snapshot
from gateconsole.tui.frame.banners import Banners
from gateconsole.tui.frame.dialogs import Dialogs
from gateconsole.tui.frame.export_view import ExportView
from gateconsole.tui.frame.filter_bar import FILTER_LINES, FilterBar
from gateconsole.tui.frame.footer import Footer
from gateconsole.tui.frame.header import Header
from gateconsole.tui.frame.screen_actions import ScreenActions
from gateconsole.tui.frame.screen_list import SCREENS
from gateconsole.tui.frame.toast import Toast
from gateconsole.tui.keys.actions import Action, Registry
from gateconsole.tui.shell.empty_states import LEAST_HEIGHT, LEAST_WIDTH, centred, nothing_to_show, too_small
from gateconsole.tui.shell.undo import UndoStack
from gateconsole.tui.shell.view_filter import ViewFilter
from gateconsole.tui.theme.paint import Painter, Parts
from gateconsole.tui.widgets.dialog import Dialog, DialogContent
from gateconsole.tui.widgets.modal import Modal
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.widgets.throttle import Throttle

if TYPE_CHECKING:
    from gateconsole.tui.shell.operator import Operator
    from gateconsole.tui.shell.screen import ConsoleScreen


PACE: Final = 0.1
"""Seconds between two Snapshots in sight while they come in a flood; the first is shown at once."""

CLOCK: Final = 10_000_000
"""Microseconds after which a filter that says `since:2h` is looked through anew, though no Snapshot came."""


class Frame(Screen[None], inherit_bindings=False):
    """Status, tabs, banners, the current screen, footer. The screens come after the first paint."""

    def __init__(
        self,
        paint: Painter,
        root_label: str,
        registry: Registry,
        root: Path | None = None,
        hand: Callable[[], Operator] | None = None,
    ) -> None:
        super().__init__(id="frame")
        self.paint = paint
        self.registry = registry
        self._boxes = Dialogs(self)
        self._root_label = root_label
        self._root = root
        self._hand: Operator | None = None
        self._make_hand = hand
        self.lens = ViewFilter()
        self._counts_from = 0
        self.came_from: tuple[str, ViewFilter] | None = None
        self._writing = ExportView(self._say_done)
        self._pace = Throttle(self.show, rest=PACE)
        self.snapshot: Snapshot = EMPTY
        self._screens: dict[str, ConsoleScreen] = {}
        self._current = SCREENS[0]
        self.banners = Banners(self)
        self.undoing = UndoStack(self._say_done)
        self._acts = ScreenActions(self, self.banners, self.undoing)
        self._head = Header(self, self.banners, root_label)
        self._opening = Pane(paint, self._draw_opening, id="opening")
        self._filter = FilterBar(paint)
        self._footer = Footer(paint, self._acts.of_footer)
        self._small = Pane(paint, too_small, id="small")
        self.toast = Toast(paint)

    @property
    def current(self) -> ConsoleScreen | None:
        """The screen in sight; None before the first paint."""
        return self._screens.get(self._current.name)

    @property
    def panes(self) -> tuple[Pane, ...]:
        """The lines around the screens."""
        return (*self._head.panes, self._opening, self._filter, self._footer, self.toast, self._small)

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield from self.panes

    def on_mount(self) -> None:
        """Stand on the theme's ground."""
        self._stand()

    def load_screens(self) -> None:
        """Import what the screens need, and learn whose hand acts; from any thread."""
        for entry in SCREENS:
            import_module(f"gateconsole.tui.{entry.name}.screen")
        self._hand = self._make_hand() if self._make_hand is not None else None

    async def mount_screens(self) -> None:
        """Make the screens; each begins with what is known by then."""
        for entry in SCREENS:
            made = self._screens[entry.name] = entry.make(self.paint, self._root_label)
            made.root = self._root
            made.hand = self._hand
            made.undoing = self.undoing
            made.display = entry is self._current
        await self.mount(*self._screens.values(), before=self._filter)
        self._opening.display = False
        self.show(self.snapshot)

    def go(self, name: str) -> None:
        """Bring another screen in sight; it looks through the same filter."""
        self.came_from = None
        self._current = next(entry for entry in SCREENS if entry.name == name)
        for known, screen in self._screens.items():
            screen.display = known == name
        if self.current is not None:
            self.current.look_through(self.lens)
        self.show(self.snapshot)

    def drill(self, terms: str) -> None:
        """Show the runs that these terms ask for, among those that the filter shows; `esc` comes back."""
        asked = parse(terms)
        if isinstance(asked, QueryError):
            self.say(f"{asked.text}: {asked.hint}", "notice")
            return
        came_from = (self._current.name, self.lens)
        finds_more = self.current is not None and self.current.finds_more
        self.lens = (self.lens.through("", EVERYTHING) if finds_more else self.lens).drilled(asked)
        self.go("runs")
        self.came_from = came_from

    def come_back(self) -> None:
        """Show what was drilled from, through the filter there was."""
        if self.came_from is not None:
            name, lens = self.came_from
            self.lens = self.lens.through(lens.text, lens.query)
            self.go(name)

    def come(self, snapshot: Snapshot) -> None:
        """A Snapshot has come: show it, or a newer one soon."""
        self._pace.come(snapshot)

    def time_goes_on(self, now: int) -> None:
        """The clock, microseconds UTC: what a filter says of times counts from it, also while nothing comes."""
        query, screen = self.lens.query, self.current
        held_still = self.lens.frozen is not None or not self.snapshot.completeness.seen
        if screen is None or held_still or now < self._counts_from + CLOCK:
            return
        if query.key(now) != query.key(self._counts_from):
            self._counts_from = now
            screen.show(replace(self.snapshot, taken_at=now))

    def show(self, snapshot: Snapshot) -> None:
        """Show another Snapshot everywhere."""
        self._counts_from = snapshot.taken_at
        self.snapshot = snapshot
        held = self.lens.frozen
        if self.current is not None:
            self.current.latest = snapshot
            self.current.show(snapshot if held is None else held)
        if held is not None:
            self._head.count_newer(snapshot, held)
        for pane in self.panes:
            pane.show()

    @property
    def screen_name(self) -> str:
        """What the registry of actions calls the screen in sight."""
        return self._current.name

    def able(self, action: Action) -> bool:
        """True when this act would do something now."""
        return self._acts.able(action)

    def act(self, action: str) -> None:
        """Do an act of the current screen."""
        self._acts.act(action)
        self._footer.show()

    # how the runs are looked at

    def open_filter(self) -> None:
        """Let the filter be typed."""
        self._filter.open(self.lens.text)
        self.on_console_screen_listed()

    def filter_by(self, text: str, query: Query) -> None:
        """Show only what matches, on every screen."""
        self.came_from = None
        self._look(self.lens.through(text, query))

    def freeze(self) -> None:
        """Hold what is shown while reading goes on; or go on."""
        self._head.hold()
        self._look(replace(self.lens, frozen=self.snapshot if self.lens.frozen is None else None))
        self.show(self.snapshot)

    def export(self) -> None:
        """Write what is shown into the current folder, under a name of its own; say its path."""
        self._writing.begin(None if self.current is None else self.current.shown())

    def _look(self, lens: ViewFilter) -> None:
        self.lens = lens
        if self.current is not None:
            self.current.look_through(lens)
        self._head.show_lens()
        self._footer.show()

    @on(FilterBar.Typed)
    def _typed(self, message: FilterBar.Typed) -> None:
        self.filter_by(message.text, message.query)

    @on(FilterBar.Cleared)
    def _cleared(self) -> None:
        self.filter_by("", EVERYTHING)

    def on_console_screen_listed(self) -> None:
        """Say how much the filter shows, and what can be done with it."""
        if self._filter.display:
            screen = self.current
            self._filter.say_found(*(("", "") if screen is None else (screen.found(), screen.filter_note())))
        self._footer.show()

    # what is said, and what is asked

    def say(self, text: str, ink: str = "text") -> None:
        """Say something in the last line, until the next key; a long complaint may take three."""
        self._footer.say(text, ink)

    def _say_done(self, text: str, ink: str) -> None:
        if self.is_attached:
            self.say(text, ink)

    def on_console_screen_said(self, message: ConsoleScreen.Said) -> None:
        """A screen has something to say."""
        self.say(message.text, message.ink)

    def watch_focused(self, widget: Widget | None) -> None:
        """The footer tells the keys of whoever has the keyboard; no toast covers what is typed."""
        self._footer.focus_is_on(widget)
        self.toast.stand_above(FILTER_LINES if self._filter.display else 0)

    @on(Modal.KeysChanged)
    def _keys_changed(self) -> None:
        self._footer.show()

    def hush(self, only: str = "") -> None:
        """The keys again, where something was said; `only`: where just this was said."""
        self._footer.hush(only)

    @property
    def box(self) -> Dialog | None:
        """The box that is open."""
        return self._boxes.open

    def open_box(self, content: DialogContent) -> None:
        """Let a box have the keys; one that was open goes."""
        self._boxes.show(content, self.paint)

    @on(Dialog.Closed)
    def _box_closed(self, message: Dialog.Closed) -> None:
        message.stop()
        self._boxes.close(message.box, message.place)

    def repaint(self, paint: Painter) -> None:
        """Use another theme."""
        self.paint = paint
        self._stand()
        self._boxes.repaint(paint)
        for pane in self.panes:
            pane.repaint(paint)
        for screen in self._screens.values():
            screen.repaint(paint)

    def on_resize(self, event: Resize) -> None:
        """Below the least size nothing but that is said."""
        self.set_class(event.size.width < LEAST_WIDTH or event.size.height < LEAST_HEIGHT, "-small")
        self._head.resize()
        self.toast.place()
        self._boxes.place(event.size)
        if isinstance(self.focused, Modal):
            self.focused.fit()

    def _stand(self) -> None:
        ground = self.paint.theme.grounds["background"]
        named = "default" if ground == "reverse" else ground
        self.styles.background = Color.parse(ground if ground.startswith("#") else f"ansi_{named}")

    def _draw_opening(self, width: int, height: int) -> list[Parts]:
        return centred(nothing_to_show(self.snapshot, self._root_label), width, height)
