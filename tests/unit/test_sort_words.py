"""Every order of every list has a name that can be read."""

from __future__ import annotations

import pytest

from gateconsole.rows.alerts import ALERT_COLUMNS
from gateconsole.rows.patches import PATCH_COLUMNS
from gateconsole.rows.policy_order import POLICY_COLUMNS
from gateconsole.rows.readiness import READINESS_COLUMNS
from gateconsole.rows.rejected import REJECTED_COLUMNS
from gateconsole.rows.sorts import COLUMNS, Sort
from gateconsole.rows.whitelist import WHITELIST_COLUMNS
from gateconsole.tui.shell.sort_picker import sort_titles

LISTS = (COLUMNS, POLICY_COLUMNS, READINESS_COLUMNS, REJECTED_COLUMNS, ALERT_COLUMNS, WHITELIST_COLUMNS, PATCH_COLUMNS)
EVERY = sorted({column for columns in LISTS for column in columns})
_TEXTS = {"class", "justification", "patch", "path", "place", "policy", "reason", "rule", "run", "scope", "stratum"}


@pytest.mark.parametrize("column", EVERY)
def test_both_directions_have_words_of_their_own(column: str) -> None:
    rising, falling = sort_titles(Sort(column, False)), sort_titles(Sort(column, True))
    assert rising != falling
    assert "by by" not in rising


@pytest.mark.parametrize("column", sorted(set(EVERY) - _TEXTS))
def test_what_is_no_text_is_not_sorted_from_a_to_z(column: str) -> None:
    words = sort_titles(Sort(column, False))
    assert words != f"by {column}, A to Z"


def test_who_did_it_is_said_as_a_person() -> None:
    assert sort_titles(Sort("by", False)) == "by person, A to Z"


def test_entries_are_sorted_by_what_presses_most() -> None:
    assert sort_titles(Sort("standing", False)) == "most pressing first"
