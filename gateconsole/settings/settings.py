"""Settings: flag > GATECONSOLE_* > gateconsole.toml > XDG > default. Every value remembers where it came from.

Who unpacks or checks out a folder and enters it has not chosen its gateconsole.toml: of that file only settings of
looks hold (`Setting.cosmetic`, and keys of harmless actions); what else it names is passed over, and that is reported.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, Final, NamedTuple

from gateconsole.io.files import NotARegularFileError, read_regular_file
from gateconsole.settings.declarations import SETTINGS, Duration, Said, SettingsError, checked
from gateconsole.text import printable

FILE_NAME: Final = "gateconsole.toml"
PREFIX: Final = "GATECONSOLE_"
ROOT_VARIABLE: Final = "CI_ARTIFACT_PATH"
"""The seed's variable; it goes before every setting of the root."""


KEYS: Final = "keys"
"""The table of a file that gives actions other keys: `[keys]`, then `ACTION = "x"` or `ACTION = ["x", "f5"]`."""

_MAX_BYTES: Final = 1 << 20

_BY_KEY: Final = {setting.key: setting for setting in SETTINGS}
_WORDS: Final = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)


class Value(NamedTuple):
    """What holds for one setting, and where that was said (`--poll`, `GATECONSOLE_POLL`, `file, line 3`, `default`)."""

    value: Said | None
    origin: str


class KeyRemap(NamedTuple):
    """The keys an operator gave an action, as written; none leaves it without one. And where that was said.

    `untrusted`: it stands in the file of the current folder.
    """

    keys: tuple[str, ...]
    origin: str
    untrusted: bool = False


class Ignored(NamedTuple):
    """What the file of the current folder may not set: the setting, and where it stands (`file, line 3`)."""

    key: str
    origin: str


class CandidateFile(NamedTuple):
    """A settings file that was looked for, and whether it was there. `untrusted`: that of the current folder."""

    path: Path
    found: bool
    untrusted: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds, with every value's origin; which files were looked for; what an operator should know.

    `keys`: action id -> keys, as said in [keys]; whoever knows the actions checks them. `ignored`: what the file of the
    current folder names and may not set.
    """

    values: Mapping[str, Value]
    files: tuple[CandidateFile, ...]
    notes: tuple[str, ...]
    keys: Mapping[str, KeyRemap] = field(default_factory=dict)
    ignored: tuple[Ignored, ...] = ()

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

    def count(self, key: str) -> int:
        """The value of a setting that is a whole number."""
        value = self.values[key].value
        assert isinstance(value, int)
        return value

    def share(self, key: str) -> float | None:
        """The value of a setting that is a fraction; None if it has none."""
        value = self.values[key].value
        return float(value) if isinstance(value, int | float) else None

    def zone(self, key: str) -> tzinfo:
        """The value of a setting that is a time zone; UTC if it has none."""
        from zoneinfo import ZoneInfo

        value = self.values[key].value
        return ZoneInfo(value) if isinstance(value, str) else UTC

    def micros(self, key: str) -> int | None:
        """The value of a setting that is a time span, in microseconds; None if it has none."""
        value = self.values[key].value
        return value.micros if isinstance(value, Duration) else None


def load(
    flags: Mapping[str, str | bool | None], environ: Mapping[str, str], here: Path, explicit: Path | None = None
) -> Settings:
    """Gather the settings. Raises SettingsError.

    `flags`: key -> value of the command line, None where it said nothing. `here`: the folder relative paths and
    gateconsole.toml are looked for in. `explicit` (--settings) is read instead of both files and must be there.
    """
    values = {setting.key: Value(setting.default, "default") for setting in SETTINGS} | _from_surroundings(environ)
    keys: dict[str, KeyRemap] = {}
    ignored: tuple[Ignored, ...] = ()
    files = _candidates(environ, here, explicit)
    if explicit is not None and not files[0].found:
        raise SettingsError(f"{_shown(explicit)}: no such settings file: mend --settings")
    for looked in reversed(files):  # a later one goes before the earlier
        if looked.found:
            file_values, file_keys, ignored = _from_file(looked)
            values |= file_values
            keys |= file_keys
    values |= _from_environment(environ, here)
    for key, said in flags.items():
        if said is not None:
            path = isinstance(said, str) and _BY_KEY[key].kind == "path"
            values[key] = Value(here / str(said) if path else said, _flag_name(key, said))
    return Settings(values, tuple(files), tuple(_unknown_variables(environ)), keys, ignored)


def _candidates(environ: Mapping[str, str], here: Path, explicit: Path | None) -> list[CandidateFile]:
    """The files, that which goes before the other first. In the operator's own folder its file is the own one."""
    if explicit is not None:
        return [_looked(here / explicit)]
    folder = own_folder(environ)
    local = _looked(here / FILE_NAME, untrusted=True)
    if folder is None:
        return [local]
    own = _looked(folder / FILE_NAME)
    return [own] if _same_file(local.path, own.path) else [local, own]


