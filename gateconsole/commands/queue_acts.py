"""The acts of `gateconsole queue`: arguments in, one transaction, what came of it out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateconsole.commands import queue_text
from gateconsole.commands.common import FINDING, OK, UNUSABLE, USAGE, Failure, shown, tell
from gateconsole.commands.queue_place import Place, now, place_of, reading, said, tables, writing
from gateconsole.innocence import acts, dispatch
from gateconsole.innocence.dispatch import Effect, Given
from gateconsole.ledger.place import LedgerUnusable
from gateconsole.ledger.store import Ledger


def perform(args: argparse.Namespace) -> int:
    """Do what the command line says; its exit code."""
    place = place_of(args)
    with said():
        return _PERFORM[args.act](args, place)


# Builders.


def _next(args: argparse.Namespace, place: Place) -> int:
    if args.dry_run:
        with reading(place) as ledger:
            if ledger is None:
                raise Failure(f"{shown(place.ledger)}: no ledger there yet: configure a testcase first", UNUSABLE)
            with tables(ledger) as state:
                return _give(args, dispatch.preview(state, args.testcase))
    if not args.builder:
        raise Failure("next needs --builder NAME: who builds (--dry-run only proposes)", USAGE)
    _sync_quietly(args, place)
    with writing(place) as ledger:
        given = dispatch.next_run(
            ledger, args.testcase, args.builder, place.when(), base=args.base, request=args.request
        )
    return _give(args, given)


def _give(args: argparse.Namespace, given: Given) -> int:
    if _json(args):
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
    if _json(args):
        queue_text.print_json(queue_text.effect_document(effect))
    else:
        for patch, verdict in effect.verdicts:
            print(f"{patch} {verdict or 'undecided'}")
        if not effect.news:
            tell(f"run {effect.run}: known already, nothing changed")
    for conflict in effect.conflicts:
        tell(f"conflict: {conflict.text}")
    return OK


# Operators.

_Act = Callable[[argparse.Namespace, Place, Ledger], bool]


def _changing(act: _Act, creates: bool = False) -> Callable[[argparse.Namespace, Place], int]:
    """An act that only says whether it changed anything."""

    def perform_act(args: argparse.Namespace, place: Place) -> int:
        with writing(place, creates) as ledger:
            changed = act(args, place, ledger)
        if _json(args):
            queue_text.print_json({"changed": changed})
        elif not changed:
            tell("that holds already, nothing changed")
        return OK

    return perform_act


def _submit(args: argparse.Namespace, place: Place, ledger: Ledger) -> bool:
    testcases = [name for name in args.testcase or () if name != "all"]
    return acts.submit(ledger, args.patch, place.when(), testcases=testcases, first=args.first, revises=args.revises)


def _configure(args: argparse.Namespace, place: Place, ledger: Ledger) -> bool:
    changed = acts.configure(ledger, args.testcase, place.when(), p=args.p, text=args.text, literal=args.literal)
    with tables(ledger) as state:
        for warning in queue_text.warnings_of(state, args.testcase, now()):
            tell(f"{args.testcase}: {warning}")
    return changed


def _adopt(args: argparse.Namespace, place: Place) -> int:
    with writing(place) as ledger:
        p = acts.adopt(ledger, args.testcase, place.when(), p=args.p)
    if _json(args):
        queue_text.print_json({"testcase": args.testcase, "p_tc": float(p)})
    else:
        print(p)
    return OK


# The whole queue.


def _sync(args: argparse.Namespace, place: Place) -> int:
    from gateconsole.commands.queue_sync import sync

    if place.root is None:
        raise Failure("sync needs a ROOT: --root ROOT, whose artifacts say how runs ended", USAGE)
    with writing(place) as ledger:
        booked, odd = sync(ledger, place.root, place.when(), place.says(), only_recent=False)
    if _json(args):
        queue_text.print_json(queue_text.sync_document(booked, odd))
        return OK
    for path, effect in booked:
        print(queue_text.booked_line(path, effect))
    for path, why in odd:
        tell(f"{path}: {why.rule}: {why.detail}")
    return OK


def _sync_quietly(args: argparse.Namespace, place: Place) -> None:
    """Book what artifacts say before something rests on it; what they say oddly is told by `sync`."""
    if args.no_sync or place.root is None or place.settings.flag("read_only") or not place.ledger.exists():
        return
    from gateconsole.commands.queue_sync import sync

    try:
        with writing(place) as ledger:
            booked, _ = sync(ledger, place.root, place.when(), place.says(), only_recent=True)
    except LedgerUnusable as error:
        tell(f"results in artifacts are not booked: {error}")
        return
    for path, effect in booked:
        tell(f"booked: {queue_text.booked_line(path, effect)}")


def _status(args: argparse.Namespace, place: Place) -> int:
    from gateconsole.commands.queue_status import empty_status, status

    _sync_quietly(args, place)
    with reading(place) as ledger:
        if ledger is None:
            document, text = empty_status()
        else:
            with tables(ledger) as state:
                document, text = status(state, now())
    if _json(args):
        queue_text.print_json(document)
    else:
        sys.stdout.write(text)
    return OK


def _log(args: argparse.Namespace, place: Place) -> int:
    from gateconsole.innocence import backup

    with reading(place) as ledger:
        for line in backup.lines(ledger, args.after) if ledger is not None else ():
            sys.stdout.write(line + "\n")
    return OK


def _import(args: argparse.Namespace, place: Place) -> int:
    from gateconsole.innocence import backup

    try:
        text = sys.stdin.read() if args.file == "-" else Path(args.file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        place_said = shown(Path(args.file))
        raise Failure(f"{place_said}: cannot be read: {error}: name a file of `queue log`", USAGE) from error
    with writing(place, creates=True) as ledger:
        there, came = backup.restore(ledger, text.removesuffix("\n").split("\n"), place.when())
    if _json(args):
        queue_text.print_json({"there": there, "imported": came})
    else:
        tell(f"{came} events imported, {there} were there")
    return OK


def _audit(args: argparse.Namespace, place: Place) -> int:
    from gateconsole.innocence import audit

    with reading(place) as ledger:
        found = audit.Audit(0, 0, None) if ledger is None else audit.audit(ledger)
    if _json(args):
        queue_text.print_json(found._asdict())
    elif found.difference is not None:
        print(queue_text.line(found.difference))
    tell(f"{found.events} events folded, {found.decisions} decisions made again")
    return OK if found.difference is None else FINDING


def _json(args: argparse.Namespace) -> bool:
    return getattr(args, "json", False)


_PERFORM: Final[dict[str, Callable[[argparse.Namespace, Place], int]]] = {
    "configure": _changing(_configure, creates=True),
    "submit": _changing(_submit, creates=True),
    "next": _next,
    "report": _report,
    "base": _base,
    "lost": _lost,
    "mark": _mark,
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
    "resume": _changing(lambda args, place, ledger: acts.resume(ledger, place.when(), testcase=args.testcase)),
    "adopt": _adopt,
    "sync": _sync,
    "status": _status,
    "log": _log,
    "import": _import,
    "audit": _audit,
}
