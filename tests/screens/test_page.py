"""P: what is shown as lines for the pager, whatever the size: the list as it stands, and what is under the cursor."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from gateconsole.text import printable
from gateconsole.tui.shell import plain_list
from gateconsole.tui.shell.list_screen import ListScreen
from gateconsole.tui.shell.plain_list import aligned
from tests.pty.hostile import HOSTILE
from tests.screens.fake import NOON
from tests.screens.fake_runs import Tree
from tests.screens.test_policies import Seen
from tests.screens.test_registry import on, samples
from tests.screens.using import InUse, console, paged

SMALL = (80, 24)
SCREENS = ("policies", "alerts", "queue", "whitelist", "runs", "readiness")


def page_of(seen: InUse) -> list[str]:
    """The page of the screen Runs."""
    return paged(seen.runs)


def listed(seen: InUse) -> list[str]:
    """The first word of every row of the page's list."""
    lines = page_of(seen)
    header = next(place for place, line in enumerate(lines) if line.startswith("RUN "))
    return [line.split()[0] for line in lines[header + 1 : lines.index("", header)]]


async def test_where_no_detail_is_displayed_the_page_is_of_the_run_under_the_cursor(tmp_path: Path) -> None:
    async with console(Tree(30, tmp_path).snapshot(), SMALL, root=tmp_path) as seen:
        await seen.press("j", "j")
        lines = page_of(seen)
        assert any(line.split() == ["run_id", "run-4027"] for line in lines)
        assert any('"run_id": "run-4027"' in line for line in lines)
        await seen.press("enter", "escape", "G")
        lines = page_of(seen)
        assert any(line.split() == ["run_id", "run-4000"] for line in lines)
        assert not any('"run_id": "run-4027"' in line for line in lines)


async def test_with_the_list_in_sight_the_page_begins_with_every_row_in_its_order() -> None:
    tree = Tree(200)
    async with console(tree.snapshot(), SMALL) as seen:
        assert listed(seen) == [f"run-{4199 - number}" for number in range(200)]
        seen.runs.sort_by(seen.runs.sorted_by.turned())
        await seen.done()
        assert listed(seen) == [f"run-{4000 + number}" for number in range(200)]


async def test_an_opened_detail_is_the_whole_page(tmp_path: Path) -> None:
    async with console(Tree(30, tmp_path).snapshot(), SMALL, root=tmp_path) as seen:
        await seen.press("j", "enter")
        lines = page_of(seen)
        assert any('"run_id": "run-4028"' in line for line in lines)
        assert not any(line.startswith("RUN ") for line in lines)


async def test_the_page_says_what_list_it_is_of() -> None:
    async with console(Tree(50).snapshot(), SMALL) as seen:
        assert page_of(seen)[0] == "ci-artifacts, Runs: 50 runs, newest first"
        assert page_of(seen)[1] == "as of 2026-03-01T13:21:05Z"
        await seen.press("slash")
        await seen.type("outcome:PASS")
        await seen.press("enter", "space")
        head = page_of(seen)[:3]
        assert head[0].startswith("ci-artifacts, Runs: ")
        assert " of 50 runs, newest first" in head[0]
        assert head[1] == "filter: outcome:PASS"
        assert head[2] == "held as of 2026-03-01T13:21:05Z"
        assert {line.split()[4] for line in page_of(seen) if line.startswith("run-")} == {"PASS"}


async def test_a_held_list_stays_as_it_is_on_the_page() -> None:
    tree = Tree(5)
    async with console(tree.snapshot(), SMALL) as seen:
        await seen.press("space")
        tree.arrive()
        await seen.publish(tree.snapshot())
        assert len(listed(seen)) == 5


async def test_values_are_whole_on_the_page() -> None:
    tree = Tree()
    reasons = tuple(f"reason_number_{number}_with_a_long_name" for number in range(6))
    run_id, policy = "nightly-2026-11-22-linux-gcc-13-checks-0182-again", "0123456789abcdef0123456789abcdef"
    tree.arrive(NOON + 123, run_id=run_id, policy_hash=policy, unknown_rate=0.012345, top_reasons=reasons)
    async with console(tree.snapshot(), SMALL) as seen:
        row = next(line for line in page_of(seen) if line.startswith("nightly"))
        for value in (run_id, policy, "0.012345", "2026-03-01T13:16:05.000123Z", ", ".join(reasons)):
            assert value in row


