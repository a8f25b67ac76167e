"""Copying: printable text, base64, the wrapping of each multiplexer, and a limit."""

from __future__ import annotations

import base64
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.exports.formats import json_text
from gateconsole.text import printable
from gateconsole.tui.terminal.clipboard import LARGEST, TooLargeError, row_text, to_terminal

PLAIN = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/]*={0,2})\x07")
TMUX = re.compile(r"\x1bPtmux;\x1b\x1b\]52;c;([A-Za-z0-9+/]*={0,2})\x07\x1b\\")
SCREEN = re.compile(r"(\x1bP[^\x1b]*(?:\x1b\][^\x1b]*)?\x1b\\)+")


def copied(sequence: str) -> str:
    """The text that the terminal gets."""
    found = PLAIN.fullmatch(sequence)
    assert found
    return base64.b64decode(found[1]).decode()


@given(st.text())
def test_the_terminal_gets_the_text_and_nothing_else(text: str) -> None:
    shown = printable(text)
    assert copied(to_terminal(shown, {})) == shown


def test_a_row_that_is_pasted_into_a_spreadsheet_is_no_formula() -> None:
    assert row_text(["=HYPERLINK(1)", "-0.3162", "-", "ok"]) == "'=HYPERLINK(1)\t-0.3162\t-\tok"


@given(st.lists(st.text()))
def test_a_row_is_printable_and_its_cells_stand_between_tabs(cells: list[str]) -> None:
    text = row_text(cells)
    assert text.count("\t") == max(len(cells) - 1, 0)
    assert printable(text.replace("\t", "")) == text.replace("\t", "")
    assert copied(to_terminal(text, {})) == text


@given(st.dictionaries(st.text(), st.text()))
def test_json_is_ascii_and_the_same_text(document: dict[str, str]) -> None:
    text = json_text(document)
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(copied(to_terminal(text, {}))) == document


@given(st.text(max_size=99))
def test_tmux_gets_it_both_ways(text: str) -> None:
    shown = printable(text)
    sequence = to_terminal(shown, {"TMUX": "/tmp/tmux-0/default,1,0", "STY": "1.pts"})
    wrapped = TMUX.match(sequence)
    assert wrapped
    assert base64.b64decode(wrapped[1]).decode() == shown
    assert copied(sequence[wrapped.end() :]) == shown


@pytest.mark.parametrize("length", [0, 10, 383, 384, 5_000])
def test_screen_gets_it_in_pieces_it_takes(length: int) -> None:
    sequence = to_terminal("x" * length, {"STY": "1.pts"})
    assert SCREEN.fullmatch(sequence)
    pieces = sequence.removeprefix("\x1bP").removesuffix("\x1b\\").split("\x1b\\\x1bP")
    assert max(map(len, pieces)) < 768
    assert copied("".join(pieces)) == "x" * length


def test_what_no_terminal_takes_is_refused_and_not_cut() -> None:
    most = LARGEST // 4 * 3
    assert to_terminal("x" * most, {})
    with pytest.raises(TooLargeError, match="P shows it, e exports it"):
        to_terminal("x" * (most + 3), {})
