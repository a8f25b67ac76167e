"""What runs are judged by: the numbers of rules G20, G22, G25 and G28 that are settings. It imports no polars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from gateconsole.judgement.rules import DEFAULT, SpikeRules


@dataclass(frozen=True, slots=True)
class Limit:
    """The limits of rule G25: numbers of runs, and shares of runs as fractions."""

    runs: int = 40
    alarms_pinned: float = 0.20
    alarms_unpinned: float = 0.35
    alarms_without_stratum: float = 0.20
    unknown_runs: float = 0.10
    overrides: float = 0.10
    false_positives: float | None = None


LIMITS: Final = Limit()

UNUSED_DAYS: Final = 30
"""Days without a hit after which an entry of the whitelist is unused, unless a setting says otherwise."""


class ReadinessLimits(NamedTuple):
    """The rules of spikes and alerts, the limits of readiness, and after how long silence is one.

    `silence`: microseconds; None: as the root's own gaps say (rule G28). `unused_days`: days without a hit after which
    an entry of the whitelist is unused.
    """

    rules: SpikeRules = DEFAULT
    limits: Limit = LIMITS
    silence: int | None = None
    unused_days: int = UNUSED_DAYS


DEFAULT_LIMITS: Final = ReadinessLimits()
