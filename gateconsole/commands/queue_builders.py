"""`gateconsole queue` for builders: next, report, base, lost, mark."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import Final

from gateconsole.commands import queue_text
from gateconsole.commands.common import OK, UNUSABLE, USAGE, Failure, tell
from gateconsole.commands.queue_place import Place, reading, sync_quietly, tables, wants_json, writing
from gateconsole.innocence import dispatch
from gateconsole.innocence.dispatch import Effect, Given
from gateconsole.text import shown_path


def _next(args: argparse.Namespace, place: Place) -> int:
    if args.dry_run:
        with reading(place) as ledger:
            if ledger is None:
                raise Failure(f"{shown_path(place.ledger)}: no ledger there yet: configure a testcase first", UNUSABLE)
            with tables(ledger) as state:
                return _give(args, dispatch.preview(state, args.testcase, args.base, args.anyway))
    if not args.builder:
        raise Failure("next needs --builder NAME: who builds (--dry-run only proposes)", USAGE)
    sync_quietly(args, place, turn=os.urandom(1)[0])
    with writing(place) as ledger:
        given = dispatch.next_run(
            ledger,
            args.testcase,
            args.builder,
            place.when(),
            base=args.base,
            request=args.request,
            anyway=args.anyway,
        )
    return _give(args, given)


def _give(args: argparse.Namespace, given: Given) -> int:
    if wants_json(args):
        queue_text.print_json(given._asdict())
    else:
        if given.patches:
            print(queue_text.given_line(given))
        tell(given.why)
    return OK


def _report(args: argparse.Namespace, place: Place) -> int:
    with writing(place) as ledger:
        return _effect(args, dispatch.report(ledger, args.run, args.result, place.when()))


def _base(args: argparse.Namespace, place: Place) -> int:
    with writing(place) as ledger:
        return _effect(args, dispatch.base(ledger, args.run, args.result, place.when()))


def _lost(args: argparse.Namespace, place: Place) -> int:
    with writing(place) as ledger:
        return _effect(args, dispatch.lost(ledger, args.run, args.reason, place.when()))


def _mark(args: argparse.Namespace, place: Place) -> int:
    says = "nothing" if args.says == "says-nothing" else "speaks"
    with writing(place) as ledger:
        return _effect(args, dispatch.mark(ledger, args.run, says, args.reason, place.when()))


def _effect(args: argparse.Namespace, effect: Effect) -> int:
    if wants_json(args):
        queue_text.print_json(queue_text.effect_document(effect))
    else:
        for patch, verdict in effect.verdicts:
            print(f"{patch} {verdict or 'undecided'}")
        if not effect.news:
            tell(f"nothing changed: that is known of run {effect.run} already")
    for conflict in effect.conflicts:
        tell(f"conflict: {conflict.text}")
    return OK


PERFORM: Final[dict[str, Callable[[argparse.Namespace, Place], int]]] = {
    "next": _next,
    "report": _report,
    "base": _base,
    "lost": _lost,
    "mark": _mark,
}
"""Act -> what does it."""
