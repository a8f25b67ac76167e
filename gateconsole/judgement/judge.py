"""The judgement of every policy of a ROOT, kept true to the series as runs come and go (rules G20-G22).

What follows the last run is judged at once, a run that is a little late from the rows held. Anything else makes its
policy *stale*: `catch_up` judges it anew from the series, in slices; until then its last judgement stands.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final

import polars as pl

from gateconsole.judgement.episodes import Adoption, OrderKey
from gateconsole.judgement.late_runs import PlacedRuns, place_runs, position_at, since
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.judgement.rules import DEFAULT, SpikeRules
from gateconsole.judgement.spike_detector import SpikeDetector
from gateconsole.statistics.run_order import in_order
from gateconsole.statistics.runs_frame import RUNS_SCHEMA, rows_of

SLICE: Final = 2048
"""Runs judged between two pauses: 3 ms, some 50 ms when each of them is a spike."""

PART: Final = 16384
"""Runs brought into order at once: as many small policies together, or a part of a large one."""

PARTS: Final = 32
"""Parts of a large policy at most: each costs a look at every run of the series."""

_MANY: Final = 128
_FEW: Final = 64
_EACH: Final = 32
"""What a policy costs beside its runs, in runs."""

_BEGINNING: Final[OrderKey] = ()
_COLUMNS: Final = RUNS_SCHEMA.names()


class Judge:
    """Every policy's fold. Mutable; the judgements it hands out are not."""

    def __init__(self, rules: SpikeRules = DEFAULT) -> None:
        self.rules: Final = rules
        self._folds: dict[str, SpikeDetector] = {}
        self._adoptions: dict[str, tuple[Adoption, ...]] = {}
        self._stale: dict[str, OrderKey] = {}
        self._working: frozenset[str] = frozenset()
        self._touched: set[str] = set()
        self._made: dict[str, PolicySpikes] = {}
        self._sorted: dict[str, PolicySpikes] = {}

    @property
    def stale(self) -> frozenset[str]:
        """Policies whose judgement is behind the series."""
        return frozenset(self._stale) | self._working

    def expect(self, policies: Iterable[str]) -> None:
        """These policies have runs already: `catch_up` judges them."""
        for policy_hash in policies:
            self._touched.add(policy_hash)
            self._stale[policy_hash] = _BEGINNING

    def take(self, entered: pl.DataFrame, left: pl.DataFrame) -> None:
        """These runs (RUNS_SCHEMA) entered and left the series."""
        come, gone = (frame.filter(pl.col("unknown_rate").is_not_null()) for frame in (entered, left))
        if come.height + gone.height > _MANY:
            self._take_many(come, gone)
            return
        changes: dict[str, tuple[list[PlacedRuns], list[PlacedRuns]]] = {}
        for side, frame in enumerate((come, gone)):
            for row in rows_of(frame.select(_COLUMNS)):
                changes.setdefault(row[2], ([], []))[side].append(place_runs(row))
        for policy_hash, (arrived, departed) in changes.items():
            self._change(policy_hash, arrived, departed)

    def adopt(self, adoptions: Mapping[str, Iterable[Adoption]]) -> None:
        """These adopted levels are in force from now on, by policy_hash; those not named have none."""
        wanted = {policy_hash: tuple(found) for policy_hash, found in adoptions.items()}
        for policy_hash in wanted.keys() | self._adoptions.keys():
            mine = wanted.get(policy_hash, ())
            if set(mine) == set(self._adoptions.get(policy_hash, ())):
                continue
            fold = self._folds.get(policy_hash)
            if fold is not None:
                self._touched.add(policy_hash)
                if fold.set_adoptions(mine):
                    self._mark(policy_hash, fold.last_place)
        self._adoptions = wanted

    def catch_up(self, runs: Callable[[], pl.DataFrame]) -> Generator[None, None, None]:
        """Judge the stale policies anew from every run of the series, asked for when it is needed.

        `runs` gives the settled series: all that `take` was told of, and no row it was not. Pauses after every slice;
        runs may be taken between two of them: what they make stale is caught up with too.
        """
        while self._stale:
            frame = runs()
            work, self._stale = self._stale, {}
            self._working = frozenset(work)
            try:
                yield
                for policies in _together(work, frame):
                    folds = {policy_hash: self._fold(policy_hash) for policy_hash in policies}
                    for policy_hash, fold in folds.items():
                        fold.rewind(work[policy_hash])
                    yield
                    yield from _judge_again(folds, frame)
                    self._working -= folds.keys()
                    yield
            finally:  # also when it is given up half-way: what is not done stays to be done
                for policy_hash in self._working:
                    self._mark(policy_hash, work[policy_hash])
                self._working = frozenset()

    def policies(self) -> Mapping[str, PolicySpikes]:
        """Every policy's judgement by policy_hash; the same objects as last time where nothing changed."""
        stale = self.stale
        ready = self._touched - stale
        for policy_hash in ready:
            fold = self._fold(policy_hash)
            fold.finish()
            if fold.count:
                self._made[policy_hash] = fold.product()
            else:
                self._made.pop(policy_hash, None)
        self._touched &= stale
        if ready:
            self._sorted = dict(sorted(self._made.items()))
        return self._sorted

    def _fold(self, policy_hash: str) -> SpikeDetector:
        fold = self._folds.get(policy_hash)
        if fold is None:
            fold = SpikeDetector(policy_hash, self.rules, self._adoptions.get(policy_hash, ()))
            self._folds[policy_hash] = fold
        return fold

    def _change(self, policy_hash: str, arrived: list[PlacedRuns], departed: list[PlacedRuns]) -> None:
        """A few valid runs of one policy came and went."""
        self._touched.add(policy_hash)
        first = min(change.place for change in (*arrived, *departed))
        fold = self._fold(policy_hash)
        if policy_hash in self.stale or not (fold.follows(first) or fold.can_patch(first)):
            self._mark(policy_hash, first)
        elif departed or not fold.follows(first):
            fold.patch(arrived, departed)
        else:
            for run in sorted(arrived, key=lambda run: run.place):
                fold.append(run)

    def _take_many(self, come: pl.DataFrame, gone: pl.DataFrame) -> None:
        """Many valid runs came and went: in bulk what follows, the rest when there is time."""
        for frame in (gone, come):
            for (name,), part in frame.select(_COLUMNS).partition_by("policy_hash", as_dict=True).items():
                policy_hash = str(name)
                self._touched.add(policy_hash)
                fold = self._fold(policy_hash)
                if not fold.count and policy_hash not in self._working:
                    self._stale[policy_hash] = _BEGINNING
                if self._stale.get(policy_hash) == _BEGINNING:
                    continue
                ordered = in_order(part)
                first = position_at(ordered, 0)
                if policy_hash in self.stale or not (fold.follows(first) or fold.can_patch(first)):
                    self._mark(policy_hash, first)
                elif frame is come and fold.follows(first):
                    fold.extend(ordered)
                else:
                    rows = [place_runs(row) for row in rows_of(ordered)]
                    fold.patch(*((), rows) if frame is gone else (rows, ()))

    def _mark(self, policy_hash: str, place: OrderKey) -> None:
        self._stale[policy_hash] = min(place, self._stale.get(policy_hash, place))


