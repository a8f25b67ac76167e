"""unknown_whitelist.json in every form (rule G16)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.model import EMPTY, Entry, Whitelist
from gateconsole.text import printable
from gateconsole.whitelist import file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "unknown_whitelist.json"


def read(path: Path, document: Any) -> Whitelist:
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return file.read(path)


def problem(path: Path, document: Any) -> str:
    whitelist = read(path, document)
    assert whitelist.entries == ()
    assert whitelist.problem is not None
    assert whitelist.problem.startswith(f"{path}: ")
    return whitelist.problem


def test_a_missing_file_is_the_empty_whitelist(path: Path) -> None:
    assert file.read(path) == EMPTY


def test_the_written_form_is_read_with_all_its_fields(path: Path) -> None:
    entry = {
        "reason": "ntp_offset",
        "justification": "clock drift",
        "scope": "unpinned",
        "added_by": "ada",
        "added_at": "2026-01-10",
        "review_by": "2026-04-10",
        "ticket": 7,
    }
    assert read(path, {"version": 1, "entries": [entry], "owner": "x"}).entries == (
        Entry("ntp_offset", "clock drift", "unpinned", "ada", "2026-01-10", "2026-04-10"),
    )


@pytest.mark.parametrize(
    "document",
    [
        ["a", "b"],
        [{"reason": "a"}, {"reason": "b", "scope": None}],
        ["a", {"reason": "b"}],
        {"a": "", "b": None},
        {"entries": [{"reason": "a"}, {"reason": "b"}]},
    ],
)
def test_the_other_forms_are_read(path: Path, document: Any) -> None:
    assert read(path, document).entries == (Entry("a"), Entry("b"))


def test_an_object_gives_each_reason_its_justification(path: Path) -> None:
    assert read(path, {"version": "a class of that name", "a": "why"}).entries == (
        Entry("version", "a class of that name"),
        Entry("a", "why"),
    )


@pytest.mark.parametrize("document", [{}, [], {"version": 1, "entries": []}])
def test_an_empty_file_of_any_form_lists_nothing(path: Path, document: Any) -> None:
    assert read(path, document) == EMPTY


def test_a_byte_order_mark_is_no_fault(path: Path) -> None:
    assert read(path, b'\xef\xbb\xbf["a"]').entries == (Entry("a"),)


def test_broken_json_names_line_column_and_remedy(path: Path) -> None:
    text = problem(path, b'{"version": 1,\n "entries": [}')
    assert "line 2, column 14" in text
    assert "mend the file there" in text


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"", "line 1, column 1"),
        (b'["\xff"]', "not UTF-8"),
        (b'{"a": "x", "a": "y"}', 'the key "a" stands twice'),
        (b'{"entries": [{"reason": "a", "scope": null, "scope": "pinned"}]}', 'the key "scope" stands twice'),
        (b"[" * 100_000, "nested too deep"),
        (b"[" + b"9" * 5000 + b"]", "number is too long"),
        (b"[NaN]", "NaN is no JSON"),
        (7, "neither an object nor a list"),
        ({"version": 2, "entries": []}, "install a newer gateconsole"),
        ({"version": True, "entries": []}, "version is not 1"),
        ({"version": 1}, "entries is no list"),
        (["a", "  "], "entry 2: reason is missing, blank"),
        ({"": "why"}, "entry 1: reason is missing, blank"),
        ([["a"]], "entry 1 is neither a text nor an object"),
        ([{"reason": "a", "scope": "both"}], 'entry 1, reason "a": scope is not'),
        ([{"reason": "a", "scope": ["pinned"]}], "scope is not"),
        ([{"reason": "a", "review_by": 2026}], "review_by is no text"),
        ([1.5], "entry 1 is neither a text nor an object"),
        ([{"reason": 1.5}], "entry 1: reason is missing, blank or no text"),
        ({"version": 1.0, "entries": []}, "version is not 1"),
        ({"a": 1}, 'entry 1, reason "a": justification is no text'),
        (b'["\\ud800"]', "lone surrogate"),
    ],
)
def test_what_is_not_understood_is_not_in_force(path: Path, document: Any, said: str) -> None:
    assert said in problem(path, document)


def test_a_too_large_file_is_not_read(path: Path) -> None:
    assert "larger than 16 MB" in problem(path, b" " * (file.MAX_BYTES + 1))


def test_a_fifo_is_refused_without_waiting(path: Path) -> None:
    os.mkfifo(path)
    assert "not a regular file" in str(file.read(path).problem)


def test_a_folder_is_refused(path: Path) -> None:
    path.mkdir()
    assert "a folder; put a JSON file in its place" in str(file.read(path).problem)


def test_a_link_to_a_file_is_followed(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.json"
    real.write_text('["a"]')
    path.symlink_to(real)
    assert file.read(path).entries == (Entry("a"),)


@given(st.binary(max_size=60) | st.text(max_size=40).map(lambda t: json.dumps({t: 1}).encode()))
def test_any_bytes_give_a_whitelist_or_a_printable_problem(tmp_path_factory: Any, content: bytes) -> None:
    whitelist = read(tmp_path_factory.getbasetemp() / "any.json", content)
    assert whitelist.problem is None or whitelist.problem == printable(whitelist.problem)


def test_a_file_dated_in_the_future_is_read_until_it_has_settled_and_then_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of a file server whose clock is ahead, or a mistyped touch: it is a file like any other."""
    path = tmp_path / "unknown_whitelist.json"
    path.write_text('["flaky_test"]')
    os.utime(path, (4_000_000_000, 4_000_000_000))
    readings: list[int] = []
    real = file.read

    def read(path: Path) -> Whitelist:
        readings.append(now)
        return real(path)

    monkeypatch.setattr(file, "read", read)
    followed = file.FollowedWhitelist(path)
    start = 1_772_323_200_000_000
    for now in range(start, start + 60_000_000, 250_000):
        followed.look(now)
    assert [entry.reason for entry in followed.current.entries] == ["flaky_test"]
    assert readings[-1] - start <= file.SETTLE
    path.write_text('["dns_lookup"]')
    os.utime(path, (4_000_000_000, 4_000_000_000))
    followed.look(now + 250_000)
    assert [entry.reason for entry in followed.current.entries] == ["dns_lookup"]
