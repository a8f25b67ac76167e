"""The frame around every screen: it lays out the lines, holds the screens, and passes each Snapshot on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.color import Color
from textual.events import Resize
from textual.screen import Screen

from gateconsole.snapshot import EMPTY, Snapshot
from gateconsole.tui.actions import Action, Registry
from gateconsole.tui.lines import (
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
from gateconsole.tui.safe import Paint, Parts
from gateconsole.tui.screens import SCREENS, ScreenEntry
from gateconsole.tui.widgets.box import Box, Content
from gateconsole.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gateconsole.tui.screens.base import ConsoleScreen


class Frame(Screen[None], inherit_bindings=False):
    """Status, tabs, banners, the current screen, footer. The screens come after the first paint."""

    def __init__(self, paint: Paint, root_label: str, registry: Registry) -> None:
        super().__init__(id="frame")
        self.paint = paint
        self.registry = registry
        self.box: Box | None = None
        self._notice: Parts = ()
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

    @property
    def screen_name(self) -> str:
        """What the registry of actions calls the screen in sight."""
        return self._current.name

    def able(self, action: Action) -> bool:
        """True when this act would do something now."""
        if not action.screens:
            return True
        return self.current is not None and self._current.name in action.screens and self.current.able(action.id)

    def act(self, action: str) -> None:
        """Do an act of the current screen."""
        if self.current is not None and self.current.able(action):
            self.current.act(action)
            self._footer.show()

    # what is said, and what is asked

    def say(self, text: str, ink: str = "text") -> None:
        """Say something in the last line, until the next key."""
        self._notice = ((" ", "text"), ("▲ " if ink == "bad" else "", ink), (text, ink))
        self._footer.show()

    def hush(self) -> None:
        """The keys again, where something was said."""
        if self._notice:
            self._notice = ()
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
        if self.box is not None:
            self.box.place(event.size.width, event.size.height)

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
        if self._notice:
            return [self._notice]
        return [footer_line([action for action in self.registry.actions if action.footer and self.able(action)], width)]

    def _draw_small(self, width: int, height: int) -> list[Parts]:
        return too_small(width, height)
