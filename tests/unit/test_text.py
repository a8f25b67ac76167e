"""What is printable, and what is not (architecture 2, text.py)."""

from __future__ import annotations

import io
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from gateconsole import text

any_text = st.text(st.characters(exclude_categories=()), max_size=12)


@given(any_text)
def test_printable_text_has_no_control_format_or_line_break(value: str) -> None:
    shown = text.printable(value)
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert shown.splitlines() in ([shown], [])


@given(any_text)
def test_printable_twice_changes_nothing_more(value: str) -> None:
    assert text.printable(text.printable(value)) == text.printable(value)


@given(any_text)
def test_text_that_is_not_suspicious_is_printable_as_it_stands(value: str) -> None:
    if not re.search(text.SUSPICIOUS, value):
        assert text.printable(value) == value


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("\x9b31m", r"\x9b31m"),
        ("a\nb\tc", r"a\x0ab\x09c"),
        ("a\u202eb", r"a\u202eb"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("\u0301a", "\\u0301a"),
        ("e\u0301", "e\u0301"),
        ("größe é 漢字 😀", "größe é 漢字 😀"),
        ("", ""),
    ],
)
def test_known_characters_are_shown_so(raw: str, shown: str) -> None:
    assert text.printable(raw) == shown


@given(st.binary(max_size=12))
def test_a_path_of_any_bytes_becomes_text(raw: bytes) -> None:
    assert text.printable_path(raw).encode() == raw.decode("utf-8", "backslashreplace").encode()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_a_formula_gets_a_leading_quote_in_csv(start: str) -> None:
    assert text.csv_text(f"{start}1") == f"'{start}1"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("ok;-2;b;@x", "ok;'-2;b;'@x"),
        ('a; "=1', "a;' \"=1"),
        (" =1", "' =1"),
        (";", ";"),
        ('"=1', '"=1'),
    ],
)
def test_each_part_of_a_csv_cell_that_would_be_a_formula_gets_a_leading_quote(raw: str, shown: str) -> None:
    assert text.csv_text(raw) == shown


def test_text_with_a_formula_sign_inside_is_left_alone() -> None:
    assert text.csv_text("a=1;b-2") == "a=1;b-2"


@pytest.mark.parametrize("number", ["-", "-0.3162", "+12", "12,340", "7.6 %", "100 %"])
def test_a_number_between_tabs_stays_one(number: str) -> None:
    assert text.tab_text(number) == number


@pytest.mark.parametrize("formula", ["=1+1", "-1+cmd|' /C calc'!A0", "+1;=2", "@sum", "--1", "-x", " =1"])
def test_a_formula_between_tabs_gets_a_leading_quote(formula: str) -> None:
    assert text.tab_text(formula) == f"'{formula}"


@given(st.lists(st.text(alphabet="a;\\\n é", min_size=1, max_size=4), max_size=4))
def test_a_joined_list_splits_into_what_was_joined(items: list[str]) -> None:
    assert text.split_list(text.join_list(items)) == tuple(items)


def test_separators_inside_an_item_are_marked() -> None:
    assert text.join_list(["a;b", "c\\d"]) == r"a\;b;c\\d"


@given(st.text(alphabet="a`|\\ <&*\n", max_size=8))
def test_a_code_span_is_one_line_and_closed_by_the_fence_that_opened_it(value: str) -> None:
    span = text.code_span(value)
    fence = re.match("`+", span)
    assert fence is not None
    inside = span[len(fence[0]) : -len(fence[0])]
    assert span.endswith(fence[0])
    assert fence[0] not in re.findall("`+", inside)
    assert not inside.startswith("`") and not inside.endswith("`")
    assert len(io.StringIO(span).readlines()) == 1


@given(st.text(alphabet="a`|\\", max_size=8))
def test_a_code_span_ends_no_table_cell(value: str) -> None:
    assert not re.search(r"(?<!\\)(?:\\\\)*\|", text.code_span(value))


@pytest.mark.parametrize(
    ("micros", "shown"),
    [(0, "1970-01-01T00:00:00Z"), (1_500_000, "1970-01-01T00:00:01.5Z"), (-1, "1969-12-31T23:59:59.999999Z")],
)
def test_a_time_is_utc_with_a_fraction_only_when_there_is_one(micros: int, shown: str) -> None:
    assert text.iso_time(micros) == shown


@pytest.mark.parametrize(
    ("shown", "cells"), [("abc", 3), ("東京", 4), ("e\u0301", 1), ("😀", 2), ("ｱ", 1), ("한", 2), ("Ａ", 2), ("é", 1)]
)
def test_a_character_takes_as_many_cells_as_a_terminal_gives_it(shown: str, cells: int) -> None:
    assert text.cell_width(shown) == cells == cell_len(shown)
