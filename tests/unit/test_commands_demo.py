"""`gateconsole demo` in a terminal: a private copy, gone at the end however it ends."""

from __future__ import annotations

import fcntl
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

PATIENCE = 30.0


@contextmanager
def demo(temporary: Path, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A demo in a terminal of 120x36, begun, its temporary folder here."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    environment = os.environ | {"TMPDIR": str(temporary), "TERM": "xterm-256color"}
    words = [sys.executable, "-m", "gateconsole", "demo", *options]
    process = subprocess.Popen(words, stdin=terminal, stdout=terminal, stderr=terminal, env=environment)
    os.close(terminal)
    try:
        until(controller, b"a6f53e")
        yield process, controller
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(controller)


def until(controller: int, wanted: bytes) -> None:
    """Read the terminal until something is on it."""
    seen = b""
    deadline = time.monotonic() + PATIENCE
    while wanted not in seen:
        assert time.monotonic() < deadline, seen
        seen += read(controller)


def read(controller: int) -> bytes:
    """What the terminal got meanwhile."""
    if not select.select([controller], [], [], 0.2)[0]:
        return b""
    try:
        return os.read(controller, 65536)
    except OSError:  # the other side is closed
        return b""


def ended(process: subprocess.Popen[bytes], controller: int) -> int:
    """The exit code, the terminal read to the end so that nothing waits for it."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None:
        assert time.monotonic() < deadline
        read(controller)
    return process.returncode


def gone(folder: Path) -> None:
    """Wait until a folder is empty."""
    deadline = time.monotonic() + PATIENCE
    while os.listdir(folder):
        assert time.monotonic() < deadline, os.listdir(folder)
        time.sleep(0.02)


def test_a_demo_works_on_a_copy_of_the_samples(tmp_path: Path, committed_samples: Path) -> None:
    with demo(tmp_path, "--still") as (process, controller):
        (copy,) = tmp_path.glob("gateconsole-demo-*/ci-artifacts")
        wanted = [path.parts[-2:] for path in committed_samples.rglob("gate_result.json")]
        assert sorted(path.parts[-2:] for path in copy.rglob("gate_result.json")) == sorted(wanted)
        os.write(controller, b"q")
        assert ended(process, controller) == 0
    assert os.listdir(tmp_path) == []


def test_runs_keep_arriving(tmp_path: Path) -> None:
    with demo(tmp_path) as (process, controller):
        deadline = time.monotonic() + PATIENCE
        while not list(tmp_path.glob("gateconsole-demo-*/ci-artifacts/*/run-4153/gate_result.json")):
            assert time.monotonic() < deadline
            read(controller)
        os.write(controller, b"q")
        assert ended(process, controller) == 0
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_demo_ended_by_a_signal_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with demo(tmp_path) as (process, controller):
        process.send_signal(number)
        assert ended(process, controller) == 128 + number
    assert os.listdir(tmp_path) == []


def test_a_demo_that_is_killed_leaves_nothing_either(tmp_path: Path) -> None:
    with demo(tmp_path) as (process, controller):
        process.kill()
        ended(process, controller)
        gone(tmp_path)
