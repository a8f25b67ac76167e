"""The filter line, on both screens: compiled with every key, kept, cleared, shared."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import Key

from gateconsole.tui.frame.filter_bar import FilterBar, without_begun_key
from gateconsole.tui.widgets.table import Table
from tests.screens.fake import MINUTE, NOON
from tests.screens.fake_runs import Tree
from tests.screens.using import InUse, console


def policies(seen: InUse) -> list[str]:
    """The policies in the list."""
    return [row.policy.policy_hash for row in seen.app.query_one("#policy-list", Table).rows]


def tree() -> Tree:
    """Five runs, two of them FAILs of one policy."""
    made = Tree()
    for number, (policy, outcome) in enumerate(
        (("a6f53e", "PASS"), ("b71c02", "FAIL"), ("a6f53e", "WARN"), ("b71c02", "FAIL"), ("c0ffee", "PASS"))
    ):
        made.arrive(run_id=f"run-{number}", policy_hash=policy, outcome=outcome, unknown_rate=0.02)
    made.reject(2)
    return made


async def test_the_list_narrows_while_the_filter_is_typed() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("slash")
        await seen.type("outcome:FAIL")
        assert seen.ids == ["run-3", "run-1"]
        assert "Runs 2 of 5" in seen.text
        assert "2 of 5 runs" in seen.lines[-3]


async def test_the_begin_of_a_key_is_not_looked_for_as_a_word() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("slash")
        await seen.type("outco")
        await seen.until(lambda: len(seen.ids) == 5)  # the list has its height when the line has its own
        assert without_begun_key("rate:>0.1 !stra") == "rate:>0.1"
        assert without_begun_key("flaky") == "flaky"


async def test_a_key_typed_right_behind_enter_is_not_text() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("slash")
        await seen.type("run-")
        line = seen.app.frame.query_one(FilterBar)
        line.post_message(Key("enter", "\r"))
        line.post_message(Key("G", "G"))
        await seen.done()
        assert seen.app.frame.lens.text == "run-"
        assert not line.display
        assert seen.selected == seen.ids[-1]


async def test_enter_looks_for_a_word_that_could_have_become_a_key() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("slash")
        await seen.type("run")
        await seen.press("enter")
        assert seen.app.frame.lens.text == "run"


async def test_a_kept_filter_stands_in_the_tab_line_and_the_line_goes() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("slash")
        await seen.type("policy:b7")
        await seen.press("enter")
        assert "/ policy:b7" in seen.lines[1]
        assert not seen.app.query_one(FilterBar).display
        assert seen.app.focused is None
        assert seen.ids == ["run-3", "run-1"]


async def test_an_error_stands_under_its_place_with_a_hint_and_the_list_stays() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("slash")
        await seen.type("outcome:FAIL polcy:b")
        line = seen.lines[-2]
        assert line.strip() == "↑ no key 'polcy': did you mean policy:?"
        assert line.index("↑") == seen.lines[-3].index("polcy")
        assert seen.ids == ["run-3", "run-1"]


async def test_enter_does_not_keep_what_is_wrong() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("slash")
        await seen.type("rate:7")
        await seen.press("enter")
        assert seen.app.query_one(FilterBar).display
        assert "7.5 % is written 0.075" in seen.text


async def test_esc_in_the_line_clears_the_filter() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("slash")
        await seen.type("outcome:FAIL")
        await seen.press("escape")
        assert len(seen.ids) == 5
        assert "/ outcome" not in seen.text


async def test_esc_in_the_list_clears_a_kept_filter_after_it_closed_the_detail() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("slash")
        await seen.type("outcome:FAIL")
        await seen.press("enter", "enter", "escape")
        assert "/ outcome:FAIL" in seen.lines[1]
        assert "esc clear filter" in seen.lines[-1]
        await seen.press("escape")
        assert len(seen.ids) == 5


async def test_a_relative_time_moves_on_while_nothing_arrives() -> None:
    made = tree()
    made.arrive(time=NOON - 100 * MINUTE, run_id="old")
    made.arrive(time=NOON - 10 * MINUTE, run_id="young")
    async with console(made.snapshot()) as seen:
        await seen.press("slash")
        await seen.type("since:2h")
        await seen.press("enter")
        assert seen.ids[-2:] == ["young", "old"]
        seen.app.frame.time_goes_on(NOON + 30 * MINUTE)
        await seen.done()
        assert "old" not in seen.ids
        assert "young" in seen.ids


async def test_a_held_view_keeps_its_time() -> None:
    made = tree()
    made.arrive(time=NOON - 100 * MINUTE, run_id="old")
    async with console(made.snapshot()) as seen:
        await seen.press("slash")
        await seen.type("since:2h")
        await seen.press("enter", "space")
        seen.app.frame.time_goes_on(NOON + 30 * MINUTE)
        await seen.done()
        assert "old" in seen.ids


async def test_what_is_exported_counts_from_the_time_that_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = tree()
    made.arrive(time=NOON - 100 * MINUTE, run_id="old")
    async with console(made.snapshot()) as seen:
        await seen.press("slash")
        await seen.type("since:2h")
        await seen.press("enter")
        seen.app.frame.time_goes_on(NOON + 30 * MINUTE)
        await seen.done()
        await seen.press("e")
        (written,) = tmp_path.glob("*.csv")
        assert "old" not in written.read_text()


async def test_what_is_typed_right_after_the_slash_is_text_too() -> None:
    async with console(tree().snapshot()) as seen:
        for key, mark in (("slash", "/"), ("q", "q"), ("3", "3"), ("e", "e")):
            seen.app.post_message(Key(key, mark))
        await seen.done()
        assert seen.app.query_one(FilterBar).text == "q3e"
        assert seen.app.frame.screen_name == "runs"


async def test_news_never_stand_over_the_line_in_which_a_filter_is_typed() -> None:
    async with console(tree().snapshot()) as seen:
        seen.app.frame.toast.tell("new firing alert", "strong")
        await seen.press("slash")
        await seen.type("outcome:FAIL")
        seen.app.frame.toast.tell("another one", "strong")
        await seen.done()
        assert seen.lines[-3].startswith(" / outcome:FAIL▌")
        assert "another one" in seen.lines[-4]
        await seen.press("escape")
        assert "another one" in seen.lines[-2]


async def test_every_letter_is_text_while_the_line_is_open() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("slash")
        await seen.type("q1 ?oTj")
        assert seen.app.query_one(FilterBar).text == "q1 ?oTj"
        assert seen.app.is_running


async def test_pasted_text_is_typed_text_and_its_lines_are_words() -> None:
    from textual.events import Paste

    async with console(tree().snapshot()) as seen:
        await seen.press("slash")
        seen.app.query_one(FilterBar).post_message(Paste("run-3\npolicy:b71c02\n"))
        await seen.done()
        assert seen.app.query_one(FilterBar).text == "run-3 policy:b71c02"


async def test_up_brings_back_an_earlier_filter() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("slash")
        await seen.type("run-1")
        await seen.press("enter", "slash", "escape", "slash", "up")
        assert seen.app.query_one(FilterBar).text == "run-1"
        assert seen.ids == ["run-1"]


async def test_the_filter_holds_on_every_screen() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("slash")
        await seen.type("outcome:FAIL")
        await seen.press("enter", "1")
        assert policies(seen) == ["b71c02"]
        assert "1 of 3 policies with a run that matches; figures of all their runs" in seen.text
        assert "/ outcome:FAIL" in seen.lines[1]
        await seen.press("escape", "5")
        assert len(seen.ids) == 5


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (60, "policies match; figures of all their runs"),
        (80, "policies match; figures of all their runs  by policy, A to Z"),
        (120, "policies with a run that matches; figures of all their runs  by policy, A to Z"),
    ],
)
@pytest.mark.parametrize("screen", ["1", "6"])
async def test_what_the_figures_are_of_is_said_whole_at_every_width(screen: str, width: int, said: str) -> None:
    async with console(tree().snapshot(), (width, 24), screen=screen) as seen:
        await seen.press("slash")
        await seen.type("policy:a")
        await seen.press("enter", "o")
        line = next(line for line in seen.lines if "figures" in line)
        assert line.rstrip().endswith(said)
        assert "…" not in line


async def test_a_filter_that_leaves_nothing_says_so_on_both_screens() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("slash")
        await seen.type("policy:zzz")
        await seen.press("enter")
        assert "No run matches the filter" in seen.text
        assert "It leaves out all of 5 runs." in seen.text
        await seen.press("1")
        assert "No policy has a run that matches the filter" in seen.text
        assert "esc clears it" in seen.text


async def test_rejected_files_are_looked_through_for_words() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("tab", "slash")
        await seen.type("too_large")
        assert [line.path for line in seen.runs._rejected.rows] == ["ci/run-9002/gate_result.json"]
        assert "Rejected 1 of 2" in seen.text
        await seen.type(" outcome:FAIL")
        assert "only words are looked for in it" in seen.text


async def test_an_arriving_run_that_matches_joins_the_list_and_others_do_not() -> None:
    made = tree()
    async with console(made.snapshot()) as seen:
        await seen.press("slash")
        await seen.type("outcome:FAIL")
        await seen.press("enter")
        made.arrive(run_id="run-8", outcome="PASS")
        made.arrive(run_id="run-9", outcome="FAIL")
        await seen.publish(made.snapshot())
        assert seen.ids == ["run-9", "run-3", "run-1"]
        assert "Runs 3 of 7" in seen.text


async def test_the_cursor_stays_on_its_run_when_a_filter_comes_and_goes() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("j", "j", "j")
        assert seen.selected == "run-1"
        await seen.press("slash")
        await seen.type("outcome:FAIL")
        assert seen.selected == "run-1"
        await seen.press("escape")
        assert seen.selected == "run-1"
        assert seen.table.cursor == 3


async def test_a_key_that_can_do_nothing_now_says_so() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("u")
        assert "u does nothing now: take back what was done last" in seen.lines[-1]
        await seen.press("escape")
        assert "does nothing" not in seen.text
