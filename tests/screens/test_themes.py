"""Themes on the screen: chosen with a live preview, reloaded when saved, readable without colours and in ASCII."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.segment import Segment

from gateconsole.snapshot import Snapshot
from gateconsole.tui.app import Console
from gateconsole.tui.frame.active_theme import ActiveTheme
from gateconsole.tui.theme.themes import OWN_NAMES, Depth, ThemeLibrary
from tests.screens.fake import full
from tests.screens.plain_source import PlainSource
from tests.screens.states import STATES
from tests.screens.test_policies import Seen, opened
from tests.unit.test_tui_theming import MINE, save


@asynccontextmanager
async def wearing(
    wardrobe: ActiveTheme, snapshot: Snapshot | None = None, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[Seen]:
    """A console that wears this."""
    shown = snapshot or full()
    app = Console(lambda: PlainSource(shown), root_label="ci-artifacts", wardrobe=wardrobe)
    async with app.run_test(size=size) as pilot:
        async with asyncio.timeout(20):
            while app.frame.snapshot is not shown:
                await pilot.pause(0.01)
        await pilot.pause()
        yield Seen(app, pilot, PlainSource())


def segments(seen: Seen) -> list[Segment]:
    """All that is on the screen, with its styles."""
    return [segment for strip in seen.app.screen._compositor.render_strips() for segment in strip]


def worn_by(seen: Seen) -> str:
    """The theme that is seen."""
    return seen.app.frame.paint.theme.name


async def test_moving_in_the_picker_shows_each_theme_at_once_and_enter_keeps_it() -> None:
    async with opened(full()) as seen:
        await seen.press("T")
        for name in OWN_NAMES[1:]:
            await seen.press("j")
            assert worn_by(seen) == name
        await seen.press("k", "enter")
        assert worn_by(seen) == OWN_NAMES[-2]
        assert "in gateconsole.toml" in seen.lines[-1]
        await seen.press("T")
        assert seen.app.frame.box is not None
        assert seen.app.frame.box.cursor == len(OWN_NAMES) - 2


@pytest.mark.parametrize("key", ["escape", "q", "ctrl+c"])
async def test_leaving_the_picker_brings_the_old_theme_back(key: str) -> None:
    async with opened(full()) as seen:
        before = seen.text
        await seen.press("T", "j", "j", key)
        assert worn_by(seen) == "gate-dark"
        assert seen.text == before


def said(seen: Seen) -> str:
    """What the last lines say, joined: the complaint, and the keys of what is open."""
    return " ".join(line.strip() for line in seen.lines[-4:])


async def test_on_a_broken_theme_the_cursor_stands_and_why_it_is_broken_is_said(tmp_path: Path) -> None:
    save(tmp_path, "mine", MINE)
    save(tmp_path, "nope", "dark = 7")
    async with wearing(ActiveTheme("gate-dark", ThemeLibrary(tmp_path))) as seen:
        await seen.press("T", "G")
        assert "▲ broken" in seen.text
        assert "nope.toml, line 1: dark: expected true or false" in said(seen)
        assert worn_by(seen) == "gate-dark"
        await seen.press("k")
        assert worn_by(seen) == "mine"
        assert "nope.toml" not in said(seen)


async def test_a_broken_theme_that_is_chosen_is_not_worn_and_said_again(tmp_path: Path) -> None:
    save(tmp_path, "nope", "dark = 7")
    async with wearing(ActiveTheme("gate-safe", ThemeLibrary(tmp_path))) as seen:
        await seen.press("T", "G", "enter")
        assert seen.app.frame.box is None
        assert worn_by(seen) == "gate-safe"
        assert "nope.toml, line 1: dark: expected true or false" in said(seen)


async def test_a_mended_theme_takes_its_complaint_away(tmp_path: Path) -> None:
    save(tmp_path, "mine", MINE)
    async with wearing(ActiveTheme("mine", ThemeLibrary(tmp_path))) as seen:
        save(tmp_path, "mine", "dark = 7", at=2)
        seen.app.look_around()
        await seen.pilot.pause()
        assert "mine.toml, line 1" in said(seen)
        save(tmp_path, "mine", MINE, at=3)
        seen.app.look_around()
        await seen.pilot.pause()
        assert "▲" not in seen.lines[-1]
        assert "mine.toml" not in said(seen)


async def test_a_theme_broken_at_the_start_takes_its_complaint_away_when_mended(tmp_path: Path) -> None:
    save(tmp_path, "mine", "dark = 7")
    async with wearing(ActiveTheme("mine", ThemeLibrary(tmp_path))) as seen:
        assert "mine.toml" in said(seen)
        save(tmp_path, "mine", MINE, at=2)
        seen.app.look_around()
        await seen.pilot.pause()
        assert "mine.toml" not in said(seen)


async def test_a_mended_theme_takes_nothing_else_away(tmp_path: Path) -> None:
    save(tmp_path, "mine", "dark = 7")
    async with wearing(ActiveTheme("mine", ThemeLibrary(tmp_path))) as seen:
        seen.app.frame.say("something else")
        save(tmp_path, "mine", MINE, at=2)
        seen.app.look_around()
        await seen.pilot.pause()
        assert "something else" in said(seen)


async def test_a_saved_theme_is_seen_and_a_broken_one_said(tmp_path: Path) -> None:
    save(tmp_path, "mine", MINE)
    async with wearing(ActiveTheme("mine", ThemeLibrary(tmp_path))) as seen:
        save(tmp_path, "mine", MINE.replace("010203", "0a0b0c"), at=2)
        seen.app.look_around()
        assert seen.app.frame.paint.theme.inks["text"] == "#0a0b0c"
        save(tmp_path, "mine", MINE.replace("[inks]", "[inks"), at=3)
        seen.app.look_around()
        await seen.pilot.pause()
        assert "▲" in said(seen)
        assert "line 2" in said(seen)
        assert seen.app.frame.paint.theme.inks["text"] == "#0a0b0c"
        await seen.press("j")
        assert "▲" not in seen.lines[-1]


async def test_looking_around_draws_nothing_when_nothing_was_saved(tmp_path: Path) -> None:
    save(tmp_path, "mine", MINE)
    async with wearing(ActiveTheme("mine", ThemeLibrary(tmp_path))) as seen:
        before = seen.app.frame.paint
        seen.app.look_around()
        assert seen.app.frame.paint is before


async def test_at_the_start_a_broken_theme_is_said_and_the_dark_one_worn(tmp_path: Path) -> None:
    save(tmp_path, "mine", "dark = 7")
    async with wearing(ActiveTheme("mine", ThemeLibrary(tmp_path))) as seen:
        assert worn_by(seen) == "gate-dark"
        assert "expected true or false" in " ".join(line.strip() for line in seen.lines[-3:])


@pytest.mark.parametrize("name", OWN_NAMES)
@pytest.mark.parametrize("state", STATES)
async def test_every_theme_shows_the_same_words(name: str, state: str) -> None:
    snapshot = STATES[state]()
    async with wearing(ActiveTheme("gate-dark"), snapshot) as plain, wearing(ActiveTheme(name), snapshot) as seen:
        assert [line.replace(name, "").split() for line in seen.lines] == [
            line.replace("gate-dark", "").split() for line in plain.lines
        ]


@pytest.mark.parametrize("name", OWN_NAMES)
async def test_without_colours_there_are_none_and_the_cursors_row_is_reversed(name: str) -> None:
    async with wearing(ActiveTheme(name, depth="none")) as seen:
        styles = [segment.style for segment in segments(seen) if segment.style is not None]
        assert all(style.color is None or style.color.is_default for style in styles)
        assert all(style.bgcolor is None or style.bgcolor.is_default for style in styles)
        chosen = next(
            strip for strip in seen.app.screen._compositor.render_strips() if strip.text.startswith("▌a6f53e")
        )
        assert all(segment.style is not None and segment.style.reverse for segment in chosen)


@pytest.mark.parametrize("depth", ["ansi", "none"])
async def test_with_few_colours_nothing_is_converted_on_the_way(depth: Depth) -> None:
    async with wearing(ActiveTheme("gate-light", depth=depth)) as seen:
        colours = {
            colour.name
            for segment in segments(seen)
            if segment.style is not None
            for colour in (segment.style.color, segment.style.bgcolor)
            if colour is not None
        }
        assert not [name for name in colours if name.startswith("#")]


async def test_the_picker_says_how_many_colours_there_are() -> None:
    async with wearing(ActiveTheme("gate-dark", depth="none")) as seen:
        await seen.press("T")
        assert "theme, no colours here" in seen.text


@pytest.mark.parametrize("keys", [(), ("enter",), ("question_mark",), ("colon",), ("T",), ("slash",)])
async def test_ascii_shows_ascii_only(keys: tuple[str, ...]) -> None:
    async with wearing(ActiveTheme("gate-dark", ascii_only=True)) as seen:
        await seen.press(*keys)
        assert seen.text.isascii()


@pytest.mark.parametrize("state", ["root_missing", "whitelist_broken", "rejected", "full"])
async def test_state_is_told_without_colour(state: str) -> None:
    async with wearing(ActiveTheme("gate-dark", depth="none", ascii_only=True), STATES[state]()) as seen:
        told = {"root_missing": "! ", "whitelist_broken": "! unknown_whitelist", "rejected": ". 1,121 seen"}
        assert told.get(state, "v complete") in seen.text
