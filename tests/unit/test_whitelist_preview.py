"""What a change would do is what it does: every figure of a preview against the statistics computed anew."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateconsole.judgement.alerts import alerts
from gateconsole.judgement.effects import risk_of
from gateconsole.judgement.false_positives import NO_ALARMS, false_alarms
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.judgement.spikes import judge_policies
from gateconsole.model import EMPTY, FAIL_SIGNALS, Entry, Stratum, Whitelist
from gateconsole.statistics.partial import WHOLE, Partial, Scope
from gateconsole.statistics.policies import stats, strata_of
from gateconsole.statistics.runs_frame import RUNS_SCHEMA
from gateconsole.statistics.whitelist_split import with_listing
from gateconsole.text import split_list
from gateconsole.whitelist.merge import EntryChange, changed
from gateconsole.whitelist.preview import ALL, Previewer

STRATA: tuple[Stratum | None, ...] = ("pinned", "unpinned", None)
Told = tuple[str, str, float | None, str, Stratum | None]


def frame(told: list[Told]) -> pl.DataFrame:
    """Runs one a second, each (policy, outcome, unknown_rate, reasons, stratum)."""
    rows = [
        (f"r{n}", datetime.fromtimestamp(1_770_000_000 + n, UTC).replace(tzinfo=None), *one, f"r{n}")
        for n, one in enumerate(told)
    ]
    return pl.DataFrame(rows, schema=RUNS_SCHEMA, orient="row")


RUN = st.tuples(
    st.sampled_from(["p", "q"]),
    st.sampled_from(["PASS", "WARN", "REVIEW", "FAIL", "BLOCK", "odd"]),
    st.sampled_from([None, 0.0, 0.005, 0.02, 0.08]),
    st.sampled_from(["", "a", "b", "a;b", "b;c", "a;b;c", "a\\;b"]),
    st.sampled_from(STRATA),
)
ENTRIES = st.lists(st.builds(Entry, st.sampled_from("abc"), scope=st.sampled_from(STRATA)), max_size=4)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Whitelist, EntryChange]:
    whitelist = Whitelist(tuple(draw(ENTRIES)))
    wanted = Entry(draw(st.sampled_from("abc")), "why", draw(st.sampled_from(STRATA)))
    if not whitelist.entries or draw(st.booleans()):
        return whitelist, EntryChange(None, wanted)
    seen = draw(st.sampled_from(whitelist.entries))
    return whitelist, EntryChange(seen, draw(st.sampled_from([None, seen._replace(scope=wanted.scope)])))


def states(runs: pl.DataFrame, policies: dict[str, PolicySpikes], whitelist: Whitelist) -> dict[str, str]:
    """Spike -> its run's state."""
    spikes = {spike.run.run_id for policy in policies.values() for spike in policy.spikes()}
    found = with_listing(runs.filter(pl.col("run_id").is_in(list(spikes))), whitelist)
    return dict(found.select("run_id", pl.col("whitelist_state").cast(pl.String)).rows())


@settings(max_examples=60, deadline=None)
@given(st.lists(RUN, min_size=1, max_size=30), changes())
def test_a_preview_says_what_the_statistics_will_say(told: list[Told], case: tuple[Whitelist, EntryChange]) -> None:
    runs, (before, change) = frame(told), case
    policies = judge_policies(runs)
    after = changed(before, change)
    made = Previewer(runs, policies, alerts(policies, (), before, 0), before).preview(change)

    entry = change.after or change.before
    assert entry is not None
    covered = [
        row
        for row in runs.iter_rows(named=True)
        if (row["unknown_rate"] or 0) > 0
        and entry.reason in split_list(row["reasons"])
        and entry.scope in {None, row["stratum"]}
    ]
    assert (made.runs, made.policies) == (len(covered), len({row["policy_hash"] for row in covered}))
    failed = [row["run_id"] for row in covered if row["outcome"] in FAIL_SIGNALS]
    assert ([one.run_id for one in made.fails], made.n_fails) == (failed[-20:], len(failed))

    then, now = states(runs, policies, before), states(runs, policies, after)
    assert made.spikes == sum(row["run_id"] in now for row in covered)
    assert made.spikes_listed == sum(now[run] == "whitelisted" != then[run] for run in now)
    assert made.spikes_unlisted == sum(then[run] == "whitelisted" != now[run] for run in now)

    listed = [{one.key for one in alerts(policies, (), whitelist, 0) if one.listed} for whitelist in (before, after)]
    assert {one.key for one in made.alerts_listed} == listed[1] - listed[0]
    assert {one.key for one in made.alerts_unlisted} == listed[0] - listed[1]

    partial = Partial.of(runs)
    was, is_now = (with_listing(runs, whitelist)["whitelisted_reasons"].to_list() for whitelist in (before, after))
    turned = {policy for policy, old, new in zip(runs["policy_hash"], was, is_now, strict=True) if old != new}
    assert {one.policy_hash for one in made.effects} == {row["policy_hash"] for row in covered} | turned
    for policy_hash in {one.policy_hash for one in made.effects}:
        mine = runs.filter(pl.col("policy_hash") == policy_hash)
        scopes: list[tuple[Stratum | Literal["all"] | None, Scope]] = [(ALL, WHOLE)]
        scopes += [(stratum, stratum) for stratum in strata_of(partial, policy_hash)]
        for stratum, scope in scopes:
            effect = made.effect(policy_hash, stratum)
            assert effect is not None
            assert effect.risk_before == risk_of(stats(partial, policy_hash, scope, before))
            assert effect.risk_after == risk_of(stats(partial, policy_hash, scope, after))
            part = mine if scope == WHOLE else mine.filter(pl.col("stratum").eq_missing(pl.lit(scope)))
            told_before, told_after = (
                false_alarms(with_listing(part, whitelist), policies.values(), ()).get(policy_hash, NO_ALARMS)
                for whitelist in (before, after)
            )
            assert (effect.alarms, effect.before.left, effect.after.left) == (
                told_before.before,
                told_before.after,
                told_after.after,
            )
            assert (effect.reduction_before, effect.reduction_after) == (told_before.reduction, told_after.reduction)


