"""Strategy `seed`: the mail's rule, exactly (rules 3.1, Q1-Q6, Q18). A pure function; only integers decide.

The patches come sorted by (k, age), so the greedy set is the beginning of the list, and the first one that does not
fit is the last one looked at: no more than M + 1 of them are ever needed, however many wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

Kind = Literal["optimistic", "pessimistic"]
Reason = Literal["innocent", "dirty", "alone", "waiting", "idle"]
"""Why this set: the most innocent ones; one is dirty; it is the only one; all wait for a run; there is none."""

MANY: Final = 2
"""As many patches as matter to the rule when it asks whether there is only one."""


class Candidate(NamedTuple):
    """A patch as the rule sees it: its name, k, and age (the smaller, the older)."""

    patch: str
    k: int
    age: int

    @property
    def units(self) -> int:
        """1 + k: what it takes of the budget M; p = p_tc ^ units."""
        return 1 + self.k


@dataclass(frozen=True, slots=True)
class StrategyInput:
    """What is under consideration in a testcase, as far as the rule looks.

    `free`: candidates by rising k, then age; at least the first M + 1. With the guard (rule Q18) those with an
    outstanding single-patch run are left out. `guiltiest`: of the free ones the oldest of those with the highest k.
    `longest_waiting`: with the guard, the one whose latest outstanding single-patch run is oldest. `count`: how many
    are under consideration, free or not; MANY stands for more.
    """

    m: int
    single_alone: bool
    count: int
    free: Sequence[Candidate]
    guiltiest: Candidate | None
    longest_waiting: Candidate | None = None


class StrategyChoice(NamedTuple):
    """What to build next: `units` is the sum of (1 + k), `left_out` the first patch that no longer fits."""

    kind: Kind | None
    patches: tuple[Candidate, ...]
    reason: Reason
    left_out: Candidate | None = None

    @property
    def units(self) -> int:
        """The sum of (1 + k) of the set: its product is p_tc ^ units."""
        return sum(candidate.units for candidate in self.patches)


IDLE: Final = StrategyChoice(None, (), "idle")


def choose(considered: StrategyInput) -> StrategyChoice:
    """The next set by the rule."""
    if considered.guiltiest is None:
        waiting = considered.longest_waiting
        return IDLE if waiting is None else StrategyChoice("pessimistic", (waiting,), "waiting")
    if considered.guiltiest.units > considered.m:
        return StrategyChoice("pessimistic", (considered.guiltiest,), "dirty")
    if considered.single_alone and considered.count == 1:
        return StrategyChoice("pessimistic", (considered.guiltiest,), "alone")
    return _most_innocent(considered)


def _most_innocent(considered: StrategyInput) -> StrategyChoice:
    """As many of the most innocent as keep the product above 0.5: the sum of (1 + k) at most M."""
    room = considered.m
    chosen: list[Candidate] = []
    for candidate in considered.free:
        if candidate.units > room:
            return StrategyChoice("optimistic", tuple(chosen), "innocent", candidate)
        room -= candidate.units
        chosen.append(candidate)
    return StrategyChoice("optimistic", tuple(chosen), "innocent")
