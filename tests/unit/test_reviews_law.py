"""However many policies are reviewed at once, each review is what its runs say when they are counted one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateconsole import policy_review as reviewing
from gateconsole.engine.series import Series
from gateconsole.judgement.backtest import POINTS, Backtest, Point
from gateconsole.judgement.effects import MeanRates
from gateconsole.judgement.false_positives import FalseAlarms, Share, Verdict, VerdictWord
from gateconsole.judgement.operator_acts import Acts
from gateconsole.model import EMPTY, FAIL_SIGNALS, STRATA, Entry, Run, Stratum, Whitelist
from gateconsole.policy_review import PolicyReview, associations_by_class, in_batches, review, reviews
from gateconsole.rows.readiness import NO_REVIEWS, ReviewedPolicies, reviewed_policies
from gateconsole.snapshot import Snapshot
from gateconsole.statistics.frozen_runs import jobs_of
from gateconsole.statistics.partial import WHOLE, Scope
from gateconsole.statistics.runs_frame import Row, RunKey, rows_of
from gateconsole.text import split_list

STRATUM: Any = st.sampled_from([*STRATA, None])
RATE = st.one_of(
    st.sampled_from([None, 0.0, 0.005, 0.01, 0.02]), st.integers(0, 10**6).map(lambda parts: parts / 10**6)
)
RUN = st.builds(
    Run,
    run_id=st.integers(0, 12).map("run-{}".format),
    timestamp=st.one_of(st.none(), st.integers(0, 50)),
    policy_hash=st.sampled_from(["p", "q", "r", "(none)"]),
    outcome=st.sampled_from(["PASS", "PASS", "COMMENT", "WARN", "REVIEW", "FAIL", "BLOCK", "odd", "(none)"]),
    unknown_rate=RATE,
    top_reasons=st.lists(st.sampled_from(["a", "b", "c;d"]), unique=True, max_size=3).map(tuple),
    stratum=STRATUM,
    job=st.sampled_from([None, "debian", "suse"]),
    attempt=st.sampled_from([None, None, 1]),
)
WHITELIST = st.lists(st.builds(Entry, st.sampled_from(["a", "b", "c;d"]), scope=STRATUM), max_size=3).map(
    lambda entries: Whitelist(tuple(entries))
)
WORD: Any = st.sampled_from(["accepted", "rejected"])


class Told:
    """Runs that come and go file by file, and the Snapshots of it."""

    def __init__(self) -> None:
        self._series = Series()
        self._series.keep_judging()

    def snapshot(
        self, files: Iterable[tuple[int, Run | None]], whitelist: Whitelist, said: Iterable[tuple[int, VerdictWord]]
    ) -> Snapshot:
        """After these files were written (a run) or deleted (none); `said`: verdicts on the runs at these places."""
        series = self._series
        for file, run in files:
            if run is None:
                series.drop(file)
            else:
                series.put(file, f"f{file}", run)
        series.settle(100)
        series.judge_by(whitelist)
        for _ in series.catch_up(lambda: 100):
            pass
        rows = sorted(rows_of(series.runs()()), key=lambda row: row[7])
        verdicts = {key(rows[at % len(rows)], series.runs()): word for at, word in said if rows}
        acts = Acts(
            verdicts={run: Verdict(run[0], run[2], run[3], word, "mika", 0, run[1]) for run, word in verdicts.items()}
        )
        spikes = dict(sorted(series.spikes().items()))
        return Snapshot(
            policies=series.policies(100), whitelist=whitelist, runs=series.runs(), spikes=spikes, acts=acts
        )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    files = list(enumerate(draw(st.lists(RUN, max_size=40))))
    return Told().snapshot(files, draw(WHITELIST), draw(st.lists(st.tuples(st.integers(0, 50), WORD), max_size=6)))


# One policy's runs counted one by one.


def key(row: Row, runs: Callable[[], pl.DataFrame]) -> RunKey:
    return row[0], jobs_of(runs, [row[7]]).get(row[7]), row[2], row[6]


def rows(snapshot: Snapshot, policy_hash: str) -> list[Row]:
    assert snapshot.runs is not None
    return [row for row in rows_of(snapshot.runs()) if row[2] == policy_hash]


def split(row: Row, whitelist: Whitelist) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The unknown classes of a run: listed, unlisted."""
    return whitelist.split(split_list(row[5]) if (row[4] or 0) > 0 else (), row[6])


