"""What the fold says of a policy, frozen: cut, spikes, classes, episodes (rules G20-G22). No polars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from gateconsole.judgement.baseline import Cut
from gateconsole.judgement.episodes import OrderKey, RunRef, Spike, Track
from gateconsole.judgement.late_runs import PlacedRuns
from gateconsole.judgement.rules import SpikeRules

RECURRING: Final = 3
"""A class on so many spikes of one policy is a recurring pattern (rule G21)."""


class EarlierCuts(Protocol):
    """A policy's fold as it stood some runs ago, after the run at `last_place` (() before the first)."""

    last_place: OrderKey

    def cut_at(self, place: OrderKey, rows: Iterable[PlacedRuns]) -> Cut:
        """The cut of a run at this place, given the valid runs between the two in order; to be asked once."""


@dataclass(frozen=True, slots=True)
class PolicySpikes:
    """One policy's judgement.

    `n_valid`, `n_fails`: valid runs, and those of them with a FAIL signal. `cut`: for the next run. `n_spikes`: all
    spikes. `tracks`: a Track for every class that ever had one; `active`: those whose episode goes on; `pending`:
    spikes that may yet lead to an episode, by class. `spikes()` gives every spike in order. `last_run`: the last valid
    run. `before(place)` is the fold as it stood not long before a run at this place, for its cut.
    """

    policy_hash: str
    rules: SpikeRules
    n_valid: int
    n_fails: int
    cut: Cut
    n_spikes: int
    tracks: Mapping[str, Track]
    active: frozenset[str]
    pending: Mapping[str, tuple[Spike, ...]]
    spikes: Callable[[], tuple[Spike, ...]]
    last_run: RunRef | None
    before: Callable[[OrderKey], EarlierCuts]

    @property
    def rule(self) -> str:
        """The rule of the next run with its cut: `p95 of 200 = 0.0400`."""
        return self.rules.text(self.cut.cut, self.cut.baseline)

    def recurring(self) -> tuple[tuple[str, Track], ...]:
        """The classes on RECURRING or more spikes, by spikes falling, then class (rule G21)."""
        found = [(name, track) for name, track in self.tracks.items() if track.spikes >= RECURRING]
        return tuple(sorted(found, key=lambda item: (-item[1].spikes, item[0])))
