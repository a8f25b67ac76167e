"""Screen Policies, used: what a key, a click or an arriving Snapshot does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from gateconsole.snapshot import Policy, Snapshot
from gateconsole.tui.app import Console
from gateconsole.tui.policies.cells import PolicyRow
from gateconsole.tui.widgets.pane import Pane
from gateconsole.tui.widgets.table import Table
from tests.screens.fake import BROKEN_WHITELIST, MINUTE, NOON, full, made_runs, of, policy
from tests.screens.plain_source import PlainSource
from tests.screens.using import Looked, drawn_lines

KEYS = " enter open  r runs "


class Seen(Looked):
    """A running console with its source."""

    def __init__(self, app: Console, pilot: Pilot[int], source: PlainSource) -> None:
        super().__init__(app, pilot)
        self.source = source

    @property
    def table(self) -> Table[PolicyRow]:
        """The list of policies."""
        return self.app.query_one("#policy-list", Table)

    @property
    def selected(self) -> str:
        """The policy under the cursor."""
        row = self.table.selected
        return row.policy.policy_hash if row else ""

    async def press(self, *keys: str) -> None:
        """Type."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def publish(self, snapshot: Snapshot) -> None:
        """Let the engine publish."""
        self.app.publish(snapshot)
        await self.pilot.pause()
        await self.pilot.pause()


@asynccontextmanager
async def opened(snapshot: Snapshot, size: tuple[int, int] = (120, 36)) -> AsyncIterator[Seen]:
    """A console that shows a Snapshot."""
    source = PlainSource(snapshot)
    app = Console(lambda: source, root_label="ci-artifacts")
    async with app.run_test(size=size) as pilot:
        for _ in range(500):
            await pilot.pause(0.01)
            if app.frame.snapshot is snapshot:
                break
        await pilot.pause()
        yield Seen(app, pilot, source)
        app.stop_source()


def numbered(number: int, runs: int = 4) -> list[Policy]:
    """Policies named by number, in the order shown."""
    return [policy(f"p{place:03}", made_runs(runs, place)) for place in range(number)]


async def test_the_first_row_has_the_cursor_and_its_detail_is_shown() -> None:
    async with opened(full()) as seen:
        assert seen.selected == "a6f53e"
        assert "─ a6f53e  412 runs" in seen.text


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        (["j"], 1),
        (["down", "down"], 2),
        (["G"], 39),
        (["end"], 39),
        (["G", "k"], 38),
        (["G", "up", "up"], 37),
        (["G", "g"], 0),
        (["G", "home"], 0),
        (["k"], 0),
        (["G", "j"], 39),
    ],
)
async def test_keys_move_the_cursor_and_stop_at_the_ends(keys: list[str], place: int) -> None:
    async with opened(of(numbered(40))) as seen:
        await seen.press(*keys)
        assert seen.table.cursor == place


async def test_a_page_is_what_the_list_shows() -> None:
    async with opened(of(numbered(40))) as seen:
        await seen.press("pagedown")
        assert seen.table.cursor == seen.table.page
        await seen.press("pageup")
        assert seen.table.cursor == 0


async def test_the_detail_follows_the_cursor() -> None:
    async with opened(full()) as seen:
        await seen.press("j")
        assert "─ b71c02  38 runs" in seen.text


async def test_enter_opens_the_detail_and_esc_goes_back() -> None:
    async with opened(full(), (80, 24)) as seen:
        assert "UNKNOWN CLASS" not in seen.text
        await seen.press("j", "enter")
        assert "─ b71c02" in seen.text
        assert "UNKNOWN CLASS" in seen.text
        assert "LAST 21 RUNS" not in seen.text
        await seen.press("escape")
        assert "UNKNOWN CLASS" not in seen.text
        assert seen.selected == "b71c02"


async def test_in_an_open_detail_the_keys_scroll_the_classes() -> None:
    runs = [
        run._replace(unknown_rate=0.1, unknown_classes=(f"class-{place:03}",))
        for place, run in enumerate(made_runs(90, 1))
    ]
    async with opened(of([policy("a", runs)]), (80, 24)) as seen:
        await seen.press("enter")
        assert "class-000" in seen.text
        await seen.press("G")
        assert "class-089" in seen.text
        await seen.press("g")
        assert "class-000" in seen.text


async def test_the_footer_shows_the_keys_that_do_something_now() -> None:
    async with opened(full(), (80, 24)) as seen:
        assert seen.lines[-1].startswith(KEYS)
        await seen.press("enter")
        assert seen.lines[-1].startswith(" esc back")
        assert "enter" not in seen.lines[-1]
    async with opened(of(())) as seen:
        assert seen.lines[-1].startswith(" ? help  : palette  T theme  q quit ")


async def test_the_cursor_stays_on_its_policy_when_others_arrive_before_it() -> None:
    async with opened(of(numbered(20)), (80, 24)) as seen:
        await seen.press(*"jjjjj")
        await seen.publish(of([*numbered(20), *(policy(f"new{place}", made_runs(9, place)) for place in range(7))]))
        assert seen.selected == "p005"
        assert seen.table.cursor == 12


