"""What `y` copies arrives, as far as it can, also where something stands between: tmux as it is set up, mosh."""

from __future__ import annotations

import base64
import sys
from itertools import groupby
from pathlib import Path

from tests.pty.outside import CLIP
from tests.pty.terminal import PATIENCE, ROOT, Terminal
from tests.pty.tmux import Tmux

ROW = "b71c02\t38\t38\t0.0000\t0.0000\t0.0550\t0.0800"
FULL = "tests.screens.states full"
EMPTY = b"\x1b]52;c;\x07"


def test_in_tmux_as_it_is_set_up_by_itself_the_row_is_in_its_buffer(tmp_path: Path) -> None:
    with Tmux(tmp_path, ROOT, 120, 36, {"TERM": "xterm-256color"}) as tmux:
        tmux.type(f"{sys.executable} -m {FULL}\n")
        tmux.until_shown("b71c02")
        tmux.press("j")
        tmux.until_shown("▌b71c02")
        tmux.press("y")
        tmux.until_shown("in tmux's buffer, and sent on to the terminal: the row as text, 40 characters")
        assert tmux.buffer.rstrip("\n") == ROW


def test_a_tmux_that_does_not_answer_is_not_said_to_have_it(tmp_path: Path) -> None:
    with Terminal("-m", *FULL.split(), TMUX=f"{tmp_path}/nobody,1,0", STY="") as terminal:
        terminal.until_shown("b71c02")
        terminal.settle()
        terminal.press("y")
        terminal.until_shown("sent to the terminal: the row as text")
        assert CLIP.search(terminal.raw)


def through_mosh(folder: Path) -> Terminal:
    """A console below a process that has the name of mosh's server."""
    server = folder / "mosh-server"
    server.write_text(f"#!/bin/sh\n{sys.executable} -m {FULL}\nexit $?\n")
    server.chmod(0o755)
    return Terminal("-c", f"import os; os.execv({str(server)!r}, ['mosh-server'])", TMUX="", STY="")


def test_over_mosh_a_row_arrives_also_the_second_time(tmp_path: Path) -> None:
    with through_mosh(tmp_path) as terminal:
        terminal.until_shown("b71c02")
        terminal.settle()
        terminal.press("j")
        terminal.until_shown("▌b71c02")
        for number in (1, 2):
            terminal.press("y")
            terminal.until(lambda _, number=number: len(CLIP.findall(terminal.raw)) == number)  # type: ignore[misc]
        states = [payload for payload, _ in groupby(clipboards(terminal.raw))]
        assert states.count(base64.b64encode(ROW.encode())) == 2


def test_over_mosh_a_row_arrives_also_if_the_console_is_left_at_once(tmp_path: Path) -> None:
    with through_mosh(tmp_path) as terminal:
        terminal.until_shown("b71c02")
        terminal.settle()
        terminal.press("j")
        terminal.until_shown("▌b71c02")
        terminal.press("yq")
        assert terminal.process.wait(PATIENCE) == 0
        terminal.settle()
        assert clipboards(terminal.raw)[-1] == base64.b64encode(ROW.encode())


def clipboards(raw: bytes) -> list[bytes]:
    """Every state of the clipboard, in order; mosh carries only what differs from the one before."""
    return [part.partition(b"\x07")[0] for part in raw.split(b"\x1b]52;c;")[1:]]
