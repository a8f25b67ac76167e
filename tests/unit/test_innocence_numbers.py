"""p, M, estimate, bound, warnings (rules 3.1, Q3, Q19)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.patch_queue.probability import (
    Estimate,
    InvalidProbabilityError,
    bound,
    estimate,
    max_units,
    p_of,
    power,
    warnings,
)

DECIMALS = st.integers(1, 9999).map(lambda number: f"0.{number:04d}")


@given(DECIMALS)
def test_m_is_exact_for_every_decimal_of_four_places(p: str) -> None:
    m = max_units(p)
    assert Fraction(p) ** m > Fraction(1, 2) >= Fraction(p) ** (m + 1)


@pytest.mark.parametrize("text", ["0", "1", "0.0", "1.0", "-0.5", "NaN", "nan", "inf", "1e-1", "0,9", "", "0.9 ", "²"])
def test_what_is_no_p_is_refused(text: str) -> None:
    with pytest.raises(InvalidProbabilityError, match="above 0 and below 1"):
        max_units(text)


def test_a_p_nearer_to_1_than_any_queue_needs_is_refused() -> None:
    assert max_units("0.99999") == 69314
    with pytest.raises(InvalidProbabilityError):
        p_of("0.999991")


@given(DECIMALS, st.integers(0, 40))
def test_a_product_is_shown_as_the_nearest_float_of_the_exact_one(p: str, units: int) -> None:
    assert power(p, units) == float(Fraction(p) ** units)


def test_the_estimate_counts_the_configured_p_as_ten_verdicts() -> None:
    assert estimate("0.9", 0, 0).value == 0.9
    assert estimate("0.9", 39, 2).value == 48 / 51
    assert estimate("0.9", 0, 0).low is None


def test_the_limits_are_wilsons_of_the_verdicts_only() -> None:
    found = estimate("0.9", 39, 2)
    assert (found.low, found.high) == pytest.approx((0.838610, 0.986519), abs=1e-6)


@given(DECIMALS, st.integers(0, 10**6), st.integers(0, 10**6))
def test_an_estimate_can_always_be_adopted(p: str, good: int, bad: int) -> None:
    p_text = estimate(p, good, bad).p_text
    assert p_of(p_text)
    assert abs(Fraction(p_text) - (good + 10 * Fraction(p)) / (good + bad + 10)) <= Fraction(1, 10_000)


def test_the_bound_is_n_times_the_entropy_of_p() -> None:
    assert bound("0.5", 7) == pytest.approx(7.0)
    assert bound("0.9", 21) == pytest.approx(9.849, abs=1e-3)


@pytest.mark.parametrize(
    ("p", "said"), [("0.5", "batching impossible"), ("0.618", "pooling does not pay"), ("0.619", None), ("0.9", None)]
)
def test_low_p_is_warned_of(p: str, said: str | None) -> None:
    found = warnings(p, builders=1, considered=5)
    assert (said in found[0]) if said else found == ()


def test_more_builders_than_patches_are_warned_of() -> None:
    assert "duplicate work" in warnings("0.9", builders=6, considered=5)[0]
    assert warnings("0.9", builders=6, considered=0) == ()


def test_a_set_that_is_built_already_is_warned_of() -> None:
    (said,) = warnings("0.9", builders=2, considered=5, repeats="7f3a-4")
    assert said == "builders will duplicate work: run 7f3a-4 in flight holds the very set that is next"


def test_limits_never_look_as_if_they_held_the_p_that_is_outside() -> None:
    judged = Estimate(0.92, "0.9200", 0.9004, 0.95, 92, 8)
    assert judged.excludes("0.9")
    assert judged.text == "0.92 [0.90, 0.95]"
    assert judged.text_beside("0.9") == "0.92 [0.9004, 0.9500]"
    assert judged.text_beside("0.8") == judged.text
