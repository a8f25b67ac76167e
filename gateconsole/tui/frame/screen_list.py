"""One file a screen; here the list of those there are, in the order of their tabs.

A screen is imported when it is made, which is after the first paint.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from gateconsole.dates import days_left

if TYPE_CHECKING:
    from gateconsole.model import Whitelist
    from gateconsole.snapshot import Snapshot
    from gateconsole.tui.shell.screen import ConsoleScreen
    from gateconsole.tui.theme.paint import Painter

_DAY: Final = 86_400_000_000


def _no_badge(snapshot: Snapshot) -> str:
    """Nothing is wrong there."""
    return ""


class ScreenEntry(NamedTuple):
    """A screen as the frame knows it: its tab's key and title, its name in the registry of actions, how to make it.

    `badge`: what is wrong there (`▲2`), or only to be noticed (`△2`), for its tab, by a Snapshot; empty if nothing is.
    """

    key: str
    title: str
    name: str
    make: Callable[[Painter, str], ConsoleScreen]
    badge: Callable[[Snapshot], str] = _no_badge


def _policies(paint: Painter, root_label: str) -> ConsoleScreen:
    from gateconsole.tui.policies.screen import PoliciesScreen

    return PoliciesScreen(paint, root_label)


def _alerts(paint: Painter, root_label: str) -> ConsoleScreen:
    from gateconsole.tui.alerts.screen import AlertsScreen

    return AlertsScreen(paint, root_label)


def _alerts_badge(snapshot: Snapshot) -> str:
    """How many alerts fire that may call somebody."""
    loud = sum(alert.loud for alert in snapshot.alerts)
    return f"▲{loud}" if loud else ""


def _queue(paint: Painter, root_label: str) -> ConsoleScreen:
    from gateconsole.tui.queue.screen import QueueScreen

    return QueueScreen(paint, root_label)


def _queue_badge(snapshot: Snapshot) -> str:
    """How many runs in flight are overdue."""
    overdue = sum(one.overdue for one in snapshot.queue.testcases) if snapshot.queue is not None else 0
    return f"▲{overdue}" if overdue else ""


def _whitelist(paint: Painter, root_label: str) -> ConsoleScreen:
    from gateconsole.tui.whitelist.screen import WhitelistScreen

    return WhitelistScreen(paint, root_label)


def _whitelist_badge(snapshot: Snapshot) -> str:
    """While the file is broken the mark of an alarm; else, as a notice, how many entries' review day is over."""
    if snapshot.whitelist.problem is not None:
        return "▲"
    overdue = _overdue(snapshot.whitelist, snapshot.taken_at // _DAY * _DAY)
    return f"△{overdue}" if overdue else ""


@lru_cache(4)
def _overdue(whitelist: Whitelist, today: int) -> int:
    days = (days_left(entry.review_by, today) for entry in whitelist.entries if entry not in whitelist.expired)
    return sum(left is not None and left < 0 for left in days)


def _runs(paint: Painter, root_label: str) -> ConsoleScreen:
    from gateconsole.tui.runs.screen import RunsScreen

    return RunsScreen(paint, root_label)


def _readiness(paint: Painter, root_label: str) -> ConsoleScreen:
    from gateconsole.tui.readiness.screen import ReadinessScreen

    return ReadinessScreen(paint, root_label)


SCREENS: Final = (
    ScreenEntry("1", "Policies", "policies", _policies),
    ScreenEntry("2", "Alerts", "alerts", _alerts, _alerts_badge),
    ScreenEntry("3", "Queue", "queue", _queue, _queue_badge),
    ScreenEntry("4", "Whitelist", "whitelist", _whitelist, _whitelist_badge),
    ScreenEntry("5", "Runs", "runs", _runs),
    ScreenEntry("6", "Readiness", "readiness", _readiness),
)
