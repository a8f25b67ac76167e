"""Screen Queue, used: what is seen, and that every act is asked once, is on disk first, and shows at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from gateconsole.innocence import acts
from gateconsole.innocence.board import EMPTY, board
from gateconsole.ledger.store import Ledger
from gateconsole.snapshot import Banner, Snapshot
from gateconsole.tui.app import Console
from gateconsole.tui.hand import Hand
from gateconsole.tui.safe import width_of
from gateconsole.tui.screens.queue import QueueScreen
from gateconsole.tui.widgets.queue_words import told
from tests.screens.fake import MINUTE, NOON, full
from tests.screens.fake_queue import ARM, GCC, HOSTILE, FakeQueue, queue
from tests.screens.plain_source import PlainSource
from tests.screens.using import SIZES, Looked

__all__ = ["queue"]


class Seen(Looked):
    """A console on the screen Queue."""

    @property
    def screen(self) -> QueueScreen:
        return self.app.query_one(QueueScreen)

    async def press(self, *keys: str) -> None:
        """Type, and wait for the ledger."""
        await self.pilot.press(*keys)
        for _ in range(4):
            await self.pilot.pause()
        for _ in range(500):
            if not (self.screen._acting.busy or self.screen._looking.busy):
                break
            await self.pilot.pause(0.01)
        await self.pilot.pause()
        await self.pilot.pause()

    async def to(self, patch: str) -> None:
        """Put the cursor on a patch."""
        place = self.screen._table.rows.find(patch)  # type: ignore[attr-defined]
        self.screen._table.move_to(place)
        await self.press()


@asynccontextmanager
async def opened(
    snapshot: Snapshot, hand: Hand | None, size: tuple[int, int] = (120, 36), theme: str = "gate-dark"
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
        assert "of verdicts only: " in seen.text
        assert "6 undecided suspects" in seen.text
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
    acts.configure(made.ledger, GCC, made.when(), p="0.9")
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
        lines = told(seen.screen.paint, f"run {'x' * 10_000}", "of many words " * 40, 60)
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
    acts.pause(queue.ledger, "disk", queue.when(), testcase=GCC)
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
    monkeypatch.setattr("gateconsole.tui.queuelook.PATIENCE", 0.1)
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
    monkeypatch.setattr("gateconsole.tui.queuelook.PATIENCE", 0.1)
    async with opened(queue.snapshot(), queue.hand()) as seen:
        before = kinds(queue)
        with queue.ledger.transaction(NOON, "another"):
            await seen.press("d", "ctrl+u", *"tb12", "enter", "enter")
        assert "tb12" in seen.text
        await seen.press("enter", "enter")
        assert kinds(queue) == [*before, "dispatched"]
        assert "is tb12's" in seen.lines[-1]


async def test_an_act_that_waits_for_another_process_says_so(queue: FakeQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateconsole.tui.acting._SLOW", 0.05)
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
        page = seen.screen.page()
        assert any(HOSTILE in line for line in page)
        assert page[-13].split() == ["#", "PATCH", "ARRIVED", "P-INNOCENT", "K", "STATE", "OVERALL"]
