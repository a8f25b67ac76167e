"""SIGTERM, SIGINT and SIGHUP end every command as they end any program, at every moment, and nothing is left behind."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import gateconsole
from gateconsole.cli.signals import undone_by_signals
from tests.golden import fixture

PACKAGE = str(Path(gateconsole.__file__).parent)
SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
MOMENTS = 7
"""Moments from the start of a program on at which it is ended; the later ones when it has begun its work, or ended."""

PATIENCE = 40.0


def ended_at(seconds: float, number: signal.Signals, words: list[str], folder: Path) -> tuple[int, str]:
    """Exit status and output of a command that got a signal so long after its start."""
    with subprocess.Popen(
        [sys.executable, "-m", "gateconsole", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    ) as process:
        try:
            time.sleep(seconds)
            process.send_signal(number)
            out, _ = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    return process.returncode, out


def seconds_until(does: Callable[[], object]) -> float:
    began = time.monotonic()
    does()
    return time.monotonic() - began


@pytest.mark.parametrize(
    ("words", "also"),
    [
        (["rollup", "ROOT", "-o", "out"], 0),
        (["alerts", "ROOT"], 0),
        (["watch", "ROOT", "--json"], 0),
        (["demo", "--still"], 0),
    ],
)
def test_a_signal_ends_a_command_as_usual_at_every_moment(tmp_path: Path, words: list[str], also: int) -> None:
    root, folder = tmp_path / "root", tmp_path / "here"
    folder.mkdir()
    fixture.write_tree(root)
    words = [str(root) if word == "ROOT" else word for word in words]
    whole = seconds_until(lambda: ended_at(0.0, signal.SIGCHLD, ["alerts", str(root)], folder))
    for moment in range(MOMENTS):
        number = SIGNALS[moment % len(SIGNALS)]
        code, out = ended_at(whole * moment / (MOMENTS - 2), number, words, folder)
        assert code in {-number, 128 + number, also}, out
        assert "internal error" not in out
        assert number == signal.SIGINT or "Traceback" not in out
        assert f'File "{PACKAGE}' not in out  # Python's own first instants are not ours
        left = [path for path in folder.rglob("*") if path.name.endswith(".tmp") or "demo" in path.name]
        end = time.monotonic() + PATIENCE
        while [path for path in left if path.exists()] and time.monotonic() < end:
            time.sleep(0.01)
        assert not [path for path in left if path.exists()]


def test_a_signal_ends_the_console_as_usual_at_every_moment(tmp_path: Path) -> None:
    root = tmp_path / "root"
    fixture.write_tree(root)
    whole = seconds_until(lambda: console_ended(None, signal.SIGTERM, [str(root)]))
    for moment in range(1, MOMENTS):
        number = SIGNALS[moment % len(SIGNALS)]
        code, out = console_ended(whole * moment / (MOMENTS - 3), number, [str(root)])
        assert code in {-number, 128 + number}, out[-2000:]
        assert b"internal error" not in out
        assert number == signal.SIGINT or b"Traceback" not in out


def console_ended(seconds: float | None, number: signal.Signals, words: list[str]) -> tuple[int, bytes]:
    """Exit status and output of a console on a terminal; without a time it is ended at its first paint."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gateconsole", *words],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    os.close(terminal)
    out, end = b"", time.monotonic() + PATIENCE
    sent_at = None if seconds is None else time.monotonic() + seconds
    sent = False
    try:
        while process.poll() is None and time.monotonic() < end:
            if select.select([controller], [], [], 0.01)[0]:
                try:
                    out += os.read(controller, 65536)
                except OSError:
                    break
            if not sent and (b"Policies" in out if sent_at is None else time.monotonic() >= sent_at):
                process.send_signal(number)
                sent = True
        return process.wait(timeout=PATIENCE), out
    finally:
        process.kill()
        process.wait()
        os.close(controller)


# what is undone


def child(body: str) -> int:
    """The status of a process that does this and gets a signal of its own: os.waitstatus_to_exitcode."""
    script = f"""
import os, signal, sys
from gateconsole.cli.signals import undone_by_signals
def undo():
    print("undone", flush=True)
{body}
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE)
    assert ended.stdout == "undone\n", ended.stderr
    assert ended.stderr == ""
    return ended.returncode


@pytest.mark.parametrize("number", SIGNALS)
def test_what_must_be_undone_is_undone_and_then_the_signal_ends_the_process(number: signal.Signals) -> None:
    body = f"""
with undone_by_signals(undo):
    os.kill(os.getpid(), {int(number)})
    print("went on")"""
    assert child(body) == -number


def test_a_class_body_or_an_import_does_not_swallow_the_end() -> None:
    body = f"""
class Field:
    def __set_name__(self, owner, name):
        os.kill(os.getpid(), {int(signal.SIGTERM)})
with undone_by_signals(undo):
    class Holder:
        field = Field()"""
    assert child(body) == -signal.SIGTERM


def test_a_status_may_be_named_for_a_signal() -> None:
    body = f"""
with undone_by_signals(undo, {{signal.SIGINT: 0}}):
    os.kill(os.getpid(), {int(signal.SIGINT)})"""
    assert child(body) == 0


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with undone_by_signals(lambda: pytest.fail("it was heard")):
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_file_that_is_being_written_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    target.write_text("old")
    script = f"""
import os, signal, pathlib
from gateconsole.cli.signals import undone_by_signals
from gateconsole.io.atomic import atomic_writer, discard_unfinished
with undone_by_signals(discard_unfinished), atomic_writer(pathlib.Path({str(target)!r})) as file:
    file.write(b"new")
    os.kill(os.getpid(), signal.SIGTERM)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=PATIENCE)
    assert ended.returncode == -signal.SIGTERM
    assert os.listdir(tmp_path) == ["table.csv"]
    assert target.read_text() == "old"


def test_nothing_that_takes_its_time_is_imported_before_ctrl_c_ends_the_process() -> None:
    script = (
        "import __future__, errno, os, signal, sys\n"
        "loaded = set(sys.modules)\n"
        "import gateconsole.__main__\n"
        "print(*sorted(set(sys.modules) - loaded))\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert ended.stdout.split() == ["gateconsole", "gateconsole.__main__"]
