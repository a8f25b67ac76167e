"""`gateconsole comment FILE`: compact, the same from run to run but for what changed, safe for hostile text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateconsole.__main__ import main
from gateconsole.model import EMPTY, Entry, Run, Stratum, Whitelist
from gateconsole.reports.comment import comment
from tests.golden import fixture

LISTED = Whitelist((Entry("x", "known, `OPS-7`"), Entry("p", scope="pinned")))


def run(
    outcome: str = "REVIEW",
    rate: float | None = 0.012,
    reasons: tuple[str, ...] = ("y", "x"),
    stratum: Stratum | None = None,
    policy: str = "b71c02",
) -> Run:
    return Run("run-9", None, policy, outcome, rate, reasons, stratum)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "root"
    fixture.write_tree(root)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI_ARTIFACT_PATH", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return root


def test_the_first_line_has_outcome_hash_and_top_reason() -> None:
    assert comment(run(), EMPTY).splitlines()[0] == "**REVIEW** `b71c02` `y`"
    assert comment(run(reasons=()), EMPTY).splitlines()[0] == "**REVIEW** `b71c02` no reason given"


def test_unknowns_are_split_by_the_whitelist_with_why() -> None:
    assert comment(run(), LISTED).splitlines()[2:] == [
        "- unknown_rate: 0.012",
        "- run: `run-9`",
        "- unknowns not whitelisted: `y`",
        "- unknowns whitelisted: `x`",
        "  - `x`: `` known, `OPS-7` ``",
    ]


def test_a_scoped_entry_splits_only_runs_of_its_stratum() -> None:
    pinned, none = (comment(run(reasons=("p",), stratum=stratum), LISTED) for stratum in ("pinned", None))
    assert "- unknowns whitelisted: `p`" in pinned
    assert "- unknowns not whitelisted: `p`" in none


@pytest.mark.parametrize("rate", [0.0, None])
def test_without_unknowns_reasons_are_only_reasons(rate: float | None) -> None:
    lines = comment(run(rate=rate), LISTED).splitlines()
    assert lines[2] == f"- unknown_rate: {'-' if rate is None else rate}"
    assert lines[4:] == ["- reasons: `y`, `x`"]


def test_more_than_three_reasons_are_counted_and_three_shown() -> None:
    assert "`a`, `b`, `c`, and 1 more\n" in comment(run(reasons=("a", "b", "c", "d")), EMPTY)
    many = tuple(f"r{number}" for number in range(15))
    assert "`r0`, `r1`, `r2`, and 12 more\n" in comment(run(reasons=many), EMPTY)


def test_of_a_long_text_its_beginning_is_shown_and_what_was_left_out_is_said() -> None:
    long = comment(run(policy="h" * 100_000), EMPTY)
    assert long.splitlines()[0] == f"**REVIEW** `{'h' * 300}` (and 99,700 more characters) `y`"
    assert comment(run(policy="h" * 300), EMPTY).splitlines()[0] == f"**REVIEW** `{'h' * 300}` `y`"


@pytest.mark.parametrize("text", ["x", "`", "|", "\\|", "`|", "\U000e0041", "東", "é\u0301"])
def test_no_comment_is_longer_than_what_github_takes(text: str) -> None:
    reasons = tuple(f"{number}{text * 50_000}" for number in range(40))
    listed = Whitelist(tuple(Entry(reason, text * 50_000) for reason in reasons[:20]))
    one = Run(text * 50_000, None, text * 50_000, text * 50_000, 0.5, reasons, None)
    assert len(comment(one, listed).encode()) < 65_536
    assert len(comment(one, listed)) < 17_000


def test_two_comments_differ_only_where_their_runs_do() -> None:
    one, other = (comment(run(rate=rate), LISTED).splitlines() for rate in (0.012, 0.013))
    assert [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]] == [
        ("- unknown_rate: 0.012", "- unknown_rate: 0.013")
    ]


def test_hostile_text_stays_in_its_code_span_on_its_line() -> None:
    evil = "`**x**\n# [a](b) <b> \x1b[31m\u202e"
    text = comment(run(outcome=evil, reasons=(evil,), policy=evil), EMPTY)
    lines = text.splitlines()
    assert len(lines) == 6
    assert not {"\x1b", "\u202e"} & set(text)
    shown = "`` `**x**\\x0a# [a](b) <b> \\x1b[31m\\u202e ``"
    assert lines[0] == f"{shown} {shown} {shown}"


def test_the_command_prints_the_comment_of_an_artifact_with_the_whitelist_above_it(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["comment", str(tree / "r08" / "gate_result.json")]) == 0
    out, err = capsys.readouterr()
    assert out == (
        "**REVIEW** `b71c02` `flaky_test`\n\n- unknown_rate: 0.012\n- run: `r08`, unpinned\n"
        "- unknowns not whitelisted: `flaky_test`, `artefact_missing`\n"
        "- unknowns whitelisted: `unknown_field_missing`\n"
        "  - `unknown_field_missing`: `older runs lack the field`\n"
    )
    file = tree / "unknown_whitelist.json"
    assert err == f"gateconsole: whitelist: {file}, the nearest above FILE; --whitelist names another\n"


def test_a_named_whitelist_goes_before_the_one_above(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tree.parent / "other.json"
    other.write_text(json.dumps(["flaky_test"]))
    assert main(["comment", str(tree / "r08" / "gate_result.json"), "--whitelist", str(other)]) == 0
    assert "- unknowns whitelisted: `flaky_test`\n" in capsys.readouterr().out


def test_the_roots_whitelist_goes_before_the_one_above(
    tree: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree.parent / "elsewhere"
    root.mkdir()
    monkeypatch.setenv("CI_ARTIFACT_PATH", str(root))
    assert main(["comment", str(tree / "r08" / "gate_result.json")]) == 0
    assert "- unknowns whitelisted: -\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"), [(None, "not there"), ("{", "not_one_json_object"), ('{"a": 1}', "no_gate_fields")]
)
def test_a_file_that_is_no_run_is_said_with_exit_3(
    tree: Path, capsys: pytest.CaptureFixture[str], content: str | None, said: str
) -> None:
    path = tree / "bad.json"
    if content is not None:
        path.write_text(content)
    assert main(["comment", str(path)]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "bad.json" in err


def test_a_broken_whitelist_is_said_with_exit_3(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "unknown_whitelist.json").write_text("{")
    assert main(["comment", str(tree / "r08" / "gate_result.json")]) == 3
    assert "unknown_whitelist.json" in capsys.readouterr().err


def test_a_folder_is_said_to_be_one(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["comment", str(tree / "r08")]) == 3
    assert "r08: a folder: name the gate_result.json in it" in capsys.readouterr().err


@pytest.mark.parametrize(("day", "listed"), [("2999-01-01", True), ("2020-01-01", False)])
def test_an_entry_whose_last_day_is_over_lists_nothing(
    tree: Path, capsys: pytest.CaptureFixture[str], day: str, listed: bool
) -> None:
    entry = {"reason": "unknown_field_missing", "justification": "older runs lack it", "expires_at": day}
    (tree / "unknown_whitelist.json").write_text(json.dumps([entry]))
    assert main(["comment", str(tree / "r04" / "gate_result.json")]) == 0
    assert ("older runs lack it" in capsys.readouterr().out) == listed
