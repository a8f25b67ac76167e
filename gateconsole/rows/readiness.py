"""The policies as their readiness lists them: reviewed once each while nothing changes, in an order, in words.

It imports no polars until something is reviewed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gateconsole.rows.sorts import Sort
from gateconsole.statistics.figures import Policy

if TYPE_CHECKING:
    from gateconsole.judgement.backtest import Version
    from gateconsole.judgement.readiness import Readiness
    from gateconsole.policy_review import PolicyReview
    from gateconsole.snapshot import Snapshot

CHECKS: Final = ("runs", "pinned", "unpinned", "without", "unknown", "overrides", "false")
"""Columns of the list, one a row of the checklist, in its order (rule G25)."""

READINESS_COLUMNS: Final = {"day": True, "policy": False, "verdict": True} | dict.fromkeys(CHECKS, True)
"""Every column policies can be sorted by here, and whether it falls at first: worst and most first.

`day` is the order of the list of policies.
"""

BY_DAY: Final = Sort("day", True)

_VERDICTS: Final = ("ready", "too few", "not ready")


@dataclass(frozen=True, slots=True)
class ReviewedPolicies:
    """Every policy reviewed, by policy_hash, and how stable the rate is over their versions (rule G26).

    The reviews are without associations (`reviews.in_batches`): a kept one could not know of other policies' spikes.
    """

    reviews: Mapping[str, PolicyReview] = field(default_factory=dict)
    versions: tuple[Version, ...] = ()
    _bases: Mapping[str, tuple[object, ...]] = field(default_factory=dict)


NO_REVIEWS: Final = ReviewedPolicies()


def reviewed_policies(
    snapshot: Snapshot, before: ReviewedPolicies = NO_REVIEWS, told: Callable[[int, int], object] | None = None
) -> ReviewedPolicies:
    """Every policy of a Snapshot reviewed. `before`: what was found last; policies that did not change are kept.

    `told` is called now and then: (policies reviewed so far, all policies). Looks at every run: not for the event loop.
    """
    from gateconsole.judgement.backtest import stability
    from gateconsole.policy_review import in_batches

    bases = _bases(snapshot)
    if snapshot.runs is None:
        return NO_REVIEWS
    kept = {name for name, basis in bases.items() if _same(before._bases.get(name), basis)}
    found = {name: one for name, one in before.reviews.items() if name in kept}
    for batch in in_batches(snapshot, [one for one in snapshot.policies if one.policy_hash not in kept]):
        found |= {one.policy_hash: one for one in batch}
        if told is not None:
            told(len(found), len(bases))
    return ReviewedPolicies(found, stability(snapshot.policies), bases)


def _bases(snapshot: Snapshot) -> dict[str, tuple[object, ...]]:
    """What the review of each policy is made from."""
    verdicts: dict[str, list[object]] = {}
    for verdict in snapshot.acts.verdicts.values() if snapshot.acts else ():
        verdicts.setdefault(verdict.policy_hash, []).append(verdict)
    return {
        policy.policy_hash: (
            policy,
            snapshot.spikes.get(policy.policy_hash),
            snapshot.whitelist,
            snapshot.yardstick,
            tuple(verdicts.get(policy.policy_hash, ())),
        )
        for policy in snapshot.policies
    }


def _same(old: tuple[object, ...] | None, new: tuple[object, ...]) -> bool:
    """Whether a policy is to be reviewed from the same things: the engine keeps what did not change."""
    if old is None or old[3:] != new[3:]:
        return False
    return all(one is other for one, other in zip(old[:3], new[:3], strict=True))


def verdict_text(found: Readiness) -> str:
    """The verdict in words: `not ready (1 of 6)`, `too few (n = 23 of 40)`, `ready`."""
    if found.verdict == "not ready":
        applicable = sum(row.state != "not applicable" for row in found.rows)
        return f"not ready ({found.unmet} of {applicable})"
    if found.verdict == "ready":
        return "ready"
    from gateconsole.judgement.effects import is_too_few

    row = next(row for row in found.rows if row.state == "too few")
    few = is_too_few(row.runs, int(row.limit or 0)) if row.relation == ">=" else None
    return few or f"too few ({row.name})"


def readiness_by(policies: Sequence[Policy], reviews: Mapping[str, PolicyReview], sort: Sort) -> tuple[Policy, ...]:
    """The policies in another order; those without the value last, ties in the order given."""
    if sort.column == "day":
        return tuple(policies if sort.falling else reversed(policies))
    keys = {policy.policy_hash: _key(policy, reviews, sort.column) for policy in policies}
    having = [policy for policy in policies if keys[policy.policy_hash] is not None]
    ordered = sorted(having, key=lambda policy: keys[policy.policy_hash], reverse=sort.falling)
    return (*ordered, *(policy for policy in policies if keys[policy.policy_hash] is None))


def _key(policy: Policy, reviews: Mapping[str, PolicyReview], column: str) -> Any:
    """What a policy is compared by; None if it has no such value."""
    if column == "policy":
        return policy.policy_hash
    one = reviews.get(policy.policy_hash)
    if one is None:
        return None
    if column == "verdict":
        return _VERDICTS.index(one.readiness.verdict), one.readiness.unmet
    return one.readiness.rows[CHECKS.index(column)].value
