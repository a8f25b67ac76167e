"""What a root lost at once, and what is said of it (rule G7). No clock: times are passed in."""

from __future__ import annotations

import logging
from typing import Final, NamedTuple

from gateconsole.judgement.alerts import Alert
from gateconsole.snapshot import Banner, BannerCode
from gateconsole.text import counted, iso_second

log = logging.getLogger("gateconsole")

SHRINK_WITHIN: Final = 10.0
"""If more than half of the runs go within so many seconds, that is said."""


class RunCount(NamedTuple):
    """How many runs a root held, when (seconds of a steady clock), and the alerts that stood."""

    since: float
    runs: int
    alerts: tuple[Alert, ...]


class Losses:
    """The notices that stay, one a kind, and how many runs there were a short while ago. Mutable."""

    def __init__(self) -> None:
        self._notices: dict[BannerCode, Banner] = {}
        self._times: dict[BannerCode, int] = {}
        self._runs: dict[BannerCode, int] = {}
        self._held: list[RunCount] = []

    def begin_anew(self) -> None:
        """Another root, or everything is read again: what was held is no measure."""
        self._held = []

    def shrinks(self, now: float, runs: int) -> bool:
        """Whether so many runs are less than half of what there was a short while ago; notes nothing."""
        return self._most(now, runs) is not None

    def shrunk(self, now: float, runs: int, alerts: tuple[Alert, ...]) -> RunCount | None:
        """What there was a short while ago, if more than half of it has gone since; said once for each loss."""
        most = self._most(now, runs)
        if self._held and self._held[-1].runs == runs:
            self._held[-1] = RunCount(now, runs, alerts)
            return None
        self._held = [*self._recent(now), RunCount(now, runs, alerts)]
        if most is not None:
            self._held = self._held[-1:]
        return most

    def _recent(self, now: float) -> list[RunCount]:
        """What there was within SHRINK_WITHIN; the last one was there until now, however long that is."""
        return [*(one for one in self._held[:-1] if now - one.since < SHRINK_WITHIN), *self._held[-1:]]

    def _most(self, now: float, runs: int) -> RunCount | None:
        most = max(self._recent(now), key=lambda one: one.runs, default=None)
        return most if most is not None and (most.runs - runs) * 2 > most.runs else None

    @property
    def notices(self) -> tuple[Banner, ...]:
        """What stays until the session ends: one banner a kind, told anew when it happens again. The last is last."""
        return tuple(self._notices.values())

    def lost(self, code: BannerCode, runs: int, why: str, now: int) -> None:
        """So many runs went at `now` (microseconds UTC); several losses of a kind are told together."""
        self._runs[code] = self._runs.get(code, 0) + runs
        moment = iso_second(now)
        total = self._runs[code]
        what = f"{counted(total, 'run')} gone"
        times = self._times.get(code, 0) + 1
        when = f"at {moment}" if times == 1 else f"in {times:,} losses, the last at {moment}"
        log.warning("%s gone: %s", counted(runs, "run"), why)
        self._tell(Banner(code, f"{what} {when}: {why}", "the figures follow the disk"))

    def failed(self, text: str, remedy: str) -> None:
        """A fault of our own; how often there was one is told with the last."""
        times = self._times.get("engine_failed", 0) + 1
        self._tell(Banner("engine_failed", text if times == 1 else f"{text} ({times:,} faults so far)", remedy))

    def _tell(self, banner: Banner) -> None:
        self._times[banner.code] = self._times.get(banner.code, 0) + 1
        self._notices.pop(banner.code, None)
        self._notices[banner.code] = banner
