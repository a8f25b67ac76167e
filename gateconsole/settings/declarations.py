"""One setting: declared with its kind, default and meaning, and what somebody said for it checked."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from gateconsole.judgement.rules import parse_statistic
from gateconsole.text import printable

Kind = Literal["path", "text", "flag", "count", "share", "duration", "statistic", "command", "zone"]
"""count: a whole number, 1 or more. share: a fraction, 0 to 1. duration: `30m`. statistic: `p95` or `median*3`.
command: a command line, split as a shell does, run without one; a program with a `/` in its name is a path. zone: a
time zone such as `Europe/Berlin`."""


class Duration(NamedTuple):
    """A time span: as written, and in microseconds."""

    text: str
    micros: int

    def __str__(self) -> str:
        return self.text


class Setting(NamedTuple):
    """One setting: its key in a file (upper-cased behind GATECONSOLE_ in the environment), kind, default, meaning.

    `cosmetic`: only how the console looks and sounds hangs on it. Nothing else is taken from the file of the current
    folder, which may be a checkout of anybody's: no program, no path, no name, no limit of a gate.
    """

    key: str
    kind: Kind
    default: str | bool | int | float | None
    meaning: str
    cosmetic: bool = False


SETTINGS: Final = (
    Setting(
        "root", "path", None, "the artifact tree that is watched; a ROOT argument and CI_ARTIFACT_PATH go before it"
    ),
    Setting("whitelist", "path", None, "the whitelist file; by default unknown_whitelist.json in ROOT"),
    Setting("ledger", "path", None, "the ledger of the queue and of operators' acts; by default in ROOT"),
    Setting("actor", "text", None, "who acts, as the ledger keeps it; by default the login"),
    Setting("queue_warn", "text", "pass", "what WARN in an artifact says of its queue run: pass, fail or nothing"),
    Setting(
        "queue_history",
        "duration",
        None,
        "queue: patches decided so long ago are shown only by --all; by default 24h",
    ),
    Setting("queue_review", "text", "nothing", "what REVIEW in an artifact says of its queue run: the same words"),
    Setting(
        "spike_statistic",
        "statistic",
        "p95",
        "what a spike's cut is made of: p95, or median*FACTOR such as median*3; with heavy tails no median*FACTOR"
        " bounds how often calm runs are spikes and alerts fire, p95 does",
    ),
    Setting("naive_zone", "zone", None, "the time zone of timestamps that name none, as Europe/Berlin; by default UTC"),
    Setting("spike_window", "count", 200, "how many earlier valid runs of the policy a cut is made of"),
    Setting("spike_at_least", "count", 40, "below so many earlier valid runs the cut is spike_floor"),
    Setting("spike_floor", "share", 0.01, "no cut is below this unknown_rate"),
    Setting("alert_fire_at", "count", 3, "an alert fires at so many spikes that hold its class"),
    Setting("alert_among", "count", 5, "... among so many last valid runs of the policy"),
    Setting("alert_resolve_after", "count", 10, "it resolves after so many valid runs in a row without such a spike"),
    Setting(
        "silence", "duration", None, "without a run for so long there is an alert; by default as the root's gaps say"
    ),
    Setting("unused_days", "count", 30, "an entry of the whitelist is unused after so many days without a hit"),
    Setting("ready_runs", "count", 40, "readiness: valid runs at least"),
    Setting("ready_alarms_pinned", "share", 0.2, "readiness: share of WARN, FAIL and BLOCK below this, pinned runs"),
    Setting("ready_alarms_unpinned", "share", 0.35, "the same, unpinned runs"),
    Setting("ready_alarms_without_stratum", "share", 0.2, "the same, runs that name no stratum"),
    Setting("ready_unknown_runs", "share", 0.1, "readiness: share of runs with unknowns below this"),
    Setting("ready_overrides", "share", 0.1, "readiness: WARN and REVIEW runs judged rejected, at most this of all"),
    Setting("ready_false_positives", "share", None, "readiness: rejected among judged alarms below this"),
    Setting("bell", "flag", False, "ring the terminal's bell when an alert begins to fire", cosmetic=True),
    Setting(
        "on_alert",
        "command",
        None,
        "run this command when an alert begins to fire: no shell, `alerts --json` of it on stdin, 10 s at most; again"
        " after a failure",
    ),
    Setting("theme", "text", "gate-dark", "the theme of the console", cosmetic=True),
    Setting("themes", "path", None, "the folder of your own themes; by default gateconsole/themes in the XDG one"),
    Setting("pager", "command", "less", "the program that shows plain pages; PAGER goes before this default"),
    Setting("poll", "flag", False, "notice changes by listing folders at intervals instead of by events"),
    Setting("read_only", "flag", False, "show and follow, but dispatch, report and book nothing; the screen says RO"),
    Setting(
        "mouse", "flag", True, "let the console use the mouse; off leaves selecting text to the terminal", cosmetic=True
    ),
    Setting("ascii", "flag", False, "draw the console with ASCII characters only", cosmetic=True),
)

COSMETIC: Final = tuple(setting.key for setting in SETTINGS if setting.cosmetic)
"""The settings that the file of the current folder may set."""

_MOST: Final = 1_000_000
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class SettingsError(Exception):
    """A setting cannot be used; the text names where it stands, what was expected, what to do."""


Said = Path | str | bool | int | float | Duration
"""What a setting can be."""


def checked(setting: Setting, said: Any, folder: Path, place: str) -> Said:
    """What was said, as the setting's kind wants it; paths are relative to `folder`. Raises SettingsError: `place`."""
    if setting.kind == "flag":
        if not isinstance(said, bool):
            raise SettingsError(f"{place}: {setting.key}: expected true or false")
        return said
    if setting.kind in {"count", "share"}:
        return _number(setting, said, place)
    if not isinstance(said, str) or not said or "\0" in said:
        raise SettingsError(f"{place}: {setting.key}: expected a text in quotes, not empty")
    if setting.kind == "duration":
        return _duration(setting, said, place)
    if setting.kind == "statistic":
        return _statistic(setting, said, place)
    if setting.kind == "zone":
        return _zone(setting, said, place)
    if setting.kind == "command":
        return _command(setting, said, folder, place)
    return _path(setting, said, folder, place) if setting.kind == "path" else said


