"""`whitelist merge`: three versions become one by entry; conflicts only where both changed one (rule G16)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateconsole.__main__ import main
from gateconsole.whitelist.file import read
from gateconsole.whitelist.git_merge import merge_versions
from gateconsole.whitelist.json_document import parse

Entries = dict[str, str]


def written(entries: Entries | list[dict[str, Any]], **head: Any) -> bytes:
    """A file of these entries, reason -> justification, in canonical form."""
    listed = entries
    if isinstance(entries, dict):
        listed = [{"reason": reason, "justification": why} for reason, why in entries.items()]
    document = {"version": 1, **head, "entries": listed}
    return parse(json.dumps(document).encode()).content()


def entries_of(content: bytes) -> Entries:
    return {item.entry.reason: item.entry.justification for item in parse(content).items}


BASE = {"a": "1", "b": "1", "c": "1"}


def test_what_each_side_changed_is_taken() -> None:
    ours = {"a": "2", "b": "1", "c": "1", "d": "new"}
    theirs = {"a": "1", "c": "2", "e": "new"}
    merge = merge_versions(written(BASE), written(ours), written(theirs))
    assert (merge.conflicts, entries_of(merge.content)) == ((), {"a": "2", "c": "2", "d": "new", "e": "new"})
    assert merge.content == written({"a": "2", "c": "2", "d": "new", "e": "new"})


def test_neighbours_that_a_merge_by_line_would_mix_up_are_no_conflict() -> None:
    merge = merge_versions(written({}), written({"a": "1"}), written({"b": "1"}))
    assert merge.content == written({"a": "1", "b": "1"})
    assert merge_versions(b"", written({"a": "1"}), written({"b": "1"})).content == merge.content


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ({"a": "2"}, {"a": "3"}, "ours is '2' (all, no review date; nobody named); theirs is '3' ("),
        ({}, {"a": "3"}, "ours is no entry; theirs is '3' ("),
        ({"a": "2"}, {}, "theirs is no entry"),
    ],
)
def test_an_entry_that_both_changed_stands_between_gits_markers(ours: Entries, theirs: Entries, words: str) -> None:
    rest = {"b": "1"}
    merge = merge_versions(written({"a": "1", **rest}), written({**ours, **rest}), written({**theirs, **rest}))
    (conflict,) = merge.conflicts
    assert conflict.startswith("a: changed on both sides: ")
    assert words in conflict
    for name, entries in (("ours", ours), ("theirs", theirs)):
        assert entries_of(choosing(name, merge.content)) == {**entries, **rest}


def choosing(side: str, content: bytes) -> bytes:
    """What somebody leaves who resolves every conflict for one side."""
    lines, here = [], "both"
    for line in content.decode().splitlines():
        turn = {"<<<<<<< ours": "ours", "=======": "theirs", ">>>>>>> theirs": "both"}.get(line)
        here = turn or here
        lines += [line] if turn is None and here in {side, "both"} else []
    return "\n".join(lines).encode()


def test_the_same_change_on_both_sides_is_none() -> None:
    both = written({"a": "2", "b": "1", "d": "new"})
    assert merge_versions(written(BASE), both, both).content == both


def test_a_side_that_changed_nothing_leaves_the_others_bytes() -> None:
    odd = b'["a",   "b"]'
    assert merge_versions(odd, odd, written(BASE)).content == written(BASE)
    assert merge_versions(odd, odd + b"\n", odd).content == odd + b"\n"


def test_scope_tells_entries_apart_and_unknown_keys_survive() -> None:
    base = [{"reason": "a", "scope": "pinned", "owner": "x"}]
    ours = [*base, {"reason": "a", "scope": "unpinned"}]
    theirs = [{"reason": "a", "scope": "pinned", "owner": "y"}]
    merge = merge_versions(written(base, team="q"), written(ours, team="q"), written(theirs, team="r"))
    document = json.loads(merge.content)
    assert document["team"] == "r"
    assert [(one["scope"], one.get("owner")) for one in document["entries"]] == [("pinned", "y"), ("unpinned", None)]


def test_a_version_that_is_no_whitelist_conflicts_as_a_whole() -> None:
    merge = merge_versions(written(BASE), b"{", written({}))
    assert merge.conflicts[0].startswith("ours is no whitelist: line 1, column 2: not JSON")
    assert merge.content == b"<<<<<<< ours\n{\n=======\n" + written({}) + b">>>>>>> theirs\n"


ANY = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("123"), max_size=4)


@given(base=ANY, ours=ANY, theirs=ANY)
def test_every_entry_follows_the_three_way_rule(base: Entries, ours: Entries, theirs: Entries) -> None:
    merge = merge_versions(written(base), written(ours), written(theirs))
    expected, conflicts = {}, 0
    for reason in "abcd":
        before, mine, other = base.get(reason), ours.get(reason), theirs.get(reason)
        if mine != before != other != mine:
            conflicts += 1
        value = other if mine == before else mine
        if value is not None:
            expected[reason] = value
    assert len(merge.conflicts) == conflicts
    if not conflicts:
        assert entries_of(merge.content) == expected


# by git


def git(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    names = {f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environ = {**os.environ, **names, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    return subprocess.run(["git", *words], cwd=folder, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository whose whitelist is merged by entry, with a branch `theirs`."""
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "config", "merge.gateconsole.driver", f"{sys.executable} -m gateconsole whitelist merge %O %A %B")
    (tmp_path / ".gitattributes").write_text("unknown_whitelist.json merge=gateconsole\n")
    commit(tmp_path, BASE)
    git(tmp_path, "branch", "theirs")
    return tmp_path


