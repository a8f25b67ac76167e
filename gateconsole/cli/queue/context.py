"""Which ledger an act is about, who acts, and when: what the acts of `gateconsole queue` share."""

from __future__ import annotations

import argparse
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from gateconsole.cli.base import UNUSABLE, USAGE, CommandError, print_message
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.location import LedgerUnusableError, default_ledger, is_there
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue.state import is_current, replay
from gateconsole.settings.settings import ROOT_VARIABLE, Settings
from gateconsole.text import counted, shown_path

if TYPE_CHECKING:
    from gateconsole.patch_queue.reported_results import Says, UnusableResult
from gateconsole.cli.base import named_root, now, result_words

FEW: Final = 5
"""How many refused artifacts are told one by one where something else was asked for."""

NO_LEDGER = f"""no ROOT and no ledger: say whose queue it is, by one of
  --root ROOT                the artifact tree; its ledger is ROOT/.gateconsole/ledger.db
  --ledger FILE              the ledger itself, on a local disk
  {ROOT_VARIABLE}=ROOT      the same as --root by the environment"""


class QueueContext(NamedTuple):
    """Where an act takes place. `root` is None when only the ledger was named."""

    ledger: Path
    root: Path | None
    settings: Settings
    actor: str

    def when(self) -> Actor:
        """Who acts, now."""
        return Actor(now(), self.actor)

    def says(self) -> Mapping[str, Says]:
        """What outcomes say of a run (rule Q20). Failure (2) for a word that is none."""
        return result_words(self.settings)


def queue_context(args: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> QueueContext:
    """The place of a command line. Failure (2) when nothing names a ledger."""
    named = named_root(args, environ)
    ledger = named.ledger
    if ledger is None:
        if named.root is None:
            raise CommandError(NO_LEDGER, USAGE)
        ledger = default_ledger(named.root)
    return QueueContext(ledger, named.root, named.settings, named.actor)


@contextmanager
def writing(place: QueueContext, creates: bool = False) -> Iterator[Ledger]:
    """The ledger, to be written; only some acts create it."""
    if place.settings.flag("read_only"):
        raise CommandError("read-only: nothing is written to the ledger; drop --read-only to act", USAGE)
    if not creates and not is_there(place.ledger):
        raise CommandError(_absent(place), UNUSABLE)
    ledger = Ledger.for_writing(place.ledger)
    try:
        if not creates and not ledger.id:  # begun by an act that was refused
            raise CommandError(_absent(place), UNUSABLE)
        yield ledger
    finally:
        ledger.close()


@contextmanager
def reading(place: QueueContext) -> Iterator[Ledger | None]:
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
        yield connection if is_current(connection) else replay(ledger.events())


def _absent(place: QueueContext) -> str:
    return (
        f"{shown_path(place.ledger)}: no ledger there yet: `gateconsole queue configure TESTCASE --p 0.9` "
        "with the same --root or --ledger creates it"
    )


def sync_quietly(
    args: argparse.Namespace, place: QueueContext, turn: int | None = None
) -> list[tuple[str, UnusableResult]]:
    """Book what artifacts say before something rests on it; (path, why) of those that are refused.

    The first of these are told. `turn` as in `sync`.
    """
    if args.no_sync or place.root is None or place.settings.flag("read_only") or not is_there(place.ledger):
        return []
    from gateconsole.cli.queue.sync import sync
    from gateconsole.cli.queue.text import booked_line, odd_line

    try:
        with writing(place, creates=True) as ledger:
            if not ledger.id:
                return []
            booked, odd = sync(ledger, place.root, place.when(), place.says(), turn=turn)
    except LedgerUnusableError as error:
        print_message(f"results in artifacts are not booked: {error}")
        return []
    for path, effect in booked:
        print_message(f"booked: {booked_line(path, effect)}")
    for path, why in odd[:FEW]:
        print_message(f"not booked: {odd_line(path, why)}")
    if len(odd) > FEW:
        print_message(f"and {counted(len(odd) - FEW, 'artifact')} more: `gateconsole queue sync` names them")
    return odd
