"""Limits and tests for counts: pure numbers, standard library only, no resampling (rules G19, G23, G24).

Shares are fractions. Every pair of limits is (lower, upper); `level` is the confidence, 0.95 unless told.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import exp, fsum, sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

LEVEL: Final = 0.95
"""The confidence of every interval shown."""

_TIE: Final = 1 + 1e-7


class Limits(NamedTuple):
    """A confidence interval."""

    lower: float
    upper: float


class ContingencyTable(NamedTuple):
    """A 2 x 2 table of counts: [[a, b], [c, d]]."""

    a: int
    b: int
    c: int
    d: int

    @property
    def n(self) -> int:
        """All counts together."""
        return self.a + self.b + self.c + self.d


@lru_cache
def z_of(level: float) -> float:
    """The two-sided standard normal quantile of a confidence level."""
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(successes: float, n: int, level: float = LEVEL) -> Limits | None:
    """Score limits of a share successes / n, without continuity correction; None for n = 0. Expected successes will do.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209-212.
    """
    if not n:
        return None
    z = z_of(level)
    centre = successes + z * z / 2
    spread = z * sqrt(successes * (n - successes) / n + z * z / 4)
    lower = 0.0 if not successes else (centre - spread) / (n + z * z)
    upper = 1.0 if successes == n else (centre + spread) / (n + z * z)
    return Limits(lower, upper)


def newcombe_independent(first: int, n_first: int, other: int, n_other: int, level: float = LEVEL) -> Limits | None:
    """Hybrid score limits of the difference first / n_first - other / n_other of independent shares; None if an n is 0.

    Method 10 of R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of
    eleven methods", Statistics in Medicine 17 (1998) 873-890.
    """
    one, two = wilson(first, n_first, level), wilson(other, n_other, level)
    if one is None or two is None:
        return None
    p, q = first / n_first, other / n_other
    below = sqrt((p - one.lower) ** 2 + (two.upper - q) ** 2)
    above = sqrt((one.upper - p) ** 2 + (q - two.lower) ** 2)
    return Limits(p - q - below, p - q + above)


def newcombe_paired(table: ContingencyTable, level: float = LEVEL) -> Limits | None:
    """Score limits of the difference (b - c) / n of paired shares (a + b) / n and (a + c) / n; None for n = 0.

    a: both, b: only the first, c: only the second, d: neither. Method 10 of R. G. Newcombe, "Improved confidence
    intervals for the difference between binomial proportions based on paired data", Statistics in Medicine 17 (1998)
    2635-2650: Wilson limits joined through phi, whose numerator ad - bc is taken n / 2 nearer to 0, not past it, when
    it is positive.
    """
    a, b, c, _ = table
    n = table.n
    one, two = wilson(a + b, n, level), wilson(a + c, n, level)
    if one is None or two is None:
        return None
    p, q = (a + b) / n, (a + c) / n
    phi = _damped_phi(table)
    dl1, du1, dl2, du2 = p - one.lower, one.upper - p, q - two.lower, two.upper - q
    below = sqrt(max(0.0, dl1 * dl1 - 2 * phi * dl1 * du2 + du2 * du2))
    above = sqrt(max(0.0, du1 * du1 - 2 * phi * du1 * dl2 + dl2 * dl2))
    difference = (b - c) / n
    return Limits(difference - below, difference + above)


def _damped_phi(table: ContingencyTable) -> float:
    """Phi as Newcombe's paired method 10 takes it: 0 if a margin is 0."""
    a, b, c, d = table
    product = (a + b) * (c + d) * (a + c) * (b + d)
    if not product:
        return 0.0
    numerator: float = a * d - b * c
    if numerator > 0:
        numerator = max(numerator - table.n / 2, 0.0)
    return numerator / sqrt(product)


def phi(table: ContingencyTable) -> float | None:
    """The phi coefficient (ad - bc) / sqrt of the product of the four margins; None if a margin is 0.

    G. U. Yule, "On the methods of measuring association between two attributes", JRSS 75 (1912) 579-652.
    """
    a, b, c, d = table
    product = (a + b) * (c + d) * (a + c) * (b + d)
    return (a * d - b * c) / sqrt(product) if product else None


def log_limits(ratio: float, standard_error: float, level: float = LEVEL) -> Limits:
    """Limits of a ratio whose logarithm has this standard error."""
    factor = exp(z_of(level) * standard_error)
    return Limits(ratio / factor, ratio * factor)


def katz(first: int, n_first: int, other: int, n_other: int, level: float = LEVEL) -> Limits | None:
    """Log limits of the ratio (first / n_first) / (other / n_other) of independent shares; None if a count is 0.

    D. Katz, J. Baptista, S. P. Azen, M. C. Pike, "Obtaining confidence intervals for the risk ratio in cohort studies",
    Biometrics 34 (1978) 469-474.
    """
    if not (first and other and n_first and n_other):
        return None
    variance = 1 / first - 1 / n_first + 1 / other - 1 / n_other
    ratio = (first / n_first) / (other / n_other)
    return log_limits(ratio, sqrt(max(0.0, variance)), level)


def fisher_exact(table: ContingencyTable) -> float:
    """The two-sided p of Fisher's exact test: all tables of these margins that are no likelier, ties by 1e-7 relative.

    R. A. Fisher, "On the interpretation of chi-squared from contingency tables, and the calculation of p", JRSS 85
    (1922) 87-94.
    """
    a, b, c, _ = table
    row, column, n = a + b, a + c, table.n
    if not all((row, column, n - row, n - column)):
        return 1.0
    weights = _hypergeometric(row, column, n)
    limit = weights.get(a, 0.0) * _TIE
    return min(1.0, fsum(weight for weight in weights.values() if weight <= limit) / fsum(weights.values()))


def _hypergeometric(row: int, column: int, n: int) -> dict[int, float]:
    """First cell -> how likely it is against the likeliest, for given margins; what a float cannot hold is left out."""
    mode = (row + 1) * (column + 1) // (n + 2)
    low, high = max(0, row + column - n), min(row, column)
    weights = {mode: 1.0}
    weight, x = 1.0, mode
    while x < high and weight:
        weight *= (column - x) * (row - x) / ((x + 1) * (n - row - column + x + 1))
        x += 1
        weights[x] = weight
    weight, x = 1.0, mode
    while x > low and weight:
        weight *= x * (n - row - column + x) / ((column - x + 1) * (row - x + 1))
        x -= 1
        weights[x] = weight
    return weights


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """The p-values adjusted for the false discovery rate, in the order given.

    Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995) 289-300.
    """
    m = len(p_values)
    adjusted = [0.0] * m
    least = 1.0
    for rank, at in sorted(enumerate(sorted(range(m), key=p_values.__getitem__), start=1), reverse=True):
        least = min(least, p_values[at] * m / rank)
        adjusted[at] = least
    return adjusted
