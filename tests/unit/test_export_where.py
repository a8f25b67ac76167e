"""`export --where`: the rows that match, in their fixed order; the same bytes as the screen's export."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from gateconsole.__main__ import main
from gateconsole.engine.engine import Options, read_once
from gateconsole.exports.selection import export_table, write_table
from gateconsole.query import Query, parse
from gateconsole.snapshot import EMPTY


def exported(capfdbinary: pytest.CaptureFixture[bytes], *words: str) -> bytes:
    """What `gateconsole export ... -o -` prints."""
    assert main(["export", *words, "-o", "-"]) == 0
    return capfdbinary.readouterr().out


def refused(capfd: pytest.CaptureFixture[str], *words: str) -> str:
    """What is said of a command line that cannot be."""
    assert main(["export", *words]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    return said.err


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_only_matching_runs_are_written(committed_samples: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    found = rows(exported(capfdbinary, str(committed_samples), "--where", "outcome:FAIL,BLOCK"))
    assert {row["outcome"] for row in found} == {"FAIL", "BLOCK"}


def test_they_are_the_rows_of_the_whole_table(
    committed_samples: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    whole = exported(capfdbinary, str(committed_samples), "runs").splitlines()
    part = exported(capfdbinary, str(committed_samples), "runs", "--where", "policy:b71c02").splitlines()
    assert part == [whole[0], *(line for line in whole[1:] if line.split(b",")[2] == b"b71c02")]


def test_rejected_files_are_chosen_by_words(committed_samples: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    where = str(committed_samples), "rejected", "--where"
    assert len(rows(exported(capfdbinary, *where, "not_one_json"))) == 1
    assert rows(exported(capfdbinary, *where, "nowhere")) == []


def test_the_screen_writes_the_same_bytes(
    committed_samples: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    query = parse("!state:none rate:>0.01")
    assert isinstance(query, Query)
    path = export_table("runs", "csv", read_once(Options(committed_samples)), tmp_path, query)
    assert path.read_bytes() == exported(capfdbinary, str(committed_samples), "--where", str(query))


def test_without_a_table_s_name_only_runs_are_written(committed_samples: Path, tmp_path: Path) -> None:
    assert main(["export", str(committed_samples), "--where", "flaky", "-o", str(tmp_path)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["runs.csv"]


def test_a_bad_query_is_told_with_its_place_and_a_hint(capfd: pytest.CaptureFixture[str]) -> None:
    assert "--where, column 9: no outcome 'FIAL': did you mean FAIL?" in refused(capfd, ".", "--where", "outcome:FIAL")


def test_figures_of_policies_are_never_made_of_a_part_of_the_runs(
    committed_samples: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    whole = exported(capfdbinary, str(committed_samples), "policies").splitlines()
    part = exported(capfdbinary, str(committed_samples), "policies", "--where", "policy:b71c02 outcome:FAIL")
    assert part.splitlines() == [whole[0], *(line for line in whole if line.startswith(b"b71c02,"))]


@pytest.mark.parametrize(("table", "why"), [("classes", "of whole policies"), ("spikes", "each is a run")])
def test_a_table_no_screen_filters_is_refused_with_its_reason(
    table: str, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    said = refused(capfd, ".", "runs", table, "--where", "flaky")
    assert f"readiness, rejected, queue and whitelist, not of {table}: " in said
    assert why in said


def test_a_query_on_such_a_table_is_a_mistake_of_the_caller() -> None:
    query = parse("flaky")
    assert isinstance(query, Query)
    with pytest.raises(ValueError, match="rows of classes"):
        write_table("classes", "csv", EMPTY, io.BytesIO(), query)


def test_patches_are_chosen_by_words_and_what_is_proposed_stays_that_of_all(
    samples: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["queue", "import", str(samples / "queue.jsonl"), "--root", str(samples)]) == 0
    now = "--as-of", "2026-03-01T00:00:00Z"
    whole = rows(exported(capfdbinary, str(samples), "queue", *now))
    held = rows(exported(capfdbinary, str(samples), "queue", *now, "--where", "held"))
    assert held == [row for row in whole if "held" in row["overall"]]
    proposed = [row for row in whole if row["proposed"] == "yes"]
    found = rows(exported(capfdbinary, str(samples), "queue", *now, "--where", "next"))
    assert found == proposed
    assert 0 < len(held) < len(whole)
    assert 0 < len(proposed) < len(whole)


def test_no_patch_has_a_policy(samples: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["queue", "import", str(samples / "queue.jsonl"), "--root", str(samples)]) == 0
    assert rows(exported(capfdbinary, str(samples), "queue", "--where", "policy:b71c02")) == []
