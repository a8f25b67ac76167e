"""`gateconsole rollup ROOT -o DIR`: rollout_series.csv and rollout_series_v1.md."""

from __future__ import annotations

import argparse
from pathlib import Path

from gateconsole.commands import COMMANDS
from gateconsole.commands.common import (
    OK,
    UNUSABLE,
    Failure,
    Parser,
    add_common,
    add_root,
    context_of,
    new_parser,
    tell,
    tell_completeness,
)
from gateconsole.commands.judging import look_judged
from gateconsole.commands.unwinding import undone_by_signals
from gateconsole.text import counted, shown_path


def parser() -> Parser:
    """The command's options."""
    made = new_parser("rollup", COMMANDS["rollup"])
    add_root(made)
    made.add_argument("-o", "--output", metavar="DIR", default=".", help="folder to write to (default: this one)")
    add_common(made, live=False)
    return made


def run(args: argparse.Namespace) -> int:
    """Write both files, each as a whole or not at all; say on stderr what was written and what was left out.

    Failure (3) also for a ledger that cannot be read: the report counts verdicts and adopted levels.
    """
    from gateconsole.exports import report_md, series_csv
    from gateconsole.exports.atomic import OutputUnusable, discard_unfinished, replacing, write_atomically

    snapshot = look_judged(context_of(args), None)
    series, report = (Path(args.output) / name for name in (series_csv.FILE_NAME, report_md.FILE_NAME))
    try:
        with undone_by_signals(discard_unfinished):
            with replacing(series) as file:
                series_csv.write_snapshot(snapshot, file)
            write_atomically(report, report_md.report(snapshot))
    except OutputUnusable as error:
        raise Failure(str(error), UNUSABLE) from error
    tell(f"wrote {shown_path(series)} ({counted(snapshot.completeness.parsed, 'run')})")
    tell(f"wrote {shown_path(report)} ({counted(len(snapshot.policies), 'policy')})")
    tell_completeness(snapshot)
    return OK
