"""What the commands share: exit codes, options, finding ROOT, one look at it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from gateconsole.model import ARTIFACT_NAME
from gateconsole.settings.declarations import COSMETIC, SettingsError
from gateconsole.settings.settings import FILE_NAME, ROOT_VARIABLE, Ignored, Settings, Value, load, own_folder
from gateconsole.text import counted, noun, printable, shown_path

if TYPE_CHECKING:
    from gateconsole.engine.engine import Options
    from gateconsole.snapshot import Snapshot
    from gateconsole.tui.keys.actions import Action

from gateconsole.judgement.limits import Limit, ReadinessLimits
from gateconsole.judgement.rules import SpikeRules, parse_statistic

if TYPE_CHECKING:
    from gateconsole.snapshot import Snapshot

import getpass
import time
from collections.abc import Iterator
from contextlib import contextmanager

from gateconsole.ledger.actor import RefusedError
from gateconsole.ledger.events import EventError
from gateconsole.ledger.location import LedgerUnusableError

if TYPE_CHECKING:
    from gateconsole.patch_queue.reported_results import Says

OK: Final = 0
FINDING: Final = 1
USAGE: Final = 2
UNUSABLE: Final = 3
"""ROOT, whitelist or an output cannot be used."""

_CANNOT_DRAW: Final = frozenset({"", "dumb", "unknown"})
"""What TERM is where lines of text are all that can be written."""

_FLAGS: Final = ("whitelist", "ledger", "actor", "theme", "poll", "read_only", "mouse", "ascii")

NO_ROOT: Final = f"""no ROOT: say which artifact tree to read, by one of
  gateconsole ROOT           the folder that holds the gate_result.json files, at any depth
  {ROOT_VARIABLE}=ROOT      the same by the environment
  root = "ROOT"              the same in gateconsole/gateconsole.toml of the XDG config folder
or try `gateconsole demo`, which brings its own samples"""


class CommandError(Exception):
    """The command cannot be done: what to tell (printable), and the exit code."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are printable. `intermixed`: words may also stand after options."""

    intermixed = False

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line; exit 2."""
        super().error(printable(message))


class Context(NamedTuple):
    """What a command works on: the root, and what the settings say."""

    root: Path
    settings: Settings

    def options(self, books: bool = False, recent: bool = False) -> Options:
        """The engine's options; `books`: results of the queue that artifacts report go into its ledger.

        `recent`: of what the queue decided only what the setting queue_history still shows.
        """
        from gateconsole.engine.engine import Options
        from gateconsole.engine.ledger_follower import QueueOptions

        actor = str(self.settings.values["actor"].value or login_name())
        history = history_of(self.settings) if recent else None
        queue = QueueOptions(self.settings.path("ledger"), actor, books, result_words(self.settings), history)
        whitelist, poll = self.settings.path("whitelist"), self.settings.flag("poll")
        zone = self.settings.zone("naive_zone")
        return Options(self.root, whitelist, poll, queue, yardstick_of(self.settings), zone)


def new_parser(name: str, summary: str, usage: str | None = None) -> Parser:
    """An empty parser for a command."""
    return Parser(prog=f"gateconsole {name}".rstrip(), description=summary, usage=usage, allow_abbrev=False)


def add_root(parser: argparse.ArgumentParser) -> None:
    """The ROOT argument."""
    parser.add_argument(
        "root", nargs="?", metavar="ROOT", help=f"artifact tree (default: {ROOT_VARIABLE}, then settings)"
    )


def add_common(parser: argparse.ArgumentParser, live: bool, *, own_root: bool = False) -> None:
    """The options of every command about a ROOT. Those that matter only live are accepted everywhere, shown there.

    `own_root`: the command brings its ROOT, with the whitelist and ledger in it; others cannot be named.
    """
    shown = (lambda text: text) if live else (lambda _: argparse.SUPPRESS)
    switch = argparse.BooleanOptionalAction
    if not own_root:
        parser.add_argument("--whitelist", metavar="FILE", help="whitelist (default: unknown_whitelist.json in ROOT)")
        parser.add_argument("--ledger", metavar="FILE", help="the ledger (default: .gateconsole/ledger.db in ROOT)")
    parser.add_argument(
        "--settings", metavar="FILE", help="settings file, instead of ./gateconsole.toml (looks only) and the XDG one"
    )
    who = "who acts (default: GATECONSOLE_ACTOR, the login)"
    parser.add_argument("--as", metavar="NAME", dest="actor", help=shown(who))
    parser.add_argument("--log", metavar="FILE", help="append what happens to this file")
    parser.add_argument("--poll", action=switch, help=shown("notice changes by listing folders, not by events"))
    parser.add_argument("--read-only", action=switch, help=shown("follow, but dispatch, report and book nothing"))


def add_console(parser: argparse.ArgumentParser) -> None:
    """The options of the console's looks."""
    switch = argparse.BooleanOptionalAction
    parser.add_argument("--theme", metavar="NAME", help="a theme of the console or one of your own")
    parser.add_argument("--mouse", action=switch, help="use the mouse (default: yes)")
    parser.add_argument("--ascii", action=switch, help="draw with ASCII characters only")


