"""The policies as plain text, for pipes and logs: printable, aligned, no colour."""

from __future__ import annotations

from typing import Final

from gateconsole.snapshot import Policy, Snapshot
from gateconsole.text import aligned, printable
from gateconsole.view import MISSING, completeness, format_count, format_rate, listed_share, outcome_counts

_HEADER: Final = ("POLICY", "N", "VALID", "MIN", "MEDIAN", "P95", "MAX", "LISTED", "OUTCOMES")
_LEFT: Final = frozenset({"POLICY", "OUTCOMES"})


def policies_text(snapshot: Snapshot) -> str:
    """The policy table and the completeness line, banners before them; not that of silence: it hangs on the clock."""
    told = [banner for banner in snapshot.banners if banner.code != "silence"]
    lines = [f"{banner.text}: {banner.remedy}" for banner in told]
    if snapshot.policies:
        lines += aligned(_HEADER, [_cells(policy) for policy in snapshot.policies], _LEFT)
    lines.append(_completeness(snapshot))
    return "".join(f"{printable(line)}\n" for line in lines)


def _cells(policy: Policy) -> tuple[str, ...]:
    stats = policy.whole
    counts = outcome_counts(stats)
    outcomes = " ".join(f"{'none ' if mark == MISSING else mark}{runs}" for mark, runs in counts.items())
    return (
        printable(policy.policy_hash),
        format_count(stats.n),
        format_count(stats.n_valid),
        format_rate(stats.unknown_rate_min),
        format_rate(stats.unknown_rate_median),
        format_rate(stats.unknown_rate_p95),
        format_rate(stats.unknown_rate_max),
        listed_share(stats),
        outcomes,
    )


def _completeness(snapshot: Snapshot) -> str:
    parts = snapshot.completeness
    folders = f", {format_count(parts.unreadable_folders)} unreadable folders" if parts.unreadable_folders else ""
    nothing = f"{parts.word}: " if parts.nothing_found else ""
    return f"{nothing}{completeness(parts)}{folders}"