NOISY: list[Told] = [("p", "COMMENT", 0.08, "flaky", "unpinned")] * 4
"""Four spikes of one class: an alert."""


def preview_of(told: list[Told], change: EntryChange, whitelist: Whitelist = EMPTY) -> Previewer:
    runs = frame(told)
    policies = judge_policies(runs)
    return Previewer(runs, policies, alerts(policies, (), whitelist, 0), whitelist)


def test_an_alert_becomes_listed_only_if_all_its_spikes_are_in_scope() -> None:
    for scope, clears in ((None, True), ("unpinned", True), ("pinned", False)):
        change = EntryChange(None, Entry("flaky", scope=scope))  # type: ignore[arg-type]
        made = preview_of(NOISY, change).preview(change)
        assert [one.class_name for one in made.alerts_listed] == (["flaky"] if clears else [])
        assert made.spikes_listed == (4 if clears else 0)


def test_a_failing_run_is_named_and_stays_what_it_is() -> None:
    change = EntryChange(None, Entry("flaky"))
    made = preview_of([*NOISY, ("p", "FAIL", 0.08, "flaky", "pinned")], change).preview(change)
    assert [(one.run_id, one.outcome, one.stratum) for one in made.fails] == [("r4", "FAIL", "pinned")]
    assert (made.alarms, made.left_before, made.left_after) == (4, 4, 0)  # the FAIL is no false alarm


def test_an_entry_under_one_for_all_runs_changes_nothing() -> None:
    change = EntryChange(None, Entry("flaky", scope="unpinned"))
    made = preview_of(NOISY, change, Whitelist((Entry("flaky"),))).preview(change)
    assert (made.runs, made.spikes_listed, made.left_before, made.left_after) == (4, 0, 0, 0)
    assert made.effects[0].before == made.effects[0].after


def test_an_edit_that_takes_a_stratum_away_shows_the_policies_that_only_lose() -> None:
    seen = Entry("flaky")
    change = EntryChange(seen, seen._replace(scope="pinned"))
    made = preview_of(NOISY, change, Whitelist((seen,))).preview(change)
    assert (made.runs, made.policies, made.spikes_unlisted) == (0, 0, 4)
    assert (made.alarms, made.left_before, made.left_after) == (4, 0, 4)
    assert [(one.policy_hash, one.stratum, one.runs) for one in made.effects] == [("p", "all", 0), ("p", "unpinned", 0)]


def test_a_class_that_no_run_has_covers_nothing() -> None:
    change = EntryChange(None, Entry("unheard of"))
    made = preview_of(NOISY, change).preview(change)
    assert (made.runs, made.policies, made.effects, made.fails, made.alerts_listed) == (0, 0, (), (), ())


def test_a_root_without_runs_has_a_preview() -> None:
    change = EntryChange(None, Entry("flaky"))
    assert Previewer(RUNS_SCHEMA.to_frame(), {}, (), EMPTY).preview(change).runs == 0


def test_a_change_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="needs an entry"):
        preview_of(NOISY, EntryChange(None, None)).preview(EntryChange(None, None))


def test_the_whitelist_after_a_change() -> None:
    one, two = Entry("a"), Entry("b")
    assert changed(Whitelist((one,)), EntryChange(None, two)).entries == (one, two)
    assert changed(Whitelist((one, two)), EntryChange(one, None)).entries == (two,)
    assert changed(Whitelist((one, two)), EntryChange(one, one._replace(scope="pinned"))).entries == (
        one._replace(scope="pinned"),
        two,
    )
