"""Snapshot -> what a screen shows: order, words, levels. Pure, and without polars, so that screens compute nothing.

What needs polars (`run_rows`, `matching_policies`) loads it when it is first called: after the first paint. Text that
comes from an artifact is passed on as it is; the exit that shows it makes it printable.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from gateconsole.model import FAIL_SIGNALS, NONE, OUTCOMES, Completeness, Stratum, Whitelist
from gateconsole.query import EVERYTHING, Query
from gateconsole.rows.sorts import NEWEST_FIRST, Sort
from gateconsole.snapshot import Policy, Snapshot, Stats
from gateconsole.text import decimals_beside

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateconsole.judgement.readiness import Row as CheckRow
    from gateconsole.rows.policies import MatchingPolicies
    from gateconsole.rows.runs import RunsView
    from gateconsole.statistics.intervals import Limits

if TYPE_CHECKING:
    from gateconsole.rows.runs import RunsView

MISSING: Final = "-"
"""Stands for "none" everywhere; never a blank."""

OTHER_OUTCOME: Final = "U"
"""Letter of an outcome word that is none of the six (rule G9)."""

LETTERS: Final = {outcome: outcome[0] for outcome in OUTCOMES} | {NONE: MISSING}
"""Outcome -> the letter that stands for it in bars, trends and charts."""

LEVELS: Final = 8
"""Heights of a trend, 0 to LEVELS - 1; 0 is a rate of exactly zero."""

_DAY: Final = 86_400_000_000
_DECIMALS_MOST: Final = 40
_RELATIONS: Final = {">=": "≥", "<=": "≤", "<": "<"}
_DATE: Final = re.compile(r"(\d{4})-(\d{2}-\d{2})")


def format_count(number: int) -> str:
    """A whole number with thousands marked: `12,340`."""
    return f"{number:,}"


def n_of_m(matched: int, total: int) -> str:
    """How many of how many are shown: `37 of 12,340`; only the number when it is all of them."""
    return format_count(total) if matched == total else f"{format_count(matched)} of {format_count(total)}"


def format_rate(rate: float | None) -> str:
    """A fraction inside a run with four decimals, `0.0750`; `-` if there is none."""
    return MISSING if rate is None else f"{rate:.4f}"


def rate_beside(rate: float | None, other: float | None) -> str:
    """A rate as `rate4`, with more decimals where it would look equal to the one beside it (a cut) and is not."""
    if rate is None or other is None:
        return format_rate(rate)
    return f"{rate:.{decimals_beside(rate, other, 4)}f}"


def share_beside(share: float, limit: float | None, figure: Callable[[float, int], str] | None = None) -> str:
    """A share in percent without the sign, `4.2`, with as many decimals as show on which side of a limit it is.

    `figure`: the share with so many decimals; by default 100 only when it is all of them.
    """
    figure = figure or _share
    if limit is None:
        return figure(share, 1)
    bound, side = Decimal(repr(limit)) * 100, (share > limit) - (share < limit)
    for decimals in range(1, _DECIMALS_MOST):
        shown = Decimal(figure(share, decimals))
        if (shown > bound) - (shown < bound) == side:
            return figure(share, decimals)
    return figure(share, _DECIMALS_MOST)


def _share(share: float, decimals: int) -> str:
    if share == 1:
        return "100"
    most = Decimal(100) - Decimal(1).scaleb(-decimals)
    return str(min(Decimal(_bound(share, decimals)), most))


def _bound(share: float, decimals: int) -> str:
    return f"{share * 100:.1f}" if decimals == 1 else str(round(Decimal(repr(share)) * 100, decimals))


def check_value(row: CheckRow) -> str:
    """The value of a row of the checklist: `409`, or a share of runs, `4.2 %`, that never contradicts its state."""
    if row.value is None:
        return MISSING
    return format_count(row.runs) if row.relation == ">=" else f"{share_beside(row.value, row.limit)} %"


def check_limit(row: CheckRow, ascii_only: bool = True) -> str:
    """Its limit: `>= 40`, `< 20 %`; `-` without one."""
    if row.limit is None:
        return MISSING
    limit = format_count(int(row.limit)) if row.relation == ">=" else f"{exact_percent(row.limit)} %"
    return f"{row.relation if ascii_only else _RELATIONS[row.relation]} {limit}"


def check_interval(row: CheckRow) -> str:
    """The Wilson interval of a share in percent, `2.3 to 7.9 %`, that never contradicts whether the state is sure."""
    limits = row.limits
    if limits is None:
        return MISSING
    return interval_beside(limits, row.limit)


def interval_beside(limits: Limits, limit: float | None = None) -> str:
    """The limits of a share of runs in percent, `2.3 to 7.9 %`, each on its side of a limit."""
    lower, upper = (share_beside(bound, limit, _bound) for bound in limits)
    return f"{lower} to {upper} %"


def exact_percent(share: float) -> str:
    """A fraction in percent with every digit it has: `12.5`, `20`."""
    return f"{(Decimal(repr(share)) * 100).normalize():f}"


def format_percent(part: int, whole: int) -> str:
    """A share of runs, `7.6 %`; `100 %` only when it is all of them; `-` if there are no runs."""
    if not whole:
        return MISSING
    if part == whole:
        return "100 %"
    return f"{min(part / whole * 100, 99.9):.1f} %"


def format_time(time: int | None, now: int) -> str:
    """A time in UTC, both in microseconds: `13:16:05Z` on the day of `now`, else with its date; `-` if none."""
    if time is None:
        return MISSING
    moment = _moment(time)
    if time // _DAY == now // _DAY:
        return f"{moment:%H:%M:%SZ}"
    return f"{moment:%m-%d %H:%MZ}" if moment.year == _moment(now).year else f"{moment:%Y-%m-%d}"


def format_time_short(time: int | None, now: int) -> str:
    """A time in at most seven cells: `13:16Z` on the day of `now`, `02-18` in its year, else `2025-02`."""
    if time is None:
        return MISSING
    moment = _moment(time)
    if time // _DAY == now // _DAY:
        return f"{moment:%H:%MZ}"
    return f"{moment:%m-%d}" if moment.year == _moment(now).year else f"{moment:%Y-%m}"


def _moment(time: int) -> datetime:
    """Microseconds since 1970 as a date in UTC; years a calendar cannot hold end at its borders."""
    return datetime.fromtimestamp(min(max(time // 1_000_000, -62_135_596_800), 253_402_300_799), UTC)


def completeness(parts: Completeness) -> str:
    """Where every file stands, as a sum that can be checked: `12,340 seen = 12,311 parsed + 29 rejected`."""
    words = [f"{format_count(parts.parsed)} parsed"]
    for number, word in (
        (parts.pending, "pending"),
        (parts.rejected, "rejected"),
        (parts.duplicate, "duplicate"),
    ):
        if number:
            words.append(f"{format_count(number)} {word}")
    if parts.conflicting:
        words[-1] += f" ({format_count(parts.conflicting)} conflicting)"
    return f"{format_count(parts.seen)} seen = {' + '.join(words)}"


def not_judged(policy: Policy) -> str:
    """`, 4 not judged: no time` behind other words; empty when every run is (rule G5)."""
    return f", {format_count(policy.not_judged)} not judged: no time" if policy.not_judged else ""


def outcome_letter(outcome: str) -> str:
    """The letter of an outcome: its first one for the six known words, `U` for another word, `-` for none."""
    return LETTERS.get(outcome, OTHER_OUTCOME)


def outcome_counts(stats: Stats) -> dict[str, int]:
    """Letter -> number of runs, in rising severity, other words and none last; zeros are left out."""
    counts = dict.fromkeys((*(LETTERS[word] for word in OUTCOMES), OTHER_OUTCOME, MISSING), 0)
    for word, runs in stats.outcomes.items():
        counts[outcome_letter(word)] += runs
    return {mark: runs for mark, runs in counts.items() if runs}


def outcome_bar(stats: Stats, width: int) -> str:
    """The outcome mix as letters, `PPPPPCWF`: each outcome in proportion, none that occurred without its letter.

    Fewer runs than `width` give one letter a run.
    """
    counts = outcome_counts(stats)
    total = sum(counts.values())
    if total <= width:
        return "".join(mark * runs for mark, runs in counts.items())
    spare = max(width - len(counts), 0)
    cells = {mark: 1 + runs * spare // total for mark, runs in counts.items()}
    by_remainder = sorted(counts, key=lambda mark: -(counts[mark] * spare % total))
    for mark in by_remainder[: width - sum(cells.values())]:
        cells[mark] += 1
    return "".join(mark * number for mark, number in cells.items())[:width]


class Point(NamedTuple):
    """One run of a trend: its height 0..7, None without a rate, and the letter of its outcome."""

    level: int | None
    outcome: str
    fails: bool


def trend(policy: Policy, width: int) -> tuple[Point, ...]:
    """The newest `width` runs on the policy's own scale: zero is level 0, its maximum the top level."""
    top = policy.whole.unknown_rate_max or 0.0
    return tuple(
        Point(_level(run.unknown_rate, top), outcome_letter(run.outcome), run.outcome in FAIL_SIGNALS)
        for run in policy.recent[-width:]
    )


