"""Screen Whitelist, used: what is seen of the entries, and that every act asks, is on disk, is said, and comes back."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.style import Style

from gateconsole.ledger.actor import Actor
from gateconsole.ledger.store import Ledger
from gateconsole.model import Entry, Whitelist
from gateconsole.query import parse
from gateconsole.query.language import Query
from gateconsole.whitelist import operator_acts
from gateconsole.whitelist.merge import EntryChange
from tests.screens.fake_whitelist import ENTRIES, FakeWhitelist, listed
from tests.screens.states import STATES
from tests.screens.using import SIZES, console, paged
from tests.screens.using_whitelist import WhitelistInUse, opened

__all__ = ["listed"]

NTP, OLD, FIELD, PINNED = range(4)
"""Places of the entries in the list."""


# what is seen


async def test_every_entry_is_listed_with_hits_and_state_in_words(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        assert seen.reasons == ["ntp_offset", "old_tool", "unknown_field_missing", "unknown_field_missing"]
        rows = seen.lines[4:8]
        assert "△ overdue" in rows[NTP]
        assert "△ review due, unused" in rows[OLD]
        assert "✓ active" in rows[FIELD]
        assert "· shadowed" in rows[PINNED]
        assert "4 entries   △ 1 overdue   △ 1 review due   · 1 shadowed   ○ 1 unused" in seen.lines[2]
        assert "Whitelist △1" in seen.lines[1]


@pytest.mark.parametrize("theme", ["gate-dark", "gate-light", "gate-mono", "gate-safe"])
@pytest.mark.parametrize("screen", ["1", "4"])
async def test_an_overdue_review_is_no_alarm_in_mark_or_ink(listed: FakeWhitelist, screen: str, theme: str) -> None:
    async with opened(listed, screen=screen, theme=theme) as seen:
        ground = "selection" if screen == "4" else "background"
        assert ink_of(seen, 1, "△1") == seen.app.frame.paint.style("notice", ground)
        assert ink_of(seen, 1, "▲1") == seen.app.frame.paint.style("bad")
        assert ink_of(seen, 1, "△1") != ink_of(seen, 1, "▲1")


async def test_without_colours_or_marks_an_overdue_review_and_an_alarm_still_differ(listed: FakeWhitelist) -> None:
    async with opened(listed, ascii_only=True) as seen:
        assert "Whitelist ^1" in seen.lines[1]
        assert "Alerts !1" in seen.lines[1]


def ink_of(seen: WhitelistInUse, line: int, words: str) -> Style | None:
    """The style in which words stand in a line of the screen."""
    strip = list(seen.app.screen._compositor.render_strips())[line]
    return next(segment.style for segment in strip if words in segment.text)


async def test_while_the_root_was_never_there_nobody_says_that_nothing_is_whitelisted(tmp_path: Path) -> None:
    away = STATES["root_missing"]()
    async with console(away, screen="4") as seen:
        assert "What is whitelisted is not known yet" in seen.text
        assert "Nothing" not in seen.text
        assert "entries" not in seen.text
        await seen.publish(replace(away, phase="live", banners=()))
        assert "Nothing is whitelisted" in seen.text


async def test_of_a_root_that_went_away_it_is_said_what_was_so() -> None:
    async with console(replace(STATES["root_gone_later"](), whitelist=Whitelist()), screen="4") as seen:
        assert "Nothing was whitelisted when the root was last there" in seen.text


async def test_the_entry_under_the_cursor_is_told_whole(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        await seen.to(NTP)
        for words in (
            "review overdue by 9 days, still matching",
            "clock drift on tb7, fixed in March",
            "unpinned runs only",
            "2025-11-10 by ada",
            "2026-02-20 (9 days ago)",
            "3 runs in all",
            "none in the ledger: the entry was made by hand",
        ):
            assert words in seen.text, words
        await seen.to(FIELD)
        assert 'ticket        "OPS-7"' in seen.text
        assert "c0ffee" in seen.text


async def test_the_history_says_who_did_what_and_why(listed: FakeWhitelist) -> None:
    seen_entry = Entry(**ENTRIES[OLD])
    changed = seen_entry._replace(justification="gone since 2.2")
    done = operator_acts.apply_change(
        listed.place, EntryChange(seen_entry, changed), Actor(listed.now - 3_600_000_000, "mika")
    )
    assert isinstance(done, operator_acts.SavedChange)
    async with opened(listed) as seen:
        await seen.to(OLD)
        assert "mika: edited: justification 'the tool is gone since 2.3' → 'gone since 2.2'" in seen.flat


async def test_tab_gives_the_entry_the_whole_screen_and_escape_takes_it_back(listed: FakeWhitelist) -> None:
    async with opened(listed, (80, 24)) as seen:
        await seen.to(FIELD)
        assert "history" not in seen.text
        await seen.press("tab", "G")
        assert "history" in seen.text
        await seen.press("escape")
        assert "REASON" in seen.text


async def test_look_alikes_are_pointed_out(listed: FakeWhitelist) -> None:
    listed.write(*ENTRIES, {"reason": "NTP offset", "justification": "typed by hand"})
    async with opened(listed) as seen:
        await seen.to(0)
        assert "looks like" in seen.text
        assert "`ntp_offset`, which is listed: differs only in blanks and case" in seen.flat


async def test_the_cursor_sticks_to_its_entry_while_others_come_and_go(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        await seen.to(FIELD)
        listed.write({"reason": "aaa", "justification": "new"}, *ENTRIES[FIELD:])
        await seen.publish(listed.snapshot())
        assert seen.reasons == ["aaa", "unknown_field_missing", "unknown_field_missing"]
        standing = seen.screen.standing
        assert standing is not None
        assert (standing.entry.reason, standing.entry.scope) == ("unknown_field_missing", None)


async def test_an_empty_whitelist_says_how_to_begin(listed: FakeWhitelist) -> None:
    listed.file.unlink()
    async with opened(listed) as seen:
        assert "Nothing is whitelisted" in seen.text
        assert "n lists an unknown class" in seen.text


async def test_a_broken_file_is_said_with_its_place_and_no_act_is_possible(listed: FakeWhitelist) -> None:
    broken = b'{"version": 1, "entries": [\n  {"reason": "x",,}\n]}\n'
    listed.file.write_bytes(broken)
    async with opened(listed) as seen:
        assert "line 2, column 18" in seen.flat
        assert "No whitelist is in force" in seen.text
        assert "Whitelist ▲" in seen.lines[1]
        for key in ("n", "enter", "x"):
            await seen.press(key)
            assert seen.form is None
        await seen.press("2", "w")
        assert seen.form is None
        assert listed.file.read_bytes() == broken


async def test_an_older_form_says_that_a_save_converts_it(listed: FakeWhitelist) -> None:
    listed.file.write_text(json.dumps(["ntp_offset"]))
    async with opened(listed) as seen:
        words = "the file is of an older form (list): the next save converts it"
        assert words in seen.text
        await seen.press("x")
        assert f"the file       {words}"[:40] in seen.text or words in seen.flat
        await seen.press("escape", "n", *"disk_full", "tab", *"full", "enter")
        assert "is now in the written form" in seen.said
        assert listed.entries()[0]["reason"] == "disk_full"


async def test_a_file_that_everybody_may_write_is_warned_of(listed: FakeWhitelist) -> None:
    listed.file.chmod(0o666)
    async with opened(listed) as seen:
        assert "everybody may write it (mode 0666): chmod o-w" in seen.flat


async def test_the_filter_finds_entries_by_reason_policy_stratum_and_words(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        for text, reasons in (
            ("reason:ntp", ["ntp_offset"]),
            ("policy:b71c02", []),
            ("policy:c0ffee reason:offset", ["ntp_offset"]),
            ("stratum:unpinned", ["ntp_offset", "unknown_field_missing"]),
            ("march", ["ntp_offset"]),
            ("unused", ["old_tool"]),
        ):
            query = parse(text)
            assert isinstance(query, Query)
            seen.app.frame.filter_by(text, query)
            await seen.quiet()
            assert seen.reasons == reasons, text
        assert "1 of 4 entries" in seen.lines[2]


async def test_the_list_is_sorted_by_what_presses_most(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        seen.screen.sort_column("standing")
        await seen.quiet()
        standings = [line.standing.state for line in seen.screen._table.rows]
        assert standings == ["shadowed", "overdue", "review due", "active"]


async def test_the_row_is_copied_and_the_page_tells_everything(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        row = seen.screen.row()
        assert row is not None
        assert row.document["reason"] == "ntp_offset"
        assert row.document["states"] == ["overdue"]
        assert any("still matching" in line for line in paged(seen.screen))


async def test_e_writes_the_table_whitelist(
    listed: FakeWhitelist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(listed) as seen:
        await seen.press("e")
        written = list(tmp_path.glob("whitelist-*.csv"))
        assert len(written) == 1
        assert len(written[0].read_text().splitlines()) == 5


# the form: add, edit, retire, undo


async def test_n_lists_a_class_with_a_preview_and_says_that_it_is_on_disk(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        await seen.press("n", *"artefact_missing")
        assert "5 runs in 1 policy (5 pinned)" in seen.text
        assert "▲ 2, they stay FAIL: b-4008" in seen.text
        await seen.press("tab", *"known gap", "enter")
        assert seen.form is None
        assert "on disk: artefact_missing listed" in seen.said
        assert listed.entries()[0] == {
            "reason": "artefact_missing",
            "justification": "known gap",
            "scope": None,
            "added_by": "ada",
            "added_at": "2026-03-01",
            "review_by": "2026-05-30",
        }
        assert [act.what for act in listed.history()] == ["added"]


async def test_the_preview_says_what_changes_before_anything_is_saved(listed: FakeWhitelist) -> None:
    async with opened(listed, (120, 50)) as seen:
        before = listed.file.read_bytes()
        await seen.press("n", *"flaky_test")
        assert "6 runs in 2 policies (6 pinned)" in seen.text
        assert "would list    6 spikes, 2 alerts in a6f53e, d15ea5e" in seen.text
        assert "12 → 6 (-50 %) left of 14" in seen.text or "left of" in seen.text
        assert "a6f53e" in seen.text
        assert "RD" in seen.text
        assert listed.file.read_bytes() == before


async def test_a_class_not_listed_is_offered(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        await seen.press("n", "down")
        form = seen.form
        assert form is not None
        assert form._fields is not None
        assert form._fields.draft.reason == form._fields.begun.offered[0]
        assert "unknown_field_missing" not in form._fields.begun.offered


async def test_a_blank_justification_is_refused_beside_its_field(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        before = listed.file.read_bytes()
        await seen.press("n", *"flaky_test", "tab", "space", "enter")
        line = next(line for line in seen.lines if "justification" in line and "▲" in line)
        assert "say why this class is harmless" in line
        assert seen.form is not None
        assert listed.file.read_bytes() == before
        await seen.press(*"known")
        assert "say why" not in seen.text


@pytest.mark.parametrize(
    ("typed", "said"), [("soon", "expected a day such as 2026-05-30"), ("2026-02-01", "that day is over")]
)
async def test_a_review_day_that_is_none_is_refused_beside_its_field(
    listed: FakeWhitelist, typed: str, said: str
) -> None:
    async with opened(listed) as seen:
        await seen.press("n", *"flaky_test", "tab", *"known", "tab", "tab", "ctrl+u")
        await seen.type(typed)
        await seen.press("enter")
        assert said in seen.flat
        assert len(listed.entries()) == 4


async def test_the_scope_is_turned_and_previewed(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        await seen.press("n", *"ntp_offset", "tab", *"drift", "tab", "p")
        assert "(•) pinned" in seen.text
        assert "no run: none has held this class" in seen.text
        await seen.press("left")
        assert "(•) unpinned" in seen.text
        assert "3 runs in 1 policy (3 unpinned)" in seen.text


async def test_enter_edits_an_entry_and_keeps_who_added_it(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        await seen.to(FIELD)
        await seen.press("enter", "ctrl+u", *"field came with 2.4", "enter")
        assert "on disk: unknown_field_missing edited" in seen.said
        assert listed.entries()[FIELD] == {**ENTRIES[FIELD], "justification": "field came with 2.4"}


async def test_escape_keeps_nothing(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        before = listed.file.read_bytes()
        await seen.press("enter", *" and more", "escape")
        assert seen.form is None
        await seen.press("enter")
        assert "and more" not in seen.text
        assert listed.file.read_bytes() == before


async def test_retire_asks_once_shows_what_comes_back_and_keeps_the_reason_in_the_ledger(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        await seen.to(NTP)
        await seen.press("x")
        assert "retire ntp_offset" in seen.text
        assert "comes back    3 spikes, 1 alert in c0ffee" in seen.text
        assert len(listed.entries()) == 4
        await seen.press(*"fixed", "enter")
        assert "on disk: ntp_offset retired" in seen.said
        assert [entry["reason"] for entry in listed.entries()] == ["old_tool", *["unknown_field_missing"] * 2]
        last = listed.history()[-1]
        assert (last.what, last.why, last.actor) == ("retired", "fixed", "ada")


async def test_undo_brings_the_exact_bytes_back(listed: FakeWhitelist) -> None:
    listed.file.write_text(json.dumps({"version": 1, "entries": list(ENTRIES)}))
    before = listed.file.read_bytes()
    async with opened(listed) as seen:
        await seen.press("x", "enter")
        assert listed.file.read_bytes() != before
        await seen.publish(listed.snapshot())
        await seen.press("u")
        assert "on disk: the retiring of ntp_offset is undone" in seen.said
        assert listed.file.read_bytes() == before


async def test_undo_merges_with_what_others_did_since(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        await seen.press("x", "enter")
        listed.write(*ENTRIES[OLD:], {"reason": "zzz", "justification": "by hand"})
        await seen.press("u")
        assert [entry["reason"] for entry in listed.entries()][-1] == "zzz"
        assert listed.entries()[0]["reason"] == "ntp_offset"


# conflicts


def _theirs(listed: FakeWhitelist) -> None:
    listed.write({**ENTRIES[NTP], "justification": "theirs"}, *ENTRIES[OLD:])


async def _conflict(listed: FakeWhitelist, seen: WhitelistInUse) -> None:
    """The form is open on an entry that somebody else changes; then it is saved."""
    await seen.press("enter", "ctrl+u", *"mine")
    _theirs(listed)
    await seen.press("enter")


async def test_a_conflict_shows_both_sides_and_asks(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        await _conflict(listed, seen)
        assert "changed by somebody else meanwhile" in seen.text
        for side in ("ntp_offset: clock drift on tb7", "ntp_offset: theirs", "ntp_offset: mine"):
            assert side in seen.text
        await seen.press("enter")
        assert listed.entries()[NTP]["justification"] == "theirs"


async def test_mine_takes_the_place_of_theirs(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        await _conflict(listed, seen)
        await seen.press("m")
        assert listed.entries()[NTP]["justification"] == "mine"
        assert "on disk: ntp_offset edited" in seen.said


async def test_theirs_stays_and_nothing_is_written(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        await _conflict(listed, seen)
        before = listed.file.read_bytes()
        await seen.press("t")
        assert seen.form is None
        assert listed.file.read_bytes() == before
        assert listed.history() == ()


async def test_escape_from_a_conflict_leads_back_to_what_was_typed(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        await _conflict(listed, seen)
        await seen.press("escape")
        assert "mine" in seen.text
        assert seen.form is not None
        assert seen.form._mode == "asking"


async def test_a_change_of_another_entry_is_no_conflict(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        await seen.press("enter", "ctrl+u", *"mine")
        listed.write(*ENTRIES, {"reason": "zzz", "justification": "by hand"})
        await seen.press("enter")
        assert [entry["justification"] for entry in listed.entries()] == [
            "mine",
            *(str(entry["justification"]) for entry in ENTRIES[OLD:]),
            "by hand",
        ]


# what fails


def _no_new_file(number: int) -> Callable[..., int]:
    """`os.open`, which makes no temporary file beside the whitelist any more."""
    known = os.open

    def fail(path: Any, *rest: Any, **more: Any) -> int:
        if str(path).endswith(".tmp"):
            raise OSError(number, os.strerror(number))
        return known(path, *rest, **more)

    return fail


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "make room on the disk"), (errno.EROFS, "mounted read-only"), (errno.EACCES, "may not write")],
)
async def test_a_save_that_fails_says_why_and_keeps_what_was_typed(
    listed: FakeWhitelist, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    async with opened(listed) as seen:
        before = listed.file.read_bytes()
        await seen.press("enter", "ctrl+u", *"typed with care")
        with monkeypatch.context() as patched:
            patched.setattr("gateconsole.whitelist.safe_write.os.open", _no_new_file(number))
            await seen.press("enter")
        assert "▲ not saved" in seen.text
        assert said in seen.flat
        assert "typed with care" in seen.text
        assert listed.file.read_bytes() == before
        await seen.press("enter")
        assert listed.entries()[NTP]["justification"] == "typed with care"


async def test_a_busy_ledger_is_said_and_the_form_comes_back_with_what_was_typed(
    listed: FakeWhitelist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateconsole.ledger.store.BUSY_SECONDS", 0.3)
    monkeypatch.setattr("gateconsole.tui.whitelist.form._SLOW", 0.05)
    before = listed.file.read_bytes()
    other = Ledger.for_writing(listed.path)
    async with opened(listed) as seen:
        with other.transaction(listed.now, "another"):
            await seen.pilot.press("enter", "ctrl+u", *"typed with care", "enter")
            await seen.until(lambda: "another process has the file or the ledger locked" in seen.text)
            await seen.pilot.press("escape")
            assert seen.form is None
            await seen.quiet()
        assert "not saved" in " ".join(seen.lines[-3:])
        assert listed.file.read_bytes() == before
        await seen.press("enter")
        assert "typed with care" in seen.text
        await seen.press("enter")
        assert listed.entries()[NTP]["justification"] == "typed with care"
    other.close()


async def test_read_only_hides_the_acts_and_says_so(listed: FakeWhitelist) -> None:
    async with opened(listed, hand=listed.hand(writes=False)) as seen:
        assert "RO" in seen.lines[2]
        for key in ("n", "enter", "x"):
            await seen.press(key)
            assert seen.form is None
        assert " retire" not in seen.lines[-1]
        for screen in "125":
            await seen.press(screen, "w")
            assert seen.form is None
            assert seen.app.frame.box is None


# w from anywhere


async def test_w_on_an_alert_lists_its_class_with_the_scope_of_its_runs(listed: FakeWhitelist) -> None:
    async with opened(listed, screen="2") as seen:
        await seen.press("g", "w")
        assert "whitelist artefact_missing" in seen.text or "whitelist flaky_test" in seen.text
        assert "(•) pinned" in seen.text
        assert "the runs in sight that hold it: pinned" in seen.text
        await seen.press(*"known", "enter")
        added = next(entry for entry in listed.entries() if entry["justification"] == "known")
        assert added["scope"] == "pinned"
        assert "on disk: " in seen.said


async def test_w_on_a_run_of_an_alert_lists_its_class(listed: FakeWhitelist) -> None:
    async with opened(listed, screen="2") as seen:
        await seen.press("g", "enter", "w")
        assert seen.form is not None
        assert "─ whitelist " in seen.text


async def test_w_on_a_run_with_several_classes_asks_which(listed: FakeWhitelist) -> None:
    listed.run("a6f53e", 0.09, "WARN", ("ntp_offset", "artefact_missing", "unknown_field_missing"), None)
    listed.now += 60_000_000
    async with opened(listed, screen="5") as seen:
        seen.app.query_one("#runs")
        await _to_run(seen, "a-4065")
        await seen.press("w")
        assert "whitelist which class?" in seen.text
        await seen.press(*"artef", "enter")
        assert "─ whitelist artefact_missing ─" in seen.text


async def _to_run(seen: WhitelistInUse, run_id: str) -> None:
    rows = [line.run.run_id for line in seen.runs._runs.rows]
    seen.runs._runs.move_to(rows.index(run_id))
    await seen.quiet()


@pytest.mark.parametrize(
    ("run_id", "words"),
    [
        ("b-4009", ("─ whitelist artefact_missing ─", "(•) pinned")),
        ("a-4001", ("─ edit unknown_field_missing ─", "it is listed already")),
    ],
    ids=["for a new entry", "for the entry that lists it"],
)
async def test_w_on_a_run_with_one_class_opens_the_form_at_once(
    listed: FakeWhitelist, run_id: str, words: tuple[str, ...]
) -> None:
    async with opened(listed, screen="5") as seen:
        await _to_run(seen, run_id)
        await seen.press("w")
        for each in words:
            assert each in seen.text


async def test_w_does_nothing_on_a_run_without_unknown_classes(listed: FakeWhitelist) -> None:
    async with opened(listed, screen="5") as seen:
        await _to_run(seen, "b-4001")
        assert " w whitelist" not in seen.lines[-1]
        await seen.press("w")
        assert seen.form is None


async def test_w_on_a_policy_asks_which_class_and_in_its_detail_takes_the_one_under_the_cursor(
    listed: FakeWhitelist,
) -> None:
    async with opened(listed, screen="1") as seen:
        await seen.press("g", "w")
        assert "whitelist which class?" in seen.text
        await seen.press("escape", "enter", "j", "w")
        assert seen.form is not None
        table = seen.app.query_one("#detail-classes")
        row = table.selected  # type: ignore[attr-defined]
        assert seen.form._fields is not None
        assert seen.form._fields.draft.reason == row.name


async def test_the_form_previews_on_the_newest_snapshot(listed: FakeWhitelist) -> None:
    async with opened(listed) as seen:
        await seen.press("n", *"artefact_missing")
        assert "covers        5 runs" in seen.text
        listed.spikes("b71c02", 2, "artefact_missing")
        await seen.publish(listed.snapshot())
        await seen.until(lambda: "covers        7 runs" in seen.text)


# any size, any text


@pytest.mark.parametrize("size", [*SIZES, "60x10"])
async def test_no_line_is_wider_than_the_terminal(listed: FakeWhitelist, size: str) -> None:
    width, height = SIZES.get(size, (60, 10))
    async with opened(listed, (width, height)) as seen:
        for keys in ((), ("tab",), ("escape", "enter"), ("escape", "x"), ("escape", "n", *"flaky_test")):
            await seen.press(*keys)
            assert all(cell_len(line) <= width for line in seen.lines)
            assert len(seen.lines) == height


HOSTILE = (
    "\x1b]52;c;AAAA\x07",
    "[bold red]x[/]",
    "[@click=app.quit]q[/]",
    "bidi\u202etxet",
    "\x9b31m",
    "zero\u200bwidth",
)


async def test_hostile_texts_are_shown_as_they_are_written(listed: FakeWhitelist) -> None:
    listed.write(
        *(
            {
                "reason": text,
                "justification": f"why {text}",
                "added_by": text,
                "added_at": text,
                "review_by": text,
                text: text,
            }
            for text in HOSTILE
        )
    )
    shown = (
        "\\x1b]52;c;AAAA\\x07",
        "[bold red]x[/]",
        "[@click=app.quit]q[/]",
        "bidi\\u202etxet",
        "\\x9b31m",
        "zero\\u200bwidth",
    )
    async with opened(listed, (200, 50)) as seen:
        for _ in HOSTILE:
            for keys in (("tab",), ("escape",), ("enter",), ("escape",), ("x",), ("escape",)):
                await seen.press(*keys)
                assert not any(mark in seen.text for mark in "\x1b\x07\u202e\x9b\u200b")
            await seen.press("j")
        for words in shown:
            assert words in seen.text, words


async def test_a_hostile_class_is_listed_as_it_is(listed: FakeWhitelist) -> None:
    for text in HOSTILE:
        listed.run("a6f53e", 0.2, "WARN", (text,), None)
    async with opened(listed, screen="1") as seen:
        snapshot = replace(listed.snapshot())
        await seen.publish(snapshot)
        for text in HOSTILE:
            await seen.press("4", "n")
            form = seen.form
            assert form is not None
            for _ in range(40):
                assert form._fields is not None
                if form._fields.draft.reason == text:
                    break
                await seen.pilot.press("down")
            await seen.press("tab", *"known", "enter")
            await seen.publish(listed.snapshot())
        assert {*HOSTILE} <= {entry["reason"] for entry in listed.entries()}


async def test_a_form_fits_a_terminal_that_only_changes_its_height(listed: FakeWhitelist) -> None:
    async with opened(listed, size=(80, 24)) as seen:
        await seen.press("enter")
        for height in (12, 24, 10):
            await seen.pilot.resize_terminal(80, height)
            await seen.pilot.pause(0.05)
            assert "edit ntp_offset" in seen.text
            assert "justification" in seen.text
        await seen.press("x", "y")
        assert "justification" in seen.text
        assert "xy" in seen.text
