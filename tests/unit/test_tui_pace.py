"""What comes too fast for an eye: the first at once, then the newest."""

from __future__ import annotations

import asyncio

from gateconsole.tui.widgets.throttle import Throttle


async def test_the_first_is_passed_on_at_once() -> None:
    seen: list[int] = []
    Throttle(seen.append, rest=1000.0).come(1)
    assert seen == [1]


async def test_of_what_comes_during_the_rest_only_the_newest_is_passed_on_when_it_is_over() -> None:
    seen: list[int] = []
    pace = Throttle(seen.append, rest=0.01)
    for news in (1, 2, 3):
        pace.come(news)
    assert (seen, pace.busy) == ([1], True)
    while pace.busy:
        await asyncio.sleep(0.01)
    assert seen == [1, 3]


async def test_after_a_rest_in_which_nothing_came_the_next_is_passed_on_at_once() -> None:
    seen: list[int] = []
    pace = Throttle(seen.append, rest=0.001)
    pace.come(1)
    await asyncio.sleep(0.05)
    pace.come(2)
    assert seen == [1, 2]