def covered(row: Row, whitelist: Whitelist) -> bool:
    listed, unlisted = split(row, whitelist)
    return bool(listed) and not unlisted


def false_alarms(snapshot: Snapshot, policy_hash: str) -> FalseAlarms:
    judged = snapshot.spikes.get(policy_hash)
    spikes = {spike.run.folder for spike in judged.spikes()} if judged else set()
    mine = rows(snapshot, policy_hash)
    alarms = [row for row in mine if row[3] in {"WARN", "REVIEW"} or row[7] in spikes]
    verdicts = snapshot.acts.verdicts if snapshot.acts else {}
    assert snapshot.runs is not None
    keys = [key(row, snapshot.runs) for row in alarms]
    words = [verdicts[run].word if run in verdicts else None for run in keys]
    cautions = [row for row in alarms if row[3] in {"WARN", "REVIEW"}]
    before = [row for row in alarms if row[3] not in FAIL_SIGNALS]
    overrides = [row for row, word in zip(alarms, words, strict=True) if row in cautions and word == "rejected"]
    return FalseAlarms(
        alarms=len(alarms),
        false_positives=Share(words.count("rejected"), len(words) - words.count(None)),
        unjudged=words.count(None),
        proxy=Share(sum(covered(row, snapshot.whitelist) for row in cautions), len(cautions)),
        overrides=len(overrides),
        before=len(before),
        after=sum(not covered(row, snapshot.whitelist) for row in before),
    )


def means(snapshot: Snapshot, policy_hash: str) -> MeanRates:
    groups: tuple[list[Decimal], list[Decimal]] = ([], [])
    for row in rows(snapshot, policy_hash):
        for group, classes in zip(groups, split(row, snapshot.whitelist), strict=True):
            if classes:
                group.append(Decimal(repr(row[4])))
    return MeanRates(*(float(sum(group) / len(group)) if group else None for group in groups))


def backtests(snapshot: Snapshot, policy_hash: str, cut: float) -> Iterator[Backtest]:
    mine = rows(snapshot, policy_hash)
    strata: list[Stratum | None] = [name for name in (*STRATA, None) if any(row[6] == name for row in mine)]
    scopes: list[tuple[Scope, list[Row]]] = [(WHOLE, mine)]
    scopes += [(name, [row for row in mine if row[6] == name]) for name in strata]
    for scope, part in scopes:
        for listed in (False, True):
            kinds = [kind(row, cut, snapshot.whitelist if listed else EMPTY) for row in part]
            counts = [kinds.count(name) for name in ("PASS", "WARN", "REVIEW", "FAIL", "BLOCK", "none")]
            yield Backtest(scope, listed, cut, len(part), *counts)


def kind(row: Row, cut: float, whitelist: Whitelist) -> str:
    """What a run is under a cut (rule G26)."""
    if row[3] in FAIL_SIGNALS:
        return row[3]
    if row[4] is None:
        return "none"
    if row[4] <= cut:
        return "PASS"
    return "WARN" if covered(row, whitelist) else "REVIEW"


def sweep(snapshot: Snapshot, found: PolicyReview) -> list[Point]:
    mine = [row for row in rows(snapshot, found.policy_hash) if row[3] not in FAIL_SIGNALS and row[4] is not None]
    rates = sorted({row[4] or 0.0 for row in mine})
    assert len(rates) <= POINTS
    judged = snapshot.spikes.get(found.policy_hash)
    cuts = {0.0, *rates, *(one.cut for one in found.proposals if one.cut is not None)}
    made = []
    for cut in sorted(cuts | ({judged.cut.cut} if judged else set())):
        above = [row for row in mine if (row[4] or 0.0) > cut]
        made.append(Point(cut, len(mine), len(above), sum(not covered(row, snapshot.whitelist) for row in above)))
    return made


