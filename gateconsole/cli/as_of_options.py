"""What the commands that judge share: options, the yardstick of the settings, one look, and the same as of a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from gateconsole.cli import COMMANDS
from gateconsole.cli.base import (
    UNUSABLE,
    USAGE,
    CommandError,
    Context,
    Parser,
    add_common,
    add_root,
    new_parser,
    print_message,
    snapshot_once,
)
from gateconsole.ledger.location import default_ledger
from gateconsole.text import printable

if TYPE_CHECKING:
    from pathlib import Path

    from gateconsole.patch_queue.overview import Board
    from gateconsole.snapshot import Snapshot


_SAID: Final = frozenset({"stamped_ahead", "runs_hidden"})
"""Banners about runs that are not judged: whoever reads a judgement must know."""


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
        raise CommandError(
            f"--as-of {printable(text)}: expected ISO 8601 such as 2026-03-01T00:00:00Z", USAGE
        ) from error


def judged_snapshot(context: Context, time: int | None) -> Snapshot:
    """One Snapshot, judged, now or as of `time`. Failure (3) also for a ledger that cannot be read."""
    snapshot = snapshot_once(context)
    refuse_without_ledger(snapshot)
    snapshot = snapshot if time is None else as_of_time(context, snapshot, time)
    for banner in snapshot.banners:
        if banner.code in _SAID:
            print_message(f"{banner.text}: {banner.remedy}")
    return snapshot


def refuse_without_ledger(snapshot: Snapshot) -> None:
    """Failure (3) for a ledger that cannot be read: what is told rests on it."""
    for banner in snapshot.banners:
        if banner.code == "queue_unusable":
            raise CommandError(banner.text, UNUSABLE)


def as_of_time(context: Context, snapshot: Snapshot, time: int, *, judges: bool = True) -> Snapshot:
    """The Snapshot as of a time; says on stderr what that means. Not `judges`: operators' acts do not matter.

    Failure (3) for a ledger that cannot be read.
    """
    from gateconsole.engine.as_of import acts_until, as_of, undated
    from gateconsole.judgement.operator_acts import NONE
    from gateconsole.ledger.events import EventError
    from gateconsole.ledger.location import LedgerUnusableError

    try:
        acts = acts_until(_ledger_of(context), time) if judges else NONE
    except (LedgerUnusableError, EventError) as error:
        raise CommandError(str(error), UNUSABLE) from error
    left_out = undated(snapshot)
    if left_out:
        runs, have = ("run", "is") if left_out == 1 else ("runs", "are")
        print_message(f"{left_out} {runs} without a timestamp {have} counted at every time: no place in time")
    return as_of(snapshot, time, acts)


def queue_of_time(context: Context, time: int) -> Board:
    """The queue as of a time. Failure (3) for a ledger that cannot be read."""
    from gateconsole.engine.as_of import queue_until
    from gateconsole.ledger.actor import RefusedError
    from gateconsole.ledger.events import EventError
    from gateconsole.ledger.location import LedgerUnusableError

    try:
        return queue_until(_ledger_of(context), time)
    except (LedgerUnusableError, EventError, RefusedError) as error:
        raise CommandError(str(error), UNUSABLE) from error


def _ledger_of(context: Context) -> Path:
    return context.settings.path("ledger") or default_ledger(context.root)
