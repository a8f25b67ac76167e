"""The baseline of a policy: its last 200 valid rates, kept in order of time and of size, and the cut they give.

What is entered is not always the rate: a spike of a fired alert episode is *masked*, it stands at the level that leaves
the cut where it was, until an operator adopts the level (rule G20).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from gateconsole.judgement.rules import SpikeRules
from gateconsole.statistics.policies import mean_of_two, p95_rank


class Cut(NamedTuple):
    """What the next rate is held against.

    `level` is what a masked spike enters as: the cut itself under p95; under `median*factor` the median, because only
    that leaves the cut where it was. `baseline` is the number of runs it is made from, 0 under `fixed`.
    """

    cut: float
    level: float
    baseline: int


class BaselineState(NamedTuple):
    """A Baseline as it was at one moment."""

    judged: int
    entered: array[float]
    masked: dict[int, float]


class Baseline:
    """The window of the last valid runs. Mutable; entering one rate costs the same however many came before."""

    __slots__ = ("_entered", "_factor", "_fixed", "_ordered", "_rules", "count", "masked")

    def __init__(self, rules: SpikeRules) -> None:
        self._rules: Final = rules
        self._factor: Final = Decimal(rules.factor)
        self._fixed: Final = Cut(rules.floor, rules.floor, 0)
        self._entered: deque[float] = deque()
        self._ordered: list[float] = []
        self.count = 0
        """Valid runs entered so far; the number of the next one, counted from 0."""
        self.masked: dict[int, float] = {}
        """Number -> own rate of the runs in the window that stand at another level."""

    def cut(self) -> Cut:
        """The cut for the next run."""
        if self.count < self._rules.at_least:
            return self._fixed
        ordered, n = self._ordered, len(self._ordered)
        if self._rules.statistic == "p95":
            cut = max(ordered[p95_rank(n) - 1], self._rules.floor)
            return Cut(cut, cut, n)
        low, high = ordered[(n - 1) // 2], ordered[n // 2]
        median = low if low == high else mean_of_two(low, high)
        return Cut(max(float(Decimal(repr(median)) * self._factor), self._rules.floor), median, n)

    def enter(self, value: float) -> None:
        """The next valid run stands at this value; the oldest beyond the window leaves."""
        self._entered.append(value)
        insort(self._ordered, value)
        self.count += 1
        if len(self._entered) > self._rules.window:
            gone = self._entered.popleft()
            del self._ordered[bisect_left(self._ordered, gone)]
            if self.masked:
                self.masked.pop(self.count - 1 - self._rules.window, None)

    def quiet(self, rates: Sequence[float], start: int, end: int) -> int:
        """Enter rates[start:end] as they are, up to the first that is above the cut; gives its place, or `end`.

        The same as asking `cut` and calling `enter` for each, faster.
        """
        at = start
        if self._rules.statistic == "p95" and not self.masked:
            while at < end and self.count < self._rules.window:
                if rates[at] > self.cut().cut:
                    return at
                self.enter(rates[at])
                at += 1
            return self._quiet_p95(rates, at, end)
        while at < end and rates[at] <= self.cut().cut:
            self.enter(rates[at])
            at += 1
        return at

    def _quiet_p95(self, rates: Sequence[float], start: int, end: int) -> int:
        """`quiet` with a full window and nothing masked: all but a few runs go this way."""
        ordered, floor, rank = self._ordered, self._rules.floor, p95_rank(self._rules.window) - 1
        leave, come = self._entered.popleft, self._entered.append
        at = start
        while at < end:
            rate = rates[at]
            if rate > ordered[rank] and rate > floor:
                break
            gone = leave()
            come(rate)
            if rate != gone:
                del ordered[bisect_left(ordered, gone)]
                insort(ordered, rate)
            at += 1
        self.count += at - start
        return at

    def mask(self, number: int, level: float) -> None:
        """Let a run stand at this level instead of its rate; nothing happens if it left the window or is masked."""
        place = number - (self.count - len(self._entered))
        if place >= 0 and number not in self.masked:
            self.masked[number] = self._entered[place]
            self._replace(place, level)

    def unmask(self) -> None:
        """Let every run of the window stand at its own rate again."""
        first = self.count - len(self._entered)
        for number, rate in self.masked.items():
            self._replace(number - first, rate)
        self.masked = {}

    def _replace(self, place: int, value: float) -> None:
        del self._ordered[bisect_left(self._ordered, self._entered[place])]
        insort(self._ordered, value)
        self._entered[place] = value

    def save(self) -> BaselineState:
        """The baseline as it is now."""
        return BaselineState(self.count, array("d", self._entered), dict(self.masked))

    def restore(self, state: BaselineState) -> None:
        """Be as it was then."""
        self.count, self._entered, self.masked = state.judged, deque(state.entered), dict(state.masked)
        self._ordered = sorted(state.entered)
