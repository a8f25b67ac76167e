"""`gateconsole whitelist` as a shell sees it: exit code, stdout for data, stderr for talk (architecture 3)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateconsole.__main__ import main
from gateconsole.model import Entry
from gateconsole.whitelist import file
from tests.golden.fixture import write_tree

Said = pytest.CaptureFixture[str]
KNOWN = ("--justification", "known suite")
AS_OF = ("--as-of", "2026-05-01T00:00:00Z")


class Shell:
    """A shell in which the golden root is known, and mika acts."""

    def __init__(self, root: Path, said: Said) -> None:
        self.root = root
        self.path = root / "unknown_whitelist.json"
        self.said = said

    def __call__(self, *words: str, root: bool = True) -> tuple[int, str, str]:
        try:
            code = main(["whitelist", *words, "--as", "mika", *(("--root", str(self.root)) if root else ())])
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = self.said.readouterr()
        return code, said.out, said.err

    def json(self, *words: str, code: int = 0) -> Any:
        ended, out, err = self(*words, "--json")
        assert ended == code, err
        document = json.loads(out)
        assert document.pop("schema") == 1
        return document

    @property
    def entries(self) -> tuple[Entry, ...]:
        return file.read(self.path).entries


@pytest.fixture
def whitelist(tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> Shell:
    root = tmp_path / "root"
    root.mkdir()
    write_tree(root)
    for number, path in enumerate(sorted(root.glob("*/gate_result.json")), 1):
        path.write_text(json.dumps({**json.loads(path.read_text()), "timestamp": f"2026-04-0{number}T00:00:00Z"}))
    monkeypatch.chdir(tmp_path)
    return Shell(root, capsys)


def test_add_writes_the_entry_and_says_so(whitelist: Shell) -> None:
    code, out, err = whitelist("add", "flaky_test", *KNOWN, "--scope", "unpinned", "--review-by", "2999-01-01")
    assert (code, out) == (0, "")
    assert f"added flaky_test (unpinned runs, review by 2999-01-01) in {whitelist.path}" in err
    (added,) = (entry for entry in whitelist.entries if entry.reason == "flaky_test")
    assert added[:4] == ("flaky_test", "known suite", "unpinned", "mika")


def test_add_as_json_says_what_changed(whitelist: Shell) -> None:
    document = whitelist.json("add", "flaky_test", *KNOWN)
    assert (document["changed"], document["what"], document["before"]) == (True, "added", None)
    assert document["after"]["reason"] == "flaky_test"
    assert document["notes"] == ["the file is now in canonical form: one field a line"]


def test_a_script_may_add_the_same_again(whitelist: Shell) -> None:
    whitelist("add", "flaky_test", *KNOWN)
    before = whitelist.path.read_bytes()
    assert whitelist.json("add", "flaky_test", *KNOWN)["changed"] is False
    assert whitelist.path.read_bytes() == before


def test_a_class_that_is_listed_with_other_words_is_a_finding(whitelist: Shell) -> None:
    code, _, err = whitelist("add", "unknown_field_missing", *KNOWN)
    assert code == 1
    assert "there is 'older runs lack the field'" in err and "wanted is 'known suite'" in err
    assert "nothing was changed: look at both, then edit or retire it" in err


def test_look_alikes_are_told_and_added_all_the_same(whitelist: Shell) -> None:
    code, _, err = whitelist("add", "Unknown_field_missing", *KNOWN)
    assert code == 0
    assert "Unknown_field_missing looks like unknown_field_missing, which is listed: differs only in case" in err


def test_edit_changes_only_what_is_said(whitelist: Shell) -> None:
    whitelist("add", "flaky_test", *KNOWN)
    before = whitelist.entries[0]
    assert whitelist("edit", "flaky_test", "--scope", "pinned")[0] == 0
    assert whitelist.entries[0] == before._replace(scope="pinned")
    assert whitelist("edit", "flaky_test", "--justification", "tracked", "--scope", "all")[0] == 0
    assert whitelist.entries[0] == before._replace(justification="tracked")


def test_of_says_which_of_several_entries_is_meant(whitelist: Shell) -> None:
    for scope in ("pinned", "unpinned"):
        whitelist("add", "flaky_test", *KNOWN, "--scope", scope)
    code, _, err = whitelist("retire", "flaky_test")
    assert code == 2
    assert "flaky_test is listed for pinned and unpinned: say which with --of" in err
    assert whitelist("retire", "flaky_test", "--of", "pinned")[0] == 0
    assert [entry.scope for entry in whitelist.entries if entry.reason == "flaky_test"] == ["unpinned"]


def test_what_is_not_listed_is_told_with_what_looks_like_it(whitelist: Shell) -> None:
    code, _, err = whitelist("retire", "unknown field missing")
    assert code == 2
    assert "unknown field missing: no such entry" in err
    assert "unknown_field_missing differs only in blanks" in err


def test_retire_undo_and_log_tell_the_history(whitelist: Shell) -> None:
    before = whitelist.path.read_bytes()
    assert whitelist("retire", "unknown_field_missing", "--why", "fixed in March")[0] == 0
    assert whitelist.entries == ()
    assert whitelist("undo")[0] == 0
    assert whitelist.path.read_bytes() == before
    acts = whitelist.json("log")["acts"]
    assert [(act["what"], act["actor"], act["why"], act["undone"]) for act in acts] == [
        ("retired", "mika", "fixed in March", True),
        ("undone", "mika", None, False),
    ]
    lines = whitelist("log")[1].splitlines()
    assert lines[0].endswith("mika  retired unknown_field_missing: fixed in March  (undone)")
    assert whitelist("undo")[0] == 2
    assert "undone already" in whitelist("undo", "--event", acts[0]["event"])[2]


def test_list_shows_how_each_entry_stands(whitelist: Shell) -> None:
    code, out, _ = whitelist("list", *AS_OF)
    header, line = out.splitlines()
    assert code == 0
    assert header.split() == ["REASON", "SCOPE", "BY", "ADDED", "REVIEW", "HITS/30d", "HITS", "STATE", "JUSTIFICATION"]
    assert line.split()[:8] == ["unknown_field_missing", "all", "-", "-", "-", "4", "4", "active"]
    (row,) = whitelist.json("list", *AS_OF)["whitelist"]
    assert (row["as_of"], row["recent_hits"], row["recent_runs"], row["state"], row["scope"]) == (
        "2026-05-01T00:00:00Z", 4, 7, "active", "all",
    )  # fmt: skip


def test_as_of_a_time_later_runs_do_not_count(whitelist: Shell) -> None:
    (row,) = whitelist.json("list", "--as-of", "2026-04-04T00:00:00Z")["whitelist"]
    assert (row["recent_hits"], row["recent_runs"], row["hits"]) == (2, 4, 2)
    assert whitelist.json("preview", "flaky_test", "--as-of", "2026-04-04T00:00:00Z")["runs"] == 2


@pytest.mark.parametrize("form", ["csv", "json", "md"])
def test_the_table_of_export_is_the_same_bytes_for_the_same_time(whitelist: Shell, form: str) -> None:
    def table(time: str) -> str:
        assert main(["export", str(whitelist.root), "whitelist", "-o", "-", "--format", form, "--as-of", time]) == 0
        return whitelist.said.readouterr().out

    shown = table("2026-04-04T00:00:00Z")
    assert shown == table("2026-04-04T00:00:00Z") != table("2026-04-05T00:00:00Z")
    if form == "csv":
        header, row = shown.splitlines()
        assert header.startswith(
            "as_of,number,reason,scope,justification,added_by,added_at,review_by,expires_at,state,states,"
        )
        assert (
            row == "2026-04-04T00:00:00Z,1,unknown_field_missing,all,older runs lack the field,,,,,active,active,2,4,2,"
        )


def test_a_file_alone_is_listed_without_hits(whitelist: Shell) -> None:
    _, out, _ = whitelist("list", "--whitelist", str(whitelist.path), "--json", *AS_OF, root=False)
    (row,) = json.loads(out)["whitelist"]
    assert (row["recent_hits"], row["hits"], row["state"]) == (None, None, "active")


def test_lint_ends_with_1_and_names_everything(whitelist: Shell) -> None:
    entry = {"reason": "flaky_test", "review_by": "2026-04-01", "scope": "pinned"}
    entries = [{"reason": "Flaky_test", "justification": "x", "review_by": "2027-01-01"}, entry, {"reason": "q"}]
    whitelist.path.write_text(json.dumps({"version": 1, "entries": entries}))
    whitelist.path.chmod(0o666)
    code, out, _ = whitelist("lint", *AS_OF)
    assert code == 1
    assert out.splitlines() == [
        "entry 1, Flaky_test: unused: no hit in the last 30 days (7 valid runs)",
        "entry 1, Flaky_test: looks like flaky_test, which is listed too: differs only in case",
        "entry 2, flaky_test: overdue: review overdue by 30 days",
        "entry 2, flaky_test: unused: no hit in the last 30 days (7 valid runs)",
        "entry 2, flaky_test: no justification: say why it is harmless",
        "entry 2, flaky_test: looks like Flaky_test, which is listed too: differs only in case",
        "entry 3, q: unused: no hit in the last 30 days (7 valid runs)",
        "entry 3, q: no justification: say why it is harmless",
        "entry 3, q: no review date: write one such as 2026-05-20",
        f"{whitelist.path}: everybody may write it (mode 0666): chmod o-w",
    ]
    found = whitelist.json("lint", *AS_OF, code=1)["findings"]
    assert (found[2]["number"], found[2]["finding"]) == (2, "overdue")


def test_lint_of_very_many_entries_compares_not_each_with_each(whitelist: Shell) -> None:
    entries = [{"reason": f"unknown_{number}"} for number in range(10_000)]
    whitelist.path.write_text(json.dumps([*entries, {"reason": "Unknown_7"}]))
    found = whitelist.json("lint", *AS_OF, code=1)["findings"]
    assert [one["number"] for one in found if one["finding"] == "look-alike"] == [8, 10_001]


def test_lint_of_a_clean_whitelist_says_nothing(whitelist: Shell) -> None:
    whitelist("retire", "unknown_field_missing")
    whitelist("add", "flaky_test", *KNOWN)
    assert whitelist("lint") == (0, "", "")


def test_preview_tells_what_would_change_and_changes_nothing(whitelist: Shell) -> None:
    before = whitelist.path.read_bytes()
    code, out, _ = whitelist("preview", "flaky_test")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "flaky_test (all runs) added: covers 3 runs in 2 policies"
    assert "spikes among them 3: 2 become listed, 0 no longer are" in lines
    assert "FAIL / BLOCK among them: none" in lines
    assert "false alarms left 4 -> 2 of 4" in lines
    assert whitelist.path.read_bytes() == before
    document = whitelist.json("preview", "flaky_test", "--scope", "unpinned")
    whole = next(one for one in document["effects"] if (one["policy_hash"], one["stratum"]) == ("a6f53e", "all"))
    assert (whole["risk_before"]["difference"], whole["risk_after"]["difference"]) == (1 / 6, 4 / 6)
    assert (document["runs"], document["left_after"], document["fails"]) == (3, 2, [])


def test_preview_of_retiring_is_the_other_way_round(whitelist: Shell) -> None:
    document = whitelist.json("preview", "unknown_field_missing", "--retire")
    assert (document["after"], document["runs"]) == (None, 4)
    assert whitelist("preview", "unheard_of", "--retire")[0] == 2


def test_read_only_refuses_every_writing_act(whitelist: Shell) -> None:
    before = whitelist.path.read_bytes()
    for words in (("add", "a", *KNOWN), ("edit", "a"), ("retire", "unknown_field_missing"), ("undo",)):
        code, _, err = whitelist(*words, "--read-only")
        assert code == 2
        assert "read-only: nothing is written to the whitelist" in err
    assert whitelist.path.read_bytes() == before
    assert whitelist("list", "--read-only")[0] == 0


@pytest.mark.parametrize("act", ["list", "lint", "add", "retire", "preview"])
def test_a_broken_whitelist_is_unusable_and_stays_as_it_is(whitelist: Shell, act: str) -> None:
    whitelist.path.write_text('{"version": 1,\n "entries": [}')
    words = {"add": ("add", "a", *KNOWN), "retire": ("retire", "a"), "preview": ("preview", "a")}.get(act, (act,))
    code, out, err = whitelist(*words)
    assert (code, out) == (3, "")
    assert "line 2, column 14: not JSON" in err
    assert whitelist.path.read_text() == '{"version": 1,\n "entries": [}'


def test_without_a_root_or_file_every_way_to_name_one_is_told(whitelist: Shell) -> None:
    code, out, err = whitelist("list", root=False)
    assert (code, out) == (2, "")
    assert all(way in err for way in ("--root ROOT", "--whitelist FILE", "CI_ARTIFACT_PATH"))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", "a", "--justification", " "), "a justification is needed"),
        (("add", " ", *KNOWN), "a reason is needed"),
        (("add", "a", *KNOWN, "--review-by", "soon"), "expected a day such as"),
        (("undo",), "did nothing here that can be undone"),
        (("undo", "--event", "x"), "no such act"),
        (("list", "--as-of", "noon"), "--as-of noon: expected ISO 8601"),
    ],
)
def test_what_cannot_be_is_refused_with_what_was_expected(whitelist: Shell, words: tuple[str, ...], why: str) -> None:
    code, out, err = whitelist(*words)
    assert (code, out) == (2, "")
    assert why in err


def test_without_a_ledger_there_is_no_history(whitelist: Shell, tmp_path: Path) -> None:
    alone = ("--whitelist", str(tmp_path / "alone.json"))
    assert whitelist("add", "a", *KNOWN, *alone, root=False)[0] == 0
    for act in ("undo", "log"):
        code, _, err = whitelist(act, *alone, root=False)
        assert code == 2
        assert "no ledger goes with this whitelist" in err


def test_an_act_on_the_file_loads_neither_polars_nor_textual(whitelist: Shell) -> None:
    script = (
        "import sys\nfrom gateconsole.__main__ import main\ncode = main(sys.argv[1:])\n"
        "print(*(name.partition('.')[0] for name in sys.modules))\nsys.exit(code)\n"
    )
    words = ["whitelist", "add", "a", *KNOWN, "--root", str(whitelist.root)]
    ended = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=True)
    assert not {"polars", "textual", "rich"} & set(ended.stdout.split())


def test_hostile_text_reaches_the_terminal_only_printable(whitelist: Shell) -> None:
    nasty = "\x1b[31m\u202eevil"
    whitelist("add", nasty, "--justification", f"why {nasty}")
    for act in ("list", "lint", "log"):
        _, out, err = whitelist(act)
        assert "\\x1b[31m\\u202eevil" in out
        assert "\x1b" not in out + err and "\u202e" not in out + err
    assert whitelist("preview", nasty, "--retire")[1].startswith("\\x1b[31m")
    assert any(entry.reason == nasty for entry in whitelist.entries)
