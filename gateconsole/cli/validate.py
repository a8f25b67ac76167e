"""`gateconsole validate PATH ...`: every problem of every artifact, with place, rule and remedy."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from gateconsole.artifacts.open_folders import is_misnamed
from gateconsole.cli import COMMANDS
from gateconsole.cli.base import FINDING, OK, UNUSABLE, CommandError, Parser, new_parser, print_message, settings_of
from gateconsole.model import ARTIFACT_NAME, Rejection, Run, Stratum
from gateconsole.text import counted, printable, printable_path, shown_path

if TYPE_CHECKING:
    from gateconsole.patch_queue.artifact_results import Artifact

FUTURE_MICROS: Final = 5 * 60 * 1_000_000
"""A timestamp further ahead than this is flagged (rule G4)."""

DUPLICATE: Final = "duplicate"
CONFLICTING: Final = "conflicting"
"""A duplicate that differs from the run that is counted in its place (rule G6)."""

Key = tuple[str, str | None, str, Stratum | None]
"""What makes two artifacts the same run: run_id, job, policy_hash, stratum (rule G6)."""

OWN_FOLDER: Final = ".gateconsole"
"""This program's own folder in a ROOT: never scanned (architecture 3)."""

REMEDIES: Final = {
    "field_missing": "write the field; without it the run counts under (none) or has an empty cell",
    "field_not_text": "write it as a text in quotes",
    "outcome_unknown": "write PASS, COMMENT, WARN, REVIEW, FAIL or BLOCK",
    "rate_unusable": "write a number from 0 to 1, no percent",
    "rate_rounded": "write at most 17 digits: the nearest double is read",
    "timestamp_malformed": "write ISO 8601, such as 2026-03-01T00:00:00Z",
    "timestamp_in_future": "mend the clock of the machine that wrote it",
    "run_id_unusable": "write a text or a number",
    "stratum_unusable": "write pinned or unpinned, or a boolean in pinned",
    "stratum_conflict": "say it once: stratum goes before pinned, pinned before pinned_flag",
    "reason_dropped": "write every reason as a text that is not blank",
    "reason_in_object": "write the reason itself as a text",
    "job_unusable": "write a text or a number",
    "attempt_unusable": "write a whole number, 0 or more",
    "queue_run_unusable": "write the run as `queue next` gave it, a text in quotes",
    "patches_unusable": "write the list that `queue next` gave: texts or whole numbers",
    "byte_order_mark": "write UTF-8 without a byte order mark",
    "duplicate": "give each run an id of its own, or remove the file that does not count",
    "conflicting": 'write which job it is, "job": "fedora", or which attempt, "attempt": 2: then no run is hidden',
    "foreign_run": "report to the ledger that dispatched the run",
    "unknown_run": "report the run that `queue next` gave",
    "testcase_disagrees": "write the testcase that `queue next` gave",
    "patches_disagree": "write the patches that `queue next` gave",
}
"""Rule of a diagnostic -> what to do about it; what is rejected says so in its detail."""


class Finding(NamedTuple):
    """A problem: the file, whether it costs the run (`rejected`, `duplicate`) or a field (`kept`), place, rule, detail.

    All text is raw. `place` is the line and column or the field.
    """

    path: str
    effect: str
    place: str
    rule: str
    detail: str


def parser() -> Parser:
    """The command's options."""
    made = new_parser("validate", COMMANDS["validate"])
    made.add_argument(
        "paths", nargs="+", metavar="PATH", help=f"an artifact, or a folder with {ARTIFACT_NAME} at any depth"
    )
    made.add_argument("--json", action="store_true", help="print one JSON document")
    made.add_argument(
        "--ledger",
        metavar="FILE",
        help="ledger of the queue whose runs are meant (default: .gateconsole/ledger.db of PATH or a folder above it)",
    )
    made.add_argument(
        "--settings", metavar="FILE", help="settings file, instead of ./gateconsole.toml (looks only) and the XDG one"
    )
    return made


