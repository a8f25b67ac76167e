"""The ways out of the console, in a real terminal: what is copied, what is paged, and a terminal that is gone."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.pty.hostile import HOSTILE
from tests.pty.outside import CLIP, waiting_pager
from tests.pty.terminal import ROOT, Terminal
from tests.pty.walk import FORBIDDEN, OWN

TOO_MUCH = "too much to copy"
FULL = ("-m", "tests.screens.states", "full")


@contextmanager
def at_rest(pager: str = "less") -> Iterator[Terminal]:
    """A console that has painted what there is."""
    with Terminal(*FULL, PAGER=pager) as terminal:
        terminal.until_shown("b71c02")
        terminal.settle()
        yield terminal


@pytest.fixture(scope="module", params=["y", "Y"])
def copied(request: pytest.FixtureRequest) -> tuple[str, bytes]:
    """The key, and all that was written while every row of hostile data was copied with it."""
    key: str = request.param
    with Terminal("-m", "tests.pty.hostile", "gate-dark", TMUX="", STY="") as terminal:
        terminal.until_shown("▲")
        terminal.settle()
        for _ in HOSTILE:
            known = len(CLIP.findall(terminal.raw))
            terminal.press(key)
            terminal.until(lambda text, known=known: len(CLIP.findall(terminal.raw)) > known or TOO_MUCH in text)  # type: ignore[misc]
            terminal.press("j")
            terminal.until(lambda text: "sent to the terminal" not in text and TOO_MUCH not in text)
        terminal.settle()
        terminal.press("q")
        assert terminal.ended() == 0
    return key, terminal.raw


def test_every_copied_row_is_one_sequence_of_base64(copied: tuple[str, bytes]) -> None:
    refused = copied[1].count(TOO_MUCH.encode())
    assert len(CLIP.findall(copied[1])) == len(HOSTILE) - refused
    assert refused == {"y": 0, "Y": 1}[copied[0]]


def test_no_byte_of_copied_data_controls_the_terminal(copied: tuple[str, bytes]) -> None:
    text = OWN.sub(b"", CLIP.sub(b"", copied[1])).decode()
    assert FORBIDDEN.search(text) is None


def test_what_is_copied_cannot_control_the_terminal_it_is_pasted_into(copied: tuple[str, bytes]) -> None:
    for payload in CLIP.findall(copied[1]):
        text = base64.b64decode(payload).decode()
        assert FORBIDDEN.search(text.replace("\t", "")) is None
        assert (text.count("\t") == 6) if copied[0] == "y" else ("policy_hash" in json.loads(text))


def test_copying_is_said_until_the_next_key() -> None:
    with at_rest() as terminal:
        terminal.press("y")
        terminal.until_shown("sent to the terminal")
        assert terminal.read(1.5) == b""
        terminal.press("j")
        terminal.until(lambda text: "sent to the terminal" not in text and "q quit" in text)


@pytest.fixture
def pager(tmp_path: Path) -> str:
    """A pager that shows the page and ends with the next line typed."""
    return waiting_pager(tmp_path)


def test_the_pager_shows_the_page_and_gives_the_terminal_back(pager: str) -> None:
    with at_rest(pager) as terminal:
        before = terminal.text
        terminal.press("P")
        terminal.until_shown("END OF PAGE")
        assert b"run-4410" in terminal.raw
        terminal.settle()  # as one who reads it: a pager that ends sooner is said to
        terminal.press("\n")
        terminal.until(lambda text: text == before)
        terminal.press("j")
        terminal.until_shown("▌b71c02")
        terminal.press("q")
        assert terminal.ended() == 0
        assert terminal.settings == terminal.before


def test_ctrl_c_in_the_pager_does_not_end_the_console(pager: str) -> None:
    with at_rest(pager) as terminal:
        terminal.press("P")
        terminal.until_shown("END OF PAGE")
        terminal.press("\x03")
        terminal.until_shown("UNKNOWN CLASS")
        terminal.press("q")
        assert terminal.ended() == 0


def test_a_pager_that_is_not_there_is_said() -> None:
    with at_rest("nonesuch-pager") as terminal:
        terminal.press("P")
        terminal.until_shown("nonesuch-pager: No such file or directory: mend")
        assert "▌a6f53e" in terminal.text


def test_a_pager_that_does_not_wait_is_said_to_have_shown_the_page() -> None:
    with at_rest("cat") as terminal:
        terminal.press("P")
        terminal.until_shown("cat ended at once")
        assert b"run-4410" in terminal.raw
        assert "▌a6f53e" in terminal.settle()


def test_a_key_typed_right_behind_the_one_for_the_pager_does_not_end_the_console(pager: str) -> None:
    with at_rest(pager) as terminal:
        before = terminal.text
        terminal.press("Pq")
        terminal.until_shown("END OF PAGE")
        terminal.settle()
        terminal.press("\n")
        terminal.until(lambda text: text == before)
        terminal.press("j")
        terminal.until_shown("▌b71c02")


def test_sigterm_while_paging_ends_both_with_the_terminal_restored(pager: str) -> None:
    with at_rest(pager) as terminal:
        terminal.press("P")
        terminal.until_shown("END OF PAGE")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.ended() == 128 + signal.SIGTERM
        assert terminal.settings == terminal.before


def test_a_console_that_leads_no_session_ends_when_its_terminal_is_gone() -> None:
    master, slave = pty.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    with subprocess.Popen(
        [sys.executable, *FULL],
        cwd=ROOT,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,  # the terminal is nobody's: no SIGHUP will come
        env={**os.environ, "TERM": "xterm-256color"},
    ) as process:
        os.close(slave)
        seen = b""
        end = time.monotonic() + 30
        while b"b71c02" not in seen and time.monotonic() < end:
            if select.select([master], [], [], 0.2)[0]:
                seen += os.read(master, 65536)
        assert b"b71c02" in seen
        os.close(master)
        try:
            assert process.wait(timeout=30) == 128 + signal.SIGHUP
        finally:
            process.kill()
