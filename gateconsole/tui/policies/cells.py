"""Columns and cells of the list of policies. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.cells import cell_len

from gateconsole.snapshot import Policy
from gateconsole.tui.policies.alert_marks import NO_ALERT_MARKS, WIDEST, AlertMarks, marks_cell
from gateconsole.tui.theme.paint import INKS, Parts, merged, printable_cells
from gateconsole.tui.widgets.columns import Column
from gateconsole.view import format_count, format_rate, format_time_short, listed_share, outcome_bar, trend

_BLOCKS: Final = "▁▂▃▄▅▆▇█"


class PolicyRow:
    """A policy as a row: equal to another while it looks the same, which is while the engine kept the object."""

    __slots__ = ("day", "marks", "now", "policy")

    def __init__(self, policy: Policy, now: int, marks: AlertMarks = NO_ALERT_MARKS) -> None:
        self.policy = policy
        self.marks = marks
        self.now = now
        self.day = now // 86_400_000_000

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PolicyRow):
            return False
        return self.policy is other.policy and (self.day, self.marks) == (other.day, other.marks)

    def __hash__(self) -> int:
        return hash(self.policy.policy_hash)


def policy_columns(widest: int, counts: int = 5) -> list[Column]:
    """POLICY to STATE; `widest`: cells of the longest hash; `counts`: of the largest n, which is never cut."""
    return [
        Column("policy", "POLICY", max(6, min(widest, 12)), min(widest, 40), grow=2),
        Column("n", "N", counts, 7, align="right", grow=5),
        Column("valid", "VALID", counts, 7, align="right", drop=3, grow=5),
        Column("outcomes", "OUTCOMES", 10, 24, drop=4, grow=3),
        Column("min", "MIN", 6, align="right", drop=5),
        Column("median", "MEDIAN", 6, align="right"),
        Column("p95", "P95", 6, align="right"),
        Column("max", "MAX", 6, align="right"),
        Column("trend", "LAST {width} RUNS", 11, 40, drop=1, grow=1, brief="NEWEST {width}"),
        Column("listed", "LISTED", 6, align="right", drop=6),
        Column("last", "LAST", 7, align="right", drop=2),
        Column("state", "STATE", 5, WIDEST, grow=0),
    ]


def hash_width(row: PolicyRow) -> int:
    """Cells that a policy's hash takes."""
    return cell_len(printable_cells(row.policy.policy_hash[:64]))


def count_width(rows: Iterable[PolicyRow]) -> int:
    """Cells that the largest number of runs takes."""
    return len(format_count(max((row.policy.whole.n for row in rows), default=0)))


def policy_cell(row: PolicyRow, column: str, width: int) -> Parts:
    """One cell of a policy's row."""
    policy = row.policy
    stats = policy.whole
    match column:
        case "policy":
            return ((policy.policy_hash, "strong"),)
        case "outcomes":
            return merged((mark, INKS[mark]) for mark in outcome_bar(stats, width))
        case "trend":
            return _trend(policy, width)
        case "last":
            return ((format_time_short(policy.newest, row.now), "text"),)
        case "state":
            return marks_cell(row.marks, width)
    words = {
        "n": lambda: format_count(stats.n),
        "valid": lambda: format_count(stats.n_valid),
        "min": lambda: format_rate(stats.unknown_rate_min),
        "median": lambda: format_rate(stats.unknown_rate_median),
        "p95": lambda: format_rate(stats.unknown_rate_p95),
        "max": lambda: format_rate(stats.unknown_rate_max),
        "listed": lambda: listed_share(stats),
    }
    return ((words[column](), "text"),)


def _trend(policy: Policy, width: int) -> Parts:
    """The newest runs as blocks on the policy's own scale; `F` and `B` mark FAIL signals, `-` a run without rate."""
    parts: list[tuple[str, str]] = []
    for point in trend(policy, width):
        if point.fails:
            parts.append((point.outcome, INKS[point.outcome]))
        elif point.level is None:
            parts.append(("-", "gap"))
        else:
            parts.append((_BLOCKS[point.level], "chart"))
    return merged(parts)
