"""Snapshot: everything a screen or an export shows at one instant, frozen.

One type feeds the console, CSV, Markdown and JSON, so they cannot disagree. It imports no polars: the empty Snapshot is
painted before polars is loaded. Parts that did not change between two Snapshots are the same objects (`is`), so a
screen repaints only what differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from gateconsole.judgement.limits import DEFAULT_LIMITS, ReadinessLimits
from gateconsole.model import EMPTY as NO_WHITELIST
from gateconsole.model import EMPTY_COMPLETENESS, Completeness, Diagnostic, Diagnostics, Duplicate, Rejected, Whitelist
from gateconsole.statistics.figures import RECENT_RUNS, Policy, RecentRun, Stats

if TYPE_CHECKING:
    import polars as pl

    from gateconsole.judgement.alerts import Alert
    from gateconsole.judgement.operator_acts import Acts
    from gateconsole.judgement.policy_spikes import PolicySpikes
    from gateconsole.patch_queue.overview import Board

__all__ = [
    "EMPTY",
    "RECENT_RUNS",
    "Banner",
    "BannerCode",
    "Diagnostics",
    "Mode",
    "Phase",
    "Policy",
    "RecentRun",
    "Rejected",
    "Snapshot",
    "Stats",
    "no_diagnostics",
]

Phase = Literal["starting", "loading", "live", "waiting"]
"""starting: nothing known yet; loading: the first scan runs; live: the first scan is done; waiting: ROOT is away."""

Mode = Literal["starting", "inotify", "polling", "reconciling only", "one scan"]
"""How changes are noticed: by events, by listing at intervals, by listing because events cannot be had, or once."""

BannerCode = Literal[
    "root_missing",
    "root_replaced",
    "root_shrunk",
    "whitelist_broken",
    "queue_unusable",
    "runs_hidden",
    "stamped_ahead",
    "silence",
    "engine_failed",
]


class Banner(NamedTuple):
    """Something an operator must know before reading any figure: what it is, and what to do next. Printable text."""

    code: BannerCode
    text: str
    remedy: str


def no_diagnostics() -> Diagnostics:
    """Nothing was unusable."""
    return ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One instant of a ROOT. Frozen; made only by the engine.

    `policies` is sorted by policy_hash (code points). `rejected` and `duplicates` are sorted by path. `progress` is
    (files read, files seen so far) while loading. `newest` is the newest timestamp of any policy. `taken_at` is the
    one clock reading, microseconds UTC. `diagnostics()` gives what was unusable in files that are kept, sorted by path.
    `refused`: of these (path, why) the artifacts that name a run of the queue and are no result of it.
    `misnamed` is the first file whose name is almost the artifact's.
    `runs()` gives every run of the series, unsorted, as a frame (`series.runs.RUNS_SCHEMA`). `queue` is the innocence
    queue as its ledger says (None before it was looked at).
    `spikes`: every policy's judgement by policy_hash, sorted; a policy in `judging` is judged anew just now: what is
    there is of a moment ago, or missing. `alerts`: as `alerts.alerts` gives them. `acts`: what operators did (None
    before the ledger was looked at). `yardstick`: the settings that runs are judged by.
    """

    generation: int = 0
    root: str = ""
    phase: Phase = "starting"
    mode: Mode = "starting"
    completeness: Completeness = EMPTY_COMPLETENESS
    progress: tuple[int, int] | None = None
    banners: tuple[Banner, ...] = ()
    newest: int | None = None
    taken_at: int = 0
    policies: tuple[Policy, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    pending: tuple[str, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    diagnostics: Callable[[], Diagnostics] = no_diagnostics
    refused: tuple[tuple[str, Diagnostic], ...] = ()
    unreadable_folders: tuple[str, ...] = ()
    misnamed: str = ""
    whitelist: Whitelist = NO_WHITELIST
    runs: Callable[[], pl.DataFrame] | None = None
    queue: Board | None = None
    spikes: Mapping[str, PolicySpikes] = field(default_factory=lambda: MappingProxyType({}))
    judging: frozenset[str] = frozenset()
    alerts: tuple[Alert, ...] = ()
    acts: Acts | None = None
    yardstick: ReadinessLimits = DEFAULT_LIMITS


EMPTY = Snapshot()
"""Before anything is known: the first paint is no special case."""
