"""The fold of one policy: its valid runs in order -> cut, spikes, alert episodes (rules G20-G22).

Appending a run costs one step, however many came before. Every STRETCH runs the state is kept, so that a late, changed
or deleted run re-judges only what follows it. The newest rows are held, so that most late runs need nothing else.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import Final, NamedTuple

import polars as pl

from gateconsole.judgement.baseline import Baseline, BaselineState, Cut
from gateconsole.judgement.class_history import ClassState, ClassTracks, Undo
from gateconsole.judgement.episodes import Adoption, OrderKey, RunRef, Spike, ref_of
from gateconsole.judgement.late_runs import STRETCH, PlacedRuns, RecentWindow, place_runs_at
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.judgement.rules import DEFAULT, UNATTRIBUTED, SpikeRules
from gateconsole.model import FAIL_SIGNALS
from gateconsole.text import split_list


class _State(NamedTuple):
    """The fold after a whole number of stretches; `place` of its last run, () before the first."""

    place: OrderKey
    last: RunRef | None
    fails: int
    n_spikes: int
    adopted: int
    baseline: BaselineState
    classes: ClassState


class SpikeDetector:
    """The runs of one policy judged one after the other. Mutable; `product` is not."""

    def __init__(self, policy_hash: str, rules: SpikeRules = DEFAULT, adoptions: Iterable[Adoption] = ()) -> None:
        self._policy_hash: Final = policy_hash
        self._rules: Final = rules
        self._adoptions = sorted(adoptions)
        self._adopted = 0
        self._baseline = Baseline(rules)
        self._classes = ClassTracks(rules)
        self.last_place: OrderKey = ()
        """The place of the last run judged; () before the first."""
        self._last: RunRef | None = None
        self._fails = self._n_spikes = 0
        self._states: list[_State] = []
        self._undos: list[Undo] = []
        self._sealed: list[tuple[Spike, ...]] = []
        self._spikes: list[Spike] = []
        self._near = RecentWindow()
        self._seal()

    @property
    def count(self) -> int:
        """Valid runs judged."""
        return self._baseline.count

    @property
    def active(self) -> frozenset[str]:
        """Classes whose episode goes on."""
        return frozenset(self._classes.active)

    def follows(self, place: OrderKey) -> bool:
        """Whether a run at this place comes after everything judged and adopted, so that it can be appended."""
        if self._adopted and place <= self._adoptions[self._adopted - 1].place:
            return False
        return place > self.last_place

    def append(self, placed: PlacedRuns) -> Cut:
        """Judge one more valid run, which must follow; gives the cut it was held against."""
        cut = self._fold(placed)
        self._near.add([placed], self.count)
        return cut

    def extend(self, rows: pl.DataFrame) -> None:
        """Judge many: valid runs of the policy in order (RUNS_SCHEMA), all of which must follow."""
        if rows.is_empty():
            return
        plain = rows.with_columns(pl.col("timestamp").to_physical())
        rates = plain["unknown_rate"].to_list()
        fails = [0, *plain["outcome"].cast(pl.String).is_in(list(FAIL_SIGNALS)).cast(pl.Int64).cum_sum()]
        at = 0
        while at < len(rates):
            if self._adopted < len(self._adoptions):
                self._adopt_before(place_runs_at(plain, at).place)
            end = self._upto_adoption(plain, at, min(at + STRETCH - self.count % STRETCH, len(rates)))
            self._fold_rates(plain, rates, at, end)
            self._fails += fails[end] - fails[at]
            self._stand_at(place_runs_at(plain, end - 1))
            at = end
        self._near.add_frame(plain, self.count)

    def go_on(self, rows: Iterable[PlacedRuns]) -> None:
        """Judge those of these valid runs, in order, that come after the last one judged; for few of them."""
        later = [placed for placed in rows if placed.place > self.last_place]
        for placed in later:
            self._fold(placed)
        self._near.add(later, self.count)

    def finish(self) -> None:
        """Nothing more to judge for now: apply the adoptions left, those of runs that are gone too."""
        while self._adopted < len(self._adoptions):
            self._adopt_next()

    def set_adoptions(self, adoptions: Iterable[Adoption]) -> bool:
        """From now on these are in force; true when the runs after `last_place` must be judged (again)."""
        wanted = sorted(set(adoptions))
        changed = set(wanted) ^ set(self._adoptions)
        if not changed:
            return False
        first = min(changed).place
        applied = self._adoptions[: self._adopted]
        if first >= self.last_place and wanted[: self._adopted] == applied:
            self._adoptions = wanted
            return False
        held, near = self._near.rows(self.count), self.can_patch(first)
        self.rewind(first)
        self._adoptions = wanted
        if near:
            self.go_on(held)
        return not near

    def can_patch(self, place: OrderKey) -> bool:
        """Whether a change at this place can be judged anew from the rows held."""
        return self._states[self._near.start].place < place

    def patch(self, entered: Iterable[PlacedRuns], left: Iterable[PlacedRuns]) -> None:
        """Valid runs came and went behind the last one; every place must satisfy `can_patch`."""
        gone, come = {placed.place for placed in left}, list(entered)
        held = [placed for placed in self._near.rows(self.count) if placed.place not in gone]
        for placed in come:
            insort(held, placed, key=lambda other: other.place)
        self.rewind(min((*gone, *(placed.place for placed in come))))
        self.go_on(held)

    def rewind(self, place: OrderKey) -> None:
        """Forget the last runs, at least all from this place on; `last_place` says what is left."""
        keep = len(self._states) - 1
        while self._states[keep].place >= place and keep:
            keep -= 1
        self._near.keep(keep, self.count)
        self._stand_as(self._states[keep], [self._classes.unsealed(), *reversed(self._undos[keep:])])
        self._states, self._undos, self._sealed = self._states[: keep + 1], self._undos[:keep], self._sealed[:keep]
        self._spikes = []

    def product(self) -> PolicySpikes:
        """What is known now."""
        sealed, n_sealed, spikes = self._sealed, len(self._sealed), tuple(self._spikes)
        states, undos, adoptions = self._states, self._undos, tuple(self._adoptions)
        tracks, unsealed = dict(self._classes.tracks), self._classes.open_undo()

        def every() -> tuple[Spike, ...]:
            return tuple(spike for stretch in (*sealed[:n_sealed], spikes) for spike in stretch)

        def before(place: OrderKey) -> SpikeDetector:
            kept = bisect_left(states, place, hi=n_sealed + 1, key=lambda state: state.place) - 1
            fold = SpikeDetector(self._policy_hash, self._rules, adoptions)
            fold._classes.tracks = dict(tracks)
            fold._stand_as(states[kept], [unsealed, *reversed(undos[kept:n_sealed])])
            return fold

        return PolicySpikes(
            policy_hash=self._policy_hash,
            rules=self._rules,
            n_valid=self.count,
            n_fails=self._fails,
            cut=self._baseline.cut(),
            n_spikes=self._n_spikes,
            tracks=tracks,
            active=self.active,
            pending=self._classes.pending(self.count),
            spikes=every,
            last_run=self._last,
            before=before,
        )

    def cut_at(self, place: OrderKey, rows: Iterable[PlacedRuns]) -> Cut:
        """The cut a run at this place is held against, once those of these valid runs, in order, before it are judged.

        The fold is of no other use then: for one that `PolicySpikes.before` gave.
        """
        for placed in rows:
            if self.last_place < placed.place < place:
                self._fold(placed)
        self._adopt_before(place)
        return self._baseline.cut()

    def _stand_as(self, state: _State, undos: list[Undo]) -> None:
        """Be as at this state; `undos` are those of every stretch since, latest first."""
        self._classes.restore(state.classes, undos)
        self._baseline.restore(state.baseline)
        self.last_place, self._last, self._fails, self._n_spikes, self._adopted = state[:5]

    def _fold(self, placed: PlacedRuns) -> Cut:
        self._adopt_before(placed.place)
        cut = self._judge(placed)
        self._fails += placed.row[3] in FAIL_SIGNALS
        self._stand_at(placed)
        return cut

    def _fold_rates(self, rows: pl.DataFrame, rates: list[float], start: int, end: int) -> None:
        """Judge rates[start:end], quickly where neither a spike comes nor anything ends."""
        at, at_least = start, self._rules.at_least
        while at < end:
            stop = min(self._classes.next_end, at_least if self.count <= at_least else self._classes.next_end)
            at = self._baseline.quiet(rates, at, int(min(end, at + stop - self.count)))
            if at < end:
                self._judge(place_runs_at(rows, at))
                at += 1

    def _judge(self, placed: PlacedRuns) -> Cut:
        """Hold one run against the cut, and let everything follow."""
        row, number = placed.row, self._baseline.count
        rate = row[4] or 0.0
        if number == self._rules.at_least:
            self._classes.leave_fixed(number, placed.place)
        cut = self._baseline.cut()
        in_episode = False
        if rate > cut.cut:
            spike = Spike(number, ref_of(row), row[3], rate, split_list(row[5]) or (UNATTRIBUTED,), *cut)
            self._spikes.append(spike)
            self._n_spikes += 1
            in_episode = self._classes.take(spike, self._baseline.mask)
        self._baseline.enter(rate)
        if in_episode and cut.baseline:
            self._baseline.mask(number, cut.level)
        self._classes.pass_by(number, placed.place)
        return cut

    def _stand_at(self, placed: PlacedRuns) -> None:
        """This was the last run judged; keep the state where a stretch ends."""
        self.last_place, self._last = placed.place, ref_of(placed.row)
        if self.count % STRETCH == 0:
            self._undos.append(self._seal())
            self._sealed.append(tuple(self._spikes))
            self._spikes = []

    def _seal(self) -> Undo:
        classes, undo = self._classes.seal()
        counts = self._fails, self._n_spikes, self._adopted
        self._states.append(_State(self.last_place, self._last, *counts, self._baseline.save(), classes))
        return undo

    def _upto_adoption(self, rows: pl.DataFrame, start: int, end: int) -> int:
        """How far rows[start:end] go before the next adoption: at least one."""
        if self._adopted < len(self._adoptions):
            place = self._adoptions[self._adopted].place
            while end > start + 1 and place_runs_at(rows, end - 1).place > place:
                end -= 1
        return end

    def _adopt_before(self, place: OrderKey) -> None:
        """Apply the adoptions of levels before this place."""
        while self._adopted < len(self._adoptions) and self._adoptions[self._adopted].place < place:
            self._adopt_next()

    def _adopt_next(self) -> None:
        place, name = self._adoptions[self._adopted]
        self._adopted += 1
        self._baseline.unmask()
        self._classes.adopt(name, self.count, place)