def commit(folder: Path, entries: Entries) -> None:
    (folder / "unknown_whitelist.json").write_bytes(written(entries))
    git(folder, "add", "-A")
    assert git(folder, "commit", "-qm", "x").returncode == 0


def merged(folder: Path, ours: Entries, theirs: Entries) -> subprocess.CompletedProcess[str]:
    commit(folder, ours)
    git(folder, "checkout", "-q", "theirs")
    commit(folder, theirs)
    git(folder, "checkout", "-q", "main")
    return git(folder, "merge", "-q", "-m", "merged", "theirs")


def test_git_merges_a_whitelist_by_entry(clone: Path) -> None:
    done = merged(clone, {**BASE, "d": "ours"}, {**BASE, "e": "theirs"})
    assert done.returncode == 0, done.stderr
    assert entries_of((clone / "unknown_whitelist.json").read_bytes()) == {**BASE, "d": "ours", "e": "theirs"}
    assert git(clone, "status", "--porcelain").stdout == ""


def test_git_stops_where_both_changed_an_entry(clone: Path) -> None:
    done = merged(clone, {**BASE, "a": "ours", "d": "x"}, {**BASE, "a": "theirs", "e": "y"})
    assert done.returncode == 1
    assert "a: changed on both sides" in done.stderr
    assert git(clone, "status", "--porcelain").stdout == "UU unknown_whitelist.json\n"
    assert "line 4: git's conflict markers" in str(read(clone / "unknown_whitelist.json").problem)


def test_a_file_that_cannot_be_read_is_no_conflict_but_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = [tmp_path / name for name in ("base", "ours", "theirs")]
    for path in here[:2]:
        path.write_bytes(written(BASE))
    assert main(["whitelist", "merge", *map(str, here)]) == 129
    assert f"{here[2]}: No such file or directory: nothing was merged" in capsys.readouterr().err
    assert here[1].read_bytes() == written(BASE)


# the last day of an entry


def test_an_entry_is_added_and_edited_with_a_last_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "list.json"

    def acted(*words: str) -> int:
        return main(["whitelist", *words, "--whitelist", str(path), "--as", "mika"])

    why = ("--justification", "known")
    assert acted("add", "x", *why, "--expires-at", "2999-01-01") == 0
    assert "expires at 2999-01-01" in capsys.readouterr().err
    assert read(path).entries[0].expires_at == "2999-01-01"
    assert acted("edit", "x", "--justification", "better") == 0
    assert read(path).entries[0][1::5] == ("better", "2999-01-01")
    assert acted("edit", "x", "--expires-at", "never") == 0
    assert read(path).entries[0].expires_at is None
    capsys.readouterr()
    for day, told in (("2020-01-01", "from today on it would match nothing"), ("soon", "expected a day such as")):
        assert acted("edit", "x", "--expires-at", day) == 2
        assert told in capsys.readouterr().err
