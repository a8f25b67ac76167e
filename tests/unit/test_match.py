"""Reasons against the whitelist (rules G16-G18)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.model import EMPTY, Entry, Stratum, Whitelist, state

strata = st.sampled_from(["pinned", "unpinned", None])
names = st.sampled_from(["a", "b", "A", "a.*", ""])


@pytest.mark.parametrize("name", ["A", "a ", "xa", ".*", "a*"])
def test_only_the_exact_reason_is_listed(name: str) -> None:
    assert Whitelist((Entry("a"),)).entry(name, None) is None


@pytest.mark.parametrize("pattern", ["a*", ".*", "[a]", "%"])
def test_a_pattern_is_no_pattern(pattern: str) -> None:
    assert Whitelist((Entry(pattern),)).entry("a", None) is None
    assert Whitelist((Entry(pattern),)).entry(pattern, None) == Entry(pattern)


@pytest.mark.parametrize(
    ("scope", "stratum", "listed"),
    [
        (None, "pinned", True),
        (None, None, True),
        ("pinned", "pinned", True),
        ("pinned", "unpinned", False),
        ("pinned", None, False),
    ],
)
def test_a_scope_holds_only_for_its_stratum(scope: Stratum | None, stratum: Stratum | None, listed: bool) -> None:
    assert (Whitelist((Entry("a", scope=scope),)).entry("a", stratum) is not None) == listed


def test_of_two_entries_of_one_reason_the_first_that_holds_is_named() -> None:
    pinned, every = Entry("a", "one", "pinned"), Entry("a", "two")
    whitelist = Whitelist((pinned, every))
    assert (whitelist.entry("a", "pinned"), whitelist.entry("a", "unpinned")) == (pinned, every)


def test_a_reason_that_stands_there_very_often_costs_no_more_than_others() -> None:
    every = tuple(Entry("a", str(number), "pinned") for number in range(200_000))
    whitelist = Whitelist(every)
    assert all(whitelist.entry("a", None) is None for _ in every)
    assert whitelist.entry("a", "pinned") is every[0]


@given(st.lists(st.builds(Entry, names, scope=strata)), st.lists(names, unique=True), strata)
def test_a_split_loses_nothing_and_keeps_the_order(entries: list[Entry], classes: list[str], stratum: Stratum) -> None:
    listed, unlisted = Whitelist(tuple(entries)).split(tuple(classes), stratum)
    assert sorted(listed + unlisted) == sorted(classes)
    assert list(listed) == [name for name in classes if name in listed]
    assert list(unlisted) == [name for name in classes if name in unlisted]


@pytest.mark.parametrize(
    ("listed", "unlisted", "expected"),
    [
        (("a",), (), "whitelisted"),
        ((), ("a",), "not_whitelisted"),
        (("a",), ("b",), "mixed"),
        ((), (), "none"),
    ],
)
def test_the_state_of_a_run_follows_from_its_split(
    listed: tuple[str, ...], unlisted: tuple[str, ...], expected: str
) -> None:
    assert state(listed, unlisted) == expected


def test_a_broken_whitelist_lists_nothing() -> None:
    assert Whitelist(problem="broken").split(("a",), None) == ((), ("a",))
    assert EMPTY.entries == ()
