"""The classes of one policy as its runs go by: their spikes, their episodes, and how each step is taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from gateconsole.judgement.episodes import EndReason, OrderKey, Spike, Track, episode_with, new_episode, track_with
from gateconsole.judgement.rules import SpikeRules

Undo = dict[str, Track | None]
"""Class -> its track before a stretch of runs, for every class the stretch touched; None: it had none."""


class ClassState(NamedTuple):
    """What a stretch starts from; the tracks themselves are restored by undoing."""

    recent: tuple[Spike, ...]
    active: frozenset[str]
    adopted: int


class ClassTracks:
    """Every class that ever had a spike in a policy. Mutable; a step costs nothing that grows with the runs."""

    def __init__(self, rules: SpikeRules) -> None:
        self._rules: Final = rules
        self.tracks: dict[str, Track] = {}
        self.active: set[str] = set()
        self._recent: list[Spike] = []
        self._adopted = 0
        self._undo: Undo = {}
        self.next_end: float = float("inf")
        """Number of the first run at which an episode may end."""

    def take(self, spike: Spike, mask: Callable[[int, float], None]) -> bool:
        """One more spike; true when it belongs to a fired episode. `mask` is told of those that led to one."""
        oldest = spike.number - self._rules.among
        self._recent = [*(held for held in self._recent if held.number > oldest), spike]
        for name in spike.classes:
            track = track_with(self.tracks.get(name), spike)
            if name in self.active and track.episode is not None:
                track = track._replace(episode=episode_with(track.episode, spike))
            else:
                led = self._leading(name, track, spike.number + 1)
                if len(led) >= self._rules.fire_at:
                    track = track._replace(episode=new_episode(led), fired=track.fired + 1)
                    self.active.add(name)
                    for held in led[:-1]:
                        if held.baseline and held.number >= self._adopted:
                            mask(held.number, held.level)
            self._set(name, track)
        self._plan()
        return not self.active.isdisjoint(spike.classes)

    def pass_by(self, number: int, place: OrderKey) -> None:
        """The run of this number and place is judged: end what it ends."""
        if number < self.next_end:
            return
        for name in sorted(self.active):
            if number - self._last_number(name) >= self._rules.resolve_after:
                self._end(name, place, "resolved", number + 1)
        self._plan()

    def leave_fixed(self, number: int, place: OrderKey) -> None:
        """The run of this number is the first not judged under `fixed`: provisional episodes end (rule G20)."""
        for name in sorted(self.active):
            self._end(name, place, "left fixed", number)
        self._plan()

    def adopt(self, name: str, number: int, place: OrderKey) -> None:
        """An operator adopted the level from this class's alert, when `number` runs were judged (rule G22)."""
        self._adopted = number
        track = self.tracks.get(name)
        if name in self.active:
            self._end(name, place, "adopted", number)
            self._plan()
        elif track is not None:
            self._set(name, track._replace(barrier=number))

    def pending(self, number: int) -> dict[str, tuple[Spike, ...]]:
        """Class -> its spikes among the last runs that may yet lead to an episode, when `number` runs are judged."""
        names = {name for spike in self._recent for name in spike.classes} - self.active
        led = {name: tuple(self._leading(name, self.tracks[name], number)) for name in names}
        return {name: spikes for name, spikes in led.items() if spikes}

    def _leading(self, name: str, track: Track, number: int) -> list[Spike]:
        """Spikes of the class among the last `among` of `number` runs that count; none of `fixed` once it is left."""
        first = max(number - self._rules.among, track.barrier)
        left_fixed = number > self._rules.at_least
        return [
            spike
            for spike in self._recent
            if spike.number >= first and name in spike.classes and (spike.baseline or not left_fixed)
        ]

    def _end(self, name: str, place: OrderKey, why: EndReason, barrier: int) -> None:
        track = self.tracks[name]
        self.active.discard(name)
        if track.episode is not None:
            self._set(name, track._replace(episode=track.episode._replace(ended=place, end=why), barrier=barrier))

    def _last_number(self, name: str) -> int:
        return self.tracks[name].last.number

    def _plan(self) -> None:
        last = min((self._last_number(name) for name in self.active), default=None)
        self.next_end = float("inf") if last is None else last + self._rules.resolve_after

    def _set(self, name: str, track: Track) -> None:
        self._undo.setdefault(name, self.tracks.get(name))
        self.tracks[name] = track

    def seal(self) -> tuple[ClassState, Undo]:
        """The state now, from which a new stretch starts, and how to take the stretch back that ends here."""
        undo, self._undo = self._undo, {}
        return ClassState(tuple(self._recent), frozenset(self.active), self._adopted), undo

    def open_undo(self) -> Undo:
        """How to take back what was done since the last seal; it goes on being added to here, not there."""
        return dict(self._undo)

    def unsealed(self) -> Undo:
        """How to take back what was done since the last seal."""
        undo, self._undo = self._undo, {}
        return undo

    def restore(self, state: ClassState, undos: list[Undo]) -> None:
        """Be as at that seal; `undos` are those of every stretch since, latest first."""
        for undo in undos:
            for name, track in undo.items():
                if track is None:
                    self.tracks.pop(name, None)
                else:
                    self.tracks[name] = track
        self._recent, self.active, self._adopted = list(state.recent), set(state.active), state.adopted
        self._plan()
