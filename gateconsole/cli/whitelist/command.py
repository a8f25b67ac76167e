"""`gateconsole whitelist ...`: the unknown classes known to be harmless, for operators and scripts (architecture 3).

An act on the file loads neither polars nor textual.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, Final

from gateconsole.cli import COMMANDS
from gateconsole.cli.base import Parser, new_parser

_MERGE_HELP: Final = """\
in .gitattributes:  unknown_whitelist.json merge=gateconsole
once a clone:       git config merge.gateconsole.driver 'gateconsole whitelist merge %O %A %B'
Only an entry that both sides changed is a conflict; it stands between git's markers. Exit 0: merged, 1: conflicts,
129: a file cannot be read or written."""

SCOPES: Final = ("all", "pinned", "unpinned")


def parser() -> Parser:
    """The command's options; the shared ones may stand before or behind the act."""
    made = new_parser("whitelist", COMMANDS["whitelist"])
    _add_shared(made)
    acts = made.add_subparsers(title="acts", dest="act", metavar="ACT", required=True, parser_class=Parser)
    for name, (summary, add) in _ACTS.items():
        act = acts.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        add(act)
        _add_shared(act)
    return made


def run(args: argparse.Namespace) -> int:
    """Do the act."""
    if args.act in {"list", "lint", "preview"}:
        from gateconsole.cli.whitelist.report import PERFORM
    else:
        from gateconsole.cli.whitelist.edit import PERFORM
    return PERFORM[args.act](args)


def _add_shared(parser: argparse.ArgumentParser) -> None:
    add: Callable[..., Any] = parser.add_argument
    unsaid = argparse.SUPPRESS
    add(
        "--root", metavar="ROOT", default=unsaid, help="artifact tree whose whitelist it is (default: CI_ARTIFACT_PATH)"
    )
    add("--whitelist", metavar="FILE", default=unsaid, help="whitelist (default: unknown_whitelist.json in ROOT)")
    add("--ledger", metavar="FILE", default=unsaid, help="the ledger (default: .gateconsole/ledger.db in ROOT)")
    add("--as", metavar="NAME", dest="actor", default=unsaid, help="who acts (default: GATECONSOLE_ACTOR, the login)")
    add("--json", action="store_true", default=unsaid, help="print one JSON document")
    add("--settings", metavar="FILE", default=unsaid, help="settings file, instead of those found")
    add("--log", metavar="FILE", default=unsaid, help="append what happens to this file")
    add("--read-only", action=argparse.BooleanOptionalAction, default=unsaid, help=argparse.SUPPRESS)


def _reason(act: argparse.ArgumentParser) -> None:
    act.add_argument("reason", metavar="REASON", help="the unknown class, exactly as the artifacts have it")


def _of(act: argparse.ArgumentParser) -> None:
    act.add_argument("--of", choices=SCOPES, help="the entry of this scope, where a reason has several")


def _add(act: argparse.ArgumentParser) -> None:
    _reason(act)
    act.add_argument("--justification", metavar="TEXT", required=True, help="why the class is harmless")
    act.add_argument("--scope", choices=SCOPES, default="all", help="the runs it holds for (default: all)")
    act.add_argument("--review-by", metavar="DATE", help="when to look at it again (default: 90 days on)")
    act.add_argument("--expires-at", metavar="DATE", help="the day from which it matches nothing (default: never)")


def _edit(act: argparse.ArgumentParser) -> None:
    _reason(act)
    act.add_argument("--justification", metavar="TEXT", help="why the class is harmless")
    act.add_argument("--scope", choices=SCOPES, help="the runs it holds for")
    act.add_argument("--review-by", metavar="DATE", help="when to look at it again")
    act.add_argument("--expires-at", metavar="DATE", help="the day from which it matches nothing; never: none")
    _of(act)


def _retire(act: argparse.ArgumentParser) -> None:
    _reason(act)
    _of(act)
    act.add_argument("--why", metavar="TEXT", default="", help="kept in the ledger")


def _undo(act: argparse.ArgumentParser) -> None:
    act.add_argument("--event", metavar="ID", help="that act (default: your last one), as `whitelist log` names it")


def _merge(act: argparse.ArgumentParser) -> None:
    for name, what in (("base", "%%O: the common ancestor"), ("ours", "%%A: ours; the result is written here")):
        act.add_argument(name, metavar=name.upper(), help=what)
    act.add_argument("theirs", metavar="THEIRS", help="%%B: theirs")
    act.epilog = _MERGE_HELP
    act.formatter_class = argparse.RawDescriptionHelpFormatter


def _preview(act: argparse.ArgumentParser) -> None:
    _reason(act)
    act.add_argument("--scope", choices=SCOPES, help="the runs it would hold for (default: all)")
    act.add_argument("--retire", action="store_true", help="what retiring it would do")
    _of(act)
    _as_of(act)


def _as_of(act: argparse.ArgumentParser) -> None:
    act.add_argument(
        "--as-of",
        metavar="TIME",
        help="judge by the runs stamped up to TIME, ISO 8601 such as 2026-03-01T00:00:00Z (default: every run, now)",
    )


_Add = Callable[[argparse.ArgumentParser], None]

_ACTS: Final[dict[str, tuple[str, _Add]]] = {
    "list": ("every entry, and how it stands", _as_of),
    "add": ("list an unknown class as harmless", _add),
    "edit": ("change an entry's justification, scope, review or last day", _edit),
    "retire": ("take an entry out; its history stays in the ledger", _retire),
    "undo": ("take your last act back", _undo),
    "preview": ("what adding, editing or retiring would do; nothing is changed", _preview),
    "merge": ("a git merge driver: three versions by entry; exit 1 with conflicts", _merge),
    "lint": ("what should be looked at; exit 1 if there is anything", _as_of),
    "log": ("every act on the whitelist that the ledger has", lambda _: None),
}
