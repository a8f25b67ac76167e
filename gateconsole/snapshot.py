"""Snapshot: everything a screen or an export shows at one instant, frozen.

One type feeds the console, CSV, Markdown and JSON, so they cannot disagree. It imports no polars: the empty Snapshot is
painted before polars is loaded. Parts that did not change between two Snapshots are the same objects (`is`), so a
screen repaints only what differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from gateconsole.model import Completeness, Diagnostic, Stratum
from gateconsole.whitelist.match import EMPTY as NO_WHITELIST
from gateconsole.whitelist.match import Whitelist

if TYPE_CHECKING:
    import polars as pl

Phase = Literal["starting", "loading", "live", "waiting"]
"""starting: nothing known yet; loading: the first scan runs; live: the first scan is done; waiting: ROOT is away."""

Mode = Literal["starting", "inotify", "polling", "reconciling only", "one scan"]
"""How changes are noticed: by events, by listing at intervals, by listing because events cannot be had, or once."""

BannerCode = Literal["root_missing", "root_replaced", "root_shrunk", "whitelist_broken", "engine_failed"]

RECENT_RUNS = 120
"""How many of a policy's newest runs a Snapshot keeps in order, for its charts."""


class Banner(NamedTuple):
    """Something an operator must know before reading any figure: what it is, and what to do next. Printable text."""

    code: BannerCode
    text: str
    remedy: str


class RecentRun(NamedTuple):
    """One of a policy's newest runs, as a chart needs it. Text is the artifact's own; `timestamp` in microseconds UTC."""

    run_id: str
    timestamp: int | None
    stratum: Stratum | None
    outcome: str
    unknown_rate: float | None
    unknown_classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures of one policy, or of one policy in one stratum (DOMAIN rows 11-13, 15-18).

    Rates are fractions 0..1, None when n_valid is 0. `outcomes` maps an outcome word to its number of runs, known
    outcomes first in the order of severity (0 included), then unknown words by code points.
    `listed` maps a whitelist state to its number of runs; `n_listed`, `n_unlisted` count the runs with rate > 0 that
    hold at least one listed / one unlisted class (W and N of DOMAIN row 19; a mixed run is in both).
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
    `recent`: the newest RECENT_RUNS runs in the order of DOMAIN row 5, newest last, undated ones after all dated ones.
    `newest`: largest timestamp not more than five minutes in the future, microseconds UTC, or None.
    """

    policy_hash: str
    whole: Stats
    strata: tuple[tuple[Stratum | None, Stats], ...]
    classes: pl.DataFrame
    recent: tuple[RecentRun, ...]
    newest: int | None


class Rejected(NamedTuple):
    """One file that is no run, as listed: path and detail are raw text; `since` is microseconds UTC, this session."""

    path: str
    place: str
    rule: str
    detail: str
    since: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One instant of a ROOT. Frozen; made only by the engine.

    `policies` is sorted by policy_hash (code points). `rejected` is sorted by path. `progress` is (files read, files
    seen so far) while loading. `newest` is the newest timestamp of any policy. `taken_at` is the one clock reading,
    microseconds UTC. `diagnostics` maps a file's path to what was unusable in it.
    `runs()` gives every run of the series, unsorted, as a frame (`series.store.RUNS_SCHEMA`).
    """

    generation: int = 0
    root: str = ""
    phase: Phase = "starting"
    mode: Mode = "starting"
    completeness: Completeness = Completeness()
    progress: tuple[int, int] | None = None
    banners: tuple[Banner, ...] = ()
    newest: int | None = None
    taken_at: int = 0
    policies: tuple[Policy, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    pending: tuple[str, ...] = ()
    diagnostics: tuple[tuple[str, tuple[Diagnostic, ...]], ...] = ()
    unreadable_folders: tuple[str, ...] = ()
    whitelist: Whitelist = NO_WHITELIST
    runs: Callable[[], pl.DataFrame] | None = None


EMPTY = Snapshot()
"""Before anything is known: the first paint is no special case."""
