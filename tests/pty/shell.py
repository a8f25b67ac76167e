"""An interactive shell in a terminal of its own, as the parent that a suspended console goes back to."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from tests.pty.terminal import ROOT, Terminal

PROMPT = "ready> "
_START = "import os, sys; os.execvp('bash', ['bash', '--norc', '--noprofile', '-i'])"
_MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")
MOUSE = frozenset({1000, 1002, 1003, 1005, 1006, 1015, 1016})
"""The modes in which a terminal reports the mouse."""


class Shell(Terminal):
    """bash with job control; `tree` below `home` is a copy of the sample artifacts."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.tree = home / "tree"
        shutil.copytree(ROOT / "sample_artifacts", self.tree)
        rules = home / "inputrc"
        rules.write_text("set enable-bracketed-paste off\n")  # whoever asks for it then is the console
        super().__init__(
            *("-c", _START),
            PS1=PROMPT,
            INPUTRC=str(rules),
            HISTFILE="",
            columns=120,
            lines=36,
            **environment,
        )
        self.until_shown(PROMPT)

    def __enter__(self) -> Shell:
        return self

    def run(self, command: str) -> None:
        """Type a line."""
        self.press(f"{command}\r")

    def start(self, *options: str, around: str = "{}") -> str:
        """Start the console on the tree; the screen once it is whole."""
        console = " ".join([sys.executable, "-m", "gateconsole", str(self.tree), *options])
        self.run(f"clear; {around.format(console)}")
        self.until(lambda text: "73 seen" in text and "b71c02" in text)
        return self.settle()

    def suspend(self, keys: str = "\x1a") -> bytes:
        """Press ctrl+z; what is written until the prompt is there."""
        known = len(self.raw)
        self.press(keys)
        self.until(lambda _: PROMPT.encode() in self.raw[known:])
        self.settle(0.2)
        return self.raw[known:]

    def answer(self, command: str) -> str:
        """What a command writes; it is told apart from what is echoed."""
        known = len(self.raw)
        self.run(f"echo be''gin; {command}; echo e''nd")
        self.until(lambda _: b"end\r\n" + PROMPT.encode() in self.raw[known:])
        return self.raw[known:].decode().partition("begin\r\n")[2].partition("end\r\n")[0]

    @property
    def modes(self) -> frozenset[int]:
        """The private modes of the terminal that are set now."""
        now = {int(number): state for number, state in _MODE.findall(self.raw)}
        return frozenset(number for number, state in now.items() if state == b"h")

    @property
    def mouse(self) -> frozenset[int]:
        """Those of them that report the mouse."""
        return self.modes & MOUSE

    def whole(self) -> str:
        """What the screen shows now, proved to be what the console draws anew onto an empty one."""
        shown = self.settle()
        self.screen.reset()
        self.press("\x0c")
        above = shown.splitlines()[:-1]  # the last line said something until that key
        self.until(lambda text: text.splitlines()[:-1] == above)
        return shown

    def add_run(self, name: str) -> None:
        """One more run arrives in the tree, of a policy of its own."""
        source = next(path for path in sorted(self.tree.rglob("gate_result.json")) if b"b71c02" in path.read_bytes())
        folder = self.tree / name
        folder.mkdir()
        text = source.read_text().replace("b71c02", "5f5e0d")
        (folder / "gate_result.json").write_text(re.sub(r'"run_id":\s*"[^"]*"', f'"run_id": "{name}"', text))
