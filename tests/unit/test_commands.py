"""The commands as a shell sees them: exit code, stdout for data, stderr for talk (architecture 3)."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateconsole import __version__
from gateconsole.__main__ import main
from gateconsole.cli import COMMANDS
from gateconsole.cli.base import CommandError, Context, settings_of
from gateconsole.cli.export import TABLE_NAMES
from gateconsole.cli.watch import open_console
from gateconsole.rollup_rollout import main as rollup_rollout
from tests.golden import fixture

Said = pytest.CaptureFixture[str]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The golden tree; the current folder is another, empty one."""
    root, here = tmp_path / "root", tmp_path / "here"
    fixture.write_tree(root)
    here.mkdir()
    monkeypatch.chdir(here)
    return root


def run(capsys: Said, *words: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout, stderr of a command line."""
    try:
        code = main([str(word) for word in words])
    except SystemExit as ended:  # argparse's own ending
        code = int(ended.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def loaded(*words: str) -> tuple[str, set[str]]:
    """stdout of a program of its own, and the modules it had loaded at its end."""
    script = (
        "import sys, gateconsole.__main__ as m\n"
        "try: m.main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "finally: print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=True)
    return ended.stdout, set(ended.stderr.split())


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["rollup", "--help"], ["demo", "--help"], ["schema", "whitelist"]]
)
def test_help_and_version_load_neither_polars_nor_textual(words: list[str]) -> None:
    shown, modules = loaded(*words)
    assert shown
    assert not modules & {"polars", "textual", "rich", "watchfiles", "msgspec"}


def test_rollup_never_loads_textual(tree: Path, tmp_path: Path) -> None:
    _, modules = loaded("rollup", str(tree), "-o", str(tmp_path / "out"))
    assert "polars" in modules
    assert not modules & {"textual", "rich"}


def test_help_names_every_command_and_the_exit_codes(capsys: Said) -> None:
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert all(f"\n  {name} " in out for name in COMMANDS)
    assert "exit codes: 0 ok, 1 finding, 2 usage, 3 ROOT, whitelist, ledger or output unusable" in out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_own_help(capsys: Said, name: str) -> None:
    code, out, _ = run(capsys, name, "--help")
    assert code == 0
    assert out.startswith("usage: gateconsole")


def test_version(capsys: Said) -> None:
    assert run(capsys, "--version") == run(capsys, "watch", "--version") == (0, f"gateconsole {__version__}\n", "")


def test_without_a_root_every_way_to_name_one_is_told(capsys: Said, tree: Path) -> None:
    for command in ([], ["watch"], ["rollup"], ["export"]):
        code, out, err = run(capsys, *command)
        assert (code, out) == (2, "")
        assert all(way in err for way in ("gateconsole ROOT", "CI_ARTIFACT_PATH", "gateconsole demo"))


def test_the_root_argument_goes_before_the_variable_before_the_settings(
    capsys: Said, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATECONSOLE_ROOT", "settings")
    assert "settings: no such folder" in run(capsys)[2]
    monkeypatch.setenv("CI_ARTIFACT_PATH", "variable")
    assert run(capsys)[2].startswith("gateconsole: variable: no such folder")
    assert run(capsys, tree)[0] == 0


def test_a_pipe_gets_the_policy_table_as_text(capsys: Said, tree: Path) -> None:
    code, out, _ = run(capsys, tree)
    assert code == 0
    assert out.splitlines()[0].startswith("POLICY  N  VALID")
    assert out.splitlines()[-1] == "8 seen = 8 parsed"


def test_a_command_wins_over_a_folder_of_its_name(capsys: Said, tree: Path) -> None:
    Path("schema").mkdir()
    assert run(capsys, "schema", "whitelist")[0] == 0
    assert run(capsys, "./schema")[:2] == (0, "nothing found: 0 seen = 0 parsed\n")


def test_a_misspelled_command_is_no_root(capsys: Said, tree: Path) -> None:
    code, _, err = run(capsys, "rolup")
    assert code == 2
    assert "did you mean the command rollup?" in err


def test_an_unusable_root_is_exit_3_with_path_and_remedy(capsys: Said, tree: Path) -> None:
    for command in ("watch", "rollup", "export"):
        code, out, err = run(capsys, command, "nowhere")
        assert (code, out) == (3, "")
        assert err == "gateconsole: nowhere: no such folder; create or mount it, or name another ROOT\n"


def test_a_root_that_is_not_utf8_is_told_as_text(capsys: Said, tree: Path) -> None:
    code, _, err = run(capsys, Path(os.fsdecode(b"no\xffwhere")))
    assert (code, err.split(":")[1]) == (3, " no\\xffwhere")


def test_a_current_folder_that_is_gone_is_exit_2(capsys: Said, tree: Path) -> None:
    Path.cwd().rmdir()
    code, _, err = run(capsys, tree)
    assert (code, err) == (2, "gateconsole: the current folder is gone: cd to one that is there\n")


def test_a_broken_whitelist_is_exit_3_and_nothing_is_written(capsys: Said, tree: Path) -> None:
    (tree / "unknown_whitelist.json").write_text("{")
    for command in ("watch", "rollup", "export"):
        code, out, err = run(capsys, command, tree)
        assert (code, out) == (3, "")
        assert "unknown_whitelist.json: line 1, column 2: not JSON" in err
    assert os.listdir() == []


def test_another_whitelist_can_be_named(capsys: Said, tree: Path) -> None:
    Path("mine.json").write_text('["flaky_test"]')
    _, out, _ = run(capsys, "export", tree, "classes", "--whitelist", "mine.json", "-o", "-")
    assert "flaky_test,2,6,0.3333333333333333,listed,0" in out


def test_a_named_whitelist_that_is_not_there_is_told(capsys: Said, tree: Path) -> None:
    code, _, err = run(capsys, tree, "--whitelist", "mine.json")
    assert code == 0
    assert "mine.json: no such whitelist: nothing is listed" in err


def test_rollup_says_what_it_wrote_on_stderr(capsys: Said, tree: Path) -> None:
    (tree / "bad").mkdir()
    (tree / "bad" / "gate_result.json").write_text("[]")
    code, out, err = run(capsys, "rollup", tree, "-o", "out")
    assert (code, out) == (0, "")
    assert err.splitlines() == [
        "gateconsole: wrote out/rollout_series.csv (8 runs)",
        "gateconsole: wrote out/rollout_series_v1.md (2 policies)",
        "gateconsole: 1 rejected (why: gateconsole validate ROOT)",
    ]
    assert sorted(os.listdir("out")) == ["rollout_series.csv", "rollout_series_v1.md"]


def test_the_seed_s_script_writes_the_same_here(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main(["rollup", str(tree), "-o", "out"])
    monkeypatch.setenv("CI_ARTIFACT_PATH", str(tree))
    assert rollup_rollout([]) == 0
    for name in ("rollout_series.csv", "rollout_series_v1.md"):
        assert Path(name).read_bytes() == Path("out", name).read_bytes()


def test_an_output_that_cannot_be_written_is_exit_3_and_leaves_nothing(capsys: Said, tree: Path) -> None:
    Path("out").write_text("a file")
    for command in ("rollup", "export"):
        code, _, err = run(capsys, command, tree, "-o", "out")
        assert code == 3
        assert "choose another folder with -o DIR" in err
    assert os.listdir() == ["out"]


@pytest.mark.parametrize("command", ["rollup", "export"])
def test_a_disk_that_is_full_half_way_is_exit_3_and_leaves_nothing(tree: Path, command: str) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))"
    script = f"{limit}\nimport sys; from gateconsole.__main__ import main; sys.exit(main(sys.argv[1:]))"
    words = [sys.executable, "-c", script, command, str(tree), "-o", "out"]
    ended = subprocess.run(words, capture_output=True, text=True)
    assert ended.returncode == 3
    assert "cannot be written (File too large" in ended.stderr
    assert "make room or choose another folder" in ended.stderr
    assert os.listdir("out") == []


def test_export_writes_every_table_by_default(capsys: Said, tree: Path) -> None:
    assert run(capsys, "export", tree, "--format", "json", "-o", "out")[0] == 0
    assert sorted(os.listdir("out")) == sorted(f"{name}.json" for name in TABLE_NAMES)
    assert json.loads(Path("out/policies.json").read_text())["schema"] == 1


def test_export_without_a_root_takes_the_variable_s(capsys: Said, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_ARTIFACT_PATH", str(tree))
    code, out, _ = run(capsys, "export", "policies", "-o", "-")
    assert code == 0
    assert out.startswith("policy_hash,stratum,n,n_valid,")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nosuch"], "no table 'nosuch': there are runs, policies, classes, alerts, "),
        (["runs", "classes", "-o", "-"], "-o - writes one table: name it"),
    ],
)
def test_export_refuses_what_it_cannot_do(capsys: Said, tree: Path, words: list[str], said: str) -> None:
    code, _, err = run(capsys, "export", tree, *words)
    assert code == 2
    assert said in err


def test_export_is_byte_identical_for_equal_input_and_time(tree: Path) -> None:
    time = ["--as-of", "2026-03-01T00:00:00Z"]
    for out in ("one", "two"):
        for form in ("csv", "json", "md"):
            assert main(["export", str(tree), "-o", out, "--format", form, *time]) == 0
    names = os.listdir("one")
    assert len(names) == 3 * (len(TABLE_NAMES) - 1)  # what was rejected then is not kept
    assert all(Path("one", name).read_bytes() == Path("two", name).read_bytes() for name in names)


def test_a_wrong_setting_is_exit_2_with_its_place(capsys: Said, tree: Path) -> None:
    Path("gateconsole.toml").write_text("pol = true")
    code, _, err = run(capsys, tree)
    assert code == 2
    assert "gateconsole.toml, line 1: no setting 'pol': did you mean poll?" in err


def test_the_log_says_what_stderr_said(capsys: Said, tree: Path) -> None:
    run(capsys, "rollup", tree, "--log", "log")
    assert "wrote rollout_series.csv (8 runs)" in Path("log").read_text()


def test_a_log_that_cannot_be_opened_is_exit_2(capsys: Said, tree: Path) -> None:
    code, _, err = run(capsys, tree, "--log", "no/log")
    assert code == 2
    assert "no/log: no log there: No such file or directory: mend --log" in err


def test_a_log_that_is_a_pipe_without_a_reader_is_not_waited_for(capsys: Said, tree: Path) -> None:
    os.mkfifo("log")
    code, _, err = run(capsys, "rollup", tree, "--log", "log")
    assert code == 2
    assert "log: no log there: No such device or address: mend --log" in err


def test_a_hostile_command_line_is_told_as_text(capsys: Said, tree: Path) -> None:
    for words in (["--\x1b[31m"], ["\x1b[31m"], ["export", ".", "\x1b"], ["-o", "\udcff"]):
        code, out, err = run(capsys, *words)
        assert code in {2, 3}
        assert "\x1b" not in out + err


def test_a_defect_is_a_message_and_not_a_finding(capsys: Said, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object, *, judged: bool) -> None:
        raise RuntimeError(f"boom\x1b {judged}")

    monkeypatch.setattr("gateconsole.engine.engine.read_once", fail)
    code, _, err = run(capsys, tree, "--log", "log")
    assert code == 70
    assert "internal error, please report it: RuntimeError: boom\\x1b" in err
    assert "Traceback" not in err
    assert "Traceback" in Path("log").read_text()


def test_paths_tell_what_was_looked_for_and_who_said_what(
    capsys: Said, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATECONSOLE_THEME", "gate-light")
    code, out, _ = run(capsys, "paths", tree, "--json")
    document = json.loads(out)
    places = {(place["what"], place["found"]) for place in document["places"]}
    assert code == 0
    assert {("settings", False), ("themes", True), ("root", True), ("whitelist", True)} <= places
    assert {"setting": "theme", "value": "gate-light", "origin": "GATECONSOLE_THEME"} in document["settings"]
    assert document["settings"][0] == {"setting": "root", "value": str(tree), "origin": "argument"}
    assert re.search(r"(?m)^theme +gate-light  \(GATECONSOLE_THEME\)$", run(capsys, "paths", tree)[1])


def test_paths_tell_where_a_theme_was_named_that_is_not_there(capsys: Said, tree: Path) -> None:
    Path("gateconsole.toml").write_text('# mine\ntheme = "gate-drak"\n')
    code, out, err = run(capsys, "paths", tree)
    assert code == 2
    assert "gateconsole.toml, line 2: no theme 'gate-drak': did you mean gate-dark? there are gate-dark, " in err
    assert "own themes" in out


def test_the_console_tells_where_a_theme_was_named_that_is_not_there(tree: Path) -> None:
    Path("gateconsole.toml").write_text('theme = "nosuch"\n')
    settings = settings_of(argparse.Namespace())
    with pytest.raises(
        CommandError, match=r"gateconsole\.toml, line 1: no theme 'nosuch': there are gate-dark, "
    ) as told:
        open_console(Context(tree, settings), "tree")
    assert told.value.code == 2


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("ascii", "yes  (the output's encoding is ascii)"),
        ("latin-1", "yes  (the output's encoding is latin-1)"),
        ("utf-8", "no  (default)"),
    ],
)
def test_an_encoding_without_the_marks_is_drawn_on_in_ascii(
    capsys: Said, monkeypatch: pytest.MonkeyPatch, encoding: str, said: str
) -> None:
    monkeypatch.setattr(sys, "__stderr__", io.TextIOWrapper(io.BytesIO(), encoding))
    assert re.search(rf"(?m)^ascii +{re.escape(said)}$", run(capsys, "paths")[1])


@pytest.mark.parametrize("option", ["--whitelist", "--ledger"])
def test_the_demo_offers_no_file_that_it_would_not_use(capsys: Said, option: str) -> None:
    assert option not in run(capsys, "demo", "--help")[1]
    code, _, err = run(capsys, "demo", option, "mine")
    assert code == 2
    assert f"unrecognized arguments: {option} mine" in err


def test_paths_tell_of_a_broken_theme_and_go_on(capsys: Said, tree: Path) -> None:
    Path("mine.toml").write_text("dark = 7")
    Path("mine-too.toml").write_text('theme = "mine"\nthemes = "."\n')
    code, _, err = run(capsys, "paths", tree, "--settings", "mine-too.toml")
    assert code == 0
    assert "mine.toml, line 1: dark: expected true or false" in err


def test_export_takes_its_tables_before_and_after_the_options(tmp_path: Path) -> None:
    (tmp_path / "run-1").mkdir()
    (tmp_path / "run-1" / "gate_result.json").write_text('{"outcome": "PASS"}')
    assert main(["export", str(tmp_path), "-o", str(tmp_path / "out"), "policies", "--format", "json", "runs"]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["policies.json", "runs.json"]
