"""rollout_series_v1.md: the rollup for people (rules 2.3).

It depends on artifacts, whitelist, settings and those acts of operators that hold whatever the time (verdicts, adopted
levels): no clock, no path of the root, nothing of the session.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from gateconsole.exports.column import Column, Row
from gateconsole.exports.formats import md_lines
from gateconsole.exports.tables import ALL_STRATA, CLASSES, REJECTED, STATES
from gateconsole.model import NONE, OUTCOMES
from gateconsole.reports.definitions import definitions
from gateconsole.reports.judgement import sections
from gateconsole.snapshot import Policy, Snapshot, Stats
from gateconsole.text import code_span
from gateconsole.view import MISSING, completeness, format_count, format_percent

FILE_NAME: Final = "rollout_series_v1.md"

_SCOPE: Final = (Column("policy_hash", "text"), Column("stratum", "word"))


def report(snapshot: Snapshot) -> bytes:
    """The whole of rollout_series_v1.md, UTF-8."""
    return "\n".join([*_lines(snapshot), ""]).encode()


def _lines(snapshot: Snapshot) -> Iterator[str]:
    yield "# Rollout series v1"
    yield ""
    yield f"Files: {completeness(snapshot.completeness)}. Policies: {format_count(len(snapshot.policies))}."
    yield from _section("Definitions", definitions(snapshot))
    yield from _section("unknown_rate by policy and stratum", _rates(snapshot), snapshot.policies)
    yield from _section("Outcomes", _outcomes(snapshot), snapshot.policies)
    yield from _section("Unknown classes", _classes(snapshot), snapshot.policies)
    yield from _section("Whitelist split", _whitelist(snapshot), snapshot.policies)
    for title, lines in sections(snapshot):
        yield from _section(title, lines, lines)
    yield from _section("Rejected files", md_lines(REJECTED.columns, REJECTED.rows(snapshot)), snapshot.rejected)


def _section(title: str, lines: Iterable[str], things: Iterable[object] = (True,)) -> Iterator[str]:
    """A heading and its lines; one word when there is nothing to show."""
    yield from ("", f"## {title}", "")
    yield from lines if any(True for _ in things) else ("None.",)


def _scopes(snapshot: Snapshot) -> Iterator[tuple[Policy, str, Stats]]:
    """Every policy as a whole, then each of its strata."""
    for policy in snapshot.policies:
        yield policy, ALL_STRATA, policy.whole
        for stratum, stats in policy.strata:
            yield policy, stratum or NONE, stats


def _rates(snapshot: Snapshot) -> Iterator[str]:
    counts = tuple(Column(name, "count") for name in ("n", "n_valid"))
    rates = tuple(Column(name, "rate") for name in ("min", "median", "p95", "max"))
    return md_lines(_SCOPE + counts + rates, (_rate_row(*scope) for scope in _scopes(snapshot)))


def _rate_row(policy: Policy, stratum: str, stats: Stats) -> Row:
    rates = (
        stats.unknown_rate_min,
        stats.unknown_rate_median,
        stats.unknown_rate_p95,
        stats.unknown_rate_max,
    )
    return policy.policy_hash, stratum, stats.n, stats.n_valid, *rates


def _outcomes(snapshot: Snapshot) -> Iterator[str]:
    """Runs by outcome with their share of n; what the other words are stands below the table."""
    counts = tuple(Column(word, "count") for word in ("n", *OUTCOMES, "other"))
    yield from md_lines(_SCOPE + counts, (_outcome_row(*scope) for scope in _scopes(snapshot)))
    for policy in snapshot.policies:
        others = {word: runs for word, runs in policy.whole.outcomes.items() if word not in OUTCOMES and runs}
        if others:
            named = ", ".join(f"{code_span(word)} {runs}" for word, runs in others.items())
            yield from ("", f"Other outcomes of {code_span(policy.policy_hash)}: {named}.")


def _outcome_row(policy: Policy, stratum: str, stats: Stats) -> Row:
    known = [stats.outcomes.get(word, 0) for word in OUTCOMES]
    other = sum(stats.outcomes.values()) - sum(known)
    return policy.policy_hash, stratum, stats.n, *(_of(runs, stats.n) for runs in (*known, other))


def _classes(snapshot: Snapshot) -> Iterator[str]:
    return md_lines(CLASSES.columns, CLASSES.rows(snapshot))


def _whitelist(snapshot: Snapshot) -> Iterator[str]:
    names = ("n", *STATES, "with a listed class", "with an unlisted class")
    columns = _SCOPE + tuple(Column(name, "count") for name in names)
    return md_lines(columns, (_whitelist_row(*scope) for scope in _scopes(snapshot)))


def _whitelist_row(policy: Policy, stratum: str, stats: Stats) -> Row:
    runs = (*(stats.listed.get(state, 0) for state in STATES), stats.n_listed, stats.n_unlisted)
    return policy.policy_hash, stratum, stats.n, *(_of(number, stats.n) for number in runs)


def _of(runs: int, n: int) -> str:
    """A number of runs with its share of n; `-` for none at all."""
    return f"{runs} ({format_percent(runs, n)})" if runs else MISSING
