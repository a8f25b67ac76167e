"""`gateconsole rollup ROOT -o DIR`: rollout_series.csv and rollout_series_v1.md."""

from __future__ import annotations

import argparse
from pathlib import Path

from gateconsole.cli import COMMANDS
from gateconsole.cli.as_of_options import judged_snapshot
from gateconsole.cli.base import (
    OK,
    UNUSABLE,
    CommandError,
    Parser,
    add_common,
    add_root,
    context_of,
    new_parser,
    print_message,
    tell_completeness,
)
from gateconsole.cli.signals import undone_by_signals
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
    from gateconsole.exports import series_csv
    from gateconsole.io.atomic import OutputUnusableError, atomic_writer, discard_unfinished, write_atomically
    from gateconsole.reports import rollup

    snapshot = judged_snapshot(context_of(args), None)
    series, report = (Path(args.output) / name for name in (series_csv.FILE_NAME, rollup.FILE_NAME))
    try:
        with undone_by_signals(discard_unfinished):
            with atomic_writer(series) as file:
                series_csv.write_snapshot(snapshot, file)
            write_atomically(report, rollup.report(snapshot))
    except OutputUnusableError as error:
        raise CommandError(str(error), UNUSABLE) from error
    print_message(f"wrote {shown_path(series)} ({counted(snapshot.completeness.parsed, 'run')})")
    print_message(f"wrote {shown_path(report)} ({counted(len(snapshot.policies), 'policy')})")
    tell_completeness(snapshot)
    return OK
