"""What reaches the terminal from the screen Alerts when every word is hostile: every byte is counted."""

from __future__ import annotations

import pytest

from tests.pty.hostile import HOSTILE
from tests.pty.terminal import ESCAPE, Terminal
from tests.pty.walk import Walk, controls, walked_out


@pytest.fixture(scope="module", params=[(80, 24), (120, 36)], ids=["80x24", "120x36"])
def walked(request: pytest.FixtureRequest) -> Walk:
    """The list walked from end to end, each detail opened; each act asked for; the toast of a new one seen."""
    columns, lines = request.param
    with Terminal("-m", "tests.pty.hostile_alerts", "gate-dark", columns=columns, lines=lines) as terminal:
        terminal.until_shown("Policies")
        terminal.press("2")
        terminal.until_shown("firing")
        seen = {terminal.until_shown("new firing alert"), terminal.until_shown("on_alert: sh")}
        for _ in (*HOSTILE, "the new one"):
            for keys, words in (("\r", "VERDICT"), (ESCAPE, " STATE "), ("j", " STATE ")):
                terminal.press(keys)
                terminal.until_shown(words)
                seen.add(terminal.settle(0.04))
        for keys in ("G", "g"):  # both ends of the list, however slow this machine is
            terminal.press(keys)
            seen.add(terminal.settle(0.5))
        for keys in ("a", "s\r", "A\r", "\rv\r", "uuu", "g", "o", "o"):
            terminal.press(keys)
            seen.add(terminal.settle(0.12))
        return walked_out(terminal, seen)


def test_no_byte_of_an_alert_controls_the_terminal(walked: Walk) -> None:
    assert controls(walked.raw) == ""


def test_neither_clipboard_nor_link_nor_title_is_written(walked: Walk) -> None:
    for sequence in (b"\x1b]52", b"\x9d52", b"\x1b]8", b"\x1b]0", b"\x1b[2J"):
        assert sequence not in walked.raw


def test_hostile_words_and_the_hooks_complaint_stand_as_they_are_written(walked: Walk) -> None:
    for words in ("\\x1b[31m", "\\x9b31m", "bidi\\u202e", "on_alert: sh: exit 1: \\x1b]52;c;QQ==\\x07\\x1b[31m[/]"):
        assert words in walked.shown, words


def test_markup_is_text(walked: Walk) -> None:
    for words in ("[@click=app.quit]x", "[/]", "[link=http://x]"):
        assert words in walked.shown, words
