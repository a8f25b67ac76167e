"""What the screen Readiness says of one policy: checklist, proposed cuts, mini-backtest, alarms, versions. Pure.

Each part is a block of lines of a width; `readiness_page` lays the blocks out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from gateconsole.text import counted, noun
from gateconsole.tui.readiness.cells import MARKS, sign
from gateconsole.tui.theme.paint import Painter, Part, Parts
from gateconsole.tui.theme.wrap import wrap_words
from gateconsole.view import (
    MISSING,
    check_interval,
    check_limit,
    check_value,
    format_count,
    format_percent,
    format_rate,
    format_time_short,
    interval_beside,
)

if TYPE_CHECKING:
    from gateconsole.judgement.backtest import Backtest, Proposal, Version
    from gateconsole.judgement.false_positives import FalseAlarms, Share
    from gateconsole.judgement.readiness import Readiness, Row
    from gateconsole.statistics.intervals import Limits

WIDE_CHECKLIST: Final = 118
"""Cells from which the checklist says its states in words and where each share comes from."""

NAMES: Final = {"p95": "p95-based", "median": "median-based"}
"""Statistic of a proposal -> how it is called."""

_ALARMS: Final = f"{'WARN':>7}{'REVIEW':>8}"
_VERSIONS: Final = 6
"""Versions shown around the policy; the rest is counted."""


def interval(limits: Limits | None) -> str:
    """A Wilson interval of a share in percent: `2.3 to 7.9 %`."""
    return MISSING if limits is None else interval_beside(limits)


def checklist(found: Readiness, width: int, ascii_only: bool = False) -> list[Parts]:
    """The checklist of rule G25, a line a row."""
    if width >= WIDE_CHECKLIST:
        return [_wide_head(), *(_wide_row(row, ascii_only) for row in found.rows)]
    return [_narrow_head(), *(_narrow_row(row, ascii_only) for row in found.rows), *_legend(found)]


def _wide_head() -> Parts:
    words = f"{'':<19}{'CHECK':<37}{'VALUE':>8}  {'LIMIT':<8}{'RUNS':>17}{'95 % INTERVAL':>18}  SOURCE"
    return ((words, "muted"),)


def _wide_row(row: Row, ascii_only: bool) -> Parts:
    mark, ink = MARKS[row.state]
    state = f"{row.state}, not sure" if sign(row) else row.state
    return (
        (f" {mark}", ink),
        (f"{sign(row) or ' '} ", "notice"),
        (f"{state:<15}", ink),
        (f"{row.name:<37}{check_value(row):>8}", _ink(row)),
        (f"  {check_limit(row, ascii_only):<8}", "text" if row.limit is not None else "muted"),
        (f"{_runs(row):>17}{check_interval(row):>18}", "muted"),
        (f"  {row.source if row.limit is not None else MISSING}", "muted"),
    )


def _narrow_head() -> Parts:
    return ((f"    {'CHECK':<36}{'VALUE':>7} {'LIMIT':<7}{'95 % INTERVAL':>15} SOURCE", "muted"),)


def _narrow_row(row: Row, ascii_only: bool) -> Parts:
    mark, ink = MARKS[row.state]
    return (
        (f" {mark}", ink),
        (f"{sign(row) or ' '} ", "notice"),
        (f"{row.name:<36}{check_value(row):>7} ", _ink(row)),
        (f"{check_limit(row, ascii_only):<7}", "text" if row.limit is not None else "muted"),
        (f"{check_interval(row):>15} {row.source if row.limit is not None else MISSING}", "muted"),
    )


def _ink(row: Row) -> str:
    return "muted" if row.state == "not applicable" else "text"


def _runs(row: Row) -> str:
    return f"{format_count(row.runs)} of {format_count(row.n)}" if row.n else MISSING


def _legend(found: Readiness) -> Iterator[Parts]:
    """What the marks of a narrow checklist mean: those that stand there."""
    states = [state for state in MARKS if any(row.state == state for row in found.rows)]
    parts: list[Part] = [(" ", "text")]
    for state in states:
        mark, ink = MARKS[state]
        parts.extend(((f"{mark} ", ink), (f"{state}  ", "muted")))
    if any(map(sign, found.rows)):
        parts.extend((("~ ", "notice"), ("not sure", "muted")))
    yield tuple(parts)


def proposed(paint: Painter, found: Sequence[Proposal], in_force: str, width: int) -> list[Parts]:
    """The cut in force, then the proposed ones, p95-based and median-based, each with its reason."""
    lines: list[Parts] = [_title("proposed cuts"), ((f"   {'in force':<14}", "muted"), (in_force, "text"))]
    for proposal in found:
        above = f"   {format_percent(proposal.above, proposal.n)} of runs above it" if proposal.cut is not None else ""
        head = f"   {NAMES[proposal.statistic]:<14}"
        lines.append(((head, "muted"), (format_rate(proposal.cut), "strong"), (above, "text")))
        words = f"{proposal.reason}; interval {interval(proposal.limits)}" if proposal.limits else proposal.reason
        lines += _folded(paint, words, width, 17)
    return lines


def backtest(found: Sequence[Backtest], proposal: Proposal) -> list[Parts]:
    """What the proposed cut would have made of the runs there are, a line a stratum (rule G26)."""
    title = _title(f"mini-backtest at cut {format_rate(proposal.cut)}, {NAMES[proposal.statistic]}")
    if not found:
        return [title, (("   no run has a rate", "muted"),)]
    over = f"{'':<28}{'without':>15}{'with whitelist':>15}"
    head = f"   {'STRATUM':<11}{'N':>7}{'PASS':>7}{_ALARMS}{_ALARMS}{'FAIL':>6}{'BLOCK':>6}{'NO RATE':>8}"
    pairs = zip(found[::2], found[1::2], strict=True)
    return [title, ((over, "muted"),), ((head, "muted"),), *(_tested(*pair) for pair in pairs)]


def _tested(without: Backtest, listed: Backtest) -> Parts:
    name = {"whole": "all", None: "no stratum"}.get(without.stratum, without.stratum) or ""
    return (
        (f"   {name:<11}", "strong" if name == "all" else "text"),
        (f"{format_count(without.n):>7}{format_count(without.passed):>7}", "text"),
        (f"{format_count(without.warn):>7}", "warn" if without.warn else "muted"),
        (f"{format_count(without.review):>8}", "review" if without.review else "muted"),
        (f"{format_count(listed.warn):>7}", "warn" if listed.warn else "muted"),
        (f"{format_count(listed.review):>8}", "review" if listed.review else "muted"),
        (f"{format_count(without.fail):>6}", "fail" if without.fail else "muted"),
        (f"{format_count(without.block):>6}", "block" if without.block else "muted"),
        (f"{format_count(without.without_rate):>8}", "muted"),
    )


def alarms(paint: Painter, found: FalseAlarms, width: int) -> list[Parts]:
    """False positives: judged, unjudged, the proxy, what the whitelist takes away (rule G24)."""
    judged, proxy = found.false_positives, found.proxy
    nothing = "none yet: a verdict says accepted or rejected"
    said = {
        "judged": f"{_share(judged)} judged {noun(judged.n, 'alarm')} rejected" if judged.n else nothing,
        "unjudged": f"{format_count(found.unjudged)} of {counted(found.alarms, 'alarm')} (WARN, REVIEW or spike)",
        "proxy": f"{_share(proxy)} WARN and REVIEW runs are whitelisted" if proxy.n else "no WARN or REVIEW run",
        "reduction": _reduction(found),
    }
    lines: list[Parts] = [_title("false positives")]
    for name, words in said.items():
        lines += _named(paint, name, words, width)
    return lines


def _named(paint: Painter, name: str, words: str, width: int) -> Iterator[Parts]:
    for place, piece in enumerate(wrap_words(words, max(width - 15, 10), paint.ascii_only)):
        yield ((f"   {name if place == 0 else '':<11}", "muted"), (piece, "text"))


def _share(share: Share) -> str:
    runs = f"{format_count(share.runs)} of {format_count(share.n)}"
    return f"{format_percent(share.runs, share.n)} [{interval(share.limits)}]: {runs}"


def _reduction(found: FalseAlarms) -> str:
    if not found.before:
        return "A = 0: no alarm without a FAIL signal"
    taken = format_percent(found.before - found.after, found.before)
    both = f"A = {counted(found.before, 'alarm')} without a FAIL signal, B = {format_count(found.after)} left"
    return f"{taken} by the whitelist: {both}"


def versions(paint: Painter, found: Sequence[Version], policy_hash: str, now: int, width: int) -> list[Parts]:
    """How stable the rate is from version to version; never pooled (rules G26, G27)."""
    place = next((at for at, one in enumerate(found) if one.policy_hash == policy_hash), 0)
    start = max(0, min(place - _VERSIONS + 2, len(found) - _VERSIONS))
    shown = found[start : start + _VERSIONS]
    left = len(found) - len(shown)
    name = max(min(width - 45, 24), 8)
    note = f"  {format_count(left)} more versions not shown" if left else ""
    head = f"   {'POLICY':<{name}}{'VALID':>8}{'MEDIAN':>9}{'CHANGE':>9}{'P95':>9}{'LAST':>8}"
    lines: list[Parts] = [(*_title("rate over policy versions"), (note, "muted")), ((head, "muted"),)]
    for one in shown:
        here = one.policy_hash == policy_hash
        change = MISSING if one.change is None else f"{one.change:+.4f}"
        numbers = f"{format_count(one.n_valid):>8}{format_rate(one.median):>9}{change:>9}{format_rate(one.p95):>9}"
        lines.append(
            (
                (" → " if here else "   ", "accent"),
                *paint.cell(((one.policy_hash, "strong" if here else "text"),), name),
                (numbers, "text"),
                (f"{format_time_short(one.newest, now):>8}", "muted"),
            )
        )
    return lines


def _title(words: str) -> Parts:
    return ((f" {words}", "strong"),)


def _folded(paint: Painter, words: str, width: int, indent: int) -> list[Parts]:
    pieces = wrap_words(words, max(width - indent - 1, 10), paint.ascii_only)
    return [((" " * indent, "text"), (piece, "muted")) for piece in pieces]
