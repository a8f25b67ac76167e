"""Runs against the whitelist (rules G15-G18)."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.model import Entry, Stratum, Whitelist, state
from gateconsole.statistics.whitelist_split import LISTING_SCHEMA, with_listing
from gateconsole.text import join_list

SCHEMA: dict[str, Any] = {
    "unknown_rate": pl.Float64,
    "reasons": pl.Categorical,
    "stratum": pl.Enum(["pinned", "unpinned"]),
}
WHITELIST = Whitelist((Entry("known"), Entry("pin;ned", scope="pinned")))

reason = st.sampled_from(["known", "pin;ned", "new", "a\\b"])
run = st.tuples(
    st.sampled_from([None, 0.0, 0.5]),
    st.lists(reason, unique=True, max_size=3),
    st.sampled_from(["pinned", "unpinned", None]),
)


def listed(*runs: tuple[float | None, list[str], Stratum | None]) -> list[tuple[Any, ...]]:
    rows = [(rate, join_list(reasons), stratum) for rate, reasons, stratum in runs]
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return with_listing(frame, WHITELIST).select(*LISTING_SCHEMA).rows()


@given(st.lists(run, max_size=10))
def test_every_run_splits_as_the_whitelist_splits_it_alone(runs: list[Any]) -> None:
    expected = []
    for rate, reasons, stratum in runs:
        known, new = WHITELIST.split(tuple(reasons) if rate else (), stratum)
        expected.append((state(known, new), join_list(known), join_list(new)))
    assert listed(*runs) == expected


def test_reasons_of_a_run_without_unknowns_are_no_unknown_classes() -> None:
    assert listed((0.0, ["known", "new"], "pinned"), (None, ["new"], None)) == [("none", "", "")] * 2


def test_a_scoped_entry_lists_only_runs_of_its_stratum() -> None:
    rows = listed((0.1, ["pin;ned"], "pinned"), (0.1, ["pin;ned"], "unpinned"), (0.1, ["pin;ned"], None))
    states = [row[0] for row in rows]
    assert states == ["whitelisted", "not_whitelisted", "not_whitelisted"]


def test_a_run_with_both_is_mixed_and_split() -> None:
    assert listed((0.1, ["new", "known", "a\\b"], None)) == [("mixed", "known", "new;a\\\\b")]


def test_no_runs_give_the_columns_all_the_same() -> None:
    assert listed() == []
