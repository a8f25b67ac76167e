"""Verdicts and false alarms: rule G24."""

from __future__ import annotations

import polars as pl

from gateconsole.judgement.false_positives import (
    NO_ALARMS,
    FalseAlarms,
    Share,
    Verdict,
    VerdictWord,
    alarm_runs,
    false_alarms,
    latest_verdicts,
)
from gateconsole.judgement.spikes import judge_policy
from gateconsole.model import EMPTY, Entry, Whitelist
from gateconsole.statistics.intervals import wilson
from gateconsole.statistics.runs_frame import Row, frame_of, with_run_ids
from gateconsole.statistics.whitelist_split import with_listing
from gateconsole.whitelist.run_groups import marked_runs

ROWS: list[Row] = [
    ("r1", 1, "p", "WARN", 0.0, "", "pinned", "f1"),
    ("r2", 2, "p", "REVIEW", 0.005, "x", "pinned", "f2"),
    ("r3", 3, "p", "PASS", 0.5, "x", "pinned", "f3"),
    ("r4", 4, "p", "FAIL", 0.5, "y", "pinned", "f4"),
    ("r4", 5, "p", "PASS", 0.0, "", None, "f5"),
    ("r6", 6, "p", "WARN", None, "x", None, "f6"),
    ("r7", 7, "p", "REVIEW", 0.5, "x;y", None, "f7"),
]
"""r3, r4 (pinned) and r7 are spikes; r1, r2, r6 and r7 are WARN or REVIEW."""

LISTED = Whitelist((Entry("x"),))


def frame() -> pl.DataFrame:
    return with_run_ids(frame_of(ROWS))


def verdict(run_id: str, word: VerdictWord | None, stratum: str | None = "pinned", time: int = 0) -> Verdict:
    return Verdict(run_id, "p", stratum, word, "mika", time)  # type: ignore[arg-type]


def figures(verdicts: list[Verdict], whitelist: Whitelist = EMPTY) -> FalseAlarms:
    return false_alarms(with_listing(frame(), whitelist), [judge_policy(frame())], verdicts)["p"]


def test_alarms_are_warn_review_and_spikes_whatever_their_outcome() -> None:
    found = alarm_runs(frame(), [judge_policy(frame())])
    assert found.select("run_id", "stratum", "spike").rows() == [
        ("r1", "pinned", False),
        ("r2", "pinned", False),
        ("r3", "pinned", True),
        ("r4", "pinned", True),
        ("r6", None, False),
        ("r7", None, True),
    ]


def test_the_last_verdict_on_a_run_counts_and_may_be_taken_back() -> None:
    held = latest_verdicts([verdict("r1", "accepted"), verdict("r1", "rejected"), verdict("r2", "rejected")])
    assert {run[0]: one.word for run, one in held.items()} == {"r1": "rejected", "r2": "rejected"}
    assert latest_verdicts([verdict("r1", "accepted"), verdict("r1", None)]) == {}


def test_the_false_positive_rate_is_rejected_of_judged_with_the_unjudged_beside_it() -> None:
    found = figures([verdict("r1", "rejected"), verdict("r3", "accepted"), verdict("r7", "rejected", None)])
    assert (found.alarms, found.unjudged) == (6, 3)
    assert found.false_positives == Share(2, 3)
    assert found.false_positives.limits == wilson(2, 3)
    assert found.overrides == 2


def test_verdicts_on_what_is_no_alarm_or_another_run_do_not_count() -> None:
    found = figures([verdict("r4", "rejected", None), verdict("r9", "rejected"), verdict("r1", "rejected", None)])
    assert found.false_positives == Share(0, 0)
    assert found.false_positives.value is None


def test_the_proxy_is_the_whitelisted_share_of_warn_and_review_runs() -> None:
    assert figures([]).proxy == Share(0, 4)
    assert figures([], LISTED).proxy == Share(1, 4)


def test_the_reduction_is_what_the_whitelist_takes_of_the_alarms_without_a_fail_signal() -> None:
    assert (figures([]).before, figures([]).after, figures([]).reduction) == (5, 5, 0.0)
    found = figures([], LISTED)
    assert (found.before, found.after, found.reduction) == (5, 3, 0.4)


def test_without_alarms_there_is_nothing_to_reduce() -> None:
    calm = with_run_ids(frame_of([("r", 1, "p", "PASS", 0.0, "", None, "f")]))
    assert false_alarms(with_listing(calm, EMPTY), [judge_policy(calm)], []) == {}
    assert (NO_ALARMS.alarms, NO_ALARMS.reduction, NO_ALARMS.proxy.value) == (0, None, None)


def test_equal_run_ids_of_two_policies_are_two_alarms_each_with_its_own_verdict() -> None:
    runs = with_run_ids(frame_of([*ROWS, *(("r1", 8, name, "PASS", 0.0, "", "pinned", f"f{name}") for name in "qs")]))
    found = false_alarms(with_listing(runs, EMPTY), [judge_policy(frame())], [verdict("r1", "rejected")])
    assert {name: one.overrides for name, one in found.items()} == {"p": 1}


def test_a_verdict_whose_text_is_no_utf8_matches_no_run() -> None:
    assert figures([verdict("r1", "rejected"), verdict("\ud800", "rejected")]).false_positives == Share(1, 1)


def test_a_spike_of_one_job_is_no_alarm_of_the_other_jobs_of_its_run() -> None:
    rows: list[Row] = [("17", at, "p", "PASS", 0.5 if at == 3 else 0.0, "x", "pinned", f"job-{at}") for at in range(6)]
    runs = with_run_ids(frame_of(rows))
    assert alarm_runs(runs, [judge_policy(runs)])["folder"].to_list() == ["job-3"]
    assert marked_runs(runs, {"p": judge_policy(runs)})["spike"].to_list() == [at == 3 for at in range(6)]
