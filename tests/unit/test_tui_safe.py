"""Paint: text in, cells out; literal, cut and padded to the cell."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from gateconsole.text import printable
from gateconsole.tui.theme.paint import Painter, printable_cells, width_of
from gateconsole.tui.theme.themes import load_theme

PAINT = Painter(load_theme("gate-dark"))
ASCII = Painter(load_theme("gate-dark"), ascii_only=True)


@given(st.text(), st.integers(1, 40))
def test_a_line_takes_its_width_and_holds_only_printable_text(text: str, width: int) -> None:
    strip = PAINT.strip(((text, "text"),), width)
    assert sum(cell_len(segment.text) for segment in strip) == width
    assert printable(strip.text) == strip.text


BLOCKS_READ_LEFTWARD = (
    range(0x590, 0x900),
    range(0xFB1D, 0xFE00),
    range(0xFE70, 0xFF00),
    range(0x10800, 0x11000),
    range(0x1E800, 0x1F000),
)
"""Unicode's blocks of right-to-left scripts: the console shows their codes. Marks without a cell may be codes too."""


def is_shown_as_it_is(mark: str) -> bool:
    return cell_len(mark) > 0 and not any(ord(mark) in block for block in BLOCKS_READ_LEFTWARD)


@given(st.text(max_size=12).filter(lambda text: all(map(is_shown_as_it_is, text))))
def test_text_that_fits_is_whole(text: str) -> None:
    assert PAINT.text(text, 200) == printable(text)


def test_what_is_cut_off_is_marked() -> None:
    assert PAINT.text("unknown_field_missing", 8) == "unknown…"


def test_a_wide_character_is_not_cut_in_half() -> None:
    assert PAINT.text("漢字漢字", 4) == "漢…"
    assert width_of(PAINT.cell((("漢字漢字", "text"),), 4)) == 4


def test_a_very_long_text_costs_no_more_than_its_cells() -> None:
    assert len(PAINT.text("x" * 10_000, 20)) == 20
    assert len(PAINT.text("\u0e31" * 10_000, 20)) <= 20 * 3


def test_marks_do_not_pile_up_in_any_script() -> None:
    assert PAINT.text("ก" + "\u0e31" * 4, 40) == "ก\u0e31\u0e31\\u0e31\\u0e31"


def test_numbers_stand_on_the_right() -> None:
    assert PAINT.cell((("412", "text"),), 6, "right") == (("   ", "text"), ("412", "text"))


def test_segments_carry_colours_only() -> None:
    for segment in PAINT.strip((("[@click=app.quit]x[/]", "bad"), ("[link=x]y", "text")), 60):
        assert segment.style is not None
        assert segment.style.link is None
        assert not segment.style.meta
        assert segment.control is None


def test_markup_is_text() -> None:
    assert PAINT.strip((("[b]x[/b] [/]", "text"),), 14).text == "[b]x[/b] [/]  "


@given(st.text(max_size=30))
def test_ascii_only_writes_ascii_only(text: str) -> None:
    assert ASCII.strip(((text, "text"), ("▁█▌│─…", "text")), 60).text.isascii()


def test_marks_and_relations_have_their_words_in_ascii() -> None:
    assert ASCII.strip((("✗ 38 ≥ 40 ✓ × ● △", "text"),), 40).text.rstrip() == "x 38 >= 40 v x * ^"


def test_a_part_may_name_a_ground_of_its_own() -> None:
    style = PAINT.style("strong@selection")
    assert style.bgcolor == PAINT.style("text", "selection").bgcolor


@pytest.mark.parametrize("word", ["\u05e9\u05dc\u05d5", "\u0633\u0644\u0627", "\ufe8d\ufb4b", "\U0001e900"])
def test_no_letter_that_is_written_from_right_to_left_reaches_the_terminal(word: str) -> None:
    shown = printable_cells(f"a{word}1")
    assert shown == f"a{word.encode('ascii', 'backslashreplace').decode('ascii')}1"
    assert not any(unicodedata.bidirectional(mark) in {"R", "AL", "AN", "RLE", "RLO", "RLI"} for mark in shown)


def test_every_letter_that_has_a_direction_of_its_own_is_left_to_right() -> None:
    marks = (chr(code) for code in range(0xA0, 0x110000) if not 0xD800 <= code < 0xE000)
    strong = [mark for mark in marks if unicodedata.bidirectional(mark) in {"R", "AL", "AN"}]
    assert len(strong) > 1_500
    assert all(printable_cells(mark).isascii() for mark in strong)
