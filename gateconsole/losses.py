"""What a root lost at once, and what is said of it (DOMAIN row 7). No clock: times are passed in."""

from __future__ import annotations

from typing import Final, NamedTuple

from gateconsole.alerts import Alert
from gateconsole.snapshot import Banner, BannerCode
from gateconsole.text import iso_time

SHRINK_WITHIN: Final = 10.0
"""If more than half of the runs go within so many seconds, that is said."""

_NOTICES: Final = 3


class Held(NamedTuple):
    """How many runs a root held, when (seconds of a steady clock), and the alerts that stood."""

    since: float
    runs: int
    alerts: tuple[Alert, ...]


class Losses:
    """The notices that stay, the last few of them, and how many runs there were a short while ago. Mutable."""

    def __init__(self) -> None:
        self.notices: tuple[Banner, ...] = ()
        self._held: list[Held] = []

    def begin_anew(self) -> None:
        """Another root, or everything is read again: what was held is no measure."""
        self._held = []

    def shrunk(self, now: float, runs: int, alerts: tuple[Alert, ...]) -> Held | None:
        """What there was a short while ago, if more than half of it has gone since; said once for each loss."""
        if self._held and self._held[-1].runs == runs:
            self._held[-1] = Held(now, runs, alerts)
            return None
        self._held = [*(one for one in self._held if now - one.since < SHRINK_WITHIN), Held(now, runs, alerts)]
        most = max(self._held, key=lambda one: one.runs)
        if (most.runs - runs) * 2 <= most.runs:
            return None
        self._held = self._held[-1:]
        return most

    def lost(self, code: BannerCode, runs: int, why: str, now: int) -> None:
        """So many runs went at `now` (microseconds UTC)."""
        moment = iso_time(now // 1_000_000 * 1_000_000)
        text = f"{runs:,} {'run' if runs == 1 else 'runs'} gone at {moment}: {why}"
        self.notice(Banner(code, text, "the figures follow the disk"))

    def notice(self, banner: Banner) -> None:
        """Something that stays until the session ends, or until newer ones push it out."""
        self.notices = (*self.notices[1 - _NOTICES :], banner)
