"""Work off the screen's thread: only the newest question is answered, and the screen never waits."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading

import pytest

from gateconsole.tui.widgets.latest_worker import LatestWorker, LooseThreads


async def settled(latest: LatestWorker[int, int]) -> None:
    """Everything asked for is done."""
    while latest.busy:
        await asyncio.sleep(0.001)


async def test_what_was_asked_is_done_in_another_thread_and_told_in_this_one() -> None:
    threads: list[int] = []
    told: list[tuple[int, int, int]] = []

    def work(asked: int) -> int:
        threads.append(threading.get_ident())
        return asked * 2

    latest = LatestWorker(work, lambda asked, found: told.append((asked, found, threading.get_ident())))
    latest.ask(21)
    await settled(latest)
    assert told == [(21, 42, threading.get_ident())]
    assert threads != [threading.get_ident()]


async def test_while_one_is_worked_on_only_the_newest_of_the_others_waits() -> None:
    gate = threading.Event()
    told: list[int] = []

    def work(asked: int) -> int:
        gate.wait(10)
        return asked

    latest = LatestWorker(work, lambda asked, found: told.append(found))
    for number in range(5):
        latest.ask(number)
        await asyncio.sleep(0.01)
    gate.set()
    await settled(latest)
    assert told == [0, 4]


async def test_after_work_a_question_that_is_not_urgent_rests_and_an_urgent_one_does_not() -> None:
    told: list[int] = []
    latest: LatestWorker[int, int] = LatestWorker(
        lambda asked: asked, lambda asked, found: told.append(found), rest=60.0
    )
    latest.ask(1, urgent=False)
    while told != [1]:
        await asyncio.sleep(0.001)
    latest.ask(2, urgent=False)
    await asyncio.sleep(0.05)
    assert told == [1]
    latest.ask(3)
    await settled(latest)
    assert told == [1, 3]


async def test_what_goes_wrong_is_logged_and_the_next_question_is_answered(caplog: pytest.LogCaptureFixture) -> None:
    told: list[int] = []
    latest: LatestWorker[int, int] = LatestWorker(lambda asked: 1 // asked, lambda asked, found: told.append(found))
    with caplog.at_level(logging.ERROR, "gateconsole"):
        latest.ask(0)
        await settled(latest)
    assert "could not be found out" in caplog.text
    latest.ask(1)
    await settled(latest)
    assert told == [1]


async def test_no_more_threads_than_asked_for_do_the_work_and_what_it_raises_is_raised() -> None:
    threads, gate = LooseThreads(2), threading.Event()
    running = [threads.submit(gate.wait, 10) for _ in range(3)]
    failing = threads.submit(int, "x")
    gate.set()
    assert [one.result(10) for one in running] == [True] * 3
    with pytest.raises(ValueError, match="invalid literal"):
        failing.result(10)
    names = {threads.submit(threading.current_thread).result(10).name for _ in range(9)}
    assert names <= {"look_1", "look_2"}


def test_a_look_that_never_returns_does_not_keep_the_program_from_ending() -> None:
    script = (
        "import asyncio, threading\n"
        "from gateconsole.tui.widgets.latest_worker import LatestWorker\n"
        "hangs = threading.Event()\n"
        "async def main():\n"
        "    one = LatestWorker(lambda asked: (hangs.set(), threading.Event().wait()), print)\n"
        "    one.ask(1)\n"
        "    while not hangs.is_set(): await asyncio.sleep(0.001)\n"
        "asyncio.run(main())\n"
        "print('ended')"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "ended\n", "")