async def test_of_a_list_too_long_for_a_page_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_list, "MOST", 20)
    async with console(Tree(50).snapshot(), SMALL) as seen:
        assert len(listed(seen)) == 21
        assert any(line.startswith("30 more runs: ") for line in page_of(seen))


async def test_the_page_of_the_second_list_holds_files_with_what_is_wrong_in_them() -> None:
    tree = Tree(5)
    tree.reject(3)
    tree.pending = ("ci/run-9500/gate_result.json",)
    async with console(tree.snapshot(), SMALL) as seen:
        await seen.press("tab", "j")
        lines = page_of(seen)
        assert lines[0] == "ci-artifacts, Rejected files: 3 rejected, newest first"
        rows = [line for line in lines if line.startswith("ci/run-9")]
        assert [line.split()[0] for line in rows] == [
            f"ci/run-{number}/gate_result.json" for number in (9500, 9001, 9002, 9003)
        ]
        assert "expected a value; write one JSON object a file" in rows[1]
        assert any(line.split() == ["file", "ci/run-9001/gate_result.json"] for line in lines)


async def test_the_text_of_the_file_is_not_folded_so_that_it_can_be_searched(tmp_path: Path) -> None:
    tree = Tree(1, tmp_path)
    (tmp_path / "ci/run-4000/gate_result.json").write_text("x" * 2000)
    async with console(tree.snapshot(), SMALL, root=tmp_path) as seen:
        assert any("x" * 2000 in line for line in page_of(seen))


@pytest.mark.parametrize("screen", SCREENS)
async def test_every_screen_pages_each_of_its_rows_and_the_detail_of_one(screen: str) -> None:
    async with on(screen, samples(), SMALL) as seen:
        rows = await filled(seen)
        lines = current_page(seen)
        blank = lines.index("")
        table = lines[blank + 1 : lines.index("", blank + 1)]
        assert len(table) == rows + 1
        assert lines[0].startswith(f"ci-artifacts, {screen.capitalize()}: {rows} ")
        assert len(lines) > rows + 12
        await seen.press("enter" if screen != "whitelist" else "tab")
        await seen.pilot.pause()
        assert table[0] not in current_page(seen)
        assert current_page(seen)


@pytest.mark.parametrize("screen", SCREENS)
async def test_the_page_is_made_away_from_the_screen(screen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: set[int] = set()

    def watched(*args: Any, **more: Any) -> list[str]:
        threads.add(threading.get_ident())
        return []

    monkeypatch.setattr(plain_list, "aligned", watched)
    async with on(screen, samples(), SMALL) as seen:
        await filled(seen)
        await seen.press("P")
        for _ in range(200):
            if "no pager here" in seen.lines[-1]:
                break
            await seen.pilot.pause(0.01)
        assert "no pager here" in seen.lines[-1]
    assert threads
    assert threading.get_ident() not in threads


async def test_a_page_that_cannot_be_made_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **more: Any) -> list[str]:
        raise ValueError("no")

    monkeypatch.setattr(plain_list, "aligned", broken)
    async with console(Tree(5).snapshot(), SMALL) as seen:
        await seen.press("P")
        await seen.until(lambda: "the page could not be made" in seen.lines[-1])
        await seen.press("j")
        assert seen.table.cursor == 1


async def filled(seen: Seen) -> int:
    """How many rows the list in sight has, as soon as it has any."""
    for _ in range(400):
        await seen.pilot.pause(0.01)
        assert isinstance(seen.app.frame.current, ListScreen)
        rows = len(seen.app.frame.current.table.rows)
        if rows:
            return rows
    raise AssertionError("no rows")


def current_page(seen: Seen) -> list[str]:
    """The page of the screen in sight."""
    assert seen.app.frame.current is not None
    return paged(seen.app.frame.current)


def test_columns_stand_under_each_other_whatever_is_in_them() -> None:
    rows = [("ab", "1"), ("構築", "22"), *((name, "333") for name in HOSTILE[:3])]
    lines = aligned(("NAME", "N"), rows, left={0})
    assert all(line == printable(line) for line in lines)
    assert lines[1].endswith("   1") and lines[1].startswith("ab ")


def test_one_long_value_does_not_make_every_line_long() -> None:
    lines = aligned(("NAME", "N"), [("x" * 5000, "1"), ("y", "2")], left={0, 1})
    assert lines[1] == f"{'x' * 5000}  1"
    assert len(lines[2]) < 100
