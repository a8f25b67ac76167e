"""Policies in an order an operator chose. No polars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from gateconsole.model import FAIL_SIGNALS
from gateconsole.rows.sorts import Sort
from gateconsole.statistics.figures import Policy

POLICY_COLUMNS: Final = {
    "day": True,
    "policy": False,
    "n": True,
    "valid": True,
    "outcomes": True,
    "min": True,
    "median": True,
    "p95": True,
    "max": True,
    "listed": True,
    "last": True,
}
"""Every column policies can be sorted by, and whether it falls at first.

`day` is the order they are given in; `outcomes` the share of FAIL signals; `listed` of whitelisted runs.
"""

BY_DAY: Final = Sort("day", True)


def policies_by(policies: Sequence[Policy], sort: Sort) -> tuple[Policy, ...]:
    """The policies in another order; those without the value last, ties in the order given."""
    if sort.column == "day":
        return tuple(policies if sort.falling else reversed(policies))
    having = [policy for policy in policies if _key(policy, sort.column) is not None]
    lacking = [policy for policy in policies if _key(policy, sort.column) is None]
    ordered = sorted(having, key=lambda policy: _key(policy, sort.column), reverse=sort.falling)
    return (*ordered, *lacking)


def _key(policy: Policy, column: str) -> Any:
    """What a policy is compared by; None if it has no such value."""
    stats = policy.whole
    match column:
        case "policy":
            return policy.policy_hash
        case "n":
            return stats.n
        case "valid":
            return stats.n_valid
        case "outcomes":
            fails = sum(stats.outcomes.get(word, 0) for word in FAIL_SIGNALS)
            return fails / stats.n if stats.n else None
        case "listed":
            having = sum(runs for state, runs in stats.listed.items() if state != "none")
            return stats.listed.get("whitelisted", 0) / having if having else None
        case "last":
            return policy.newest
    rates = {
        "min": stats.unknown_rate_min,
        "median": stats.unknown_rate_median,
        "p95": stats.unknown_rate_p95,
        "max": stats.unknown_rate_max,
    }
    return rates[column]
