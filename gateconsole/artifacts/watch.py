"""Hints from watchfiles, supervised: which paths were touched. Never the truth (architecture 6): the scan is.

watchfiles lives in a process of its own (listener.py says why); the thread here starts it, reads what it tells, and
starts it again whenever it ends. Whatever may have been missed meanwhile shows as `overflow`.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from gateconsole.artifacts.open_folders import OWN_FOLDER

Mode = Literal["starting", "inotify", "polling", "reconciling only"]
"""The words of `snapshot.Mode` that a Watch uses."""

FIRST_WAIT_S: Final = 0.2
LONGEST_WAIT_S: Final = 5.0
LASTING_WAIT_S: Final = 60.0
_STEADY_S: Final = 30.0
_GOODBYE_S: Final = 1.0
_MOST_PATHS: Final = 20_000
_LISTENER: Final = str(Path(__file__).with_name("listener.py"))


class Hints(NamedTuple):
    """Paths touched since the last call, absolute; `overflow`: something may be missing, reconcile everything."""

    paths: frozenset[str]
    overflow: bool


class Watch:
    """Watches a root from `start` to `stop`; `wake` is called from its thread when there is something to `take`."""

    def __init__(
        self, root: Path, *, poll: bool, wake: Callable[[], None], listener: Sequence[str] | None = None
    ) -> None:
        self._root = os.path.abspath(root)
        self._own = os.path.join(self._root, OWN_FOLDER)
        self._wake = wake
        self._command = [*(listener or (sys.executable, "-P", _LISTENER)), self._root]
        self._lock = threading.Lock()
        self._paths: set[str] = set()
        self._overflow = False
        self._mode: Mode = "polling" if poll else "starting"
        self._reason = "asked for by --poll" if poll else ""
        self._lasting = False
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = None if poll else threading.Thread(target=self._supervise, name="watch", daemon=True)

    @property
    def mode(self) -> Mode:
        """How changes are noticed now; "starting" while the watches are being added."""
        return self._mode

    @property
    def reason(self) -> str:
        """Why the mode is not inotify, and what helps; empty if it is. Not yet printable text."""
        return self._reason

    def start(self) -> None:
        """Begin; returns at once. With polling there is nothing to begin."""
        if self._thread is not None:
            self._thread.start()

    def stop(self) -> None:
        """End; returns when the thread and the process have ended, or soon. May be called twice."""
        with self._lock:
            self._stopping.set()
            if self._process is not None:
                self._process.kill()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(_GOODBYE_S)

    def take(self) -> Hints:
        """What was touched since the last call."""
        with self._lock:
            hints = Hints(frozenset(self._paths), self._overflow)
            self._paths, self._overflow = set(), False
        return hints

    # --- the thread ---------------------------------------------------------------------------------------------

    def _supervise(self) -> None:
        """Keep a listener running until stopped; wait longer after each early end, longest where that lasts."""
        wait = FIRST_WAIT_S
        while not self._stopping.is_set():
            began = time.monotonic()
            self._lasting = False
            try:
                self._run_once()
            except Exception as error:
                self._degrade(f"{type(error).__name__}: {error}")
            if time.monotonic() - began > _STEADY_S:
                wait = FIRST_WAIT_S
            self._stopping.wait(LASTING_WAIT_S if self._lasting else wait)
            wait = min(wait * 2, LONGEST_WAIT_S)

    def _run_once(self) -> None:
        """One listener from its start to its end."""
        with self._lock:
            if self._stopping.is_set():
                return
            process = self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            assert process.stdout is not None, "stdout is a pipe"
            told = False
            for line in process.stdout:
                if line.endswith(b"\n"):  # or it ended in the midst of a word, as nobody heard it
                    told = self._hear(json.loads(line)) or told
            if not told and not self._stopping.is_set():
                self._degrade("the listening process ended without a word")
        finally:
            self._end(process)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._process = None
            process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()

    def _hear(self, message: list[object]) -> bool:
        """Act on one message of the listener; whether it said why it ends."""
        match message:
            case ["armed"]:
                self._mode, self._reason = "inotify", ""
                self._note((), overflow=True)
            case ["touched", list(paths)]:
                self._note([str(path) for path in paths], overflow=False)
            case ["failed", kind, reason]:
                self._fail(str(kind), str(reason))
                return True
        return False

    def _fail(self, kind: str, reason: str) -> None:
        """What the listener died of; `limit` and `name` last, so another start is not tried soon."""
        self._lasting = kind in ("limit", "name")
        if kind == "limit":
            reason = "more folders than inotify watches: raise fs.inotify.max_user_watches and max_user_instances"
        elif kind == "name":
            reason = f"watchfiles stops at names that are not UTF-8 ({reason}): rename the folder to have events again"
        self._degrade(reason)

    def _degrade(self, reason: str) -> None:
        """No events for now."""
        self._mode, self._reason = "reconciling only", reason
        self._note((), overflow=True)

    def _note(self, paths: Sequence[str], overflow: bool) -> None:
        own = self._own
        with self._lock:
            self._paths.update(path for path in paths if path != own and not path.startswith(own + "/"))
            if len(self._paths) > _MOST_PATHS:
                self._paths.clear()
                overflow = True
            self._overflow = self._overflow or overflow
            something = bool(self._paths) or self._overflow
        if something:
            self._wake()
