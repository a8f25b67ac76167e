"""The mail's rule a second time, as the mail puts it: fractions multiplied and divided, lists searched from end to end.

Slow, and sharing nothing with gateconsole.patch_queue: what the two agree on over random scripts is likely right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

HALF = Fraction(1, 2)


@dataclass
class NaivePatch:
    """A pending change."""

    name: str
    age: int
    p: Fraction
    held: bool = False
    conflicting: bool = False
    fate: str = ""


@dataclass
class NaiveRun:
    """A tinderbox run."""

    number: int
    kind: str
    patches: list[NaivePatch]
    results: set[str] = field(default_factory=set)
    bases: set[str] = field(default_factory=set)
    lost: bool = False
    marked: bool = False
    credited: bool = False
    muted: set[str] = field(default_factory=set)
    base: str | None = None
    at: int = 0

    @property
    def says_nothing(self) -> bool:
        return self.marked or "fail" in self.bases

    @property
    def outstanding(self) -> bool:
        return not (self.results or self.lost or self.marked)


class Naive:
    """One testcase."""

    def __init__(self, p: str, longer: bool, literal: bool) -> None:
        self.p = Fraction(p)
        self.longer = longer
        self.literal = literal
        self.patches: list[NaivePatch] = []
        self.runs: list[NaiveRun] = []
        self.told: list[tuple[str, str] | None] = []
        """What happened, in order: (commit, pass or fail) of a base result, None for a dispatch."""

    def submit(self, name: str, first: bool) -> None:
        youngest_first = min([0, *(patch.age for patch in self.patches)]) - 1
        self.patches.append(NaivePatch(name, youngest_first if first else len(self.patches) + 1, self.p))

    def verdict(self, patch: NaivePatch) -> str:
        speaking = [r for r in self.runs if patch in r.patches and not r.says_nothing and patch.name not in r.muted]
        if any(len(run.patches) == 1 and "fail" in run.results and not self.on_red(run) for run in speaking):
            return "bad"
        return "good" if any(run.results == {"pass"} for run in speaking) else ""

    def base_result(self, run: NaiveRun, result: str) -> None:
        run.bases.add(result)
        if run.base is not None:
            self.told.append((run.base, result))

    def is_red(self, base: str | None) -> bool:
        """Whether the last base result of a commit was a failure."""
        results = [one[1] for one in self.told if one is not None and one[0] == base]
        return results[-1:] == ["fail"]

    def on_red(self, run: NaiveRun) -> bool:
        """Whether some base result said that its commit is red, and none before its dispatch that it is green again."""
        told = [(at, *one) for at, one in enumerate(self.told) if one is not None and one[0] == run.base]
        passes = [at for at, _, result in told if result == "pass"]
        return any(result == "fail" and not any(at < green < run.at for green in passes) for at, _, result in told)

    def put_first(self, patch: NaivePatch) -> None:
        if any(other.age < patch.age and not (other.fate or self.verdict(other)) for other in self.patches):
            patch.age = min([0, *(one.age for one in self.patches)]) - 1

    def considered(self) -> list[NaivePatch]:
        return [p for p in self.patches if not (p.fate or p.held or p.conflicting or self.verdict(p))]

    def alone_in(self, patch: NaivePatch) -> list[int]:
        return [run.number for run in self.runs if run.patches == [patch] and run.outstanding]

    def propose(self) -> tuple[str | None, list[NaivePatch]]:
        considered = self.considered()
        free = considered if self.literal else [patch for patch in considered if not self.alone_in(patch)]
        if not free:
            if not considered:
                return None, []
            return "pessimistic", [min(considered, key=lambda patch: max(self.alone_in(patch)))]
        if any(patch.p <= HALF for patch in free) or (self.longer and len(considered) == 1):
            lowest = min(patch.p for patch in free)
            return "pessimistic", [min((p for p in free if p.p == lowest), key=lambda patch: patch.age)]
        chosen: list[NaivePatch] = []
        product = Fraction(1)
        for patch in sorted(free, key=lambda patch: (-patch.p, patch.age)):
            if product * patch.p > HALF:
                product *= patch.p
                chosen.append(patch)
        return "optimistic", chosen

    def credits(self, suspect: NaivePatch) -> list[int]:
        return [r.number for r in self.runs if r.kind == "optimistic" and not r.credited and suspect in r.patches]

    def dispatch(self, base: str | None = None, anyway: bool = False) -> NaiveRun | None:
        kind, chosen = self.propose()
        if kind is None or (self.is_red(base) and not anyway):
            return None
        if kind == "optimistic":
            for patch in chosen:
                patch.p *= self.p
        else:
            for number in self.credits(chosen[0]):
                run = self.runs[number - 1]
                run.credited = True
                for patch in run.patches:
                    patch.p /= self.p
        made = NaiveRun(len(self.runs) + 1, kind, chosen, base=base, at=len(self.told))
        self.told.append(None)
        self.runs.append(made)
        return made

    def open_runs(self) -> dict[int, list[str]]:
        found = {}
        for run in self.runs:
            if "fail" not in run.results or len(run.patches) == 1 or run.says_nothing or self.on_red(run):
                continue
            if any(self.verdict(p) == "bad" or p.fate in {"withdrawn", "revised"} for p in run.patches):
                continue
            suspects = [patch.name for patch in run.patches if not self.verdict(patch)]
            if suspects:
                found[run.number] = suspects
        return found
