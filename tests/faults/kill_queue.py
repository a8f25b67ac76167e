"""Plays the queue's script in processes that are killed, and on in new ones; started by test_ledger_killed.

`python -m tests.faults.kill_queue MODE FOLDER` prints a JSON object a line: where it was killed and by what signal, how
many steps were acknowledged, the events found then, and the events and the audit after the script was played on.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from gateconsole.ledger import store
from gateconsole.ledger.events import Event, event_of
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import audit, backup
from tests.tools.queue_script import STEPS, play

Arm = Callable[[Ledger, int], Callable[[int], None]]
"""Makes a process die at a point; what it gives is called behind each step, before that is acknowledged."""


def die() -> None:
    """End at once, as the power does."""
    os.kill(os.getpid(), signal.SIGKILL)


def nothing(_: int) -> None:
    """Go on."""


def never(_: Ledger, __: int) -> Callable[[int], None]:
    """Only from outside."""
    return nothing


def before_event(_: Ledger, point: int) -> Callable[[int], None]:
    """Right before event `point` goes into the database."""
    return _at_event(point, before=True)


def behind_event(_: Ledger, point: int) -> Callable[[int], None]:
    """Right behind it, before it is folded."""
    return _at_event(point, before=False)


def _at_event(point: int, before: bool) -> Callable[[int], None]:
    insert = store.Transaction.insert

    def dying(transaction: store.Transaction, event: Event) -> None:
        if event.seq == point and before:
            die()
        insert(transaction, event)
        if event.seq == point:
            die()

    store.Transaction.insert = dying  # type: ignore[assignment, method-assign]
    return nothing


def at_statement(ledger: Ledger, point: int) -> Callable[[int], None]:
    """When SQLite begins its statement number `point`; pages reach the file long before the commit."""
    ledger._connection.execute("PRAGMA cache_size = 1")
    ledger._connection.execute("PRAGMA cache_spill = 1")
    return _at_word(ledger, "", point)


def at_commit(ledger: Ledger, point: int) -> Callable[[int], None]:
    """When SQLite begins the commit number `point`."""
    return _at_word(ledger, "COMMIT", point)


def _at_word(ledger: Ledger, word: str, point: int) -> Callable[[int], None]:
    left = point

    def count(statement: str) -> None:
        nonlocal left
        left -= statement.startswith(word)
        if left == 0:
            die()

    ledger._connection.set_trace_callback(count)
    return nothing


def behind_commit(_: Ledger, point: int) -> Callable[[int], None]:
    """When step `point` is on disk and nobody knows it yet."""
    return lambda step: die() if step == point else None


def inside_write(_: Ledger, point: int) -> Callable[[int], None]:
    """Behind step `point`: inside the write, by the system, of a later page of the journal or of the database."""

    def limit(step: int) -> None:
        if step == point:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_FSIZE, (300 + point % 9 * 4104,) * 2)

    return limit


MODES: Final[dict[str, tuple[Arm, range]]] = {
    "before an event": (before_event, range(1, len(STEPS) + 2)),
    "behind an event": (behind_event, range(1, len(STEPS) + 2)),
    "at a statement": (at_statement, range(1, 1200, 41)),
    "at a commit": (at_commit, range(1, len(STEPS) + 1, 2)),
    "behind a commit": (behind_commit, range(1, len(STEPS) + 1)),
    "inside a write": (inside_write, range(1, len(STEPS))),
    "at any moment": (never, range(1, 30)),
}
"""How it dies, and where."""


def forked(work: Callable[[], None]) -> int:
    """A process of its own does this; its number."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
    return child


def ended(child: int) -> int:
    """The signal a process ended by, 0 if by itself. Raises RuntimeError if it failed."""
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status)
    if os.WEXITSTATUS(status):
        raise RuntimeError("the script failed")
    return 0


def events(path: Path) -> list[str]:
    """What happened, without what is drawn by lot."""
    ledger = Ledger.for_reading(path)
    if ledger is None:
        return []
    found = [event_of(line) for line in backup.lines(ledger)]
    drawn = ledger.id
    ledger.close()
    return [f"{event.at} {event.kind} {event.payload.replace(drawn, 'LLLL')}" for event in found]


def killed(folder: Path, point: int, arm: Arm, after: float = 0.0) -> dict[str, object]:
    """One ledger: killed at a point (or after so many seconds), looked at, played on from what was acknowledged."""
    path, told = folder / f"{point}" / "ledger.db", folder / f"{point}.told"

    def first() -> None:
        ledger = Ledger.for_writing(path)
        behind = arm(ledger, point)
        with told.open("wb", buffering=0) as out:

            def done(step: int) -> None:
                behind(step)
                out.write(b".")

            play(ledger, done)

    child = forked(first)
    if after:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    by = ended(child)
    found = events(path) if path.exists() else []
    acknowledged = told.stat().st_size if told.exists() else 0
    again = forked(lambda: play(Ledger.for_writing(path), nothing, acknowledged))
    if ended(again):
        raise RuntimeError("the second process was killed, too")
    ledger = Ledger.for_reading(path)
    assert ledger is not None
    return {
        "point": point,
        "signal": by,
        "acknowledged": acknowledged,
        "found": found,
        "final": events(path),
        "difference": audit.audit(ledger).difference,
    }


def points(mode: str, folder: Path) -> Iterator[dict[str, object]]:
    """The script played whole, then every kill of a mode."""
    start = time.monotonic()
    yield killed(folder, 0, never)
    seconds = (time.monotonic() - start) / 2
    arm, where = MODES[mode]
    for point in where:
        yield killed(folder, point, arm, seconds * point / len(where) if mode == "at any moment" else 0.0)


if __name__ == "__main__":
    for line in points(sys.argv[1], Path(sys.argv[2])):
        print(json.dumps(line))
