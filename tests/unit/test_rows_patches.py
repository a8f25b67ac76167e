"""Patches as they are listed: what a filter finds, in which order, and how many are newer than a held view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateconsole.patch_queue import operator_acts
from gateconsole.patch_queue.overview import EMPTY, Board
from gateconsole.patch_queue.queries import PatchRow
from gateconsole.query import EVERYTHING, KEYS, Query, parse
from gateconsole.rows.patches import (
    IN_ORDER,
    PATCH_COLUMNS,
    PatchLister,
    PatchQuery,
    fields_missing,
    in_order,
    matching_board,
    newer_patches,
)
from gateconsole.rows.sorts import Sort
from tests.screens.fake import MINUTE, NOON
from tests.screens.fake_queue import ARM, GCC, HOSTILE, FakeQueue, queue

__all__ = ["queue"]


def read(text: str) -> Query:
    query = parse(text)
    assert isinstance(query, Query)
    return query


def found(board: Board, text: str, testcase: str = GCC) -> list[str]:
    """The patches of a testcase that a filter finds."""
    asked = PatchQuery(board, testcase, read(text), now=NOON)
    return [row.patch for row in PatchLister().list(asked).patches]


def every(board: Board) -> list[PatchRow]:
    return list(board.testcases[0].patches)


# the filter


@pytest.mark.parametrize(
    ("text", "so"),
    [
        ("held", lambda row: row.state == "held"),
        ("suspect", lambda row: bool(row.suspect_of)),
        ('"in flight"', lambda row: bool(row.in_flight)),
        ("!suspect", lambda row: not row.suspect_of),
        ("waits", lambda row: row.patch == "I00a0"),
        ("run:=7f3a-3", lambda row: "7f3a-3" in row.in_flight),
        ("run:=7f3a-1", lambda row: "7f3a-1" in row.suspect_of),
        ("tb9", lambda row: "7f3a-4" in row.in_flight),
        (GCC, lambda row: True),
        (ARM, lambda row: False),
    ],
)
def test_a_filter_finds_what_the_list_says_of_a_patch(queue: FakeQueue, text: str, so: object) -> None:
    board = queue.board()
    assert callable(so)
    assert found(board, text) == [row.patch for row in every(board) if so(row)]


def test_a_word_finds_a_patch_by_a_part_of_its_name_whatever_stands_in_it(queue: FakeQueue) -> None:
    assert found(queue.board(), "i07") == ["I07a0"]
    assert found(queue.board(), '"[bold red]"') == [HOSTILE]


def test_what_is_left_out_by_a_run_is_left_out_also_when_another_run_holds_it(queue: FakeQueue) -> None:
    board = queue.board()
    both = [row.patch for row in every(board) if len({*row.in_flight, *row.suspect_of}) > 1]
    assert both
    kept = found(board, "!run:7f3a-1")
    assert kept == [row.patch for row in every(board) if "7f3a-1" not in (*row.in_flight, *row.suspect_of)]


def test_a_time_is_that_of_the_arrival(queue: FakeQueue) -> None:
    board = queue.board()
    third = sorted(row.at for row in every(board))[2]
    clock = f"{third // MINUTE // 60 % 24:02}:{third // MINUTE % 60:02}"
    assert found(board, f"time:{clock}") == [row.patch for row in every(board) if row.at == third]
    assert len(found(board, "since:1d")) == len(every(board))


@pytest.mark.parametrize("text", ["policy:b7", "outcome:FAIL", "reason:x", "stratum:none", "state:mixed", "rate:none"])
def test_a_field_that_no_patch_has_finds_none_and_leaves_out_none(queue: FakeQueue, text: str) -> None:
    board = queue.board()
    key = text.partition(":")[0]
    assert found(board, text) == []
    assert found(board, f"!{text}") == [row.patch for row in every(board)]
    assert fields_missing(read(f"held {text} !{text}")) == f"patches have no {key}; words, run: and time: find them"


def test_every_key_of_the_language_either_chooses_or_is_said_to_be_missing() -> None:
    values = {"outcome": "FAIL", "stratum": "pinned", "state": "mixed", "rate": ">0.1"}
    values |= dict.fromkeys(("time", "since", "until"), "2h")
    missing = {key for key in KEYS if fields_missing(read(f"{key}:{values.get(key, 'x')}"))}
    assert missing == {"policy", "job", "outcome", "reason", "stratum", "state", "rate"}
    assert fields_missing(read("policy:a outcome:FAIL")).startswith("patches have no policy, no outcome; ")
    assert fields_missing(EVERYTHING) == ""


def test_what_was_made_for_one_state_of_the_queue_is_not_used_for_another(queue: FakeQueue) -> None:
    lister, before = PatchLister(), queue.board()
    assert [row.patch for row in lister.list(PatchQuery(before, GCC, read("held"))).patches] == ["I00a0"]
    operator_acts.hold(queue.ledger, "I02a0", "later", queue.when())
    after = queue.board()
    assert {row.patch for row in lister.list(PatchQuery(after, GCC, read("held"))).patches} == {"I00a0", "I02a0"}
    assert [row.patch for row in lister.list(PatchQuery(before, GCC, read("held"))).patches] == ["I00a0"]


def test_a_board_of_what_matches_keeps_what_is_proposed_among_all(queue: FakeQueue) -> None:
    board = queue.board()
    part = matching_board(board, read("held"), NOON)
    assert [[row.patch for row in each.patches] for each in part.testcases] == [
        found(board, "held", GCC),
        found(board, "held", ARM),
    ]
    assert [each.proposal for each in part.testcases] == [each.proposal for each in board.testcases]


def test_without_a_testcase_there_is_nothing_to_list() -> None:
    listed = PatchLister().list(PatchQuery(EMPTY, "", read("held")))
    assert (listed.each, list(listed.patches)) == (None, [])


# the order


def values(patches: Sequence[PatchRow], column: str) -> list[object]:
    read_as = {"arrived": "at", "stands": "state", "queue": "place"}
    return [getattr(row, read_as.get(column, column)) for row in patches]


@settings(max_examples=40, deadline=None)
@given(
    column=st.sampled_from(sorted(PATCH_COLUMNS)),
    falling=st.booleans(),
    places=st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.sampled_from(["held", "pending"])), max_size=8),
)
def test_an_order_keeps_every_patch_and_ties_stand_in_the_queue_s_own_order(
    column: str, falling: bool, places: list[tuple[int, bool, str]]
) -> None:
    rows = [
        PatchRow("x", n, k, k, 0.9**k, state, "", False, n if counted else None, (), (), "")  # type: ignore[arg-type]
        for n, (k, counted, state) in enumerate(places)
    ]
    ordered = in_order(rows, Sort(column, falling), {})
    assert sorted(row.age for row in ordered) == list(range(len(rows)))
    last: dict[object, int] = {}
    for row in ordered:
        key = (values([row], column)[0] if column != "overall" else None, row.place is None)
        if column in {"k", "patch", "stands", "overall"}:
            key = (key[0], False)
        if column != "queue":
            assert last.get(key, -1) < row.age
        last[key] = row.age


def test_patches_without_a_place_come_last_in_both_directions_of_p_and_of_the_queue(queue: FakeQueue) -> None:
    rows = every(queue.board())
    lacking = [row.patch for row in rows if row.place is None]
    assert lacking
    for column in ("queue", "p"):
        for falling in (False, True):
            ordered = in_order(rows, Sort(column, falling), {})
            assert [row.patch for row in ordered[-len(lacking) :]] == lacking


def test_names_are_sorted_by_their_numbers(queue: FakeQueue) -> None:
    rows = [every(queue.board())[0]._replace(patch=name) for name in ("I10", "I9", "I2")]
    assert [row.patch for row in in_order(rows, Sort("patch", False), {})] == ["I2", "I9", "I10"]


def test_the_queue_s_own_order_is_given_as_it_is(queue: FakeQueue) -> None:
    board = queue.board()
    assert PatchLister().list(PatchQuery(board, GCC)).patches is board.testcases[0].patches
    assert Sort("queue", False) == IN_ORDER


# what is newer


def test_an_act_makes_one_patch_newer_however_many_places_it_moves(queue: FakeQueue) -> None:
    held = queue.board()
    operator_acts.land(queue.ledger, "I02a0", queue.when())
    in_testcases = sum(any(row.patch == "I02a0" for row in each.patches) for each in held.testcases)
    assert newer_patches(queue.board(), held) == in_testcases


def test_a_patch_that_came_and_a_testcase_that_went_are_newer(queue: FakeQueue) -> None:
    held = queue.board()
    operator_acts.submit(queue.ledger, "new", queue.when(), testcases=(GCC,))
    board = queue.board()
    assert newer_patches(board, held) == 1
    arm = len(held.testcases[1].patches)
    assert newer_patches(replace(held, testcases=held.testcases[:1]), held) == arm


def test_nothing_is_newer_in_the_same_queue_a_while_later(queue: FakeQueue) -> None:
    assert newer_patches(queue.board(), queue.board()) == 0
