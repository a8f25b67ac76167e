"""The banners above a screen: what must be known before any figure, in no more than a third of the screen.

What is still the case stands first and stays. A loss, or a fault that was survived, is over: it may be put away once
it was read, until there is another; the figure of what is gone stays in the status line, and each loss in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal

from gateconsole.snapshot import Banner, Snapshot
from gateconsole.text import printable
from gateconsole.tui.keys.actions import written
from gateconsole.tui.shell.status_lines import folded, stopped
from gateconsole.tui.theme.paint import Parts, width_of
from gateconsole.tui.widgets.dialog import DialogRow

if TYPE_CHECKING:
    from gateconsole.tui.shell.frame_interface import FrameInterface

_PAST: Final = frozenset({"root_replaced", "root_shrunk", "engine_failed"})
"""What happened and is over, unless the engine stands still."""

_MOST: Final = 3
"""Lines the text of one banner may take, and its remedy again; fewer where several share a third of the screen."""

_LONGEST: Final = 10_000
"""Characters of a banner that the box shows."""


def is_past(banner: Banner, snapshot: Snapshot) -> bool:
    """True for what happened once; all else is still the case."""
    return banner.code in _PAST and not stopped(snapshot)


class Banners:
    """The banners of a frame, and which of them were put away in this session."""

    def __init__(self, frame: FrameInterface) -> None:
        self._frame = frame
        self._put_away: frozenset[Banner] = frozenset()

    def able(self) -> bool:
        """True when there is something to read."""
        return bool(self._frame.snapshot.banners)

    def draw(self, width: int, height: int) -> list[Parts]:
        """The lines that stand above the screen now."""
        snapshot = self._frame.snapshot
        standing = [banner for banner in _by_weight(snapshot) if banner not in self._put_away]
        over = sum(is_past(banner, snapshot) for banner in standing)
        return banner_lines(standing, over, self._key, width, max(self._frame.size.height // 3, 1))

    def open(self) -> None:
        """All of them in full, those put away too."""
        snapshot = self._frame.snapshot
        self._frame.open_box(BannerBox(snapshot, self._put_away, self._frame.size.width, self._picked))

    @property
    def _key(self) -> str:
        """The key that opens the box; empty where an operator left it without one."""
        return next((written(action) for action in self._frame.registry.actions if action.id == "banners"), "")

    def _picked(self, banner: Banner) -> None:
        """Put a loss away; what is still the case stays."""
        if not is_past(banner, self._frame.snapshot):
            self._frame.say(f"still the case: {banner.remedy}", "notice")
            return
        self._put_away |= {banner}
        self._frame.show(self._frame.snapshot)
        counted = "" if banner.code == "engine_failed" else "; the first line still counts what is gone"
        self._frame.say(f"put away until there is another{counted}")


def _by_weight(snapshot: Snapshot) -> list[Banner]:
    """What is still the case, then what is over."""
    return sorted(snapshot.banners, key=lambda banner: is_past(banner, snapshot))


def banner_lines(banners: Sequence[Banner], over: int, key: str, width: int, room: int) -> list[Parts]:
    """Each banner with what to do next, on one line if it fits, else below it; in `room` lines at most.

    The last `over` of them are over. Where there is no room for all, the last are only counted, and texts are cut:
    `key` shows them whole.
    """
    hinted = [_hinted(banner, key, place >= len(banners) - over) for place, banner in enumerate(banners)]
    for most in range(_MOST, 0, -1):
        drawn = [_drawn(banner, key, width, most) for banner in hinted]
        if sum(map(len, drawn)) <= room:
            return [line for lines in drawn for line in lines]
    kept: list[Parts] = []
    for place, lines in enumerate(drawn):
        if len(kept) + len(lines) > room - 1:
            return [*kept, _more(hinted[place:], key)]
        kept += lines
    return kept


def _hinted(banner: Banner, key: str, over: bool) -> Banner:
    return banner._replace(remedy=f"{banner.remedy}; {key} puts it away") if over and key else banner


def _drawn(banner: Banner, key: str, width: int, most: int) -> list[Parts]:
    text, remedy = printable(banner.text), printable(banner.remedy)
    one: Parts = ((" ▲ ", "bad"), (text, "strong"), ("   → ", "notice"), (remedy, "text"))
    if width_of(one) < width:
        return [one]
    cut = f" … ({key})" if key else " …"
    below = folded((" → ", "notice"), (remedy, "text"), width, most, cut)
    return [*folded((" ▲ ", "bad"), (text, "strong"), width, most, cut), *below]


def _more(banners: Sequence[Banner], key: str) -> Parts:
    kinds = ", ".join(dict.fromkeys(banner.code.replace("_", " ") for banner in banners))
    hint: Parts = (("   → ", "notice"), (f"{key} shows all", "text")) if key else ()
    return ((" ▲ ", "bad"), (f"{len(banners)} more: {kinds}", "strong"), *hint)


class BannerBox:
    """Every banner in full for a Box; `pick` is told which one was chosen."""

    title = "banners"
    picking = "put away"
    leaving = "close"
    searched = False
    side: Literal["middle", "right"] = "middle"

    def __init__(
        self, snapshot: Snapshot, put_away: frozenset[Banner], width: int, pick: Callable[[Banner], None]
    ) -> None:
        self.width = min(width - 2, 100)
        self._pick = pick
        self._lines = [
            (banner, DialogRow(parts))
            for banner in _by_weight(snapshot)
            for parts in _in_full(banner, self.width - 4, read=banner in put_away)
        ]
        fresh = [is_past(banner, snapshot) and banner not in put_away for banner, _ in self._lines]
        self._start = fresh.index(True) if True in fresh else 0

    def search(self, query: str) -> Sequence[DialogRow]:
        """Their lines."""
        return [entry for _, entry in self._lines]

    def start(self) -> int:
        """The first that can be put away."""
        return self._start

    def moved(self, place: int) -> None:
        """Nothing depends on it."""

    def pick(self, place: int) -> None:
        """Put it away."""
        self._pick(self._lines[place][0])

    def leave(self) -> None:
        """Nothing is to be done."""


def _in_full(banner: Banner, width: int, *, read: bool) -> list[Parts]:
    text = f"{printable(banner.text[:_LONGEST])}{' (put away)' if read else ''}"
    ink = "muted" if read else "strong"
    below = folded((" → ", "notice"), (printable(banner.remedy[:_LONGEST]), "text"), width, None)
    return [*folded((" ▲ ", "bad"), (text, ink), width, None), *below]
