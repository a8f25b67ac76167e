"""What the series says of a policy: frozen figures, made by `series.policies` and `series.recent`, shown by everyone.

It imports no polars: a screen is painted before polars is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from gateconsole.model import Stratum

if TYPE_CHECKING:
    import polars as pl

RECENT_RUNS: Final = 120
"""How many of a policy's newest runs a Snapshot keeps in order, for its charts."""


class RecentRun(NamedTuple):
    """One of a policy's newest runs, as a chart needs it. Raw text; `timestamp` in microseconds UTC.

    `folder`: which run it is, as jobs of a matrix share a run id.
    """

    run_id: str
    timestamp: int | None
    stratum: Stratum | None
    outcome: str
    unknown_rate: float | None
    unknown_classes: tuple[str, ...]
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures of one policy, or of one policy in one stratum (rules G11-G13, G15-G18).

    Rates are fractions 0..1, None when n_valid is 0. `outcomes` maps an outcome word to its number of runs, known
    outcomes first in the order of severity (0 included), then unknown words by code points.
    `listed` maps a whitelist state to its number of runs; `n_listed`, `n_unlisted` count the runs with rate > 0 that
    hold at least one listed / one unlisted class (W and N of rule G19; a mixed run is in both).
    """

    n: int
    n_valid: int
    unknown_rate_min: float | None
    unknown_rate_median: float | None
    unknown_rate_p95: float | None
    unknown_rate_max: float | None
    outcomes: dict[str, int]
    listed: dict[str, int]
    n_listed: int
    n_unlisted: int


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy_hash with everything shown about it.

    `strata` holds (stratum, Stats) for every stratum with runs: pinned, unpinned, None (unknown) in this order.
    `classes`: frame, one row an unknown class, sorted by runs falling, then class by code points:
    `class` String, `runs` Int64, `share` Float64 (runs / n_valid, null if n_valid is 0), `fail_runs` Int64 (runs with
    the class whose outcome is FAIL or BLOCK), `listed` String (`listed` in every run, `unlisted` in none, `partly`).
    `recent`: the newest RECENT_RUNS runs in the judging order of rule G5, newest last. `not_judged`: runs that are
    not judged because they have no time.
    `rateless`: how many of them come after the last one with a rate.
    `newest`: largest timestamp not more than five minutes in the future, microseconds UTC, or None.
    """

    policy_hash: str
    whole: Stats
    strata: tuple[tuple[Stratum | None, Stats], ...]
    classes: pl.DataFrame
    recent: tuple[RecentRun, ...]
    newest: int | None
    rateless: int = 0
    not_judged: int = 0
