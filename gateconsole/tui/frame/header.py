"""The lines above the screens: is it complete and fresh, is something wrong, how is it looked at, what to do next."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from gateconsole.snapshot import Snapshot
from gateconsole.tui.frame.banners import Banners
from gateconsole.tui.frame.screen_list import SCREENS
from gateconsole.tui.keys.actions import written
from gateconsole.tui.shell.status_lines import Tab, right_of_tabs, status_line, tab_line
from gateconsole.tui.theme.paint import Parts
from gateconsole.tui.widgets.latest_worker import LatestWorker
from gateconsole.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gateconsole.tui.shell.frame_interface import FrameInterface

Newer = Callable[[Snapshot, Snapshot], int]
"""How much is newer in a Snapshot than in one that is held."""


class _Held(NamedTuple):
    snapshot: Snapshot
    held: Snapshot
    by: Newer


class Header:
    """Status, tabs and banners of a frame. Beside the tabs stands how much is newer than a view that is held."""

    def __init__(self, frame: FrameInterface, banners: Banners, root_label: str) -> None:
        self._frame = frame
        self._root_label = root_label
        self._newer: dict[Newer, int] = {}
        self.counting: LatestWorker[_Held, int] = LatestWorker(_newer, self._counted, rest=0.2)
        self._status = Pane(frame.paint, self._draw_status, ground="panel", id="status")
        self._tabs = Pane(frame.paint, self._draw_tabs, id="tabs")
        self._banners = Pane(frame.paint, banners.draw, ground="banner", grow=True, id="banners")

    @property
    def panes(self) -> tuple[Pane, Pane, Pane]:
        """From top to bottom."""
        return self._status, self._tabs, self._banners

    def count_newer(self, snapshot: Snapshot, held: Snapshot) -> None:
        """Have counted what the screen in sight lists of a Snapshot and does not of the one that is held."""
        if self._frame.current is not None:
            self.counting.ask(_Held(snapshot, held, self._frame.current.newer), urgent=False)

    def hold(self) -> None:
        """Another view is held, or none: nothing is newer yet."""
        self._newer = {}

    def show_lens(self) -> None:
        """It is looked at in another way."""
        self._tabs.show()

    def resize(self) -> None:
        """Banners fold anew."""
        self._banners.show()

    def _counted(self, asked: _Held, newer: int) -> None:
        held = self._frame.lens.frozen is asked.held and self._frame.is_attached
        if held and newer != self._newer.get(asked.by, 0):
            self._newer[asked.by] = newer
            self._tabs.show()

    def _draw_status(self, width: int, height: int) -> list[Parts]:
        return [status_line(self._frame.snapshot, self._root_label, width).line]

    def _key(self, screen: str) -> str:
        """The key of a tab; empty where an operator left it without one."""
        actions = self._frame.registry.actions
        return next(written(one).partition(" ")[0] for one in actions if one.id == f"screen_{screen}")

    def _draw_tabs(self, width: int, height: int) -> list[Parts]:
        frame, snapshot = self._frame, self._frame.snapshot
        left_over = status_line(snapshot, self._root_label, width).left_over
        newer = 0 if frame.current is None else self._newer.get(frame.current.newer, 0)
        right = partial(right_of_tabs, frame.lens, newer, left_over, frame.paint.theme.name)
        tabs = [Tab(self._key(entry.name), entry.title, entry.badge(snapshot)) for entry in SCREENS]
        title = next(entry.title for entry in SCREENS if entry.name == frame.screen_name)
        return [tab_line(tabs, title, right, width)]


def _newer(asked: _Held) -> int:
    return asked.by(asked.snapshot, asked.held)
