"""The palette: acts found by a few letters, done or left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.tui.frame.palette import Palette, fit, fuzzy
from gateconsole.tui.keys.actions import ACTIONS
from tests.screens.fake import full, of
from tests.screens.test_policies import opened

MARKS = st.characters(codec="ascii", exclude_categories=["Cc"])


@given(st.text(MARKS, max_size=20), st.data())
def test_letters_in_order_are_found_where_they_stand(text: str, data: st.DataObject) -> None:
    places = sorted(data.draw(st.sets(st.integers(0, max(len(text) - 1, 0)), max_size=4))) if text else []
    query = "".join(text[place] for place in places)
    found = fuzzy(query, text)
    assert found is not None
    wanted = [mark.lower() for mark in query if not mark.isspace()]
    assert [text[place].lower() for place in found.places] == wanted
    assert list(found.places) == sorted(set(found.places))


@pytest.mark.parametrize(("query", "text"), [("x", "abc"), ("ba", "ab"), ("aa", "a")])
def test_letters_that_are_not_there_are_not_found(query: str, text: str) -> None:
    assert fuzzy(query, text) is None


@pytest.mark.parametrize(
    ("query", "better", "worse"), [("rd", "round draw", "hardwood"), ("co", "copy", "chrono"), ("j", "json", "inject")]
)
def test_starts_of_words_and_neighbours_fit_better(query: str, better: str, worse: str) -> None:
    one, other = fuzzy(query, better), fuzzy(query, worse)
    assert one is not None
    assert other is not None
    assert one.score > other.score


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_is_the_first_to_be_found_by_its_label(action: object) -> None:
    label = next(each.label for each in ACTIONS if each is action)
    rated = [(found.score, each.label) for each in ACTIONS if (found := fit(label, each)) is not None]
    assert max(rated)[0] == next(score for score, name in rated if name == label)


def test_what_an_action_does_is_searched_too() -> None:
    palette = Palette(ACTIONS, lambda _: None)
    assert ["".join(text for text, _ in entry.left)[:4] for entry in palette.search("over SSH")] == ["copy"]


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_both_keys_open_it_and_esc_closes_it(key: str) -> None:
    async with opened(full(), (80, 24)) as seen:
        before = seen.text
        await seen.press(key)
        assert "─ do ─" in seen.text
        await seen.press("escape")
        assert seen.text == before


async def test_enter_does_the_act_found() -> None:
    async with opened(full(), (80, 24)) as seen:
        await seen.press("colon", *"last", "enter")
        assert seen.selected == "d15ea5e0"
        assert seen.app.frame.box is None


async def test_only_what_can_be_done_now_is_offered() -> None:
    async with opened(full(), (80, 24)) as seen:
        await seen.press("colon", *"back to")
        assert "nothing found" in seen.text
        await seen.press("enter")
        assert "─ do ─" in seen.text
        await seen.press("escape", "enter", "colon", *"back to", "enter")
        assert seen.lines[2].lstrip().startswith("POLICY")
    async with opened(of(())) as seen:
        await seen.press("colon", *"copy")
        assert "nothing found" in seen.text


async def test_letters_type_and_do_not_act() -> None:
    async with opened(full(), (80, 24)) as seen:
        await seen.press("colon", "q", "T", "j")
        assert seen.app.is_running
        assert "/ qTj" in seen.text
        await seen.press("backspace", "backspace")
        assert "/ q▌" in seen.text
        await seen.press("ctrl+u")
        assert "type to search" in seen.text


async def test_the_cursor_walks_over_the_list_and_scrolls_it() -> None:
    async with opened(full(), (60, 20)) as seen:
        await seen.press("colon", "end")
        assert "quit" in seen.text
        box = seen.app.frame.box
        assert box is not None
        assert box.cursor == len(box._entries) - 1
        await seen.press("home", "down", "ctrl+p", "up")
        assert box.cursor == 0


async def test_a_click_does_the_act() -> None:
    async with opened(full(), (80, 24)) as seen:
        await seen.press("colon", *"last")
        await seen.pilot.click("Dialog", offset=(5, 2))
        await seen.pilot.pause()
        assert seen.selected == "d15ea5e0"


async def test_pasted_text_is_searched_and_its_controls_are_left_out() -> None:
    from textual.events import Paste

    async with opened(full(), (80, 24)) as seen:
        await seen.press("colon")
        seen.app.post_message(Paste("la\x1b[31mst\n:quit"))
        await seen.pilot.pause(0.1)
        assert seen.app.is_running
        assert "/ last :quit▌" in seen.text


async def test_the_screen_behind_lives_on() -> None:
    async with opened(full(), (120, 36)) as seen:
        await seen.press("colon")
        await seen.publish(of((), generation=9))
        assert "─ do ─" in seen.text
        assert "0 seen" in seen.lines[0]


async def test_an_act_that_opens_a_box_of_its_own_can_be_done() -> None:
    async with opened(full()) as seen:
        await seen.press("colon", *"theme", "enter", "j", "enter")
        assert "gate-light for this session" in seen.lines[-1]
        await seen.press("colon", *"help", "enter")
        assert "─ help ─" in seen.text
