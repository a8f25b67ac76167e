"""artifacts.raw: the beginning of a file for the eye."""

from __future__ import annotations

import os
from pathlib import Path

from gateconsole.artifacts.raw_text import SHOWN_BYTES, RawText, artifact_text


def put(root: Path, folder: str, content: bytes) -> None:
    (root / folder).mkdir(parents=True, exist_ok=True)
    (root / folder / "gate_result.json").write_bytes(content)


def test_a_file_is_shown_line_by_line(tmp_path: Path) -> None:
    put(tmp_path, "day/run", b'{\n\t"a": 1\r\n}\n')
    assert artifact_text(tmp_path, "day/run") == RawText(("{", '    "a": 1', "}"), 13)


def test_the_root_s_own_artifact_is_shown(tmp_path: Path) -> None:
    put(tmp_path, ".", b"{}")
    assert artifact_text(tmp_path, ".").lines == ("{}",)


def test_what_is_not_printable_is_escaped(tmp_path: Path) -> None:
    put(tmp_path, "run", "\x1b[31m\u202e".encode() + b"\xff\x00\r")
    assert artifact_text(tmp_path, "run").lines == ("\\x1b[31m\\u202e\\xff\\x00",)


def test_a_long_file_is_cut_and_that_is_said(tmp_path: Path) -> None:
    put(tmp_path, "run", b"x" * (SHOWN_BYTES + 10))
    shown = artifact_text(tmp_path, "run")
    assert (len(shown.lines[0]), shown.size, shown.cut) == (SHOWN_BYTES, SHOWN_BYTES + 10, True)


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    put(tmp_path, "run", b"")
    assert artifact_text(tmp_path, "run") == RawText((), 0)


def test_a_link_is_not_followed_wherever_it_stands(tmp_path: Path) -> None:
    put(tmp_path, "real", b"secret")
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "gate_result.json").symlink_to(tmp_path / "real" / "gate_result.json")
    for folder in ("linked", "run"):
        shown = artifact_text(tmp_path, folder)
        assert (shown.lines, bool(shown.problem)) == ((), True)


def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    os.mkfifo(tmp_path / "run" / "gate_result.json")
    assert artifact_text(tmp_path, "run").problem == "not a regular file: it is not read"


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    assert "No such file" in artifact_text(tmp_path, "run").problem


def test_a_folder_whose_name_is_not_utf8_is_found(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/run-\xff"
    os.mkdir(folder)
    with open(folder + b"/gate_result.json", "wb") as file:
        file.write(b"{}")
    assert artifact_text(tmp_path, "run-\\xff").lines == ("{}",)