def _level(rate: float | None, top: float) -> int | None:
    if rate is None:
        return None
    return 0 if not rate or not top else max(1, min(LEVELS - 1, round(rate / top * (LEVELS - 1))))


def listed_share(stats: Stats) -> str:
    """Runs whose unknown classes are all whitelisted / all runs that have unknown classes, as a share of runs."""
    having = sum(runs for state, runs in stats.listed.items() if state != "none")
    return format_percent(stats.listed.get("whitelisted", 0), having)


def policies_in_order(snapshot: Snapshot) -> tuple[Policy, ...]:
    """The policies as listed: by the day of their newest run, latest first, then most runs first, then by hash.

    Within a day an arriving run never moves a row to the top, so the list keeps still under the reader's eyes.
    """
    return tuple(sorted(snapshot.policies, key=_calm_order))


def _calm_order(policy: Policy) -> tuple[bool, int, int, str]:
    day = 0 if policy.newest is None else policy.newest // _DAY
    return policy.newest is None, -day, -policy.whole.n, policy.policy_hash


class StratumRow(NamedTuple):
    """One line of a policy's strata: the whole policy first, under the name `all`."""

    name: str
    stats: Stats


def strata_rows(policy: Policy) -> tuple[StratumRow, ...]:
    """The whole policy, then each stratum with runs; only the whole if no run names a stratum."""
    named = tuple(StratumRow(_stratum_name(stratum), stats) for stratum, stats in policy.strata)
    only_nameless = len(policy.strata) == 1 and policy.strata[0][0] is None
    return (StratumRow("all", policy.whole), *(() if only_nameless else named))


