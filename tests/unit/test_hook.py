"""The command that is told of new alerts: what it gets, how long it may take, what is said of it."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from gateconsole.notifications.hook import ENDED, Hook

PATIENCE = 20.0


def python(code: str) -> tuple[str, ...]:
    return sys.executable, "-c", code


def gone(pid: int) -> bool:
    """Whether a process has ended, or is only waited for by nobody."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def until_written(path: Path) -> str:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if path.exists() and path.read_text().endswith("\n"):
            return path.read_text()
        time.sleep(0.01)
    raise AssertionError(f"{path} was never written")


def until_gone(pid: int) -> None:
    end = time.monotonic() + PATIENCE
    while not gone(pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert gone(pid)


def test_it_gets_everything_on_stdin_however_much_that_is(tmp_path: Path) -> None:
    data = os.urandom(1 << 20)
    taken = tmp_path / "taken"
    code = f"import sys; open({str(taken)!r}, 'wb').write(sys.stdin.buffer.read())"
    assert Hook(python(code)).run(data) == ""
    assert taken.read_bytes() == data


def test_one_that_reads_nothing_is_no_failure() -> None:
    assert Hook(("true",)).run(b"x" * (1 << 20)) == ""


def test_no_shell_looks_at_its_words(tmp_path: Path) -> None:
    out = tmp_path / "out"
    code = f"import sys; open({str(out)!r}, 'w').write(sys.argv[1] + chr(10))"
    assert Hook((*python(code), "$HOME; touch x | *")).run(b"") == ""
    assert out.read_text() == "$HOME; touch x | *\n"


def test_a_failure_is_told_with_the_first_line_of_what_it_complains_of() -> None:
    code = "import sys; sys.stderr.write('\\n  no pager here\\nmore\\n'); sys.exit(3)"
    assert Hook(python(code)).run(b"") == f"{sys.executable}: exit 3: no pager here"


def test_what_it_complains_of_is_made_printable() -> None:
    code = "import sys; sys.stderr.buffer.write(b'\\x1b]52;c;QQ==\\x07\\xff[/]'); sys.exit(1)"
    assert Hook(python(code)).run(b"").endswith("exit 1: \\x1b]52;c;QQ==\\x07\\xff[/]")


def test_one_that_ends_well_may_say_what_it_likes() -> None:
    assert Hook(python("import sys; print('o' * 99999); sys.stderr.write('e' * 999999)")).run(b"") == ""


def test_one_that_is_killed_by_a_signal_says_so() -> None:
    assert Hook(python("import os; os.kill(os.getpid(), 15)")).run(b"").endswith("ended by SIGTERM")


def test_a_command_that_is_not_there_is_told() -> None:
    assert Hook(("no-such-command-here",)).run(b"") == (
        "no-such-command-here: No such file or directory: mend the setting on_alert"
    )


def test_one_that_takes_too_long_is_killed_with_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = (
        "import os, subprocess, time;"
        "child = subprocess.Popen(['sleep', '600']);"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}' + chr(10));"
        "time.sleep(600)"
    )
    said = Hook(python(code), limit=2.0).run(b"")
    assert said.endswith("not done within 2 s: killed")
    for pid in pids.read_text().split():
        until_gone(int(pid))


def test_ending_kills_what_runs_with_its_children_and_runs_nothing_any_more(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    hook = Hook(("sh", "-c", f"sleep 600 & echo $$ $! > {pids}; wait"), limit=600)
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.append(hook.run(b"")))
    thread.start()
    known = until_written(pids).split()
    hook.end()
    thread.join(PATIENCE)
    assert said == [ENDED]
    for pid in known:
        until_gone(int(pid))
    assert hook.run(b"") == ENDED


def test_what_it_leaves_running_on_purpose_is_not_waited_for(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    assert Hook(("sh", "-c", f"sleep 600 & echo $! > {pids}"), limit=600).run(b"") == ""
    left = int(pids.read_text())
    assert not gone(left)
    os.kill(left, 9)


def test_it_has_no_terminal(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert Hook(("sh", "-c", f"(echo x > /dev/tty) 2> {out}; exit 0")).run(b"") == ""
    assert out.read_text()
