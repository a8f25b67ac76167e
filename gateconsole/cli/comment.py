"""`gateconsole comment FILE`: the compact comment for a pull request, as Markdown on stdout."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from gateconsole.cli import COMMANDS
from gateconsole.cli.base import OK, UNUSABLE, CommandError, Parser, new_parser, print_message, settings_of
from gateconsole.model import ARTIFACT_NAME, EMPTY, WHITELIST_NAME, Rejection, Run, Whitelist
from gateconsole.settings.settings import ROOT_VARIABLE, Settings
from gateconsole.text import printable, printable_path, shown_path


def parser() -> Parser:
    """The command's options."""
    made = new_parser("comment", COMMANDS["comment"])
    made.add_argument("file", metavar="FILE", help="a gate_result.json")
    made.add_argument(
        "--whitelist", metavar="FILE", help=f"whitelist (default: {WHITELIST_NAME} in ROOT, else nearest above FILE)"
    )
    made.add_argument(
        "--settings", metavar="FILE", help="settings file, instead of ./gateconsole.toml (looks only) and the XDG one"
    )
    return made


def run(args: argparse.Namespace) -> int:
    """Print the comment; exit 3 when the artifact or the whitelist cannot be used."""
    from gateconsole.reports.comment import comment

    settings = settings_of(args)
    artifact = Path(args.file)
    found = _read(artifact)
    print(comment(found, _whitelist(artifact, settings)), end="")
    return OK


def _read(path: Path) -> Run:
    """The run in this file. Failure (3) when it holds none; what was unusable in it is said on stderr."""
    from gateconsole.artifacts.decode import decode
    from gateconsole.artifacts.read_file import read_at

    try:
        reading = read_at(path)
    except OSError as error:
        raise CommandError(
            f"{shown_path(path)}: {error.strerror or error}: name a readable artifact", UNUSABLE
        ) from error
    if reading is None and os.path.isdir(path):
        raise CommandError(f"{shown_path(path)}: a folder: name the {ARTIFACT_NAME} in it", UNUSABLE)
    if reading is None:
        raise CommandError(f"{shown_path(path)}: not there: name an artifact", UNUSABLE)
    folder = printable_path(os.fsencode(path.absolute().parent.name)) or "."
    judged = reading.data if isinstance(reading.data, Rejection) else decode(reading.data, folder)
    if isinstance(judged, Rejection):
        detail = printable(f"{judged.place}: {judged.rule}: {judged.detail}")
        raise CommandError(f"{shown_path(path)}: {detail}; why in full: gateconsole validate FILE", UNUSABLE)
    if judged.diagnostics:
        print_message(f"{shown_path(path)}: {len(judged.diagnostics)} unusable (which: gateconsole validate FILE)")
    return judged


def _whitelist(artifact: Path, settings: Settings) -> Whitelist:
    """The whitelist in force: the one named, else ROOT's, else the nearest in a folder above the artifact."""
    from gateconsole.cli.base import now
    from gateconsole.whitelist.file import read
    from gateconsole.whitelist.permissions import warnings

    path = settings.path("whitelist")
    if path is not None and not os.path.lexists(path):
        print_message(f"{shown_path(path)}: no such whitelist: nothing is listed")
    if path is None:
        said = os.environ.get(ROOT_VARIABLE)
        root = Path(said) if said else settings.path("root")
        above = artifact.absolute().parents
        path = next((folder / WHITELIST_NAME for folder in ((root,) if root else above) if _holds(folder)), None)
        if path is not None and not root:
            print_message(f"whitelist: {shown_path(path)}, the nearest above FILE; --whitelist names another")
            for warning in warnings(path):
                print_message(warning)
    found = EMPTY if path is None else read(path)
    if found.problem:
        raise CommandError(found.problem, UNUSABLE)
    return found.at(now())


def _holds(folder: Path) -> bool:
    return os.path.lexists(folder / WHITELIST_NAME)
