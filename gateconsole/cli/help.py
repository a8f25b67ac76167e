"""`gateconsole help [TOPIC]`: the pages of gateconsole/docs, which are the authority on what everything means."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import Final

from gateconsole.cli import COMMANDS
from gateconsole.cli.base import OK, USAGE, CommandError, Parser, new_parser

_DOCS: Final = Path(__file__).resolve().parents[1] / "docs"


def parser() -> Parser:
    """The command's options."""
    parser = new_parser("help", COMMANDS["help"])
    parser.add_argument("topic", nargs="?", metavar="TOPIC", help="a page, or one rule such as G22; none: the list")
    return parser


def run(args: argparse.Namespace) -> int:
    """Print the page, in a terminal through the pager."""
    if args.topic is None:
        _print(_contents())
    elif re.fullmatch(r"[GQ]\d+", args.topic):
        _print(_rule(args.topic))
    else:
        _print(_page(args.topic))
    return OK


def topics() -> list[str]:
    """The names of the pages, in alphabetical order."""
    return sorted(path.stem for path in _DOCS.glob("*.md"))


def _page(topic: str) -> str:
    if topic not in topics():
        if topic in COMMANDS:
            raise CommandError(f"{topic} is a command: `gateconsole {topic} --help` has its options", USAGE)
        raise CommandError(f"no page of that name: there are {', '.join(topics())}", USAGE)
    return (_DOCS / f"{topic}.md").read_text(encoding="utf-8")


def _rule(label: str) -> str:
    for line in _page("rules").splitlines():
        if line.startswith(f"| {label} | "):
            _, _, question, decision, _ = re.split(r"(?<!\\)\|", line)
            return f"{label}, {question.strip()}: {decision.strip()}\n"
    raise CommandError(f"no rule {label}: `gateconsole help rules` has them all", USAGE)


def _contents() -> str:
    """Each page with its title."""
    width = max(map(len, topics()))
    titles = ((name, _page(name).partition("\n")[0].lstrip("# ")) for name in topics())
    return "".join(f"gateconsole help {name:<{width}}  {title}\n" for name, title in titles)


def _print(page: str) -> None:
    """To stdout; a page that is longer than the terminal goes to the pager."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or page.count("\n") < os.get_terminal_size().lines:
        sys.stdout.write(page)
        return
    import asyncio

    from gateconsole.tui.terminal.pager import PagerError, pager_command, show_page

    try:
        asyncio.run(show_page(pager_command(None, os.environ), page))
    except PagerError:
        sys.stdout.write(page)
