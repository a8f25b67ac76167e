"""The preview of a change in words: every policy that it touches is shown."""

from __future__ import annotations

from gateconsole.model import Entry, Whitelist
from gateconsole.tui.theme.paint import Painter
from gateconsole.tui.theme.themes import ThemeLibrary
from gateconsole.tui.whitelist.preview_text import preview_lines
from gateconsole.whitelist.merge import EntryChange
from tests.unit.test_whitelist_preview import NOISY, preview_of


def shown(change: EntryChange, whitelist: Whitelist) -> str:
    preview = preview_of(NOISY, change, whitelist).preview(change)
    paint = Painter(ThemeLibrary(None).load("gate-dark"))
    return "\n".join("".join(text for text, _ in parts) for parts in preview_lines(paint, preview, 0, 110, 20))


def test_a_policy_that_only_loses_by_an_edit_has_its_row() -> None:
    seen = Entry("flaky")
    text = shown(EntryChange(seen, seen._replace(scope="pinned")), Whitelist((seen,)))
    assert "no run" in text
    assert "0 → 4" in text
    assert any(line.split()[:2] == ["p", "all"] for line in text.splitlines())


def test_a_new_entry_shows_what_it_covers() -> None:
    text = shown(EntryChange(None, Entry("flaky", "known")), Whitelist(()))
    assert any(line.split()[:2] == ["p", "all"] for line in text.splitlines())
