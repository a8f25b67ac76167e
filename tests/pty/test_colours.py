"""What reaches terminals of fewer colours, or without a mouse; and what a defect leaves on the terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pty.terminal import Terminal

FULL = ("-m", "tests.screens.states", "rejected")
STYLE = re.compile(rb"\x1b\[([\d;]*)m")


def styles(*arguments: str, **environment: str) -> set[bytes]:
    """Every number in every style that was written, while boxes were open, too."""
    with Terminal(*FULL, *arguments, columns=120, lines=36, **environment) as terminal:
        terminal.until_shown("b71c02")
        terminal.settle()
        for keys in ("T", "j", "\r", ":", "\x03", "j", "\r"):
            terminal.press(keys)
            terminal.settle(0.15)
        terminal.press("q")
        assert terminal.ended() == 0
    return {number for found in STYLE.findall(terminal.raw) for number in found.split(b";") if number}


ATTRIBUTES = {b"0", b"1", b"2", b"3", b"4", b"7", b"39", b"49"}


@pytest.mark.parametrize(
    "environment",
    [{"NO_COLOR": "1"}, {"TERM": "vt100", "COLORTERM": ""}, {"TERM": "dumb", "COLORTERM": ""}],
    ids=str,
)
@pytest.mark.parametrize("theme", ["gate-dark", "gate-terminal"])
def test_where_no_colour_is_wanted_none_is_written_and_the_cursor_is_reversed(
    environment: dict[str, str], theme: str
) -> None:
    written = styles(theme, **environment)
    assert written <= ATTRIBUTES
    assert b"7" in written


def test_a_terminal_of_eight_colours_gets_only_those() -> None:
    written = styles("gate-light", TERM="screen", COLORTERM="")
    assert written <= ATTRIBUTES | {str(number).encode() for number in range(30, 38)}
    assert b"31" in written or b"33" in written


def test_a_terminal_of_256_colours_gets_no_more() -> None:
    with Terminal(*FULL, TERM="screen-256color", COLORTERM="") as terminal:
        terminal.until_shown("b71c02")
        terminal.settle()
        found = STYLE.findall(terminal.raw)
    assert any(b"48;5;" in style for style in found)
    assert not any(b"48;2;" in style for style in found)


def test_ascii_writes_ascii() -> None:
    with Terminal("-m", "gateconsole", "sample_artifacts", "--ascii") as terminal:
        terminal.until_shown("b71c02")
        terminal.settle()
        terminal.press(":")
        terminal.settle(0.2)
        assert terminal.raw.isascii()


def test_where_the_encoding_has_no_marks_ascii_is_written_without_being_asked_for() -> None:
    words = ("-m", "gateconsole", "sample_artifacts")
    with Terminal(*words, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="POSIX") as terminal:
        terminal.until_shown("b71c02")
        terminal.settle()
        assert terminal.raw.isascii()
        assert b"\\u" not in terminal.raw


def test_the_size_is_the_terminals_whatever_the_environment_says() -> None:
    with Terminal(*FULL, LINES="5", COLUMNS="20") as terminal:
        terminal.until_shown("b71c02")
        terminal.settle()
        terminal.resize(59, 20)
        terminal.until_shown("now 59 x 20")


def test_no_mouse_asks_for_no_mouse() -> None:
    with Terminal("-m", "gateconsole", "sample_artifacts", "--no-mouse") as terminal:
        terminal.until_shown("b71c02")
        terminal.settle()
        terminal.press("q")
        assert terminal.ended() == 0
    assert not re.search(rb"\x1b\[\?100[0-6]h", terminal.raw.replace(b"\x1b[?1004h", b""))


def test_a_theme_saved_while_the_console_runs_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / "gateconsole" / "themes"
    folder.mkdir(parents=True)
    path = folder / "mine.toml"
    path.write_text('base = "gate-dark"\n')
    arguments = ("-m", "gateconsole", "sample_artifacts", "--theme", "mine")
    with Terminal(*arguments, XDG_CONFIG_HOME=str(tmp_path)) as terminal:
        terminal.until_shown("b71c02")
        terminal.settle(1.5)
        path.write_text('base = "gate-dark"\n[inks]\ntext = "#0a0b0c"\n')
        terminal.until(lambda _: b"38;2;10;11;12" in terminal.raw)
        path.write_text('base = "gate-dark"\n[inks]\ntext = "#0a0b0"\n')
        terminal.until(lambda text: "mine.toml, line 3: inks.text" in " ".join(text.split()))


def test_a_defect_is_one_printable_line_and_the_terminal_is_restored() -> None:
    with Terminal("-m", "tests.pty.fails") as terminal:
        assert terminal.ended() == 70
        terminal.read(0.2)
        assert terminal.settings == terminal.before
    assert b"internal error, please report it: ValueError: \\x1b]52;c;SGVsbG8=\\x07 \\x9b31m" in terminal.raw
    assert b"Traceback" not in terminal.raw
    assert b"\x1b]52" not in terminal.raw
