"""What was pasted is told apart from what was typed, however the terminal cuts it, and whatever it holds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.tui.terminal.paste import (
    END,
    ENDLESS,
    MOST,
    QUIET,
    START,
    TOO_LONG,
    Pasted,
    PasteSplitter,
    Piece,
    RefusedPaste,
    Typed,
)

ESCAPE_DELAY = 0.1


def told(*reads: str, gap: float = 0.001, wait: float = 30.0) -> list[Piece]:
    """What is known of text that came in these reads, so many seconds apart, and of the silence behind it."""
    pastes = PasteSplitter(ESCAPE_DELAY)
    pieces: list[Piece] = []
    for number, read in enumerate(reads):
        pieces += pastes.feed(read, number * gap)
    end = (len(reads) - 1) * gap
    for tenth in range(1, int(wait * 10) + 1):
        pieces += pastes.tick(end + tenth / 10)
    assert not pastes.waiting
    return pieces


def keys(pieces: list[Piece]) -> str:
    """All that is typed."""
    return "".join(piece.text for piece in pieces if isinstance(piece, Typed))


def pasted(pieces: list[Piece]) -> str:
    """All that is pasted."""
    return "".join(piece.text for piece in pieces if isinstance(piece, Pasted))


def test_what_stands_between_the_marks_is_pasted_and_the_rest_is_typed() -> None:
    assert told(f"j{START}ab{END}") == [Typed("j"), Pasted("ab")]


def test_escapes_in_it_are_text() -> None:
    assert told(f"{START}ab \x1b[31m q\x1b\x1b[200~{END}") == [Pasted("ab \x1b[31m q\x1b\x1b[200~")]


def test_an_empty_paste_is_one() -> None:
    assert told(START + END) == [Pasted("")]


@given(st.lists(st.integers(1, 40), max_size=12))
def test_however_it_is_cut_into_reads_it_is_the_same(cuts: list[int]) -> None:
    whole = f"gj{START}a\x1b[31mq\x1b[20{END}"
    places = [0, *sorted({cut % len(whole) for cut in cuts}), len(whole)]
    reads = [whole[start:end] for start, end in pairwise(places) if start < end]
    pieces = told(*reads)
    assert (keys(pieces), pasted(pieces)) == ("gj", "a\x1b[31mq\x1b[20")


def test_keys_are_known_at_once() -> None:
    assert PasteSplitter(ESCAPE_DELAY).feed("jk\x1b[A\x1b[27u", 0.0) == [Typed("jk\x1b[A\x1b[27u")]


def test_an_escape_is_held_until_it_is_known_that_nothing_follows() -> None:
    pastes = PasteSplitter(ESCAPE_DELAY)
    assert pastes.feed("j\x1b", 0.0) == [Typed("j")]
    assert pastes.tick(0.09) == []
    assert pastes.tick(0.11) == [Typed("\x1b")]


def test_two_escapes_are_two() -> None:
    pastes = PasteSplitter(ESCAPE_DELAY)
    assert [*pastes.feed("\x1b", 0.0), *pastes.feed("\x1b", 0.05), *pastes.tick(0.2)] == [Typed("\x1b")] * 2


@pytest.mark.parametrize("rest", ["q", "q\x1b[A", "q" * 3000])
def test_an_end_mark_in_what_is_pasted_makes_no_keys_of_the_rest(rest: str) -> None:
    for reads in ([f"{START}ab{END}{rest}{END}"], [f"{START}ab{END}", rest, END]):
        pieces = told(*reads)
        assert keys(pieces) == ""
        assert pieces[0] == Pasted("ab")


def test_an_end_and_a_start_mark_in_what_is_pasted_make_no_keys_of_what_is_between() -> None:
    assert keys(told(f"{START}ab{END}q{START}cd{END}")) == ""


def test_what_is_typed_after_a_paste_is_typed() -> None:
    pastes = PasteSplitter(ESCAPE_DELAY)
    assert pastes.feed(f"{START}ab{END}", 0.0) == [Pasted("ab")]
    assert pastes.feed("j", QUIET + 0.01) == [Typed("j")]


def test_what_is_typed_right_behind_a_paste_is_only_late() -> None:
    assert told(f"{START}ab{END}\r") == [Pasted("ab"), Typed("\r")]


def test_a_key_held_down_right_behind_a_paste_is_not_held_for_ever() -> None:
    pastes = PasteSplitter(ESCAPE_DELAY)
    pastes.feed(f"{START}ab{END}", 0.0)
    pieces = [piece for number in range(1, 100) for piece in pastes.feed("j", number / 30)]
    assert len(keys(pieces)) > 40


def test_a_paste_without_an_end_ends_with_the_silence_and_is_not_taken() -> None:
    assert told(f"{START}rm -rf q") == [RefusedPaste(ENDLESS)]


def test_a_paste_without_an_end_does_not_swallow_the_keyboard() -> None:
    pastes = PasteSplitter(ESCAPE_DELAY)
    pastes.feed(f"{START}ab", 0.0)
    pieces = [piece for number in range(1, 300) for piece in pastes.feed("q", number / 10)]
    assert pieces[0] == RefusedPaste(ENDLESS)
    assert len(keys(pieces)) > 200


def test_the_rest_of_a_paste_that_broke_off_is_no_key_either() -> None:
    pastes = PasteSplitter(ESCAPE_DELAY)
    pastes.feed(f"{START}ab", 0.0)
    assert pastes.tick(3.0) == [RefusedPaste(ENDLESS)]
    assert [*pastes.feed("q d", 5.0), *pastes.feed(f"x{END}", 5.01), *pastes.tick(6.0)] == []
    assert pastes.feed("j", 7.0) == [Typed("j")]


def test_a_slow_line_may_take_its_time() -> None:
    reads = [f"{START}aa", *["bb" * 100] * 9, END]
    assert told(*reads, gap=1.0) == [Pasted("aa" + "bb" * 900)]


def test_more_than_is_taken_is_refused_whole() -> None:
    assert told(f"{START}{'x' * MOST}{END}") == [Pasted("x" * MOST)]
    assert told(f"{START}{'x' * (MOST + 1)}{END}") == [RefusedPaste(TOO_LONG)]


def test_of_a_megabyte_no_more_is_kept_than_is_taken() -> None:
    pastes = PasteSplitter(ESCAPE_DELAY)
    assert pastes.feed(START, 0.0) == []
    for number in range(256):
        assert pastes.feed("q" * 4096, number / 1000) == []
        assert pastes._paste is not None
        assert len(pastes._paste) + len(pastes._held) <= MOST + len(END)
    assert pastes.feed(END, 0.3) == [RefusedPaste(TOO_LONG)]


@given(st.text(st.sampled_from("q\x1b[201~\x07;m")), st.lists(st.integers(1, 4095), max_size=5))
def test_nothing_that_is_pasted_is_ever_a_key(text: str, cuts: list[int]) -> None:
    whole = f"{START}{text}{END}"
    places = [0, *sorted({cut % len(whole) for cut in cuts}), len(whole)]
    reads = [whole[start:end] for start, end in pairwise(places) if start < end]
    assert keys(told(*reads)) == ""
