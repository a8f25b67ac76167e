"""rollout_series.csv (rules 2.3)."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.exports.cells import csv_cell, rate_text, share_shown, time_text
from gateconsole.exports.series_csv import COLUMNS, write_series
from gateconsole.model import Entry, Whitelist, state
from gateconsole.statistics.runs_frame import RUNS_SCHEMA
from gateconsole.text import csv_text, join_list
from tests.golden import fixture

LISTED = Whitelist((Entry("known"), Entry("=a;b", scope="pinned")))


def series(runs: pl.DataFrame, whitelist: Whitelist = LISTED) -> bytes:
    file = io.BytesIO()
    write_series(runs, whitelist, file)
    return file.getvalue()


def frame(*rows: tuple[Any, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=RUNS_SCHEMA, orient="row")


def line(run: str = "r", time: datetime | None = None, rate: float | None = 0.5, reasons: str = "") -> str:
    written = series(frame((run, time, "p", "PASS", rate, reasons, None, run))).decode()
    header, row, rest = written.split("\n")
    assert header == ",".join(COLUMNS)
    assert rest == ""
    return row


def test_the_golden_runs_give_the_golden_file() -> None:
    assert series(fixture.runs_frame(), fixture.WHITELIST).decode() == fixture.SERIES_CSV


def test_no_runs_give_the_header_alone() -> None:
    assert series(frame()) == (",".join(COLUMNS) + "\n").encode()


@pytest.mark.parametrize(
    ("rate", "cell"),
    [(0.0, "0.0"), (1.0, "1.0"), (1e-05, "0.00001"), (1.5e-7, "0.00000015"), (0.1, "0.1"), (None, "")],
)
def test_rates_stand_in_shortest_form_without_exponent(rate: float | None, cell: str) -> None:
    assert line(rate=rate).split(",")[4] == cell


@given(st.lists(st.none() | st.floats(0, 1), max_size=8))
def test_every_rate_is_written_as_it_is_read(rates: list[float | None]) -> None:
    rates = [None if rate is None else rate + 0.0 for rate in rates]
    runs = frame(*((f"r{i}", None, "p", "PASS", rate, "", None, ".") for i, rate in enumerate(rates)))
    cells = [row["unknown_rate"] for row in csv.DictReader(io.StringIO(series(runs).decode()))]
    assert cells == [rate_text(rate) for rate in rates]
    assert [Decimal(cell) if cell else None for cell in cells] == [r if r is None else Decimal(repr(r)) for r in rates]


@pytest.mark.parametrize(
    ("time", "cell"),
    [
        (datetime(2026, 3, 1), "2026-03-01T00:00:00Z"),
        (datetime(2026, 3, 1, 1, 2, 3, 500_000), "2026-03-01T01:02:03.5Z"),
        (datetime(2026, 3, 1, 0, 0, 0, 1), "2026-03-01T00:00:00.000001Z"),
        (datetime(7, 1, 1), "0007-01-01T00:00:00Z"),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999), "9999-12-31T23:59:59.999999Z"),
        (None, ""),
    ],
)
def test_timestamps_have_a_fraction_only_when_it_is_not_zero(time: datetime | None, cell: str) -> None:
    assert line(time=time).split(",")[1] == cell


@given(st.lists(st.datetimes(), max_size=5))
def test_one_cell_and_a_whole_column_write_a_time_alike(times: list[datetime]) -> None:
    runs = frame(*((f"r{i}", time, "p", "PASS", None, "", None, ".") for i, time in enumerate(times)))
    cells = [row["timestamp"] for row in csv.DictReader(io.StringIO(series(runs).decode()))]
    epoch = datetime(1970, 1, 1)
    assert cells == [time_text((t - epoch) // (datetime.resolution)) for t in sorted(times)]


def test_a_formula_is_made_text() -> None:
    assert line(run="=1+1").split(",")[0] == "'=1+1"


def test_cells_are_quoted_only_when_they_must_be() -> None:
    assert line(run='a,"b"').startswith('"a,""b""",')
    assert line(run="a b;c'").startswith('"a b;c\'",')
    assert line(run="a b-c'").startswith("a b-c',")


def test_a_control_character_reaches_no_cell() -> None:
    assert line(run="a\x1b[2J\nb\u202e").startswith("a\\x1b[2J\\x0ab\\u202e,")


def test_a_list_is_joined_first_and_made_safe_as_a_whole() -> None:
    (row,) = csv.reader([line(reasons=join_list(["=a;b", "-c"]))])
    assert (row[5], row[9]) == (r"'=a\;b;'-c", r"'=a\;b;'-c")


