"""Alerts and readiness as plain text, for terminals, pipes and logs: printable, aligned, no colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from gateconsole.exports.readiness_json import scope_name
from gateconsole.policy_review import PolicyReview, associations_by_class
from gateconsole.reports.judgement_figures import (
    STATISTICS,
    share_text,
    state_text,
)
from gateconsole.rows.readiness import verdict_text
from gateconsole.snapshot import Snapshot
from gateconsole.text import aligned, counted, iso_second, printable
from gateconsole.view import (
    MISSING,
    check_interval,
    check_limit,
    check_value,
    format_count,
    format_percent,
    format_rate,
    format_time,
    rate_beside,
)

if TYPE_CHECKING:
    from gateconsole.judgement.alerts import Alert
    from gateconsole.judgement.effects import Association

_ALERTS: Final = (
    *("STATE", "POLICY", "CLASS", "RULE", "CUT", "PEAK", "SPIKES", "FAIL", "FIRST", "LAST", "BY"),
    "ASSOCIATION WITH FAIL",
)
_ALERTS_LEFT: Final = frozenset({"STATE", "POLICY", "CLASS", "RULE", "BY", "ASSOCIATION WITH FAIL"})

_CHECKS: Final = ("  CHECK", "VALUE", "LIMIT", "RUNS", "95 % LIMITS", "STATE", "SOURCE")
_CHECKS_LEFT: Final = frozenset({"  CHECK", "LIMIT", "STATE", "SOURCE"})

_TESTS: Final = ("  STRATUM", "WHITELIST", "N", "PASS", "WARN", "REVIEW", "FAIL", "BLOCK", "NO RATE")
_TESTS_LEFT: Final = frozenset({"  STRATUM", "WHITELIST"})


def alerts_text(snapshot: Snapshot) -> str:
    """Every alert, one line each, and how many there are of each state; those of no evidence (rule G28) apart."""
    lines = [_told_for(snapshot), *_nothing_found(snapshot)]
    if snapshot.alerts:
        linked = associations_by_class(snapshot)
        lines += aligned(
            _ALERTS, [_alert_cells(one, linked, snapshot.taken_at) for one in snapshot.alerts], _ALERTS_LEFT
        )
    states = Counter((alert.state, alert.without_evidence) for alert in snapshot.alerts)
    said = [f"{format_count(n)} {state}{' without evidence' if blind else ''}" for (state, blind), n in states.items()]
    lines.append(", ".join(said) or "no alert ever fired or is pending")
    return "".join(f"{line}\n" for line in lines)


def readiness_text(snapshot: Snapshot, reviewed: Sequence[PolicyReview]) -> str:
    """Every policy (`reviews.reviews`) with its checklist, proposed cuts, false alarms and mini-backtest."""
    lines = [_told_for(snapshot), *_nothing_found(snapshot)]
    for found in reviewed:
        lines += ["", f"{printable(found.policy_hash)}: {verdict_text(found.readiness)}", *_checklist(found)]
        lines += ["", *_proposed(found), "", *_false_alarms(found), *_backtest(found)]
    if not reviewed:
        lines.append("no policy has a run: too few")
    return "".join(f"{line}\n" for line in lines)


def _told_for(snapshot: Snapshot) -> str:
    return f"as of {iso_second(snapshot.taken_at)}, by the whitelist as it is today"


def _nothing_found(snapshot: Snapshot) -> list[str]:
    """That there is no run at all is no calm: it is said first."""
    return [] if snapshot.policies else ["nothing found: there is no run"]


def _alert_cells(alert: Alert, linked: Mapping[tuple[str, str], Association], now: int) -> tuple[str, ...]:
    first, last = alert.first_run, alert.last_run
    marks = [word for word, there in (("provisional", alert.provisional), ("listed", alert.listed)) if there]
    if alert.no_run_since is not None:
        marks.append(f"no run since {format_time(alert.no_run_since, now)}")
    until = f" until {format_time(alert.until, now)}" if alert.until is not None else ""
    said = linked.get((alert.policy_hash or "", alert.class_name))
    return (
        f"{alert.state} ({', '.join(marks)})" if marks else alert.state,
        printable(alert.policy_hash) if alert.policy_hash is not None else MISSING,
        printable(alert.class_name),
        alert.rule,
        rate_beside(alert.cut, alert.peak),
        rate_beside(alert.peak, alert.cut),
        format_count(alert.spikes),
        format_count(alert.fails),
        format_time(first.timestamp if first else None, now),
        format_time(last.timestamp if last else alert.since, now),
        f"{printable(alert.actor)}{until}" if alert.actor is not None else MISSING,
        MISSING if said is None else f"{format_rate(said.difference)} {said.words}",
    )


def _checklist(found: PolicyReview) -> Iterator[str]:
    rows = [
        (
            f"  {row.name}",
            check_value(row),
            check_limit(row),
            f"{format_count(row.runs)} of {format_count(row.n)}" if row.n else MISSING,
            check_interval(row),
            state_text(row),
            row.source if row.limit is not None else MISSING,
        )
        for row in found.readiness.rows
    ]
    return aligned(_CHECKS, rows, _CHECKS_LEFT)


def _proposed(found: PolicyReview) -> Iterator[str]:
    for one in found.proposals:
        yield f"  proposed cut, {STATISTICS[one.statistic]}: {format_rate(one.cut)}  ({one.reason})"


def _false_alarms(found: PolicyReview) -> Iterator[str]:
    said = found.false_alarms
    judged = share_text(said.false_positives)
    yield f"  judged false: {judged}, {format_count(said.unjudged)} of {counted(said.alarms, 'alarm')} unjudged"
    yield f"  whitelisted among WARN and REVIEW: {share_text(said.proxy)}"
    taken = format_percent(said.before - said.after, said.before)
    yield f"  taken away by the whitelist: {taken} (A = {format_count(said.before)}, B = {format_count(said.after)})"


def _backtest(found: PolicyReview) -> Iterator[str]:
    if not found.backtest:
        return
    yield ""
    yield f"  mini-backtest at the p95-based cut {format_rate(found.proposals[0].cut)}"
    rows = [
        (f"  {scope_name(one.stratum)}", "with" if one.with_whitelist else "without", *map(format_count, one[3:]))
        for one in found.backtest
    ]
    yield from aligned(_TESTS, rows, _TESTS_LEFT)
