"""A line being typed: each key of a shell does what it does there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.tui.keys.text_edit import TextEdit

KEYS = ("left", "right", "home", "end", "backspace", "delete", "ctrl+u", "ctrl+k", "ctrl+w", "ctrl+a", "ctrl+e")


@pytest.mark.parametrize(
    ("key", "after"),
    [
        ("left", TextEdit("rate:>0.04 x", 10)),
        ("right", TextEdit("rate:>0.04 x", 12)),
        ("home", TextEdit("rate:>0.04 x", 0)),
        ("end", TextEdit("rate:>0.04 x", 12)),
        ("backspace", TextEdit("rate:>0.04x", 10)),
        ("delete", TextEdit("rate:>0.04 ", 11)),
        ("ctrl+u", TextEdit("x", 0)),
        ("ctrl+k", TextEdit("rate:>0.04 ", 11)),
        ("ctrl+w", TextEdit("rate:x", 5)),
    ],
)
def test_a_key_edits_as_in_a_shell(key: str, after: TextEdit) -> None:
    assert TextEdit("rate:>0.04 x", 11).key(key, None) == after


def test_a_letter_is_put_in_at_the_cursor() -> None:
    assert TextEdit("ac", 1).key("b", "b") == TextEdit("abc", 2)


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        ("a\x1b[31mb\nrm", "ab rm"),
        ("漢字 \x1b[31m red\n policy:x", "漢字  red  policy:x"),
        ("fail\r\nq\rr\ts\x0bt\u2028u\u3000v\xa0w", "fail q r s t u v w"),
        ("one line\n", "one line"),
        ("\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b\x1bPq#\x1b\\c\x9b31md\x9d0;x\x9ce", "abcde"),
        ("\x1b(Ba\x1b7b\x1bOPc\x1b=d", "abcd"),
        ("cut \x1b[3", "cut [3"),
        ("cut \x1b]0;title", "cut ]0;title"),
        ("\x1b\x1b[31mx\x03\x00\x7f\x85y\u202ez", "x yz"),
    ],
)
def test_of_what_is_pasted_the_printable_text_stands_in_the_line_in_order(pasted: str, text: str) -> None:
    assert TextEdit().typed(pasted) == TextEdit(text, len(text))


@given(st.text(st.sampled_from("a \x1b[]P0;m\\\x07\n\t\x9b\x9c\x90\u202e")))
def test_whatever_is_pasted_can_be_printed(pasted: str) -> None:
    assert TextEdit().typed(pasted).text.isprintable()


def test_a_key_for_something_else_is_left_alone() -> None:
    assert TextEdit("a", 1).key("f5", None) is None


@given(st.lists(st.sampled_from([*KEYS, "x", " "]), max_size=40))
def test_the_cursor_never_leaves_the_text(keys: list[str]) -> None:
    edit = TextEdit("outcome:FAIL", 4)
    for key in keys:
        edit = edit.key(key, key if len(key) == 1 else None) or edit
        assert 0 <= edit.at <= len(edit.text)
