"""The parts of the reference that are made from the code: keys, commands and options, columns.

`python -m tests.tools.readme_parts` writes them between their markers; a test checks that they are fresh.
"""

from __future__ import annotations

import argparse
import importlib
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from gateconsole.cli import COMMANDS
from gateconsole.exports.series_csv import COLUMNS
from gateconsole.exports.tables import TABLES
from gateconsole.settings.declarations import COSMETIC, SETTINGS
from gateconsole.settings.settings import PREFIX
from gateconsole.tui.keys.actions import key_table

README = Path(__file__).parents[2] / "README.md"
REFERENCE = Path(__file__).parents[2] / "gateconsole" / "docs" / "reference.md"

_SETTINGS_WORDS = f"""\
An option goes before the environment, that before `gateconsole.toml` in the current folder, that before
`gateconsole/gateconsole.toml` in the XDG config folder. `gateconsole paths` says what holds, and why. Every switch that
is a setting has a `--no-` form.

The current folder may be a checkout of anybody's, so its `gateconsole.toml` sets looks only:
{", ".join(f"`{key}`" for key in COSMETIC)} and the `[keys]` of actions that write nothing. What else it
names is reported and passed over; `--settings FILE` takes a file whole. Programs are never looked up in the current
folder, whatever `PATH` says; but `python -m gateconsole` lets Python look for modules there: start `gateconsole`, or
`python -P -m gateconsole`. A ROOT on the command line brings its own ledger; only `--ledger` goes before it."""


def as_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def keys() -> str:
    """Every key of the console."""
    rows = ((f"`{written}`", f"`{name}`", where, what) for written, name, where, what in key_table())
    return as_table(("key", "action", "where", "what it does"), rows)


def options() -> str:
    """Every command, every option with the commands that have it, every setting."""
    commands = ((f"`gateconsole {name}`", what) for name, what in COMMANDS.items())
    found: dict[tuple[str, str], list[str]] = {}
    for name in COMMANDS:
        for argument in _arguments(name):
            found.setdefault(argument, []).append(name)
    rows = ((f"`{written}`", ", ".join(names), what) for (written, what), names in found.items())
    settings = (
        (f"`{setting.key}`", f"`{PREFIX}{setting.key.upper()}`", _default(setting.default), setting.meaning)
        for setting in SETTINGS
    )
    parts = (
        as_table(("command", "what it does"), commands),
        as_table(("option", "of", "what it does"), rows),
        _SETTINGS_WORDS,
        as_table(("setting", "environment", "default", "meaning"), settings),
    )
    return "\n\n".join(parts)


def columns() -> str:
    """The columns of the tables."""
    series = f"Columns: {', '.join(f'`{name}`' for name in COLUMNS)}."
    rows = [
        (f"`{table.name}`", table.meaning, ", ".join(f"`{column.name}`" for column in table.columns))
        for table in TABLES.values()
    ]
    return f"{series}\n\nThe tables of `export`:\n\n{as_table(('table', 'rows', 'columns'), rows)}"


def _default(value: object) -> str:
    return "-" if value is None else str(value).lower() if isinstance(value, bool) else f"`{value}`"


def _parser(name: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = importlib.import_module(f"gateconsole.cli.{name}").parser()
    return parser


def _arguments(name: str) -> list[tuple[str, str]]:
    """(how it is written, what it does) for each argument of a command."""
    found = []
    for action in _parser(name)._actions:
        if action.help != argparse.SUPPRESS and "--help" not in action.option_strings:
            words = [word for word in action.option_strings if not word.startswith("--no-")]
            written = f"{', '.join(words)} {_value(action)}".strip()
            found.append((written, (action.help or "").replace("%%", "%")))
    return found


def _value(action: argparse.Action) -> str:
    """How an argument's value is written; nothing for a switch."""
    if action.nargs == 0:
        return ""
    if isinstance(action.metavar, tuple):
        return " ".join(action.metavar)
    if action.choices and not action.metavar:
        return "|".join(map(str, action.choices))
    return action.metavar or action.dest.upper()


PARTS: dict[str, Callable[[], str]] = {"keys": keys, "options": options, "columns": columns}


def with_parts(text: str) -> str:
    """The reference's text with every part made anew."""
    for name, make in PARTS.items():
        start, end = re.search(rf"<!-- {name}: .*-->\n", text), f"<!-- end of {name} -->"
        if start is None or end not in text:
            raise SystemExit(f"reference.md: the markers of {name} are gone: put them back")
        text = f"{text[: start.end()]}{make()}\n{text[text.index(end) :]}"
    return text


if __name__ == "__main__":
    REFERENCE.write_text(with_parts(REFERENCE.read_text()))
