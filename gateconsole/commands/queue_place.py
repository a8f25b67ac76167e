"""Which ledger an act is about, who acts, and when: what the acts of `gateconsole queue` share."""

from __future__ import annotations

import argparse
import getpass
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from gateconsole.commands.common import UNUSABLE, USAGE, Failure, settings_of, tell
from gateconsole.innocence.act import When
from gateconsole.innocence.known import Refused
from gateconsole.innocence.state import folded, is_current
from gateconsole.ledger.events import EventWrong
from gateconsole.ledger.place import LedgerUnusable, default_ledger, is_there
from gateconsole.ledger.store import Ledger
from gateconsole.settings import ROOT_VARIABLE, Settings
from gateconsole.text import counted, shown_path

if TYPE_CHECKING:
    from gateconsole.innocence.artifacts import Odd, Says

FEW: Final = 5
"""How many refused artifacts are told one by one where something else was asked for."""

NO_LEDGER = f"""no ROOT and no ledger: say whose queue it is, by one of
  --root ROOT                the artifact tree; its ledger is ROOT/.gateconsole/ledger.db
  --ledger FILE              the ledger itself, on a local disk
  {ROOT_VARIABLE}=ROOT      the same as --root by the environment"""


class Place(NamedTuple):
    """Where an act takes place. `root` is None when only the ledger was named."""

    ledger: Path
    root: Path | None
    settings: Settings
    actor: str

    def when(self) -> When:
        """Who acts, now."""
        return When(now(), self.actor)

    def says(self) -> Mapping[str, Says]:
        """What outcomes say of a run (row 20). Failure (2) for a word that is none."""
        return says_of(self.settings)


def says_of(settings: Settings) -> Mapping[str, Says]:
    """What outcomes say of a run (row 20). Failure (2) for a word that is none."""
    from gateconsole.innocence.artifacts import SAYS

    chosen = dict(SAYS)
    for outcome in ("WARN", "REVIEW"):
        key = f"queue_{outcome.lower()}"
        match settings.text(key):
            case "pass" | "fail" | "nothing" as word:
                chosen[outcome] = word
            case word:
                origin = settings.values[key].origin
                raise Failure(f"{origin}: {key} {word!r}: expected pass, fail or nothing", USAGE)
    return chosen


def history_of(settings: Settings) -> int:
    """Microseconds for which what was decided is shown (row 23)."""
    from gateconsole.innocence.rows import HISTORY

    return settings.micros("queue_history") or HISTORY


def now() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000


class Named(NamedTuple):
    """What a command line says of where and who: an option, else the environment, else the settings."""

    settings: Settings
    root: Path | None
    ledger: Path | None
    actor: str


def named_by(args: argparse.Namespace, environ: Mapping[str, str]) -> Named:
    """ROOT and ledger as far as they are named, and who acts."""
    settings = settings_of(args, environ)
    root = getattr(args, "root", None) or environ.get(ROOT_VARIABLE)
    ledger = getattr(args, "ledger", None)
    actor = getattr(args, "actor", None) or settings.values["actor"].value or login()
    return Named(
        settings,
        Path(root) if root else settings.path("root"),
        Path(ledger) if ledger else settings.path("ledger"),
        str(actor),
    )


def place_of(args: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Place:
    """The place of a command line. Failure (2) when nothing names a ledger."""
    named = named_by(args, environ)
    ledger = named.ledger
    if ledger is None:
        if named.root is None:
            raise Failure(NO_LEDGER, USAGE)
        ledger = default_ledger(named.root)
    return Place(ledger, named.root, named.settings, named.actor)


def login() -> str:
    """The login's name, or the user's number when it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}"


@contextmanager
def said() -> Iterator[None]:
    """What the queue refuses as Failure: 2 for what was asked, 3 for a ledger that cannot be used."""
    try:
        yield
    except Refused as error:
        raise Failure(str(error), USAGE) from error
    except (LedgerUnusable, EventWrong) as error:
        raise Failure(str(error), UNUSABLE) from error


@contextmanager
def writing(place: Place, creates: bool = False) -> Iterator[Ledger]:
    """The ledger, to be written; only some acts create it."""
    if place.settings.flag("read_only"):
        raise Failure("read-only: nothing is written to the ledger; drop --read-only to act", USAGE)
    if not creates and not is_there(place.ledger):
        raise Failure(_absent(place), UNUSABLE)
    ledger = Ledger.for_writing(place.ledger)
    try:
        if not creates and not ledger.id:  # begun by an act that was refused
            raise Failure(_absent(place), UNUSABLE)
        yield ledger
    finally:
        ledger.close()


@contextmanager
def reading(place: Place) -> Iterator[Ledger | None]:
    """The ledger, only to be read; None when there is none yet."""
    ledger = Ledger.for_reading(place.ledger)
    try:
        yield ledger
    finally:
        if ledger is not None:
            ledger.close()


@contextmanager
def tables(ledger: Ledger) -> Iterator[sqlite3.Connection]:
    """The state of a ledger, one instant of it; folded in memory when the ledger's own tables are behind."""
    with ledger.reading() as connection:
        yield connection if is_current(connection) else folded(ledger.events())


def _absent(place: Place) -> str:
    return (
        f"{shown_path(place.ledger)}: no ledger there yet: `gateconsole queue configure TESTCASE --p 0.9` "
        "with the same --root or --ledger creates it"
    )


def sync_quietly(args: argparse.Namespace, place: Place, turn: int | None = None) -> list[tuple[str, Odd]]:
    """Book what artifacts say before something rests on it; (path, why) of those that are refused.

    The first of these are told. `turn` as in `sync`.
    """
    if args.no_sync or place.root is None or place.settings.flag("read_only") or not is_there(place.ledger):
        return []
    from gateconsole.commands.queue_sync import sync
    from gateconsole.commands.queue_text import booked_line, odd_line

    try:
        with writing(place, creates=True) as ledger:
            if not ledger.id:
                return []
            booked, odd = sync(ledger, place.root, place.when(), place.says(), turn=turn)
    except LedgerUnusable as error:
        tell(f"results in artifacts are not booked: {error}")
        return []
    for path, effect in booked:
        tell(f"booked: {booked_line(path, effect)}")
    for path, why in odd[:FEW]:
        tell(f"not booked: {odd_line(path, why)}")
    if len(odd) > FEW:
        tell(f"and {counted(len(odd) - FEW, 'artifact')} more: `gateconsole queue sync` names them")
    return odd


def wants_json(args: argparse.Namespace) -> bool:
    """Whether one JSON document is asked for."""
    return getattr(args, "json", False)
