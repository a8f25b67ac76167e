"""p_tc and what follows from it: M, products, estimate, bound (DOMAIN 3.1, rows 3, 19). Pure; no float decides."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from gateconsole.text import printable

HIGHEST_P: Final = Fraction(99_999, 100_000)
"""A set of more than 69,314 patches is a mistyped p."""

PRIOR: Final = 10
"""How many verdicts the configured p counts for in the estimate (row 19)."""

_P: Final = re.compile(r"0?\.\d{1,30}", re.ASCII)
_HALF: Final = Fraction(1, 2)
_Z: Final = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""


class PWrong(Exception):
    """A text is no p; it says what was expected."""


def p_of(text: str) -> Fraction:
    """The decimal as typed, exactly. Raises PWrong: p lies strictly between 0 and 1 (row 3)."""
    if not _P.fullmatch(text) or not 0 < (p := Fraction(text)) <= HIGHEST_P:
        raise PWrong(f"p {printable(text)!r}: expected a decimal above 0 and below 1, at most 0.99999, such as 0.9")
    return p


@lru_cache(maxsize=256)
def capacity(p_text: str) -> int:
    """M: the largest n with p^n > 0.5, by exact rationals (3.1). Raises PWrong."""
    p = p_of(p_text)
    if p <= _HALF:
        return 0
    guess = math.floor(math.log(0.5) / math.log(p))  # a float only proposes
    while p**guess <= _HALF:
        guess -= 1
    while p ** (guess + 1) > _HALF:
        guess += 1
    return guess


@lru_cache(maxsize=65536)
def power(p_text: str, units: int) -> float:
    """p^units for display: the nearest float of the exact product, p^6 of 0.9 is 0.531441."""
    with localcontext() as context:
        context.prec = 60
        return float(Decimal(p_text) ** units)


class Estimate(NamedTuple):
    """p_tc as the verdicts say (row 19): `value` with the configured p as a prior, `low` to `high` of verdicts only."""

    value: Fraction
    low: float | None
    high: float | None
    good: int
    bad: int

    @property
    def p_text(self) -> str:
        """The value as a decimal of four places that can be adopted: never 0 or 1."""
        with localcontext() as context:
            context.prec = 60
            exact = Decimal(self.value.numerator) / Decimal(self.value.denominator)
            rounded = exact.quantize(Decimal("0.0001"), ROUND_HALF_EVEN)
        return str(min(max(rounded, Decimal("0.0001")), Decimal("0.9999")))


def estimate(p_text: str, good: int, bad: int) -> Estimate:
    """(good + 10 p) / (good + bad + 10), with the Wilson limits of good among the verdicts; null limits without any."""
    judged = good + bad
    value = (good + PRIOR * p_of(p_text)) / (judged + PRIOR)
    low, high = _wilson(good, judged) if judged else (None, None)
    return Estimate(value, low, high, good, bad)


def _wilson(hits: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % score limits of a share (Wilson 1927)."""
    share, z2 = hits / n, _Z * _Z
    middle = share + z2 / (2 * n)
    half = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, (middle - half) / (1 + z2 / n)), min(1.0, (middle + half) / (1 + z2 / n))


def bound(p_text: str, verdicts: int) -> float:
    """n H(p): no strategy needs fewer builds for so many verdicts on average (Shannon's entropy, bits)."""
    p = float(p_of(p_text))
    return verdicts * -(p * math.log2(p) + (1 - p) * math.log2(1 - p))


def warnings(p_text: str, builders: int, considered: int) -> tuple[str, ...]:
    """What to know about a testcase before trusting its queue (row 3); `builders` have a run in flight."""
    p, said = p_of(p_text), []
    if p <= _HALF:
        said.append(f"batching impossible: p {p_text} <= 0.5, every run holds one patch")
    elif p * p + p < 1:  # below (sqrt(5) - 1) / 2 no pooling needs fewer builds than one a patch (Ungar 1960)
        said.append(f"pooling does not pay below 0.618: p is {p_text}")
    if 0 < considered < builders:
        said.append(f"builders will duplicate work: {builders} builders for {considered} patches under consideration")
    return tuple(said)
