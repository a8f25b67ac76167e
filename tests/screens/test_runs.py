"""Screen Runs, used: the live list, the rejected files, the detail."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateconsole.rows.runs import RunsView
from gateconsole.rows.sorts import RunRow
from gateconsole.snapshot import Snapshot
from tests.screens.fake import MINUTE, NOON, ROOT_MISSING
from tests.screens.fake_runs import Tree
from tests.screens.using import console


async def test_the_newest_run_stands_first_and_undated_ones_last() -> None:
    tree = Tree(3)
    tree.arrive(time=NOON - 10_000 * MINUTE, run_id="old")
    tree.arrive(run_id="undated", timestamp=None)
    tree.arrive(run_id="newest")
    async with console(tree.snapshot()) as seen:
        assert seen.ids == ["newest", "run-4002", "run-4001", "run-4000", "old", "undated"]


async def test_a_row_says_everything_the_list_has_columns_for() -> None:
    tree = Tree()
    tree.arrive(
        time=NOON,
        run_id="run-7",
        policy_hash="a6f53e",
        stratum="pinned",
        outcome="WARN",
        unknown_rate=0.08,
        top_reasons=("flaky_test", "unknown_field_missing"),
    )
    async with console(tree.snapshot()) as seen:
        header, row = seen.lines[3].split(), seen.lines[4].split()
        assert header == ["RUN", "TIME▼", "POLICY", "STRATUM", "OUTCOME", "RATE", "CLASSES", "LISTED"]
        words = ["▌run-7", "13:16:05Z", "a6f53e", "pinned", "WARN", "0.0800"]
        assert row == [*words, "flaky_test,", "unknown_field_missing", "=", "part"]


async def test_reasons_that_are_no_unknown_classes_stand_in_brackets() -> None:
    tree = Tree()
    tree.arrive(outcome="FAIL", unknown_rate=0.0, top_reasons=("schema_violation",))
    async with console(tree.snapshot()) as seen:
        assert "(schema_violation)" in seen.lines[4]


async def test_of_many_reasons_three_are_shown_and_the_rest_counted() -> None:
    tree = Tree()
    tree.arrive(unknown_rate=0.1, top_reasons=("a", "b", "c", "d", "e"))
    async with console(tree.snapshot()) as seen:
        assert "a, b, c +2" in seen.lines[4]


async def test_a_policy_is_whole_before_classes_take_more_room() -> None:
    tree = Tree()
    tree.arrive(
        policy_hash="0123456789abcdef", top_reasons=tuple(f"reason_{number}_of_a_long_name" for number in "123")
    )
    async with console(tree.snapshot()) as seen:
        assert " 0123456789abcdef " in seen.lines[4]


async def test_where_there_is_no_room_the_stratum_goes_first() -> None:
    async with console(Tree(9).snapshot(), (80, 24)) as seen:
        assert "STRATUM" not in seen.lines[3]
        assert seen.lines[3].split()[-1] == "LISTED"


async def test_a_cursor_on_the_first_row_follows_the_newest_run() -> None:
    tree = Tree(30)
    async with console(tree.snapshot()) as seen:
        assert "following · newest first" in seen.text
        newest = tree.arrive()
        await seen.publish(tree.snapshot())
        assert seen.selected == newest


async def test_any_other_cursor_stays_on_its_run_and_its_line_while_runs_arrive() -> None:
    tree = Tree(100)
    async with console(tree.snapshot()) as seen:
        await seen.press("j", "j", "j")
        run, line = seen.selected, seen.table.cursor - seen.table.top
        for _ in range(7):
            tree.arrive()
        await seen.publish(tree.snapshot())
        assert seen.selected == run
        assert seen.table.cursor - seen.table.top == line
        assert "7 above" in seen.text


async def test_g_goes_back_to_the_newest_and_follows_again() -> None:
    tree = Tree(100)
    async with console(tree.snapshot()) as seen:
        await seen.press("G", "g")
        newest = tree.arrive()
        await seen.publish(tree.snapshot())
        assert seen.selected == newest


async def test_a_run_that_leaves_gives_its_cursor_to_the_next() -> None:
    tree = Tree(9)
    async with console(tree.snapshot()) as seen:
        await seen.press("j", "j")
        assert seen.selected == "run-4006"
        tree._series.drop(6)
        await seen.publish(tree.snapshot())
        assert seen.selected == "run-4005"


async def test_only_rows_near_the_screen_are_ever_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    rows = RunsView.rows

    def counted(view: RunsView, start: int, count: int) -> list[RunRow]:
        made.append(count)
        return rows(view, start, count)

    monkeypatch.setattr(RunsView, "rows", counted)
    async with console(Tree(3000).snapshot()) as seen:
        await seen.press("pagedown", "G")
        assert seen.selected == "run-4000"
        assert sum(made) <= 6 * 64


async def test_the_second_list_shows_rejected_files_with_place_rule_and_since() -> None:
    tree = Tree(5)
    tree.reject(2)
    async with console(tree.snapshot()) as seen:
        assert "tab Rejected 2" in seen.text
        await seen.press("tab")
        assert seen.lines[3].split() == ["PATH", "PLACE", "RULE", "SINCE▼"]
        row = seen.lines[4].split()
        assert row == [
            "▌ci/run-9001/gate_result.json",
            "line",
            "3,",
            "column",
            "14",
            "not_one_json_object",
            "13:16:05Z",
        ]
        await seen.press("tab")
        assert "OUTCOME" in seen.lines[3]


async def test_files_still_being_written_stand_before_the_rejected_ones() -> None:
    tree = Tree(5)
    tree.reject()
    tree.pending = ("ci/run-9500/gate_result.json",)
    async with console(tree.snapshot()) as seen:
        assert "Rejected 1 + 1 pending" in seen.text
        await seen.press("tab")
        assert seen.selected == "ci/run-9500/gate_result.json"
        assert "· pending" in seen.lines[4]


async def test_the_detail_says_what_was_read_and_shows_the_file(tmp_path: Path) -> None:
    tree = Tree(3, tmp_path)
    tree.arrive(unknown_rate=0.02, top_reasons=("unknown_field_missing", "ntp_offset"), stratum="pinned")
    async with console(tree.snapshot(), root=tmp_path) as seen:
        for words in (
            "─ run-4003",
            "unknown_rate  0.02",
            "= some of its classes are listed",
            "top_reasons   unknown_field_missing",
            "= listed since 2026-02-19: older",
            "· not listed",
            "none: every field was usable",
            "as it is on disk",
            '"mode": "comment"',
        ):
            assert words in seen.text, words


async def test_the_detail_names_what_was_unusable(tmp_path: Path) -> None:
    async with console(Tree(3, tmp_path).snapshot(), root=tmp_path) as seen:
        assert seen.selected == "run-4002"
        assert "rate_unusable in unknown_rate" in seen.text
        assert "4%" in seen.text


async def test_in_a_narrow_terminal_enter_opens_the_detail_and_esc_goes_back(tmp_path: Path) -> None:
    async with console(Tree(30, tmp_path).snapshot(), (80, 24), root=tmp_path) as seen:
        await seen.press("j")
        assert "as it is on disk" not in seen.text
        await seen.press("enter")
        assert "─ run-4028" in seen.text
        assert "OUTCOME" not in seen.text
        await seen.press("G")
        assert '"mode": "comment"' in seen.text
        await seen.press("escape")
        assert "as it is on disk" not in seen.text
        assert seen.selected == "run-4028"


async def test_a_long_file_is_cut_and_says_so(tmp_path: Path) -> None:
    tree = Tree(1, tmp_path)
    (tmp_path / "ci/run-4000/gate_result.json").write_text("x" * 70_000)
    async with console(tree.snapshot(), root=tmp_path) as seen:
        assert "the first 64 KB of 70,000 bytes" in seen.text
        await seen.press("enter", "G")
        assert "cut here" in seen.text


async def test_a_file_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    tree = Tree(1, tmp_path)
    (tmp_path / "ci/run-4000/gate_result.json").unlink()
    async with console(tree.snapshot(), root=tmp_path) as seen:
        assert "cannot be read: No such file or directory" in seen.text


async def test_opening_reads_the_file_again(tmp_path: Path) -> None:
    tree = Tree(1, tmp_path)
    async with console(tree.snapshot(), root=tmp_path) as seen:
        (tmp_path / "ci/run-4000/gate_result.json").write_text('{"note": "written since"}\n')
        await seen.press("enter")
        assert "written since" in seen.text


async def test_the_detail_of_a_rejected_file_marks_the_faulty_line(tmp_path: Path) -> None:
    tree = Tree(2, tmp_path)
    tree.reject()
    async with console(tree.snapshot(), root=tmp_path) as seen:
        await seen.press("tab")
        assert "rejected: it is in no figure" in seen.text
        assert '→3 │   "outcome": PASS' in seen.text


async def test_the_list_stays_under_the_banner_when_the_root_goes_away() -> None:
    tree = Tree(5)
    async with console(tree.snapshot()) as seen:
        await seen.publish(tree.snapshot(phase="waiting", banners=(ROOT_MISSING,)))
        assert "is not there" in seen.lines[2]
        assert seen.ids[0] == "run-4004"
        assert "following" not in seen.text


@pytest.mark.parametrize(
    ("snapshot", "words"),
    [
        (Snapshot(phase="live", taken_at=NOON), "gateconsole demo"),
        (Snapshot(phase="loading", progress=(5, 10), taken_at=NOON), "Runs appear as"),
        (Snapshot(phase="waiting", banners=(ROOT_MISSING,), taken_at=NOON), "The root is away"),
    ],
)
async def test_an_empty_list_says_why_and_what_to_do(snapshot: Snapshot, words: str) -> None:
    async with console(snapshot) as seen:
        assert words in seen.text


async def test_where_every_file_was_rejected_the_list_points_at_them() -> None:
    tree = Tree()
    tree.reject(2)
    async with console(tree.snapshot()) as seen:
        assert "tab shows which" in seen.text


async def test_a_root_without_faults_says_so_in_the_second_list() -> None:
    async with console(Tree(2).snapshot()) as seen:
        await seen.press("tab")
        assert "No file was rejected" in seen.text
        assert "tab goes back" in seen.text


async def test_a_resize_keeps_the_cursor_and_its_run() -> None:
    async with console(Tree(300).snapshot()) as seen:
        await seen.press(*"j" * 40)
        run = seen.selected
        await seen.pilot.resize_terminal(80, 24)
        await seen.done()
        assert seen.selected == run
        assert f"▌{run}" in seen.text


@pytest.mark.parametrize(("size", "beside"), [((120, 36), False), ((200, 50), True)])
async def test_a_wide_terminal_has_the_detail_beside_the_list(size: tuple[int, int], beside: bool) -> None:
    async with console(Tree(50).snapshot(), size) as seen:
        assert ("LISTED" in seen.lines[3] and "─ run-4049" in seen.lines[3]) is beside
        assert "─ run-4049" in seen.text


async def test_of_a_flood_of_snapshots_the_first_is_shown_at_once_and_then_the_newest() -> None:
    tree = Tree(3)
    async with console(tree.snapshot()) as seen:
        flood = [(tree.arrive(), tree.snapshot())[1] for _ in range(5)]
        for snapshot in flood:
            seen.app.frame.come(snapshot)
        assert seen.app.frame.snapshot is flood[0]
        await seen.until(lambda: seen.app.frame.snapshot is not flood[0])
        assert seen.app.frame.snapshot is flood[-1]


LONG = "nightly-2026-02-18-linux-"
"""What run ids begin with that take 28 cells."""


def nightly(short: int, long: int) -> Tree:
    """Runs of which the newest have short ids and the older ones long ones."""
    tree = Tree()
    for number in range(long):
        tree.arrive(NOON - (9000 - number) * MINUTE, run_id=f"{LONG}{number:03}")
    for number in range(short):
        tree.arrive(NOON - (4000 - number) * MINUTE, run_id=f"r{number:03}")
    return tree


@pytest.mark.parametrize("size", [(120, 36), (200, 60)])
@pytest.mark.parametrize("keys", [("G",), ("pagedown",) * 4])
async def test_ids_that_are_scrolled_to_are_whole_where_there_is_room(
    size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    async with console(nightly(60, 200).snapshot(), size) as seen:
        await seen.press(*keys)
        assert seen.ids[-1].startswith(LONG)
        shown = "\n".join(seen.lines[4 : 4 + seen.table.page])
        assert all(f"{run_id} " in shown for run_id in seen.ids)


@pytest.mark.parametrize("size", [(120, 36), (200, 60)])
async def test_ids_of_the_first_page_are_whole_in_every_size(size: tuple[int, int]) -> None:
    async with console(nightly(2, 200).snapshot(), size) as seen:
        shown = "\n".join(seen.lines[4 : 4 + seen.table.page])
        assert all(f"{run_id} " in shown for run_id in seen.ids)


async def test_an_id_longer_than_most_is_whole_where_the_other_columns_leave_room() -> None:
    tree = Tree()
    tree.arrive(run_id="x" * 60, top_reasons=())
    async with console(tree.snapshot(), (160, 36)) as seen:
        assert "x" * 60 in seen.lines[4]


async def test_columns_keep_still_when_wide_rows_leave_the_screen() -> None:
    async with console(nightly(60, 200).snapshot()) as seen:
        await seen.press("G")
        header = seen.lines[3]
        await seen.press("g")
        assert seen.lines[3] == header


async def test_a_duplicate_stands_in_the_second_list_with_the_file_that_counts(tmp_path: Path) -> None:
    tree = Tree(3, tmp_path)
    twin = tree.arrive(NOON - MINUTE, policy_hash="p", stratum=None)
    tree.arrive(NOON, run_id=twin, policy_hash="p", stratum=None, folder="ci/nightly-2026-02-18-again")
    tree.reject()
    async with console(tree.snapshot(), root=tmp_path) as seen:
        assert "Rejected 1 + 1 duplicate" in seen.text
        await seen.press("tab", "G")
        assert seen.selected == f"ci/{twin}/gate_result.json"
        assert " ci/nightly-2026-02-18-again " in seen.lines[5]
        assert " duplicate " in seen.lines[5]
        assert "duplicate: it is in no figure" in seen.text
        assert "kept          ci/nightly-2026-02-18-again/" in seen.text
        await seen.press("slash", *"again", "enter")
        assert len(seen.table.rows) == 1
        assert "Rejected 0 of 1 + 1 duplicate" in seen.text


async def test_a_duplicate_that_came_since_a_view_is_held_counts_as_newer(tmp_path: Path) -> None:
    tree = Tree(3)
    twin = tree.arrive(NOON, policy_hash="p", stratum=None)
    async with console(tree.snapshot()) as seen:
        await seen.press("space")
        tree.arrive(NOON - MINUTE, run_id=twin, policy_hash="p", stratum=None, folder="ci/again")
        await seen.publish(tree.snapshot())
        assert "FROZEN, 1 newer" in seen.lines[1]
