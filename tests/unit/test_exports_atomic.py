"""A file is written as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateconsole.io.atomic import OutputUnusableError, atomic_writer, write_atomically


def test_a_file_is_written_into_a_new_folder(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new" / "deep" / "a.csv", b"1")
    assert (tmp_path / "new" / "deep" / "a.csv").read_bytes() == b"1"
    assert os.listdir(tmp_path / "new" / "deep") == ["a.csv"]


def test_a_reader_of_the_old_file_keeps_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        write_atomically(path, b"new")
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new"


def test_a_failure_within_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), atomic_writer(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == ["a.csv"]
    assert path.read_bytes() == b"old"


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputUnusableError, match=r"a\.csv: cannot be written \(No space left"),
        atomic_writer(tmp_path / "a.csv"),
    ):
        raise OSError(28, "No space left on device")
    assert os.listdir(tmp_path) == []


def test_a_folder_in_the_file_s_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(OutputUnusableError, match="Is a directory"):
        write_atomically(tmp_path / "a.csv", b"1")
    assert os.listdir(tmp_path) == ["a.csv"]


def test_a_file_in_the_folder_s_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"")
    with pytest.raises(OutputUnusableError, match="choose another folder"):
        write_atomically(tmp_path / "out" / "a.csv", b"1")


def test_a_hostile_path_is_told_as_text(tmp_path: Path) -> None:
    path = tmp_path / "x\x1b[31m"
    path.write_bytes(b"")
    with pytest.raises(OutputUnusableError) as told:
        write_atomically(path / "a.csv", b"1")
    assert "\x1b" not in str(told.value)


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    write_atomically(tmp_path / "a.csv", b"1")
    assert (tmp_path / "a.csv").stat().st_mode == plain.stat().st_mode
