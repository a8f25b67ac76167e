"""Every size a terminal has: nothing crashes, nothing runs over the edge, and a resize loses neither row nor scroll."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from gateconsole.tui.frame.screen_list import SCREENS
from gateconsole.tui.shell.empty_states import LEAST_HEIGHT, LEAST_WIDTH
from gateconsole.tui.widgets.table import Table
from tests.screens.fake import full, made_runs, of, policy
from tests.screens.states import STATES
from tests.screens.test_policies import numbered, opened
from tests.screens.test_registry import on, samples

SIZES = [(20, 5), (1, 1), (59, 20), (60, 10), (60, 20), (80, 24), (100, 26), (120, 36), (200, 50), (200, 60), (300, 90)]
SMALL = [size for size in SIZES if size[0] < 60 or size[1] < 10]
LARGE = [size for size in SIZES if size not in SMALL]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("state", STATES)
async def test_every_state_fits_every_size(state: str, size: tuple[int, int]) -> None:
    async with opened(STATES[state](), size) as seen:
        assert len(seen.lines) == size[1]
        assert all(cell_len(line) <= size[0] for line in seen.lines)


@pytest.mark.parametrize("size", [size for size in SMALL if size[0] > 10], ids=str)
async def test_below_the_least_size_that_is_said(size: tuple[int, int]) -> None:
    async with opened(full(), size) as seen:
        assert f"now {size[0]} x {size[1]}" in seen.text
        assert f"needs {LEAST_WIDTH} x {LEAST_HEIGHT}" in seen.text
        assert "a6f53e" not in seen.text
        assert "quit" not in seen.text


@pytest.mark.parametrize("size", LARGE, ids=str)
@pytest.mark.parametrize("screen", [entry.name for entry in SCREENS])
async def test_every_size_shows_the_screen_the_cursor_and_how_to_leave(screen: str, size: tuple[int, int]) -> None:
    async with on(screen, samples(), size) as seen:
        assert "q quit" in seen.lines[-1]
        current = seen.app.frame.current
        assert current is not None
        assert any(line.startswith("▌") for line in seen.lines[2:]) == (current.row() is not None)
        assert "73" in seen.lines[0]


@pytest.mark.parametrize("size", LARGE, ids=str)
async def test_no_title_of_a_column_is_cut(size: tuple[int, int]) -> None:
    async with on("policies", samples(), size) as seen:
        for keys in (["1"], ["enter"], ["escape", "2"], ["enter"], ["escape", "3"], ["4"], ["5"], ["tab"], ["6"]):
            await seen.press(*keys)
            for table in seen.app.query(Table).results(Table):
                header = table.render_line(0).text
                assert not table.size.width or "…" not in header, f"{keys}: {header}"


@pytest.mark.parametrize("size", LARGE, ids=str)
async def test_every_size_says_that_a_view_is_held_and_that_it_is_filtered(size: tuple[int, int]) -> None:
    async with on("runs", samples(), size) as seen:
        await seen.press("slash", *"fail", "enter", "space")
        assert "FROZEN, 0 newer" in seen.text
        assert "/ fail" in seen.lines[1]
        assert "▌5 Runs" in seen.lines[1]


@pytest.mark.parametrize("size", LARGE, ids=str)
@pytest.mark.parametrize("key", ["colon", "question_mark", "T"])
async def test_a_box_fits_every_size(key: str, size: tuple[int, int]) -> None:
    async with opened(full(), size) as seen:
        await seen.press(key)
        box = seen.app.frame.box
        assert box is not None
        assert seen.app.screen.region.contains_region(box.region)
        assert sum("┌─" in line for line in seen.lines) == sum("└─" in line for line in seen.lines) == 1


async def test_a_box_follows_a_resize() -> None:
    async with opened(full(), (200, 60)) as seen:
        await seen.press("question_mark", *"row")
        for size in ((80, 24), (20, 5), (60, 10), (120, 36)):
            await seen.pilot.resize_terminal(*size)
            await seen.pilot.pause(0.05)
            if size == (20, 5):
                assert "too small" in seen.text
            else:
                assert "/ row" in seen.text
                assert seen.app.frame.box is not None
                assert seen.app.screen.region.contains_region(seen.app.frame.box.region)


async def test_a_wide_terminal_shows_longer_trends_and_both_panes() -> None:
    async with opened(full(), (200, 60)) as seen:
        assert "LAST 40 RUNS" in seen.text
        assert "─ a6f53e" in seen.text
        assert "UNKNOWN CLASS" in seen.text


@pytest.mark.parametrize("sizes", [[(80, 24), (20, 5), (80, 24)], [(200, 60), (60, 20), (120, 36)]], ids=str)
async def test_resizes_keep_the_cursor_and_the_line_it_stands_on(sizes: list[tuple[int, int]]) -> None:
    async with opened(of(numbered(100)), (120, 36)) as seen:
        await seen.press(*"j" * 50)
        for size in sizes:
            await seen.pilot.resize_terminal(*size)
            await seen.pilot.pause(0.05)
        assert seen.selected == "p050"
        assert "▌p050" in seen.text


async def test_a_resize_during_the_detail_keeps_it_open_and_scrolled() -> None:
    runs = [
        run._replace(unknown_rate=0.1, unknown_classes=(f"class-{place:03}",))
        for place, run in enumerate(made_runs(90, 1))
    ]
    async with opened(of([policy("a", runs), policy("b", made_runs(5, 2))]), (80, 24)) as seen:
        await seen.press("enter", *"j" * 10)
        assert "class-010" in seen.text
        await seen.pilot.resize_terminal(60, 20)
        await seen.pilot.pause(0.05)
        assert "class-010" in seen.text
        await seen.pilot.resize_terminal(80, 24)
        await seen.pilot.pause(0.05)
        assert "class-010" in seen.text
        await seen.press("escape")
        assert "▌a " in seen.text


async def test_a_resize_keeps_the_run_under_the_cursor() -> None:
    async with on("runs", samples(), (120, 36)) as seen:
        await seen.press(*"j" * 25)
        row = seen.app.frame.current.row() if seen.app.frame.current else None
        assert row is not None
        for size in ((80, 24), (20, 5), (200, 60), (60, 20)):
            await seen.pilot.resize_terminal(*size)
            await seen.pilot.pause(0.1)
        assert seen.app.frame.current is not None
        now = seen.app.frame.current.row()
        assert now is not None
        assert now.document == row.document
        assert f"▌{row.cells[0]}" in seen.text


async def test_a_notice_longer_than_the_line_takes_more_lines_and_gives_them_back() -> None:
    async with opened(full(), (80, 24)) as seen:
        before = seen.lines
        seen.app.frame.say("word " * 40, "bad")
        await seen.pilot.pause(0.05)
        assert sum("word word" in line for line in seen.lines) == 3
        await seen.press("escape")
        assert seen.lines == before
