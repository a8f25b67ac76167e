"""How entries stand: hits among the valid runs of the last 30 days, review days, entries in each other's way."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from gateconsole.model import Entry, Stratum, Whitelist
from gateconsole.statistics.runs_frame import RUNS_SCHEMA
from gateconsole.whitelist.entry_status import EntryStatus, entry_statuses, review_order

NOW = int(datetime(2026, 5, 1, 12, tzinfo=UTC).timestamp()) * 1_000_000
SECOND = 1_000_000
DAY = 86_400 * SECOND


def runs(*told: tuple[float | None, str, Stratum | None], first: int = NOW - 1000 * SECOND) -> pl.DataFrame:
    """Runs one a second, each (unknown_rate, reasons, stratum)."""
    rows = [
        (f"r{n}", datetime.fromtimestamp((first // SECOND) + n, UTC).replace(tzinfo=None), "p", "PASS", *one, f"r{n}")
        for n, one in enumerate(told)
    ]
    return pl.DataFrame(rows, schema=RUNS_SCHEMA, orient="row")


def stand(frame: pl.DataFrame | None, *entries: Entry) -> tuple[EntryStatus, ...]:
    return entry_statuses(Whitelist(entries), frame, NOW)


SEEN = runs((0.1, "a;b", "pinned"), (0.0, "a", "pinned"), (None, "a", None), (0.2, "a", "unpinned"), (0.2, "a", None))


def test_a_hit_is_a_run_with_unknowns_that_the_entry_lists() -> None:
    found = stand(SEEN, Entry("a"), Entry("b"), Entry("c"))
    assert [(one.hits, one.of, one.hits_all) for one in found] == [(3, 4, 3), (1, 4, 1), (0, 4, 0)]
    assert [one.state for one in found] == ["active", "active", "unused"]


def test_an_entry_of_a_stratum_hits_only_there() -> None:
    (found,) = stand(SEEN, Entry("a", scope="unpinned"))
    assert (found.hits, found.state) == (1, "active")


def test_an_entry_is_used_by_its_last_days_however_many_runs_they_have() -> None:
    frame = runs((0.1, "a", None), *[(0.0, "", None)] * 500)
    found = stand(frame, Entry("a"))[0]
    assert (found.state, found.hits, found.of) == ("active", 1, 501)


def test_an_entry_without_a_hit_in_thirty_days_is_unused() -> None:
    frame = pl.concat([runs((0.1, "a", None), first=NOW - 30 * DAY), runs((0.0, "", None), (None, "", None))])
    found = stand(frame, Entry("a"))[0]
    assert (found.state, found.hits, found.of, found.hits_all) == ("unused", 0, 1, 1)
    assert found.note == "no hit in the last 30 days (1 valid run)"
    later = pl.concat([runs((0.1, "a", None), first=NOW - 30 * DAY + SECOND), frame])
    assert stand(later, Entry("a"))[0].state == "active"


def test_the_days_are_a_setting() -> None:
    frame = pl.concat([runs((0.1, "a", None), first=NOW - 3 * DAY), runs((0.0, "", None))])
    (found,) = entry_statuses(Whitelist((Entry("a"),)), frame, NOW, 2)
    assert (found.state, found.note) == ("unused", "no hit in the last 2 days (1 valid run)")
    assert entry_statuses(Whitelist((Entry("a"),)), frame, NOW, 4)[0].state == "active"


def test_without_a_run_in_those_days_only_what_never_hit_is_unused() -> None:
    found = stand(runs((0.1, "a", None), first=NOW - 90 * DAY), Entry("a"), Entry("b"))
    assert [(one.state, one.note) for one in found] == [
        ("active", "no valid run in the last 30 days"),
        ("unused", "no hit in any run"),
    ]


def test_from_its_day_on_an_entry_is_expired_and_hits_nothing() -> None:
    found = stand(SEEN, Entry("a", expires_at="2026-05-01"), Entry("a", expires_at="2026-05-02"), Entry("b"))
    assert [one.states for one in found] == [("expired",), ("active",), ("active",)]
    assert found[0].note == "expired on 2026-05-01: it matches nothing"
    assert (found[0].hits, found[0].hits_all, found[1].hits) == (0, 0, 3)


def test_one_valid_run_is_said_as_one() -> None:
    found = stand(runs((0.1, "a", None)), Entry("a"), Entry("b"))
    assert [one.note for one in found] == [
        "1 hit in the last 30 days (1 valid run)", "no hit in the last 30 days (1 valid run)",
    ]  # fmt: skip


def test_runs_without_a_time_may_be_of_the_last_days() -> None:
    dated = runs(*[(0.1, "a", None)] * 45, first=NOW - 31 * DAY)
    undated = runs(*[(0.1, "b", None)] * 39).with_columns(timestamp=pl.lit(None, dtype=pl.Datetime("us")))
    found = stand(pl.concat([dated, undated]), Entry("a"), Entry("b"))
    assert [one.hits for one in found] == [0, 39]
    assert [one.state for one in found] == ["unused", "active"]


def test_runs_ahead_of_the_clock_do_not_count() -> None:
    assert stand(runs((0.1, "a", None), first=NOW + 3600 * SECOND), Entry("a"))[0].hits_all == 0


@pytest.mark.parametrize(
    ("review_by", "state", "note"),
    [
        ("2026-04-30", "overdue", "review overdue by 1 day, still matching"),
        ("2026-05-01", "review due", "review due today"),
        ("2026-05-15", "review due", "review due in 14 days"),
        ("2026-05-16", "active", "3 hits in the last 30 days (4 valid runs)"),
        ("2026-05-02T08:00:00Z", "review due", "review due in 1 day"),
        ("soon", "active", "3 hits in the last 30 days (4 valid runs)"),
        (None, "active", "3 hits in the last 30 days (4 valid runs)"),
    ],
)
def test_the_review_day_decides(review_by: str | None, state: str, note: str) -> None:
    (found,) = stand(SEEN, Entry("a", review_by=review_by))
    assert (found.state, found.note) == (state, note)


def test_an_entry_under_one_for_all_runs_is_shadowed() -> None:
    found = stand(SEEN, Entry("a", scope="pinned"), Entry("a"), Entry("b", scope="pinned"))
    assert [one.states for one in found] == [("shadowed",), ("active",), ("active",)]


def test_the_second_of_two_alike_is_a_duplicate() -> None:
    found = stand(SEEN, Entry("a"), Entry("a", "again", review_by="2026-01-01"))
    assert found[0].states == ("active",)
    assert found[1].states == ("duplicate", "overdue")
    assert found[1].note.startswith("the same reason and scope as entry 1; review overdue by 120 days")


def test_a_scope_that_no_run_has_is_unknown() -> None:
    (found,) = stand(runs((0.1, "a", "pinned"), (0.1, "a", None)), Entry("a", scope="unpinned"))
    assert found.states == ("unknown scope", "unused")
    assert found.note == "no run is unpinned; no hit in the last 30 days (2 valid runs)"


def test_without_runs_only_the_file_speaks() -> None:
    for frame in (None, RUNS_SCHEMA.to_frame(), runs((None, "a", None))):
        found = stand(frame, Entry("a", scope="pinned"), Entry("b", review_by="2026-01-01"))
        assert [(one.states, one.of) for one in found] == [(("active",), 0), (("overdue",), 0)]


def test_the_most_pressing_come_first() -> None:
    found = stand(SEEN, Entry("a"), Entry("c"), Entry("b", review_by="2026-01-01"))
    assert [one.entry.reason for one in review_order(found)] == ["b", "c", "a"]