async def test_the_line_of_the_cursor_stays_where_it_was_in_a_long_list() -> None:
    async with opened(of(numbered(100)), (80, 24)) as seen:
        await seen.press("pagedown", "pagedown", "k", "k", "k")
        line = seen.table.cursor - seen.table.top
        await seen.publish(of([*numbered(100), *(policy(f"new{place}", made_runs(9, place)) for place in range(7))]))
        assert seen.table.cursor - seen.table.top == line


async def test_when_its_policy_leaves_the_cursor_takes_the_next() -> None:
    async with opened(of(numbered(5))) as seen:
        await seen.press("j", "j")
        await seen.publish(of([each for each in numbered(5) if each.policy_hash != "p002"]))
        assert seen.selected == "p003"
        assert "─ p003" in seen.text


async def test_when_all_policies_leave_the_screen_says_what_to_do() -> None:
    async with opened(full()) as seen:
        await seen.press("enter")
        await seen.publish(of((), generation=2))
        assert "No run yet" in seen.text
        assert "gateconsole demo" in seen.text


async def test_a_resize_keeps_the_cursor() -> None:
    async with opened(of(numbered(40))) as seen:
        await seen.press(*"j" * 30)
        await seen.pilot.resize_terminal(80, 24)
        await seen.pilot.pause(0.05)
        assert seen.selected == "p030"
        assert "▌p030" in seen.text


async def test_a_click_selects_and_a_second_click_opens() -> None:
    async with opened(full(), (80, 24)) as seen:
        await seen.pilot.click("#policy-list", offset=(4, 3))
        await seen.pilot.pause()
        assert seen.selected == "c0ffee"
        await seen.pilot.click("#policy-list", offset=(4, 3), times=2)
        await seen.pilot.pause()
        assert "UNKNOWN CLASS" in seen.text


async def test_a_banner_stands_under_the_tabs_and_leaves_with_its_cause() -> None:
    async with opened(full()) as seen:
        await seen.publish(replace(full(), banners=(BROKEN_WHITELIST,)))
        assert "line 7, column 3" in seen.lines[2]
        await seen.publish(full())
        assert seen.lines[2].lstrip().startswith("POLICY")


async def test_only_the_lines_of_changed_policies_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    first = of(numbered(20))
    async with opened(first, (120, 60)) as seen:
        drawn = drawn_lines(monkeypatch, "policy-list")
        changed = list(first.policies)
        for place in (3, 7):
            changed[place] = policy(f"p{place:03}", made_runs(4, place + 50))
        await seen.publish(replace(first, policies=tuple(changed)))
        assert sorted(set(drawn)) == [4, 8]


async def test_an_equal_snapshot_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first = full()
    async with opened(first) as seen:
        asked: list[int] = []
        monkeypatch.setattr(Table, "render_line", lambda _, y: asked.append(y))
        monkeypatch.setattr(Pane, "render_line", lambda _, y: asked.append(y))
        await seen.publish(replace(first, generation=2))
        assert asked == []


async def test_the_newest_of_many_snapshots_is_shown() -> None:
    async with opened(of(numbered(3))) as seen:
        for number in range(4, 60):
            seen.app.publish(of(numbered(number, runs=1)))
        for _ in range(50):
            await seen.pilot.pause(0.01)
        assert len(seen.table.rows) == 59


async def test_when_the_day_turns_the_times_get_their_dates() -> None:
    first = full()
    async with opened(first) as seen:
        assert "13:16Z" in seen.lines[3]
        await seen.publish(replace(first, taken_at=NOON + 24 * 60 * MINUTE))
        assert "03-01" in seen.lines[3]


@pytest.mark.parametrize("n", [33_334, 1_234_567])
async def test_the_number_of_runs_is_never_cut(n: int) -> None:
    one = policy("a6f53e", made_runs(20, 1))
    many = replace(one, whole=replace(one.whole, n=n))
    async with opened(of([many]), (80, 24)) as seen:
        assert f" {n:,} " in next(line for line in seen.lines if "a6f53e" in line)


async def test_a_hundred_thousand_rows_draw_only_what_is_in_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    one = policy("p", made_runs(4, 1))
    many = of([replace(one, policy_hash=f"p{place:06}") for place in range(100_000)])
    async with opened(many, (80, 24)) as seen:
        await seen.press("G")
        assert "p099999" in seen.text
        assert len(seen.table._strips) <= 4 * 24 + 1


async def test_quitting_stops_the_source() -> None:
    source = PlainSource(full())
    app = Console(lambda: source, root_label="x")
    async with app.run_test() as pilot:
        for _ in range(200):
            await pilot.pause(0.01)
            if source.publish:
                break
    app.stop_source()
    assert source.stopped


async def test_while_runs_arrive_the_list_is_ahead_of_the_chart_and_another_policy_is_charted_at_once() -> None:
    first = of([policy("p1", made_runs(5, 1)), policy("p2", made_runs(5, 2))])
    async with opened(first) as seen:
        for size in (6, 7):
            await seen.publish(of([policy("p1", made_runs(size, 1)), policy("p2", made_runs(5, 2))]))
        assert re.search("▌p1 +7 ", seen.text)
        assert "p1  6 runs" in seen.text
        await seen.press("j")
        assert "p2  5 runs" in seen.text
        await seen.press("k")
        assert "p1  7 runs" in seen.text
