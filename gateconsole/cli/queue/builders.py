"""`gateconsole queue` for builders: next, report, base, lost, mark."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import Final

from gateconsole.cli.base import OK, UNUSABLE, USAGE, CommandError, print_message, wants_json
from gateconsole.cli.queue import text as queue_text
from gateconsole.cli.queue.context import QueueContext, reading, sync_quietly, tables, writing
from gateconsole.patch_queue import builder_acts
from gateconsole.patch_queue.builder_acts import DispatchResult, VerdictChanges
from gateconsole.text import shown_path


def _next(args: argparse.Namespace, place: QueueContext) -> int:
    if args.dry_run:
        with reading(place) as ledger:
            if ledger is None:
                raise CommandError(
                    f"{shown_path(place.ledger)}: no ledger there yet: configure a testcase first", UNUSABLE
                )
            with tables(ledger) as state:
                return _give(args, builder_acts.preview(state, args.testcase, args.base, args.anyway))
    if not args.builder:
        raise CommandError("next needs --builder NAME: who builds (--dry-run only proposes)", USAGE)
    sync_quietly(args, place, turn=os.urandom(1)[0])
    with writing(place) as ledger:
        given = builder_acts.next_run(
            ledger,
            args.testcase,
            args.builder,
            place.when(),
            base=args.base,
            request=args.request,
            anyway=args.anyway,
        )
    return _give(args, given)


def _give(args: argparse.Namespace, given: DispatchResult) -> int:
    if wants_json(args):
        queue_text.print_json(given._asdict())
    else:
        if given.patches:
            print(queue_text.dispatch_line(given))
        print_message(given.why)
    return OK


def _report(args: argparse.Namespace, place: QueueContext) -> int:
    with writing(place) as ledger:
        return _effect(args, builder_acts.report(ledger, args.run, args.result, place.when()))


def _base(args: argparse.Namespace, place: QueueContext) -> int:
    with writing(place) as ledger:
        return _effect(args, builder_acts.base(ledger, args.run, args.result, place.when()))


def _lost(args: argparse.Namespace, place: QueueContext) -> int:
    with writing(place) as ledger:
        return _effect(args, builder_acts.lost(ledger, args.run, args.reason, place.when()))


def _mark(args: argparse.Namespace, place: QueueContext) -> int:
    says = "nothing" if args.says == "says-nothing" else "speaks"
    with writing(place) as ledger:
        return _effect(args, builder_acts.mark(ledger, args.run, says, args.reason, place.when()))


def _effect(args: argparse.Namespace, effect: VerdictChanges) -> int:
    if wants_json(args):
        queue_text.print_json(queue_text.effect_document(effect))
    else:
        for patch, verdict in effect.verdicts:
            print(f"{patch} {verdict or 'undecided'}")
        if not effect.news:
            print_message(f"nothing changed: that is known of run {effect.run} already")
    for conflict in effect.conflicts:
        print_message(f"conflict: {conflict.text}")
    return OK


PERFORM: Final[dict[str, Callable[[argparse.Namespace, QueueContext], int]]] = {
    "next": _next,
    "report": _report,
    "base": _base,
    "lost": _lost,
    "mark": _mark,
}
"""Act -> what does it."""
