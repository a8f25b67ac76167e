"""The demo's story: the samples brought up to now, and runs that keep arriving. Pure: seed and times are passed in."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from gateconsole.model import ARTIFACT_NAME, WHITELIST_NAME

LAST: Final = 20_000
"""Arrivals after which the story ends: about seven hours, 160 MB."""

_QUIET: Final = timedelta(seconds=45)
"""How long before now the newest sample is."""

_CHECKS: Final = {"a6f53e": 200, "b71c02": 250, "c0ffee": 400, "d15ea5": 500}
_NEW_POLICY: Final = "d15ea5"
_NEW_FROM: Final = 40
_BURSTS: Final = (("a6f53e", "flaky_test"), ("b71c02", "artefact_missing"), (_NEW_POLICY, "toolchain_changed"))
_FAILS: Final = (("FAIL", "schema_violation"), ("FAIL", "signature_invalid"), ("BLOCK", "policy_violation"))
_WARNING: Final = frozenset({"b71c02", _NEW_POLICY})

_TIME: Final = re.compile(rb'("timestamp": ")([^"]+)(")')
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_RUN: Final = re.compile(r"run-(\d+)")


class Arrival(NamedTuple):
    """One file that is written: seconds to wait before, path below ROOT, content, its time (microseconds UTC), number.

    A path that was there before is a file rewritten.
    """

    delay: float
    path: str
    content: bytes
    time: int
    number: int


def shifted(files: Mapping[str, bytes], now: int) -> dict[str, bytes]:
    """The samples (path -> bytes) with every date moved so that the newest run is just before `now` (microseconds)."""
    delta = shift_of(files, now)
    return dict(_moved(path, content, delta) for path, content in files.items())


def shift_of(files: Mapping[str, bytes], now: int) -> timedelta:
    """By how much the samples move so that the newest run is just before `now` (microseconds)."""
    times = [found for content in files.values() if (found := _time_of(content)) is not None]
    return _moment(now) - _QUIET - max(times, default=_moment(now))


def first_number(files: Mapping[str, bytes]) -> int:
    """The number of the first run that is not among the samples."""
    return max((int(found[1]) for path in files if (found := _RUN.search(path))), default=0) + 1


def arrivals(seed: int, start: int, number: int) -> Iterator[Arrival]:
    """The runs that arrive from `start` on (microseconds UTC), the first one called run-`number`; the same for a seed.

    Spikes come in bursts that hang on one class; FAILs do not hang on them. Now and then a file is bad, undated or
    rewritten; after a while a new policy begins.
    """
    story = _Story(seed, number)
    time = start
    for step in range(LAST):
        delay = round(story.dice.uniform(0.5, 2.0), 3)
        time += round(delay * 1_000_000)
        path, content = story.file(step, time)
        yield Arrival(delay, path, content, time, number + step)


class _Story:
    """What happens next."""

    def __init__(self, seed: int, number: int) -> None:
        self.dice = random.Random(seed)
        self._number = number
        self._burst: tuple[str, str] = _BURSTS[0]
        self._left = 0
        self._earlier: list[tuple[str, dict[str, Any]]] = []

    def file(self, step: int, time: int) -> tuple[str, bytes]:
        """Path and content of one arrival."""
        if step % 23 == 14:
            return self._rewritten(time)
        run = self._run(step, time)
        path = f"{_moment(time):%Y-%m-%d}/{run['run_id']}/{ARTIFACT_NAME}"
        if step % 17 == 9:
            return path, self._bad(step // 17, run)
        if step % 29 == 21:
            del run["timestamp"]
        self._earlier = [*self._earlier[-20:], (path, run)]
        return path, _json(run)

    def _run(self, step: int, time: int) -> dict[str, Any]:
        """One run as a gate writes it."""
        policy = self._policy(step)
        outcome, unknown, reasons = self._judged(policy)
        stratum = self.dice.choice(("pinned", "unpinned", "unpinned"))
        checks = _CHECKS[policy]
        return {
            "run_id": f"run-{self._number + step}",
            "timestamp": f"{_moment(time):%Y-%m-%dT%H:%M:%SZ}",
            "policy_hash": policy,
            "outcome": outcome,
            "unknown_rate": unknown / checks,
            "top_reasons": reasons,
            "stratum": stratum,
            "mode": "warn" if policy in _WARNING else "comment",
            "counts": {"checks": checks, "unknown": unknown},
        }

    def _policy(self, step: int) -> str:
        """Which policy judges; a burst begins every 31 runs, later also in the new policy."""
        if step % 31 == 4:
            self._burst = _BURSTS[step // 31 % (3 if step > 2 * _NEW_FROM else 2)]
            self._left = self.dice.randint(6, 12)
        if self._left:
            return self._burst[0]
        weights = (55, 30, 8, 20 if step >= _NEW_FROM else 0)
        return self.dice.choices(list(_CHECKS), weights)[0]

    def _judged(self, policy: str) -> tuple[str, int, list[str]]:
        """Outcome, unknown checks, reasons."""
        throw = self.dice.random()
        if self._left:
            self._left -= 1
            if throw < 0.75:
                words = ("WARN", "WARN", "REVIEW") if policy in _WARNING else ("COMMENT", "COMMENT", "REVIEW")
                return self.dice.choice(words), self.dice.randint(9, 24), [self._burst[1]]
        if throw > 0.93:
            word, reason = self.dice.choice(_FAILS)
            return word, 0, [reason]
        if throw < 0.3:
            names = self.dice.choice((["unknown_field_missing"], ["ntp_offset"], ["ntp_offset", "flaky_test"]))
            return self.dice.choice(("PASS", "PASS", "COMMENT")), self.dice.randint(1, 2), names
        return "PASS", 0, []

    def _bad(self, which: int, run: dict[str, Any]) -> bytes:
        """A file that is no run, or a run with a value that cannot be used."""
        whole = _json(run)
        kinds = (
            whole[: len(whole) // 2],
            _json({**run, "unknown_rate": "7.5%"}),
            b"[]\n",
            whole.replace(b'"outcome"', b'"outcome": "PASS",\n  "outcome"', 1),
            b'{"note": "the gate did not start"}\n',
        )
        return kinds[which % len(kinds)]

    def _rewritten(self, time: int) -> tuple[str, bytes]:
        """An earlier run judged again: its file is written over."""
        path, run = self.dice.choice(self._earlier)
        again = {"PASS": "COMMENT", "FAIL": "PASS", "BLOCK": "REVIEW"}.get(run["outcome"], "PASS")
        return path, _json({**run, "timestamp": f"{_moment(time):%Y-%m-%dT%H:%M:%SZ}", "outcome": again})


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def _moment(micros: int) -> datetime:
    return datetime.fromtimestamp(micros // 1_000_000, UTC)


def _time_of(content: bytes) -> datetime | None:
    """The time a sample says it has."""
    found = _TIME.search(content)
    return datetime.fromisoformat(found[2].decode()).astimezone(UTC) if found else None


def _moved(path: str, content: bytes, delta: timedelta) -> tuple[str, bytes]:
    """One sample, path and content, moved by `delta`; a dated folder goes with the run in it."""
    if path == WHITELIST_NAME:
        return path, _DATE.sub(lambda day: _later(day[0], delta), content.decode()).encode()
    moved = _TIME.sub(lambda found: found[1] + _written(found[2].decode(), delta).encode() + found[3], content)
    time = _time_of(moved)
    return _DATE.sub(lambda day: _later(day[0], delta) if time is None else f"{time:%Y-%m-%d}", path), moved


def _written(text: str, delta: timedelta) -> str:
    """A time moved, in the form in which it was written: `Z` or an offset."""
    moved = (datetime.fromisoformat(text) + delta).isoformat()
    return moved.replace("+00:00", "Z") if text.endswith("Z") else moved


def _later(day: str, delta: timedelta) -> str:
    """A date moved, counted from its noon."""
    return f"{datetime.fromisoformat(day) + timedelta(hours=12) + delta:%Y-%m-%d}"
