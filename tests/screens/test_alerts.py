"""Screen Alerts, used: what is seen, and that every act is on disk first and can be taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from gateconsole.judgement import operator_acts
from gateconsole.ledger.store import Ledger
from gateconsole.patch_queue.overview import EMPTY
from gateconsole.snapshot import Banner, Snapshot
from tests.screens.fake import ROOT_MISSING, full, of
from tests.screens.fake_alerts import FakeAlerts, fake
from tests.screens.using import SIZES, paged
from tests.screens.using_alerts import opened

__all__ = ["fake"]

FLAKY = ("a6f53e", "flaky_test")


# what is seen


async def test_the_loud_alert_stands_first_and_counts_in_the_tab_and_the_quiet_ones_say_why(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        assert "2 Alerts ▲1 " in seen.lines[1]
        assert " ▲ 1 firing   △ 2 firing quietly   · 1 pending   ✓ 1 resolved" in seen.lines[2]
        assert seen.keys[0] == FLAKY
        for words in ("▲ firing ", "△ provisional", "△ listed", "· pending", "✓ resolved"):
            assert words in seen.text


async def test_that_nothing_calls_is_not_said_as_if_nothing_fired(fake: FakeAlerts) -> None:
    known = fake.snapshot()
    quiet = tuple(one for one in known.alerts if not one.loud)
    async with opened(replace(known, alerts=quiet), fake.hand()) as seen:
        assert " ✓ nobody is called   △ 2 firing quietly   · 1 pending" in seen.lines[2]
        assert "nothing fires" not in seen.text
        acked = tuple(replace(one, state="acknowledged") for one in known.alerts if one.key == FLAKY)
        await seen.publish(replace(known, alerts=acked))
        assert " ✓ nobody is called   △ 1 acked" in seen.lines[2]
        await seen.publish(replace(known, alerts=tuple(one for one in known.alerts if one.state == "resolved")))
        assert " ✓ nothing fires   ✓ 1 resolved" in seen.lines[2]


@pytest.mark.parametrize(("width", "said"), [(120, "1 of 5 alerts"), (80, "1 of 5 alerts"), (72, "   1 of 5")])
async def test_how_many_the_filter_shows_is_said_in_narrow_places_too(fake: FakeAlerts, width: int, said: str) -> None:
    async with opened(fake.snapshot(), fake.hand(), (width, 24)) as seen:
        await seen.press("slash", *"d15ea5e", "enter")
        assert seen.lines[2].rstrip().endswith(said)


async def test_the_detail_says_why_what_it_hangs_together_with_and_shows_the_runs_of_the_episode(
    fake: FakeAlerts,
) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        for words in ("3 spikes among 5 valid runs, each above the cut of its time", "4 spikes so far", "recurring in"):
            assert words in " ".join(seen.text.split())
        assert "seen in d15ea5e" in " ".join(seen.text.split())
        assert "no sign of an association: FAIL in 0 of 4 such spikes, 0 of 60 other runs" in seen.text
        for number in range(61, 65):
            assert f"a-{4000 + number}" in seen.text
        assert "CUT THEN" in seen.text
        assert "unjudged" in seen.text


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (("b71c02", "artefact_missing"), "provisional: the cut is fixed 0.01 until 40 valid runs (there are 9)"),
        (("c0ffee", "ntp_offset"), "listed: the whitelist has ntp_offset in the stratum of every spike"),
        (("d15ea5e", "flaky_test"), "2 of the 3 spikes among the last 5 valid runs that make it fire"),
        (("a6f53e", "disk_full"), "over after 10 valid runs in a row without such a spike"),
        (("b71c02", "artefact_missing"), "too few (n = 9 of 40)"),
    ],
)
async def test_a_quiet_or_past_alert_says_why(fake: FakeAlerts, key: tuple[str, str], words: str) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.to(*key)
        assert words in " ".join(seen.text.split())


async def test_an_act_that_was_broken_names_the_run_and_its_outcome(fake: FakeAlerts) -> None:
    fake.acknowledge(FLAKY)
    fake.spikes("a6f53e", 1, "flaky_test", outcomes=("FAIL",))
    async with opened(fake.snapshot(), fake.hand()) as seen:
        assert "broken by a-4065 13:01:05Z: FAIL, worse than the act had seen" in seen.text
        assert "mika acked, having seen 4 spikes, peak 0.1100, worst WARN" in seen.text
        assert "▲1" in seen.lines[1]


async def test_a_policy_judged_anew_shows_a_question_mark(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(judging=frozenset({"a6f53e"})), fake.hand()) as seen:
        assert "? firing" in seen.text
        assert "? 1 policy being judged" in seen.lines[2]
        assert "a6f53e is judged anew just now" in seen.text


async def test_silence_is_a_row_of_its_own_that_nothing_can_be_done_about_here(fake: FakeAlerts) -> None:
    fake.now += 48 * 3_600_000_000
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.to(None, "(silence)")
        assert "no run for over 24.0 h: the newest is of" in seen.text
        assert " a ack " not in seen.lines[-1]
        await seen.press("a", "s", "A")
        assert fake.kinds() == []


async def test_a_rule_is_whole_in_the_list_where_there_is_room(fake: FakeAlerts) -> None:
    fake.now += 48 * 3_600_000_000
    async with opened(fake.snapshot(), fake.hand()) as seen:
        assert "no run for over 24.0 h" in next(line for line in seen.lines[3:] if "(silence)" in line)


async def test_the_cursor_sticks_to_its_alert_when_others_come_before_it(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.to("d15ea5e", "flaky_test")
        fake.spikes("d15ea5e", 1, "flaky_test")
        fake.spikes("c0ffee", 3, "disk_full")
        await seen.publish(fake.snapshot(generation=2))
        assert seen.screen.alert is not None
        assert seen.screen.alert.key == ("d15ea5e", "flaky_test")
        assert "▌▲ firing" in seen.text


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("policy:a6f", [FLAKY, ("a6f53e", "disk_full")]),
        ("reason:flaky", [FLAKY, ("d15ea5e", "flaky_test")]),
        ("pending", [("d15ea5e", "flaky_test")]),
        ("outcome:FAIL", [("b71c02", "artefact_missing")]),
        ("state:whitelisted", [("c0ffee", "ntp_offset")]),
        ("rate:>0.1", [FLAKY]),
        ("!policy:a6f !listed !pending", [("b71c02", "artefact_missing")]),
        ("run:a-4061", [FLAKY]),
    ],
)
async def test_the_filter_finds_alerts_by_their_spikes_and_their_state(
    fake: FakeAlerts, typed: str, keys: list[tuple[str, str]]
) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.press("slash")
        await seen.type(typed)
        await seen.press("enter")
        assert seen.keys == keys
        assert f"{len(keys)} of 5 alerts" in seen.lines[2]


async def test_a_filter_that_leaves_nothing_says_so_and_how_to_clear_it(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.press("slash")
        await seen.type("nothing-like-it")
        await seen.press("enter")
        assert "It leaves out all of 5 alerts." in seen.text
        await seen.press("escape")
        assert len(seen.keys) == 5


async def test_o_sorts_and_the_choice_of_columns_has_words(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.press("o", "o", "o", "o")
        assert [line.alert.peak for line in seen.screen._table.rows] == [0.11, 0.1, 0.1, 0.09, 0.07]
        await seen.press("S")
        assert "highest peak first" in seen.text or "lowest peak first" in seen.text
        assert "fewest spikes first" in seen.text or "most spikes first" in seen.text


async def test_tab_goes_into_the_runs_and_enter_shows_the_run_on_runs(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.press("tab", "j", "enter")
        assert seen.app.frame.screen_name == "runs"
        assert seen.app.frame.lens.text == "run:=a-4063 policy:=a6f53e"
        await seen.press("escape")
        assert seen.app.frame.screen_name == "alerts"
        assert not seen.app.frame.lens.filtered


async def test_r_shows_the_runs_that_hold_the_class_whatever_the_filter_finds_here(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.press("slash")
        await seen.type("firing")
        await seen.press("enter", "r")
        assert seen.app.frame.screen_name == "runs"
        assert seen.app.frame.lens.text == "policy:=a6f53e reason:=flaky_test"
        await seen.press("escape")
        assert (seen.app.frame.screen_name, seen.app.frame.lens.text) == ("alerts", "firing")


async def test_on_a_narrow_screen_enter_opens_the_detail_and_escape_closes_it(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand(), (80, 24)) as seen:
        assert "CUT THEN" not in seen.text
        await seen.press("enter")
        assert "CUT THEN" in seen.text
        assert "STATE" not in seen.text
        await seen.press("escape")
        assert "STATE" in seen.text


@pytest.mark.parametrize(
    ("snapshot", "words"),
    [
        (of(()), "No run yet"),
        (Snapshot(phase="loading", progress=(41_200, 100_000)), "reading 41,200 of 100,000"),
        (Snapshot(phase="waiting", banners=(ROOT_MISSING,)), "The root is away"),
        (replace(full(), judging=frozenset({"a6f53e", "b71c02"})), "2 policies of 4 to come"),
        (full(), "One fires when 3 of the last 5 runs"),
    ],
    ids=["no runs", "loading", "away", "judging", "no alert"],
)
async def test_an_empty_screen_says_what_is_so_and_what_is_next(snapshot: Snapshot, words: str) -> None:
    async with opened(snapshot, None) as seen:
        assert words in seen.text


async def test_no_alert_says_how_much_was_judged(fake: FakeAlerts) -> None:
    fake.rows = []
    fake.calm("a6f53e", 50)
    async with opened(fake.snapshot(), fake.hand()) as seen:
        assert "1 policy judged, 50 runs with a rate, 0 spikes" in seen.text
        assert "▲" not in seen.lines[1]


async def test_while_the_root_is_away_nothing_fires_and_the_alert_says_why(fake: FakeAlerts) -> None:
    known = fake.snapshot()
    away = tuple(replace(one, state="no data") for one in known.alerts if one.state != "resolved")
    async with opened(replace(known, phase="waiting", alerts=away, banners=(ROOT_MISSING,)), fake.hand()) as seen:
        assert "○ no data" in seen.text
        assert "the root is away: nobody can tell" in seen.text
        assert "▲1" not in seen.lines[1]
        assert " a ack " not in seen.lines[-1]


async def test_a_ledger_that_cannot_be_read_is_said(fake: FakeAlerts) -> None:
    banner = Banner("queue_unusable", "ledger.db is no ledger", "move it away")
    async with opened(fake.snapshot(banners=(banner,)), fake.hand()) as seen:
        assert "ledger.db is no ledger" in seen.text
        assert "acts unknown" in seen.text
        board = replace(EMPTY, seq=7)
        await seen.publish(fake.snapshot(banners=(banner,), queue=board))
        assert "acts as last read" in seen.text


@pytest.mark.parametrize("size", SIZES)
async def test_no_line_is_wider_than_the_terminal(fake: FakeAlerts, size: str) -> None:
    async with opened(fake.snapshot(), fake.hand(), SIZES[size]) as seen:
        for keys in ((), ("G",), ("g", "s"), ("escape", "tab"), ("v",), ("escape", "escape", "A")):
            await seen.press(*keys)
            assert all(cell_len(line) <= SIZES[size][0] for line in seen.lines)


async def test_the_row_is_copied_as_the_export_says_it_and_the_page_holds_everything(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        row = seen.screen.row()
        assert row is not None
        assert row.document["policy_hash"] == "a6f53e"
        assert row.document["class"] == "flaky_test"
        assert row.document["state"] == "firing"
        assert row.document["fail_association"]["n"] == 64
        assert row.cells[:3] == ("firing", "a6f53e", "flaky_test")
        page = "\n".join(paged(seen.screen))
        assert "alert a6f53e flaky_test: firing" in page
        assert "a-4061" in page


async def test_e_writes_the_alerts_in_sight(fake: FakeAlerts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.press("slash")
        await seen.type("policy:a6f")
        await seen.press("enter", "e")
        assert "2 of 5 alerts" in seen.said
    (written,) = tmp_path.glob("alerts*.csv")
    assert [line.split(",")[1:3] for line in written.read_text().splitlines()[1:]] == [
        ["a6f53e", "flaky_test"],
        ["a6f53e", "disk_full"],
    ]


# acts


async def test_a_acknowledges_at_once_is_on_disk_and_shows(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.press("a")
        assert fake.kinds()[-1] == "alert_acknowledged"
        assert "on disk: acked flaky_test in a6f53e, 4 spikes seen" in seen.said
        await seen.publish(fake.snapshot(generation=2))
        assert "△ acked" in seen.text
        assert "ada" in seen.text
        assert "▲" not in seen.lines[1]


async def test_s_asks_how_long_and_snoozes(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.press("s")
        assert "snooze flaky_test in a6f53e" in seen.text
        await seen.press("down", "enter")
        assert "snoozed flaky_test in a6f53e until 17:21:05Z" in seen.said
        await seen.publish(fake.snapshot(generation=2))
        assert "ada until 17:21Z" in seen.text


async def test_a_time_that_cannot_be_is_refused_and_comes_back_as_it_was_typed(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.press("s", "ctrl+u", *"soon", "enter")
        assert "no time 'soon': write 90m, 4h, 2d or until 08:00Z" in seen.text
        assert "soon" in seen.text
        assert fake.kinds() == []


async def test_A_adopts_the_level_after_asking_once(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.press("A")
        assert "adopt the level of a6f53e" in seen.text
        await seen.press("escape")
        assert fake.kinds() == []
        await seen.press("A", "enter")
        assert fake.kinds()[-1] == "level_adopted"
        await seen.publish(fake.snapshot(generation=2))
        await seen.to(*FLAKY)
        assert "over because the level was adopted" in " ".join(seen.text.split())


@pytest.mark.parametrize(("keys", "word"), [((), "accepted"), (("right",), "rejected"), (("r",), "rejected")])
async def test_v_judges_the_run_under_the_cursor(fake: FakeAlerts, keys: tuple[str, ...], word: str) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.press("tab", "j", "v", *keys, "enter")
        assert f"on disk: a-4063: {word}" in seen.said
        (verdict,) = fake.acts().verdicts.values()
        assert (verdict.run, verdict.word) == (("a-4063", None, "a6f53e", "pinned"), word)
        await seen.publish(fake.snapshot(generation=2))
        assert f"{word} ada" in seen.text


async def test_a_verdict_is_taken_back(fake: FakeAlerts) -> None:
    ledger = Ledger.for_writing(fake.path)
    operator_acts.judge(ledger, ("a-4064", None, "a6f53e", "pinned"), "rejected", fake.when())
    ledger.close()
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.press("tab", "v")
        assert "(•) take back" in seen.text
        await seen.press("enter")
        assert fake.acts().verdicts == {}


async def test_v_does_nothing_outside_the_runs(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        assert " v verdict " not in seen.lines[-1]
        await seen.press("v")
        assert not seen.screen._form.display


async def test_u_takes_the_last_act_back_then_the_one_before(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand(), (200, 50)) as seen:
        assert " u undo " not in seen.lines[-1]
        await seen.press("a")
        await seen.press("tab", "v", "enter")
        await seen.press("u")
        assert "on disk: the verdict on a-4064 is undone" in seen.said
        assert fake.acts().verdicts == {}
        await seen.press("1", "u")
        assert "the ack of flaky_test in a6f53e is undone" in seen.said
        assert fake.acts().alerts == ()
        await seen.press("x")
        assert " u undo " not in seen.lines[-1]


async def test_read_only_hides_the_acts_and_says_so(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand(writes=False)) as seen:
        assert "RO" in seen.lines[2]
        assert " a ack " not in seen.lines[-1]
        await seen.press("a", "s", "A", "tab", "v", "u")
        assert fake.kinds() == []
        assert not seen.screen._form.display


async def test_a_ledger_that_is_busy_is_said_and_nothing_is_lost(
    fake: FakeAlerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateconsole.tui.alerts.actions.PATIENCE", 0.1)
    monkeypatch.setattr("gateconsole.tui.shell.ledger_actions._SLOW", 0.02)
    ledger = Ledger.for_writing(fake.path)
    async with opened(fake.snapshot(), fake.hand()) as seen:
        with ledger.transaction(fake.now, "another"):
            await seen.press("s", "ctrl+u", *"3h", "enter")
            assert "another process keeps it locked" in seen.text
            assert "3h" in seen.text
            await seen.press("escape", "a")
            assert "another process keeps it locked" in seen.said
        assert fake.acts().alerts == ()
        await seen.press("a")
        assert "on disk: acked" in seen.said
        assert len(fake.acts().alerts) == 1


async def test_a_file_that_is_no_ledger_is_said(fake: FakeAlerts) -> None:
    snapshot = fake.snapshot()
    fake.path.write_bytes(b"no ledger at all" * 100)
    async with opened(snapshot, fake.hand()) as seen:
        await seen.press("a")
        assert "is no ledger: move it away" in seen.said
        assert not seen.app.frame.undoing


async def test_what_others_did_shows_with_their_name(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        fake.acknowledge(FLAKY)
        await seen.publish(fake.snapshot(generation=2))
        assert "△ acked" in seen.text
        assert "mika" in seen.text
        assert " a ack " not in seen.lines[-1]


async def test_a_held_view_stays_while_acts_are_done(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand()) as seen:
        await seen.press("space", "a")
        await seen.publish(fake.snapshot(generation=2))
        assert "FROZEN" in seen.lines[1]
        assert "▲ firing" in seen.text
        await seen.press("space")
        assert "△ acked" in seen.text


async def test_the_acts_stand_in_help_and_palette(fake: FakeAlerts) -> None:
    async with opened(fake.snapshot(), fake.hand(), (120, 50)) as seen:
        await seen.press("question_mark")
        await seen.press(*"known")
        assert "known, worked on: quiet unless it gets worse" in seen.text
        await seen.press("escape", "colon", *"snooze")
        assert "the same for a time" in seen.text
