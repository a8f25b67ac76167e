"""The sections of rollout_series_v1.md about judgement (rules 2.3): effects, spikes, readiness, proposed settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from gateconsole.exports.column import Column, Row, columns_of_kind
from gateconsole.exports.formats import md_lines
from gateconsole.exports.judgement_tables import spike_row
from gateconsole.exports.readiness_json import scope_name
from gateconsole.exports.tables import ALL_STRATA, SPIKE_COLUMNS
from gateconsole.judgement.backtest import stability
from gateconsole.judgement.effects import Association, Risk, is_too_few
from gateconsole.judgement.policy_spikes import PolicySpikes
from gateconsole.model import NONE
from gateconsole.policy_review import PolicyReview, reviews
from gateconsole.reports.judgement_figures import (
    STATISTICS,
    interval,
    p_text,
    share_interval,
    share_text,
    state_text,
)
from gateconsole.snapshot import Snapshot
from gateconsole.statistics.figures import Policy
from gateconsole.text import code_span
from gateconsole.view import MISSING, check_interval, check_limit, check_value, format_count, format_percent

MOST_SPIKES: Final = 40
"""Spikes of a policy shown, the last ones; the table `spikes` has them all."""

Section = tuple[str, Sequence[str]]
"""A heading, and the lines below it; none when there is nothing to show."""

_POLICY: Final = columns_of_kind("text", "policy_hash")


def sections(snapshot: Snapshot) -> Iterator[Section]:
    """Every section, in the order in which they stand."""
    found = reviews(snapshot)
    yield "Listed against unlisted classes", _risks(found)
    yield "Spikes", _spikes(snapshot)
    yield "Recurring patterns", _patterns(snapshot)
    yield "Spikes and FAIL signals", _associations(found)
    yield "Alarms and false positives", _alarms(found)
    yield "WARN readiness", _readiness(found)
    yield "Proposed settings", _proposals(found)
    yield "Mini-backtest", _backtests(found)
    yield "Stability over policy versions", _stability(snapshot)


def _table(named: tuple[Column, ...], rows: Iterable[Row]) -> list[str]:
    """A table, or nothing when it has no row."""
    lines = list(md_lines(named, rows))
    return lines if len(lines) > 2 else []


def _risks(found: Sequence[PolicyReview]) -> list[str]:
    named = (
        *_POLICY,
        *columns_of_kind("word", "stratum"),
        *columns_of_kind("count", "n_valid", "with a listed class", "with an unlisted class"),
        *columns_of_kind("rate", "mean rate listed", "mean rate unlisted", "risk difference"),
        *columns_of_kind("word", "95 % limits"),
        *columns_of_kind("rate", "risk ratio"),
        *columns_of_kind("word", "95 % limits of it", "note"),
    )
    return _table(named, (row for one in found for row in _risk_rows(one)))


def _risk_rows(found: PolicyReview) -> Iterator[Row]:
    yield _risk_row(found.policy_hash, ALL_STRATA, found.risk, found.means)
    for stratum, risk in found.risks:
        yield _risk_row(found.policy_hash, stratum or NONE, risk)


def _risk_row(
    policy_hash: str, stratum: str, found: Risk, means: tuple[float | None, float | None] = (None, None)
) -> Row:
    limits, within = interval(found.limits), interval(found.ratio_limits)
    head = (policy_hash, stratum, found.n, found.n_w, found.n_n)
    return (*head, *means, found.difference, limits, found.ratio, within, is_too_few(found.n) or MISSING)


def _spikes(snapshot: Snapshot) -> list[str]:
    """How many spikes a policy has and the cut of its next run, then the last of them."""
    named = (*_POLICY, *columns_of_kind("count", "n_valid", "spikes"), *columns_of_kind("word", "cut of the next run"))
    policies = list(snapshot.spikes.values())
    lines = _table(
        named,
        ((one.policy_hash, one.n_valid, _of(one.n_spikes, one.n_valid), one.rule) for one in policies),
    )
    last = _table(SPIKE_COLUMNS, (spike_row(one, spike) for one in policies for spike in one.spikes()[-MOST_SPIKES:]))
    return [*lines, *(["", *last] if last else []), *_left_out(policies)]


def _left_out(policies: Iterable[PolicySpikes]) -> Iterator[str]:
    for one in policies:
        if one.n_spikes > MOST_SPIKES:
            shown = f"{MOST_SPIKES} of {format_count(one.n_spikes)}"
            yield ""
            yield f"{shown} spikes of {code_span(one.policy_hash)}, the last: `gateconsole export ROOT spikes` has all."


def _patterns(snapshot: Snapshot) -> list[str]:
    named = (
        *_POLICY,
        *columns_of_kind("text", "class"),
        *columns_of_kind("count", "spikes", "FAIL signals"),
        *columns_of_kind("rate", "peak"),
        *columns_of_kind("text", "first run", "last run"),
    )
    rows = (
        (one.policy_hash, name, track.spikes, track.fails, track.peak, track.first.run.run_id, track.last.run.run_id)
        for one in snapshot.spikes.values()
        for name, track in one.recurring()
    )
    return _table(named, rows)


def _associations(found: Sequence[PolicyReview]) -> list[str]:
    named = (
        *_POLICY,
        *columns_of_kind("text", "class"),
        *columns_of_kind("count", "both", "spike only", "FAIL only", "neither"),
        *columns_of_kind("rate", "difference"),
        *columns_of_kind("word", "95 % limits"),
        *columns_of_kind("rate", "ratio"),
        *columns_of_kind("word", "95 % limits of it"),
        *columns_of_kind("rate", "phi"),
        *columns_of_kind("count", "p", "p adjusted"),
        *columns_of_kind("word", "what may be said"),
    )
    return _table(named, (_association(said) for one in found for said in one.associations))


def _association(said: Association) -> Row:
    effect = (said.difference, interval(said.limits), said.ratio, interval(said.ratio_limits), said.phi)
    return said.policy_hash, said.class_name, *said.table, *effect, p_text(said.p), p_text(said.p_adjusted), said.words


def _alarms(found: Sequence[PolicyReview]) -> list[str]:
    named = (
        *_POLICY,
        *columns_of_kind("count", "alarms", "unjudged", "judged false"),
        *columns_of_kind("word", "95 % limits"),
        *columns_of_kind("count", "proxy"),
        *columns_of_kind("word", "95 % limits of it"),
        *columns_of_kind("count", "A", "B", "reduction"),
    )
    return _table(named, (_alarm_row(one) for one in found))


def _alarm_row(found: PolicyReview) -> Row:
    said = found.false_alarms
    judged, proxy = said.false_positives, said.proxy
    counts = (found.policy_hash, said.alarms, said.unjudged)
    shares = (share_text(judged), share_interval(judged.limits), share_text(proxy), share_interval(proxy.limits))
    return *counts, *shares, said.before, said.after, format_percent(said.before - said.after, said.before)


def _readiness(found: Sequence[PolicyReview]) -> list[str]:
    named = (
        *_POLICY,
        *columns_of_kind("word", "verdict", "check"),
        *columns_of_kind("count", "value"),
        *columns_of_kind("word", "95 % limits"),
        *columns_of_kind("count", "runs", "of"),
        *columns_of_kind("word", "limit", "state", "source"),
    )
    rows = (
        (
            *(one.policy_hash, one.readiness.verdict, row.name, check_value(row), check_interval(row)),
            *(row.runs, row.n, check_limit(row), state_text(row), row.source if row.limit is not None else MISSING),
        )
        for one in found
        for row in one.readiness.rows
    )
    return _table(named, rows)


def _proposals(found: Sequence[PolicyReview]) -> list[str]:
    """Both cuts of a policy side by side, each with its reason."""
    named = _POLICY
    for words in STATISTICS.values():
        named += (
            *columns_of_kind("rate", f"{words} cut"),
            *columns_of_kind("count", "runs above it"),
            *columns_of_kind("word", "95 % limits", "why"),
        )
    return _table(named, (_proposal_row(one) for one in found))


def _proposal_row(found: PolicyReview) -> Row:
    cells: list[str | float | None] = [found.policy_hash]
    for one in found.proposals:
        cells += [one.cut, _of(one.above, one.n), share_interval(one.limits), one.reason]
    return tuple(cells)


def _backtests(found: Sequence[PolicyReview]) -> list[str]:
    named = (
        *_POLICY,
        *columns_of_kind("word", "stratum", "whitelist"),
        *columns_of_kind("rate", "cut"),
        *columns_of_kind("count", "n", "PASS", "WARN", "REVIEW", "FAIL", "BLOCK", "without a rate"),
    )
    rows = (
        (one.policy_hash, scope_name(test.stratum), "with" if test.with_whitelist else "without", test.cut, *test[3:])
        for one in found
        for test in one.backtest
    )
    return _table(named, rows)


def _stability(snapshot: Snapshot) -> list[str]:
    named = (
        *_POLICY,
        *columns_of_kind("time", "newest run"),
        *columns_of_kind("count", "n_valid"),
        *columns_of_kind("rate", "median", "p95", "change of the median"),
    )
    return _table(named, stability(_without_clock(snapshot)))


def _without_clock(snapshot: Snapshot) -> Iterator[Policy]:
    """The policies, each with the newest timestamp of all its runs: a report has no clock to hold them against."""
    if snapshot.runs is None:
        return
    newest = snapshot.runs().group_by("policy_hash").agg(pl.col("timestamp").max().to_physical())
    found = {str(policy_hash): time for policy_hash, time in newest.iter_rows()}
    for policy in snapshot.policies:
        yield replace(policy, newest=found.get(policy.policy_hash))


def _of(runs: int, n: int) -> str:
    """A number of runs with its share; `-` for none at all."""
    return f"{format_count(runs)} ({format_percent(runs, n)})" if runs else MISSING
