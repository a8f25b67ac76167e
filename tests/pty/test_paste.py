"""What is pasted into a real terminal is never keys: raw bytes in, on a screen, in the filter line, in a form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty.shell import Shell
from tests.pty.terminal import ESCAPE, Terminal

START, END = "\x1b[200~", "\x1b[201~"
LIVELY = ("-m", "tests.pty.lively")
HOSTILE = "ab \x1b[31m q\x1bq\x1b\x1b\x03:\x1a\r\x1b[A"
"""Escape sequences, alone and cut short, and behind each what would end the console or open something."""


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A console at rest, the cursor on the first of its rows."""
    with Terminal(*LIVELY) as terminal:
        terminal.until_shown("000027")
        terminal.settle()
        terminal.press("g")
        terminal.until_shown("▌000027")
        terminal.settle()
        yield terminal


def rows(text: str) -> list[str]:
    """The screen without its last line."""
    return text.splitlines()[:-1]


def lives(terminal: Terminal) -> None:
    """The keyboard is the console's: a key moves the cursor."""
    terminal.press("j")
    terminal.until_shown("▌000026")


@pytest.mark.parametrize("pasted", ["q", HOSTILE, f"x{END}q", f"x{END}q{START}y", "\x1b", "q" * 300_000])
def test_on_a_screen_it_does_nothing_but_being_said(terminal: Terminal, pasted: str) -> None:
    before = rows(terminal.text)
    terminal.press(f"{START}{pasted}{END}")
    terminal.until(lambda text: "nothing is pasted here" in text or "not pasted: longer than 2,000" in text)
    assert rows(terminal.settle()) == before
    lives(terminal)


@pytest.mark.parametrize("reads", [(START[:1], START[1:3], f"{START[3:]}q", END[:1], END[1:4], f"{END[4:]}")])
def test_cut_into_many_reads_it_is_still_pasted(terminal: Terminal, reads: tuple[str, ...]) -> None:
    before = rows(terminal.text)
    for read in reads:
        terminal.press(read)
        terminal.read(0.02)
    terminal.until_shown("nothing is pasted here")
    assert rows(terminal.settle()) == before
    lives(terminal)


def test_without_an_end_it_is_said_and_the_keyboard_comes_back(terminal: Terminal) -> None:
    terminal.press(f"{START}q q")
    terminal.until_shown("not pasted: the terminal did not say where it ends")
    lives(terminal)


def test_in_the_filter_line_its_printable_text_stands_in_order(terminal: Terminal) -> None:
    terminal.press("/")
    terminal.until_shown("! inverts")
    terminal.press(f"{START}漢字 \x1b[31m red\n0000\t2{END}")
    terminal.until_shown(" / 漢字  red 0000 2▌")
    assert "─ do ─" not in terminal.text
    terminal.press(ESCAPE)
    terminal.until(lambda text: "! inverts" not in text)
    lives(terminal)


def test_bytes_that_are_no_text_end_nothing(terminal: Terminal) -> None:
    terminal.send(b"\xff\xfe\xc3(")
    terminal.send(f"{START}a".encode() + b"\xff\xc3" + END.encode())
    terminal.until_shown("nothing is pasted here")
    lives(terminal)


def test_the_key_escape_alone_is_still_one(terminal: Terminal) -> None:
    terminal.press("/")
    terminal.until_shown("! inverts")
    terminal.press("\x1b")
    terminal.until(lambda text: "! inverts" not in text)
    lives(terminal)


def test_in_a_form_its_printable_text_stands_in_order(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.start()
        shell.press("4")
        shell.until_shown("REASON")
        shell.press("n")
        shell.until_shown("─ whitelist a class ─")
        shell.press(f"\t{START}seen \x1b[31m in\r\nno FAIL\x1b q{END}")
        shell.until_shown("seen  in no FAIL q▌")
