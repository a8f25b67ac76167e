"""`alerts`, `readiness` and `export` of judgement, as a shell sees them: documents, exit codes, --as-of."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time_ns
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateconsole.__main__ import main
from gateconsole.engine.engine import Options, read_once
from gateconsole.judgement import operator_acts
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.location import default_ledger
from gateconsole.ledger.store import Ledger
from gateconsole.text import iso_time
from tests.unit.test_asof import START, at, put, truncated

Said = pytest.CaptureFixture[str]
LATE = 58


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """45 quiet runs, a minute apart, then 15 spikes, four of them FAIL; the current folder is another, empty one."""
    root, here = tmp_path / "root", tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for minute in range(60):
        fields = {"outcome": "FAIL", "stratum": "pinned"} if minute in {46, 50, 51, 52} else {}
        put(root, f"run-{minute}", minute, 0.5 if minute >= 45 else 0.02, **fields)
    return root


def run(capsys: Said, *words: str | Path) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    said = capsys.readouterr()
    return code, said.out, said.err


def document(capsys: Said, *words: str | Path) -> Any:
    code, out, _ = run(capsys, *words)
    assert code == 0
    return json.loads(out)


def time(minute: int) -> str:
    return iso_time(at(minute))


def ack(root: Path, minute: int) -> None:
    """Somebody acknowledges the alert as it is now."""
    seen = read_once(Options(root))
    firing = next(alert for alert in seen.alerts if alert.class_name == "x")
    last_run = seen.spikes["p"].last_run
    assert last_run is not None
    ledger = Ledger.for_writing(default_ledger(root))
    operator_acts.acknowledge(ledger, firing, last_run, Actor(at(minute), "mika"))
    ledger.close()


# documents

TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
TEXT, NUMBER, COUNT = {"type": "string"}, {"type": "number"}, {"type": "integer", "minimum": 0}
FLAG = {"type": "boolean"}


def maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def exactly(**fields: dict[str, Any]) -> dict[str, Any]:
    """An object with these fields and no other."""
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def rows(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema}


ASSOCIATION = exactly(
    **dict.fromkeys(("n", "both", "spike_only", "fail_only", "neither"), COUNT),
    **dict.fromkeys(("difference", "difference_lower", "difference_upper"), maybe(NUMBER)),
    **dict.fromkeys(("ratio", "ratio_lower", "ratio_upper", "phi", "p_adjusted"), maybe(NUMBER)),
    p=NUMBER,
    words=TEXT,
)
ALERT = exactly(
    policy_hash=maybe(TEXT),
    **{"class": TEXT},
    state={"enum": ["firing", "acknowledged", "pending", "no data", "resolved"]},
    rule=TEXT,
    **dict.fromkeys(("cut", "peak"), maybe(NUMBER)),
    **dict.fromkeys(("spikes", "fails"), COUNT),
    **dict.fromkeys(("first_run", "last_run", "by"), maybe(TEXT)),
    **dict.fromkeys(("first_time", "last_time", "until", "no_run_since"), maybe(TIME)),
    listed=FLAG,
    provisional=FLAG,
    fail_association=maybe(ASSOCIATION),
)
ALERTS = exactly(schema={"const": 1}, as_of=TIME, whitelist=TEXT, nothing_found=FLAG, alerts=rows(ALERT))

CHECK = exactly(
    name=TEXT,
    **dict.fromkeys(("value", "lower", "upper", "limit"), maybe(NUMBER)),
    **dict.fromkeys(("runs", "n"), COUNT),
    relation={"enum": [">=", "<", "<="]},
    state={"enum": ["met", "not met", "too few", "not applicable"]},
    sure=FLAG,
    source={"enum": ["seed", "default", "setting"]},
)
BACKTEST = exactly(
    stratum={"enum": ["all", "pinned", "unpinned", "(none)"]},
    with_whitelist=FLAG,
    cut=NUMBER,
    **dict.fromkeys(("n", "without_rate"), COUNT),
    **dict.fromkeys([f"outcome_{word}" for word in ("PASS", "WARN", "REVIEW", "FAIL", "BLOCK")], COUNT),
)
POLICY = {
    "type": "object",
    "required": ["policy_hash", "verdict", "rows", "backtest", "proposals", "sweep", "false_alarms", "risks"],
    "properties": {
        "policy_hash": TEXT,
        "verdict": {"enum": ["ready", "not ready", "too few"]},
        "rows": {"type": "array", "items": CHECK, "minItems": 7, "maxItems": 7},
        "backtest": rows(BACKTEST),
    },
}
READINESS = {
    "type": "object",
    "required": ["schema", "as_of", "whitelist", "policies", "versions"],
    "properties": {"schema": {"const": 1}, "as_of": TIME, "policies": rows(POLICY)},
}


def test_the_document_of_alerts_has_its_shape(capsys: Said, night: Path, samples: Path) -> None:
    for root in (night, samples):
        found = document(capsys, "alerts", root, "--json")
        Draft202012Validator(ALERTS).validate(found)
        assert found["alerts"]


def test_the_document_of_readiness_has_its_shape(capsys: Said, night: Path, samples: Path) -> None:
    for root in (night, samples):
        found = document(capsys, "readiness", root, "--json")
        Draft202012Validator(READINESS).validate(found)
        assert found["policies"]


def test_an_alert_says_what_fires_since_when_and_how_it_goes_with_fail(capsys: Said, night: Path) -> None:
    (silent, found) = document(capsys, "alerts", night, "--json")["alerts"]
    assert (silent["policy_hash"], silent["class"], silent["fail_association"]) == (None, "(silence)", None)
    assert (found["policy_hash"], found["class"], found["state"]) == ("p", "x", "firing")
    assert (found["first_run"], found["last_time"], found["peak"]) == ("run-0", time(59), 0.5)
    assert found["fail_association"]["both"] == 4


def test_what_operators_did_stands_beside_the_alert(capsys: Said, night: Path) -> None:
    ack(night, 61)
    found = document(capsys, "alerts", night, "--json")["alerts"][1]
    assert (found["state"], found["by"], found["until"]) == ("acknowledged", "mika", None)


def test_the_document_is_as_of_now_unless_it_is_said(capsys: Said, night: Path) -> None:
    told = document(capsys, "alerts", night, "--json")["as_of"]
    assert abs(datetime.fromisoformat(told) - datetime.now(UTC)) < timedelta(hours=1)
    assert document(capsys, "alerts", night, "--json", "--as-of", time(50))["as_of"] == time(50)


# text


def test_alerts_are_a_readable_table(capsys: Said, night: Path) -> None:
    ack(night, 61)
    code, out, err = run(capsys, "alerts", night, "--as-of", time(62))
    head, columns, line, count = out.splitlines()
    assert (code, err) == (0, "")
    assert head == f"as of {time(62)}, by the whitelist as it is today"
    assert columns.split()[:4] == ["STATE", "POLICY", "CLASS", "RULE"]
    assert line.split()[:3] == ["acknowledged", "p", "x"]
    assert count == "1 acknowledged"


def test_without_any_alert_it_says_so(capsys: Said, night: Path) -> None:
    shown = run(capsys, "alerts", night, "--as-of", time(-5))[1].splitlines()[1:]
    assert (shown[0], shown[-1]) == ("nothing found: there is no run", "1 firing without evidence")
    assert "no run yet" in shown[2]
    put(night / "calm", "run-0", 0, 0.0)
    assert run(capsys, "alerts", night / "calm", "--as-of", time(0))[1].splitlines()[1:] == [
        "no alert ever fired or is pending"
    ]


def test_readiness_is_readable(capsys: Said, night: Path) -> None:
    out = run(capsys, "readiness", night)[1]
    assert "p: not ready (2 of 5)" in out
    assert "  unknown runs                          100 %  < 10 %   60 of 60" in out
    assert "proposed cut, p95-based: 0.5000" in out
    assert "mini-backtest at the p95-based cut 0.5000" in out


def test_hostile_text_stays_on_its_line(capsys: Said, tmp_path: Path) -> None:
    evil = "x\x1b[31m\n\u202e"
    for minute in range(3):
        put(tmp_path, f"run-{minute}", minute, 0.9, policy_hash=evil, top_reasons=[evil])
    for command in ("alerts", "readiness"):
        out = run(capsys, command, tmp_path)[1]
        assert "x\\x1b[31m\\x0a\\u202e" in out
        assert not set(out) & {"\x1b", "\u202e"}


def test_rejected_artifacts_are_said_on_stderr(capsys: Said, night: Path) -> None:
    (night / "bad").mkdir()
    (night / "bad" / "gate_result.json").write_text("[]")
    for command in ("alerts", "readiness"):
        code, _, err = run(capsys, command, night, "--json")
        assert (code, err) == (0, "gateconsole: 1 rejected (why: gateconsole validate ROOT)\n")


# exit codes


def test_a_firing_alert_is_a_finding_only_when_asked(capsys: Said, night: Path) -> None:
    assert run(capsys, "alerts", night)[0] == 0
    assert run(capsys, "alerts", night, "--fail-on", "firing")[0] == 1


def test_silence_is_a_finding_of_its_own(capsys: Said, night: Path) -> None:
    early = ["--as-of", time(20)]
    assert run(capsys, "alerts", night, "--fail-on", "silence")[0] == 1
    assert run(capsys, "alerts", night, "--fail-on", "silence", *early)[0] == 0
    late = ["--as-of", time(60 * 24 * 30)]
    (night / "unknown_whitelist.json").write_text('["x"]')
    assert run(capsys, "alerts", night, "--fail-on", "firing", *late)[0] == 0
    assert run(capsys, "alerts", night, "--fail-on", "firing", "--fail-on", "silence", *late)[0] == 1


def test_an_acknowledged_alert_is_no_finding_until_it_gets_worse(capsys: Said, night: Path) -> None:
    ack(night, 61)
    assert run(capsys, "alerts", night, "--fail-on", "firing")[0] == 0
    put(night, "run-60", 60, 0.5, outcome="BLOCK")
    assert run(capsys, "alerts", night, "--fail-on", "firing")[0] == 1


def test_a_listed_alert_is_no_finding(capsys: Said, night: Path) -> None:
    (night / "unknown_whitelist.json").write_text('["x"]')
    assert run(capsys, "alerts", night, "--fail-on", "firing")[0] == 0


def test_a_provisional_alert_is_no_finding(capsys: Said, tmp_path: Path) -> None:
    for minute in range(5):
        put(tmp_path, f"run-{minute}", minute, 0.9)
    found = document(capsys, "alerts", tmp_path, "--json", "--as-of", time(5))["alerts"]
    assert [(one["state"], one["provisional"]) for one in found] == [("firing", True)]
    assert run(capsys, "alerts", tmp_path, "--fail-on", "firing", "--as-of", time(5))[0] == 0


def test_a_policy_that_is_not_ready_is_a_finding_only_when_asked(capsys: Said, night: Path) -> None:
    assert run(capsys, "readiness", night)[0] == 0
    assert run(capsys, "readiness", night, "--fail-on", "not-ready")[0] == 1


def test_too_few_runs_are_a_finding_of_their_own(capsys: Said, tmp_path: Path) -> None:
    put(tmp_path, "run-1", 1, 0.0, outcome="PASS")
    assert document(capsys, "readiness", tmp_path, "--json")["policies"][0]["verdict"] == "too few"
    assert run(capsys, "readiness", tmp_path, "--fail-on", "not-ready")[0] == 0
    assert run(capsys, "readiness", tmp_path, "--fail-on", "too-few")[0] == 1


def test_limits_of_the_settings_decide(capsys: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "root", "run-1", 1, 0.0, outcome="PASS")
    monkeypatch.setenv("GATECONSOLE_READY_RUNS", "1")
    assert document(capsys, "readiness", tmp_path / "root", "--json")["policies"][0]["verdict"] == "ready"


def test_rules_of_the_settings_decide(capsys: Said, night: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATECONSOLE_SPIKE_STATISTIC", "median*40")
    monkeypatch.setenv("GATECONSOLE_SILENCE", "9999d")
    assert document(capsys, "alerts", night, "--json", "--as-of", time(60))["alerts"][0]["state"] == "resolved"


def test_a_ledger_that_cannot_be_read_is_exit_3(capsys: Said, night: Path) -> None:
    file = default_ledger(night)
    file.parent.mkdir()
    file.write_bytes(b"no database at all, but long enough to be looked at" * 40)
    for words in (["alerts"], ["readiness"], ["alerts", "--as-of", time(50)]):
        code, out, err = run(capsys, words[0], night, *words[1:])
        assert (code, out) == (3, "")
        assert "is no ledger: move it away" in err
    assert run(capsys, "export", night, "spikes", "-o", "-")[0] == 3
    assert run(capsys, "export", night, "runs", "-o", "-")[0] == 0


def test_a_rollup_does_not_tell_judgement_without_a_ledger_that_is_there(capsys: Said, night: Path) -> None:
    file = default_ledger(night)
    file.parent.mkdir()
    file.write_bytes(b"no database at all, but long enough to be looked at" * 40)
    code, _, err = run(capsys, "rollup", night, "-o", night / "out")
    assert code == 3
    assert "is no ledger: move it away" in err
    assert not (night / "out").exists()


def test_a_root_that_is_not_there_is_exit_3(capsys: Said, tmp_path: Path) -> None:
    for command in ("alerts", "readiness"):
        assert run(capsys, command, tmp_path / "gone")[0] == 3


@pytest.mark.parametrize("command", ["alerts", "readiness", "export"])
def test_a_time_that_is_none_is_refused(capsys: Said, night: Path, command: str) -> None:
    code, _, err = run(capsys, command, night, "--as-of", "noon")
    assert code == 2
    assert "--as-of noon: expected ISO 8601 such as 2026-03-01T00:00:00Z" in err


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", ""])
def test_a_time_outside_the_calendar_is_refused(capsys: Said, night: Path, text: str) -> None:
    code, _, err = run(capsys, "alerts", night, "--as-of", text)
    assert code == 2
    assert f"--as-of {text}: expected ISO 8601 such as 2026-03-01T00:00:00Z" in err


# --as-of


@pytest.mark.parametrize("minute", [20, 46, 49, LATE])
@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.parametrize("command", ["alerts", "readiness"])
def test_it_tells_what_a_truncated_root_tells(
    capsys: Said, night: Path, tmp_path: Path, command: str, form: list[str], minute: int
) -> None:
    ack(night, LATE)
    short = truncated(night, minute, tmp_path / "short")
    words = [*form, "--as-of", time(minute)]
    assert run(capsys, command, night, *words) == run(capsys, command, short, *words)


def test_equal_times_give_equal_bytes_whatever_happened_later(capsys: Said, night: Path) -> None:
    words = ["--json", "--as-of", time(50)]
    before = [run(capsys, command, night, *words)[1] for command in ("alerts", "readiness")]
    put(night, "run-60", 60, 0.9, outcome="BLOCK")
    ack(night, 61)
    assert [run(capsys, command, night, *words)[1] for command in ("alerts", "readiness")] == before


def test_undated_runs_are_there_at_every_time_and_that_is_said(capsys: Said, night: Path) -> None:
    put(night, "undated", None, 0.9)
    _, out, err = run(capsys, "readiness", night, "--json", "--as-of", time(59))
    assert json.loads(out)["policies"][0]["rows"][0]["n"] == 61
    assert "1 run without a timestamp is counted at every time" in err


def test_export_tells_every_table_as_of_a_time(capsys: Said, night: Path) -> None:
    code, _, err = run(capsys, "export", night, "-o", "out", "--as-of", time(46))
    assert code == 0
    assert "rejected is left out: it has no history" in err
    assert not Path("out/rejected.csv").exists()
    spikes = Path("out/spikes.csv").read_text().splitlines()
    assert spikes[-1].startswith(f"p,run-46,{time(46)},pinned,FAIL,0.5,0.02,p95 of 46 = 0.0200,x")
    assert len(Path("out/runs.csv").read_text().splitlines()) == 48
    (policy, *_) = Path("out/policies.csv").read_text().splitlines()[1:]
    assert policy.startswith("p,all,47,47,0.02,0.02,0.02,0.5,")
    assert Path("out/classes.csv").read_text().splitlines()[1].startswith("p,x,47,47,1.0,")
    assert Path("out/alerts.csv").read_text().splitlines()[1].startswith(f"{time(46)},p,x,pending,")
    assert "p,not ready,valid runs,47," in Path("out/readiness.csv").read_text()


@pytest.mark.parametrize("table", ["runs", "policies", "classes", "spikes", "readiness", "alerts", "whitelist"])
@pytest.mark.parametrize("form", ["csv", "json", "md"])
def test_a_table_as_of_a_time_is_that_of_a_root_that_ends_there(
    capsys: Said, night: Path, tmp_path: Path, table: str, form: str
) -> None:
    for root in (night, tmp_path / "then"):
        put(root, "again", 50, 0.7, run_id="run-40")  # another run of an id that is there: later the one that counts
        put(root, "ahead", 60 * 24 * 365 * 99, 0.7)
        (root / "unknown_whitelist.json").write_text('[{"reason": "x", "expires_at": "2026-12-31"}]')
    for minute in range(47):
        fields = {"outcome": "FAIL", "stratum": "pinned"} if minute == 46 else {}
        put(tmp_path / "then", f"run-{minute}", minute, 0.5 if minute >= 45 else 0.02, **fields)
    (tmp_path / "then" / "again" / "gate_result.json").unlink()
    (tmp_path / "then" / "ahead" / "gate_result.json").unlink()
    words = ["export", "-o", "-", "--format", form, "--as-of", time(46), table]
    assert run(capsys, words[0], night, *words[1:])[1] == run(capsys, words[0], tmp_path / "then", *words[1:])[1]
    plain = [word for word in words if word not in {"--as-of", time(46)}]
    if table in {"runs", "policies", "classes", "spikes", "readiness"}:
        assert run(capsys, "export", night, *words[1:])[1] == run(capsys, "export", tmp_path / "then", *plain[1:])[1]


def test_export_refuses_a_time_for_a_table_without_a_history(capsys: Said, night: Path) -> None:
    code, out, err = run(capsys, "export", night, "runs", "rejected", "--as-of", time(46))
    assert (code, out) == (2, "")
    assert "--as-of: rejected has no history: a file says no time, and what was rejected then is not kept; runs," in err
    assert "queue and whitelist take a time" in err
    assert not os.listdir()


def test_the_alerts_of_export_carry_the_time_they_are_told_for(capsys: Said, night: Path) -> None:
    for form in ("csv", "json", "md"):
        out = run(capsys, "export", night, "alerts", "-o", "-", "--format", form, "--as-of", time(50))[1]
        assert time(50) in out


# the rollup


def rollup(root: Path, out: str) -> bytes:
    assert main(["rollup", str(root), "-o", out]) == 0
    return Path(out, "rollout_series_v1.md").read_bytes()


def test_the_report_does_not_hang_on_acts_that_hang_on_the_time(night: Path) -> None:
    before = rollup(night, "before")
    ack(night, 61)
    assert rollup(night, "after") == before


def test_the_report_counts_verdicts_and_adopted_levels_and_says_so(night: Path) -> None:
    seen = read_once(Options(night))
    firing, last_run = next(one for one in seen.alerts if one.class_name == "x"), seen.spikes["p"].last_run
    assert last_run is not None
    ledger, when = Ledger.for_writing(default_ledger(night)), Actor(at(61), "mika")
    operator_acts.judge(ledger, ("run-48", None, "p", None), "rejected", when)
    operator_acts.adopt(ledger, firing, last_run, when)
    ledger.close()
    written = " ".join(rollup(night, "out").decode().split())
    assert "verdicts on alarms (1) and adopted levels (1)" in written
    assert "| 100 % (1 of 1) |" in written
    assert "p95 of 60 = 0.5000" in written


def test_a_report_caps_spikes_and_says_how_many_there_are(night: Path) -> None:
    for minute in range(60, 100):
        put(night, f"run-{minute}", minute, 0.9)
    seen = read_once(Options(night)).spikes["p"].n_spikes
    assert seen > 40
    assert (
        f"40 of {seen} spikes of `p`, the last: `gateconsole export ROOT spikes` has all."
        in rollup(night, "out").decode()
    )


def test_nothing_is_written_to_the_root_by_looking(capsys: Said, night: Path) -> None:
    before = sorted(path for path, _, _ in os.walk(night))
    for command in ("alerts", "readiness"):
        run(capsys, command, night, "--as-of", time(50))
    assert sorted(path for path, _, _ in os.walk(night)) == before


def test_the_ledger_is_only_read(capsys: Said, night: Path) -> None:
    ack(night, 61)
    file = default_ledger(night)
    before = file.read_bytes()
    for command in ("alerts", "readiness"):
        run(capsys, command, night, "--as-of", time(50))
    assert file.read_bytes() == before
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM events WHERE kind = 'alert_notified'").fetchone() == (0,)


def test_times_before_the_calendar_are_refused_and_far_ones_are_not(capsys: Said, night: Path) -> None:
    assert run(capsys, "alerts", night, "--as-of", "9999-12-31T23:59:59Z")[0] == 0
    assert run(capsys, "alerts", night, "--as-of", "0000-01-01")[0] == 2
    assert at(1) > START


def test_another_ledger_can_be_named(capsys: Said, night: Path) -> None:
    ack(night, 61)
    Path("elsewhere.db").write_bytes(default_ledger(night).read_bytes())
    default_ledger(night).unlink()
    asked: tuple[str | Path, ...] = ("alerts", night, "--json", "--as-of", time(61))
    states = [document(capsys, *asked, *more)["alerts"][0]["state"] for more in ([], ["--ledger", "elsewhere.db"])]
    assert states == ["firing", "acknowledged"]


# No evidence never reads as green.


def empty(root: Path) -> None:
    root.mkdir()


def misnamed(root: Path) -> None:
    for name in ("Gate_Result.json", "gate-result.json"):
        (root / "run-1").mkdir(parents=True, exist_ok=True)
        (root / "run-1" / name).write_text(
            '{"policy_hash": "p", "outcome": "FAIL", "unknown_rate": 1, "top_reasons": []}'
        )


def utf16(root: Path) -> None:
    (root / "run-1").mkdir(parents=True)
    text = '{"policy_hash": "p", "outcome": "FAIL", "unknown_rate": 1, "top_reasons": []}'
    (root / "run-1" / "gate_result.json").write_bytes(text.encode("utf-16"))


@pytest.mark.parametrize("made", [empty, misnamed, utf16])
def test_a_root_without_any_run_is_silent_and_too_few_and_says_nothing_found(
    capsys: Said, tmp_path: Path, made: Callable[[Path], None]
) -> None:
    root = tmp_path / "root"
    made(root)
    assert run(capsys, "alerts", root, "--fail-on", "firing")[0] == 0
    code, out, err = run(capsys, "alerts", root, "--fail-on", "silence")
    assert (code, "nothing found" in out, "no run yet" in out, "nothing found" in err) == (1, True, True, True)
    code, out, _ = run(capsys, "readiness", root, "--fail-on", "too-few")
    assert (code, "nothing found" in out) == (1, True)
    assert run(capsys, "readiness", root, "--fail-on", "not-ready")[0] == 0
    found = document(capsys, "readiness", root, "--json")
    assert (found["nothing_found"], found["verdict"]) == (True, "too few")
    found = document(capsys, "alerts", root, "--json")
    assert (found["nothing_found"], found["alerts"][0]["class"]) == (True, "(silence)")
    assert run(capsys, "watch", root)[1].startswith("nothing found: ")
    told = "2 files with almost the name gate_result.json, never read: run-1/Gate_Result.json"
    assert (told in run(capsys, "watch", root)[2]) == (made is misnamed)


@pytest.mark.parametrize("rate", ["12 %", "0.12", None, 12])
def test_a_policy_whose_rates_have_become_something_else_is_told(capsys: Said, tmp_path: Path, rate: object) -> None:
    for minute in range(45):
        put(tmp_path, f"run-{minute}", minute, 0.005)
    for minute in range(45, 49):
        put(tmp_path, f"run-{minute}", minute, 0.5, unknown_rate=rate)
    blind = ("alerts", tmp_path, "--as-of", time(50), "--fail-on")
    assert run(capsys, *blind, "silence")[0] == 0
    put(tmp_path, "run-49", 49, 0.5, unknown_rate=rate)
    assert run(capsys, *blind, "firing")[0] == 0
    assert run(capsys, *blind, "silence")[0] == 1
    assert run(capsys, *blind, "firing")[1].endswith("\n1 firing without evidence\n")
    (row,) = document(capsys, "alerts", tmp_path, "--json", "--as-of", time(50))["alerts"]
    assert (row["policy_hash"], row["class"], row["last_run"]) == ("p", "(no rate)", "run-44")
    assert row["rule"] == "no usable rate in the last 5 runs or more"
    put(tmp_path, "run-50", 50, 0.005)
    assert run(capsys, *blind, "silence")[0] == 0


def test_a_burning_policy_fires_however_many_runs_of_others_and_days_have_come(capsys: Said, night: Path) -> None:
    for minute in range(60, 160):
        put(night, f"other-{minute}", minute, 0.0, policy_hash=f"q{minute % 60}")
    code, out, _ = run(capsys, "alerts", night, "--fail-on", "firing", "--as-of", time(160))
    assert (code, "no run since" in out) == (1, False)
    code, out, _ = run(capsys, "alerts", night, "--fail-on", "firing", "--as-of", time(60 * 24 * 2))
    assert code == 1
    assert "firing (no run since " in out
    found = document(capsys, "alerts", night, "--json", "--as-of", time(60 * 24 * 2))["alerts"]
    assert [(one["class"], one["state"], one["no_run_since"]) for one in found[:2]] == [
        ("(silence)", "firing", None),
        ("x", "firing", time(59)),
    ]


def test_a_root_whose_runs_are_all_ahead_of_the_clock_is_silent_as_it_is_by_as_of(capsys: Said, tmp_path: Path) -> None:
    ahead = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for number in range(5):
        put(tmp_path, f"run-{number}", number, 0.5, outcome="FAIL", timestamp=ahead)
    live = run(capsys, "alerts", tmp_path, "--fail-on", "silence")
    then = run(capsys, "alerts", tmp_path, "--fail-on", "silence", "--as-of", iso_time(time_ns() // 1000))
    assert (live[0], then[0]) == (1, 1)
    assert "(silence)  no run yet" in live[1]
    assert live[1].splitlines()[-1] == then[1].splitlines()[-1] == "1 firing without evidence"
    put(tmp_path, "undated", 0, 0.0, timestamp=None)
    assert run(capsys, "alerts", tmp_path, "--fail-on", "silence")[0] == 0
