"""Which policies have runs that match a query: the filter of screens whose rows are policies."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from gateconsole.model import Whitelist
from gateconsole.query import Query
from gateconsole.rows.runs import matching, newer_count
from gateconsole.snapshot import Snapshot
from gateconsole.statistics.frozen_runs import FrozenRuns
from gateconsole.statistics.runs_frame import frame_of


@dataclass(frozen=True, slots=True)
class MatchingPolicies:
    """The hashes of the policies with at least one matching run, and of what moment that is."""

    hashes: frozenset[str]
    _query: Query
    _key: tuple[object, ...]
    _held: FrozenRuns
    _whitelist: Whitelist


def matching_policies(query: Query, snapshot: Snapshot, before: MatchingPolicies | None = None) -> MatchingPolicies:
    """The policies with at least one matching run. `before`: what was found last; it makes this cheap."""
    held, key, whitelist = newer_count(snapshot), query.key(snapshot.taken_at), snapshot.whitelist
    if before is not None and (before._query, before._key, before._whitelist) == (query, key, whitelist):
        change = held.since(before._held)
        if change is not None and not change.left:
            came = change.entered
            rows = frame_of(held.rows(came)) if came else None
            found = frozenset() if rows is None else _among(rows.hstack(held.labels_at(came)), query, snapshot)
            return MatchingPolicies(before.hashes | found, query, key, held, whitelist)
    runs = held.every_row()
    if "job" in query.columns:
        runs = runs.hstack(held.label_columns())
    found = _among(runs.filter(held.included()), query, snapshot)
    return MatchingPolicies(found, query, key, held, whitelist)


def _among(runs: pl.DataFrame, query: Query, snapshot: Snapshot) -> frozenset[str]:
    matches = matching(runs, query, snapshot)
    return frozenset(runs["policy_hash"].filter(matches).unique().cast(pl.String))
