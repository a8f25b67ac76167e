"""`gateconsole export ROOT [TABLE ...] -o DIR --format csv|json|md`: every table as a file of its own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateconsole.commands import COMMANDS
from gateconsole.commands.common import (
    OK,
    UNUSABLE,
    USAGE,
    Failure,
    Parser,
    add_common,
    context_of,
    look_once,
    new_parser,
    shown,
    tell,
    tell_completeness,
)

if TYPE_CHECKING:
    from gateconsole.snapshot import Snapshot

TABLE_NAMES: Final = ("runs", "policies", "classes", "rejected")
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
    add_common(made, live=False)
    return made


def run(args: argparse.Namespace) -> int:
    """Write the tables, each as a whole or not at all."""
    args.root, names = _split(args.words)
    if args.output == _STDOUT and len(names) != 1:
        raise Failure("-o - writes one table: name it", USAGE)
    snapshot = look_once(context_of(args))
    for name in names:
        _write(name, args.format, args.output, snapshot)
    tell_completeness(snapshot)
    return OK


def _split(words: list[str]) -> tuple[str | None, list[str]]:
    """ROOT, if the first word is no table's name, and the tables, each once; all when none is named."""
    root = words[0] if words and words[0] not in TABLE_NAMES else None
    named = list(dict.fromkeys(words if root is None else words[1:]))
    for name in named:
        if name not in TABLE_NAMES:
            raise Failure(f"no table {name!r}: there are {', '.join(TABLE_NAMES)}", USAGE)
    return root, named or list(TABLE_NAMES)


def _write(name: str, form: str, output: str, snapshot: Snapshot) -> None:
    from gateconsole.exports.atomic import OutputUnusable, replacing
    from gateconsole.exports.formats import FORMATS
    from gateconsole.exports.tables import TABLES

    if output == _STDOUT:
        FORMATS[form](TABLES[name], snapshot, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    path = Path(output) / f"{name}.{form}"
    try:
        with replacing(path) as file:
            FORMATS[form](TABLES[name], snapshot, file)
    except OutputUnusable as error:
        raise Failure(str(error), UNUSABLE) from error
    tell(f"wrote {shown(path)}")
