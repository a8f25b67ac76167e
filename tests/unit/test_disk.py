"""A file others may have put there: read whole, of a known kind and size, and never waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateconsole.io.files import NotARegularFileError, read_regular_file
from gateconsole.whitelist.backups import digest, find


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 1024)
    assert read_regular_file(path, 1024) == b"x" * 1024
    path.write_bytes(b"x" * 1025)
    with pytest.raises(NotARegularFileError, match="larger than 1 KB"):
        read_regular_file(path, 1024)


@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero", "/dev/ptmx"])
def test_a_device_is_not_read(tmp_path: Path, device: str) -> None:
    (tmp_path / "file").symlink_to(device)
    with pytest.raises(NotARegularFileError, match="not a regular file"):
        read_regular_file(tmp_path / "file", 1024)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "file")
    with pytest.raises(NotARegularFileError, match="not a regular file"):
        read_regular_file(tmp_path / "file", 1024)


def test_a_folder_is_none(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        read_regular_file(tmp_path, 1024)


def test_a_pipe_among_the_kept_bytes_of_a_whitelist_is_none_of_them(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "replaced")
    assert find(tmp_path, "replaced", digest(b"")) is None
