"""A line being typed: each key of a shell does what it does there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.tui.edit import Edit

KEYS = ("left", "right", "home", "end", "backspace", "delete", "ctrl+u", "ctrl+k", "ctrl+w", "ctrl+a", "ctrl+e")


@pytest.mark.parametrize(
    ("key", "after"),
    [
        ("left", Edit("rate:>0.04 x", 10)),
        ("right", Edit("rate:>0.04 x", 12)),
        ("home", Edit("rate:>0.04 x", 0)),
        ("end", Edit("rate:>0.04 x", 12)),
        ("backspace", Edit("rate:>0.04x", 10)),
        ("delete", Edit("rate:>0.04 ", 11)),
        ("ctrl+u", Edit("x", 0)),
        ("ctrl+k", Edit("rate:>0.04 ", 11)),
        ("ctrl+w", Edit("rate:x", 5)),
    ],
)
def test_a_key_edits_as_in_a_shell(key: str, after: Edit) -> None:
    assert Edit("rate:>0.04 x", 11).key(key, None) == after


def test_a_letter_is_put_in_at_the_cursor() -> None:
    assert Edit("ac", 1).key("b", "b") == Edit("abc", 2)


def test_of_pasted_lines_the_first_is_taken_without_what_cannot_be_printed() -> None:
    assert Edit().typed("a\x1b[31mb\nrm") == Edit("a[31mb", 6)


def test_a_key_for_something_else_is_left_alone() -> None:
    assert Edit("a", 1).key("f5", None) is None


@given(st.lists(st.sampled_from([*KEYS, "x", " "]), max_size=40))
def test_the_cursor_never_leaves_the_text(keys: list[str]) -> None:
    edit = Edit("outcome:FAIL", 4)
    for key in keys:
        edit = edit.key(key, key if len(key) == 1 else None) or edit
        assert 0 <= edit.at <= len(edit.text)
