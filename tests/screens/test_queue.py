"""Screen Queue, used: what is seen, and that every act is asked once, is on disk first, and shows at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.events import Key

from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue import operator_acts
from gateconsole.patch_queue.overview import EMPTY, board
from gateconsole.snapshot import Banner, Snapshot
from gateconsole.tui.app import Console
from gateconsole.tui.frame.filter_bar import FilterBar
from gateconsole.tui.frame.screen_list import SCREENS
from gateconsole.tui.keys.actions import Registry
from gateconsole.tui.queue.screen import QueueScreen
from gateconsole.tui.shell.operator import Operator
from gateconsole.tui.theme.paint import width_of
from gateconsole.tui.theme.wrap import labelled_text
from gateconsole.view import format_time
from tests.screens.fake import MINUTE, NOON, full, of
from tests.screens.fake_queue import ARM, GCC, HOSTILE, FakeQueue, queue
from tests.screens.plain_source import PlainSource
from tests.screens.using import SIZES, Looked, paged

__all__ = ["queue"]


class Seen(Looked):
    """A console on the screen Queue."""

    @property
    def screen(self) -> QueueScreen:
        return self.app.query_one(QueueScreen)

    @property
    def busy(self) -> bool:
        """Whether the ledger is asked, or a list made."""
        screen, frame = self.screen, self.app.frame
        work = (screen._acting, screen._looking, screen._lists, frame._head.counting, frame._writing.working)
        return any(each.busy for each in work)

    async def press(self, *keys: str) -> None:
        """Type, and wait for the ledger."""
        await self.pilot.press(*keys)
        for _ in range(4):
            await self.pilot.pause()
        for _ in range(500):
            if not self.busy:
                break
            await self.pilot.pause(0.01)
        await self.pilot.pause()
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type text."""
        names = {" ": "space", ":": "colon", "!": "exclamation_mark", "-": "minus", "=": "equals_sign", "/": "slash"}
        await self.press(*(names.get(mark, mark) for mark in text))

    async def publish(self, snapshot: Snapshot) -> None:
        """Let the engine publish."""
        self.app.publish(snapshot)
        for _ in range(500):
            if self.app.frame.snapshot is snapshot:
                break
            await self.pilot.pause(0.01)
        await self.press()

    @property
    def patches(self) -> list[str]:
        """The patches that are listed, from the top."""
        return [line.row.patch for line in self.screen.table.rows]

    @property
    def selected(self) -> str:
        """The patch under the cursor."""
        return "" if self.screen.patch is None else self.screen.patch.patch

    async def to(self, patch: str) -> None:
        """Put the cursor on a patch."""
        place = self.screen._table.rows.find(patch)  # type: ignore[attr-defined]
        self.screen._table.move_to(place)
        await self.press()


@asynccontextmanager
async def opened(
    snapshot: Snapshot, hand: Operator | None, size: tuple[int, int] = (120, 36), theme: str = "gate-dark"
) -> AsyncIterator[Seen]:
    """A console with the screen Queue in sight."""
    source = PlainSource(snapshot)
    app = Console(lambda: source, root_label="ci-artifacts", theme=theme, hand=None if hand is None else lambda: hand)
    async with app.run_test(size=size) as pilot:
        seen = Seen(app, pilot)
        for _ in range(500):
            await pilot.pause(0.01)
            if app.frame.snapshot is snapshot and app.frame.current is not None:
                break
        await seen.press("3")
        yield seen
        app.stop_source()


def kinds(queue: FakeQueue) -> list[str]:
    """The kinds of all events in the ledger."""
    ledger = Ledger.for_reading(queue.path)
    assert ledger is not None
    found = [event.kind for event in ledger.events()]
    ledger.close()
    return found


# what is seen


