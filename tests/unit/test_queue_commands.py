"""`gateconsole queue` as a shell sees it: exit code, stdout for data, stderr for talk (architecture 3)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateconsole.__main__ import main

Said = pytest.CaptureFixture[str]


class Shell:
    """A shell in which ROOT is known."""

    def __init__(self, root: Path, said: Said) -> None:
        self.root = root
        self.said = said

    def __call__(self, *words: str) -> tuple[int, str, str]:
        try:
            code = main(["queue", *words, "--root", str(self.root)])
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = self.said.readouterr()
        return code, said.out, said.err

    def json(self, *words: str) -> Any:
        code, out, err = self(*words, "--json")
        assert code == 0, err
        document = json.loads(out)
        assert document.pop("schema") == 1
        return document

    def artifact(self, name: str, **fields: object) -> None:
        (self.root / name).mkdir()
        whole = {"policy_hash": "a", "unknown_rate": 0.0, "top_reasons": [], **fields}
        (self.root / name / "gate_result.json").write_text(json.dumps(whole))


@pytest.fixture
def queue(tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> Shell:
    root = tmp_path / "root"
    root.mkdir()
    monkeypatch.chdir(tmp_path)
    shell = Shell(root, capsys)
    shell("configure", "linux", "--p", "0.9", "--literal")
    for number in range(1, 4):
        shell("submit", f"I{number}")
    return shell


def test_next_dispatches_and_prints_the_run(queue: Shell) -> None:
    document = queue.json("next", "linux", "--builder", "tb7", "--base", "c0ffee")
    run = document["run"]
    assert run.endswith("-1")
    assert document | {"why": ""} == {
        "run": run,
        "testcase": "linux",
        "kind": "optimistic",
        "patches": ["I1", "I2", "I3"],
        "product": 0.729,
        "why": "",
        "state": "in_flight",
        "builder": "tb7",
        "repeated": False,
        "earlier": None,
    }
    (row,) = queue.json("status")["testcases"][0]["runs"]
    assert (row["run"], row["builder"], row["base"], row["state"]) == (run, "tb7", "c0ffee", "in_flight")


def test_next_as_text_is_one_line_for_a_script(queue: Shell) -> None:
    code, out, err = queue("next", "linux", "--builder", "tb7")
    assert code == 0
    assert out.split()[1:] == ["optimistic", "I1", "I2", "I3"]
    assert "most innocent" in err


def test_a_dry_run_dispatches_nothing(queue: Shell) -> None:
    document = queue.json("next", "linux", "--dry-run")
    assert (document["run"], document["patches"]) == (None, ["I1", "I2", "I3"])
    assert queue.json("status")["testcases"][0]["runs"] == []


def test_idle_is_no_failure(queue: Shell) -> None:
    for number in range(1, 4):
        queue("withdraw", f"I{number}")
    document = queue.json("next", "linux", "--builder", "tb7")
    assert (document["run"], document["kind"], document["patches"], document["product"]) == (None, None, [], None)
    assert document["why"] == "no patch is under consideration"


def test_paused_is_no_failure_and_gives_the_reason(queue: Shell) -> None:
    queue("pause", "--reason", "disk swap")
    document = queue.json("next", "linux", "--builder", "tb7")
    assert (document["run"], document["why"]) == (None, "paused: disk swap")
    queue("resume")
    assert queue.json("next", "linux", "--builder", "tb7")["run"]


def test_to_resume_one_testcase_does_not_end_a_pause_of_all_and_says_so(queue: Shell) -> None:
    queue("pause", "--reason", "disk swap")
    code, _, err = queue("resume", "linux")
    assert code == 2  # it could not be done, which is not the same as that it was so already
    assert "linux: paused with all testcases: disk swap: `gateconsole queue resume` ends that" in err
    assert queue.json("next", "linux", "--dry-run")["why"] == "paused: disk swap"


def test_a_retry_with_its_request_gets_the_same_run(queue: Shell) -> None:
    first = queue.json("next", "linux", "--builder", "tb7", "--request", "job-1")
    assert queue.json("next", "linux", "--builder", "tb7", "--request", "job-1")["run"] == first["run"]
    assert queue.json("next", "linux", "--builder", "tb7")["run"] != first["run"]


def test_a_report_prints_the_verdicts_it_made(queue: Shell) -> None:
    run = queue.json("next", "linux", "--builder", "tb7")["run"]
    assert queue("report", run, "pass")[:2] == (0, "I1 good\nI2 good\nI3 good\n")
    code, out, err = queue("report", run, "pass")
    assert (code, out) == (0, "")
    assert "nothing changed" in err


def test_a_contradiction_is_said_and_kept(queue: Shell) -> None:
    run = queue.json("next", "linux", "--builder", "tb7")["run"]
    queue("report", run, "pass")
    code, _, err = queue("report", run, "fail")
    assert code == 0
    assert "conflict: " in err
    assert [each["what"] for each in queue.json("status")["conflicts"]] == ["run_contradicts_itself"]


def test_status_holds_decided_patches_too(queue: Shell) -> None:
    run = queue.json("next", "linux", "--builder", "tb7")["run"]
    queue("report", run, "pass")
    queue("submit", "I4")
    status = queue.json("status")
    (testcase,) = status["testcases"]
    assert (testcase["testcase"], testcase["p_tc"], testcase["m"], testcase["strategy"]) == ("linux", 0.9, 6, "seed")
    rows = {row["patch"]: (row["k"], row["p"], row["state"], row["age"]) for row in testcase["patches"]}
    assert rows == {
        "I4": (0, 0.9, "pending", 4),
        "I1": (1, 0.81, "good", 1),
        "I2": (1, 0.81, "good", 2),
        "I3": (1, 0.81, "good", 3),
    }
    assert [(each["patch"], each["state"]) for each in status["overall"]] == [
        ("I1", "good"),
        ("I2", "good"),
        ("I3", "good"),
        ("I4", "pending"),
    ]


def test_a_failed_set_is_told_with_how_many_suspects_are_left_of_how_many(queue: Shell) -> None:
    run = queue.json("next", "linux", "--builder", "tb7")["run"]
    queue("report", run, "fail")
    assert f"run {run}  failed, suspects 3 of 3: I1 I2 I3" in queue("status")[1]
    assert queue.json("status")["testcases"][0]["estimate"]["undecided_suspects"] == 3


@pytest.mark.parametrize("words", [["all"], ["all", "linux"], ["linux", "all"]])
def test_all_among_the_testcases_is_every_one(queue: Shell, words: list[str]) -> None:
    queue("configure", "mac", "--p", "0.8")
    queue("submit", "I9", *(word for name in words for word in ("--testcase", name)))
    assert [row["patch"] for row in queue.json("status")["testcases"][1]["patches"]] == ["I1", "I2", "I3", "I9"]


def test_status_as_text_shows_the_proposal_and_why(queue: Shell) -> None:
    queue("next", "linux", "--builder", "tb7")
    code, out, _ = queue("status")
    assert code == 0
    assert "M 6" in out
    assert "next: optimistic I1 I2 I3" in out
    assert "builder tb7" in out


def test_before_anything_is_configured_there_is_nothing_to_dispatch(tmp_path: Path, capsys: Said) -> None:
    shell = Shell(tmp_path, capsys)
    assert shell.json("status") == {"testcases": [], "overall": [], "conflicts": [], "retired": []}
    code, _, err = shell("next", "linux", "--builder", "tb7")
    assert code == 3
    assert "configure" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["next", "mac", "--builder", "x"], "no testcase 'mac'"),
        (["next", "linux"], "--builder"),
        (["report", "zzzz-1", "pass"], "no run 'zzzz-1'"),
        (["withdraw", "I9"], "no patch 'I9'"),
        (["submit", "I\x1b[2J"], "printable"),
        (["submit", "I\udcff"], "printable"),
        (["withdraw", "I\udcff"], "printable"),
        (["next", "l\udcff", "--builder", "x"], "printable"),
        (["report", "3f41-\udcff", "pass"], "no run"),
        (["submit", "I5", "--testcase", "mac"], "no testcase 'mac'"),
        (["configure", "mac", "--p", "1.0"], "below 1"),
        (["configure", "all", "--p", "0.9"], "stands for every testcase"),
        (["configure", "mac"], "needs --p"),
        (["report", "x", "maybe"], "invalid choice"),
        (["frobnicate"], "invalid choice"),
        (["next", "linux", "--builder", "x", "--as", "  "], "actor"),
    ],
)
def test_what_cannot_be_is_refused_with_exit_2_and_changes_nothing(
    queue: Shell, words: list[str], complaint: str
) -> None:
    before = queue("log")[1]
    code, out, err = queue(*words)
    assert (code, out) == (2, "")
    assert complaint in err
    assert queue("log")[1] == before


def test_a_ledger_that_cannot_be_used_is_exit_3(queue: Shell, tmp_path: Path, capsys: Said) -> None:
    (tmp_path / "notes").write_text("no database " * 100)
    assert main(["queue", "status", "--ledger", str(tmp_path / "notes")]) == 3
    assert "--ledger" in capsys.readouterr().err


HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("words", [("report", "RUN", "pass"), ("next", "linux", "--builder", "tb1"), ("status",)])
def test_a_ledger_that_another_process_keeps_locked_is_said_and_nothing_is_lost(
    queue: Shell, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = queue.json("next", "linux", "--builder", "tb7")["run"]
    words = tuple(run if word == "RUN" else word for word in words)
    before = queue("log")[1]
    monkeypatch.setattr("gateconsole.ledger.store.BUSY_SECONDS", 0.1)
    path = str(queue.root / ".gateconsole" / "ledger.db")
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        code, out, err = queue(*words)
        assert (code, out) == (3, "")
        assert "ledger.db: another process keeps it locked" in err
        other.kill()
    assert queue("log")[1] == before
    assert queue(*words)[0] == 0


def test_without_root_or_ledger_it_says_how_to_name_one(
    tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["queue", "status"]) == 2
    assert "--ledger FILE" in capsys.readouterr().err


def test_read_only_writes_nothing(queue: Shell) -> None:
    code, _, err = queue("next", "linux", "--builder", "tb7", "--read-only")
    assert code == 2
    assert "read-only" in err
    assert queue("status", "--read-only")[0] == 0


def test_who_acts_is_the_flag_else_the_environment(queue: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    queue("hold", "I1", "--as", "mika")
    monkeypatch.setenv("GATECONSOLE_ACTOR", "ada")
    queue("release", "I1")
    actors = [json.loads(line)["actor"] for line in queue("log")[1].splitlines()]
    assert actors[-2:] == ["mika", "ada"]


def test_results_in_artifacts_are_booked_by_status(queue: Shell) -> None:
    run = queue.json("next", "linux", "--builder", "tb7")["run"]
    queue.artifact("r1", outcome="WARN", testcase="linux", patches=["I1", "I2", "I3"], queue_run=run)
    assert {each["state"] for each in queue.json("status")["overall"]} == {"good"}


def test_results_in_artifacts_are_booked_by_next_before_it_decides(queue: Shell) -> None:
    run = queue.json("next", "linux", "--builder", "tb7")["run"]
    queue.artifact("r1", outcome="PASS", testcase="linux", patches=["I1", "I2", "I3"], queue_run=run)
    queue("submit", "I4")
    assert queue.json("next", "linux", "--builder", "tb7")["patches"] == ["I4"]


def test_sync_says_what_it_booked_and_what_was_odd(queue: Shell) -> None:
    run = queue.json("next", "linux", "--builder", "tb7")["run"]
    queue.artifact("r1", outcome="FAIL", testcase="linux", patches=["I3", "I2", "I1"], queue_run=run)
    queue.artifact("r2", outcome="PASS", testcase="linux", patches=["I1"], queue_run="zzzz-1")
    document = queue.json("sync")
    assert document["booked"] == [{"path": "r1/gate_result.json", "run": run, "verdicts": []}]
    assert [(each["path"], each["rule"]) for each in document["odd"]] == [("r2/gate_result.json", "foreign_run")]
    assert queue.json("sync")["booked"] == []


def test_what_review_says_is_a_setting(queue: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATECONSOLE_QUEUE_REVIEW", "pass")
    run = queue.json("next", "linux", "--builder", "tb7")["run"]
    queue.artifact("r1", outcome="REVIEW", testcase="linux", patches=["I1", "I2", "I3"], queue_run=run)
    queue("sync")
    assert {each["state"] for each in queue.json("status")["overall"]} == {"good"}
    monkeypatch.setenv("GATECONSOLE_QUEUE_REVIEW", "perhaps")
    code, _, err = queue("sync")
    assert code == 2
    assert "GATECONSOLE_QUEUE_REVIEW" in err


def test_the_log_comes_back_byte_for_byte(queue: Shell, tmp_path: Path, capsys: Said) -> None:
    run = queue.json("next", "linux", "--builder", "tb7")["run"]
    queue("report", run, "fail")
    log = queue("log")[1]
    (tmp_path / "saved").write_text(log)
    copy = str(tmp_path / "copy.db")
    assert main(["queue", "import", str(tmp_path / "saved"), "--ledger", copy]) == 0
    capsys.readouterr()
    assert main(["queue", "log", "--ledger", copy]) == 0
    assert capsys.readouterr().out == log
    assert main(["queue", "audit", "--ledger", copy]) == 0


def test_the_audit_is_a_finding_when_something_differs(queue: Shell, capsys: Said) -> None:
    import sqlite3

    queue("next", "linux", "--builder", "tb7")
    with sqlite3.connect(queue.root / ".gateconsole" / "ledger.db") as other:
        other.execute("UPDATE claims SET k = 5")
    code, out, _ = queue("audit")
    assert code == 1
    assert out.startswith("claims:")


def test_a_hostile_reason_is_kept_as_printable_text(queue: Shell) -> None:
    assert queue("pause", "--reason", "lunch \x1b[2J\udcff")[0] == 0
    assert queue.json("next", "linux", "--dry-run")["why"] == "paused: lunch \\x1b[2J\\udcff"


def test_adopting_makes_the_estimate_hold(queue: Shell) -> None:
    run = queue.json("next", "linux", "--builder", "tb7")["run"]
    queue("report", run, "pass")
    code, out, err = queue("adopt", "linux")
    assert (code, out) == (0, "0.9231\n")
    assert "linux: p 0.9 -> 0.9231, M 6 -> 8" in err
    assert "linux: p is 0.9231 already, M 8" in queue("adopt", "linux", "--p", "0.9231")[2]
    assert queue.json("status")["testcases"][0]["p_tc"] == 0.9231


def test_configure_warns_where_pooling_cannot_pay(queue: Shell) -> None:
    assert "batching impossible" in queue("configure", "mac", "--p", "0.4")[2]
    assert "pooling does not pay" in queue("configure", "mac", "--p", "0.6")[2]


def test_shared_options_may_stand_before_the_act(queue: Shell, capsys: Said) -> None:
    assert main(["queue", "--root", str(queue.root), "--json", "status"]) == 0
    assert json.loads(capsys.readouterr().out)["testcases"]


def test_next_loads_neither_polars_nor_textual_nor_msgspec(queue: Shell) -> None:
    script = (
        "import sys\nfrom gateconsole.__main__ import main\n"
        f"main(['queue', 'next', 'linux', '--builder', 'tb7', '--root', {str(queue.root)!r}])\n"
        "print(' '.join(sys.modules), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ)
    assert not {"polars", "textual", "rich", "msgspec", "watchfiles"} & set(ended.stderr.split())


def test_the_tables_of_queue_and_whitelist_are_aligned_in_cells_of_a_terminal(tmp_path: Path, capsys: Said) -> None:
    at = ["--root", str(tmp_path)]
    assert main(["queue", "configure", "tc", "--p", "0.9", *at]) == 0
    for reason in ("東京東京", "abc"):
        assert main(["queue", "submit", reason, *at]) == 0
        assert main(["whitelist", "add", reason, "--justification", "why", *at]) == 0
    capsys.readouterr()
    for words, end in ((["queue", "status"], "  20"), (["whitelist", "list"], "  all")):
        assert main([*words, *at]) == 0
        lines = capsys.readouterr().out.splitlines()
        wide, narrow = (next(line for line in lines if name in line) for name in ("東京東京", "abc"))
        assert wide.index(end) + 4 == narrow.index(end)


def test_a_commit_that_was_built_red_gets_no_run_by_the_command(queue: Shell) -> None:
    run = queue.json("next", "linux", "--builder", "tb7", "--base", "c0ffee")["run"]
    queue("report", run, "fail")
    queue("base", run, "fail")
    for more in (("--builder", "tb7"), ("--dry-run",)):
        red = queue.json("next", "linux", "--base", "c0ffee", *more)
        assert (red["run"], red["patches"]) == (None, [])
        assert red["why"].startswith(f"base c0ffee was built after run {run} and failed")
    assert queue.json("next", "linux", "--builder", "tb7", "--base", "c0ffee", "--anyway")["run"]
    assert queue("audit")[0] == 0


def test_testcases_are_renamed_and_retired_by_the_command(queue: Shell) -> None:
    assert queue("rename", "linux", "linux-clang")[0] == 0
    assert "nothing changed: linux was renamed to linux-clang already" in queue("rename", "linux", "linux-clang")[2]
    code, _, err = queue("next", "linux", "--builder", "tb7")
    assert (code, "it was renamed to 'linux-clang'" in err) == (2, True)
    queue("configure", "mac", "--p", "0.9")
    assert queue("retire", "mac", "--reason", "no machine")[0] == 0
    document = queue.json("status")
    assert [each["testcase"] for each in document["testcases"]] == ["linux-clang"]
    assert document["retired"] == ["mac"]
    assert "retired: mac" in queue("status")[1]
    assert [each["retired"] for each in queue.json("status", "--all")["testcases"]] == [None, "no machine"]
    assert queue.json("next", "mac", "--builder", "tb7")["why"] == "retired: no machine"


def test_a_waiting_patch_goes_first_by_the_command(queue: Shell) -> None:
    assert queue("submit", "I3", "--first")[0] == 0
    assert queue.json("next", "linux", "--dry-run")["patches"] == ["I3", "I1", "I2"]
    assert queue.json("submit", "I3", "--first")["changed"] is False


def test_an_artifact_with_the_testcases_name_before_it_was_renamed_is_booked(queue: Shell, tmp_path: Path) -> None:
    given = queue.json("next", "linux", "--builder", "tb7")
    queue("rename", "linux", "linux-clang")
    fields = {"policy_hash": "x", "outcome": "PASS", "unknown_rate": 0, "top_reasons": []}
    fields |= {"queue_run": given["run"], "testcase": "linux", "patches": given["patches"]}
    folder = next(path for path in tmp_path.iterdir() if path.is_dir()) / "r"
    folder.mkdir()
    (folder / "gate_result.json").write_text(json.dumps(fields))
    assert "I1 good, I2 good, I3 good" in queue("sync")[1]


@pytest.mark.parametrize(
    "act",
    [("submit", "I1", "--testcase", "gcc"), ("import", "nonsense.jsonl"), ("configure", "linux", "--p", "7")],
)
def test_an_act_that_was_refused_first_leaves_no_ledger_that_seems_damaged(
    tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch, act: tuple[str, ...]
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    monkeypatch.chdir(tmp_path)
    Path("nonsense.jsonl").write_text("no event\n")
    queue = Shell(root, capsys)
    assert queue(*act)[0] == 2
    queue.artifact("early", outcome="PASS", queue_run="abcd-1", testcase="linux", patches=["I1"])
    for asked, code in (("status", 0), ("sync", 3), ("log", 0), ("audit", 0), ("next", 3), ("report", 3)):
        more = {"next": ("linux", "--builder", "tb"), "report": ("abcd-1", "pass")}.get(asked, ())
        found, _, err = queue(asked, *more)
        assert (found, "cannot be used" in err, "damaged" in err) == (code, False, False), (asked, err)
    assert main(["validate", str(root)]) == 0
    assert "not compared" not in capsys.readouterr().err
    assert queue("configure", "linux", "--p", "0.9")[0] == 0
    assert queue("submit", "I1")[0] == 0
    assert queue.json("status")["testcases"][0]["patches"][0]["patch"] == "I1"
