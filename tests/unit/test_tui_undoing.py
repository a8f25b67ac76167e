"""What can be taken back: newest first, once, and only when it is on disk."""

from __future__ import annotations

import asyncio

from gateconsole.tui.undoing import Step, Undoing, Undone


async def settled(undoing: Undoing) -> None:
    while undoing.working.busy:
        await asyncio.sleep(0.005)


async def test_steps_are_taken_back_newest_first_and_once() -> None:
    said: list[tuple[str, str]] = []
    undoing = Undoing(lambda text, ink: said.append((text, ink)))
    for name in ("one", "two"):
        undoing.push(Step(name, lambda name=name: Undone(f"{name} is undone", on_disk=True)))  # type: ignore[misc]
    assert undoing.next == "two"
    for _ in range(3):
        undoing.undo()
        await settled(undoing)
    assert [text for text, ink in said if ink == "good"] == ["two is undone", "one is undone"]
    assert said[-1] == ("nothing was done in this session that can be undone", "notice")
    assert not undoing


async def test_a_step_that_cannot_be_taken_back_stays() -> None:
    said: list[tuple[str, str]] = []
    undoing = Undoing(lambda text, ink: said.append((text, ink)))
    undoing.push(Step("one", lambda: Undone("the disk is full", on_disk=False)))
    undoing.undo()
    assert not undoing  # while it is being taken back it is not taken back again
    await settled(undoing)
    assert said[-1] == ("the disk is full", "bad")
    assert undoing.next == "one"
    assert undoing


async def test_only_the_last_hundred_are_remembered() -> None:
    undoing = Undoing(lambda *_: None)
    for number in range(150):
        undoing.push(Step(str(number), lambda: Undone("", on_disk=True)))
    assert len(undoing._steps) == 100
    assert undoing.next == "149"
