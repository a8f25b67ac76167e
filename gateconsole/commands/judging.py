"""What the commands that judge share: options, the yardstick of the settings, one look, and the same as of a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from gateconsole.commands import COMMANDS
from gateconsole.commands.common import (
    UNUSABLE,
    USAGE,
    Context,
    Failure,
    Parser,
    add_common,
    add_root,
    look_once,
    new_parser,
    tell,
)
from gateconsole.ledger.place import default_ledger
from gateconsole.series.rules import Rules, parse_statistic
from gateconsole.series.yardstick import Limit, Yardstick
from gateconsole.settings import Settings
from gateconsole.text import printable

if TYPE_CHECKING:
    from pathlib import Path

    from gateconsole.innocence.board import Board
    from gateconsole.snapshot import Snapshot

_ORDERED: Final = (("spike_at_least", "spike_window"), ("alert_fire_at", "alert_among"))
"""Settings of which the first is never larger than the second."""


_SAID: Final = frozenset({"stamped_ahead", "runs_hidden"})
"""Banners about runs that are not judged: whoever reads a judgement must know."""


def yardstick_of(settings: Settings) -> Yardstick:
    """What runs are judged by. Failure (2) for settings that contradict one another, with their places."""
    for less, more in _ORDERED:
        if settings.count(less) > settings.count(more):
            said = [f"{key} = {settings.count(key)} ({settings.values[key].origin})" for key in (less, more)]
            raise Failure(f"{said[0]} is more than {said[1]}: lower the one or raise the other", USAGE)
    statistic, factor = parse_statistic(settings.text("spike_statistic"))
    rules = Rules(
        statistic=statistic,
        factor=factor,
        window=settings.count("spike_window"),
        at_least=settings.count("spike_at_least"),
        floor=settings.share("spike_floor") or 0.0,
        fire_at=settings.count("alert_fire_at"),
        among=settings.count("alert_among"),
        resolve_after=settings.count("alert_resolve_after"),
    )
    return Yardstick(rules, _limits_of(settings), settings.micros("silence"), settings.count("unused_days"))


def _limits_of(settings: Settings) -> Limit:
    """The limits of readiness (DOMAIN row 25)."""
    share = {
        name: settings.share(f"ready_{name}") or 0.0
        for name in ("alarms_pinned", "alarms_unpinned", "alarms_without_stratum", "unknown_runs", "overrides")
    }
    return Limit(settings.count("ready_runs"), **share, false_positives=settings.share("ready_false_positives"))


def judging_parser(name: str, fail_on: Iterable[str], fails: str) -> Parser:
    """The options of a command that judges ROOT and may exit 1; `fails` says at which of the words of --fail-on."""
    made = new_parser(name, COMMANDS[name])
    add_root(made)
    made.add_argument("--json", action="store_true", help="print one JSON document")
    made.add_argument("--fail-on", action="append", choices=tuple(fail_on), help=f"{fails}; may be given twice")
    made.add_argument(
        "--as-of",
        metavar="TIME",
        help="judge the runs stamped up to TIME and the acts up to then, by today's whitelist;"
        " ISO 8601 such as 2026-03-01T00:00:00Z (default: every run, now)",
    )
    add_common(made, live=False)
    return made


def moment_of(text: str | None) -> int | None:
    """The TIME of --as-of in microseconds UTC; without an offset it is UTC. Failure (2) if it is none."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    except (ValueError, OverflowError) as error:
        raise Failure(f"--as-of {printable(text)}: expected ISO 8601 such as 2026-03-01T00:00:00Z", USAGE) from error


def look_judged(context: Context, time: int | None) -> Snapshot:
    """One Snapshot, judged, now or as of `time`. Failure (3) also for a ledger that cannot be read."""
    snapshot = look_once(context)
    refuse_without_ledger(snapshot)
    snapshot = snapshot if time is None else as_of_time(context, snapshot, time)
    for banner in snapshot.banners:
        if banner.code in _SAID:
            tell(f"{banner.text}: {banner.remedy}")
    return snapshot


def refuse_without_ledger(snapshot: Snapshot) -> None:
    """Failure (3) for a ledger that cannot be read: what is told rests on it."""
    for banner in snapshot.banners:
        if banner.code == "queue_unusable":
            raise Failure(banner.text, UNUSABLE)


def as_of_time(context: Context, snapshot: Snapshot, time: int, *, judges: bool = True) -> Snapshot:
    """The Snapshot as of a time; says on stderr what that means. Not `judges`: operators' acts do not matter.

    Failure (3) for a ledger that cannot be read.
    """
    from gateconsole.acts import NONE
    from gateconsole.asof import acts_until, as_of, undated
    from gateconsole.ledger.events import EventWrong
    from gateconsole.ledger.place import LedgerUnusable

    try:
        acts = acts_until(_ledger_of(context), time) if judges else NONE
    except (LedgerUnusable, EventWrong) as error:
        raise Failure(str(error), UNUSABLE) from error
    left_out = undated(snapshot)
    if left_out:
        runs, have = ("run", "is") if left_out == 1 else ("runs", "are")
        tell(f"{left_out} {runs} without a timestamp {have} counted at every time: no place in time")
    return as_of(snapshot, time, acts)


def queue_of_time(context: Context, time: int) -> Board:
    """The queue as of a time. Failure (3) for a ledger that cannot be read."""
    from gateconsole.asof import queue_until
    from gateconsole.innocence.known import Refused
    from gateconsole.ledger.events import EventWrong
    from gateconsole.ledger.place import LedgerUnusable

    try:
        return queue_until(_ledger_of(context), time)
    except (LedgerUnusable, EventWrong, Refused) as error:
        raise Failure(str(error), UNUSABLE) from error


def _ledger_of(context: Context) -> Path:
    return context.settings.path("ledger") or default_ledger(context.root)
