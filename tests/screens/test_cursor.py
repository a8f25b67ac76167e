"""The cursor belongs to its row's key, also through filters that leave it out and empty lists, until it is moved."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import pytest

from tests.screens.fake import NOON
from tests.screens.fake_runs import Tree
from tests.screens.test_page import filled
from tests.screens.test_policies import Seen
from tests.screens.test_registry import on, samples
from tests.screens.using import console

SCREENS = ("policies", "alerts", "whitelist", "runs", "readiness")
SMALL = (80, 24)


def under_cursor(seen: Seen) -> Hashable:
    """The key of the row under the cursor; None if there is none."""
    table = seen.app.frame.current.table  # type: ignore[union-attr]
    return None if table.selected is None else table._key(table.selected)


async def until(seen: Seen, rows: bool) -> None:
    """Wait until the list in sight has rows, or none."""
    for _ in range(400):
        await seen.pilot.pause(0.01)
        if bool(len(seen.app.frame.current.table.rows)) is rows:  # type: ignore[union-attr]
            return
    raise AssertionError(seen.text)


@pytest.mark.parametrize("screen", SCREENS)
async def test_after_a_filter_that_matches_nothing_the_cursor_is_on_its_row(screen: str) -> None:
    async with on(screen, samples(), SMALL) as seen:
        await filled(seen)
        await seen.press("j")
        key = under_cursor(seen)
        await seen.press("slash", *"nowhere", "enter")
        await until(seen, rows=False)
        await seen.press("escape")
        await until(seen, rows=True)
        assert under_cursor(seen) == key


async def test_a_row_that_a_filter_leaves_out_has_the_cursor_again_when_it_is_back() -> None:
    async with console(Tree(100).snapshot()) as seen:
        await seen.press(*"j" * 52, *"k" * 12)
        line = seen.table.cursor - seen.table.top
        await seen.press("slash")
        await seen.type("run:400")
        await seen.press("enter")
        assert seen.selected == "run-4000"
        await seen.press("escape")
        assert seen.selected == "run-4059"
        assert seen.table.cursor - seen.table.top == line


@pytest.mark.parametrize("key", ["k", "enter"])
async def test_a_row_that_was_moved_to_or_opened_meanwhile_keeps_the_cursor(key: str) -> None:
    async with console(Tree(100).snapshot()) as seen:
        await seen.press(*"j" * 40)
        await seen.press("slash")
        await seen.type("run:400")
        await seen.press("enter", key)
        chosen = seen.selected
        await seen.press("escape", "escape")
        assert seen.selected == chosen


async def test_a_cursor_that_follows_follows_again_after_an_empty_list() -> None:
    tree = Tree(30)
    async with console(tree.snapshot()) as seen:
        await seen.press("slash", *"nowhere", "enter")
        newest = tree.arrive()
        await seen.publish(tree.snapshot())
        await seen.press("escape")
        assert seen.selected == newest
        newest = tree.arrive()
        await seen.publish(tree.snapshot())
        assert seen.selected == newest


async def test_a_cursor_whose_row_is_left_out_follows_nothing() -> None:
    tree = Tree(100)
    async with console(tree.snapshot()) as seen:
        await seen.press(*"j" * 40)
        await seen.press("slash", *"run-40", "enter")
        await seen.press("slash", *"98", "enter")
        assert seen.selected == "run-4098"
        tree.arrive(NOON, run_id="run-4098b")
        await seen.publish(tree.snapshot())
        assert seen.selected == "run-4098"


async def test_when_its_run_comes_back_the_cursor_is_on_it() -> None:
    tree = Tree(9)
    async with console(tree.snapshot()) as seen:
        await seen.press("j", "j", "j")
        before, run = seen.app.frame.snapshot, seen.selected
        await seen.publish(Tree().snapshot())
        assert not len(seen.table.rows)
        await seen.publish(replace(before, generation=99))
        assert seen.selected == run
