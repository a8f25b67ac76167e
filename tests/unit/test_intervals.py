"""Limits and tests for counts: against values that scipy 1.x and the papers give (rules G19, G23, G24).

The committed values were computed once: `scipy.stats.binomtest(...).proportion_ci("wilson")`, `fisher_exact`,
`contingency.relative_risk(...).confidence_interval()`, `false_discovery_control`, `numpy.corrcoef`.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.statistics.intervals import (
    ContingencyTable,
    benjamini_hochberg,
    fisher_exact,
    katz,
    newcombe_independent,
    newcombe_paired,
    phi,
    wilson,
    z_of,
)

WILSON = [
    (0, 1, 0.0, 0.7934506856227626),
    (0, 40, 0.0, 0.08762160119728662),
    (1, 1, 0.20654931437723745, 1.0),
    (3, 40, 0.025836025774588198, 0.19864233524310543),
    (20, 41, 0.34254429554432664, 0.635154913484562),
    (81, 263, 0.2552885198782742, 0.36620957698280004),
    (397, 409, 0.9494232028126841, 0.9831381758331892),
    (12, 12311, 0.0005576965461001809, 0.0017031087524326922),
    (500000, 1000000, 0.4990200198900048, 0.5009799801099952),
]
FISHER = [
    ((0, 2, 1, 3), 1.0),
    ((3, 1, 1, 3), 0.48571428571428565),
    ((0, 12, 9, 388), 1.0),
    ((8, 4, 1, 71), 9.740944523770276e-08),
    ((12, 0, 0, 397), 2.5727952835702346e-23),
    ((50, 100, 900, 18950), 4.241616545399187e-29),
    ((1000, 4000, 9000, 86000), 4.1993454716675815e-105),
    ((5, 0, 7, 0), 1.0),
    ((2, 2, 2, 2), 1.0),
    ((10, 20, 30, 40), 0.5044757698516285),
    ((28827, 26264, 313565, 258796), 2.1253785807250487e-28),
]
KATZ = [
    (3, 12, 9, 397, 3.4100963174709515, 35.662301411545194),
    (1, 2, 1, 4, 0.22354128293174405, 17.893786541528247),
    (12, 12, 9, 397, 23.123241411077352, 84.14867487067129),
    (40, 200, 30, 9800, 41.5667799347759, 102.68884073152245),
    (7, 31, 7, 31, 0.39780054597482184, 2.513822593052181),
]
NEWCOMBE_INDEPENDENT = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0),
    (10, 10, 0, 10, 0.6075, 1.0),
]
"""Newcombe 1998, independent proportions, Table II, method 10, as printed."""

NEWCOMBE_PAIRED = [
    ((36, 12, 2, 0), 0.0569, 0.3404),
    ((20, 12, 2, 16), 0.0562, 0.3292),
    ((18, 12, 2, 18), 0.0562, 0.3290),
    ((36, 14, 0, 0), 0.1528, 0.4167),
    ((35, 14, 0, 1), 0.1461, 0.4175),
    ((18, 14, 0, 18), 0.1441, 0.3963),
    ((2, 97, 1, 0), 0.8721, 0.9854),
    ((1, 97, 1, 1), 0.8736, 0.9850),
    ((0, 29, 1, 0), 0.6666, 0.9882),
    ((2, 98, 0, 0), 0.9178, 0.9945),
    ((1, 98, 0, 1), 0.9171, 0.9916),
    ((0, 30, 0, 0), 0.8395, 1.0),
    ((54, 0, 0, 0), -0.0664, 0.0664),
    ((53, 0, 0, 1), -0.0729, 0.0729),
    ((30, 0, 0, 24), -0.0358, 0.0358),
]
"""Newcombe 1998, paired data, Table III, method 10, as printed."""

PRINTED = 1.01e-4
"""Four printed decimals; some of them are cut off instead of rounded."""

_counts = st.integers(0, 60)


def exactly(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(("successes", "n", "lower", "upper"), WILSON)
def test_wilson_limits_are_scipys(successes: int, n: int, lower: float, upper: float) -> None:
    assert wilson(successes, n) == (exactly(lower), exactly(upper))


@pytest.mark.parametrize(("table", "p"), FISHER)
def test_fishers_p_is_scipys(table: tuple[int, int, int, int], p: float) -> None:
    assert fisher_exact(ContingencyTable(*table)) == exactly(p)


@pytest.mark.parametrize(("first", "n", "other", "m", "lower", "upper"), KATZ)
def test_katz_limits_are_scipys(first: int, n: int, other: int, m: int, lower: float, upper: float) -> None:
    assert katz(first, n, other, m) == (exactly(lower), exactly(upper))


@pytest.mark.parametrize(("first", "n", "other", "m", "lower", "upper"), NEWCOMBE_INDEPENDENT)
def test_newcombes_independent_limits_are_the_published_ones(
    first: int, n: int, other: int, m: int, lower: float, upper: float
) -> None:
    assert newcombe_independent(first, n, other, m) == pytest.approx((lower, upper), abs=PRINTED)


@pytest.mark.parametrize(("cells", "lower", "upper"), NEWCOMBE_PAIRED)
def test_newcombes_paired_limits_are_the_published_ones(
    cells: tuple[int, int, int, int], lower: float, upper: float
) -> None:
    assert newcombe_paired(ContingencyTable(*cells)) == pytest.approx((lower, upper), abs=PRINTED)


def test_benjamini_hochberg_is_scipys_in_any_order() -> None:
    p_values = [0.01, 0.04, 0.03, 0.005, 0.5, 0.04, 1.0]
    adjusted = [0.035, 0.056, 0.056, 0.035, 0.5833333333333334, 0.056, 1.0]
    assert benjamini_hochberg(p_values) == [exactly(value) for value in adjusted]
    assert benjamini_hochberg(p_values[::-1]) == [exactly(value) for value in adjusted[::-1]]
    assert benjamini_hochberg([]) == []


@pytest.mark.parametrize(
    ("cells", "value"),
    [((0, 2, 1, 3), -0.316227766016838), ((0, 1, 1, 4), -0.2), ((3, 9, 9, 388), 0.22732997481108674)],
)
def test_phi_is_the_correlation_of_the_two_marks(cells: tuple[int, int, int, int], value: float) -> None:
    assert phi(ContingencyTable(*cells)) == exactly(value)


def test_the_normal_quantile_is_scipys() -> None:
    assert z_of(0.95) == exactly(1.959963984540054)
    assert z_of(0.90) == exactly(1.6448536269514722)


def test_nothing_to_count_gives_no_limits() -> None:
    assert wilson(0, 0) is None
    assert newcombe_independent(0, 0, 1, 2) is None
    assert newcombe_paired(ContingencyTable(0, 0, 0, 0)) is None
    assert katz(0, 4, 1, 4) is None
    assert phi(ContingencyTable(0, 2, 0, 0)) is None
    assert fisher_exact(ContingencyTable(0, 0, 0, 0)) == 1.0


@given(_counts, _counts, _counts, _counts)
def test_limits_hold_their_estimate_and_turn_round_with_the_table(a: int, b: int, c: int, d: int) -> None:
    table, turned = ContingencyTable(a, b, c, d), ContingencyTable(a, c, b, d)
    found, mirrored = newcombe_paired(table), newcombe_paired(turned)
    if found is None or mirrored is None:
        assert table.n == 0
        return
    assert found.lower - 1e-12 <= (b - c) / table.n <= found.upper + 1e-12
    assert -1 - 1e-12 <= found.lower <= found.upper <= 1 + 1e-12
    assert found == pytest.approx((-mirrored.upper, -mirrored.lower), abs=1e-12)
    assert fisher_exact(table) == pytest.approx(fisher_exact(turned), rel=1e-9)
    assert 0 <= fisher_exact(table) <= 1
