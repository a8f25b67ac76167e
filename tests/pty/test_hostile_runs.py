"""What reaches the terminal from the screen Runs when every artifact is hostile: every byte is counted."""

from __future__ import annotations

import pytest

from tests.pty.hostile import HOSTILE
from tests.pty.terminal import ESCAPE, Terminal
from tests.pty.walk import Walk, controls, walked_out

LOOK = ("\r", "G", ESCAPE, "j")
"""Open a row, read it to its end, close it, go to the next."""


@pytest.fixture(scope="module", params=[(80, 24), (120, 36)], ids=["80x24", "120x36"])
def walked(request: pytest.FixtureRequest) -> Walk:
    """Both lists walked from end to end, each row opened; sorted by each column, filtered by hostile text."""
    columns, lines = request.param
    with Terminal("-m", "tests.pty.hostile_runs", "gate-dark", columns=columns, lines=lines) as terminal:
        terminal.until_shown("Policies")
        terminal.press("5")
        terminal.until_shown("Rejected 17")
        seen = {terminal.settle()}
        for _ in range(2):
            for _ in HOSTILE:
                for key in LOOK:
                    terminal.press(key)
                    terminal.settle(0.03)
                    seen.update([terminal.text] if key in "\rG" else [])
            terminal.press("\t")
            terminal.settle()
        for key in "ooooooooo":
            terminal.press(key)
            terminal.settle(0.05)
        for text in HOSTILE[:8]:
            terminal.press(f"/\x1b[200~{text.replace(chr(27), '')}\x1b[201~")
            terminal.settle(0.05)
            terminal.press("\r")
            terminal.settle(0.05)
            seen.add(terminal.text)
            terminal.press(ESCAPE + ESCAPE)
            terminal.settle(0.05)
        return walked_out(terminal, seen)


def test_no_byte_of_an_artifact_controls_the_terminal(walked: Walk) -> None:
    assert controls(walked.raw) == ""


def test_neither_clipboard_nor_link_nor_title_is_written(walked: Walk) -> None:
    for sequence in (b"\x1b]52", b"\x9d52", b"\x1b]8", b"\x1b]0"):
        assert sequence not in walked.raw


def test_the_file_stands_on_the_screen_as_it_is_written(walked: Walk) -> None:
    for words in ("\\x1b[31mred", "\\x9b31m", "\\xff\\xfe\\x00", "bidi\\u202e", "\\x1b]0;title\\x07"):
        assert words in walked.shown, words


def test_markup_is_text(walked: Walk) -> None:
    for words in ("[@click=app.quit]x", "[/]", "[link=http://x]"):
        assert words in walked.shown, words
