"""Every action on every screen, with runs and without, list and detail: nothing crashes, and what is shown works."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import pytest

from gateconsole.snapshot import Snapshot
from gateconsole.tui.app import Console
from gateconsole.tui.frame.screen_list import SCREENS
from gateconsole.tui.keys.actions import ACTIONS, Registry, remapped
from tests.screens.fake import of
from tests.screens.plain_source import PlainSource
from tests.screens.test_policies import Seen, opened
from tests.tools import make_screenshot

ENDS = {"quit"}
NAMES = [entry.name for entry in SCREENS]


@cache
def samples() -> Snapshot:
    """The sample artifacts, with their runs."""
    return make_screenshot.snapshot()


@asynccontextmanager
async def on(screen: str, snapshot: Snapshot, size: tuple[int, int] = (120, 36)) -> AsyncIterator[Seen]:
    """A console with this screen in sight."""
    key = next(entry.key for entry in SCREENS if entry.name == screen)
    async with opened(snapshot, size) as seen:
        await seen.press(key)
        await seen.pilot.pause(0.1)
        assert seen.app.frame.screen_name == screen
        yield seen


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports go where nothing is."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("before", [(), ("enter",)], ids=["list", "detail"])
@pytest.mark.parametrize("data", ["samples", "nothing"])
@pytest.mark.parametrize("screen", NAMES)
async def test_every_key_of_every_action_is_safe(screen: str, data: str, before: tuple[str, ...]) -> None:
    async with on(screen, samples() if data == "samples" else of(())) as seen:
        for action in Registry().on(screen):
            for key in () if action.id in ENDS else action.keys:
                await seen.press(*before, key, "escape", "escape")
                assert seen.app._exception is None, (action.id, key)
                if seen.app.frame.screen_name != screen:
                    await seen.press(next(entry.key for entry in SCREENS if entry.name == screen))
        assert seen.app.is_running
        assert seen.text.strip()


@pytest.mark.parametrize("screen", NAMES)
async def test_every_able_action_can_be_done_by_its_id(screen: str) -> None:
    async with on(screen, samples()) as seen:
        for action in Registry().on(screen):
            if action.id not in ENDS and seen.app.frame.able(action):
                seen.app.act(action.id)
                await seen.press("escape")
        assert seen.app.is_running


@pytest.mark.parametrize("screen", NAMES)
async def test_the_footer_shows_only_keys_that_work(screen: str) -> None:
    async with on(screen, samples(), (200, 50)) as seen:
        footer = seen.lines[-1]
        for action in ACTIONS:
            shown = f" {action.shown} {action.label} " in f"{footer} "
            if shown:
                assert action in Registry().on(screen)
                assert seen.app.frame.able(action)


def test_what_an_action_does_fits_into_help_at_80_columns() -> None:
    for action in ACTIONS:
        assert len(action.description) <= 49, action.id
        assert len(action.label) <= 11, action.id


def test_every_screen_of_an_action_exists() -> None:
    assert {screen for action in ACTIONS for screen in action.screens} <= set(NAMES)


def test_every_screen_has_the_action_that_brings_it() -> None:
    keys = {action.id: action.keys for action in ACTIONS}
    for entry in SCREENS:
        assert keys[f"screen_{entry.name}"] == (entry.key,)


async def test_the_users_own_keys_work_and_are_shown_and_the_old_ones_do_nothing() -> None:
    snapshot = samples()
    registry = Registry(remapped({"help": ["f1"], "down": ["J"], "theme": ["?"]}))
    app = Console(lambda: PlainSource(snapshot), root_label="x", registry=registry)
    async with app.run_test(size=(120, 36)) as pilot:
        while app.frame.snapshot is not snapshot:
            await pilot.pause(0.01)
        seen = Seen(app, pilot, PlainSource())
        assert " f1 help " in seen.lines[-1]
        assert " ? theme " in seen.lines[-1]
        await seen.press("j")
        assert seen.table.cursor == 0
        await seen.press("J")
        assert seen.table.cursor == 1
        await seen.press("question_mark")
        assert "─ theme ─" in seen.text
        await seen.press("escape", "f1")
        assert "─ help ─" in seen.text


async def test_an_act_without_a_key_is_not_in_the_footer() -> None:
    snapshot = samples()
    app = Console(lambda: PlainSource(snapshot), root_label="x", registry=Registry(remapped({"sort": [], "help": []})))
    async with app.run_test(size=(200, 36)) as pilot:
        while app.frame.snapshot is not snapshot:
            await pilot.pause(0.01)
        footer = Seen(app, pilot, PlainSource()).lines[-1]
        assert " filter " in footer
        assert " sort " not in footer
        assert " help " not in footer


async def test_ctrl_c_ends_also_a_box_first() -> None:
    async with on(NAMES[0], samples()) as seen:
        await seen.press("colon", "ctrl+c")
        assert seen.app.is_running
        assert seen.app.frame.box is None
