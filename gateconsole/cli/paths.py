"""`gateconsole paths`: where settings, themes, whitelist and ledger are looked for, which were found, what holds."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateconsole.cli import COMMANDS
from gateconsole.cli.base import (
    OK,
    USAGE,
    CommandError,
    Parser,
    actions_of,
    add_common,
    add_root,
    ascii_where_needed,
    ignored_in,
    new_parser,
    print_message,
    settings_of,
    yardstick_of,
)
from gateconsole.ledger.location import default_ledger
from gateconsole.model import WHITELIST_NAME
from gateconsole.package_data import data_path
from gateconsole.settings.settings import ROOT_VARIABLE, Settings
from gateconsole.text import printable, shown_path


def parser() -> Parser:
    """The command's options."""
    made = new_parser("paths", COMMANDS["paths"])
    add_root(made)
    made.add_argument("--json", action="store_true", help="print one JSON document")
    add_common(made, live=False)
    return made


def run(args: argparse.Namespace) -> int:
    """Print the places and the settings."""
    settings = ascii_where_needed(settings_of(args))
    root, origin = _root(args, settings)
    places = [
        {"what": what, "path": shown_path(path), "found": _is_found(path)} for what, path in _places(settings, root)
    ]
    values = [_setting(key, settings) for key in settings.values if key != "root"]
    values.insert(0, {"setting": "root", "value": shown_path(root) if root else None, "origin": origin})
    actions_of(settings)  # keys that cannot be are told here too,
    yardstick_of(settings)  # and limits that contradict one another
    ignored = [{"setting": printable(key), "origin": place} for key, place in ignored_in(settings)]
    refused = {one["setting"] for one in ignored}
    values += [
        {"setting": f"keys.{action}", "value": printable(" ".join(remap.keys)) or None, "origin": remap.origin}
        for action, remap in settings.keys.items()
        if f"keys.{action}" not in refused
    ]
    if args.json:
        print(json.dumps({"schema": 1, "places": places, "settings": values, "ignored": ignored}))
    else:
        _print(places, values, ignored)
    if imports_from_here():
        print_message(
            "Python looks for modules in the current folder first: start `gateconsole`, or `python -P -m gateconsole`"
        )
    _look_at_theme(settings)
    return OK


def _is_found(path: Path) -> bool:
    """Whether something is there; says on stderr when that cannot be known."""
    try:
        return path.exists()
    except OSError as error:
        print_message(f"{shown_path(path)}: cannot be looked at: {error.strerror}: give this user permission")
        return False


def imports_from_here() -> bool:
    """Whether a file of the current folder would be imported in the place of a library's (`python -m` does that)."""
    try:
        here, package = os.path.realpath(os.curdir), Path(__file__).resolve()
        return not package.is_relative_to(here) and any(os.path.realpath(path) == here for path in sys.path)
    except OSError:
        return False


def _print(places: list[dict[str, Any]], values: list[dict[str, Any]], ignored: list[dict[str, Any]]) -> None:
    wide = max(len(str(line["setting"])) for line in values)
    for place in places:
        print(f"{place['what']:<{wide}} {'found    ' if place['found'] else 'not found'}  {place['path']}")
    print()
    for value in values:
        word = {None: "-", True: "yes", False: "no"}.get(value["value"], value["value"])
        print(f"{value['setting']:<{wide}} {word}  ({value['origin']})")
    if ignored:
        print("\nnot taken from the current folder:")
    for one in ignored:
        print(f"{one['setting']:<{wide}} {one['origin']}")


def _look_at_theme(settings: Settings) -> None:
    """Say what is wrong with the theme, behind the place where it is looked for. Failure (2): there is none."""
    from gateconsole.tui.theme.themes import ThemeError, ThemeLibrary, UnknownThemeError

    try:
        ThemeLibrary(settings.path("themes")).load(settings.text("theme"))
    except UnknownThemeError as problem:
        raise CommandError(f"{settings.values['theme'].origin}: {problem}", USAGE) from problem
    except ThemeError as problem:
        print_message(f"{problem}; the console wears another meanwhile")


def _root(args: argparse.Namespace, settings: Settings) -> tuple[Path | None, str]:
    """The root as the commands would take it, and who said so."""
    if args.root:
        return Path(args.root), "argument"
    variable = os.environ.get(ROOT_VARIABLE)
    if variable:
        return Path(variable), ROOT_VARIABLE
    return settings.path("root"), settings.values["root"].origin


def _places(settings: Settings, root: Path | None) -> Iterator[tuple[str, Path]]:
    for looked in settings.files:
        yield "settings", looked.path
    yield "themes", data_path("themes")
    own = settings.path("themes")
    if own is not None:
        yield "own themes", own
    if root is not None:
        yield "root", root
    whitelist = settings.path("whitelist") or (root / WHITELIST_NAME if root else None)
    if whitelist is not None:
        yield "whitelist", whitelist
    ledger = settings.path("ledger") or (default_ledger(root) if root else None)
    if ledger is not None:
        yield "ledger", ledger


def _setting(key: str, settings: Settings) -> dict[str, Any]:
    value = settings.values[key].value
    plain = value if value is None or isinstance(value, bool | int | float) else printable(str(value))
    return {"setting": key, "value": plain, "origin": settings.values[key].origin}
