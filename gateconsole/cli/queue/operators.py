"""`gateconsole queue` for operators: testcases, patches coming and going, pauses, p adopted."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Final

from gateconsole.cli.base import OK, now, print_message, wants_json
from gateconsole.cli.queue import text as queue_text
from gateconsole.cli.queue.context import QueueContext, tables, writing
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import operator_acts
from gateconsole.patch_queue.lookup import ALL
from gateconsole.patch_queue.transaction import Outcome

_Act = Callable[[argparse.Namespace, QueueContext, Ledger], Outcome]


def _changing(act: _Act, creates: bool = False) -> Callable[[argparse.Namespace, QueueContext], int]:
    """An act that says what it changed, or what was so already; what it cannot do is refused (rule Q22)."""

    def perform_act(args: argparse.Namespace, place: QueueContext) -> int:
        with writing(place, creates) as ledger:
            outcome = act(args, place, ledger)
        if wants_json(args):
            queue_text.print_json({"changed": outcome.changed, "text": outcome.text})
        elif outcome.changed:
            print_message(outcome.text)
        else:
            print_message(f"nothing changed: {outcome.text}")
        return OK

    return perform_act


def _submit(args: argparse.Namespace, place: QueueContext, ledger: Ledger) -> Outcome:
    testcases = () if ALL in (args.testcase or ()) else args.testcase or ()
    return operator_acts.submit(
        ledger, args.patch, place.when(), testcases=testcases, first=args.first, revises=args.revises
    )


def _configure(args: argparse.Namespace, place: QueueContext, ledger: Ledger) -> Outcome:
    outcome = operator_acts.configure(
        ledger, args.testcase, place.when(), p=args.p, text=args.text, literal=args.literal
    )
    with tables(ledger) as state:
        for warning in queue_text.warnings_of(state, args.testcase, now()):
            print_message(f"{args.testcase}: {warning}")
    return outcome


def _adopt(args: argparse.Namespace, place: QueueContext) -> int:
    with writing(place) as ledger:
        adopted = operator_acts.adopt(ledger, args.testcase, place.when(), p=args.p)
    if wants_json(args):
        document = {
            "testcase": args.testcase,
            "changed": adopted.p != adopted.p_before,
            "p_tc": float(adopted.p),
            "m": adopted.m,
            "p_before": float(adopted.p_before),
            "m_before": adopted.m_before,
        }
        queue_text.print_json(document)
    else:
        print(adopted.p)
        print_message(f"{args.testcase}: {adopted.text}")
    return OK


PERFORM: Final[dict[str, Callable[[argparse.Namespace, QueueContext], int]]] = {
    "configure": _changing(_configure, creates=True),
    "rename": _changing(
        lambda args, place, ledger: operator_acts.rename(ledger, args.testcase, args.name, place.when())
    ),
    "retire": _changing(
        lambda args, place, ledger: operator_acts.retire(ledger, args.testcase, args.reason, place.when())
    ),
    "submit": _changing(_submit, creates=True),
    "reopen": _changing(
        lambda args, place, ledger: operator_acts.reopen(
            ledger, args.patch, args.reason, place.when(), testcases=args.testcase or ()
        )
    ),
    "withdraw": _changing(
        lambda args, place, ledger: operator_acts.withdraw(ledger, args.patch, args.reason, place.when())
    ),
    "conflict": _changing(
        lambda args, place, ledger: operator_acts.conflict(ledger, args.patch, args.reason, place.when())
    ),
    "land": _changing(lambda args, place, ledger: operator_acts.land(ledger, args.patch, place.when())),
    "hold": _changing(lambda args, place, ledger: operator_acts.hold(ledger, args.patch, args.reason, place.when())),
    "release": _changing(lambda args, place, ledger: operator_acts.release(ledger, args.patch, place.when())),
    "pause": _changing(
        lambda args, place, ledger: operator_acts.pause(ledger, args.reason, place.when(), testcase=args.testcase)
    ),
    "resume": _changing(lambda args, place, ledger: operator_acts.resume(ledger, place.when(), testcase=args.testcase)),
    "adopt": _adopt,
}
"""Act -> what does it."""
