"""The one order of runs (rule G5), against a plain Python sort key."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.statistics.run_order import in_order, natural_key

SCHEMA: dict[str, Any] = {
    "run_id": pl.String,
    "timestamp": pl.Datetime("us"),
    "policy_hash": pl.Categorical,
    "stratum": pl.Enum(["pinned", "unpinned"]),
    "folder": pl.String,
}
STRATUM_PLACE = {"pinned": 0, "unpinned": 1, None: 2}


def natural(text: str) -> tuple[str | int, ...]:
    return tuple(int(part) if i % 2 else part for i, part in enumerate(re.split("([0-9]+)", text)))


def plain_key(row: tuple[Any, ...]) -> tuple[Any, ...]:
    run_id, timestamp, policy, stratum, folder = row
    path = "gate_result.json" if folder == "." else f"{folder}/gate_result.json"
    when = timestamp or datetime.max
    return timestamp is None, when, natural(run_id), STRATUM_PLACE[stratum], path, run_id, policy


run_ids = st.text(alphabet="a019-\x00\x01é٣😀", max_size=6) | st.integers(0, 10**30).map(lambda n: f"run-{n}")
rows = st.tuples(
    run_ids,
    st.none() | st.sampled_from([datetime(2026, 3, 1), datetime(2026, 3, 1, 0, 0, 0, 1), datetime(1, 1, 1)]),
    st.sampled_from(["p1", "p2"]),
    st.sampled_from(["pinned", "unpinned", None]),
    st.sampled_from([".", "a", "a/b", "a-b", "a/gz"]),
)


@given(st.lists(rows, max_size=12, unique=True))
def test_runs_stand_in_the_order_of_the_plain_key(given_rows: list[tuple[Any, ...]]) -> None:
    frame = pl.DataFrame(given_rows, schema=SCHEMA, orient="row")
    assert in_order(frame).rows() == sorted(given_rows, key=plain_key)


@given(st.lists(rows, max_size=8, unique=True), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_arrival(given_rows: list[tuple[Any, ...]], random: Any) -> None:
    shuffled = list(given_rows)
    random.shuffle(shuffled)
    first, second = (pl.DataFrame(some, schema=SCHEMA, orient="row") for some in (given_rows, shuffled))
    assert in_order(first).rows() == in_order(second).rows()


@given(st.lists(run_ids, max_size=10))
def test_natural_keys_compare_as_split_tuples(ids: list[str]) -> None:
    frame = pl.DataFrame({"run_id": ids}, schema={"run_id": pl.String})
    keyed = frame.select("run_id", natural_key(pl.col("run_id")).alias("key")).rows()
    for left, left_key in keyed:
        for right, right_key in keyed:
            assert (left_key < right_key) == (natural(left) < natural(right))
            assert (left_key == right_key) == (natural(left) == natural(right))


@pytest.mark.parametrize(
    ("first", "second"),
    [("run-9", "run-10"), ("run-", "run-0"), ("9", "a"), ("run-2", f"run-{10**40}"), ("run-9b", "run-10a")],
)
def test_digits_compare_as_integers(first: str, second: str) -> None:
    frame = pl.DataFrame([(run, None, "p", None, ".") for run in (second, first)], schema=SCHEMA, orient="row")
    assert in_order(frame)["run_id"].to_list() == [first, second]