async def test_testcase_proposal_runs_and_failed_sets_are_seen_together(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        for words in (GCC, "p 0.9", "M 6", "  seed  ", "2 in flight", "▲ 1 overdue", "why ", "builders"):
            assert words in seen.text
        assert "run 1     failed, suspects 6 of 6: I00a0" in seen.text
        assert ", 1 open set counted: 6 good, 0 bad, 6 suspects" in seen.text
        assert "run 3     ▲ overdue" in seen.text
        assert "Queue ▲1" in seen.lines[1]


async def test_tab_turns_to_the_other_testcase_and_left_back(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.press("tab")
        assert f" {ARM} 2/2" in seen.lines[2]
        await seen.press("left")
        assert f" {GCC} 1/2" in seen.lines[2]


async def test_i_says_why_the_patch_is_not_in_the_set(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.to("I00a0")
        await seen.press("i")
        assert "I00a0 is not under consideration: held" in seen.text
        await seen.press("escape")
        assert "builders" in seen.text


async def test_t_tells_what_happened_to_the_patch_and_follows_the_cursor(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.to("I00a0")
        await seen.press("t")
        for words in ("timeline of I00a0", "held: waits for review", "optimistic with 5 others: penalty", "arrived"):
            assert words in seen.text
        await seen.press("g")
        assert "timeline of I00a0" not in seen.text


async def test_a_hostile_name_is_shown_as_it_is(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand(), (200, 50)) as seen:
        assert HOSTILE in seen.text


async def test_no_testcase_says_how_to_begin() -> None:
    async with opened(replace(full(), queue=EMPTY), None) as seen:
        assert "gateconsole queue configure TESTCASE --p 0.9" in seen.text


async def test_a_ledger_that_cannot_be_read_is_not_taken_for_an_empty_queue() -> None:
    banner = Banner("queue_unusable", "ledger.db is no ledger: move it away", "the queue is shown as it was last read")
    async with opened(replace(full(), queue=EMPTY, banners=(banner,)), None, (80, 24)) as seen:
        assert "ledger.db is no ledger" in seen.text
        assert "The ledger cannot be read" in seen.text
        assert "as soon as it can be read." in " ".join(seen.text.split())
        assert "configure" not in seen.text


async def test_a_testcase_without_patches_says_how_one_comes(tmp_path: Path) -> None:
    made = FakeQueue(tmp_path / "ledger.db")
    operator_acts.configure(made.ledger, GCC, made.when(), p="0.9")
    async with opened(made.snapshot(), made.hand()) as seen:
        assert "no patch is under consideration: `gateconsole queue submit PATCH` brings one" in seen.text


@pytest.mark.parametrize(("days", "said"), [(0, "4 of ~11 min"), (1, "24 h of ~11 min"), (9, "9 d of ~11 min")])
async def test_how_long_a_run_has_been_in_flight_is_told_in_few_digits(queue: FakeQueue, days: int, said: str) -> None:
    with queue.ledger.reading() as connection:
        shown = board(connection, NOON + days * 24 * 60 * MINUTE)
    async with opened(replace(full(), queue=shown), queue.hand(), (200, 50)) as seen:
        assert said in seen.text


async def test_a_name_at_the_left_takes_no_more_than_its_place(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        lines = labelled_text(seen.screen.paint, f"run {'x' * 10_000}", "of many words " * 40, 60)
    assert len(lines) > 5
    assert max(map(width_of, lines)) <= 60


async def test_ten_thousand_patches_make_no_more_rows_than_are_in_sight(tmp_path: Path) -> None:
    made = FakeQueue(tmp_path / "ledger.db").filled()
    each = made.board().testcases[0]
    many = tuple(each.patches[0]._replace(patch=f"I{number:05}", place=number + 1) for number in range(10_000))
    board = replace(made.board(), testcases=(replace(each, patches=many),))
    async with opened(replace(full(), queue=board), made.hand()) as seen:
        await seen.press("G")
        assert "I09999" in seen.text
        assert len(seen.screen._table._strips) <= 4 * seen.screen._table.size.height + 1


@pytest.mark.parametrize("size", SIZES)
async def test_no_line_is_wider_than_the_terminal(queue: FakeQueue, size: str) -> None:
    async with opened(queue.snapshot(), queue.hand(), SIZES[size]) as seen:
        for keys in ((), ("t",), ("i",), ("escape", "d"), ("escape", "enter")):
            await seen.press(*keys)
            assert all(cell_len(line) <= SIZES[size][0] for line in seen.lines)


# acts


@pytest.mark.parametrize(
    ("patch", "keys", "kind", "said"),
    [
        ("", ("d", "enter", "enter"), "dispatched", "is tb9's"),
        ("", ("r", "enter", "down", "enter"), "result", "fail"),
        ("", ("r", "enter", "enter"), "result", "run 7f3a-"),
        ("", ("b", "enter", "down", "enter"), "base_result", "its base: fail"),
        ("", ("L", "enter", *"gone", "enter"), "lost", "lost"),
        ("", ("m", "enter", "enter", *"flake", "enter"), "marked", "says nothing"),
        ("I01a0", ("x", *"dead", "enter"), "patch_withdrawn", "I01a0 is withdrawn"),
        ("I02a0", ("h", *"wait", "enter"), "held", "is held"),
        ("I00a0", ("h", "enter"), "released", "I00a0 is considered again"),
        ("I01a0", ("l", "enter"), "patch_landed", "I01a0 has landed"),
        ("I06a0", ("R", "enter", *"flaky", "enter"), "reopened", "returns with its k"),
        ("", ("z", "enter", *"disk", "enter"), "paused", "paused: this testcase"),
        ("", ("A", "enter"), "p_adopted", "from now on"),
        ("I05a0", ("f", "enter"), "patch_put_first", "I05a0 goes before all of equal innocence"),
        ("", ("n", *["backspace"] * 7, "enter"), "testcase_renamed", "is linux-gcc from now on"),
        ("", ("X", *"gone", "enter"), "testcase_retired", "is retired"),
    ],
    ids=lambda value: value if isinstance(value, str) and "_" in value else None,
)
async def test_an_act_is_asked_once_is_on_disk_and_shows(
    queue: FakeQueue, patch: str, keys: tuple[str, ...], kind: str, said: str
) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        if patch:
            await seen.to(patch)
        before = kinds(queue)
        await seen.press(*keys)
        assert kinds(queue) == [*before, kind]
        assert said in seen.lines[-1]
        assert seen.screen._shown.seq == len(before) + 1


async def test_z_resumes_what_is_paused(queue: FakeQueue) -> None:
    operator_acts.pause(queue.ledger, "disk", queue.when(), testcase=GCC)
    async with opened(queue.snapshot(), queue.hand()) as seen:
        assert "paused: disk" in seen.text
        await seen.press("z", "enter")
        assert "resumed" in seen.lines[-1]
        assert "paused: disk" not in seen.text


async def test_escape_keeps_everything_as_it_is(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        before = kinds(queue)
        await seen.press("x", *"dead", "escape")
        assert kinds(queue) == before
        assert "withdraw I" not in seen.text


async def test_a_reason_that_is_missing_is_asked_for(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        before = kinds(queue)
        await seen.press("x", "enter")
        assert "say the reason" in seen.text
        assert kinds(queue) == before


async def test_a_run_may_be_named_by_its_number_and_a_wrong_one_is_refused(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.press("r", "ctrl+u", "4", "enter", "enter")
        assert "run 7f3a-4: pass" in seen.lines[-1]
        await seen.press("r", "ctrl+u", *"99", "enter", "enter")
        assert "no run '7f3a-99' in this ledger" in seen.text


async def test_a_ledger_that_cannot_be_written_is_said_and_nothing_changes(queue: FakeQueue) -> None:
    queue.ledger.close()
    snapshot = FakeQueue(queue.path).snapshot()
    queue.path.write_bytes(b"no ledger at all" * 100)
    async with opened(snapshot, queue.hand()) as seen:
        await seen.press("d", "enter", "enter")
        assert "is no ledger" in seen.text
        assert seen.screen._shown is snapshot.queue


async def test_a_locked_ledger_is_said_and_the_form_comes_back_with_what_was_typed(
    queue: FakeQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateconsole.tui.shell.ledger_access.PATIENCE", 0.1)
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.to("I02a0")
        before = kinds(queue)
        with queue.ledger.transaction(NOON, "another"):
            await seen.press("h", *"waits for review", "enter")
            assert "another process keeps it locked" in " ".join(line.strip() for line in seen.lines[-3:])
            assert "waits for review" in seen.text
            await seen.press("escape", "t")
        assert kinds(queue) == before
        await seen.press("h")
        assert "waits for review" not in seen.text
        await seen.press(*"again", "enter")
        assert kinds(queue) == [*before, "held"]


async def test_a_dispatch_that_comes_back_is_the_same_one(queue: FakeQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateconsole.tui.shell.ledger_access.PATIENCE", 0.1)
    async with opened(queue.snapshot(), queue.hand()) as seen:
        before = kinds(queue)
        with queue.ledger.transaction(NOON, "another"):
            await seen.press("d", "ctrl+u", *"tb12", "enter", "enter")
        assert "tb12" in seen.text
        await seen.press("enter", "enter")
        assert kinds(queue) == [*before, "dispatched"]
        assert "is tb12's" in seen.lines[-1]


async def test_an_act_that_waits_for_another_process_says_so(queue: FakeQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateconsole.tui.shell.ledger_actions._SLOW", 0.05)
    async with opened(queue.snapshot(), queue.hand()) as seen:
        with queue.ledger.transaction(NOON, "another"):
            await seen.pilot.press("l", "enter")
            for _ in range(200):
                await seen.pilot.pause(0.01)
                if "waiting for it" in seen.text:
                    break
            assert "another process has the ledger locked, waiting for it" in seen.text
        await seen.press()
        assert "has landed" in seen.lines[-1]


async def test_read_only_hides_the_acts_and_says_so(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand(writes=False), (200, 50)) as seen:
        before = kinds(queue)
        assert "RO" in seen.lines[2]
        for key in "drLmxhlRzA":
            await seen.press(key)
            assert not seen.screen._form.display
        assert " d dispatch" not in seen.lines[-1]
        assert kinds(queue) == before
        await seen.press("t")
        assert "timeline of" in seen.text


async def test_the_engine_s_newer_board_takes_the_place_of_the_one_read_after_an_act(queue: FakeQueue) -> None:
    snapshot = queue.snapshot()
    async with opened(snapshot, queue.hand()) as seen:
        await seen.press("l", "enter")
        assert "has landed" in seen.lines[-1]
        seen.app.publish(replace(snapshot, generation=2))
        await seen.press()
        assert seen.screen._shown is not snapshot.queue
        later = replace(snapshot, generation=3, taken_at=NOON + 4_000_000)
        seen.app.publish(later)
        await seen.press()
        assert seen.screen._shown is snapshot.queue


async def test_the_row_is_copied_and_the_page_holds_every_patch(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        row = seen.screen.row()
        assert row is not None
        assert row.document["testcase"] == GCC
        page = paged(seen.screen)
        assert any(HOSTILE in line for line in page)
        header = next(line for line in page if line.split()[:2] == ["#", "PATCH"])
        assert header.split() == ["#", "PATCH", "ARRIVED", "P-INNOCENT", "K", "STATE", "OVERALL"]


# the filter


async def test_the_filter_chooses_among_the_patches_in_sight_and_the_title_says_how_many(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        every = seen.patches
        await seen.type("/held")
        assert seen.patches == ["I00a0"]
        assert f"1 of {len(every)} patches match" in seen.lines[3] + seen.lines[4] + seen.lines[5]
        assert f"1 of {len(every)} patches" in seen.lines[-3]
        await seen.press("enter")
        assert "/ held" in seen.lines[1]
        await seen.press("escape")
        assert seen.patches == every
        assert "match" not in seen.text


async def test_what_is_proposed_is_of_the_whole_queue_and_says_so_while_a_filter_is_on(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        proposed = next(line for line in seen.lines if line.startswith(" next "))
        assert "whole queue" not in seen.text
        await seen.type("/held")
        assert "next of the whole queue, whatever the filter" in seen.text
        assert proposed in seen.lines
        await seen.press("enter", "i")
        assert "why I00a0, of the whole queue, whatever the filter" in seen.text
        await seen.press("t")
        assert "whatever the filter" not in seen.text


async def test_a_field_that_no_patch_has_is_said_under_the_filter_and_in_the_title(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.type("/outcome:FAIL")
        said = "patches have no outcome; words, run: and time: find them"
        assert seen.lines[-2].strip() == said
        assert "No patch matches the filter" in seen.text
        assert f"It leaves out all of 12 patches of {GCC}." in seen.text
        assert " next " in seen.text
        await seen.press("enter")
        assert said in seen.text
        await seen.press("5", "3")
        assert said in seen.text
        await seen.press("escape")
        assert said not in seen.text
        assert len(seen.patches) == 12


async def test_the_cursor_keeps_its_patch_when_a_filter_comes_and_goes(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.to("I07a0")
        await seen.type("/good")
        assert seen.selected == "I07a0"
        await seen.press("escape")
        assert seen.selected == "I07a0"


async def test_the_filter_holds_for_the_other_testcase_too(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.type("/I07")
        await seen.press("enter", "tab")
        assert seen.patches == ["I07a0"]
        assert f" {ARM} 2/2" in seen.lines[2]


async def test_every_letter_behind_the_slash_is_text_and_never_an_act(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        before = kinds(queue)
        for key, mark in (("slash", "/"), *((letter, letter) for letter in "linuxdrbmLxhlRzA")):
            seen.app.post_message(Key(key, mark))
        await seen.press("enter", "enter")
        assert seen.app.frame.lens.text == "linuxdrbmLxhlRzA"
        assert not seen.screen._form.display
        assert kinds(queue) == before


@pytest.mark.parametrize("screen", [str(number) for number in range(1, 7)])
async def test_the_slash_opens_the_filter_also_where_nothing_is_to_be_filtered(screen: str) -> None:
    async with opened(replace(of(()), queue=EMPTY), None) as seen:
        await seen.press(screen, "slash", "q")
        assert seen.app.query_one(FilterBar).text == "q"
        assert seen.app.is_running


# the order


async def test_o_sorts_by_each_column_in_turn_and_the_cursor_keeps_its_patch(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand(), (200, 50)) as seen:
        own = seen.patches
        await seen.to("I07a0")
        for words in ("by patch, A to Z", "newest first", "least innocent first", "most penalties first"):
            await seen.press("o")
            assert f" {words} " in seen.text
            assert seen.selected == "I07a0"
            assert sorted(seen.patches) == sorted(own)
        await seen.press("O")
        assert " fewest penalties first " in seen.text
        assert "▲K" in seen.text or "K▲" in seen.text
        await seen.press("o", "o", "o")
        assert seen.patches == own
        assert "first " not in seen.lines[3]


async def test_s_chooses_the_column_and_the_title_s_click_turns_it(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.press("S")
        assert "what presses most first" in seen.text
        await seen.press("down", "enter")
        assert " by patch, A to Z " in seen.text
        assert seen.patches == sorted(seen.patches)
        seen.screen.table.post_message(seen.screen.table.HeaderClicked(seen.screen.table, "patch"))
        await seen.press()
        assert " by patch, Z to A " in seen.text


# a held view


async def test_a_held_view_keeps_its_patches_and_counts_those_that_are_newer(queue: FakeQueue) -> None:
    before = queue.snapshot()
    async with opened(before, queue.hand(), (200, 50)) as seen:
        await seen.press("space")
        assert "FROZEN, 0 newer" in seen.lines[1]
        assert f"as held at {format_time(NOON, NOON)}" in seen.text
        operator_acts.land(queue.ledger, "I02a0", queue.when())
        operator_acts.submit(queue.ledger, "brand-new", queue.when(), testcases=(GCC,))
        await seen.publish(replace(queue.snapshot(), generation=2))
        assert seen.screen._shown is before.queue
        assert "brand-new" not in seen.patches
        assert "FROZEN, 3 newer" in seen.lines[1]  # I02a0 in both testcases, and the one that came
        await seen.press("5", "3")
        assert "FROZEN, 3 newer" in seen.lines[1]
        await seen.press("space")
        assert "FROZEN" not in seen.text
        assert "brand-new" in seen.patches


async def test_a_view_that_was_held_elsewhere_is_held_here_too(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.press("5", "space")
        operator_acts.submit(queue.ledger, "brand-new", queue.when(), testcases=(GCC,))
        await seen.publish(replace(queue.snapshot(), generation=2))
        await seen.press("3")
        assert "brand-new" not in seen.patches
        assert "FROZEN, 1 newer" in seen.lines[1]


async def test_an_act_on_a_held_view_is_done_now_and_says_that_the_view_does_not_show_it(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.to("I01a0")
        await seen.press("space", "l")
        assert "no longer as shown" not in seen.text
        await seen.press("enter")
        assert kinds(queue)[-1] == "patch_landed"
        assert "I01a0 has landed; the view is held, space goes on" in seen.said
        assert seen.selected == "I01a0"
        assert seen.screen.patch is not None
        assert seen.screen.patch.state == "pending"
        await seen.press("space")
        assert seen.screen.each is not None
        assert next(row.state for row in seen.screen.each.patches if row.patch == "I01a0") == "landed"


async def test_an_act_on_a_patch_that_stands_otherwise_by_now_says_so_before_it_is_done(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.to("I02a0")
        await seen.press("space")
        operator_acts.hold(queue.ledger, "I02a0", "waits", queue.when())
        await seen.publish(replace(queue.snapshot(), generation=2))
        await seen.press("l")
        assert "no longer as shown, now held; was pending: it is in the base now" in seen.text
        await seen.press("escape")
        operator_acts.land(queue.ledger, "I02a0", queue.when())
        await seen.publish(replace(queue.snapshot(), generation=3))
        await seen.press("x")
        assert not seen.screen._form.display
        assert "nothing to do any more: no longer as shown, now landed" in seen.said


async def test_why_and_timeline_of_a_held_view_know_nothing_of_what_came_later(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.to("I02a0")
        await seen.press("space")
        operator_acts.hold(queue.ledger, "I02a0", "much later", queue.when())
        await seen.publish(replace(queue.snapshot(), generation=2))
        await seen.press("t")
        assert "timeline of I02a0" in seen.text
        assert "much later" not in seen.text
        await seen.press("i")
        assert "why not I02a0" in seen.text
        assert "held" not in seen.text.split("why not I02a0")[1]
        await seen.press("space")
        assert "much later" in seen.text or "not under consideration: held" in seen.text


# for other programs


async def test_page_and_row_are_of_what_the_filter_finds_in_the_order_shown(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.type("/suspect")
        await seen.press("enter", "o", "O")
        text = "\n".join(paged(seen.screen))
        places = [text.index(f" {patch} ") for patch in seen.patches]
        assert places == sorted(places)
        assert "I07a0" not in text
        assert f"Queue: {len(seen.patches)} of 12 patches, by patch, Z to A" in text
        assert "filter: suspect" in text
        assert "of the whole queue, whatever the filter" in text
        row = seen.screen.row()
        assert row is not None
        assert row.document["patch"] == seen.selected


# keys of other screens


async def test_a_key_of_another_screen_says_that_it_does_nothing_here(queue: FakeQueue) -> None:
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.press("s")
        assert "s does nothing on Queue, it is snooze on Alerts" in seen.lines[-1]
        await seen.press("5", "l")
        assert "l does nothing on Runs, it is land on Queue" in seen.lines[-1]
        assert kinds(queue)[-1] != "patch_landed"


@pytest.mark.parametrize("screen", [entry.name for entry in SCREENS])
async def test_no_key_of_any_screen_is_dead_in_silence(queue: FakeQueue, screen: str) -> None:
    quiet = {"open", "back", "down", "up", "page_down", "page_up", "first", "last"}
    registry = Registry()
    async with opened(queue.snapshot(), queue.hand()) as seen:
        await seen.press(next(entry.key for entry in SCREENS if entry.name == screen))
        for key in registry.keys:
            elsewhere = [action for action in registry.elsewhere(key, screen) if action.id not in quiet]
            if elsewhere:
                await seen.pilot.press(key)
                assert f"does nothing on {screen.capitalize()}, it is {elsewhere[0].label}" in seen.said


async def test_what_was_decided_earlier_is_shown_by_a_and_hidden_again(queue: FakeQueue) -> None:
    hand = queue.hand()._replace(history=60_000_000)
    shown = queue.snapshot()
    with queue.ledger.reading() as connection:
        shown = replace(shown, queue=board(connection, NOON, 60_000_000))
    assert shown.queue is not None
    recent = len(shown.queue.testcases[0].patches)
    assert shown.queue.testcases[0].earlier == 12 - recent > 0
    async with opened(shown, hand) as seen:
        assert f"{12 - recent} patches decided earlier; a shows all" in seen.text
        for number in (12, recent):
            await seen.press("a")
            for _ in range(200):  # until the ledger was read, away from the screen
                if len(seen.screen.table.rows) == number:
                    break
                await seen.press()
            assert len(seen.screen.table.rows) == number
