"""`gateconsole queue` about the queue as a whole: sync, status, log, import, audit."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateconsole.cli.base import FINDING, OK, USAGE, CommandError, history_of, now, print_message, wants_json
from gateconsole.cli.queue import text as queue_text
from gateconsole.cli.queue.context import QueueContext, reading, sync_quietly, tables, writing
from gateconsole.patch_queue import audit, backup
from gateconsole.text import counted, shown_path


def _sync(args: argparse.Namespace, place: QueueContext) -> int:
    from gateconsole.cli.queue.sync import sync

    if place.root is None:
        raise CommandError("sync needs a ROOT: --root ROOT, whose artifacts say how runs ended", USAGE)
    with writing(place) as ledger:
        booked, odd = sync(ledger, place.root, place.when(), place.says(), everything=True)
    if wants_json(args):
        queue_text.print_json(queue_text.sync_document(booked, odd))
        return OK
    for path, effect in booked:
        print(queue_text.booked_line(path, effect))
    for path, why in odd:
        print_message(queue_text.odd_line(path, why))
    return OK


def _status(args: argparse.Namespace, place: QueueContext) -> int:
    from gateconsole.cli.queue.status import empty_status, status

    odd = sync_quietly(args, place)
    with reading(place) as ledger:
        if ledger is None:
            document, text = empty_status()  # then nothing can be refused either
        else:
            with tables(ledger) as state:
                document, text = status(state, now(), None if args.all else history_of(place.settings))
            document["odd"] = queue_text.odd_rows(odd)
    if wants_json(args):
        queue_text.print_json(document)
    else:
        sys.stdout.write(text)
    return OK


def _log(args: argparse.Namespace, place: QueueContext) -> int:
    with reading(place) as ledger:
        for line in backup.lines(ledger, args.after) if ledger is not None else ():
            sys.stdout.write(line + "\n")
    return OK


def _import(args: argparse.Namespace, place: QueueContext) -> int:
    try:
        text = sys.stdin.read() if args.file == "-" else Path(args.file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        place_said = shown_path(Path(args.file))
        raise CommandError(f"{place_said}: cannot be read: {error}: name a file of `queue log`", USAGE) from error
    with writing(place, creates=True) as ledger:
        there, came = backup.restore(ledger, text.removesuffix("\n").split("\n"), place.when())
        digits = ledger.id
    if wants_json(args):
        queue_text.print_json({"there": there, "imported": came})
    else:
        print_message(f"{counted(came, 'event')} imported, {there} were there")
    if came:
        print_message(
            f"the next run begins with {digits}-: a result of a run that the back-up does not hold is refused"
        )
    return OK


def _audit(args: argparse.Namespace, place: QueueContext) -> int:
    with reading(place) as ledger:
        found = audit.Audit(0, 0, None) if ledger is None else audit.audit(ledger)
    if wants_json(args):
        queue_text.print_json(found._asdict())
    elif found.difference is not None:
        print(queue_text.line(found.difference))
    print_message(f"{counted(found.events, 'event')} folded, {counted(found.decisions, 'decision')} made again")
    return OK if found.difference is None else FINDING


PERFORM: Final[dict[str, Callable[[argparse.Namespace, QueueContext], int]]] = {
    "sync": _sync,
    "status": _status,
    "log": _log,
    "import": _import,
    "audit": _audit,
}
"""Act -> what does it."""
