"""What reaches the terminal when the data is hostile: every byte is counted."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from tests.pty.terminal import Terminal

OWN = re.compile(
    rb"\x1b\[\d+;\d+H"  # go to a cell
    rb"|\x1b\[\d+G"  # go to a column
    rb"|\x1b\[[\d;]*m"  # set a style
    rb"|\x1b\[\?(?:1049|1000|1003|1015|1006|25|1004|2004|7|2048|2026)[hl]"  # modes of the driver
    rb"|\x1b\[\?(?:2026|2048)\$p"  # questions of the driver
    rb"|\x1b\[>\d+u|\x1b\[<u"  # keyboard protocol
    rb"|\x1b\]22;\w+\x07"  # shape of the pointer
)
"""Every sequence that the driver and the painter write."""

FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff\U000e0000-\U000e0fff]"
)


class Walk(NamedTuple):
    """All that was written, and every screen that was seen."""

    raw: bytes
    shown: str


@pytest.fixture(scope="module", params=[(80, 24), (200, 50)], ids=["80x24", "200x50"])
def walked(request: pytest.FixtureRequest) -> Walk:
    """A console on hostile data that was walked from end to end, list and detail, with each key."""
    columns, lines = request.param
    with Terminal("-m", "tests.pty.hostile", "gate-dark", columns=columns, lines=lines) as terminal:
        terminal.until_shown("▲")
        seen = {terminal.settle()}
        for _ in range(18):
            for keys in ("\r", "G", "\x1b[B", "\x1b", "j"):
                terminal.press(keys)
                terminal.read(0.15 if keys == "\x1b" else 0.03)
                seen.add(terminal.text)
        for keys in ("Tj\r", ":", "\x03", "?", "\x03"):
            terminal.press(keys)
            terminal.settle(0.2)
            seen.add(terminal.text)
        assert terminal.process.poll() is None
        terminal.press("q")
        assert terminal.ended() == 0
    return Walk(terminal.raw, "\n".join(seen))


def test_no_byte_of_data_controls_the_terminal(walked: Walk) -> None:
    text = OWN.sub(b"", walked.raw).decode()
    found = FORBIDDEN.search(text)
    assert found is None, ascii(text[max(found.start() - 40, 0) : found.end() + 40])


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
