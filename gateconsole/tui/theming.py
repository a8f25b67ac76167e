"""Themes: TOML files that give each semantic role its colour. A role is named for what it says, not for its hue."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateconsole.data import data_path

GROUNDS: Final = ("background", "panel", "selection", "banner")
"""What text stands on."""

INKS: Final = (
    *("text", "strong", "muted", "rule", "key", "accent", "good", "notice", "bad"),
    *("pass", "comment", "warn", "review", "fail", "block", "other"),
    *("chart", "axis", "gap", "listed"),
)
"""What text is written in. `rule` and `axis` are lines, all others are read."""


_COLOUR: Final = {
    "grounds": re.compile("#[0-9a-f]{6}"),
    "inks": re.compile("((bold|dim|italic|underline|reverse) )*#[0-9a-f]{6}"),
}
_EXPECTED: Final = {"grounds": "#rrggbb", "inks": "#rrggbb, or bold #rrggbb"}


class ThemeBroken(Exception):
    """A theme cannot be used; the text names the file, the place and what was expected."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme: colours of the grounds (`#rrggbb`) and of the inks (a Rich style: `bold #rrggbb`)."""

    name: str
    dark: bool
    grounds: dict[str, str]
    inks: dict[str, str]


def theme_names() -> tuple[str, ...]:
    """The names of all themes there are, in the order in which `T` walks through them."""
    return tuple(sorted(path.stem for path in data_path("themes").glob("*.toml")))


def load_theme(name: str) -> Theme:
    """The theme of this name. Raises ThemeBroken when there is none or its file cannot be used."""
    if name not in theme_names():
        raise ThemeBroken(f"no theme {name!r}: there are {', '.join(theme_names())}")
    return read_theme(data_path("themes") / f"{name}.toml")


def read_theme(path: Path) -> Theme:
    """The theme in a file; its name is the file's. Every role must be there, and no other."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ThemeBroken(f"{path}: {problem}") from None
    dark = document.get("dark")
    if not isinstance(dark, bool):
        raise ThemeBroken(f"{path}: dark: expected true or false")
    return Theme(path.stem, dark, _roles(path, document, "grounds", GROUNDS), _roles(path, document, "inks", INKS))


def _roles(path: Path, document: dict[str, object], table: str, wanted: tuple[str, ...]) -> dict[str, str]:
    found = document.get(table)
    if not isinstance(found, dict):
        raise ThemeBroken(f"{path}: [{table}]: expected a table of roles")
    for role in wanted:
        if not isinstance(found.get(role), str):
            raise ThemeBroken(f"{path}: {table}.{role}: expected a colour")
    for role in found:
        if role not in wanted:
            raise ThemeBroken(f"{path}: {table}.{role}: no such role; there are {', '.join(wanted)}")
        if not _COLOUR[table].fullmatch(found[role]):
            raise ThemeBroken(f"{path}: {table}.{role}: {found[role]!r}: expected {_EXPECTED[table]}")
    return {role: found[role] for role in wanted}
