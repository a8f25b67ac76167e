"""Add, edit, retire, undo: what operators do to the whitelist, and the history of it (architecture 3)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateconsole.ledger.actor import Actor, RefusedError
from gateconsole.model import Entry
from gateconsole.whitelist import file, operator_acts
from gateconsole.whitelist.history import WhitelistAct, history, last_of
from gateconsole.whitelist.merge import EntryChange, EntryConflict, edited, fitting_scope, new_entry

DAY = 86_400_000_000
AT = 1_771_459_200_000_000
"""2026-02-19T00:00:00Z"""
MIKA, ADA = Actor(AT, "mika"), Actor(AT + DAY, "ada")
FLAKY = new_entry("flaky_test", "known suite", "unpinned", MIKA)
NTP = new_entry("ntp_offset", "clock drift", None, ADA)


@pytest.fixture
def place(tmp_path: Path) -> operator_acts.WhitelistFile:
    return operator_acts.whitelist_file(tmp_path)


def done(came: operator_acts.SavedChange | EntryConflict) -> WhitelistAct:
    assert isinstance(came, operator_acts.SavedChange)
    assert came.act is not None
    return came.act


def entries(place: operator_acts.WhitelistFile) -> tuple[Entry, ...]:
    found = file.read(place.file)
    assert found.problem is None
    return found.entries


def test_a_new_entry_says_who_when_and_when_to_look_again() -> None:
    made = new_entry("flaky_test", " known suite ", "unpinned", MIKA)
    assert made == Entry("flaky_test", "known suite", "unpinned", "mika", "2026-02-19", "2026-05-20")


@pytest.mark.parametrize("blank", ["", "  \t\n"])
def test_a_justification_is_required(place: operator_acts.WhitelistFile, blank: str) -> None:
    with pytest.raises(RefusedError, match="a justification is needed"):
        new_entry("a", blank, None, MIKA)
    with pytest.raises(RefusedError, match="a justification is needed"):
        operator_acts.apply_change(place, EntryChange(None, FLAKY._replace(justification=blank)), MIKA)
    with pytest.raises(RefusedError, match="a justification is needed"):
        edited(FLAKY, MIKA, justification=blank, scope=None, review_by=None)
    assert not place.file.exists()


@pytest.mark.parametrize(
    ("said", "why"),
    [("2026-02-18", "that day is over"), ("20260520", "expected a day"), ("2026-02-30", "expected a day")],
)
def test_a_review_date_is_a_day_to_come(said: str, why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        new_entry("a", "why", None, MIKA, review_by=said)


def test_a_review_date_that_is_over_may_stay_when_something_else_is_edited() -> None:
    late = Actor(AT + 400 * DAY, "ada")
    assert edited(FLAKY, late, justification="x", scope=None, review_by=FLAKY.review_by).review_by == FLAKY.review_by


def test_the_scope_that_fits_is_that_of_all_runs_shown() -> None:
    assert fitting_scope(["pinned", "pinned"]) == "pinned"
    assert fitting_scope(["pinned", "unpinned"]) is None
    assert fitting_scope(["pinned", None]) is None
    assert fitting_scope([None]) is None
    assert fitting_scope([]) is None


def test_an_entrys_reason_does_not_change(place: operator_acts.WhitelistFile) -> None:
    with pytest.raises(RefusedError, match="retire it and add the other one"):
        operator_acts.apply_change(place, EntryChange(FLAKY, FLAKY._replace(reason="other")), MIKA)


def test_a_scope_that_is_taken_is_refused(place: operator_acts.WhitelistFile) -> None:
    both = FLAKY._replace(scope=None)
    for entry in (FLAKY, both):
        operator_acts.apply_change(place, EntryChange(None, entry), MIKA)
    with pytest.raises(RefusedError, match="flaky_test is listed for all runs already"):
        operator_acts.apply_change(place, EntryChange(FLAKY, both._replace(justification="x")), MIKA)


def test_the_history_has_every_act_with_the_entry_before_and_after(place: operator_acts.WhitelistFile) -> None:
    place.file.write_text('{"version": 1, "entries": [{"reason": "old", "ticket": 7}]}')
    old, better = Entry("old"), FLAKY._replace(justification="tracked")
    operator_acts.apply_change(place, EntryChange(None, FLAKY), MIKA)
    operator_acts.apply_change(place, EntryChange(FLAKY, better), ADA)
    operator_acts.apply_change(place, EntryChange(old, None), ADA, why="fixed in March")
    assert place.ledger is not None
    added, changed, retired = history(place.ledger, place.name)
    assert [(act.what, act.actor, act.at, act.entries) for act in (added, changed, retired)] == [
        ("added", "mika", AT, (None, FLAKY)),
        ("edited", "ada", AT + DAY, (FLAKY, better)),
        ("retired", "ada", AT + DAY, (old, None)),
    ]
    assert retired.why == "fixed in March"
    assert retired.before is not None
    assert json.loads(retired.before.text) == {"reason": "old", "ticket": 7}
    assert added.digest_after == changed.digest_before
    assert history(place.ledger, "another.json") == ()


# undo


@pytest.mark.parametrize("before", [None, '["old"]', '{\n    "version": 1, "entries": []}'])
def test_undo_brings_back_the_very_bytes(place: operator_acts.WhitelistFile, before: str | None) -> None:
    if before is not None:
        place.file.write_text(before)
    act = done(operator_acts.apply_change(place, EntryChange(None, FLAKY), MIKA))
    operator_acts.undo_act(place, act, MIKA)
    assert (place.file.read_text() if place.file.exists() else None) == before


def test_undo_of_an_edit_and_of_a_retirement_bring_back_the_very_bytes(place: operator_acts.WhitelistFile) -> None:
    operator_acts.apply_change(place, EntryChange(None, FLAKY), MIKA)
    for wanted in (FLAKY._replace(scope=None), None):
        before = place.file.read_bytes()
        operator_acts.undo_act(place, done(operator_acts.apply_change(place, EntryChange(FLAKY, wanted), MIKA)), MIKA)
        assert place.file.read_bytes() == before


def test_undo_after_somebody_elses_change_takes_back_only_its_own(place: operator_acts.WhitelistFile) -> None:
    act = done(operator_acts.apply_change(place, EntryChange(None, FLAKY), MIKA))
    operator_acts.apply_change(place, EntryChange(None, NTP), ADA)
    operator_acts.undo_act(place, act, MIKA)
    assert entries(place) == (NTP,)


def test_undo_of_an_edit_after_somebody_elses_change_restores_the_entry(place: operator_acts.WhitelistFile) -> None:
    operator_acts.apply_change(place, EntryChange(None, FLAKY), MIKA)
    act = done(operator_acts.apply_change(place, EntryChange(FLAKY, FLAKY._replace(justification="other")), MIKA))
    operator_acts.apply_change(place, EntryChange(None, NTP), ADA)
    operator_acts.undo_act(place, act, MIKA)
    assert entries(place) == (FLAKY, NTP)


def test_undo_of_a_retirement_brings_the_entry_back_whole_and_to_its_place(place: operator_acts.WhitelistFile) -> None:
    named = [{"reason": "z"}, {"reason": "b", "ticket": 7}, {"reason": "a"}]
    place.file.write_text(json.dumps({"version": 1, "entries": named}))
    act = done(operator_acts.apply_change(place, EntryChange(Entry("b"), None), MIKA))
    operator_acts.apply_change(place, EntryChange(None, NTP), ADA)
    operator_acts.undo_act(place, act, MIKA)
    assert [each.get("ticket", each["reason"]) for each in json.loads(place.file.read_text())["entries"]] == [
        "z", 7, "a", "ntp_offset",
    ]  # fmt: skip


def test_undo_without_the_kept_bytes_takes_the_entry_back(place: operator_acts.WhitelistFile) -> None:
    act = done(operator_acts.apply_change(place, EntryChange(None, FLAKY), MIKA))
    second = done(operator_acts.apply_change(place, EntryChange(None, NTP), MIKA))
    (place.folders[0] / second.backup).write_text("not these")
    operator_acts.undo_act(place, second, MIKA)
    assert entries(place) == (FLAKY,)
    assert act.backup == ""


def test_undo_of_what_somebody_else_changed_since_is_a_conflict(place: operator_acts.WhitelistFile) -> None:
    act = done(operator_acts.apply_change(place, EntryChange(None, FLAKY), MIKA))
    theirs = FLAKY._replace(justification="hers")
    operator_acts.apply_change(place, EntryChange(FLAKY, theirs), ADA)
    clash = operator_acts.undo_act(place, act, MIKA)
    assert isinstance(clash, EntryConflict)
    assert (clash.seen, clash.wanted, clash.theirs) == (FLAKY, None, theirs)


def test_undo_of_a_retirement_meets_a_new_entry_of_the_class(place: operator_acts.WhitelistFile) -> None:
    operator_acts.apply_change(place, EntryChange(None, FLAKY), MIKA)
    act = done(operator_acts.apply_change(place, EntryChange(FLAKY, None), MIKA))
    again = FLAKY._replace(added_by="ada")
    operator_acts.apply_change(place, EntryChange(None, again), ADA)
    clash = operator_acts.undo_act(place, act, MIKA)
    assert isinstance(clash, EntryConflict)
    assert clash.theirs == again


def test_the_last_act_is_the_operators_own_and_once_undone_the_one_before(place: operator_acts.WhitelistFile) -> None:
    assert place.ledger is not None
    operator_acts.apply_change(place, EntryChange(None, FLAKY), MIKA)
    operator_acts.apply_change(place, EntryChange(None, NTP), MIKA)
    operator_acts.apply_change(place, EntryChange(None, NTP._replace(reason="hers")), ADA)
    undone = []
    while act := last_of(history(place.ledger, place.name), "mika"):
        operator_acts.undo_act(place, act, MIKA)
        undone.append(act.reason)
    assert undone == ["ntp_offset", "flaky_test"]
    assert [entry.reason for entry in entries(place)] == ["hers"]


def test_nothing_is_undone_twice(place: operator_acts.WhitelistFile) -> None:
    act = done(operator_acts.apply_change(place, EntryChange(None, FLAKY), MIKA))
    undoing = done(operator_acts.undo_act(place, act, MIKA))
    operator_acts.apply_change(place, EntryChange(None, FLAKY), MIKA)
    for again in (act, act._replace(undone=True)):
        with pytest.raises(RefusedError, match="undone already"):
            operator_acts.undo_act(place, again, MIKA)
    with pytest.raises(RefusedError, match="an undo is not undone: add, edit or retire the entry instead"):
        operator_acts.undo_act(place, undoing, MIKA)
    assert entries(place) == (FLAKY,)


def test_an_act_on_another_whitelist_is_not_undone_here(place: operator_acts.WhitelistFile, tmp_path: Path) -> None:
    other = operator_acts.whitelist_file(tmp_path, tmp_path / "other.json")
    act = done(operator_acts.apply_change(other, EntryChange(None, FLAKY), MIKA))
    with pytest.raises(RefusedError, match=r"that act was on another whitelist, other\.json"):
        operator_acts.undo_act(place, act, MIKA)


def test_without_a_ledger_an_act_can_be_undone_while_it_is_remembered(tmp_path: Path) -> None:
    place = operator_acts.whitelist_file(None, tmp_path / "whitelist.json")
    place.file.write_text('["old"]')
    operator_acts.undo_act(place, done(operator_acts.apply_change(place, EntryChange(None, FLAKY), MIKA)), MIKA)
    assert place.file.read_text() == '["old"]'


def test_a_ledger_of_its_own_keeps_the_history_of_a_file_alone(tmp_path: Path) -> None:
    place = operator_acts.whitelist_file(None, tmp_path / "whitelist.json", tmp_path / "ledger.db")
    act = done(operator_acts.apply_change(place, EntryChange(None, FLAKY), MIKA))
    assert place.ledger is not None
    assert history(place.ledger) == (act,)
    assert act.file == str(tmp_path / "whitelist.json")


def test_what_a_save_does_beside_the_change_is_said(place: operator_acts.WhitelistFile) -> None:
    place.file.write_text('["old"]')
    came = operator_acts.apply_change(place, EntryChange(None, FLAKY), MIKA)
    assert isinstance(came, operator_acts.SavedChange)
    assert came.notes == ("the file was of an older form (list) and is now in the written form, version 1",)


def test_an_actor_without_a_name_is_refused(place: operator_acts.WhitelistFile) -> None:
    with pytest.raises(RefusedError, match="actor ''"):
        operator_acts.apply_change(place, EntryChange(None, FLAKY), Actor(AT, ""))
    assert not place.file.exists()
