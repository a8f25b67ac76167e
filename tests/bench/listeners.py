"""The two programs that are told of new runs, ours and the peer's, behind one face: how many runs known, and when."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench.report import ROOT as CHECKOUT


class Listener:
    """A program watching a tree, and the (moment, runs known) pairs it reported, as read from its pipe."""

    def __init__(self, command: list[str], is_json: bool) -> None:
        """Start the program; a thread notes what it says."""
        self._is_json = is_json
        self.steps: list[tuple[float, int]] = []
        self._process = subprocess.Popen(
            command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            moment = time.monotonic()
            if self._is_json:
                self.steps.append((moment, json.loads(line)["completeness"]["parsed"]))
            else:
                self.steps.append((moment, int(line.split()[1])))

    def known(self) -> int:
        """Runs known by now."""
        return self.steps[-1][1] if self.steps else -1

    def wait_for(self, runs: int, seconds: float) -> bool:
        """Wait until so many runs are known."""
        limit = time.monotonic() + seconds
        while self.known() < runs and time.monotonic() < limit:
            time.sleep(0.01)
        return self.known() >= runs

    def latencies(self, moments: list[float], before: int) -> list[float]:
        """Seconds from each run's arrival until so many runs were known; runs never known are left out."""
        steps = iter(self.steps)
        now, known = next(steps)
        found: list[float] = []
        for number, moment in enumerate(sorted(moments), before + 1):
            while known < number:
                step = next(steps, None)
                if step is None:
                    return found
                now, known = step
            found.append(max(0.0, now - moment))
        return found

    def pause(self) -> None:
        """Stop the program where it stands."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        os.killpg(self._process.pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(5)


def gateconsole(root: Path) -> Listener:
    """Ours: `gateconsole watch --json`."""
    return Listener([sys.executable, "-m", "gateconsole", "watch", "--json", str(root)], is_json=True)


def watchfiles(root: Path) -> Listener:
    """The peer: a bare loop over watchfiles."""
    return Listener([sys.executable, "-m", "tests.bench.bare_watchfiles", str(root)], is_json=False)


def written(root: Path, form: str, count: int, per_second: float) -> list[float]:
    """Let a writer of its own process write; gives the moments of arrival."""
    command = [sys.executable, "-m", "tests.bench.writer", str(root), form, str(count), str(per_second)]
    ended = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    moments: list[float] = json.loads(ended.stdout)
    return moments