def own_folder(environ: Mapping[str, str]) -> Path | None:
    """The operator's own folder of settings and themes (XDG), None if there is none.

    A relative path is not one (XDG base directory specification): it would be a folder of the current one.
    """
    for base, below in ((environ.get("XDG_CONFIG_HOME", ""), ""), (environ.get("HOME", ""), ".config")):
        if Path(base).is_absolute():
            return Path(base) / below / "gateconsole"
    return None


def _same_file(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _from_surroundings(environ: Mapping[str, str]) -> dict[str, Value]:
    """Defaults that hang on where the program runs."""
    own, pager = own_folder(environ), environ.get("PAGER")
    return {
        **({"themes": Value(own / "themes", "default")} if own else {}),
        **({"pager": Value(pager, "PAGER")} if pager else {}),
    }


def _looked(path: Path, *, untrusted: bool = False) -> CandidateFile:
    return CandidateFile(path, os.path.lexists(path), untrusted)


def _from_file(file: CandidateFile) -> tuple[dict[str, Value], dict[str, KeyRemap], tuple[Ignored, ...]]:
    """The settings and keys a file names, and what it may not set; paths in it are relative to its folder."""
    path = file.path
    try:
        text = _content(path)
        document = tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"{_shown(path)}: {error.strerror or error}: make it readable or remove it") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, not TOML, a number or a nesting beyond all measure
        raise SettingsError(f"{_shown(path)}: not TOML: {printable(str(error))}: mend it there") from error
    values, keys, ignored = {}, {}, []
    for key, said in document.items():
        place = f"{_shown(path)}{_line_of(key, text)}"
        if key == KEYS:
            keys = _remaps(said, text, file, place)
            continue
        setting = _BY_KEY.get(key)
        if setting is None:
            raise SettingsError(f"{place}: no setting {printable(key)!r}{_suggestion(key)}")
        if file.untrusted and not setting.cosmetic:
            ignored.append(Ignored(key, place))
        else:
            values[key] = Value(checked(setting, said, path.parent, place), place)
    return values, keys, tuple(ignored)


def _content(path: Path) -> str:
    """The text of a regular file of acceptable size; a FIFO or device is never waited for."""
    try:
        return read_regular_file(path, _MAX_BYTES).decode("utf-8")
    except NotARegularFileError as problem:
        raise SettingsError(f"{_shown(path)}: {problem}: put a TOML file in its place or remove it") from problem


def _remaps(said: Any, text: str, file: CandidateFile, place: str) -> dict[str, KeyRemap]:
    """The table [keys]: one key or a list of them an action."""
    if not isinstance(said, dict):
        raise SettingsError(f'{place}: keys: expected a table: [keys], then ACTION = "x"')
    made = {}
    for action, keys in said.items():
        where = f"{_shown(file.path)}{_line_of(action, text)}"
        listed = [keys] if isinstance(keys, str) else keys
        if not isinstance(listed, list) or not all(isinstance(key, str) and key for key in listed):
            raise SettingsError(f'{where}: keys.{printable(action)}: expected a key, or a list: "x", ["x", "f5"]')
        made[action] = KeyRemap(tuple(listed), where, file.untrusted)
    return made


def _line_of(key: str, text: str) -> str:
    """`, line N` of a key, or nothing when it is written in an unusual way."""
    found = re.search(rf"^[ \t]*\[?[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*[=.\]]", text, re.MULTILINE)
    return f", line {text.count(chr(10), 0, found.start()) + 1}" if found else ""


def _suggestion(key: str) -> str:
    near = difflib.get_close_matches(key.lower(), (*_BY_KEY, KEYS), n=1)
    return f": did you mean {near[0]}?" if near else f": there are {', '.join(_BY_KEY)} and [{KEYS}]"


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
                raise SettingsError(f"{name}: expected one of {', '.join(_WORDS)}")
            values[setting.key] = Value(_WORDS[said.lower()], name)
        elif setting.kind == "path":
            values[setting.key] = Value(here / said, name)
        else:
            number = _number_of(said) if setting.kind in {"count", "share"} else None
            values[setting.key] = Value(checked(setting, said if number is None else number, here, name), name)
    return values


def _number_of(text: str) -> int | float | None:
    """The number a text of the environment says, if any."""
    if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        return int(text)
    return float(text) if re.fullmatch(r"[0-9]{0,18}\.[0-9]{1,18}", text, re.ASCII) else None


def _unknown_variables(environ: Mapping[str, str]) -> Iterable[str]:
    """A misspelled variable is told, not refused: other programs may use the prefix."""
    for name in sorted(environ):
        key = name.removeprefix(PREFIX).lower()
        if name.startswith(PREFIX) and key not in _BY_KEY:
            yield f"{printable(name)}: no such setting{_suggestion(key)}"


def _flag_name(key: str, said: str | bool) -> str:
    name = "as" if key == "actor" else key.replace("_", "-")
    return f"--no-{name}" if said is False else f"--{name}"


def _shown(path: Path) -> str:
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))
