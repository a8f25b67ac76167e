"""Help: the keys of the screen in sight, those of all screens, the marks; searchable."""

from __future__ import annotations

import pytest

from gateconsole.tui.frame.help import MARKS, Help
from gateconsole.tui.keys.actions import ACTIONS, Registry, written
from gateconsole.tui.theme.themes import INKS
from tests.screens.fake import full
from tests.screens.test_policies import opened

SCREENS = sorted({screen for action in ACTIONS for screen in action.screens})


def text_of(made: Help, query: str = "") -> list[str]:
    """Its lines."""
    return ["".join(text for text, _ in entry.left) for entry in made.search(query)]


@pytest.mark.parametrize("screen", SCREENS)
def test_it_names_every_action_of_the_screen_with_its_keys(screen: str) -> None:
    lines = text_of(Help(Registry(), screen))
    for action in Registry().on(screen):
        assert any(written(action) in line and action.description in line for line in lines), action.id


@pytest.mark.parametrize("screen", SCREENS)
def test_it_names_no_action_of_another_screen(screen: str) -> None:
    lines = "\n".join(text_of(Help(Registry(), screen)))
    others = [action for action in ACTIONS if action.screens and screen not in action.screens]
    assert not [action.id for action in others if action.description in lines]


def test_it_explains_marks_in_inks_there_are() -> None:
    assert {ink for _, ink, _ in MARKS} <= set(INKS)
    lines = "\n".join(text_of(Help(Registry(), "policies")))
    assert all(meaning in lines for _, _, meaning in MARKS)


def test_a_search_keeps_the_lines_that_hold_every_word_under_their_heads() -> None:
    assert text_of(Help(Registry(), "policies"), "row last") == ["Policies", "  G end      last        the last row"]
    assert text_of(Help(Registry(), "policies"), "zzz") == []


async def test_it_opens_scrolls_and_closes() -> None:
    async with opened(full(), (80, 24)) as seen:
        before = seen.text
        await seen.press("question_mark")
        assert "─ help ─" in seen.text
        assert "open what is under the cursor" in seen.text
        await seen.press("end")
        assert MARKS[-1][2][:30] in seen.text
        await seen.press("home")
        assert "open what is under the cursor" in seen.text
        await seen.press("escape")
        assert seen.text == before


async def test_typing_searches_it() -> None:
    async with opened(full(), (80, 24)) as seen:
        await seen.press("question_mark", *"pager")
        assert "plain page in the pager" in seen.text
        assert "the last row" not in seen.text


async def test_on_a_small_terminal_every_line_can_be_reached() -> None:
    async with opened(full(), (60, 20)) as seen:
        await seen.press("question_mark")
        shown = seen.text
        for _ in range(12):
            await seen.press("pagedown")
            shown += seen.text
        for action in Registry().on("policies"):
            assert action.description[:24] in shown, action.id
