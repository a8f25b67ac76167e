"""`gateconsole readiness ROOT [--json] [--fail-on VERDICT] [--as-of TIME]`: may a policy go to WARN?"""

from __future__ import annotations

import argparse
import sys
from typing import Final

from gateconsole.cli.as_of_options import judged_snapshot, judging_parser, moment_of
from gateconsole.cli.base import FINDING, OK, Parser, context_of, tell_completeness

_VERDICTS: Final = {"not-ready": "not ready", "too-few": "too few"}


def parser() -> Parser:
    """The command's options."""
    return judging_parser(
        "readiness",
        _VERDICTS,
        "exit 1 if the verdict on any policy is `not ready` (a check is not met), or (too-few) if a check lacks runs or"
        " there is no policy at all",
    )


def run(args: argparse.Namespace) -> int:
    """Print every policy's checklist; exit 1 if a verdict is what --fail-on asks for."""
    from gateconsole.policy_review import reviews

    time = moment_of(args.as_of)
    snapshot = judged_snapshot(context_of(args), time)
    reviewed = reviews(snapshot)
    if args.json:
        from gateconsole.exports.documents import readiness_document
        from gateconsole.exports.formats import json_text

        print(json_text(readiness_document(snapshot, reviewed)))
    else:
        from gateconsole.reports.judgement_text import readiness_text

        sys.stdout.write(readiness_text(snapshot, reviewed))
    tell_completeness(snapshot)
    wanted = {_VERDICTS[word] for word in args.fail_on or ()}
    verdicts = {found.readiness.verdict for found in reviewed} or {"too few"}
    return FINDING if wanted & verdicts else OK
