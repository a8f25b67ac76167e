"""Sort, freeze and export, on both screens."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from gateconsole.exports.selection import export_table
from gateconsole.model import Diagnostic
from gateconsole.query import Query, parse
from gateconsole.rows.sorts import COLUMNS, Sort
from gateconsole.tui.runs.rows import Lists, RunListQuery, both_lists
from gateconsole.tui.widgets.table import Table
from tests.screens.fake_runs import Tree
from tests.screens.using import InUse, console, paged


def read(text: str) -> Query:
    """A query that is one."""
    made = parse(text)
    assert isinstance(made, Query)
    return made


def held_back(seen: InUse) -> threading.Event:
    """From now on a new order is made only when this is set."""
    made = threading.Event()

    def later(asked: RunListQuery) -> Lists:
        made.wait(10)
        return both_lists(asked)

    seen.runs._lists._work = later
    return made


async def test_o_walks_through_the_columns_and_the_header_shows_where_it_is() -> None:
    async with console(Tree(20).snapshot()) as seen:
        titles = []
        for _ in COLUMNS:
            await seen.press("o")
            titles.append(next((word for word in seen.lines[3].split() if "▲" in word or "▼" in word), "-"))
        assert titles == ["RUN▲", "POLICY▲", "STRATUM▲", "OUTCOME▼", "▼RATE", "CLASSES▲", "LISTED▲", "-", "TIME▼"]


async def test_capital_o_turns_the_order_round() -> None:
    async with console(Tree(5).snapshot()) as seen:
        await seen.press("O")
        assert seen.ids == [f"run-{number}" for number in range(4000, 4005)]
        assert "TIME▲" in seen.text
        assert "oldest first" in seen.text


async def test_a_new_order_is_announced_at_once_and_until_it_is_made_the_cursor_moves_in_the_old_one() -> None:
    async with console(Tree(5).snapshot()) as seen:
        made = held_back(seen)
        await seen.pilot.press("O", "j")
        await seen.pilot.pause()
        assert "sorting: oldest first" in seen.lines[2]
        assert "TIME▼" in seen.lines[3]
        assert "▌run-4003" in seen.text
        made.set()
        await seen.done()
        assert "sorting" not in seen.text
        assert "TIME▲" in seen.lines[3]
        assert "▌run-4003" in seen.text


@pytest.mark.parametrize(("key", "run"), [("g", "run-4000"), ("G", "run-4004")])
async def test_an_end_that_is_asked_for_while_a_new_order_is_made_is_the_new_orders(key: str, run: str) -> None:
    async with console(Tree(5).snapshot()) as seen:
        made = held_back(seen)
        await seen.pilot.press("O", key)
        await seen.pilot.pause()
        made.set()
        await seen.done()
        assert f"▌{run}" in seen.text


async def test_an_end_left_again_while_a_new_order_is_made_is_not_gone_back_to() -> None:
    async with console(Tree(5).snapshot()) as seen:
        made = held_back(seen)
        await seen.pilot.press("O", "g", "j")
        await seen.pilot.pause()
        made.set()
        await seen.done()
        assert "▌run-4003" in seen.text


async def test_equal_values_stand_newest_first() -> None:
    tree = Tree()
    for number, rate in enumerate((0.02, 0.05, 0.02, 0.05, None)):
        tree.arrive(run_id=f"r{number}", unknown_rate=rate)
    async with console(tree.snapshot()) as seen:
        seen.runs.sort_by(Sort("rate", True))
        await seen.done()
        assert seen.ids == ["r3", "r1", "r2", "r0", "r4"]


async def test_the_cursor_stays_on_its_run_through_every_order() -> None:
    async with console(Tree(200).snapshot()) as seen:
        await seen.press(*"jjjjjjj")
        run = seen.selected
        for _ in range(4):
            await seen.press("o")
            assert seen.selected == run
            await seen.press("O")
            assert seen.selected == run
        assert f"▌{run}" in seen.text


async def test_a_column_can_be_chosen() -> None:
    async with console(Tree(20).snapshot()) as seen:
        await seen.press("S")
        assert "highest rate first" in seen.text
        await seen.press("j", "j", "j", "j", "j", "enter")
        assert seen.runs.sorted_by == Sort("rate", True)


async def test_a_click_on_a_title_sorts_by_it_and_a_second_one_turns_it_round() -> None:
    async with console(Tree(20).snapshot()) as seen:
        place = seen.lines[3].index("OUTCOME")
        await seen.pilot.click("#run-list", offset=(place + 1, 0))
        await seen.done()
        assert seen.runs.sorted_by == Sort("outcome", True)
        await seen.pilot.click("#run-list", offset=(place + 1, 0))
        await seen.done()
        assert seen.runs.sorted_by == Sort("outcome", False)


async def test_rejected_files_have_an_order_of_their_own() -> None:
    tree = Tree(3)
    tree.reject(3)
    async with console(tree.snapshot()) as seen:
        await seen.press("tab", "o", "O")
        assert [line.path[3:11] for line in seen.runs._rejected.rows] == ["run-9003", "run-9002", "run-9001"]
        await seen.press("tab")
        assert "TIME▼" in seen.text


async def test_policies_are_sorted_by_their_columns() -> None:
    tree = Tree()
    for policy, rate in (("a", 0.01), ("b", 0.05), ("c", None), ("d", 0.02)):
        tree.arrive(policy_hash=policy, unknown_rate=rate)
    async with console(tree.snapshot(), screen="1") as seen:
        table = seen.app.query_one("#policy-list", Table)
        await seen.press(*"oooooooo")
        assert [row.policy.policy_hash for row in table.rows] == ["b", "d", "a", "c"]
        assert "▼MAX" in seen.text
        assert "highest max first" in seen.text
        await seen.press("O")
        assert [row.policy.policy_hash for row in table.rows] == ["a", "d", "b", "c"]


async def test_space_holds_the_view_while_reading_goes_on_and_again_goes_on() -> None:
    tree = Tree(30)
    async with console(tree.snapshot()) as seen:
        before = seen.ids
        await seen.press("space")
        for _ in range(14):
            tree.arrive()
        await seen.publish(tree.snapshot())
        assert seen.ids == before
        assert "FROZEN, 14 newer" in seen.lines[1]
        assert "44 parsed" in seen.lines[0]
        assert "space go on" in seen.lines[-1]
        await seen.press("space")
        assert seen.selected == "run-4043"
        assert "FROZEN" not in seen.text


async def test_a_held_view_can_be_filtered_sorted_and_left_for_another_screen() -> None:
    tree = Tree(30)
    async with console(tree.snapshot()) as seen:
        await seen.press("space")
        held = seen.app.frame.lens.frozen
        tree.arrive(run_id="late", outcome="FAIL")
        await seen.publish(tree.snapshot())
        await seen.press("slash")
        await seen.type("late")
        assert "No run matches the filter" in seen.text
        await seen.press("escape", "O", "1")
        assert seen.app.frame.current is not None
        assert seen.app.frame.current.snapshot is held
        assert "FROZEN, 1 newer" in seen.lines[1]


async def test_e_writes_what_export_where_writes_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tree = Tree(50)
    snapshot = tree.snapshot()
    async with console(snapshot) as seen:
        await seen.press("slash")
        await seen.type("rate:>0.02")
        await seen.press("enter", "o", "e")
        (path,) = tmp_path.glob("*")
        assert path.name == "runs-20260301T132105Z.csv"
        assert str(path) in seen.text.replace("\n", "")
        (tmp_path / "expected").mkdir()
        export_table("runs", "csv", snapshot, tmp_path / "expected", read("rate:>0.02"))
        assert path.read_bytes() == (tmp_path / "expected" / "runs.csv").read_bytes()


async def test_e_never_takes_the_place_of_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs-20260301T132105Z.csv").write_text("mine")
    async with console(Tree(5).snapshot()) as seen:
        await seen.press("e", "e")
        assert (tmp_path / "runs-20260301T132105Z.csv").read_text() == "mine"
        assert sorted(path.name for path in tmp_path.glob("*-[23].csv")) == [
            "runs-20260301T132105Z-2.csv",
            "runs-20260301T132105Z-3.csv",
        ]


async def test_e_writes_the_list_in_sight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tree = Tree(5)
    tree.reject(2)
    async with console(tree.snapshot()) as seen:
        await seen.press("tab", "e", "1", "e")
        assert sorted(path.name[:9] for path in tmp_path.glob("*")) == ["policies-", "rejected-"]


async def test_policies_in_sight_are_written_with_the_figures_of_all_their_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    snapshot = Tree(50).snapshot()
    async with console(snapshot, screen="1") as seen:
        await seen.press("slash")
        await seen.type("policy:b71c02")
        await seen.press("enter", "e")
        written = next(tmp_path.glob("*")).read_text().splitlines()
        export_table("policies", "csv", snapshot, tmp_path / "all")
        whole = (tmp_path / "all" / "policies.csv").read_text().splitlines()
        assert written == [line for line in whole if line.startswith(("policy_hash", "b71c02"))]


async def test_where_nothing_can_be_written_e_says_so_and_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(Path, "cwd", lambda: tmp_path / "file")
    async with console(Tree(5).snapshot()) as seen:
        await seen.press("e")
        assert "nothing can be written there" in seen.text
        assert "export ROOT --where" in " ".join(seen.text.split())


async def test_files_rejected_since_a_view_is_held_count_as_newer_also_where_others_left() -> None:
    tree = Tree(5)
    tree.reject(4)
    async with console(tree.snapshot()) as seen:
        await seen.press("tab", "space")
        gone, tree.rejected = tree.rejected[:2], tree.rejected[2:]
        assert len(gone) == 2
        tree.rejected += tuple(one._replace(path=f"new/{one.path}") for one in (*gone, tree.rejected[0]))
        await seen.publish(tree.snapshot())
        assert "FROZEN, 3 newer" in seen.lines[1]
        tree.arrive()
        await seen.publish(tree.snapshot())
        assert "FROZEN, 4 newer" in seen.lines[1]
        await seen.press("space")
        assert "FROZEN" not in seen.text


async def test_what_the_queue_refuses_comes_into_the_detail_that_is_open() -> None:
    tree = Tree(5)
    async with console(tree.snapshot()) as seen:
        assert "none: every field was usable" in "\n".join(paged(seen.runs))
        snapshot = tree.snapshot()
        path = next(line.run.path for line in seen.runs._runs.rows if line.run.run_id == seen.selected)
        note = Diagnostic("foreign_run", "queue_run", "run ffff-1 is not of this ledger")
        await seen.publish(replace(snapshot, refused=((path, note),), diagnostics=lambda: ((path, (note,)),)))
        await seen.press("enter")
        await seen.until(lambda: "foreign_run in queue_run" in seen.text)
        await seen.publish(snapshot)
        await seen.until(lambda: "none: every field was usable" in seen.text)
