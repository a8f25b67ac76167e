"""What can be taken back: newest first, once, and only when it is on disk."""

from __future__ import annotations

import asyncio

from gateconsole.tui.shell.undo import UndoResult, UndoStack, UndoStep


async def settled(undoing: UndoStack) -> None:
    while undoing.working.busy:
        await asyncio.sleep(0.005)


async def test_steps_are_taken_back_newest_first_and_once() -> None:
    said: list[tuple[str, str]] = []
    undoing = UndoStack(lambda text, ink: said.append((text, ink)))
    for name in ("one", "two"):
        undoing.push(UndoStep(name, lambda name=name: UndoResult(f"{name} is undone", on_disk=True)))  # type: ignore[misc]
    assert undoing.next == "two"
    for _ in range(3):
        undoing.undo()
        await settled(undoing)
    assert [text for text, ink in said if ink == "good"] == ["two is undone", "one is undone"]
    assert said[-1] == ("nothing was done in this session that can be undone", "notice")
    assert not undoing


async def test_a_step_that_cannot_be_taken_back_stays() -> None:
    said: list[tuple[str, str]] = []
    undoing = UndoStack(lambda text, ink: said.append((text, ink)))
    undoing.push(UndoStep("one", lambda: UndoResult("the disk is full", on_disk=False)))
    undoing.undo()
    assert not undoing  # while it is being taken back it is not taken back again
    await settled(undoing)
    assert said[-1] == ("the disk is full", "bad")
    assert undoing.next == "one"
    assert undoing


async def test_only_the_last_hundred_are_remembered() -> None:
    undoing = UndoStack(lambda *_: None)
    for number in range(150):
        undoing.push(UndoStep(str(number), lambda: UndoResult("", on_disk=True)))
    assert len(undoing._steps) == 100
    assert undoing.next == "149"
