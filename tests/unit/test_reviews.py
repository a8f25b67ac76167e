"""What is worked out of a Snapshot on demand: every figure is the one its own module gives (rules G19, G23-G26)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from gateconsole.judgement.backtest import backtests
from gateconsole.judgement.effects import associations, mean_rates, risk_of
from gateconsole.judgement.false_positives import Verdict, false_alarms
from gateconsole.judgement.limits import Limit, ReadinessLimits
from gateconsole.judgement.operator_acts import Acts
from gateconsole.judgement.spikes import judge_policies
from gateconsole.policy_review import associations_by_class, review, reviews
from gateconsole.snapshot import EMPTY, Snapshot
from gateconsole.statistics.whitelist_split import with_listing
from tests.golden import fixture


@pytest.fixture(scope="module")
def judged() -> Snapshot:
    """The golden fixture with its spikes."""
    return fixture.snapshot(spikes=judge_policies(fixture.runs_frame()))


def counted(snapshot: Snapshot) -> tuple[Snapshot, list[int]]:
    """The same Snapshot, and how often its runs were asked for."""
    asked: list[int] = []
    held: Callable[[], pl.DataFrame] | None = snapshot.runs
    assert held is not None

    def runs() -> pl.DataFrame:
        asked.append(1)
        return held()

    return replace(snapshot, runs=runs), asked


def test_every_policy_is_reviewed_by_policy_hash(judged: Snapshot) -> None:
    assert [one.policy_hash for one in reviews(judged)] == ["a6f53e", "b71c02"]


def test_one_policy_reviewed_is_the_same_as_among_all(judged: Snapshot) -> None:
    assert [review(judged, one.policy_hash) for one in reviews(judged)] == list(reviews(judged))


def test_a_policy_that_is_not_there_has_no_review(judged: Snapshot) -> None:
    assert review(judged, "gone") is None


def test_a_snapshot_without_runs_has_no_reviews() -> None:
    assert reviews(EMPTY) == ()
    assert reviews(fixture.snapshot(runs=None)) == ()


def test_the_runs_are_asked_for_once_however_many_policies_there_are(judged: Snapshot) -> None:
    snapshot, asked = counted(judged)
    assert len(reviews(snapshot)) == 2
    assert len(asked) == 1


def test_the_figures_are_those_of_their_own_modules(judged: Snapshot) -> None:
    for found, policy in zip(reviews(judged), fixture.POLICIES, strict=True):
        name = policy.policy_hash
        part = with_listing(fixture.runs_frame().filter(pl.col("policy_hash") == name), fixture.WHITELIST)
        assert found.risk == risk_of(policy.whole)
        assert found.risks == tuple((stratum, risk_of(stats)) for stratum, stats in policy.strata)
        assert found.means == mean_rates(part)[name]
        assert found.false_alarms == false_alarms(part, [judged.spikes[name]], [])[name]
        cut = found.proposals[0].cut
        assert cut is not None
        assert found.backtest == backtests(part, {name: cut})[name]


def test_the_sweep_holds_the_cut_in_force_and_the_proposed_ones(judged: Snapshot) -> None:
    for found in reviews(judged):
        cuts = {point.cut for point in found.sweep}
        assert {0.01, *(proposal.cut for proposal in found.proposals)} <= cuts


def test_associations_are_adjusted_over_all_policies(judged: Snapshot) -> None:
    every = associations(judged.spikes.values())
    assert tuple(one for found in reviews(judged) for one in found.associations) == every
    assert associations_by_class(judged) == {(one.policy_hash, one.class_name): one for one in every}


def test_what_operators_said_counts_in_readiness_and_false_alarms(judged: Snapshot) -> None:
    verdict = Verdict("r03", "a6f53e", "unpinned", "rejected", "mika", 5)
    first, second = reviews(replace(judged, acts=Acts(verdicts={verdict.run: verdict})))
    assert (first.false_alarms.false_positives, first.false_alarms.overrides) == ((1, 1), 1)
    assert {row.name: row.runs for row in first.readiness.rows}["overrides"] == 1
    assert second.false_alarms.false_positives == (0, 0)


def test_the_limits_are_those_of_the_snapshot(judged: Snapshot) -> None:
    lax = replace(judged, yardstick=ReadinessLimits(limits=Limit(runs=1, unknown_runs=1.0)))
    rows = {row.name: row for row in reviews(lax)[0].readiness.rows}
    assert (rows["valid runs"].limit, rows["valid runs"].state) == (1, "met")
    assert (rows["unknown runs"].limit, rows["unknown runs"].source) == (1.0, "setting")


def test_a_policy_without_any_rate_has_no_backtest() -> None:
    whole = fixture.stats({"PASS": 2}, (None, None, None, None), (0, 0, 0, 2), n_valid=0)
    policy = fixture.policy("p", whole, fixture.classes(), unknown=whole)
    runs = fixture.runs_frame().head(2).with_columns(unknown_rate=pl.lit(None, dtype=pl.Float64))
    runs = runs.with_columns(policy_hash=pl.lit("p").cast(runs.schema["policy_hash"]))
    (found,) = reviews(fixture.snapshot(policies=(policy,), runs=lambda: runs))
    assert (found.backtest, found.associations) == ((), ())
    assert [proposal.cut for proposal in found.proposals] == [None, None]
