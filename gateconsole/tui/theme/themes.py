"""Themes: TOML files that give each semantic role its colour. A role is named for what it says, not for its hue.

The package brings five; an operator's own lie in a folder of theirs and go before one of the same name. What is
worn depends on the terminal: its own sixteen colours where it has no more, none at all under NO_COLOR.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from gateconsole.io.files import NotARegularFileError, read_regular_file
from gateconsole.package_data import data_path
from gateconsole.text import printable, shown_path

GROUNDS: Final = ("background", "panel", "selection", "banner")
"""What text stands on."""

INKS: Final = (
    *("text", "strong", "muted", "rule", "key", "accent", "good", "notice", "bad"),
    *("pass", "comment", "warn", "review", "fail", "block", "other"),
    *("chart", "axis", "gap", "listed"),
)
"""What text is written in. `rule` and `axis` are lines, all others are read."""

OWN_NAMES: Final = ("gate-dark", "gate-light", "gate-safe", "gate-mono", "gate-terminal")
"""The package's themes, in the order of the picker."""

FALLBACK: Final = "gate-dark"
TERMINAL: Final = "gate-terminal"
"""The theme of the terminal's own colours, also worn where a terminal has no more than sixteen."""

Depth = Literal["none", "ansi", "256", "true"]
"""How many colours are to be used: none, the terminal's own sixteen, 256, 16 million."""

_NAMES: Final = "default|(bright_)?(black|red|green|yellow|blue|magenta|cyan|white)"
_ATTRIBUTES: Final = "((bold|dim|italic|underline|reverse) )*"
_COLOUR: Final = {
    "grounds": re.compile(f"#[0-9a-f]{{6}}|reverse|{_NAMES}", re.IGNORECASE),
    "inks": re.compile(f"{_ATTRIBUTES}(#[0-9a-f]{{6}}|{_NAMES})", re.IGNORECASE),
}
_EXPECTED: Final = {
    "grounds": "#rrggbb, default, reverse, or a colour of the terminal such as blue",
    "inks": "#rrggbb, default, or a colour of the terminal such as bright_red; before it bold, dim, underline",
}
_LARGEST: Final = 65_536


class ThemeError(Exception):
    """A theme cannot be used; the text names the file, the place, what was expected and what to do."""


class UnknownThemeError(ThemeError):
    """There is no theme of this name; the text names the nearest and those there are."""

    def __init__(self, name: str, there: Sequence[str]) -> None:
        near = get_close_matches(name.lower(), there, n=1)
        suggestion = f"did you mean {printable(near[0])}? " if near else ""
        super().__init__(f"no theme '{printable(name)}': {suggestion}there are {', '.join(map(printable, there))}")


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme: colours of the grounds (`#rrggbb`, a name, `reverse`) and of the inks (`bold #rrggbb`)."""

    name: str
    dark: bool
    grounds: dict[str, str]
    inks: dict[str, str]


# what a terminal can show


def depth_of(environ: Mapping[str, str], terminfo: int | None) -> Depth:
    """How many colours to use; `terminfo` is what the terminal's entry says, None if it has none.

    Inside GNU screen COLORTERM is the outer terminal's: screen 4 would read 24-bit colours as blinking and the like.
    """
    term = environ.get("TERM", "")
    in_screen = bool(environ.get("STY")) and not environ.get("TMUX") and term.startswith("screen")
    if environ.get("NO_COLOR") or term in {"", "dumb", "unknown"}:
        return "none"
    if environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"} and not in_screen:
        return "true"
    if terminfo is None:
        return "256" if term.endswith("256color") else "ansi"
    if terminfo < 8:
        return "none"
    return "ansi" if terminfo < 256 else "256" if terminfo < 1 << 24 else "true"


def adapted(theme: Theme, depth: Depth) -> Theme:
    """The theme as a terminal can show it: the same roles, under the same name."""
    if depth == "none":
        inks = {role: f"{_attributes(ink)}default" for role, ink in theme.inks.items()}
        return replace(theme, grounds=dict.fromkeys(GROUNDS, "default") | {"selection": "reverse"}, inks=inks)
    if depth == "ansi" and any("#" in colour for colour in (*theme.grounds.values(), *theme.inks.values())):
        simple = read_theme(data_path("themes") / f"{TERMINAL}.toml")
        return replace(theme, grounds=simple.grounds, inks=simple.inks)
    return theme


def _attributes(ink: str) -> str:
    return "".join(f"{word} " for word in ink.split()[:-1])


# where themes are


class FileStamp(NamedTuple):
    """An operator's theme file as it was when it was looked at."""

    modified: int
    size: int
    inode: int


