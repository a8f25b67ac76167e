"""`gateconsole [watch] [ROOT]`: the console; a table of text when stdout is no terminal; a stream with --json."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from typing import TYPE_CHECKING, Final

from gateconsole.commands import COMMANDS
from gateconsole.commands.common import (
    OK,
    USAGE,
    Context,
    Failure,
    Parser,
    actions_of,
    add_common,
    add_console,
    add_root,
    context_of,
    drawn_here,
    draws_here,
    look_once,
    new_parser,
    tell_completeness,
)
from gateconsole.model import WHITELIST_NAME
from gateconsole.text import shown_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateconsole.engine import Engine
    from gateconsole.telling import Teller, Told
    from gateconsole.tui.hand import Hand

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
        from gateconsole.commands.stream import stream

        return stream(context)
    if not draws_here():
        return print_once(context)
    return open_console(context, shown_path(context.root))


def open_console(context: Context, label: str) -> int:
    """The console on this root; polars is imported only after the first paint."""
    from gateconsole.tui.app import run_console
    from gateconsole.tui.theming import ThemeBroken
    from gateconsole.tui.tty import TerminalError

    def make_source() -> Engine:
        from gateconsole.engine import Engine
        from gateconsole.whitelist.save import tidy

        options = context.options(books=not settings.flag("read_only"), recent=True)
        if not settings.flag("read_only"):
            tidy(options.whitelist or options.root / WHITELIST_NAME)
        return Engine(options)

    settings = drawn_here(context.settings)
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
        raise Failure(str(error), USAGE) from error
    except ThemeBroken as error:
        raise Failure(f"{settings.values['theme'].origin}: {error}", USAGE) from error


def teller(context: Context, say: Callable[[Told], None], *, screen: bool) -> Teller:
    """What tells of new alerts: on a `screen` and by the settings' hook. It imports polars: not before the paint."""
    import shlex

    from gateconsole.hook import Hook
    from gateconsole.telling import Teller, Writer

    command = context.settings.values["on_alert"].value
    hook = None if command is None else Hook(shlex.split(str(command)))
    return Teller(Writer(*_hand(context)[:3]), say, hook, screen=screen)


def _hand(context: Context) -> Hand:
    """Whose queue the console shows: that of the settings' ledger, else of the root's own."""
    from gateconsole.ledger.place import default_ledger
    from gateconsole.tui.hand import Hand

    queue = context.options(recent=True).queue  # this imports polars: it is asked for after the first paint
    ledger = queue.ledger if queue.ledger is not None else default_ledger(context.root)
    writes = not context.settings.flag("read_only")
    return Hand(ledger, queue.actor, writes, whitelist=context.settings.path("whitelist"), history=queue.history)


def print_once(context: Context) -> int:
    """The policy table and the completeness line on stdout."""
    from gateconsole.exports.plain import policies_text

    snapshot = look_once(context, judged=False)
    sys.stdout.write(policies_text(snapshot))
    tell_completeness(snapshot)
    return OK


def _refuse_misspelled(root: str | None) -> None:
    """A ROOT that is not there but looks like a command is a slip of the finger."""
    if root is None or os.sep in root or os.path.lexists(root):
        return
    near = difflib.get_close_matches(root, COMMANDS, n=1, cutoff=0.75)
    if near:
        raise Failure(f"no folder {root!r}: did you mean the command {near[0]}? (or write ./{root})", USAGE)
