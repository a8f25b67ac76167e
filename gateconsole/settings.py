"""Settings: flag > GATECONSOLE_* > gateconsole.toml > XDG > default. Every value remembers where it came from."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from gateconsole.text import printable

FILE_NAME: Final = "gateconsole.toml"
PREFIX: Final = "GATECONSOLE_"
ROOT_VARIABLE: Final = "CI_ARTIFACT_PATH"
"""The seed's variable; it goes before every setting of the root."""


class Setting(NamedTuple):
    """One setting: its key in a file (upper-cased behind GATECONSOLE_ in the environment), kind, default, meaning."""

    key: str
    kind: Literal["path", "text", "flag"]
    default: str | bool | None
    meaning: str


SETTINGS: Final = (
    Setting(
        "root", "path", None, "the artifact tree that is watched; a ROOT argument and CI_ARTIFACT_PATH go before it"
    ),
    Setting("whitelist", "path", None, "the whitelist file; by default unknown_whitelist.json in ROOT"),
    Setting("ledger", "path", None, "the ledger of the queue and of operators' acts; by default in ROOT"),
    Setting("actor", "text", None, "who acts, as the ledger keeps it; by default the login"),
    Setting("queue_warn", "text", "pass", "what WARN in an artifact says of its queue run: pass, fail or nothing"),
    Setting("queue_review", "text", "nothing", "what REVIEW in an artifact says of its queue run: the same words"),
    Setting("theme", "text", "gate-dark", "the theme of the console: gate-dark or gate-light"),
    Setting("poll", "flag", False, "notice changes by listing folders at intervals instead of by events"),
    Setting("read_only", "flag", False, "never write into ROOT (so far nothing does)"),
    Setting("mouse", "flag", True, "let the console use the mouse; off leaves selecting text to the terminal"),
    Setting("ascii", "flag", False, "draw the console with ASCII characters only"),
)

_BY_KEY: Final = {setting.key: setting for setting in SETTINGS}
_WORDS: Final = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


class SettingsWrong(Exception):
    """A setting cannot be used; the text names where it stands, what was expected, what to do."""


class Value(NamedTuple):
    """What holds for one setting, and where that was said (`--poll`, `GATECONSOLE_POLL`, `file, line 3`, `default`)."""

    value: Path | str | bool | None
    origin: str


class Looked(NamedTuple):
    """A settings file that was looked for, and whether it was there."""

    path: Path
    found: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds, with every value's origin; which files were looked for; what an operator should know."""

    values: Mapping[str, Value]
    files: tuple[Looked, ...]
    notes: tuple[str, ...]

    def path(self, key: str) -> Path | None:
        """The value of a setting that is a path."""
        value = self.values[key].value
        return value if isinstance(value, Path) else None

    def text(self, key: str) -> str:
        """The value of a setting that is a text."""
        return str(self.values[key].value)

    def flag(self, key: str) -> bool:
        """The value of a setting that is on or off."""
        return self.values[key].value is True


def load(
    flags: Mapping[str, str | bool | None], environ: Mapping[str, str], here: Path, explicit: Path | None = None
) -> Settings:
    """Gather the settings. Raises SettingsWrong.

    `flags`: key -> value of the command line, None where it said nothing. `here`: the folder relative paths and
    gateconsole.toml are looked for in. `explicit` (--settings) is read instead of both files and must be there.
    """
    values = {setting.key: Value(setting.default, "default") for setting in SETTINGS}
    files = [_looked(path) for path in _candidates(environ, here, explicit)]
    if explicit is not None and not files[0].found:
        raise SettingsWrong(f"{_shown(explicit)}: no such settings file: mend --settings")
    for looked in reversed(files):  # a later one goes before the earlier
        if looked.found:
            values |= _from_file(looked.path)
    values |= _from_environment(environ, here)
    for key, said in flags.items():
        if said is not None:
            values[key] = Value(here / said if isinstance(said, str) and _is_path(key) else said, _flag_name(key, said))
    return Settings(values, tuple(files), tuple(_unknown_variables(environ)))


def _candidates(environ: Mapping[str, str], here: Path, explicit: Path | None) -> tuple[Path, ...]:
    if explicit is not None:
        return (here / explicit,)
    home = environ.get("XDG_CONFIG_HOME") or (f"{environ['HOME']}/.config" if environ.get("HOME") else None)
    return (here / FILE_NAME, *((Path(home) / "gateconsole" / FILE_NAME,) if home else ()))


def _looked(path: Path) -> Looked:
    return Looked(path, os.path.lexists(path))


def _from_file(path: Path) -> dict[str, Value]:
    """The settings a file names; paths in it are relative to its folder."""
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        raise SettingsWrong(f"{_shown(path)}: {error.strerror or error}: make it readable or remove it") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsWrong(f"{_shown(path)}: not TOML: {printable(str(error))}: mend it there") from error
    values = {}
    for key, said in document.items():
        place = f"{_shown(path)}{_line_of(key, text)}"
        setting = _BY_KEY.get(key)
        if setting is None:
            raise SettingsWrong(f"{place}: no setting {printable(key)!r}{_suggestion(key)}")
        values[key] = Value(_checked(setting, said, path.parent, place), place)
    return values


def _checked(setting: Setting, said: Any, folder: Path, place: str) -> Path | str | bool:
    if setting.kind == "flag":
        if not isinstance(said, bool):
            raise SettingsWrong(f"{place}: {setting.key}: expected true or false")
        return said
    if not isinstance(said, str) or not said or "\0" in said:
        raise SettingsWrong(f"{place}: {setting.key}: expected a text in quotes, not empty")
    return folder / Path(said).expanduser() if setting.kind == "path" else said


def _line_of(key: str, text: str) -> str:
    """`, line N` of a key, or nothing when it is written in an unusual way."""
    found = re.search(rf"^[ \t]*\[?[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*[=.\]]", text, re.MULTILINE)
    return f", line {text.count(chr(10), 0, found.start()) + 1}" if found else ""


def _suggestion(key: str) -> str:
    near = difflib.get_close_matches(key.lower(), _BY_KEY, n=1)
    return f": did you mean {near[0]}?" if near else f": there are {', '.join(_BY_KEY)}"


def _from_environment(environ: Mapping[str, str], here: Path) -> dict[str, Value]:
    """The settings the environment names; an empty variable says nothing."""
    values: dict[str, Value] = {}
    for setting in SETTINGS:
        name = PREFIX + setting.key.upper()
        said = environ.get(name)
        if not said:
            continue
        if setting.kind == "flag":
            if said.lower() not in _WORDS:
                raise SettingsWrong(f"{name}: expected one of {', '.join(_WORDS)}")
            values[setting.key] = Value(_WORDS[said.lower()], name)
        else:
            values[setting.key] = Value(here / said if setting.kind == "path" else said, name)
    return values


def _unknown_variables(environ: Mapping[str, str]) -> Iterable[str]:
    """A misspelled variable is told, not refused: other programs may use the prefix."""
    for name in sorted(environ):
        key = name.removeprefix(PREFIX).lower()
        if name.startswith(PREFIX) and key not in _BY_KEY:
            yield f"{printable(name)}: no such setting{_suggestion(key)}"


def _is_path(key: str) -> bool:
    return _BY_KEY[key].kind == "path"


def _flag_name(key: str, said: str | bool) -> str:
    name = key.replace("_", "-")
    return f"--no-{name}" if said is False else f"--{name}"


def _shown(path: Path) -> str:
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))
