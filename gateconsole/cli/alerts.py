"""`gateconsole alerts ROOT [--json] [--fail-on firing|silence] [--as-of TIME]`: every alert, for people and scripts."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from gateconsole.cli.as_of_options import judged_snapshot, judging_parser, moment_of
from gateconsole.cli.base import FINDING, OK, Parser, context_of, tell_completeness

if TYPE_CHECKING:
    from gateconsole.judgement.alerts import Alert


def parser() -> Parser:
    """The command's options."""
    return judging_parser(
        "alerts",
        ("firing", "silence"),
        "exit 1 if an alert is firing that is neither acknowledged nor provisional nor listed, or (silence) if no run"
        " comes any more, none ever came, or the last runs of a policy have no rate",
    )


def run(args: argparse.Namespace) -> int:
    """Print the alerts; exit 1 if one of them is what --fail-on asks for."""
    from gateconsole.exports.documents import alerts_document
    from gateconsole.exports.formats import json_text

    time = moment_of(args.as_of)
    snapshot = judged_snapshot(context_of(args), time)
    if args.json:
        print(json_text(alerts_document(snapshot)))
    else:
        from gateconsole.reports.judgement_text import alerts_text

        sys.stdout.write(alerts_text(snapshot))
    tell_completeness(snapshot)
    kinds = {kind_of(alert) for alert in snapshot.alerts}
    return FINDING if kinds & set(args.fail_on or ()) else OK


def kind_of(alert: Alert) -> str | None:
    """What --fail-on calls an alert: `silence`, `firing`, or nothing."""
    if not alert.loud:
        return None
    return "silence" if alert.without_evidence else "firing"
