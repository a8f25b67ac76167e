"""view.run_rows: which runs, in what order, followed from Snapshot to Snapshot."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cmp_to_key
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.engine.series import Series
from gateconsole.model import NONE, OUTCOMES, STRATA, Duplicate, Entry, Rejected, Run, Whitelist, artifact_path
from gateconsole.query import EVERYTHING, Query, parse
from gateconsole.rows.rejected import rejected_rows
from gateconsole.rows.runs import FOLLOWED, RunsView
from gateconsole.rows.sorts import COLUMNS, NEWEST_FIRST, SERIES_ORDER, RunRow, Sort, SortError, parse_sort
from gateconsole.snapshot import EMPTY, Snapshot
from gateconsole.statistics.runs_frame import RUNS_SCHEMA
from gateconsole.view import matching_policies, n_of_m, newer_runs, run_rows

NOON = 1_772_370_965_000_000
LISTED = Whitelist((Entry("listed"), Entry("pinned only", scope="pinned")))

runs = st.builds(
    Run,
    run_id=st.sampled_from(["run-9", "run-10", "run-010", "9", "a", "job-3", "run-9b"]),
    timestamp=st.sampled_from([None, NOON, NOON + 1, NOON + 2_000_000]),
    policy_hash=st.sampled_from(["a6f53e", "b71c02", NONE]),
    outcome=st.sampled_from([*OUTCOMES, "GREEN", "BLUE", NONE]),
    unknown_rate=st.sampled_from([None, 0.0, 0.02, 0.5]),
    top_reasons=st.sampled_from([(), ("listed",), ("new", "listed"), ("pinned only",), ("a;b",)]),
    stratum=st.sampled_from([*STRATA, None]),
    job=st.sampled_from([None, "debian", "suse"]),
    attempt=st.sampled_from([None, None, 1, 2]),
)
steps = st.lists(st.tuples(st.integers(0, 12), st.one_of(st.none(), runs)), max_size=24)
sorts = st.builds(Sort, st.sampled_from(list(COLUMNS)), st.booleans())
queries = st.sampled_from(
    ["", "outcome:FAIL,BLOCK", "!reason:listed", "state:mixed", "run", "rate:>0.01 policy:a", "job:suse", "deb"]
)


def asked(text: str) -> Query:
    """The query of a text that is one."""
    query = parse(text)
    assert isinstance(query, Query)
    return query


class Root:
    """A series that is given files, and Snapshots of it."""

    def __init__(self) -> None:
        self.series = Series()
        self.generation = 0

    def put(self, file: int, run: Run | None) -> None:
        if run is None:
            self.series.drop(file)
        else:
            self.series.put(file, f"job-{file}", run)

    def snapshot(self, whitelist: Whitelist = LISTED, now: int = NOON) -> Snapshot:
        self.series.settle(now)
        self.generation += 1
        return replace(EMPTY, generation=self.generation, runs=self.series.runs(), whitelist=whitelist, taken_at=now)


def of(*held: Run) -> Snapshot:
    """A Snapshot of these runs, a folder each."""
    root = Root()
    for file, run in enumerate(held):
        root.put(file, run)
    return root.snapshot()


def run(run_id: str = "run-1", timestamp: int | None = NOON, **fields: Any) -> Run:
    """A run of which only some fields matter."""
    made = Run(run_id, timestamp, "a6f53e", "PASS", 0.0, (), None)
    return made._replace(**fields)


def ids(view: RunsView) -> list[str]:
    return [row.run_id for row in view.rows(0, view.matched)]


def in_plain_order(rows: list[RunRow], sort: Sort) -> list[RunRow]:
    """The rows ordered the slow and obvious way."""

    def natural(text: str) -> list[Any]:
        return [int(part) if at % 2 else part for at, part in enumerate(re.split("([0-9]+)", text))]

    def tie(row: RunRow) -> list[Any]:
        stratum = STRATA.index(row.stratum) if row.stratum else 2
        return [natural(row.run_id), stratum, row.path, row.run_id, row.policy_hash]

    def value(row: RunRow) -> Any:
        severity = {word: (at, "") for at, word in enumerate(OUTCOMES)} | {NONE: None}
        states = {"whitelisted": 0, "not_whitelisted": 1, "mixed": 2, "none": None}
        return {
            "time": row.timestamp,
            "run": natural(row.run_id),
            "policy": row.policy_hash,
            "stratum": STRATA.index(row.stratum) if row.stratum else None,
            "outcome": severity.get(row.outcome, (6, row.outcome)),
            "rate": row.unknown_rate,
            "reasons": ";".join(reason.replace(";", "\\;") for reason in row.top_reasons) or None,
            "state": states[row.whitelist_state],
            "path": row.path,
        }[sort.column]

    def apart(one: Any, other: Any, falling: bool) -> int:
        if one == other:
            return 0
        if one is None or other is None:
            return 1 if one is None else -1
        return -1 if (one < other) != falling else 1

    newest_first = sort.falling or sort.column != "time"

    def compare(one: RunRow, other: RunRow) -> int:
        return (
            apart(value(one), value(other), sort.falling)
            or apart(one.timestamp, other.timestamp, newest_first)
            or apart(tie(one), tie(other), newest_first)
        )

    return sorted(rows, key=cmp_to_key(compare))


@given(st.lists(runs, max_size=12), sorts)
def test_the_order_is_by_column_then_newest_first_then_row_5(held: list[Run], sort: Sort) -> None:
    snapshot = of(*held)
    shown = run_rows(snapshot, sort=sort).rows(0, 99)
    assert shown == in_plain_order(run_rows(snapshot).rows(0, 99), sort)


@given(steps, st.lists(steps, max_size=3), sorts, queries)
def test_a_list_that_was_followed_is_the_list_made_anew(begin: Any, later: list[Any], sort: Sort, text: str) -> None:
    root, query = Root(), asked(text)
    for file, put in begin:
        root.put(file, put)
    view = run_rows(root.snapshot(), query, sort)
    for batch in later:
        for file, put in batch:
            root.put(file, put)
        snapshot = root.snapshot()
        view = run_rows(snapshot, query, sort, view)
        anew = run_rows(snapshot, query, sort)
        rows = anew.rows(0, 99)
        assert (view.total, view.matched, view.rows(0, 99)) == (anew.total, anew.matched, rows)
        assert [view.find(row.key) for row in rows] == list(range(len(rows)))


@given(steps, st.lists(steps, max_size=2), queries)
def test_policies_that_were_followed_are_those_found_anew(begin: Any, later: list[Any], text: str) -> None:
    root, query = Root(), asked(text)
    for file, put in begin:
        root.put(file, put)
    found = matching_policies(query, root.snapshot())
    for batch in later:
        for file, put in batch:
            root.put(file, put)
        snapshot = root.snapshot()
        found = matching_policies(query, snapshot, found)
        rows = run_rows(snapshot, query).rows(0, 99)
        assert found.hashes == {row.policy_hash for row in rows}


@given(st.lists(runs, max_size=12), st.integers(-3, 15), st.integers(0, 15))
def test_a_window_is_a_part_of_the_whole(held: list[Run], start: int, count: int) -> None:
    view = run_rows(of(*held))
    begin = max(start, 0)
    assert view.rows(start, count) == view.rows(0, 99)[begin : max(start + count, begin)]


def test_the_list_begins_newest_first_and_undated_runs_are_last() -> None:
    snapshot = of(run("a", None), run("run-9"), run("run-10"), run("old", NOON - 1), run("b", None))
    assert ids(run_rows(snapshot)) == ["run-10", "run-9", "old", "b", "a"]
    assert ids(run_rows(snapshot, sort=SERIES_ORDER)) == ["old", "run-9", "run-10", "a", "b"]


def test_missing_values_come_last_in_both_directions() -> None:
    snapshot = of(run("none", unknown_rate=None), run("low", unknown_rate=0.0), run("high", unknown_rate=0.5))
    assert ids(run_rows(snapshot, sort=Sort("rate", True))) == ["high", "low", "none"]
    assert ids(run_rows(snapshot, sort=Sort("rate", False))) == ["low", "high", "none"]


def test_a_row_says_how_its_unknown_classes_stand_to_the_whitelist() -> None:
    (row,) = run_rows(of(run(unknown_rate=0.1, top_reasons=("listed", "pinned only")))).rows(0, 1)
    assert (row.whitelist_state, row.whitelisted_reasons, row.unlisted_reasons) == (
        "mixed",
        ("listed",),
        ("pinned only",),
    )


def test_the_same_list_is_the_same_object() -> None:
    root = Root()
    root.put(0, run())
    view = run_rows(root.snapshot())
    assert run_rows(root.snapshot(), before=view) is view


def test_another_whitelist_changes_rows_and_what_state_matches() -> None:
    root = Root()
    root.put(0, run(unknown_rate=0.1, top_reasons=("listed",)))
    listed = run_rows(root.snapshot(), asked("state:whitelisted"))
    plain = run_rows(root.snapshot())
    bare = root.snapshot(whitelist=Whitelist())
    assert run_rows(bare, asked("state:whitelisted"), before=listed).matched == 0
    assert run_rows(bare, before=plain).rows(0, 1)[0].whitelist_state == "not_whitelisted"


def test_a_relative_time_moves_on_with_the_snapshots() -> None:
    root, query = Root(), asked("since:30s")
    root.put(0, run())
    view = run_rows(root.snapshot(), query)
    later = run_rows(root.snapshot(now=NOON + 31_000_000), query, before=view)
    assert (view.matched, later.matched, later.total) == (1, 0, 1)


def test_more_changes_than_are_followed_make_the_list_anew() -> None:
    root = Root()
    root.put(0, run())
    view = run_rows(root.snapshot())
    for file in range(1, FOLLOWED + 2):
        root.put(file, run(f"run-{file}"))
    view = run_rows(root.snapshot(), before=view)
    assert (view.matched, view.rows(0, 1)[0].run_id) == (FOLLOWED + 1, f"run-{FOLLOWED + 1}")


def test_what_left_is_not_found() -> None:
    root = Root()
    root.put(0, run("a"))
    root.put(1, run("b"))
    view = run_rows(root.snapshot())
    root.put(1, None)
    view = run_rows(root.snapshot(), before=view)
    assert (view.find("job-0"), view.find("job-1"), view.find("elsewhere")) == (0, None, None)


def test_before_the_first_snapshot_the_list_is_empty() -> None:
    view = run_rows(EMPTY)
    assert (view.total, view.matched, view.rows(0, 10), view.find("x")) == (0, 0, [], None)
    assert run_rows(EMPTY, before=view) is view


def test_a_snapshot_made_by_hand_may_bring_a_frame() -> None:
    made = of(run("a"), run("b")).runs
    frame = made() if made else RUNS_SCHEMA.to_frame()
    assert ids(run_rows(replace(EMPTY, runs=frame.clone))) == ["b", "a"]


def test_frozen_counts_the_runs_that_came_since() -> None:
    root = Root()
    root.put(0, run("a"))
    frozen = root.snapshot()
    root.put(1, run("b"))
    root.put(2, run("c"))
    root.put(0, None)
    assert newer_runs(root.snapshot(), frozen) == 2


def test_the_title_says_how_many_of_how_many() -> None:
    assert (n_of_m(37, 12_340), n_of_m(12_340, 12_340)) == ("37 of 12,340", "12,340")


@pytest.mark.parametrize("text", ["rate", "rate:rising", "time:falling"])
def test_a_sort_is_read_back_as_it_is_written(text: str) -> None:
    assert parse_sort(str(parse_sort(text))) == parse_sort(text)


def test_a_sort_begins_where_its_column_is_most_of_interest() -> None:
    assert (parse_sort("rate"), parse_sort("run")) == (Sort("rate", True), Sort("run", False))
    assert parse_sort("time") == NEWEST_FIRST


@pytest.mark.parametrize(
    ("text", "said"),
    [("raet", "did you mean rate?"), ("xyz", "there are time, run"), ("rate:up", "write rate:rising or rate:falling")],
)
def test_a_text_that_is_no_sort_is_told(text: str, said: str) -> None:
    with pytest.raises(SortError, match=re.escape(said)):
        parse_sort(text)


def test_sorts_follow_one_another_round() -> None:
    sort, seen = NEWEST_FIRST, []
    for _ in COLUMNS:
        seen.append(sort.column)
        sort = sort.next()
    assert (seen, sort) == (list(COLUMNS), NEWEST_FIRST)
    assert sort.turned() == SERIES_ORDER


def test_the_path_of_a_row_is_its_artifact() -> None:
    (row,) = run_rows(of(run())).rows(0, 1)
    assert (row.key, row.path) == ("job-0", artifact_path("job-0"))
    assert run_rows(of(run()), EVERYTHING).query == EVERYTHING


def test_a_run_is_found_near_where_it_was_and_far_from_it() -> None:
    view = run_rows(of(*(run(f"run-{number}", NOON - number) for number in range(200))))
    assert [view.find("job-150", near) for near in (140, 0, 9_999, None)] == [150] * 4


def test_a_list_outlasts_the_store_s_tidying_up() -> None:
    root = Root()
    for file in range(9_000):
        root.put(file, run(f"run-{file}"))
    view = run_rows(root.snapshot())
    for file in range(8_500):
        root.put(file, None)
    view = run_rows(root.snapshot(), before=view)
    assert (view.total, view.matched, view.rows(0, 1)[0].run_id) == (500, 500, "run-8999")


def rejected(*names: str, **words: str) -> Snapshot:
    """A Snapshot with these rejected files, each a microsecond later than the one before."""
    files = tuple(
        Rejected(f"{name}/gate_result.json", "line 1", words.get(name, "not_utf8"), "byte 7", NOON + at)
        for at, name in enumerate(names)
    )
    return replace(EMPTY, rejected=files)


def test_rejected_files_are_listed_latest_first_and_by_any_column() -> None:
    snapshot = rejected("b", "c", "a", a="too_large")
    assert [row.path[0] for row in rejected_rows(snapshot)] == ["a", "c", "b"]
    assert [row.path[0] for row in rejected_rows(snapshot, column="path", falling=False)] == ["a", "b", "c"]
    assert [row.path[0] for row in rejected_rows(snapshot, column="rule", falling=True)] == ["a", "b", "c"]


def test_rejected_files_are_filtered_by_words() -> None:
    snapshot = rejected("one", "two")
    assert [row.path for row in rejected_rows(snapshot, asked("TWO"))] == ["two/gate_result.json"]
    assert rejected_rows(snapshot, asked("outcome:FAIL")) == ()


def test_duplicates_are_listed_behind_the_rejected_files_with_the_file_that_counts() -> None:
    lost = Duplicate("lost/gate_result.json", "kept/gate_result.json", same=False)
    snapshot = replace(rejected("one", "two"), duplicates=(lost,))
    for falling in (True, False):
        row = rejected_rows(snapshot, falling=falling)[-1]
        assert row[:3] == ("lost/gate_result.json", "kept/gate_result.json", "duplicate")
        kept = 'is kept (write "job" to keep both): kept/gate_result.json'
        assert row.detail == f"another run of this id, policy and stratum {kept}"
    assert [row.path for row in rejected_rows(snapshot, asked("duplicate"))] == ["lost/gate_result.json"]
    assert [row.path[0] for row in rejected_rows(snapshot, column="rule", falling=False)] == ["l", "o", "t"]
