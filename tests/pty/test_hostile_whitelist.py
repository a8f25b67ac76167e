"""What reaches the terminal of a hostile whitelist: its screen, its form, a conflict; every byte is counted."""

from __future__ import annotations

import pytest

from tests.pty.hostile import HOSTILE
from tests.pty.terminal import ESCAPE, Terminal
from tests.pty.test_hostile_queue import Walker
from tests.pty.walk import Walk, controls, walked_out

PASTED = f"\x1b[200~{HOSTILE[2]}{HOSTILE[4]}{HOSTILE[6]}\x1b[201~"


@pytest.fixture(scope="module", params=[(80, 24), (120, 36)], ids=["80x24", "120x36"])
def walked(request: pytest.FixtureRequest) -> Walk:
    """Every entry walked with its detail; forms opened, typed into, refused, saved; `w` from the other screens."""
    columns, lines = request.param
    with Terminal("-m", "tests.pty.hostile_whitelist", "gate-dark", columns=columns, lines=lines) as terminal:
        terminal.until_shown("Policies")
        terminal.press("4")
        terminal.until_shown("REASON")
        walker = Walker(terminal)
        for _ in HOSTILE[1:]:
            terminal.press("\t")
            walker.seen.add(terminal.settle(0.15))
            walker.press("G", ESCAPE, "\r", PASTED, "\t", "\x1b[C", ESCAPE, "x", PASTED, ESCAPE, "j")
        terminal.press("n")
        for _ in range(3):
            walker.press("\x1b[B")
        walker.press("\t", "w", "h", "y", "\r")
        walker.seen.add(terminal.until_shown("on disk: "))
        walker.press("u")
        walker.seen.add(terminal.until_shown("is undone"))
        for screen, keys in (("1", "w"), ("2", "w"), ("5", "w")):
            terminal.press(screen)
            terminal.settle(0.2)
            walker.press("g", keys)
            walker.seen.add(terminal.settle(0.2))
            walker.press(ESCAPE, ESCAPE)
        return walked_out(terminal, walker.seen)


def test_no_byte_of_the_whitelist_controls_the_terminal(walked: Walk) -> None:
    assert controls(walked.raw) == ""


def test_neither_clipboard_nor_link_nor_title_is_written(walked: Walk) -> None:
    for sequence in (b"\x1b]52", b"\x9d52", b"\x1b]8", b"\x1b]0"):
        assert sequence not in walked.raw


def test_reasons_and_justifications_stand_on_the_screen_as_they_are_written(walked: Walk) -> None:
    for words in ("\\x9b31mc1", "\\x90dcs", "bidi\\u202e", "line\\x0afeed", "[@click=app.quit]"):
        assert words in walked.shown, words


def test_the_form_opens_for_a_hostile_class_too(walked: Walk) -> None:
    assert "─ whitelist a class ─" in walked.shown
    assert "─ retire " in walked.shown