def _stratum_name(stratum: Stratum | None) -> str:
    return stratum or "no stratum"


class ClassRow(NamedTuple):
    """One unknown class of a policy, as shown: counts, and how the whitelist stands to it.

    `spikes` that hold it; None where that is not known.
    """

    name: str
    runs: int
    n_valid: int
    fail_runs: int
    listed: str
    since: str
    spikes: int | None = None


def class_rows(policy: Policy, whitelist: Whitelist, now: int) -> tuple[ClassRow, ...]:
    """A policy's unknown classes, most runs first (rule G15), each with the date its entry was added."""
    frame = policy.classes.select("class", "runs", "fail_runs", "listed")
    return tuple(
        ClassRow(
            name,
            runs,
            policy.whole.n_valid,
            fails,
            listed,
            _since(name, whitelist, now) if listed != "unlisted" else "",
        )
        for name, runs, fails, listed in frame.iter_rows()
    )


def _since(name: str, whitelist: Whitelist, now: int) -> str:
    """The earliest date on which this class was whitelisted: `02-19` in the year of `now`, else `2025-02-19`."""
    dates = sorted(
        entry.added_at
        for entry in whitelist.entries
        if entry.reason == name and entry.added_at and entry not in whitelist.expired
    )
    if not dates:
        return ""
    found = _DATE.match(dates[0])
    if not found:
        return dates[0]
    return found[2] if int(found[1]) == _moment(now).year else found[0]


def run_rows(
    snapshot: Snapshot, query: Query = EVERYTHING, sort: Sort = NEWEST_FIRST, before: RunsView | None = None
) -> RunsView:
    """The runs that match, in order, as windows; `before` (what was shown last) makes it cheap. Any thread may ask."""
    from gateconsole.rows.runs import run_rows as made

    return made(snapshot, query, sort, before)


def matching_policies(query: Query, snapshot: Snapshot, before: MatchingPolicies | None = None) -> MatchingPolicies:
    """The policies with at least one matching run; `before` (what was found last) makes it cheap."""
    from gateconsole.rows.policies import matching_policies as found

    return found(query, snapshot, before)


def newer_runs(snapshot: Snapshot, frozen: Snapshot) -> int:
    """How many runs came since a Snapshot that is held in sight: `FROZEN, 14 newer`."""
    from gateconsole.rows.runs import newer

    return newer(snapshot, frozen)


def midnight(now: int) -> int:
    """The begin of the day of this time, both in microseconds UTC."""
    return now // _DAY * _DAY
