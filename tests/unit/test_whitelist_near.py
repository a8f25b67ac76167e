"""Reasons that look like one another are pointed out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.whitelist.lookalikes import find_look_alikes


@pytest.mark.parametrize(
    ("reason", "other", "why"),
    [
        ("flaky_test", "Flaky_Test", ("case",)),
        ("flaky_test", "flaky test ", ("blanks",)),
        ("flaky-test", "flakytest", ("blanks",)),
        ("flaky_test", "fl\u0430ky_test", ("look-alike letters",)),  # Cyrillic a
        ("FLAKY", "\uff26LAKY", ("look-alike letters",)),  # full-width F
        ("l0g", "log", ("look-alike letters",)),
        ("flaky\u200b_test", "flaky_test", ("invisible characters",)),
        ("flaky\ufe0f", "flaky", ("invisible characters",)),
        ("Flaky test", "fl\u0430ky_test", ("look-alike letters", "blanks", "case")),
    ],
)
def test_look_alikes_are_found_with_what_they_differ_in(reason: str, other: str, why: tuple[str, ...]) -> None:
    assert [(one.reason, one.why) for one in find_look_alikes(reason, [other, "unrelated"])] == [(other, why)]
    assert [one.reason for one in find_look_alikes(other, [reason])] == [reason]


def test_what_they_differ_in_is_said_in_words() -> None:
    (found,) = find_look_alikes("flaky test", ["Flaky_test"])
    assert found.text == "differs only in blanks and case"


def test_a_reason_is_not_near_itself_nor_near_another_word() -> None:
    assert find_look_alikes("flaky_test", ["flaky_test", "flaky_tests", "flaky"]) == ()


@given(st.text(), st.sampled_from([str.upper, str.title, lambda text: f" {text}", lambda text: f"{text}\u200b"]))
def test_looking_alike_goes_both_ways(text: str, change: Callable[[str], str]) -> None:
    other = change(text)
    assert bool(find_look_alikes(text, [other])) == bool(find_look_alikes(other, [text]))
    assert all(one.why for one in find_look_alikes(text, [other]))
