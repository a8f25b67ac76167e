"""What happened to a patch in a testcase, and why: penalty, credit, verdict, conflict. A pure fold of events."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gateconsole.ledger import payloads
from gateconsole.ledger.events import QUEUE_KINDS, Event, Payload, decode
from gateconsole.patch_queue.apply_run_events import OLD_ARTIFACT, SPEAKS_FOR_COMMIT


class TimelineEntry(NamedTuple):
    """One thing that happened to a patch; k and verdict ("" undecided) are those after it. `at` microseconds UTC."""

    at: int
    actor: str
    text: str
    k: int
    verdict: str


@dataclass(slots=True)
class _Run:
    """A run that held the patch."""

    size: int
    optimistic: bool
    reports: dict[tuple[str, str], str] = field(default_factory=dict)
    bases: set[str] = field(default_factory=set)
    base_red: bool = False
    silenced: bool = False
    muted: bool = False

    @property
    def results(self) -> set[str]:
        """What its sources say; nothing counts only when none says more."""
        results = set(self.reports.values()) - {""}
        return results - {"nothing"} or results

    @property
    def speaks(self) -> bool:
        return not (self.silenced or self.muted or "fail" in self.bases)

    @property
    def passed_on_red(self) -> bool:
        return self.base_red and "pass" in self.results and not self.silenced and "fail" not in self.bases

    @property
    def is_torn(self) -> bool:
        return len(self.results) > 1

    @property
    def has_result(self) -> bool:
        """Whether any source says that it passed or failed."""
        return bool(self.results & {"pass", "fail"})

    def report(self, source: str, says: str) -> None:
        """What a source says: `report` (an empty source) may say both, an artifact one thing."""
        self.reports[source, says if not source else ""] = says


def timeline(events: Iterable[Event], testcase: str, patch: str) -> tuple[TimelineEntry, ...]:
    """The moments of a patch in a testcase, oldest first. Raises EventError.

    `testcase`: its name after these events; what happened under an earlier name is told too.
    """
    events = tuple(events)
    story = _Story(_first_name(events, testcase), patch)
    name = json.dumps(patch)
    moments = []
    for event in events:
        if event.kind not in QUEUE_KINDS or (event.kind in _OF_PATCHES and name not in event.payload):
            continue
        before, clashes = story.verdict, story.clashes
        text = story.take(event, decode(event))
        if text:
            after = story.verdict
            new = "".join(f"; conflict: {clash}" for clash in story.clashes if clash not in clashes)
            moments.append(TimelineEntry(event.at, event.actor, f"{text}{_turn(before, after)}{new}", story.k, after))
    return tuple(moments)


def _first_name(events: Iterable[Event], name: str) -> str:
    """What a testcase was called when it was configured."""
    for event in reversed(tuple(events)):
        if event.kind == "testcase_renamed":
            renamed = decode(event)
            if isinstance(renamed, payloads.TestcaseRenamed) and renamed.name == name:
                name = renamed.testcase
    return name


class _Story:
    """The patch so far."""

    def __init__(self, testcase: str, patch: str) -> None:
        self.testcase = testcase
        self.patch = patch
        self.k = 0
        self.runs: dict[str, _Run] = {}
        self.bases: dict[str, str] = {}
        """Of every run of the testcase on a commit, this commit."""
        self.red: set[str] = set()
        """The commits that are known red."""

    @property
    def verdict(self) -> str:
        """Bad, good or "" by the results that speak (rule Q8)."""
        speaking = [run for run in self.runs.values() if run.speaks]
        if any(run.size == 1 and "fail" in run.results and not run.base_red for run in speaking):
            return "bad"
        return "good" if any(run.results == {"pass"} for run in speaking) else ""

    @property
    def clashes(self) -> tuple[str, ...]:
        """The contradictions among the results that speak for the patch (rules Q8, Q10)."""
        said = [f"run {name} was reported as pass and as fail" for name, run in self.runs.items() if run.is_torn]
        speaking = [run for run in self.runs.values() if run.speaks]
        if self.verdict == "bad" and any("pass" in run.results for run in speaking):
            said.append("it failed alone, yet a run holding it passed")
        told = (name for name, run in self.runs.items() if run.passed_on_red)
        said += [f"run {name} passed, yet its base {self.bases[name]} was built and failed" for name in told]
        return tuple(said)

    def take(self, event: Event, payload: Payload) -> str:
        """Go on by one event; what it means for this patch, or nothing."""
        if isinstance(payload, payloads.TestcaseRenamed) and payload.testcase == self.testcase:
            self.testcase = payload.name
            return ""
        if isinstance(payload, payloads.RunDispatched):
            return self._dispatched(event, payload) if payload.testcase == self.testcase else ""
        if isinstance(payload, payloads.BaseResult):
            return self._base(event, payload)
        if isinstance(payload, _OF_RUNS):
            run = self.runs.get(payload.run)
            return "" if run is None else _ended(run, event, payload)
        if getattr(payload, "patch", None) == self.patch:
            return self._told(payload)
        if isinstance(payload, payloads.PatchRevised) and payload.successor == self.patch:
            return f"supersedes {payload.patch}"
        return ""

    def _base(self, event: Event, payload: payloads.BaseResult) -> str:
        """What a base result says of the runs of its commit that held the patch (rule Q15)."""
        base, run = self.bases.get(payload.run), self.runs.get(payload.run)
        if run is not None:
            run.bases.add(payload.result)
        failed = payload.result == "fail"
        others = []
        if base is not None:
            (self.red.add if failed else self.red.discard)(base)
            if failed and event.version >= SPEAKS_FOR_COMMIT:
                others = [one for name, one in self.runs.items() if self.bases.get(name) == base and not one.base_red]
                for one in others:
                    one.base_red = True
        if run is not None:
            return f"the base of run {payload.run} {'failed: it says nothing' if failed else 'passed'}"
        return f"base {base} failed after run {payload.run}: failures on it say nothing" if others else ""

    def _dispatched(self, event: Event, payload: payloads.RunDispatched) -> str:
        if payload.base is not None:
            self.bases[payload.run] = payload.base
        credited = [name for name in payload.credits if name in self.runs]
        self.k -= len(credited)
        credit = f": credit for {'run' if len(credited) == 1 else 'runs'} {', '.join(credited)}" if credited else ""
        if self.patch not in payload.patches:
            return f"run {payload.run} builds {payload.patches[0]} alone{credit}" if credited else ""
        run = _Run(len(payload.patches), payload.kind == "optimistic")
        run.base_red = event.version >= SPEAKS_FOR_COMMIT and payload.base in self.red
        self.runs[payload.run] = run
        self.k += run.optimistic
        others = f" with {run.size - 1} {'other' if run.size == 2 else 'others'}" if run.size > 1 else ""
        return f"run {payload.run}, {payload.kind}{others}{': penalty' if run.optimistic else credit}"

    def _told(self, payload: Payload) -> str:
        if isinstance(payload, payloads.PatchReopened):
            if self.testcase not in payload.testcases:
                return ""
            for run in self.runs.values():
                run.muted = run.muted or run.has_result
        word = _WORDS.get(type(payload), "")
        if isinstance(payload, payloads.PatchRevised):
            return f"superseded by {payload.successor}"
        reason = getattr(payload, "reason", "")
        return f"{word}: {reason}" if reason else word


def _ended(run: _Run, event: Event, payload: Payload) -> str:
    """What became of a run that held the patch."""
    if isinstance(payload, payloads.RunResult):
        run.report(payload.source if event.id.startswith(OLD_ARTIFACT) else "", payload.result)
        return f"run {payload.run} {'passed' if payload.result == 'pass' else 'failed'}"
    if isinstance(payload, payloads.ArtifactResult):
        run.report(payload.path, "" if payload.says == "unusable" else payload.says)
        return f"run {payload.run} {_SAID[payload.says]}: {payload.outcome} in {payload.path}"
    if isinstance(payload, payloads.RunMarked):
        _mark(run, event, payload)
        return f"run {payload.run} {'speaks again' if payload.says == 'speaks' else 'says nothing'}: {payload.reason}"
    return f"run {payload[0]} given up as lost"


def _mark(run: _Run, event: Event, payload: payloads.RunMarked) -> None:
    if event.id.startswith(OLD_ARTIFACT):
        run.report(payload.reason.partition(" in ")[2], "nothing")
        return
    run.silenced = payload.says == "nothing"
    if not run.silenced:
        run.reports = {key: "" if says == "nothing" else says for key, says in run.reports.items()}


def _turn(before: str, after: str) -> str:
    if before == after:
        return ""
    return f": {after}" if after else f": no longer {before}"


_OF_RUNS: Final = (
    payloads.RunResult,
    payloads.ArtifactResult,
    payloads.RunLost,
    payloads.BaseResult,
    payloads.RunMarked,
)
"""What happens to a run behind its dispatch."""

_SAID: Final = {"pass": "passed", "fail": "failed", "nothing": "says nothing", "unusable": "has one result less"}

_OF_PATCHES: Final = frozenset(
    {
        "patch_submitted",
        "patch_put_first",
        "patch_revised",
        "patch_withdrawn",
        "patch_conflicted",
        "patch_landed",
        "held",
        "released",
        "reopened",
    }
)
"""Kinds whose payload holds the names of all patches they are about, as JSON writes them."""

_WORDS: Final = {
    payloads.PatchSubmitted: "arrived",
    payloads.PatchPutFirst: "put first",
    payloads.PatchWithdrawn: "withdrawn",
    payloads.PatchConflicted: "conflicts",
    payloads.PatchLanded: "landed",
    payloads.PatchHeld: "held",
    payloads.PatchReleased: "released",
    payloads.PatchReopened: "reopened",
}
