"""Jobs of a matrix share run id, policy and stratum (rule G6): whatever names a run names its job too."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateconsole.artifacts.decode import decode
from gateconsole.engine.as_of import as_of
from gateconsole.engine.engine import Options, read_once
from gateconsole.judgement import operator_acts
from gateconsole.judgement.false_positives import Share
from gateconsole.judgement.operator_acts import Acts, claim_notification
from gateconsole.ledger.actor import Actor
from gateconsole.ledger.store import Ledger
from gateconsole.model import EMPTY, Run
from gateconsole.notifications.news import News, message
from gateconsole.policy_review import review
from gateconsole.query import Query, parse
from gateconsole.reports.comment import comment
from gateconsole.rows.alerts import AlertDetails, listed_alerts
from gateconsole.rows.judgement import judgement_of
from gateconsole.rows.policies import matching_policies
from gateconsole.rows.runs import run_rows
from gateconsole.rows.sorts import RunRow
from gateconsole.snapshot import Snapshot
from gateconsole.tui.alerts.plain import alert_page
from gateconsole.tui.policies.alert_marks import judged_runs
from gateconsole.tui.runs.detail_text import run_facts
from gateconsole.tui.runs.judgement_text import judged_facts
from gateconsole.tui.runs.plain import run_row
from gateconsole.tui.theme.paint import Painter
from gateconsole.tui.theme.themes import load_theme
from tests.tools.exported import csv_rows, json_rows

MINUTE = 60_000_000
START = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()) * 1_000_000
RUNS = 50
JOBS = (None, "debian", "fedora")
"""In the order in which they end: every run of one before any of the next."""
SPIKED = ("47", "48", "49")
"""Runs of which the job fedora, and no other, is a spike."""


def at(minute: int) -> int:
    return START + minute * MINUTE


def put(root: Path, run: int, job: str | None, /, **fields: object) -> None:
    """The artifact of a job of a run."""
    folder = root / f"{run}-{job}"
    folder.mkdir(parents=True)
    stamp = datetime.fromtimestamp(at(JOBS.index(job) * RUNS + run) / 1e6, UTC).isoformat()
    spike = job == "fedora" and str(run) in SPIKED
    document = {
        "run_id": str(run),
        "policy_hash": "p",
        "timestamp": stamp,
        "outcome": "WARN" if spike else "PASS",
        "unknown_rate": 0.5 if spike else 0.0,
        "top_reasons": ["x"],
        **({} if job is None else {"job": job, "attempt": 2}),
        **fields,
    }
    (folder / "gate_result.json").write_text(json.dumps(document))


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    """Three jobs a run: two that name themselves, one that does not."""
    root = tmp_path / "root"
    for run in range(RUNS):
        for job in JOBS:
            put(root, run, job)
    return root


@pytest.fixture
def seen(matrix: Path) -> Snapshot:
    return as_of(read_once(Options(matrix)), at(RUNS * len(JOBS)), Acts())


def ledger_of(root: Path) -> Path:
    return root.parent / "ledger.db"


def judge(root: Path, run: str, job: str | None, word: str | None) -> str:
    """The event of a verdict on a run."""
    ledger = Ledger.for_writing(ledger_of(root))
    event = operator_acts.judge(ledger, (run, job, "p", None), word, Actor(at(200), "mika"))  # type: ignore[arg-type]
    ledger.close()
    return event


def acted(root: Path, snapshot: Snapshot) -> Snapshot:
    """The Snapshot with what the ledger says."""
    ledger = Ledger.for_reading(ledger_of(root))
    assert ledger is not None
    found = operator_acts.replay_acts(ledger.events())
    ledger.close()
    return replace(snapshot, acts=found)


def row_of(snapshot: Snapshot, run: str, job: str | None) -> RunRow:
    rows = run_rows(snapshot).rows(0, 1000)
    return next(row for row in rows if (row.run_id, row.job) == (run, job))


def words(lines: list[tuple[tuple[str, str], ...]]) -> str:
    return " ".join(" ".join("".join(text for text, _ in parts) for parts in lines).split())


def detail(snapshot: Snapshot, run: str, job: str | None) -> str:
    """What the detail of a run says of its judgement and of itself."""
    row, paint = row_of(snapshot, run, job), Painter(load_theme("gate-dark"))
    judged = judged_facts(paint, row, snapshot, 100, judged=judgement_of(snapshot, row), queue_run="")
    return words(run_facts(paint, row, None, snapshot.whitelist, 100, judged=judged))


def asked(text: str) -> Query:
    query = parse(text)
    assert isinstance(query, Query)
    return query


# verdicts


def false_positives(snapshot: Snapshot) -> Share:
    found = review(snapshot, "p")
    assert found is not None
    return found.false_alarms.false_positives


def test_a_verdict_counts_for_one_job_and_is_taken_back_and_undone_for_that_one(matrix: Path, seen: Snapshot) -> None:
    for job in JOBS:  # all three are alarms
        put(matrix, RUNS, job, outcome="REVIEW")
    snapshot = read_once(Options(matrix))
    judge(matrix, str(RUNS), "debian", "rejected")
    assert false_positives(acted(matrix, snapshot)) == Share(1, 1)
    event = judge(matrix, str(RUNS), "fedora", "accepted")
    judge(matrix, str(RUNS), None, "rejected")
    assert false_positives(acted(matrix, snapshot)) == Share(2, 3)
    ledger = Ledger.for_writing(ledger_of(matrix))
    operator_acts.undo(ledger, event, Actor(at(200), "mika"))
    ledger.close()
    judge(matrix, str(RUNS), None, None)
    told = acted(matrix, snapshot)
    assert false_positives(told) == Share(1, 1)
    assert told.acts is not None and set(told.acts.verdicts) == {(str(RUNS), "debian", "p", None)}
    assert "verdict rejected by mika" in detail(told, str(RUNS), "debian")
    assert "verdict unjudged" in detail(told, str(RUNS), "fedora")
    assert "verdict unjudged" in detail(told, str(RUNS), None)


def test_a_verdict_of_before_is_about_the_run_without_a_job_and_its_jobs_say_so(matrix: Path, seen: Snapshot) -> None:
    judge(matrix, "1", None, "accepted")  # makes the ledger
    raw = sqlite3.connect(ledger_of(matrix))
    payload = '{"run_id":"48","policy_hash":"p","stratum":null,"verdict":"rejected"}'
    (last,) = raw.execute("SELECT max(seq) FROM events").fetchone()
    raw.execute("INSERT INTO events VALUES (?, 'old', 1, 'ada', 'alarm_judged', 1, ?)", (last + 1, payload))
    raw.commit()
    raw.close()
    told = acted(matrix, seen)
    assert told.acts is not None and told.acts.verdicts["48", None, "p", None].word == "rejected"
    assert false_positives(told) == Share(0, 0)
    assert "verdict unjudged; rejected by ada names the run id without a job" in detail(told, "48", "fedora")
    assert "no alarm" not in detail(told, "48", None)


def test_an_alert_shows_the_verdict_of_the_job_that_was_the_spike(matrix: Path, seen: Snapshot) -> None:
    judge(matrix, "48", "debian", "accepted")
    judge(matrix, "49", "fedora", "rejected")
    found = AlertDetails().look((acted(matrix, seen), ("p", "x")))
    assert found is not None
    rows = [(row.spike.run.run_id, row.job, row.verdict and row.verdict.word) for row in found.spikes]
    assert rows == [("49", "fedora", "rejected"), ("48", "fedora", None), ("47", "fedora", None)]
    page = " ".join("\n".join(alert_page(Painter(load_theme("gate-dark")), found, seen)).split())
    assert "at 49 (fedora)" in page and "48 (fedora)" in page


def test_what_broke_an_act_is_named_with_its_job(matrix: Path, seen: Snapshot) -> None:
    (alert,) = seen.alerts
    last_run = seen.spikes["p"].last_run
    assert last_run is not None
    ledger = Ledger.for_writing(ledger_of(matrix))
    operator_acts.acknowledge(ledger, alert, last_run, Actor(at(150), "mika"))
    ledger.close()
    stamp = datetime.fromtimestamp(at(160) / 1e6, UTC).isoformat()
    put(matrix, RUNS, "fedora", timestamp=stamp, unknown_rate=0.5, outcome="FAIL")
    told = acted(matrix, read_once(Options(matrix)))
    assert told.acts is not None
    now = as_of(told, at(161), told.acts)
    (woken,) = now.alerts
    assert woken.occasion == ("p", "x", "broken", "50", "", "job fedora")
    assert message((woken,)).endswith("woken by 50 (fedora)")
    found = AlertDetails().look((now, ("p", "x")))
    assert found is not None
    page = " ".join("\n".join(alert_page(Painter(load_theme("gate-dark")), found, now)).split())
    assert "broken by 50 (fedora)" in page


# marks and judgement


def test_the_chart_marks_the_job_that_was_the_spike(seen: Snapshot) -> None:
    (policy,) = seen.policies
    judged = judged_runs(policy, seen.spikes["p"])
    assert judged is not None
    assert judged.spikes == {f"{run}-fedora" for run in SPIKED}
    assert [run.run_id for run in policy.recent if run.folder in judged.spikes] == list(SPIKED)


def test_only_the_job_that_fired_the_alert_says_that_it_fired_here(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for run in range(RUNS):
        for job in JOBS:
            high = job != "debian" and str(run) in SPIKED
            stamp = datetime.fromtimestamp(at(run * len(JOBS) + JOBS.index(job)) / 1e6, UTC).isoformat()
            put(root, run, job, timestamp=stamp, unknown_rate=0.5 if high else 0.0)
    snapshot = as_of(read_once(Options(root)), at(RUNS * len(JOBS)), Acts())
    (alert,) = snapshot.alerts
    assert alert.episode is not None
    (firing, job) = (alert.episode.fired.run_id, alert.job)
    other = next(each for each in ("fedora", None) if each != job)
    assert "it fired here" in detail(snapshot, firing, job)
    assert f"fired at {firing}" in detail(snapshot, firing, other)


# what was told


def test_what_was_told_of_another_job_of_the_run_is_not_told_already(matrix: Path, seen: Snapshot) -> None:
    (alert,) = seen.alerts
    assert alert.loud and alert.occasion == ("p", "x", "fired", "49", "", "job fedora")
    for job, news in (("debian", True), ("fedora", False)):
        path = matrix.parent / f"{job}.db"
        ledger = Ledger.for_writing(path)
        assert claim_notification(ledger, (*alert.occasion[:-1], f"job {job}"), Actor(at(200), "mika"))
        told = replace(seen, acts=operator_acts.replay_acts(ledger.events()))
        ledger.close()
        console = News()
        console.look(replace(told, alerts=()), 0.0)
        console.look(told, 1.0)
        assert [one.key for one in console.take(100.0)] == ([("p", "x")] if news else [])


def test_an_occasion_of_another_job_that_fires_no_more_does_not_vanish_with_this_one(
    matrix: Path, seen: Snapshot
) -> None:
    (alert,) = seen.alerts
    ledger = Ledger.for_writing(ledger_of(matrix))
    gone = ("p", "x", "fired", "48", "", "job debian")  # no spike, so that nothing can be told of it
    early = ("p", "x", "fired", "48", "", "job fedora")  # a spike that merely led to the one that fires now
    for occasion in (gone, early, alert.occasion):
        claim_notification(ledger, occasion, Actor(at(200), "mika"))
    ledger.close()
    console = News()
    console.look(acted(matrix, seen), 0.0)
    assert console.take_vanished() == [early]


# shown and found


def test_job_and_attempt_stand_in_the_detail_the_copies_and_the_export(seen: Snapshot) -> None:
    row = row_of(seen, "48", "fedora")
    assert "run_id 48 job fedora attempt 2" in detail(seen, "48", "fedora")
    assert " job " not in detail(seen, "48", None)
    copied = run_row(row, seen)
    assert copied.cells[-2:] == ("fedora", "2")
    assert (copied.document["job"], copied.document["attempt"]) == ("fedora", 2)
    assert run_row(row_of(seen, "48", None), seen).cells[-2:] == ("", "")
    exported = {one["path"]: one for one in json_rows("runs", seen)}
    assert list(exported["48-fedora/gate_result.json"])[-2:] == ["job", "attempt"]
    found = {path: (one["job"], one["attempt"]) for path, one in exported.items() if one["run_id"] == "48"}
    assert set(found.values()) == {("debian", 2), ("fedora", 2), (None, None)}
    assert [(one["run_id"], one["job"]) for one in csv_rows("spikes", seen)] == [(run, "fedora") for run in SPIKED]
    cells = {one["path"]: (one["job"], one["attempt"]) for one in csv_rows("runs", seen)}
    assert cells["48-fedora/gate_result.json"] == ("fedora", "2")
    assert cells["48-None/gate_result.json"] == ("", "")


def test_a_job_that_is_a_formula_or_a_control_sequence_is_harmless(tmp_path: Path) -> None:
    root, job = tmp_path / "root", '=1+1"\x1b[31m,;'
    put(root, 1, None, job=job, attempt=7)
    snapshot = read_once(Options(root))
    (one,) = csv_rows("runs", snapshot)
    assert one["job"].startswith("'=1+1") and "\x1b" not in one["job"]
    assert json_rows("runs", snapshot)[0]["job"] == job
    assert "\x1b" not in detail(snapshot, "1", job)


def test_the_comments_of_two_jobs_of_a_run_say_which_is_which(matrix: Path) -> None:
    said = []
    for job in ("debian", "fedora"):
        folder = f"48-{job}"
        run = decode((matrix / folder / "gate_result.json").read_bytes(), folder)
        assert isinstance(run, Run)
        said.append(next(line for line in comment(run, EMPTY).splitlines() if line.startswith("- run:")))
    assert said == ["- run: `48`, job `debian`", "- run: `48`, job `fedora`"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("job:fed run:=48", {"fedora"}),
        ("debian run:=48", {"debian"}),
        ("job:none run:=48", {None}),
        ("job:=fed", set()),
    ],
)
def test_the_filter_finds_the_job(seen: Snapshot, text: str, wanted: set[str | None]) -> None:
    assert {row.job for row in run_rows(seen, asked(text)).rows(0, 1000)} == wanted
    assert bool(matching_policies(asked(text), seen).hashes) is bool(wanted)


def test_alerts_are_found_by_the_job_of_a_spike(seen: Snapshot) -> None:
    assert [one.key for one in listed_alerts(seen, asked("job:=fedora"))] == [("p", "x")]
    assert listed_alerts(seen, asked("job:=debian")) == ()
    assert listed_alerts(seen, asked("debian")) == ()


def test_as_of_an_earlier_time_the_jobs_are_still_there(matrix: Path) -> None:
    put(matrix, RUNS, "fedora", run_id="10", attempt=3)  # another attempt at an earlier run
    then = as_of(read_once(Options(matrix)), at(120), Acts())
    assert row_of(then, "10", "fedora").attempt == 2
    assert row_of(as_of(then, at(115), Acts()), "10", "debian").job == "debian"
    assert {row["job"] for row in json_rows("runs", then)} == set(JOBS)