def _together(policies: Iterable[str], runs: pl.DataFrame) -> Iterator[list[str]]:
    """The policies in groups of at most PART runs; a larger one is alone. One look at every run finds a whole group."""
    sizes = {str(name): size for name, size in runs.group_by("policy_hash").len().iter_rows()}
    group, held = list[str](), 0
    for policy_hash in policies:
        size = sizes.get(policy_hash, 0)
        if group and held + size > PART:
            yield group
            group, held = [], 0
        group.append(policy_hash)
        held += size
    if group:
        yield group


def _judge_again(folds: Mapping[str, SpikeDetector], runs: pl.DataFrame) -> Iterator[None]:
    """Let these policies judge what follows their last run, from every run of the series; pauses between slices."""
    found = runs.lazy().filter(pl.col("unknown_rate").is_not_null()).select(_COLUMNS)
    parts: Iterable[pl.LazyFrame]
    if len(folds) > 1:
        wanted = pl.lit(pl.Series(list(folds), dtype=RUNS_SCHEMA["policy_hash"])).implode()
        parts = [found.filter(pl.col("policy_hash").is_in(wanted))]
    else:
        ((policy_hash, fold),) = folds.items()
        parts = _by_time(found.filter((pl.col("policy_hash") == policy_hash) & since(fold.last_place)))
    work = 0
    for part in parts:
        ordered = in_order(part.collect())
        yield
        for (name,), rows in ordered.partition_by("policy_hash", as_dict=True).items():
            for size in _extend(folds[str(name)], rows):
                work += size + _EACH
                if work >= SLICE:
                    yield
                    work = 0
        yield


def _extend(fold: SpikeDetector, ordered: pl.DataFrame) -> Iterator[int]:
    """Let a policy judge those of its runs (in order) that follow its last one; gives how many, slice by slice."""
    if ordered.height <= _FEW:
        fold.go_on(place_runs(row) for row in rows_of(ordered))
        yield ordered.height
        return
    for at in range(_behind(fold.last_place, ordered), ordered.height, SLICE):
        part = ordered.slice(at, SLICE)
        fold.extend(part)
        yield part.height


def _behind(place: OrderKey, ordered: pl.DataFrame) -> int:
    """How many of these runs (in order) do not come after this place."""
    return bisect_right(range(ordered.height), place, key=lambda at: position_at(ordered, at)) if place else 0


def _by_time(runs: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    """The runs in at most PARTS that follow one another in time; those without a timestamp last."""
    time = pl.col("timestamp")
    times = runs.select(time).collect()["timestamp"]
    dated = times.drop_nulls().sort()
    size = max(PART, -(-dated.len() // PARTS))
    for start, end in pairwise((*dated.gather_every(size).unique(maintain_order=True), None)):
        yield runs.filter((time >= start) & (pl.lit(True) if end is None else time < end))
    if times.null_count():
        yield runs.filter(time.is_null())
