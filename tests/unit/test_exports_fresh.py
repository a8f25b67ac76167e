"""An export under a name of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateconsole.exports import fresh
from gateconsole.exports.fresh import export_fresh
from gateconsole.exports.selection import export_table
from gateconsole.io.atomic import OutputUnusableError
from gateconsole.query import Query, parse
from tests.screens.fake_runs import Tree

NAME = "runs-20260301T132105Z"


def test_its_bytes_are_those_of_the_export_command(tmp_path: Path) -> None:
    snapshot, query = Tree(50).snapshot(), parse("outcome:WARN,REVIEW")
    assert isinstance(query, Query)
    path = export_fresh("runs", "csv", snapshot, tmp_path, query)
    assert path.read_bytes() == export_table("runs", "csv", snapshot, tmp_path, query).read_bytes()


def test_its_name_says_of_when_it_is_and_a_taken_name_is_left_alone(tmp_path: Path) -> None:
    snapshot = Tree(3).snapshot()
    names = [export_fresh("runs", "csv", snapshot, tmp_path).name for _ in range(3)]
    assert names == [f"{NAME}.csv", f"{NAME}-2.csv", f"{NAME}-3.csv"]


def test_a_link_of_that_name_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / f"{NAME}.csv").symlink_to(tmp_path / "mine")
    assert export_fresh("runs", "csv", Tree(3).snapshot(), tmp_path).name == f"{NAME}-2.csv"
    assert (tmp_path / "mine").read_text() == "mine"


def test_where_nothing_can_be_written_the_folder_is_named_with_what_helps(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputUnusableError, match=r"file: nothing can be written there .* -o DIR"):
        export_fresh("runs", "csv", Tree(3).snapshot(), tmp_path / "file")


def test_when_writing_fails_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fresh, "write_table", full)
    with pytest.raises(OutputUnusableError, match="No space left"):
        export_fresh("runs", "csv", Tree(3).snapshot(), tmp_path)
    assert list(tmp_path.iterdir()) == []
