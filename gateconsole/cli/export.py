"""`gateconsole export ROOT [TABLE ...] -o DIR --format csv|json|md [--where QUERY]`: tables as files of their own."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateconsole.cli import COMMANDS
from gateconsole.cli.as_of_options import as_of_time, judged_snapshot, moment_of, queue_of_time, refuse_without_ledger
from gateconsole.cli.base import (
    OK,
    UNUSABLE,
    USAGE,
    CommandError,
    Context,
    Parser,
    add_common,
    context_of,
    new_parser,
    print_message,
    snapshot_once,
    tell_completeness,
)
from gateconsole.cli.signals import undone_by_signals
from gateconsole.text import shown_path

if TYPE_CHECKING:
    from gateconsole.query import Query
    from gateconsole.snapshot import Snapshot

TABLE_NAMES: Final = ("runs", "policies", "classes", "alerts", "spikes", "readiness", "rejected", "queue", "whitelist")
_JUDGED: Final = frozenset({"alerts", "spikes", "readiness", "whitelist"})
"""Tables that show what the runs come to: as of a time they are judged anew."""

_NO_HISTORY: Final = {"rejected": "a file says no time, and what was rejected then is not kept"}
"""Tables that cannot be told as of a time, and why."""

_WHERE_NAMES: Final = ("runs", "policies", "alerts", "readiness", "rejected", "queue", "whitelist")
"""Tables of which --where chooses rows, as the console's screens do."""

_WHERE_DEFAULT: Final = "runs"
_NO_WHERE: Final = {
    "classes": "their figures are of whole policies: export runs and count there",
    "spikes": "each is a run: export runs",
}
_STDOUT: Final = "-"


def parser() -> Parser:
    """The command's options."""
    made = new_parser("export", COMMANDS["export"], "gateconsole export [ROOT] [TABLE ...] [options]")
    tables = (
        f"tables: {', '.join(TABLE_NAMES)} (default: all). A folder of a table's name is written ./{TABLE_NAMES[0]}"
    )
    made.add_argument(
        "words", nargs="*", metavar="ROOT TABLE", help=f"artifact tree (default: CI_ARTIFACT_PATH), {tables}"
    )
    made.add_argument(
        "-o", "--output", metavar="DIR", default=".", help="folder for TABLE.FORMAT (default: this one); - is stdout"
    )
    made.add_argument("--format", choices=("csv", "json", "md"), default="csv", help="default: csv")
    made.add_argument(
        "--where",
        metavar="QUERY",
        help="only the rows that match, as in the console's filter: 'outcome:FAIL,BLOCK since:2h !reason:flaky'"
        f" (tables: {', '.join(_WHERE_NAMES)}; default: {_WHERE_DEFAULT}). policies and readiness: the policies with a"
        " matching run, their figures of all their runs; alerts: those with a matching spike; queue: patches by"
        " words, run: and time:",
    )
    made.add_argument(
        "--as-of",
        metavar="TIME",
        help="every table but rejected as of TIME: the runs stamped up to then, judged by the acts up to then and by"
        " today's whitelist, the queue after its events up to then; relative times of --where count from it; ISO 8601"
        " such as 2026-03-01T00:00:00Z (default: every run, now)",
    )
    add_common(made, live=False)
    made.intermixed = True
    return made


def run(args: argparse.Namespace) -> int:
    """Write the tables, each as a whole or not at all."""
    args.root, named = _split(args.words)
    query = _query(args.where, named)
    names = named or list(TABLE_NAMES if args.where is None else (_WHERE_DEFAULT,))
    if args.output == _STDOUT and len(names) != 1:
        raise CommandError("-o - writes one table: name it", USAGE)
    time = moment_of(args.as_of)
    if time is not None:
        names = _with_history(names, named)
    context = context_of(args)
    judges = not _JUDGED.isdisjoint(names)
    snapshot = judged_snapshot(context, None) if judges else snapshot_once(context, judged=False)
    if "queue" in names:
        refuse_without_ledger(snapshot)
    then = snapshot if time is None else _as_of(context, snapshot, time, names)
    for name in names:
        _write(name, args.format, args.output, then, query)
    tell_completeness(snapshot)
    return OK


def _with_history(names: list[str], named: list[str]) -> list[str]:
    """The tables that can be told as of a time; Failure (2) if one was named that cannot."""
    able = [name for name in TABLE_NAMES if name not in _NO_HISTORY]
    for name, why in _NO_HISTORY.items():
        if name in named:
            can = f"{', '.join(able[:-1])} and {able[-1]}"
            raise CommandError(f"--as-of: {name} has no history: {why}; {can} take a time", USAGE)
        if name in names:
            print_message(f"{name} is left out: it has no history: {why}")
    return [name for name in names if name not in _NO_HISTORY]


def _as_of(context: Context, snapshot: Snapshot, time: int, names: list[str]) -> Snapshot:
    """The Snapshot as of a time, as far as these tables need it. Failure (3) for a ledger that cannot be read."""
    if set(names) == {"queue"}:
        then = replace(snapshot, taken_at=time)
    else:
        then = as_of_time(context, snapshot, time, judges=not _JUDGED.isdisjoint(names))
    return replace(then, queue=queue_of_time(context, time)) if "queue" in names else then


def _split(words: list[str]) -> tuple[str | None, list[str]]:
    """ROOT, if the first word is no table's name, and the tables that are named, each once."""
    root = words[0] if words and words[0] not in TABLE_NAMES else None
    named = list(dict.fromkeys(words if root is None else words[1:]))
    for name in named:
        if name not in TABLE_NAMES:
            raise CommandError(f"no table {name!r}: there are {', '.join(TABLE_NAMES)}", USAGE)
    return root, named


def _query(text: str | None, named: list[str]) -> Query:
    """The query of --where; Failure (2) if it is none, or if a named table has no rows to choose."""
    from gateconsole.query import EVERYTHING, QueryError, parse

    if text is None:
        return EVERYTHING
    query = parse(text)
    if isinstance(query, QueryError):
        raise CommandError(f"--where, {query}", USAGE)
    for name in named:
        if name in _NO_WHERE:
            can = f"{', '.join(_WHERE_NAMES[:-1])} and {_WHERE_NAMES[-1]}"
            raise CommandError(f"--where chooses rows of {can}, not of {name}: {_NO_WHERE[name]}", USAGE)
    return query


def _write(name: str, form: str, output: str, snapshot: Snapshot, query: Query) -> None:
    from gateconsole.exports.selection import export_table, write_table
    from gateconsole.io.atomic import OutputUnusableError, discard_unfinished

    if output == _STDOUT:
        write_table(name, form, snapshot, sys.stdout.buffer, query)
        sys.stdout.buffer.flush()
        return
    try:
        with undone_by_signals(discard_unfinished):
            path = export_table(name, form, snapshot, Path(output), query)
    except OutputUnusableError as error:
        raise CommandError(str(error), UNUSABLE) from error
    print_message(f"wrote {shown_path(path)}")
