"""`gateconsole [watch] [ROOT]`: the console; a table of text when stdout is no terminal; a stream with --json."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from typing import TYPE_CHECKING, Final

from gateconsole.cli import COMMANDS
from gateconsole.cli.base import (
    OK,
    USAGE,
    CommandError,
    Context,
    Parser,
    actions_of,
    add_common,
    add_console,
    add_root,
    ascii_where_needed,
    context_of,
    draws_here,
    new_parser,
    snapshot_once,
    tell_completeness,
)
from gateconsole.model import WHITELIST_NAME
from gateconsole.text import shown_path

if TYPE_CHECKING:
    from gateconsole.engine.engine import Engine
from gateconsole.cli.stream import _hand, teller

_USAGE: Final = (
    "gateconsole [watch] [ROOT] [options]\n       gateconsole COMMAND ...  (help: gateconsole COMMAND --help)"
)


def parser() -> Parser:
    """The command's options; its help is the help of the whole program."""
    made = new_parser("", "The console for a CI gate: live statistics per policy.", _USAGE)
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    lines = (f"  {name:<9} {summary}" for name, summary in COMMANDS.items())
    made.epilog = "\n".join(
        ["commands:", *lines, "", "exit codes: 0 ok, 1 finding, 2 usage, 3 ROOT, whitelist, ledger or output unusable"]
    )
    add_root(made)
    made.add_argument("--json", action="store_true", help="print one JSON object a line for every change, until Ctrl-C")
    add_common(made, live=True)
    add_console(made)
    made.add_argument("--version", action="store_true", help="print the version")
    return made


def run(args: argparse.Namespace) -> int:
    """Open the console, or print what it would show."""
    if args.version:
        from gateconsole import __version__

        print(f"gateconsole {__version__}")
        return OK
    _refuse_misspelled(args.root)
    context = context_of(args)
    if args.json:
        from gateconsole.cli.stream import stream

        return stream(context)
    if not draws_here():
        return print_once(context)
    return open_console(context, shown_path(context.root))


def open_console(context: Context, label: str) -> int:
    """The console on this root; polars is imported only after the first paint."""
    from gateconsole.tui.app import run_console
    from gateconsole.tui.terminal.tty import TerminalError
    from gateconsole.tui.theme.themes import ThemeError

    def make_source() -> Engine:
        from gateconsole.engine.engine import Engine
        from gateconsole.whitelist.safe_write import tidy

        options = context.options(books=not settings.flag("read_only"), recent=True)
        if not settings.flag("read_only"):
            tidy(options.whitelist or options.root / WHITELIST_NAME)
        return Engine(options)

    settings = ascii_where_needed(context.settings)
    try:
        return run_console(
            make_source,
            root_label=label,
            theme=settings.text("theme"),
            mouse=settings.flag("mouse"),
            ascii_only=settings.flag("ascii"),
            root=context.root,
            hand=lambda: _hand(context),
            actions=actions_of(settings),
            themes=settings.path("themes"),
            pager=settings.text("pager"),
            tell=lambda say: teller(context, say, screen=True),
            bell=settings.flag("bell"),
        )
    except TerminalError as error:
        raise CommandError(str(error), USAGE) from error
    except ThemeError as error:
        raise CommandError(f"{settings.values['theme'].origin}: {error}", USAGE) from error


def print_once(context: Context) -> int:
    """The policy table and the completeness line on stdout."""
    from gateconsole.exports.plain import policies_text

    snapshot = snapshot_once(context, judged=False)
    sys.stdout.write(policies_text(snapshot))
    tell_completeness(snapshot)
    return OK


def _refuse_misspelled(root: str | None) -> None:
    """A ROOT that is not there but looks like a command is a slip of the finger."""
    if root is None or os.sep in root or os.path.lexists(root):
        return
    near = difflib.get_close_matches(root, COMMANDS, n=1, cutoff=0.75)
    if near:
        raise CommandError(f"no folder {root!r}: did you mean the command {near[0]}? (or write ./{root})", USAGE)
