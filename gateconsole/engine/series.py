"""The series: runs come in by file, policies with all their figures come out; only what was touched is made anew."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping

import polars as pl

from gateconsole.judgement.episodes import Adoption
from gateconsole.judgement.judge import Judge
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.judgement.rules import DEFAULT, SpikeRules
from gateconsole.judgement.silence import RunPulse
from gateconsole.model import EMPTY as NO_WHITELIST
from gateconsole.model import Diagnostic, Whitelist, artifact_path
from gateconsole.statistics.figures import Policy
from gateconsole.statistics.judging_order import JudgingOrder
from gateconsole.statistics.partial import Partial
from gateconsole.statistics.policies import policy_of
from gateconsole.statistics.recent_runs import RecentRuns
from gateconsole.statistics.run_store import RunStore
from gateconsole.text import iso_time


class Series:
    """Every run of a ROOT and the figures that follow. Mutable; what it hands out is not."""

    def __init__(self, rules: SpikeRules = DEFAULT) -> None:
        """`rules`: by which runs are judged."""
        self._rules = rules
        self._judge: Judge | None = None
        self._pulse: RunPulse | None = None
        self._adoptions: Mapping[str, Iterable[Adoption]] = {}
        self._store = RunStore()
        self.put = self._store.put
        """The run that stands in this file now: `put(file, folder, run)`."""
        self.drop = self._store.drop
        """The file holds no run any more: `drop(file)`."""
        self.lost = self._store.lost
        """Every file whose run lost to another file's, sorted by path (rule G6)."""
        self.held_in = self._store.held_in
        """How many of these files hold a run of the series, and how many a duplicate."""
        self._partial = Partial()
        self._order = JudgingOrder()
        self._recent: RecentRuns | None = None
        self._whitelist = NO_WHITELIST
        self._made: dict[str, Policy] = {}
        self._touched: set[str] = set()

    @property
    def parsed(self) -> int:
        """Files whose run is in the series."""
        return self._store.runs_held - self._store.duplicates

    @property
    def duplicates(self) -> int:
        """Files whose run lost to another file's (rule G6)."""
        return self._store.duplicates

    @property
    def conflicting(self) -> int:
        """How many of the duplicates differ from the run that is counted in their place (rule G6)."""
        return self._store.conflicting

    @property
    def hidden_fails(self) -> int:
        """How many of the conflicting duplicates are FAIL signals."""
        return self._store.hidden_fails

    def settle(self, now: int) -> bool:
        """Bring the figures up to date with what was put and dropped; true when any changed. `now`: microseconds.

        The one ordering: whatever reads every run of the series settles first. A row that was put but not settled may
        lose to another of its key, and then no statistic is ever told that it left.
        """
        if not self._store.unsettled and not self.ages(now):
            return False
        entered, left = self._store.flush()
        touched = self._partial.take_back(left) | self._partial.add(entered)
        if self._recent is not None:
            self._recent.take_back(left)
        due = self._order.take(entered, left, now, self._partial.size)
        if self._recent is not None:
            self._recent.stale |= due.turned
            self._recent.add(due.entered)
        if self._judge is not None:
            self._judge.expect(due.turned)
            self._judge.take(self._order.judged(due.entered), self._order.judged(due.left))
        if self._pulse is not None:
            self._pulse.take_back(left)
            self._pulse.add(entered, now)
        touched |= due.policies
        if self._order.is_set_back(now):
            touched |= self._set_back(now)
        self._touched |= touched
        return bool(touched)

    def _set_back(self, now: int) -> frozenset[str]:
        """The clock was set back: what had been admitted since waits again (rule G4). Gives the policies."""
        policies = self._order.restart(self._store.runs()(), now, self._partial.size)
        if self._recent is not None:
            self._recent.stale |= policies
        if self._judge is not None:
            self._judge.expect(policies)
        if self._pulse is not None:
            self._pulse.stale = True
        return policies

    def judge_by(self, whitelist: Whitelist) -> None:
        """Apply this whitelist from now on, to all past runs at once (rule G18)."""
        if whitelist != self._whitelist:
            self._whitelist = whitelist
            self._touched |= self._partial.policies()

    def keep_recent(self, now: int, charts: bool) -> None:
        """From now on know each policy's newest timestamp and, for charts, its newest runs. Cheaper late than early."""
        if self._recent is None:
            runs = self._settled_runs(now)
            self._recent = RecentRuns(charts, self._order)
            self._recent.fill(runs)
            self._touched |= self._partial.policies()

    def adopt(self, adoptions: Mapping[str, Iterable[Adoption]]) -> None:
        """These adopted levels are in force from now on, by policy_hash (rule G20)."""
        self._adoptions = adoptions
        if self._judge is not None:
            self._judge.adopt(adoptions)

    def keep_judging(self) -> None:
        """From now on judge the runs. Cheaper late than early: the runs there are wait for `catch_up`."""
        if self._judge is None:
            self._judge = Judge(self._rules)
            self._judge.adopt(self._adoptions)
            self._judge.expect(self._partial.policies())

    @property
    def judging(self) -> frozenset[str]:
        """Policies whose judgement is behind their runs."""
        return frozenset(self._partial.policies()) if self._judge is None else self._judge.stale

    def catch_up(self, now: Callable[[], int]) -> Generator[None, None, None]:
        """Judge what is behind, from the settled series; pauses after every slice. One at a time."""
        if self._judge is not None:
            yield from self._judge.catch_up(lambda: self._order.judged(self._settled_runs(now())))

    def _settled_runs(self, now: int) -> pl.DataFrame:
        """Every run of the series as it is now (RUNS_SCHEMA), with nothing waiting for `settle`."""
        self.settle(now)
        return self._store.runs()()

    def spikes(self) -> Mapping[str, PolicySpikes]:
        """Every policy's judgement by policy_hash; the same object as last time if nothing changed."""
        return {} if self._judge is None else self._judge.policies()

    def pulse(self, now: int) -> RunPulse:
        """When runs came, and whose came last, up to date; kept from the first time it is asked for."""
        self.settle(now)
        if self._pulse is None or self._pulse.stale:
            self._pulse = RunPulse.of(self._settled_runs(now), now)
        return self._pulse

    def policies(self, now: int) -> tuple[Policy, ...]:
        """Every policy, by policy_hash; the same objects as last time where nothing changed."""
        self.settle(now)
        recent = self._recent or RecentRuns(order=self._order)
        if recent.stale:
            recent.renew(self._settled_runs(now))
        held = self._partial.policies()
        for policy_hash in self._touched:
            if policy_hash in held:
                self._made[policy_hash] = policy_of(self._partial, policy_hash, self._whitelist, recent)
            else:
                self._made.pop(policy_hash, None)
        self._touched.clear()
        return tuple(self._made[policy_hash] for policy_hash in sorted(self._made))

    def runs(self) -> Callable[[], pl.DataFrame]:
        """A way to get all runs as they are now, unsorted (RUNS_SCHEMA)."""
        return self._store.runs()

    def ages(self, now: int) -> bool:
        """Whether `policies` would say something else only because time has passed. `now`: microseconds."""
        return self._order.waits(now) or self._order.is_set_back(now)

    @property
    def ahead(self) -> int:
        """How many runs are stamped ahead of the clock (rule G4)."""
        return len(self._order.ahead())

    def notes(self) -> list[tuple[str, Diagnostic]]:
        """(artifact path, diagnostic) for what only the whole series shows: duplicates, timestamps in the future."""
        found = [
            (one.path, Diagnostic("conflicting" if one.conflicting else "duplicate", "run_id", one.why))
            for one in self._store.lost()
        ]
        for folder, timestamp in self._order.ahead().items():
            note = Diagnostic("timestamp_in_future", "timestamp", iso_time(timestamp))
            found.append((artifact_path(folder), note))
        return found
