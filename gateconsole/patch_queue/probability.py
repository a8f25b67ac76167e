"""p_tc and what follows from it: M, products, estimate, bound (rules 3.1, Q3, Q19). Pure; only integers decide.

A p is the decimal as typed: a numerator over a power of ten. Fractions are two integers: importing `fractions` would
cost every builder that asks what to build next as much time as the answer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from gateconsole.text import counted, decimals_beside, printable

PRIOR: Final = 10
"""How many verdicts the configured p counts for in the estimate (rule Q19)."""

_PLACES: Final = 4
"""Decimal places of an estimate that is adopted."""

_P: Final = re.compile(r"0?\.(\d{1,30})", re.ASCII)


class InvalidProbabilityError(Exception):
    """A text is no p; it says what was expected."""


class Ratio(NamedTuple):
    """An exact fraction above 0 and below 1."""

    over: int
    under: int


@lru_cache(maxsize=256)
def p_of(text: str) -> Ratio:
    """The decimal as typed, exactly. Raises InvalidProbabilityError: p lies strictly between 0 and 1 (rule Q3).

    At most 0.99999: a set of more than 69,314 patches is a mistyped p.
    """
    match = _P.fullmatch(text)
    p = Ratio(int(match[1]), 10 ** len(match[1])) if match else Ratio(0, 1)
    if p.over == 0 or p.over * 100_000 > 99_999 * p.under:
        raise InvalidProbabilityError(
            f"p '{printable(text)}': expected a decimal above 0 and below 1, at most 0.99999, such as 0.9"
        )
    return p


@lru_cache(maxsize=256)
def max_units(p_text: str) -> int:
    """M: the largest n with p^n > 0.5, exactly (3.1). Raises InvalidProbabilityError."""
    p = p_of(p_text)
    if 2 * p.over <= p.under:
        return 0
    n = math.floor(math.log(2) / (math.log(p.under) - math.log(p.over)))  # a float only proposes
    while not _above_half(p, n):
        n -= 1
    while _above_half(p, n + 1):
        n += 1
    return n


def _above_half(p: Ratio, n: int) -> bool:
    """Whether p^n > 1/2."""
    over: int = p.over**n
    under: int = p.under**n
    return 2 * over > under


@lru_cache(maxsize=65536)
def power(p_text: str, units: int) -> float:
    """p^units for display: the float nearest to the exact product, 0.531441 for 0.9 and 6."""
    p = p_of(p_text)
    return float(p.over**units / p.under**units)


STEPS: Final = 200
"""How many steps of the fixed point are made at most (rule Q19)."""


class Estimate(NamedTuple):
    """p_tc as verdicts and open failed runs say (rule Q19): `value` with the configured p as a prior.

    `low` to `high`: the Wilson limits of the counts without the prior; None without any count. `open_sets`: how many
    suspect sets of open failed runs are counted, disjoint, of `suspects` patches. `p_text` is the value as a decimal
    of four places that can be adopted, never 0 or 1.
    """

    value: float
    p_text: str
    low: float | None
    high: float | None
    good: int
    bad: int
    open_sets: int = 0
    suspects: int = 0

    def excludes(self, p_text: str) -> bool:
        """Whether a p lies outside the limits."""
        p = power(p_text, 1)
        return self.low is not None and self.high is not None and not self.low <= p <= self.high

    @property
    def text(self) -> str:
        """`0.91 [0.86, 0.95], 9 open sets counted`."""
        return self._text(2)

    def text_beside(self, p_text: str) -> str:
        """The same with as many decimals as show on which side of its limits a p is."""
        bounds = [bound for bound in (self.low, self.high) if bound is not None]
        return self._text(max((decimals_beside(bound, float(p_text), 2) for bound in bounds), default=2))

    def _text(self, decimals: int) -> str:
        limits = "" if self.low is None else f" [{self.low:.{decimals}f}, {self.high:.{decimals}f}]"
        sets = f", {counted(self.open_sets, 'open set')} counted" if self.open_sets else ""
        return f"{self.value:.2f}{limits}{sets}"


def estimate(p_text: str, good: int, bad: int, sets: Sequence[int] = ()) -> Estimate:
    """p from verdicts and from what open failed runs must hold (rule Q19).

    `sets`: the sizes m of disjoint suspect sets. Each holds E = m(1 - p)/(1 - p^m) bad patches, expected under the
    condition that there is one; p = (good + sum(m - E) + 10 p_tc)/(good + bad + sum(m) + 10) is solved by iteration.
    """
    from gateconsole.statistics.intervals import wilson  # not for every builder that asks what to build next

    p, suspects = p_of(p_text), sum(sets)
    judged = good + bad + suspects
    if sets:
        value, innocent = _fixed_point(power(p_text, 1), good, judged, sets)
        adopted = _rounded(*value.as_integer_ratio())
    else:
        over, under = good * p.under + PRIOR * p.over, (judged + PRIOR) * p.under
        value, innocent, adopted = over / under, float(good), _rounded(over, under)
    low, high = wilson(innocent if sets else good, judged) or (None, None)
    return Estimate(value, adopted, low, high, good, bad, len(sets), suspects)


def _fixed_point(p_tc: float, good: int, judged: int, sets: Sequence[int]) -> tuple[float, float]:
    """p, and how many of the judged and suspected patches are innocent at it."""
    p = p_tc
    innocent = float(good)
    for _ in range(STEPS):
        innocent = good + math.fsum(m - m * (1 - p) / (1 - p**m) for m in sets)
        after = (innocent + PRIOR * p_tc) / (judged + PRIOR)
        if after == p:
            break
        p = after
    return p, innocent


def _rounded(over: int, under: int) -> str:
    """A fraction as a decimal of four places, half to even, kept off 0 and 1."""
    scale = 10**_PLACES
    whole, rest = divmod(over * scale, under)
    whole += 2 * rest > under or (2 * rest == under and whole % 2)
    return f"0.{min(max(whole, 1), scale - 1):0{_PLACES}d}"


def bound(p_text: str, verdicts: int) -> float:
    """n H(p): no strategy needs fewer builds for so many verdicts on average (Shannon's entropy, bits)."""
    p = power(p_text, 1)
    return verdicts * -(p * math.log2(p) + (1 - p) * math.log2(1 - p))


def outside(testcase: str, p_text: str, judged: Estimate) -> tuple[str, ...]:
    """That p lies outside the limits of its estimate, and what adopting that changes (rule Q19); nothing if not."""
    if not judged.excludes(p_text):
        return ()
    m, adopted = max_units(p_text), max_units(judged.p_text)
    changes = f"changes M {m} -> {adopted}" if m != adopted else f"leaves M {m}"
    return (
        f"p {p_text} is outside the limits of its estimate, {judged.text_beside(p_text)}: adopting it"
        f" (`gateconsole queue adopt {testcase}`) {changes}",
    )


def warnings(p_text: str, builders: int, considered: int, repeats: str | None = None) -> tuple[str, ...]:
    """What to know about a testcase before trusting its queue (rule Q3).

    `builders` have a run in flight; `repeats` is one of those runs that holds just the patches that are next.
    """
    p, said = p_of(p_text), []
    if 2 * p.over <= p.under:
        said.append(f"batching impossible: p {p_text} <= 0.5, every run holds one patch")
    elif p.over * (p.over + p.under) < p.under**2:  # p^2 + p < 1: no pooling beats one build a patch (Ungar 1960)
        said.append(f"pooling does not pay below 0.618: p is {p_text}")
    if 0 < considered < builders:
        said.append(
            f"builders will duplicate work: {counted(builders, 'builder')}"
            f" for {counted(considered, 'patch')} under consideration"
        )
    elif repeats is not None:
        said.append(f"builders will duplicate work: run {repeats} in flight holds the very set that is next")
    return tuple(said)
