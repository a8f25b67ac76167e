"""The frame around every screen: it lays out the lines, holds the screens, and passes each Snapshot on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import ComposeResult
from textual.color import Color
from textual.events import Resize
from textual.screen import Screen

from gateconsole.query import EVERYTHING, Query, QueryError, parse
from gateconsole.snapshot import EMPTY, Snapshot
from gateconsole.tui.actions import Action, Registry
from gateconsole.tui.latest import Latest
from gateconsole.tui.lens import Lens
from gateconsole.tui.lines import (
    Tab,
    banner_lines,
    filter_keys,
    footer_line,
    notice_lines,
    right_of_tabs,
    status_line,
    tab_line,
)
from gateconsole.tui.nothing import LEAST_HEIGHT, LEAST_WIDTH, centred, nothing_to_show, too_small
from gateconsole.tui.pace import Pace
from gateconsole.tui.safe import Paint, Parts
from gateconsole.tui.screens import SCREENS, ScreenEntry
from gateconsole.tui.sortpicker import SortPicker, sort_words
from gateconsole.tui.undoing import Undoing
from gateconsole.tui.widgets.alert_toast import Toast
from gateconsole.tui.widgets.box import Box, Content
from gateconsole.tui.widgets.filterline import FILTER_LINES, FilterLine
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.writing import Said, write_shown
from gateconsole.view import newer_runs

if TYPE_CHECKING:
    from gateconsole.tui.hand import Hand
    from gateconsole.tui.screens.base import ConsoleScreen, Shown


PACE: Final = 0.1
"""Seconds between two Snapshots in sight while they come in a flood; the first is shown at once."""

CLOCK: Final = 10_000_000
"""Microseconds after which a filter that says `since:2h` is looked through anew, though no Snapshot came."""


class Frame(Screen[None], inherit_bindings=False):
    """Status, tabs, banners, the current screen, footer. The screens come after the first paint."""

    def __init__(
        self,
        paint: Paint,
        root_label: str,
        registry: Registry,
        root: Path | None = None,
        hand: Callable[[], Hand] | None = None,
    ) -> None:
        super().__init__(id="frame")
        self.paint = paint
        self.registry = registry
        self.box: Box | None = None
        self._notice: tuple[str, str] | None = None
        self._root_label = root_label
        self._root = root
        self._hand: Hand | None = None
        self._make_hand = hand
        self.lens = Lens()
        self._counts_from = 0
        self._came_from: tuple[str, Lens] | None = None
        self._newer = 0
        self._counting: Latest[tuple[Snapshot, Snapshot], int] = Latest(_newer, self._counted, rest=0.2)
        self._exporting: Latest[Shown, Said] = Latest(write_shown, self._exported)
        self._pace = Pace(self.show, rest=PACE)
        self.snapshot: Snapshot = EMPTY
        self._screens: dict[str, ConsoleScreen] = {}
        self._current = SCREENS[0]
        self._status = Pane(paint, self._draw_status, ground="panel", id="status")
        self._tabs = Pane(paint, self._draw_tabs, id="tabs")
        self._banners = Pane(paint, self._draw_banners, ground="banner", grow=True, id="banners")
        self._opening = Pane(paint, self._draw_opening, id="opening")
        self._filter = FilterLine(paint)
        self._footer = Pane(paint, self._draw_footer, ground="panel", grow=True, id="footer")
        self._small = Pane(paint, self._draw_small, id="small")
        self.toast = Toast(paint)
        self.undoing = Undoing(self._say_undone)

    @property
    def current(self) -> ConsoleScreen | None:
        """The screen in sight; None before the first paint."""
        return self._screens.get(self._current.name)

    @property
    def panes(self) -> tuple[Pane, ...]:
        """The lines around the screens."""
        around = (self._status, self._tabs, self._banners, self._opening, self._filter, self._footer)
        return (*around, self.toast, self._small)

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield from self.panes

    def on_mount(self) -> None:
        """Stand on the theme's ground."""
        self._stand()

    def load_screens(self) -> None:
        """Import what the screens need, and learn whose hand acts; from any thread."""
        for entry in SCREENS:
            import_module(f"gateconsole.tui.screens.{entry.name}")
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
        self._came_from = None
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
        keys = {term.key for term in asked.terms}
        held = () if self.current is not None and self.current.finds_more else self.lens.query.terms
        kept = (term for term in held if term.inverted or term.key not in keys)
        query = Query((*kept, *asked.terms))
        came_from = (self._current.name, self.lens)
        self.lens = replace(self.lens, text=str(query), query=query)
        self.go("runs")
        self._came_from = came_from

    def _come_back(self, name: str, lens: Lens) -> None:
        self.lens = replace(self.lens, text=lens.text, query=lens.query)
        self.go(name)

    def come(self, snapshot: Snapshot) -> None:
        """A Snapshot has come: show it, or a newer one soon."""
        self._pace.come(snapshot)

    def time_goes_on(self, now: int) -> None:
        """The clock, microseconds UTC: what a filter says of times counts from it, also while nothing comes."""
        query, screen = self.lens.query, self.current
        held_still = self.lens.frozen is not None or not self.snapshot.completeness.seen
        if screen is None or not screen.of_runs or held_still or now < self._counts_from + CLOCK:
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
            self.current.show(held if held is not None and self.current.of_runs else snapshot)
        if held is not None:
            self._counting.ask((snapshot, held), urgent=False)
        for pane in self.panes:
            pane.show()

    @property
    def screen_name(self) -> str:
        """What the registry of actions calls the screen in sight."""
        return self._current.name

    def able(self, action: Action) -> bool:
        """True when this act would do something now."""
        if action.id == "undo":
            return bool(self.undoing)
        if not action.screens:
            return True
        if self._current.name not in action.screens:
            return False
        if action.id in {"filter", "freeze"}:
            return self.current is not None and (bool(self.snapshot.completeness.seen) or self.lens != Lens())
        if action.id == "back" and self._came_from is not None:
            return True
        if action.id == "back" and self.lens.filtered and self.current is not None and self.current.of_runs:
            return True
        return self.current is not None and self._current.name in action.screens and self.current.able(action.id)

    def act(self, action: str) -> None:
        """Do an act of the current screen."""
        if self.current is None:
            return
        if action == "filter":
            self._filter.open(self.lens.text)
            self.toast.stand_above(FILTER_LINES)
            self._listed()
        elif action == "freeze":
            self.freeze()
        elif action == "sort_by" and self.current.sorts:
            screen = self.current
            self.open_box(SortPicker(screen.sorts, screen.sorted_by, sort_words, screen.sort_by))
        elif action == "runs_of" and self.current.behind():
            self.drill(self.current.behind())
        elif action == "export":
            self.export()
        elif self.current.able(action):
            self.current.act(action)
        elif action == "back" and self._came_from is not None:
            self._come_back(*self._came_from)
        elif action == "back":
            self.filter_by("", EVERYTHING)
        self._footer.show()

    # how the runs are looked at

    def filter_by(self, text: str, query: Query) -> None:
        """Show only what matches, on every screen."""
        self._came_from = None
        self._look(replace(self.lens, text=text, query=query))

    def freeze(self) -> None:
        """Hold what is shown while reading goes on; or go on."""
        self._newer = 0
        self._look(replace(self.lens, frozen=self.snapshot if self.lens.frozen is None else None))
        self.show(self.snapshot)

    def export(self) -> None:
        """Write what is shown into the current folder, under a name of its own; say its path."""
        shown = self.current.shown() if self.current is not None else None
        if shown is None:
            self.say("nothing is shown that could be written", "notice")
            return
        self.say(f"writing {shown.words}")
        self._exporting.ask(shown)

    def _exported(self, shown: Shown, said: Said) -> None:
        if self.is_attached:
            self.say(said.text, said.ink)

    def _look(self, lens: Lens) -> None:
        self.lens = lens
        if self.current is not None:
            self.current.look_through(lens)
        self._tabs.show()

    def _counted(self, _: tuple[Snapshot, Snapshot], newer: int) -> None:
        if newer != self._newer and self.is_attached:
            self._newer = newer
            self._tabs.show()

    @on(FilterLine.Typed)
    def _typed(self, message: FilterLine.Typed) -> None:
        self.filter_by(message.text, message.query)

    def _close_filter(self) -> None:
        self._filter.close()
        self.toast.stand_above(0)

    @on(FilterLine.Kept)
    def _kept(self) -> None:
        self._close_filter()
        self._footer.show()

    @on(FilterLine.Cleared)
    def _cleared(self) -> None:
        self._close_filter()
        self.filter_by("", EVERYTHING)
        self._footer.show()

    def on_console_screen_listed(self) -> None:
        """Say how much the filter shows."""
        self._listed()

    def _listed(self) -> None:
        if self._filter.display:
            self._filter.say_found(self.current.found() if self.current is not None else "")
        self._footer.show()

    # what is said, and what is asked

    def say(self, text: str, ink: str = "text") -> None:
        """Say something in the last line, until the next key; a long complaint may take three."""
        self._notice = (text, ink)
        self._footer.show()

    def _say_undone(self, text: str, ink: str) -> None:
        if self.is_attached:
            self.say(text, ink)

    def on_console_screen_said(self, message: ConsoleScreen.Said) -> None:
        """A screen has something to say."""
        self.say(message.text, message.ink)

    def hush(self) -> None:
        """The keys again, where something was said."""
        if self._notice:
            self._notice = None
            self._footer.show()

    def open_box(self, content: Content) -> None:
        """Let a box have the keys; one that was open goes."""
        if self.box is not None:
            self.box.remove()
        box = self.box = Box(self.paint, content)
        box.place(self.size.width, self.size.height)
        self.mount(box)
        box.focus()

    @on(Box.Closed)
    def _box_closed(self, message: Box.Closed) -> None:
        message.stop()
        if self.box is not message.box:
            return
        self.box = None
        message.box.remove()
        self.set_focus(None)
        if message.place is None:
            message.box.content.leave()
        else:
            message.box.content.pick(message.place)

    def repaint(self, paint: Paint) -> None:
        """Use another theme."""
        self.paint = paint
        self._stand()
        for pane in (*self.panes, *((self.box,) if self.box else ())):
            pane.repaint(paint)
        for screen in self._screens.values():
            screen.repaint(paint)

    def on_resize(self, event: Resize) -> None:
        """Below the least size nothing but that is said."""
        self.set_class(event.size.width < LEAST_WIDTH or event.size.height < LEAST_HEIGHT, "-small")
        self._banners.show()
        self.toast.place()
        if self.box is not None:
            self.box.place(event.size.width, event.size.height)

    def _stand(self) -> None:
        ground = self.paint.theme.grounds["background"]
        named = "default" if ground == "reverse" else ground
        self.styles.background = Color.parse(ground if ground.startswith("#") else f"ansi_{named}")

    def _draw_status(self, width: int, height: int) -> list[Parts]:
        return [status_line(self.snapshot, self._root_label, width).line]

    def _draw_tabs(self, width: int, height: int) -> list[Parts]:
        left_over = status_line(self.snapshot, self._root_label, width).left_over
        tabs = [self._tab(entry) for entry in SCREENS]
        lens = self.lens if self.current is None or self.current.of_runs else Lens()
        theme = self.paint.theme.name
        right = partial(right_of_tabs, lens, self._newer, left_over, theme)
        return [tab_line(tabs, self._current.title, right, width)]

    def _tab(self, entry: ScreenEntry) -> Tab:
        return Tab(entry.key, entry.title, entry.badge(self.snapshot))

    def _draw_banners(self, width: int, height: int) -> list[Parts]:
        return banner_lines(self.snapshot, width)

    def _draw_opening(self, width: int, height: int) -> list[Parts]:
        return centred(nothing_to_show(self.snapshot, self._root_label), width, height)

    def _draw_footer(self, width: int, height: int) -> list[Parts]:
        if self._notice is not None:
            return notice_lines(*self._notice, width)
        if self._filter.display:
            return [filter_keys()]
        able = [action for action in self.registry.actions if action.footer and self.able(action)]
        if self.lens.frozen is not None:
            able.sort(key=lambda action: action.id != "freeze")
        return [footer_line([self._now_called(action) for action in able], width)]

    def _now_called(self, action: Action) -> Action:
        """The act with the name of what it would do now."""
        if action.id == "freeze" and self.lens.frozen is not None:
            return action._replace(label="go on")
        if action.id != "back" or self.current is None or self._came_from is not None:
            return action
        if self.current.of_runs and not self.current.able("back"):
            return action._replace(label="clear filter")
        return action

    def _draw_small(self, width: int, height: int) -> list[Parts]:
        return too_small(width, height)


def _newer(held: tuple[Snapshot, Snapshot]) -> int:
    return newer_runs(*held)
