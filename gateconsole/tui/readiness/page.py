"""Everything the screen Readiness says of one policy, laid out for a width. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

from gateconsole.tui.readiness.sweep_chart import Mark, sweep_chart
from gateconsole.tui.readiness.text import (
    NAMES,
    WIDE_CHECKLIST,
    alarms,
    backtest,
    checklist,
    proposed,
    versions,
)
from gateconsole.tui.theme.paint import Painter, Parts
from gateconsole.view import format_count

if TYPE_CHECKING:
    from gateconsole.judgement.backtest import Version
    from gateconsole.policy_review import PolicyReview

BESIDE: Final = 110
"""Width from which two blocks stand side by side."""

TWO_COLUMNS: Final = 190
"""Width from which the whole page stands in two columns."""

BACKTEST: Final = 80
"""Cells the mini-backtest takes."""

_CHART_HEIGHT: Final = 12
_GAP: Final = 2


class ReadinessTexts(NamedTuple):
    """A review, the versions of the policies, the rule of the next run with its cut; `now` in microseconds UTC.

    `judging`: the policy is judged anew just now.
    """

    review: PolicyReview
    versions: tuple[Version, ...]
    rule: str
    judging: bool
    now: int


def readiness_page(paint: Painter, told: ReadinessTexts, width: int) -> list[Parts]:
    """The lines."""
    found = told.review
    head: list[Parts] = []
    if told.judging:
        words = " ? judged anew just now: spikes and false positives are those of a moment ago"
        head = [((words, "notice"),), ()]
    checks = checklist(found.readiness, width if width < TWO_COLUMNS else WIDE_CHECKLIST, paint.ascii_only)
    tested = backtest(found.backtest, found.proposals[0])
    if width >= TWO_COLUMNS:
        left, right = WIDE_CHECKLIST + 2, width - WIDE_CHECKLIST - 2 - _GAP
        one = _stacked(checks, tested, alarms(paint, found.false_alarms, left))
        two = _stacked(
            _sweep(found, right), proposed(paint, found.proposals, told.rule, right), _versions(paint, told, right)
        )
        return [*head, *beside(paint, one, two, left)]
    if width >= BESIDE:
        half = width // 2
        upper = _stacked(
            proposed(paint, found.proposals, told.rule, width - half - _GAP), _alarms(paint, told, width - half - _GAP)
        )
        lower = _versions(paint, told, width - BACKTEST - _GAP)
        below = beside(paint, tested, lower, BACKTEST) if width >= BACKTEST + 50 else _stacked(tested, lower)
        return [*head, *_stacked(checks, beside(paint, _sweep(found, half), upper, half), below)]
    blocks = (checks, _sweep(found, min(width, 100)), proposed(paint, found.proposals, told.rule, width), tested)
    return [*head, *_stacked(*blocks, _alarms(paint, told, width), _versions(paint, told, width))]


def _alarms(paint: Painter, told: ReadinessTexts, width: int) -> list[Parts]:
    return alarms(paint, told.review.false_alarms, width)


def _versions(paint: Painter, told: ReadinessTexts, width: int) -> list[Parts]:
    return versions(paint, told.versions, told.review.policy_hash, told.now, width)


def _sweep(found: PolicyReview, width: int) -> list[Parts]:
    """The sweep with its caption; both proposed cuts are marked, as one where they are one."""
    marks = [Mark(one.cut, NAMES[one.statistic]) for one in found.proposals if one.cut is not None]
    if len(marks) == 2 and marks[0].cut == marks[1].cut:
        marks = [Mark(marks[0].cut, "both proposals")]
    title = f"runs above the cut, n {format_count(found.sweep[0].n if found.sweep else 0)}"
    caption: Parts = (
        (f" {title}", "strong"),
        ("   ─ ", "text"),
        ("without", "muted"),
        ("  █ ", "chart"),
        ("with whitelist", "muted"),
    )
    return [caption, *sweep_chart(found.sweep, marks, width - 1, _CHART_HEIGHT)]


def _stacked(*blocks: Sequence[Parts]) -> list[Parts]:
    """Blocks one below the other, a blank line between them."""
    lines: list[Parts] = []
    for block in blocks:
        lines.extend([(), *block] if lines else block)
    return lines


def beside(paint: Painter, left: Sequence[Parts], right: Sequence[Parts], width: int) -> list[Parts]:
    """Two blocks side by side, the left one in `width` cells."""
    gap: Parts = ((" " * _GAP, "text"),)
    return [(*paint.cell(one, width), *gap, *two) for one, two in zip_longest(left, right, fillvalue=())]