def _path(setting: Setting, said: str, folder: Path, place: str) -> Path:
    try:
        return folder / Path(said).expanduser()
    except RuntimeError as error:
        raise SettingsError(f"{place}: {setting.key}: ~ of nobody known here: write the path in full") from error


def _zone(setting: Setting, said: str, place: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(said)
    except (ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise SettingsError(f"{place}: {setting.key}: {printable(said)}: {printable(str(error))}") from error
    except KeyError as error:
        problem = "no such time zone here: write a name of the tz database such as Europe/Berlin"
        raise SettingsError(f"{place}: {setting.key}: {printable(said)}: {problem}") from error
    return said


def _command(setting: Setting, said: str, folder: Path, place: str) -> str:
    """The command line; its program, where that is a path, does not hang on where the console is started."""
    try:
        words = shlex.split(said)
        problem = "a command and its arguments were expected"
    except ValueError as error:
        words, problem = [], f"{error}: write it as for a shell, quotes closed"
    if not words or not words[0]:
        raise SettingsError(f"{place}: {setting.key}: {printable(said)}: {problem}")
    if "/" not in words[0] or words[0].startswith("/"):
        return said
    return shlex.join([str(_path(setting, words[0], folder, place)), *words[1:]])


def _number(setting: Setting, said: object, place: str) -> int | float:
    """A count or a share; true and false are none, though Python counts them as numbers."""
    if setting.kind == "count":
        if type(said) is int and 1 <= said <= _MOST:
            return said
        raise SettingsError(f"{place}: {setting.key}: expected a whole number from 1 to {_MOST:,}, without quotes")
    if type(said) in {int, float} and isinstance(said, int | float) and 0 <= said <= 1:
        return float(said)
    raise SettingsError(f"{place}: {setting.key}: expected a fraction from 0 to 1 such as 0.1, without quotes")


def _duration(setting: Setting, said: str, place: str) -> Duration:
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", said.strip(), re.ASCII)
    if found is None:
        raise SettingsError(f"{place}: {setting.key}: expected a time span such as 90s, 30m, 24h or 7d")
    return Duration(said.strip(), int(found[1]) * _UNITS[found[2]] * 1_000_000)


def _statistic(setting: Setting, said: str, place: str) -> str:
    try:
        parse_statistic(said)
    except ValueError as error:
        raise SettingsError(f"{place}: {setting.key}: {printable(str(error))}") from error
    return said.strip()
