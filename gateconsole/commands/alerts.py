"""`gateconsole alerts ROOT [--json] [--fail-on firing|silence] [--as-of TIME]`: every alert, for people and scripts."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from gateconsole.commands import COMMANDS
from gateconsole.commands.common import (
    FINDING,
    OK,
    Parser,
    add_common,
    add_root,
    context_of,
    new_parser,
    tell_completeness,
)
from gateconsole.commands.judging import add_as_of, look_judged, moment_of

if TYPE_CHECKING:
    from gateconsole.alerts import Alert


def parser() -> Parser:
    """The command's options."""
    made = new_parser("alerts", COMMANDS["alerts"])
    add_root(made)
    made.add_argument("--json", action="store_true", help="print one JSON document")
    made.add_argument(
        "--fail-on",
        action="append",
        choices=("firing", "silence"),
        help="exit 1 if an alert is firing that is neither acknowledged nor provisional nor listed, or (silence) if no"
        " run comes any more; may be given twice",
    )
    add_as_of(made)
    add_common(made, live=False)
    return made


def run(args: argparse.Namespace) -> int:
    """Print the alerts; exit 1 if one of them is what --fail-on asks for."""
    from gateconsole.exports.documents import alerts_document
    from gateconsole.exports.formats import json_text

    time = moment_of(args.as_of)
    snapshot = look_judged(context_of(args), time)
    if args.json:
        print(json_text(alerts_document(snapshot)))
    else:
        from gateconsole.exports.judgement_text import alerts_text

        sys.stdout.write(alerts_text(snapshot))
    tell_completeness(snapshot)
    kinds = {kind_of(alert) for alert in snapshot.alerts}
    return FINDING if kinds & set(args.fail_on or ()) else OK


def kind_of(alert: Alert) -> str | None:
    """What --fail-on calls an alert: `silence`, `firing`, or nothing."""
    from gateconsole.alerts import SILENCE

    if not alert.loud:
        return None
    return "silence" if alert.policy_hash is None and alert.class_name == SILENCE else "firing"