def run(args: argparse.Namespace) -> int:
    """Print the findings; exit 1 when there are any, 3 when a PATH is not there."""
    now, zone = time.time_ns() // 1000, settings_of(args).zone("naive_zone")
    findings: list[Finding] = []
    misnamed: list[str] = []
    checked = 0
    for path in map(Path, args.paths):
        if not os.path.lexists(path):
            raise CommandError(f"{shown_path(path)}: not there: name an artifact or a folder", UNUSABLE)
        queue = _Claims()
        for file, found in _of_path(path, now, zone, queue, misnamed):
            checked += file
            findings += found
        findings += queue.findings(_ledger_of(path, args.ledger))
    if args.json:
        print(_document(checked, findings))
    else:
        for finding in findings:
            print(_line(finding))
        inside = len({finding.path for finding in findings})
        if misnamed:
            what = f"{counted(len(misnamed), 'file')} with almost the name {ARTIFACT_NAME}, never read"
            print_message(f"{what}: {shown_path(Path(misnamed[0]))}")
        if not checked:
            print_message(
                f"nothing found: no {ARTIFACT_NAME} below {', '.join(map(shown_path, map(Path, args.paths)))}"
            )
        print_message(f"{counted(checked, 'artifact')}, {counted(len(findings), 'finding')} in {inside} of them")
    return FINDING if findings else OK


def _of_path(
    path: Path, now: int, zone: tzinfo, queue: _Claims, misnamed: list[str]
) -> Iterator[tuple[int, list[Finding]]]:
    """(artifacts looked at, findings) of a file, or of every artifact below a folder, folders in code point order.

    Files whose names were surely meant (rule G2) are added to `misnamed`.
    """
    if not os.path.isdir(path):
        yield 1, _of_file(path, ".", now, zone, queue.see)
        return
    twins, unlisted = _Twins(), list[OSError]()

    def see(raw: str, run: Run, data: bytes) -> None:
        twins.see(raw, run)
        queue.see(raw, run, data)

    for folder, below, names in os.walk(path, onerror=unlisted.append):
        linked = [name for name in below if os.path.islink(os.path.join(folder, name))]
        below[:] = sorted(name for name in below if name != OWN_FOLDER or Path(folder) != path)
        misnamed += (os.path.join(folder, name) for name in sorted(names) if is_misnamed(name))
        if ARTIFACT_NAME in (*names, *linked):
            inside = printable_path(os.fsencode(os.path.relpath(folder, path)))
            yield 1, _of_file(Path(folder, ARTIFACT_NAME), inside, now, zone, see)
    yield 0, twins.findings()
    for error in unlisted:
        yield 0, [_unreadable(error.filename, error)]


class _Claims:
    """The artifacts seen that name a run of the queue (rule Q20)."""

    def __init__(self) -> None:
        self._artifacts: list[Artifact] = []

    def see(self, path: str, run: Run, data: bytes) -> None:
        """Another artifact that is a run, by its raw path."""
        if b"queue_run" not in data:
            return
        from gateconsole.patch_queue.artifact_results import Artifact
        from gateconsole.patch_queue.reported_results import named_run

        claim = named_run(data)
        if claim is not None and claim.queue_run:
            self._artifacts.append(Artifact(path, run.outcome, claim))

    def findings(self, file: Path | None) -> list[Finding]:
        """Those that a ledger refuses, and why; without a ledger nobody can know."""
        if file is None or not self._artifacts:
            return []
        from gateconsole.ledger.actor import RefusedError
        from gateconsole.ledger.events import EventError
        from gateconsole.ledger.location import LedgerUnusableError
        from gateconsole.ledger.store import Ledger
        from gateconsole.patch_queue.artifact_results import refused
        from gateconsole.patch_queue.reported_results import UnusableResult

        try:
            ledger = Ledger.for_reading(file)
            if ledger is None:
                return []
            try:
                results = refused(ledger, self._artifacts)
            finally:
                ledger.close()
        except (LedgerUnusableError, RefusedError, EventError) as error:
            print_message(f"results of the queue are not compared with its ledger: {error}")
            return []
        return [
            Finding(path, "kept", "queue_run", odd.rule, odd.detail)
            for path, odd in results
            if isinstance(odd, UnusableResult)
        ]


