"""By which rules a run is a spike and spikes become an alert: the numbers of rules G20-G22 that are settings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from gateconsole.text import decimals_beside

Statistic = Literal["p95", "median"]
"""What the cut is made of: the nearest-rank p95 of the baseline, or its median times a factor."""

UNATTRIBUTED: Final = "(unattributed)"
"""The class of a spike that gives no reason (rule G15)."""

_STATISTIC: Final = re.compile(r"p95|median\s*\*\s*([0-9]+(?:\.[0-9]+)?)")


@dataclass(frozen=True, slots=True)
class SpikeRules:
    """rules G20 and G22. Rates are fractions 0..1, everything else numbers of valid runs of a policy.

    `factor` is a decimal as typed and multiplies the median. Below `at_least` earlier runs the cut is `floor`.
    """

    statistic: Statistic = "p95"
    factor: str = "3"
    window: int = 200
    at_least: int = 40
    floor: float = 0.01
    fire_at: int = 3
    among: int = 5
    resolve_after: int = 10

    def __post_init__(self) -> None:
        if not 1 <= self.at_least <= self.window:
            raise ValueError(f"at_least: {self.at_least}: a number from 1 to the window, {self.window}, was expected")
        if not 1 <= self.fire_at <= self.among:
            raise ValueError(f"fire_at: {self.fire_at}: a number from 1 to among, {self.among}, was expected")
        if self.resolve_after < 1:
            raise ValueError(f"resolve_after: {self.resolve_after}: 1 or more was expected")

    def name(self, baseline: int) -> str:
        """The rule's own name for a cut made from so many runs, 0 for none: `fixed 0.01`, `p95 of 200`."""
        if not baseline:
            return f"fixed {self.floor:g}"
        words = "p95" if self.statistic == "p95" else f"{self.factor} x median"
        return f"{words} of {baseline}"

    def text(self, cut: float, baseline: int, rate: float | None = None) -> str:
        """The rule with its cut, as it stands beside a spike: `p95 of 200 = 0.0400` (rule G20).

        `rate`: of the run it stands beside: the cut takes as many decimals as show which of the two is larger.
        """
        if not baseline:
            return self.name(0)
        decimals = 4 if rate is None else decimals_beside(cut, rate, 4)
        return f"{self.name(baseline)} = {cut:.{decimals}f}{' (floor)' if cut == self.floor else ''}"


DEFAULT: Final = SpikeRules()


def parse_statistic(text: str) -> tuple[Statistic, str]:
    """(statistic, factor) of the setting `p95` or `median*3`. Raises ValueError saying what was expected."""
    found = _STATISTIC.fullmatch(text.strip())
    if found is None or (found[1] is not None and float(found[1]) < 1):
        raise ValueError(f"{text}: `p95` or `median*FACTOR` with a factor of 1 or more was expected")
    return ("p95", DEFAULT.factor) if found[1] is None else ("median", found[1])