class ThemeLibrary:
    """All themes there are; `changed` says which of the operator's own were saved, added or removed."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._seen = self._look()

    def names(self) -> tuple[str, ...]:
        """The package's themes, then the operator's own by name; also those whose file is broken."""
        return (*OWN_NAMES, *sorted(name for name in self._look() if name not in OWN_NAMES))

    def is_own(self, name: str) -> bool:
        """True for a theme in the operator's folder."""
        return name in self._seen

    def load(self, name: str) -> Theme:
        """The theme of this name.

        Raises UnknownThemeError when there is none, ThemeError when its file cannot be used.
        """
        if self._folder is not None and name in self._look():
            return read_theme(self._folder / f"{name}.toml")
        if name not in OWN_NAMES:
            raise UnknownThemeError(name, self.names())
        return read_theme(data_path("themes") / f"{name}.toml")

    def changed(self) -> frozenset[str]:
        """The names of own themes whose files are not as they were at the last question. Cheap; writes nothing."""
        before, self._seen = self._seen, self._look()
        return frozenset(name for name in {*before, *self._seen} if before.get(name) != self._seen.get(name))

    def _look(self) -> dict[str, FileStamp]:
        found: dict[str, FileStamp] = {}
        if self._folder is None:
            return found
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    seen = _seen(entry) if entry.name.endswith(".toml") and entry.name[0] != "." else None
                    if seen is not None:
                        found[entry.name.removesuffix(".toml")] = seen
        except OSError:
            return found  # no folder, no own themes
        return found


def _seen(entry: os.DirEntry[str]) -> FileStamp | None:
    """A theme file as it is now; of a link that leads nowhere, the link. None when it has just vanished."""
    for follow in (True, False):
        try:
            state = entry.stat(follow_symlinks=follow)
        except OSError:
            continue
        return FileStamp(state.st_mtime_ns, state.st_size, state.st_ino)
    return None


def load_theme(name: str) -> Theme:
    """The package's theme of this name. Raises ThemeError."""
    return ThemeLibrary().load(name)


# what a file says


def read_theme(path: Path) -> Theme:
    """The theme in a file; its name is the file's. Roles it leaves out are those of its `base`, if it names one."""
    try:
        text = read_regular_file(path, _LARGEST).decode("utf-8")
        document = tomllib.loads(text)
    except NotARegularFileError as problem:
        raise ThemeError(f"{shown_path(path)}: {problem}: put a TOML file in its place or remove it") from None
    except OSError as problem:
        remedy = "mend the link or remove it" if path.is_symlink() else "make it readable or remove it"
        raise ThemeError(f"{shown_path(path)}: {problem.strerror}: {remedy}") from None
    except (ValueError, RecursionError) as problem:  # not UTF-8, not TOML, a number or a nesting beyond all measure
        raise ThemeError(f"{shown_path(path)}: {printable(str(problem))}: mend it there") from None
    return _Reader(path, text, document).theme()


class _Reader:
    """Checks one document; every complaint names the file and the line."""

    def __init__(self, path: Path, text: str, document: dict[str, Any]) -> None:
        self._path = path
        self._text = text
        self._document = document

    def theme(self) -> Theme:
        """The theme, every role checked."""
        for key in self._document:
            if key not in {"dark", "base", "grounds", "inks"}:
                raise self._wrong("", key, "no such key; there are dark, base, [grounds], [inks]")
        base = self._base()
        dark = self._document.get("dark", base.dark if base else None)
        if not isinstance(dark, bool):
            raise self._wrong("", "dark", "expected true or false")
        grounds = self._roles("grounds", GROUNDS, base.grounds if base else {})
        return Theme(self._path.stem, dark, grounds, self._roles("inks", INKS, base.inks if base else {}))

    def _base(self) -> Theme | None:
        name = self._document.get("base")
        if name is None:
            return None
        if name not in OWN_NAMES:
            raise self._wrong("", "base", f"expected one of {', '.join(OWN_NAMES)}")
        return read_theme(data_path("themes") / f"{name}.toml")

    def _roles(self, table: str, wanted: tuple[str, ...], base: dict[str, str]) -> dict[str, str]:
        found = self._document.get(table, {} if base else None)
        if not isinstance(found, dict):
            raise ThemeError(f'{shown_path(self._path)}: [{table}]: expected a table of roles, or base = "{FALLBACK}"')
        for role, colour in found.items():
            if role not in wanted:
                raise self._wrong(table, role, f"no such role; there are {', '.join(wanted)}")
            if not isinstance(colour, str) or not _COLOUR[table].fullmatch(colour):
                raise self._wrong(table, role, f"{colour!r}: expected {_EXPECTED[table]}")
        given = base | found
        for role in wanted:
            if role not in given:
                raise self._wrong(table, role, f'expected a colour, or base = "{FALLBACK}" for what is left out')
        return {role: given[role].lower() for role in wanted}

    def _wrong(self, table: str, key: str, words: str) -> ThemeError:
        name = f"{table}.{key}" if table else key
        return ThemeError(f"{shown_path(self._path)}{self._line(table, key)}: {printable(name)}: {printable(words)}")

    def _line(self, table: str, key: str) -> str:
        """`, line N` of a key in its table; nothing if it is not there or written in an unusual way."""
        inside = ""
        for number, line in enumerate(self._text.splitlines(), 1):
            header = re.match(r"\s*\[\s*(\w+)\s*\]", line)
            inside = header[1] if header else inside
            if inside == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return f", line {number}"
        return ""
