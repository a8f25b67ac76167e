"""What a terminal sends that is no key: raw bytes in, and nothing on the screen moves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pty.terminal import Terminal
from tests.unit.test_tui_reports import NOT_UNDERSTOOD

LIVELY = ("-m", "tests.pty.lively")


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A console at rest, the cursor on the third of its rows."""
    with Terminal(*LIVELY) as terminal:
        terminal.until_shown("000027")
        terminal.settle()
        terminal.press("gjj")
        terminal.until_shown("▌000025")
        terminal.settle()
        yield terminal


def test_reports_that_are_not_understood_are_no_keys(terminal: Terminal) -> None:
    before = terminal.text
    for report in NOT_UNDERSTOOD:
        terminal.press(report)
        assert terminal.settle(0.1) == before, ascii(report)
    terminal.press("j")
    terminal.until_shown("▌000024")


@pytest.mark.parametrize("report", ["\x1b[106;1:3u", "\x1b]11;rgb:q/Q/A\x1b\\", "\x1b[?62;c", "\x1b[0n"], ids=ascii)
def test_reports_whose_bytes_come_one_by_one_are_no_keys(terminal: Terminal, report: str) -> None:
    before = terminal.text
    for byte in report:
        terminal.press(byte)
        terminal.read(0.05)
    assert terminal.settle() == before
    terminal.press("j")
    terminal.until_shown("▌000024")


def test_an_arrow_whose_bytes_come_slowly_is_that_arrow(terminal: Terminal) -> None:
    for byte in "\x1b[A":
        terminal.press(byte)
        terminal.read(0.13)
    terminal.until_shown("▌000026")


def test_a_key_that_is_held_and_let_go_with_the_keyboard_protocol_moves_as_often_as_it_was_down(
    terminal: Terminal,
) -> None:
    terminal.press("\x1b[106;1:1u\x1b[106;1:2u\x1b[106;1:3u")
    terminal.until_shown("▌000023")
    assert "▌000023" in terminal.settle()


def test_a_sequence_that_breaks_off_is_forgotten(terminal: Terminal) -> None:
    terminal.press("\x1b[1;")
    terminal.read(1.5)
    terminal.press("j")
    terminal.until_shown("▌000024")
