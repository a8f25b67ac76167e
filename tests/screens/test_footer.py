"""The footer while a form, a line or a box has the keys: its keys stand there, each does something, none is typed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateconsole.ledger.store import Ledger
from gateconsole.tui.app import Console
from gateconsole.tui.frame.filter_bar import FilterBar
from gateconsole.tui.keys.actions import Registry, remapped
from gateconsole.tui.widgets.modal import Modal
from tests.screens import test_queue, using_alerts, using_whitelist
from tests.screens.fake_alerts import FakeAlerts, fake
from tests.screens.fake_queue import FakeQueue, queue
from tests.screens.fake_whitelist import ENTRIES, FakeWhitelist, listed
from tests.screens.plain_source import PlainSource
from tests.screens.test_filter import tree
from tests.screens.using import InUse, console

__all__ = ["fake", "listed", "queue"]

Seen = InUse | test_queue.Seen

KEYS = {
    "enter": ("enter",),
    "esc": ("escape",),
    "tab": ("tab",),
    "m": ("m",),
    "t": ("t",),
    "↑": ("up",),
    "↓": ("down",),
    "↑ ↓": ("down", "up"),
    "← →": ("right", "left"),
}
"""What the footer may name -> the keys to press."""

LAST = ("t", "m", "esc", "enter")
"""Those that may end it."""


def modal(seen: Seen) -> Modal | None:
    """What has the keys."""
    return seen.app.frame._footer.modal


def told(line: str) -> dict[str, str]:
    """A footer taken apart: a key, as it is written there -> what it says it does."""
    said = {}
    for words in filter(None, map(str.strip, line.split("  "))):
        known = (each for each in sorted(KEYS, key=len, reverse=True) if words.startswith(f"{each} "))
        key = next(known, words)
        said[key] = words[len(key) + 1 :]
    return said


async def each_does_something(seen: Seen, *opens: str) -> None:
    """Open it; the footer names the keys of what is open and no others, and every one of them does something."""
    await seen.press(*opens)
    asked = modal(seen)
    assert asked is not None
    named = told(seen.lines[-1])
    assert named == {word.key: word.does for word in asked.key_words()}
    assert "esc" in named
    for name in sorted(named, key=lambda each: LAST.index(each) if each in LAST else -1):
        if modal(seen) is None:
            await seen.press(*opens)
        shown = [seen.text]
        for key in KEYS[name]:
            await seen.press(key)
            shown.append(seen.text)
        assert any(text != shown[0] for text in shown), name


# forms


@pytest.mark.parametrize("keys", ["s", "A", "v"])
async def test_the_forms_of_alerts_name_their_own_keys(fake: FakeAlerts, keys: str) -> None:
    async with using_alerts.opened(fake.snapshot(), fake.hand()) as seen:
        if keys == "v":
            await seen.press("tab")
        await each_does_something(seen, keys)


@pytest.mark.parametrize("key", [*"drbmLxhlRzA"])
async def test_the_forms_of_the_queue_name_their_own_keys(queue: FakeQueue, key: str) -> None:
    async with test_queue.opened(queue.snapshot(), queue.hand()) as seen:
        await seen.to("I06a0" if key == "R" else "I00a0")
        await each_does_something(seen, key)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
@pytest.mark.parametrize("key", ["n", "enter", "x"])
async def test_the_form_of_the_whitelist_names_its_own_keys(
    listed: FakeWhitelist, key: str, size: tuple[int, int]
) -> None:
    async with using_whitelist.opened(listed, size) as seen:
        await each_does_something(seen, key)


@pytest.mark.parametrize("screen", ["1", "2", "5"])
async def test_w_names_the_keys_of_the_form_or_of_the_choice_before_it(listed: FakeWhitelist, screen: str) -> None:
    async with using_whitelist.opened(listed, screen=screen) as seen:
        await each_does_something(seen, "g", "w")


async def test_arrows_are_named_where_a_field_has_more_to_choose_from(listed: FakeWhitelist) -> None:
    async with using_whitelist.opened(listed) as seen:
        await seen.press("n")
        assert told(seen.lines[-1])["↑ ↓"] == "classes not listed"
        await seen.press("tab")
        assert not set(told(seen.lines[-1])) & {"↑ ↓", "← →"}
        await seen.press("tab")
        assert told(seen.lines[-1])["← →"] == "others"


async def test_a_conflict_names_both_ways_out(listed: FakeWhitelist) -> None:
    async with using_whitelist.opened(listed) as seen:
        await seen.press("enter", "ctrl+u", *"mine")
        listed.write({**ENTRIES[0], "justification": "theirs"}, *ENTRIES[1:])
        await seen.press("enter")
        assert told(seen.lines[-1]) == {"m": "mine", "t": "theirs", "esc": "back to the form"}
        await seen.press("escape")
        assert told(seen.lines[-1])["enter"] == "save"


async def test_while_it_saves_only_esc_is_named(listed: FakeWhitelist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateconsole.ledger.store.BUSY_SECONDS", 0.3)
    other = Ledger.for_writing(listed.path)
    async with using_whitelist.opened(listed) as seen:
        with other.transaction(listed.now, "another"):
            await seen.pilot.press("enter", "ctrl+u", *"known", "enter")
            await seen.until(lambda: "saving ..." in seen.text)
            await seen.until(lambda: told(seen.lines[-1]) == {"esc": "put it away, the save goes on"})
            await seen.quiet()
    other.close()


async def test_an_answer_that_is_missing_is_said_and_the_keys_stay(queue: FakeQueue) -> None:
    async with test_queue.opened(queue.snapshot(), queue.hand()) as seen:
        await seen.press("z", "enter", "enter")
        assert "▲ say the reason" in seen.text
        assert told(seen.lines[-1])["enter"] == "do it"


async def test_what_is_said_while_a_form_is_open_leaves_its_keys_in_sight(listed: FakeWhitelist) -> None:
    async with using_whitelist.opened(listed, (80, 24)) as seen:
        await seen.press("enter")
        seen.app.frame.say("the disk is full: " + "word " * 20, "bad")
        await seen.quiet()
        assert "the disk is full" in seen.text
        assert told(seen.lines[-1])["enter"] == "save"
        edges = [line for line in seen.lines if line.startswith(("┌", "└"))]
        assert [line[0] for line in edges] == ["┌", "└"]
        await seen.press("end")
        assert "the disk is full" not in seen.text


# the filter


async def test_the_filter_line_names_enter_only_while_it_is_sound_and_arrows_only_with_earlier_filters() -> None:
    async with console(tree().snapshot()) as seen:
        await each_does_something(seen, "slash")
        await seen.press("slash")
        assert told(seen.lines[-1]) == {"enter": "keep", "esc": "clear"}
        await seen.type("rate:7")
        assert told(seen.lines[-1]) == {"esc": "clear"}
        await seen.press("enter")
        assert modal(seen) is not None


async def test_the_arrows_of_the_filter_line_are_named_as_far_as_there_are_other_filters() -> None:
    async with console(tree().snapshot()) as seen:
        for text in ("run-1", "run-2"):
            await seen.press("slash", "ctrl+u")
            await seen.type(text)
            await seen.press("enter")
        await seen.press("slash")
        assert told(seen.lines[-1])["↑ ↓"] == "earlier filters"
        await seen.press("up")
        assert seen.app.query_one(FilterBar).text == "run-1"
        assert told(seen.lines[-1])["↓"] == "later filters"
        await seen.press("down", "down")
        assert seen.app.query_one(FilterBar).text == ""
        assert told(seen.lines[-1])["↑"] == "earlier filters"
        await each_does_something(seen, "escape", "slash")


# boxes


@pytest.mark.parametrize("key", ["colon", "question_mark", "T", "S"])
async def test_a_box_names_its_own_keys(key: str) -> None:
    async with console(tree().snapshot(), (80, 24)) as seen:
        await each_does_something(seen, key)


async def test_a_box_in_which_nothing_is_found_names_no_key_to_pick_it() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("colon", *"zzzz")
        assert told(seen.lines[-1]) == {"esc": "close"}


async def test_help_that_is_in_sight_whole_names_no_arrows() -> None:
    async with console(tree().snapshot()) as seen:
        await seen.press("question_mark", *"palette")
        assert told(seen.lines[-1]) == {"esc": "close"}
        await seen.press("escape")
        assert modal(seen) is None
        assert " ? help " in seen.lines[-1]


# in all of them


async def test_an_operators_own_keys_change_nothing_in_a_form(fake: FakeAlerts) -> None:
    snapshot = fake.snapshot()
    registry = Registry(remapped({"back": ["f2"], "open": ["f3"], "alert_snooze": ["f4"]}))
    app = Console(lambda: PlainSource(snapshot), root_label="x", registry=registry, hand=fake.hand)
    async with app.run_test(size=(120, 36)) as pilot:
        seen = using_alerts.AlertsInUse(app, pilot)
        await seen.until(lambda: app.frame.snapshot is snapshot and app.frame.current is not None)
        await seen.press("2")
        assert " f4 snooze " in seen.lines[-1]
        await each_does_something(seen, "f4")


async def test_a_line_with_no_room_names_the_keys_that_are_needed_most(listed: FakeWhitelist) -> None:
    async with using_whitelist.opened(listed, (60, 20)) as seen:
        await seen.press("n")
        assert list(told(seen.lines[-1])) == ["enter", "esc", "tab"]


async def test_a_terminal_out_of_sight_changes_nothing_in_the_footer(fake: FakeAlerts) -> None:
    async with using_alerts.opened(fake.snapshot(), fake.hand()) as seen:
        await seen.press("s")
        before = seen.lines[-1]
        seen.app.app_focus = False
        await seen.quiet()
        assert seen.app.focused is None
        assert seen.lines[-1] == before
        await seen.publish(replace(seen.app.frame.snapshot))
        assert seen.lines[-1] == before


@pytest.mark.parametrize(("screen", "key"), [("1", "w"), ("2", "w"), ("5", "w"), ("4", "n"), ("4", "enter")])
async def test_while_the_whitelist_is_broken_its_keys_say_so(listed: FakeWhitelist, screen: str, key: str) -> None:
    listed.file.write_text("{")
    async with using_whitelist.opened(listed, screen=screen) as seen:
        await seen.press(key)
        assert modal(seen) is None
        assert f" {key} does nothing now: the whitelist is broken, mend the file first" in seen.lines[-1]