@settings(max_examples=60, deadline=None)
@given(snapshots())
def test_every_review_is_what_the_runs_of_its_policy_say(snapshot: Snapshot) -> None:
    found = reviews(snapshot)
    assert [one.policy_hash for one in found] == [policy.policy_hash for policy in snapshot.policies]
    for one in found:
        name = one.policy_hash
        assert one.false_alarms == false_alarms(snapshot, name)
        assert one.means == means(snapshot, name)
        assert list(one.sweep) == sweep(snapshot, one)
        cut = one.proposals[0].cut
        assert list(one.backtest) == ([] if cut is None else list(backtests(snapshot, name, cut)))
        unknown = next(row for row in one.readiness.rows if row.name == "unknown runs")
        assert unknown.runs == sum((row[4] or 0) > 0 for row in rows(snapshot, name))
        assert one.associations == tuple(
            link for (policy, _), link in associations_by_class(snapshot).items() if policy == name
        )


@settings(max_examples=30, deadline=None)
@given(snapshots(), st.integers(1, 3), st.integers(1, 30))
def test_a_review_does_not_hang_on_those_beside_it(snapshot: Snapshot, policies: int, runs: int) -> None:
    together = reviews(snapshot)
    assert [review(snapshot, one.policy_hash) for one in together] == list(together)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reviewing, "BATCH_POLICIES", policies)
        patch.setattr(reviewing, "BATCH_RUNS", runs)
        assert reviews(snapshot) == together
        held = {policy.policy_hash: policy.whole.n for policy in snapshot.policies}
        for batch in in_batches(snapshot, snapshot.policies):
            assert 1 <= len(batch) <= policies
            assert len(batch) == 1 or sum(held[one.policy_hash] for one in batch) <= runs


FILES = st.lists(st.tuples(st.integers(0, 15), st.one_of(st.none(), RUN)), max_size=8)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(RUN, max_size=16),
    st.lists(st.tuples(FILES, st.booleans(), st.lists(st.tuples(st.integers(0, 50), WORD), max_size=3)), max_size=4),
    WHITELIST,
)
def test_what_is_kept_of_policies_that_did_not_change_is_what_they_would_be_now(
    first: list[Run], steps: list[Any], other: Whitelist
) -> None:
    told, known = Told(), NO_REVIEWS
    known = kept_or_new(told.snapshot(enumerate(first), EMPTY, ()), known)
    for files, listed, said in steps:
        known = kept_or_new(told.snapshot(files, other if listed else EMPTY, said), known)


def kept_or_new(snapshot: Snapshot, before: ReviewedPolicies) -> ReviewedPolicies:
    """The policies reviewed after those of a moment before; no other figures than without it."""
    found = reviewed_policies(snapshot, before)
    plain = {one.policy_hash: one._replace(associations=()) for one in reviews(snapshot)}
    assert found.reviews == plain
    return found


def counting(
    snapshot: Snapshot, before: ReviewedPolicies = NO_REVIEWS
) -> tuple[ReviewedPolicies, list[tuple[int, int]]]:
    """The policies reviewed, and what was told meanwhile."""
    said: list[tuple[int, int]] = []
    tell: Callable[[int, int], object] = lambda *so_far: said.append(so_far)  # noqa: E731
    return reviewed_policies(snapshot, before, tell), said


def test_it_is_told_how_many_of_all_policies_are_reviewed_those_kept_among_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reviewing, "BATCH_POLICIES", 2)
    runs = [Run("r", 1, f"p{at}", "PASS", 0.0, (), None) for at in range(5)]
    told = Told()
    first, said = counting(told.snapshot(enumerate(runs), EMPTY, ()))
    assert said == [(2, 5), (4, 5), (5, 5)]
    grown = told.snapshot([(5, Run("s", 2, "p3", "PASS", 0.0, (), None))], EMPTY, ())
    assert counting(grown, first)[1] == [(5, 5)]
    assert counting(replace(grown, generation=2), counting(grown, first)[0])[1] == []