@given(st.lists(st.text(alphabet="=+-@\"; ',a1", min_size=1, max_size=8), min_size=6, max_size=6))
def test_a_reader_that_splits_at_semicolons_finds_no_formula(texts: list[str]) -> None:
    run_id, policy, outcome, first, second, third = texts
    runs = frame((run_id, None, policy, outcome, 0.5, join_list([first, second]), None, third))
    for row in csv.reader(io.StringIO(series(runs).decode()), delimiter=";"):
        assert not [cell for cell in row if cell.lstrip(" ").startswith(("=", "+", "-", "@"))]


text = st.text(alphabet=st.sampled_from("ab=-+@,;\"\\'\x1b\n\r\t é😀\u202e＝"), min_size=1, max_size=4)
run = st.tuples(
    text,
    st.none() | st.sampled_from([datetime(2026, 3, 1), datetime(2026, 3, 1, 0, 0, 0, 20)]),
    st.sampled_from(["p1", "=p2", "p,3"]),
    st.sampled_from(["PASS", "FAIL", "ODD\x07"]),
    st.sampled_from([None, 0.0, 0.25, 3e-9]),
    st.lists(st.sampled_from(["known", "=a;b", "n,ew", "x\\"]), unique=True, max_size=3).map(join_list),
    st.sampled_from(["pinned", "unpinned", None]),
    text,
)


def distinct(runs: list[Any]) -> list[Any]:
    return list({(row[0], row[2], row[6]): row for row in runs}.values())


@given(st.lists(run, max_size=8).map(distinct), st.randoms())
def test_any_order_of_arrival_gives_the_same_bytes(runs: list[Any], random: Any) -> None:
    shuffled = list(runs)
    random.shuffle(shuffled)
    assert series(frame(*runs)) == series(frame(*shuffled))


@given(run)
def test_every_cell_is_what_the_plain_rules_say(row: Any) -> None:
    (cells,) = list(csv.DictReader(io.StringIO(series(frame(row)).decode())))
    run_id, _, policy, outcome, rate, joined, stratum, _ = row
    reasons = tuple(part.replace("\0", ";").replace("\1", "\\") for part in _parts(joined))
    known, new = LISTED.split(reasons if rate else (), stratum)
    assert cells["run_id"] == csv_text(run_id)
    assert cells["policy_hash"] == csv_text(policy)
    assert cells["outcome"] == csv_text(outcome)
    assert cells["top_reasons"] == csv_text(joined)
    assert cells["stratum"] == (stratum or "")
    assert cells["whitelist_state"] == state(known, new)
    assert cells["whitelisted_reasons"] == csv_text(join_list(known))
    assert cells["unlisted_reasons"] == csv_text(join_list(new))


def _parts(joined: str) -> list[str]:
    return joined.replace("\\\\", "\1").replace("\\;", "\0").split(";") if joined else []


@given(st.text(max_size=6))
def test_the_quick_test_for_treatment_misses_no_cell(value: str) -> None:
    assert line(run=value or ".").startswith(csv_cell(value or ".") + ",")


def test_threads_locale_and_time_zone_change_no_byte() -> None:
    script = (
        "import sys, polars as pl; from tests.golden.fixture import *;"
        "from gateconsole.exports.series_csv import write_series;"
        "f = pl.concat([runs_frame().with_columns(pl.col('run_id') + str(i)) for i in range(300)]);"
        "f = f.with_columns(timestamp=pl.datetime(2026, 3, 1));"
        "write_series(f, WHITELIST, sys.stdout.buffer)"
    )
    written = set()
    for variables in ({"POLARS_MAX_THREADS": "1", "TZ": "Asia/Tokyo"}, {"POLARS_MAX_THREADS": "4", "LC_ALL": "C"}):
        ended = subprocess.run(
            [sys.executable, "-c", script], env=os.environ | variables, capture_output=True, check=True
        )
        written.add(ended.stdout)
    assert len(written) == 1
    assert written.pop().count(b"\n") == 2401


@pytest.mark.parametrize(
    ("share", "shown"), [(1.0, "100 %"), (0.9999, "99.9 %"), (0.076, "7.6 %"), (0.0, "0.0 %"), (None, "-")]
)
def test_a_share_is_percent_and_whole_only_when_it_is_all(share: float | None, shown: str) -> None:
    assert share_shown(share) == shown
