"""The console in a real terminal: from the first paint to a quiet end."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty.lively import STORM, first, rates
from tests.pty.terminal import Terminal

TOP = "000027"
"""The first policy of tests.pty.lively."""


@pytest.fixture
def lively() -> Iterator[Terminal]:
    """A console with forty policies that a test leads."""
    with Terminal("-m", "tests.pty.lively") as terminal:
        terminal.until_shown(TOP)
        terminal.settle()
        yield terminal


def restored(terminal: Terminal) -> bool:
    """True when the terminal was left as it was found."""
    last = terminal.raw[terminal.raw.rindex(b"\x1b[?1049l") :]
    return b"\x1b[?25h" in last and terminal.settings == terminal.before


def test_the_first_paint_comes_before_polars_is_imported() -> None:
    with Terminal("-m", "tests.pty.paints_first") as terminal:
        terminal.until_shown("polars not loaded yet")
        assert b"starting" in terminal.raw


def test_an_idle_console_writes_nothing(lively: Terminal) -> None:
    assert lively.read(2.5) == b""


def test_an_equal_snapshot_writes_nothing(lively: Terminal) -> None:
    lively.lead("e")
    assert lively.read(0.5) == b""


def test_a_tick_writes_only_the_cells_that_changed(lively: Terminal) -> None:
    lively.lead("t")
    lively.settle()
    lively.lead("t")
    written = lively.read(0.5)
    assert 0 < len(written) <= 2_500
    assert TOP.encode() not in written


def test_garbage_collections_leave_alone_what_is_there_for_good(lively: Terminal) -> None:
    assert int(lively.lead("g")) > 50_000


def test_after_a_storm_of_snapshots_the_newest_is_shown(lively: Terminal) -> None:
    lively.lead("s")
    median, p95 = rates(first().generation + STORM)
    lively.until_shown(f"{median:.4f}  {p95:.4f}")
    before = lively.settle()
    lively.lead("e")
    assert lively.settle() == before


@pytest.mark.parametrize("key", ["q", "\x03"], ids=["q", "ctrl+c"])
def test_quit_restores_the_terminal(lively: Terminal, key: str) -> None:
    lively.press(key)
    assert lively.ended() == 0
    assert restored(lively)


@pytest.mark.parametrize("end", ["q", signal.SIGTERM], ids=["q", "SIGTERM"])
def test_a_file_system_that_hangs_keeps_nobody_from_ending(tmp_path: Path, end: str | signal.Signals) -> None:
    with Terminal("-m", "tests.pty.hangs", "--poll", HANGS=str(tmp_path / "hangs")) as terminal:
        terminal.until_shown("starting")
        while not (tmp_path / "hangs").exists():
            terminal.read(0.05)
        terminal.press(end) if isinstance(end, str) else terminal.process.send_signal(end)
        assert terminal.ended() == (0 if isinstance(end, str) else 128 + end)
        assert restored(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_a_signal_ends_quietly_with_the_terminal_restored(lively: Terminal, number: signal.Signals) -> None:
    lively.process.send_signal(number)
    assert lively.ended() == 128 + number
    assert restored(lively)
    assert b"Traceback" not in lively.raw


def test_when_the_terminal_goes_away_the_console_ends(lively: Terminal) -> None:
    lively.hang_up()
    assert lively.process.wait(timeout=30) == 128 + signal.SIGHUP


def test_after_a_stop_the_screen_is_drawn_again(lively: Terminal) -> None:
    before = lively.text
    lively.process.send_signal(signal.SIGSTOP)
    lively.settle()
    lively.screen.reset()
    lively.process.send_signal(signal.SIGCONT)
    lively.until_shown(TOP)
    assert lively.settle() == before


def test_ctrl_l_draws_over_whatever_stands_there(lively: Terminal) -> None:
    before = lively.text
    lively.screen.reset()
    lively.press("\x0c")
    assert lively.settle() == before


def test_a_resize_keeps_the_cursor_and_what_is_around_it(lively: Terminal) -> None:
    lively.press("j" * 15)
    marked = re.compile(r"^▌(\w+) ", re.MULTILINE)
    lively.until(lambda text: "▌000018" in text)
    lively.resize(80, 24)
    assert "000018" in marked.findall(lively.settle())
    lively.resize(200, 50)
    assert "000018" in marked.findall(lively.settle())


def test_a_terminal_too_small_says_what_it_needs(lively: Terminal) -> None:
    lively.resize(59, 20)
    lively.until_shown("too small: needs 60 x 10")
    lively.resize(20, 5)
    lively.until_shown("too small")
    lively.resize(60, 10)
    lively.until_shown(TOP)


def test_a_source_that_cannot_be_made_is_said_without_a_traceback() -> None:
    with Terminal(
        "-c", "from gateconsole.tui.app import run_console\nrun_console(lambda: 1 / 0, root_label='x')"
    ) as terminal:
        terminal.until_shown("ZeroDivisionError")
        terminal.press("q")
        assert terminal.ended() == 0
        assert b"Traceback" not in terminal.raw


def test_quitting_at_once_is_safe() -> None:
    with Terminal("-m", "tests.pty.lively") as terminal:
        terminal.until_shown("Policies")
        terminal.press("q")
        assert terminal.ended() == 0
        assert b"Traceback" not in terminal.raw


def test_ctrl_l_finds_the_size_anew_where_no_signal_says_that_it_changed(lively: Terminal) -> None:
    lively.screen.resize(30, 100)
    lively.screen.reset()
    lively._set_size(100, 30)  # the kernel tells the foreground job; a terminal of nobody is not told
    lively.press("\x0c")
    shown = lively.until_shown(TOP)
    assert [len(line) for line in shown.splitlines()] == [100] * 30
    assert "q quit" in lively.settle()


def test_ctrl_l_takes_the_size_that_the_terminal_says(lively: Terminal) -> None:
    lively.press("\x0c")
    lively.until(lambda _: b"\x1b[18t" in lively.raw)
    lively.screen.resize(30, 100)
    lively.screen.reset()
    lively.press("\x1b[8;30;100t")
    lively.until(lambda text: TOP in text and "q quit" in text.splitlines()[29])


def test_a_size_that_nobody_asked_for_is_no_size(lively: Terminal) -> None:
    before = lively.text
    lively.press("\x1b[8;30;100t")
    assert lively.settle() == before


@pytest.mark.parametrize("answers", [True, False], ids=["answers", "silent"])
def test_reports_of_the_mouse_that_come_late_do_not_stand_at_the_prompt(answers: bool) -> None:
    with Terminal("-m", "tests.pty.lively") as terminal:
        terminal.until_shown(TOP)
        terminal.settle()
        if answers:
            terminal.press("\x1b[0n")
            terminal.settle()
        known = len(terminal.raw)
        terminal.press("q" + "\x1b[<35;10;10M" * 20)
        terminal.until(lambda _: b"\x1b[?1000l" in terminal.raw[known:])
        terminal.press("\x1b[<35;11;11M" * 20)  # the terminal has not heard yet that none is wanted
        if answers:
            assert b"\x1b[5n" in terminal.raw[known:]
            terminal.press("\x1b[0n")
        assert terminal.ended() == 0
        assert restored(terminal)
        assert terminal.unread() == b""
