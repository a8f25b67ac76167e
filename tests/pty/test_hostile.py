"""What reaches the terminal when the data is hostile: every byte is counted."""

from __future__ import annotations

import pytest

from tests.pty.terminal import ESCAPE, Terminal
from tests.pty.walk import Walk, controls, walked_out


@pytest.fixture(scope="module", params=[(80, 24), (200, 50)], ids=["80x24", "200x50"])
def walked(request: pytest.FixtureRequest) -> Walk:
    """A console on hostile data that was walked from end to end, list and detail, with each key."""
    columns, lines = request.param
    with Terminal("-m", "tests.pty.hostile", "gate-dark", columns=columns, lines=lines) as terminal:
        terminal.until_shown("▲")
        seen = {terminal.settle()}
        for _ in range(18):
            for keys in ("\r", "G", "\x1b[B", ESCAPE, "j"):
                terminal.press(keys)
                terminal.settle(0.03)
                seen.add(terminal.text)
        for keys in ("Tj\r", ":", "\x03", "?", "\x03"):
            terminal.press(keys)
            terminal.settle(0.2)
            seen.add(terminal.text)
        return walked_out(terminal, seen)


def test_no_byte_of_data_controls_the_terminal(walked: Walk) -> None:
    assert controls(walked.raw) == ""


def test_the_clipboard_is_never_written(walked: Walk) -> None:
    assert b"\x1b]52" not in walked.raw
    assert b"\x9d52" not in walked.raw


def test_no_link_is_made(walked: Walk) -> None:
    assert b"\x1b]8" not in walked.raw


def test_hostile_text_stands_on_the_screen_as_it_is_written(walked: Walk) -> None:
    for words in ("\\x1b[31mred", "\\x9b31mc1", "\\x90dcs", "bidi\\u202e", "line\\x0afee"):
        assert words in walked.shown


def test_markup_is_text(walked: Walk) -> None:
    for words in ("[@click=ap", "[/]", "[link=http"):
        assert words in walked.shown