def _ledger_of(path: Path, named: str | None) -> Path | None:
    """The ledger an artifact's queue has: the named one, else that of the nearest folder, upwards, that has one."""
    if named is not None:
        return Path(named)
    absolute = path.absolute()
    for folder in (absolute, *absolute.parents):
        file = folder / OWN_FOLDER / "ledger.db"
        if os.path.isfile(file):
            return file
    return None


class _Twins:
    """The runs seen below one folder: of those of one key only one counts (rule G6)."""

    def __init__(self) -> None:
        self._runs: dict[Key, list[tuple[str, Run]]] = {}

    def see(self, path: str, run: Run) -> None:
        """Another artifact that is a run, by its raw path."""
        self._runs.setdefault((run.run_id, run.job, run.policy_hash, run.stratum), []).append((path, run))

    def findings(self) -> list[Finding]:
        """Every run that does not count, with the file that does, sorted by path."""
        losses: list[Finding] = []
        for twins in self._runs.values():
            kept, counted_run = max(twins, key=_standing)
            losses += [_loss(path, run, kept, counted_run) for path, run in twins if path != kept]
        return sorted(losses)


def _standing(twin: tuple[str, Run]) -> tuple[int, bool, int, str]:
    """What decides which of the runs of one key counts (rule G6)."""
    path, run = twin
    return -1 if run.attempt is None else run.attempt, run.timestamp is not None, run.timestamp or 0, path


def _loss(path: str, run: Run, kept: str, counted_run: Run) -> Finding:
    same = run[:7] == counted_run[:7]
    superseded = run.attempt is not None and run.attempt != counted_run.attempt
    rule = DUPLICATE if same or superseded else CONFLICTING
    if rule == CONFLICTING:
        why = "another run with this run id, policy and stratum counts, and it says something else"
    else:
        why = "a later attempt counts" if superseded else "another file with this run id, policy and stratum counts"
    return Finding(path, DUPLICATE, "run_id", rule, f"{why}: {kept}")


def _of_file(path: Path, folder: str, now: int, zone: tzinfo, see: Callable[[str, Run, bytes], None]) -> list[Finding]:
    from gateconsole.artifacts.decode import decode
    from gateconsole.artifacts.read_file import read_at

    try:
        reading = read_at(path)
    except OSError as error:
        return [_unreadable(path, error)]
    if reading is None:  # gone meanwhile
        return []
    judged = reading.data if isinstance(reading.data, Rejection) else decode(reading.data, folder, zone)
    raw = printable_path(os.fsencode(path))
    if isinstance(judged, Rejection):
        return [Finding(raw, "rejected", judged.place, judged.rule, judged.detail)]
    see(raw, judged, reading.data if isinstance(reading.data, bytes) else b"")
    found = [Finding(raw, "kept", note.field or "-", note.rule, note.detail) for note in judged.diagnostics]
    if judged.timestamp is not None and judged.timestamp > now + FUTURE_MICROS:
        found.append(Finding(raw, "kept", "timestamp", "timestamp_in_future", "more than 5 minutes ahead"))
    return found


def _unreadable(path: str | Path, error: OSError) -> Finding:
    detail = f"the system says {error.strerror or error}; give this user permission to list and read it"
    return Finding(printable_path(os.fsencode(path)), "rejected", "-", "unreadable", detail)


def _line(finding: Finding) -> str:
    remedy = f"; {REMEDIES[finding.rule]}" if finding.rule in REMEDIES else ""
    return printable(f"{finding.path}: {finding.place}: {finding.rule} ({finding.effect}): {finding.detail}{remedy}")


def _document(checked: int, findings: list[Finding]) -> str:
    rows = [{**finding._asdict(), "remedy": REMEDIES.get(finding.rule)} for finding in findings]
    return json.dumps({"schema": 1, "checked": checked, "findings": rows}).replace("\x7f", "\\u007f")
