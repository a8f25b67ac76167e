"""What the parts of the frame, and helpers of the screens, may ask of it: none of them imports the frame itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from textual.geometry import Size
from textual.widget import AwaitMount, Widget

from gateconsole.query import Query
from gateconsole.snapshot import Snapshot
from gateconsole.tui.keys.actions import Registry
from gateconsole.tui.shell.view_filter import ViewFilter
from gateconsole.tui.theme.paint import Painter
from gateconsole.tui.widgets.dialog import DialogContent

if TYPE_CHECKING:
    from gateconsole.tui.shell.screen import ConsoleScreen


class FrameInterface(Protocol):
    """The frame as its parts see it: the Snapshot and screen in sight, how it is viewed, and what it can do."""

    paint: Painter
    registry: Registry
    snapshot: Snapshot
    lens: ViewFilter
    came_from: tuple[str, ViewFilter] | None

    @property
    def current(self) -> ConsoleScreen | None:
        """The screen in sight; None before the first paint."""

    @property
    def screen_name(self) -> str:
        """What the registry of actions calls it."""

    @property
    def size(self) -> Size:
        """Cells of the terminal."""

    @property
    def is_attached(self) -> bool:
        """Whether it is still on the terminal."""

    def mount(self, *widgets: Widget) -> AwaitMount:
        """Add widgets."""

    def open_box(self, content: DialogContent) -> None:
        """Open a dialog."""

    def open_filter(self) -> None:
        """Let the filter be typed."""

    def filter_by(self, text: str, query: Query) -> None:
        """Show only what matches, on every screen."""

    def freeze(self) -> None:
        """Hold the view, or go on."""

    def drill(self, terms: str) -> None:
        """Show the runs that these terms ask for."""

    def come_back(self) -> None:
        """Show what was drilled from."""

    def export(self) -> None:
        """Write the view as CSV."""

    def say(self, text: str, ink: str = "text") -> None:
        """Show a message in the last line."""

    def show(self, snapshot: Snapshot) -> None:
        """Show another Snapshot everywhere."""
