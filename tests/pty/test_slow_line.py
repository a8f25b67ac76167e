"""A terminal that takes little or nothing: it ends when it is asked to, and a key is answered before old frames."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable

import pytest

from tests.pty.terminal import PATIENCE, Terminal

LIVELY = ("-m", "tests.pty.lively")
QUESTION, ANSWER = b"\x1b[5n", b"\x1b[0n"
RATE = 20_000
"""Bytes a second of the slow line."""

PIECE = 200


class SlowLine:
    """A terminal behind a line of `RATE`; `answers`: it says when it has drawn what came, as terminals do."""

    def __init__(self, terminal: Terminal, *, answers: bool) -> None:
        self.terminal = terminal
        self._answers = answers

    def until(self, seen: Callable[[str], bool], *, held: str = "", quiet: float = 0.0) -> int:
        """Read at the line's rate until the screen is so; the bytes that took.

        Keys are held meanwhile, each for a second. With `quiet`, until nothing came for so many seconds.
        """
        start = pressed = heard = time.monotonic()
        got = 0
        while not seen(self.terminal.text) and not (quiet and time.monotonic() - heard > quiet):
            now = time.monotonic()
            assert now - start < PATIENCE, self.terminal.text
            if held and now - pressed > 1 / 30:
                self.terminal.press(held[int(now - start) % len(held)])
                pressed = now
            if (now - start) * RATE < got or not select.select([self.terminal._master], [], [], 0.003)[0]:
                time.sleep(0.002)
                continue
            piece = os.read(self.terminal._master, PIECE)
            heard = now
            before = self.terminal.raw.count(QUESTION)
            self.terminal.raw += piece
            self.terminal._stream.feed(piece)
            got += len(piece)
            if self._answers:
                self.terminal.send(ANSWER * (self.terminal.raw.count(QUESTION) - before))
        return got


def stalled(terminal: Terminal) -> None:
    """From here on nobody reads; runs arrive until nothing more of them can be written."""
    terminal.until_shown("000027")
    terminal.settle()
    for _ in range(400):
        terminal.lead("r")
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=["SIGTERM", "SIGHUP", "ctrl+c"])
def test_a_terminal_that_nobody_reads_keeps_no_signal_from_ending_it(number: signal.Signals) -> None:
    with Terminal(*LIVELY) as terminal:
        stalled(terminal)
        if number == signal.SIGINT:
            terminal.press("\x03")
        else:
            terminal.process.send_signal(number)
        assert terminal.process.wait(PATIENCE) == (0 if number == signal.SIGINT else 128 + number)
        assert terminal.settings == terminal.before


def test_a_terminal_that_nobody_reads_and_that_goes_away_ends_it() -> None:
    with Terminal(*LIVELY) as terminal:
        stalled(terminal)
        terminal.hang_up()
        assert terminal.process.wait(PATIENCE) == 128 + signal.SIGHUP


def test_when_a_stalled_terminal_is_read_again_it_shows_the_newest() -> None:
    with Terminal(*LIVELY) as terminal, Terminal(*LIVELY) as other:
        stalled(terminal)
        stalled(other)
        waiting = len(terminal.read(0.2))
        assert waiting < 64_000
        terminal.settle()
        terminal.lead("e")
        shown = terminal.settle()
        other.settle()
        other.press("\x0c")
        assert shown == other.settle()


@pytest.mark.parametrize("answers", [True, False], ids=["answers", "silent"])
def test_a_key_is_not_answered_after_the_frames_of_the_one_that_was_held(answers: bool) -> None:
    with Terminal(*LIVELY) as terminal:
        line = SlowLine(terminal, answers=answers)
        line.until(lambda text: "▌000027" in text)
        line.until(lambda text: len(terminal.raw) > 120_000, held="jk")
        terminal.press("?")
        assert line.until(lambda text: "─ help ─" in text) < 40_000


def test_a_dropped_frame_leaves_the_screen_whole() -> None:
    with Terminal(*LIVELY) as terminal:
        line = SlowLine(terminal, answers=True)
        line.until(lambda text: "▌000027" in text)
        line.until(lambda text: "▌000000" in text, held="j")
        line.until(lambda text: "▌000027" in text, held="k")
        line.until(lambda text: False, quiet=1.0)
        shown = terminal.text
        terminal.screen.reset()
        terminal.press("\x0c")
        line.until(lambda text: text == shown)
