"""The newest rows of a policy, held so that a run a little late is judged without the rest of the series."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import polars as pl

from gateconsole.judgement.episodes import OrderKey
from gateconsole.statistics.recent_runs import order_key
from gateconsole.statistics.runs_frame import Row, rows_of

STRETCH: Final = 128
"""Runs between two kept states of a fold."""

HELD: Final = 2 * STRETCH
"""Rows held at least, once there are as many."""

_FRAMES: Final = 8
"""Frames whose rows wait to be made; most never are."""


class PlacedRuns(NamedTuple):
    """A row with its place in the order."""

    place: OrderKey
    row: Row


def place_runs(row: Row) -> PlacedRuns:
    """A row with its place."""
    return PlacedRuns(order_key(row), row)


def place_runs_at(rows: pl.DataFrame, at: int) -> PlacedRuns:
    """One row of a frame whose timestamps are microseconds."""
    row: Row = rows.row(at)
    return place_runs(row)


def position_at(rows: pl.DataFrame, at: int) -> OrderKey:
    """The place of one row of a frame (RUNS_SCHEMA)."""
    return order_key(next(rows_of(rows.slice(at, 1))))


def since(place: OrderKey) -> pl.Expr:
    """Runs (RUNS_SCHEMA) that may come after this place: those of its moment and later ones."""
    if not place:
        return pl.lit(True)
    undated, since = place[:2]
    later = pl.col("timestamp").to_physical() >= pl.lit(since)
    return pl.col("timestamp").is_null() | (pl.lit(not undated) & later)


class RecentWindow:
    """The rows judged since the state numbered `start`. Mutable. States stand a STRETCH apart, number 0 at no run."""

    def __init__(self) -> None:
        self.start = 0
        self._rows: list[PlacedRuns] = []
        self._frames: list[pl.DataFrame] = []

    def add(self, rows: Iterable[PlacedRuns], count: int) -> None:
        """These were judged last, `count` runs in all; older ones go, a whole stretch at a time."""
        self._make()
        self._rows += rows
        if len(self._rows) > HELD + STRETCH:
            self._forget(count)
            self._drop(count)

    def add_frame(self, rows: pl.DataFrame, count: int) -> None:
        """The same for a frame whose timestamps are microseconds."""
        if rows.height >= HELD:
            self._rows, self._frames = [], []
        self._frames.append(rows.tail(HELD))
        self._forget(count)
        if len(self._frames) > _FRAMES:
            self.rows(count)

    def rows(self, count: int) -> list[PlacedRuns]:
        """The rows held, in order; `count`: the runs judged, the last of which is the last row."""
        self._make()
        self._drop(count)
        return self._rows

    def keep(self, state: int, count: int) -> None:
        """Go back to this state: forget the rows judged after it; `count`: the runs judged until now."""
        self._rows = self.rows(count)[: max(0, state - self.start) * STRETCH]
        self.start = min(self.start, state)

    def _make(self) -> None:
        for frame in self._frames:
            self._rows += [place_runs_at(frame, at) for at in range(frame.height)]
        self._frames = []

    def _drop(self, count: int) -> None:
        del self._rows[: max(0, len(self._rows) - (count - self.start * STRETCH))]

    def _forget(self, count: int) -> None:
        self.start = max(self.start, -(-(count - HELD) // STRETCH))
