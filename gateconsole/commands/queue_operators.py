"""`gateconsole queue` for operators: testcases, patches coming and going, pauses, p adopted."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Final

from gateconsole.commands import queue_text
from gateconsole.commands.common import OK, tell
from gateconsole.commands.queue_place import Place, now, tables, wants_json, writing
from gateconsole.innocence import acts
from gateconsole.innocence.dispatch import testcase_named
from gateconsole.ledger.store import Ledger

_Act = Callable[[argparse.Namespace, Place, Ledger], bool]


def _changing(act: _Act, creates: bool = False) -> Callable[[argparse.Namespace, Place], int]:
    """An act that only says whether it changed anything."""

    def perform_act(args: argparse.Namespace, place: Place) -> int:
        with writing(place, creates) as ledger:
            changed = act(args, place, ledger)
        if wants_json(args):
            queue_text.print_json({"changed": changed})
        elif not changed:
            tell("that holds already, nothing changed")
        return OK

    return perform_act


def _submit(args: argparse.Namespace, place: Place, ledger: Ledger) -> bool:
    testcases = () if acts.ALL in (args.testcase or ()) else args.testcase or ()
    return acts.submit(ledger, args.patch, place.when(), testcases=testcases, first=args.first, revises=args.revises)


def _configure(args: argparse.Namespace, place: Place, ledger: Ledger) -> bool:
    changed = acts.configure(ledger, args.testcase, place.when(), p=args.p, text=args.text, literal=args.literal)
    with tables(ledger) as state:
        for warning in queue_text.warnings_of(state, args.testcase, now()):
            tell(f"{args.testcase}: {warning}")
    return changed


def _resume(args: argparse.Namespace, place: Place, ledger: Ledger) -> bool:
    changed = acts.resume(ledger, place.when(), testcase=args.testcase)
    if args.testcase is not None:
        with tables(ledger) as state:
            reason = testcase_named(state, args.testcase).paused
        if reason is not None:
            tell(f"{args.testcase}: paused with all testcases: {reason}: `gateconsole queue resume` ends that")
    return changed


def _adopt(args: argparse.Namespace, place: Place) -> int:
    with writing(place) as ledger:
        p = acts.adopt(ledger, args.testcase, place.when(), p=args.p)
    if wants_json(args):
        queue_text.print_json({"testcase": args.testcase, "p_tc": float(p)})
    else:
        print(p)
    return OK


PERFORM: Final[dict[str, Callable[[argparse.Namespace, Place], int]]] = {
    "configure": _changing(_configure, creates=True),
    "submit": _changing(_submit, creates=True),
    "reopen": _changing(
        lambda args, place, ledger: acts.reopen(
            ledger, args.patch, args.reason, place.when(), testcases=args.testcase or ()
        )
    ),
    "withdraw": _changing(lambda args, place, ledger: acts.withdraw(ledger, args.patch, args.reason, place.when())),
    "conflict": _changing(lambda args, place, ledger: acts.conflict(ledger, args.patch, args.reason, place.when())),
    "land": _changing(lambda args, place, ledger: acts.land(ledger, args.patch, place.when())),
    "hold": _changing(lambda args, place, ledger: acts.hold(ledger, args.patch, args.reason, place.when())),
    "release": _changing(lambda args, place, ledger: acts.release(ledger, args.patch, place.when())),
    "pause": _changing(
        lambda args, place, ledger: acts.pause(ledger, args.reason, place.when(), testcase=args.testcase)
    ),
    "resume": _changing(_resume),
    "adopt": _adopt,
}
"""Act -> what does it."""
