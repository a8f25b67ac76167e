"""Banners: a third of the screen at most, all of them to be read, and a loss put away once it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateconsole.snapshot import Banner, Snapshot
from gateconsole.tui.keys.actions import remapped
from tests.screens.fake import BROKEN_WHITELIST, ROOT_MISSING, full
from tests.screens.test_policies import Seen, opened

REPLACED = Banner(
    "root_replaced",
    "18 runs gone in 6 losses, the last at 2026-03-01T00:05:00Z: root replaced",
    "the figures follow the disk",
)
SHRUNK = Banner(
    "root_shrunk",
    "7 runs gone at 2026-03-01T00:06:00Z: more than half of the runs went at once",
    "the figures follow the disk",
)
FAULT = Banner("engine_failed", "internal error, everything is read anew: ValueError()", "please report it")
QUEUE = Banner(
    "queue_unusable",
    "/a/long/way/down/to/the/root/of/the/artifacts/.gateconsole/ledger.db is no ledger: move it away, or name a file on"
    " a local disk with --ledger FILE",
    "no queue and no act on an alert is shown until it can be read",
)
SILENCE = Banner(
    "silence", "no run for over 36.0 h: the newest is of 2026-02-25T13:02:57Z", "see whether CI still runs"
)
ALL = (REPLACED, SHRUNK, FAULT, ROOT_MISSING, BROKEN_WHITELIST, QUEUE, SILENCE)


def under(*banners: Banner) -> Snapshot:
    """Figures under these banners."""
    return replace(full(), banners=banners)


def standing(seen: Seen) -> list[str]:
    """The lines of the banners."""
    pane = seen.app.screen.query_one("#banners")
    return seen.lines[2 : 2 + pane.size.height] if pane.display else []


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36), (200, 60)])
@pytest.mark.parametrize("number", range(1, len(ALL) + 1))
async def test_banners_take_a_third_of_the_screen_at_most_and_leave_none_uncounted(
    size: tuple[int, int], number: int
) -> None:
    async with opened(under(*ALL[:number]), size) as seen:
        lines = standing(seen)
        assert 1 <= len(lines) <= size[1] // 3
        begun = sum(line.startswith(" ▲ ") for line in lines)
        more = [line for line in lines if " more: " in line]
        counted = int(more[0].split()[1]) - 1 if more else 0
        assert begun + counted == number


async def test_what_is_still_the_case_stands_before_what_is_over() -> None:
    async with opened(under(REPLACED, BROKEN_WHITELIST, SILENCE), (120, 36)) as seen:
        marks = [line for line in standing(seen) if line.startswith(" ▲ ")]
        assert "line 7, column 3" in marks[0]
        assert "no run for over" in marks[1]
        assert "18 runs gone in 6 losses" in marks[2]


async def test_those_without_room_are_counted_and_named_with_the_key_that_shows_them() -> None:
    async with opened(under(*ALL), (80, 24)) as seen:
        assert standing(seen)[-1].startswith(" ▲ ")
        assert "root replaced, root shrunk, engine failed" in standing(seen)[-1]
        await seen.press("B")
        box = seen.app.frame.box
        assert box is not None
        said = " ".join("".join(text for text, _ in entry.left) for entry in box.content.search(""))
        words = " ".join(said.replace("▲", "").replace("→", "").split())
        for banner in ALL:
            assert banner.text in words
            assert banner.remedy in words


async def test_where_a_text_is_cut_the_key_stands_that_shows_it_whole() -> None:
    async with opened(under(BROKEN_WHITELIST, REPLACED, QUEUE), (60, 20)) as seen:
        assert any(line.rstrip().endswith("… (B)") for line in standing(seen))


async def test_a_loss_that_was_read_is_put_away_until_there_is_another() -> None:
    async with opened(under(REPLACED, BROKEN_WHITELIST), (80, 24)) as seen:
        assert "B puts it away" in " ".join(standing(seen))
        await seen.press("B", "enter")
        assert "18 runs gone" not in seen.text
        assert "line 7, column 3" in seen.text
        assert "put away until there is another" in seen.lines[-1]
        await seen.publish(under(REPLACED, BROKEN_WHITELIST))
        assert "18 runs gone" not in seen.text
        await seen.publish(under(REPLACED._replace(text="21 runs gone in 7 losses"), BROKEN_WHITELIST))
        assert "21 runs gone in 7 losses" in seen.text


async def test_a_loss_put_away_can_still_be_read() -> None:
    async with opened(under(REPLACED), (120, 36)) as seen:
        await seen.press("B", "enter")
        assert standing(seen) == []
        await seen.press("B")
        assert "18 runs gone in 6 losses" in seen.text
        assert "(put away)" in seen.text


async def test_leaving_the_box_puts_nothing_away() -> None:
    async with opened(under(REPLACED), (80, 24)) as seen:
        before = standing(seen)
        await seen.press("B", "escape")
        assert standing(seen) == before


async def test_what_is_still_the_case_cannot_be_put_away() -> None:
    async with opened(under(BROKEN_WHITELIST), (80, 24)) as seen:
        await seen.press("B", "enter")
        assert "still the case: " in seen.lines[-1]
        assert "line 7, column 3" in seen.text


async def test_without_a_banner_there_is_none_to_read() -> None:
    async with opened(full(), (80, 24)) as seen:
        await seen.press("B")
        assert seen.app.frame.box is None
        assert "B does nothing now" in seen.lines[-1]


async def test_a_fault_that_was_survived_does_not_stop_the_console() -> None:
    async with opened(under(FAULT), (120, 36)) as seen:
        assert "stopped" not in seen.lines[0]
        assert "complete" in seen.lines[0]
        await seen.press("B", "enter")
        assert standing(seen) == []


async def test_an_engine_that_could_not_start_is_still_the_case() -> None:
    async with opened(Snapshot(banners=(FAULT,)), (80, 24)) as seen:
        assert "stopped" in seen.lines[0]
        await seen.press("B", "enter")
        assert "internal error" in " ".join(standing(seen))


async def test_in_a_smaller_terminal_the_banners_fold_anew() -> None:
    async with opened(under(*ALL), (120, 36)) as seen:
        await seen.pilot.resize_terminal(60, 20)
        await seen.pilot.pause()
        assert len(standing(seen)) <= 6


def test_the_key_of_the_banners_can_be_another() -> None:
    actions = remapped({"banners": ["f9"]})
    assert next(action.shown for action in actions if action.id == "banners") == "f9"
