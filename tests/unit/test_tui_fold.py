"""Long text folded into narrow places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from gateconsole.tui.theme.paint import Painter, printable_cells
from gateconsole.tui.theme.themes import load_theme
from gateconsole.tui.theme.wrap import field, wrapped

PAINT = Painter(load_theme("gate-dark"))


@given(st.text(max_size=200), st.integers(2, 40))
def test_pieces_fit_and_together_are_the_printable_text(text: str, width: int) -> None:
    pieces = list(wrapped(text, width))
    assert "".join(pieces) == printable_cells(text)
    assert all(cell_len(piece) <= width for piece in pieces)


def test_a_value_is_folded_under_itself_at_blanks_and_slashes() -> None:
    lines = field(PAINT, "file", "2026-11-22/run-4153/gate_result.json", 40)
    assert ["".join(text for text, _ in line) for line in lines] == [
        " file          2026-11-22/run-4153/",
        "               gate_result.json",
    ]


def test_nothing_is_a_dash() -> None:
    assert field(PAINT, "stratum", "", 40)[0][1] == ("-", "text")


def test_a_monstrous_value_is_cut_and_counted() -> None:
    lines = field(PAINT, "run_id", "x" * 10_000, 60)
    assert "(10,000 characters)" in "".join(line[1][0] for line in lines)
    assert len(lines) < 200
