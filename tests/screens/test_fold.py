"""Long text in narrow places: nothing of it is lost, and a word is cut only where there is no other way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from gateconsole.tui.theme.wrap import wrap_words, wrapped

_texts = st.text(st.sampled_from("ab0 /.×é日"), max_size=60)


@given(_texts, st.integers(2, 20))
def test_every_piece_fits_and_only_blanks_go(text: str, width: int) -> None:
    for fold in (wrap_words, wrapped):
        pieces = list(fold(text, width, False))
        assert all(cell_len(piece) <= width for piece in pieces)
        assert "".join(pieces).replace(" ", "") == text.replace(" ", "")


def test_a_number_behind_a_mark_of_more_than_a_byte_is_not_cut_in_two() -> None:
    assert list(wrap_words("× above the cut: p95 of 48 = 0.0450", 32, False)) == [
        "× above the cut: p95 of 48 =",
        "0.0450",
    ]


def test_a_word_longer_than_its_place_is_cut() -> None:
    assert list(wrap_words("日本語の長い名前", 6, False)) == ["日本語", "の長い", "名前"]
