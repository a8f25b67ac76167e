"""rules 3.1, 3.3 and 3.4: the golden numbers of the innocence queue."""

from __future__ import annotations

from fractions import Fraction

import pytest

from gateconsole.patch_queue.probability import max_units
from tests.tools.queue_in_memory import Queue

M_OF = {"0.5": 0, "0.51": 1, "0.7": 1, "0.71": 2, "0.8": 3, "0.9": 6, "0.95": 13, "0.99": 68, "0.999": 692}

FIRST_TEN = [
    "1 2 3 4 5 6",
    "7 8 9 10 1",
    "2 3 4",
    "5 6 7",
    "8 9 10",
    "1 2",
    "3 4",
    "5 6",
    "7 8",
    "9 10",
]
SINGLES = [str(number) for number in range(1, 11)]


@pytest.mark.parametrize(("p", "m"), M_OF.items())
def test_m_is_the_largest_set_of_new_patches_above_a_half(p: str, m: int) -> None:
    assert max_units(p) == m
    assert Fraction(p) ** m > Fraction(1, 2) >= Fraction(p) ** (m + 1)


def test_golden_1_ten_patches_without_any_result() -> None:
    queue = Queue("0.9", patches=10)
    given = [queue.next() for _ in range(32)]
    assert [" ".join(each.patches) for each in given] == [*FIRST_TEN, *SINGLES, *SINGLES, "1", "1"]
    assert [each.kind for each in given] == ["optimistic"] * 31 + ["pessimistic"]
    products = [0.531441] * 10 + [0.6561] * 10 + [0.59049] * 10 + [0.531441, 0.4782969]
    assert [each.product for each in given] == products


def test_golden_1_the_numbers_on_the_way() -> None:
    queue = Queue("0.9", patches=10)
    after: dict[int, dict[str, float]] = {}
    for number in range(1, 33):
        queue.next()
        after[number] = queue.p()
    assert after[1] == {name: 0.81 if int(name) <= 6 else 0.9 for name in SINGLES}
    assert after[2] == {name: 0.729 if name == "1" else 0.81 for name in SINGLES}
    assert set(after[5].values()) == {0.729}
    assert set(after[10].values()) == {0.6561}
    assert set(after[20].values()) == {0.59049}
    assert set(after[30].values()) == {0.531441}
    assert after[31]["1"] == 0.4782969
    assert after[32] == {"1": 0.9, "2": 0.6561, **dict.fromkeys(SINGLES[2:], 0.59049)}


def test_golden_1_the_last_dispatch_credits_every_run_that_held_the_suspect() -> None:
    queue = Queue("0.9", patches=10)
    for _ in range(31):
        queue.next()
    assert queue.patch("1").dirty
    proposal = queue.testcase().proposal
    assert proposal.credits == tuple(queue.run(number) for number in (1, 2, 6, 11, 21, 31))
    assert proposal.rises == 10


GOLDEN_2 = [
    (
        "optimistic",
        "1 2 3 4 5 6",
        0.531441,
        "fail",
        {**dict.fromkeys("123456", 0.81), **dict.fromkeys("789", 0.9), "10": 0.9},
    ),
    ("optimistic", "7 8 9 10 1", 0.531441, "pass", dict.fromkeys("23456", 0.81)),
    ("optimistic", "2 3 4", 0.531441, "fail", {**dict.fromkeys("234", 0.729), **dict.fromkeys("56", 0.81)}),
    ("optimistic", "5 6", 0.6561, "pass", dict.fromkeys("234", 0.729)),
    ("optimistic", "2 3", 0.531441, "pass", {"4": 0.729}),
]


@pytest.mark.parametrize("literal", [True, False])
def test_golden_2_serial_with_one_bad_patch(literal: bool) -> None:
    queue = Queue("0.9", literal=literal, patches=10)
    for number, (kind, patches, product, result, left) in enumerate(GOLDEN_2, 1):
        given = queue.next()
        assert (given.kind, " ".join(given.patches), given.product) == (kind, patches, product)
        queue.report(number, result)
        assert queue.p() == left
    assert queue.testcase().proposal.credits == (queue.run(1), queue.run(3))
    given = queue.next()
    assert (given.kind, given.patches) == ("pessimistic", ("4",))
    assert queue.p() == {"4": 0.9}
    queue.report(6, "fail")
    assert queue.states() == {name: "bad" if name == "4" else "good" for name in SINGLES}
    assert queue.next().run is None


def test_golden_2_in_the_shorter_text_the_last_patch_is_built_optimistically() -> None:
    queue = Queue("0.9", text="shorter", patches=10)
    for number, step in enumerate(GOLDEN_2, 1):
        queue.next()
        queue.report(number, step[3])
    given = queue.next()
    assert (given.kind, given.patches) == ("optimistic", ("4",))
    queue.report(6, "fail")
    assert queue.states()["4"] == "bad"  # rule Q4: an optimistic run of one condemns too


def test_one_patch_alone_is_pessimistic_for_ever_until_a_second_arrives() -> None:
    queue = Queue("0.9", patches=1)
    for _ in range(20):
        given = queue.next()
        assert (given.kind, given.patches, queue.p()) == ("pessimistic", ("1",), {"1": 0.9})
    queue.submit("2")
    given = queue.next()
    assert (given.kind, given.patches, given.product) == ("optimistic", ("1", "2"), 0.81)


def test_the_guard_goes_round_instead_of_sending_one_suspect_for_ever() -> None:
    queue = Queue("0.7", literal=False, patches=3)
    given = [queue.next() for _ in range(8)]
    assert [each.patches[0] for each in given] == ["1", "2", "3", "1", "2", "3", "1", "2"]
    assert [each.kind for each in given] == ["optimistic"] * 3 + ["pessimistic"] * 5


def test_without_the_guard_one_suspect_starves_the_others() -> None:
    queue = Queue("0.9", literal=True, patches=10)
    given = [queue.next() for _ in range(2000)]
    assert sum("1" in each.patches for each in given) == 1966


@pytest.mark.parametrize("literal", [True, False])
def test_at_a_half_every_run_holds_one_patch(literal: bool) -> None:
    queue = Queue("0.5", literal=literal, patches=3)
    given = [queue.next() for _ in range(5)]
    assert {each.kind for each in given} == {"pessimistic"}
    assert "".join(each.patches[0] for each in given) == ("11111" if literal else "12312")
    assert any("batching impossible" in warning for warning in queue.testcase().warnings)
