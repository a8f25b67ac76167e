"""The acts of the screen in sight: which would do something now, what they are called then, and doing them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from gateconsole.query import EVERYTHING
from gateconsole.snapshot import Snapshot
from gateconsole.tui.frame.banners import Banners
from gateconsole.tui.keys.actions import Action, works_on, written
from gateconsole.tui.keys.key_names import key_label
from gateconsole.tui.shell.sort_picker import SortPicker, sort_titles
from gateconsole.tui.shell.undo import UndoStack
from gateconsole.tui.shell.view_filter import ViewFilter

if TYPE_CHECKING:
    from gateconsole.tui.shell.frame_interface import FrameInterface

_LISTING: Final = frozenset({"whitelist", "whitelist_new", "whitelist_edit", "whitelist_retire"})
"""Acts that change the whitelist."""


def unavailable_message(action: Action, snapshot: Snapshot) -> str:
    """What is said of a key that can do nothing now: what it would do, or what has to be mended before."""
    broken = action.id in _LISTING and snapshot.whitelist.problem is not None
    why = "the whitelist is broken, mend the file first" if broken else action.description
    return f"{written(action)} does nothing now: {why}"


def other_screen_message(key: str, known: Iterable[Action], screen: str) -> str:
    """What is said of a key that acts on other screens only, by the acts it does there; empty without any."""
    places = [f"{action.label} on {name.capitalize()}" for action in known for name in action.screens]
    if not places:
        return ""
    return f"{key_label(key)} does nothing on {screen.capitalize()}, it is {', '.join(places)}"


class ScreenActions:
    """Those that all screens have in common are done by the frame, the others by the screen itself."""

    def __init__(self, frame: FrameInterface, banners: Banners, undoing: UndoStack) -> None:
        self._frame = frame
        self._banners = banners
        self._undoing = undoing

    def able(self, action: Action) -> bool:
        """True when this act would do something now."""
        frame, screen = self._frame, self._frame.current
        if action.id == "undo":
            return bool(self._undoing)
        if action.id == "banners":
            return self._banners.able()
        if not action.screens:
            return True
        if screen is None or not works_on(action, frame.screen_name):
            return False
        if action.id == "freeze":
            return self._lists_something()
        return screen.able(action.id) or (action.id == "back" and self._leads_back())

    def _lists_something(self) -> bool:
        """Whether there is anything to filter or to hold, or a view that is left so."""
        frame, screen = self._frame, self._frame.current
        known = bool(frame.snapshot.completeness.seen) or frame.lens != ViewFilter()
        return known or (screen is not None and screen.able("freeze"))

    def _leads_back(self) -> bool:
        """Whether there is a way back beside the screen's own: to where the operator came from, or out of a filter."""
        frame = self._frame
        return frame.came_from is not None or self._clears_filter()

    def _clears_filter(self) -> bool:
        screen = self._frame.current
        return screen is not None and self._frame.lens.filtered

    def act(self, action: str) -> None:
        """Do an act, by its id."""
        frame, screen = self._frame, self._frame.current
        if action == "banners":
            self._banners.open()
        if action == "filter":
            frame.open_filter()
        if screen is None:
            return
        match action:
            case "freeze":
                frame.freeze()
            case "sort_by" if screen.sorts:
                frame.open_box(SortPicker(screen.sorts, screen.sorted_by, sort_titles, screen.sort_by))
            case "runs_of" if screen.behind():
                frame.drill(screen.behind())
            case "export":
                frame.export()
            case _ if screen.able(action):
                screen.act(action)
            case "back" if frame.came_from is not None:
                frame.come_back()
            case "back":
                frame.filter_by("", EVERYTHING)

    def of_footer(self) -> list[Action]:
        """Those that would do something now, each called by what it would do; the way out of a held view is first.

        A filter can always be typed, so that its letters are no acts; it is offered where there is something to list.
        """
        frame = self._frame
        left_out = "" if self._lists_something() else "filter"
        actions = [one for one in frame.registry.actions if one.footer and one.id != left_out]
        able = [self._now_called(action) for action in actions if self.able(action)]
        if frame.lens.frozen is not None:
            able.sort(key=lambda action: action.id != "freeze")
        return able

    def _now_called(self, action: Action) -> Action:
        frame, screen = self._frame, self._frame.current
        if action.id == "freeze" and frame.lens.frozen is not None:
            return action._replace(label="go on")
        if action.id != "back" or screen is None or frame.came_from is not None:
            return action
        if not screen.able("back"):
            return action._replace(label="clear filter")
        return action