def settings_of(args: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings under this command line; says on stderr what an operator should know. Starts the log."""
    flags = {key: getattr(args, key, None) for key in _FLAGS}
    explicit = getattr(args, "settings", None)
    try:
        settings = load(flags, environ, Path.cwd(), Path(explicit) if explicit else None)
    except SettingsError as error:
        raise CommandError(str(error), USAGE) from error
    except FileNotFoundError as error:
        raise CommandError("the current folder is gone: cd to one that is there", USAGE) from error
    settings = _with_own_ledger(settings, getattr(args, "root", None), environ)
    for note in settings.notes:
        print_message(note)
    if ignored := ignored_in(settings):
        print_message(_ignored_note(ignored, environ))
    _start_log(getattr(args, "log", None))
    return settings


def _with_own_ledger(settings: Settings, root: str | None, environ: Mapping[str, str]) -> Settings:
    """A ROOT of the command line brings its own ledger: one that is configured is that of the configured ROOT.

    Two roots must not share a ledger by accident. --ledger goes before both.
    """
    value, origin = settings.values["ledger"]
    configured = environ.get(ROOT_VARIABLE) or settings.path("root")
    if root is None or origin == "--ledger" or not isinstance(value, Path):
        return settings
    if configured and os.path.realpath(root) == os.path.realpath(configured):
        return settings
    file = shown_path(value)
    note = f"{origin}: ledger {file} is not used: ROOT stands on the command line; --ledger {file} uses it"
    values = {**settings.values, "ledger": Value(None, "ROOT of the command line")}
    return replace(settings, values=values, notes=(*settings.notes, note))


def ignored_in(settings: Settings) -> tuple[Ignored, ...]:
    """What the file of the current folder names and may not set, keys of actions that are not harmless among it."""
    remaps = [(action, remap.origin) for action, remap in settings.keys.items() if remap.untrusted]
    if not remaps:
        return settings.ignored
    from gateconsole.tui.keys.actions import ACTIONS, HARMLESS

    acts = {action.id for action in ACTIONS} - HARMLESS
    return (*settings.ignored, *(Ignored(f"keys.{name}", origin) for name, origin in remaps if name in acts))


def _ignored_note(ignored: Sequence[Ignored], environ: Mapping[str, str]) -> str:
    named = ", ".join(f"{printable(one.key)} ({one.origin})" for one in ignored)
    own = own_folder(environ)
    other = f"write it to {shown_path(own / FILE_NAME)} or " if own else ""
    return (
        f"not taken from the current folder: {named}: its {FILE_NAME} sets only {', '.join(COSMETIC)} and keys of"
        f" harmless actions; to have it, {other}name the file with --settings"
    )


def draws_here(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a screen can be drawn on stdout; says on stderr why not on a terminal."""
    if not sys.stdout.isatty():
        return False
    kind = environ.get("TERM", "")
    if kind not in _CANNOT_DRAW:
        return True
    print_message(f"TERM is {printable(kind) or 'not set'}: no screen can be drawn there; this is the table as text")
    return False


def ascii_where_needed(settings: Settings) -> Settings:
    """The settings as the console can follow them here: ASCII only where the output's encoding has no other marks."""
    from gateconsole.tui.theme.ascii_marks import carried_by

    encoding = getattr(sys.__stderr__ or sys.__stdout__, "encoding", None)  # that of every stream, and of the screen
    if settings.flag("ascii") or encoding is None or carried_by(encoding):
        return settings
    said = Value(True, f"the output's encoding is {printable(encoding)}")
    return replace(settings, values={**settings.values, "ascii": said})


def actions_of(settings: Settings) -> tuple[Action, ...]:
    """The console's actions with the keys of the settings' [keys]. Failure (2) names what cannot be, and where."""
    from gateconsole.tui.keys.actions import KeysError, remapped

    try:
        refused = {one.key for one in ignored_in(settings)}
        taken = {action: remap for action, remap in settings.keys.items() if f"keys.{action}" not in refused}
        return remapped({action: remap.keys for action, remap in taken.items()})
    except KeysError as error:
        told = printable(str(error))
        place = next((remap.origin for name, remap in settings.keys.items() if told.startswith(f"keys.{name}:")), "")
        raise CommandError(f"{place}: {told}" if place else told, USAGE) from error


def context_of(args: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Context:
    """The root and settings of a command: argument, else CI_ARTIFACT_PATH, else settings. Failure (2) without one."""

    settings = settings_of(args, environ)
    yardstick_of(settings)  # what contradicts itself is told before anything is read or painted
    said = args.root or environ.get(ROOT_VARIABLE)
    root = Path(said) if said else settings.path("root")
    if root is None:
        raise CommandError(NO_ROOT, USAGE)
    return Context(root, settings)


def snapshot_once(context: Context, *, judged: bool = True) -> Snapshot:
    """One Snapshot of the root as it is now, `judged` or not. Failure (3): the root or whitelist cannot be used."""
    from gateconsole.engine.engine import RootUnusableError, read_once

    whitelist = context.settings.path("whitelist")
    if whitelist is not None and not os.path.lexists(whitelist):
        print_message(f"{shown_path(whitelist)}: no such whitelist: nothing is listed")
    try:
        snapshot = read_once(context.options(), judged=judged)
    except RootUnusableError as error:
        raise CommandError(str(error), UNUSABLE) from error
    if snapshot.whitelist.problem:
        raise CommandError(snapshot.whitelist.problem, UNUSABLE)
    return snapshot


def tell_ledger(snapshot: Snapshot) -> None:
    """On stderr: why the ledger cannot be read, where nothing that is shown rests on it."""
    for banner in snapshot.banners:
        if banner.code == "queue_unusable":
            print_message(f"{banner.text} (nothing shown here rests on it)")


def tell_completeness(snapshot: Snapshot) -> None:
    """On stderr: what of the root is not in the figures, and why nothing of the ledger is."""
    tell_ledger(snapshot)
    parts = snapshot.completeness
    if parts.nothing_found:
        print_message(f"nothing found: no run below {snapshot.root}")
    if parts.misnamed:
        what = f"{counted(parts.misnamed, 'file')} with almost the name {ARTIFACT_NAME}, never read"
        print_message(f"{what}: {printable(snapshot.misnamed)}")
    unjudged = sum(policy.not_judged for policy in snapshot.policies)
    if unjudged:
        print_message(f"{counted(unjudged, 'run')} not judged: no time")
    for number, what in (
        (parts.rejected, "rejected (why: gateconsole validate ROOT)"),
        (
            parts.conflicting,
            'hidden by another run of their id, policy and stratum (write "job"; which: validate ROOT)',
        ),
        (parts.pending, "pending: still being written"),
        (parts.unreadable_folders, noun(parts.unreadable_folders, "unreadable folder")),
    ):
        if number:
            print_message(f"{number} {what}")


def print_message(text: str) -> None:
    """One message on stderr, printable, its own line breaks kept."""
    logging = sys.modules.get("logging")  # loaded by whoever keeps a log; not worth the time to say one line
    if logging is not None:
        logging.getLogger("gateconsole").info("%s", text)
    lines = "\n".join(printable(line) for line in text.split("\n"))
    with suppress(OSError, ValueError):  # nobody reads what is said: that is no reason to do otherwise
        sys.stderr.write(f"gateconsole: {lines}\n")


def _start_log(path: str | None) -> None:
    """Send the package's log records to a file; without one they go nowhere."""
    if path is None:
        return
    from gateconsole.cli.log import log_to

    try:
        log_to(Path(path))
    except OSError as error:
        raise CommandError(f"{shown_path(Path(path))}: no log there: {error.strerror}: mend --log", USAGE) from error


_ORDERED: Final = (("spike_at_least", "spike_window"), ("alert_fire_at", "alert_among"))
"""Settings of which the first is never larger than the second."""


def yardstick_of(settings: Settings) -> ReadinessLimits:
    """What runs are judged by. Failure (2) for settings that contradict one another, with their places."""
    for less, more in _ORDERED:
        if settings.count(less) > settings.count(more):
            said = [f"{key} = {settings.count(key)} ({settings.values[key].origin})" for key in (less, more)]
            raise CommandError(f"{said[0]} is more than {said[1]}: lower the one or raise the other", USAGE)
    statistic, factor = parse_statistic(settings.text("spike_statistic"))
    rules = SpikeRules(
        statistic=statistic,
        factor=factor,
        window=settings.count("spike_window"),
        at_least=settings.count("spike_at_least"),
        floor=settings.share("spike_floor") or 0.0,
        fire_at=settings.count("alert_fire_at"),
        among=settings.count("alert_among"),
        resolve_after=settings.count("alert_resolve_after"),
    )
    return ReadinessLimits(rules, _limits_of(settings), settings.micros("silence"), settings.count("unused_days"))


def _limits_of(settings: Settings) -> Limit:
    """The limits of readiness (rule G25)."""
    share = {
        name: settings.share(f"ready_{name}") or 0.0
        for name in ("alarms_pinned", "alarms_unpinned", "alarms_without_stratum", "unknown_runs", "overrides")
    }
    return Limit(settings.count("ready_runs"), **share, false_positives=settings.share("ready_false_positives"))


def result_words(settings: Settings) -> Mapping[str, Says]:
    """What outcomes say of a run (rule G20). Failure (2) for a word that is none."""
    from gateconsole.patch_queue.reported_results import SAYS

    chosen = dict(SAYS)
    for outcome in ("WARN", "REVIEW"):
        key = f"queue_{outcome.lower()}"
        match settings.text(key):
            case "pass" | "fail" | "nothing" as word:
                chosen[outcome] = word
            case word:
                origin = settings.values[key].origin
                raise CommandError(f"{origin}: {key} {word!r}: expected pass, fail or nothing", USAGE)
    return chosen


def history_of(settings: Settings) -> int:
    """Microseconds for which what was decided is shown (rule G23)."""
    from gateconsole.patch_queue.queries import HISTORY

    return settings.micros("queue_history") or HISTORY


def now() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000


class NamedRoot(NamedTuple):
    """What a command line says of where and who: an option, else the environment, else the settings."""

    settings: Settings
    root: Path | None
    ledger: Path | None
    actor: str


def named_root(args: argparse.Namespace, environ: Mapping[str, str]) -> NamedRoot:
    """ROOT and ledger as far as they are named, and who acts."""
    settings = settings_of(args, environ)
    root = getattr(args, "root", None) or environ.get(ROOT_VARIABLE)
    ledger = getattr(args, "ledger", None)
    actor = getattr(args, "actor", None) or settings.values["actor"].value or login_name()
    return NamedRoot(
        settings,
        Path(root) if root else settings.path("root"),
        Path(ledger) if ledger else settings.path("ledger"),
        str(actor),
    )


def login_name() -> str:
    """The login's name, or the user's number when it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}"


@contextmanager
def explicit_ledger() -> Iterator[None]:
    """What the queue refuses as Failure: 2 for what was asked, 3 for a ledger that cannot be used."""
    try:
        yield
    except RefusedError as error:
        raise CommandError(str(error), USAGE) from error
    except (LedgerUnusableError, EventError) as error:
        raise CommandError(str(error), UNUSABLE) from error


def wants_json(args: argparse.Namespace) -> bool:
    """Whether one JSON document is asked for."""
    return getattr(args, "json", False)
