"""A shell in tmux for tests: what is typed into it, and the screen it shows. Needs the program tmux."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

PATIENCE = 30.0


class Tmux:
    """A server of its own (socket and all below `home`), one window of `columns` x `lines` with a plain shell."""

    def __init__(self, home: Path, cwd: Path, columns: int, lines: int, variables: Mapping[str, str]) -> None:
        program = shutil.which("tmux")
        assert program is not None, "this test plays in tmux: apt-get install tmux"
        self._program = program
        self._socket = home / "tmux"
        self._environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **variables}
        size = ("-x", str(columns), "-y", str(lines))
        self._tell("-f", "/dev/null", "new-session", "-d", *size, "-c", str(cwd), "env PS1='ready> ' sh")
        self.until_shown("ready>")

    def __enter__(self) -> Tmux:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tell("kill-server")

    @property
    def text(self) -> str:
        """What the window shows."""
        return self._tell("capture-pane", "-p")

    @property
    def buffer(self) -> str:
        """The newest of what was copied; empty if nothing was."""
        return self._tell("show-buffer") if self._tell("list-buffers") else ""

    def type(self, text: str) -> None:
        """Type text as it is."""
        self._tell("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names."""
        self._tell("send-keys", *keys)

    def until(self, seen: Callable[[str], bool]) -> str:
        """The window's text, once it is as wished."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            text = self.text
            if seen(text):
                return text
            time.sleep(0.05)
        raise AssertionError(f"the window never showed it:\n{self.text}")

    def until_shown(self, words: str) -> str:
        """The window's text, once it shows what this pattern means."""
        return self.until(lambda text: re.search(words, text) is not None)

    def _tell(self, *words: str) -> str:
        command = [self._program, "-S", str(self._socket), *words]
        ended = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout
