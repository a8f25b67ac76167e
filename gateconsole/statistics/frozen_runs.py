"""The series at one moment: whole as a frame, and what changed since an earlier moment. Later changes do not show."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, NamedTuple

import polars as pl

from gateconsole.statistics.runs_frame import Row, frame_of, rows_of, with_run_ids


class Change(NamedTuple):
    """What entered and what left the series between two moments: places, rising, for `Held.rows`."""

    entered: list[int]
    left: list[int]


_NO_ATTEMPT: Final = -1


class Label(NamedTuple):
    """What an artifact says of its place in a CI run: the job that wrote it, which attempt this is (rule G6)."""

    job: str | None
    attempt: int | None


NO_LABEL: Final = Label(None, None)

LABEL_SCHEMA: Final = pl.Schema({"job": pl.String(), "attempt": pl.Int64()})
"""The columns of a Label."""


class Labels:
    """The Label of every row, by its place: 12 bytes a run. Rows are only appended."""

    __slots__ = ("_attempts", "_codes", "_jobs", "_numbers")

    def __init__(self) -> None:
        self._jobs: list[str | None] = [None]
        self._numbers: dict[str | None, int] = {None: 0}
        self._codes = array("I")
        self._attempts = array("q")

    def add(self, job: str | None, attempt: int | None) -> None:
        """The next row's."""
        number = self._numbers.get(job)
        if number is None:
            number = self._numbers[job] = len(self._jobs)
            self._jobs.append(job)
        self._codes.append(number)
        self._attempts.append(_NO_ATTEMPT if attempt is None else attempt)

    def at(self, place: int) -> Label:
        """One row's."""
        attempt = self._attempts[place]
        return Label(self._jobs[self._codes[place]], None if attempt == _NO_ATTEMPT else attempt)

    def gathered(self, places: Iterable[int]) -> Labels:
        """Those of these rows, in their order."""
        labels = Labels()
        for place in places:
            labels.add(*self.at(place))
        return labels

    @property
    def names_jobs(self) -> bool:
        """Whether any row ever named a job."""
        return len(self._jobs) > 1

    def renumbered(self, jobs: pl.Series, attempts: pl.Series) -> Labels:
        """Labels of other rows, given as columns of `frame`."""
        labels = Labels()
        labels._jobs, labels._numbers = list(self._jobs), dict(self._numbers)
        labels._codes, labels._attempts = array("I", jobs.to_list()), array("q", attempts.to_list())
        return labels

    def columns(self, count: int) -> pl.DataFrame:
        """The first `count` as columns `job` (String) and `attempt` (Int64), null where the artifact names none."""
        numbers, attempt = self.frame(count), pl.col("attempt")
        jobs = pl.Series("job", list(self._jobs), dtype=pl.String).gather(numbers["job"])
        return numbers.select(jobs, pl.when(attempt != _NO_ATTEMPT).then(attempt).alias("attempt"))

    def frame(self, count: int) -> pl.DataFrame:
        """The first `count` as columns `job` (a number for each, 0 for none) and `attempt` (-1 for none)."""
        job, attempt = self._codes[:count], self._attempts[:count]
        return pl.DataFrame({"job": job, "attempt": attempt}, schema={"job": pl.UInt32, "attempt": pl.Int64})


class FrozenRuns:
    """Every row ever put, in the order in which they came; its place is a row's name until the store tidies up.

    `epoch`: names are comparable only between moments of one epoch. `excluded`: places of rows that are no part of the
    series (gone, or duplicates); `duplicates`: those of them whose file is there. `labels`: of every row.
    """

    __slots__ = ("_blocks", "_starts", "_tail", "count", "duplicates", "epoch", "excluded", "labels")

    def __init__(
        self,
        epoch: object,
        blocks: Sequence[pl.DataFrame],
        starts: Sequence[int],
        tail: Sequence[Row],
        excluded: frozenset[int],
        *,
        duplicates: frozenset[int] = frozenset(),
        labels: Labels | None = None,
    ) -> None:
        self.epoch = epoch
        self.excluded = excluded
        self.duplicates = duplicates
        self.labels = labels
        self._blocks, self._starts, self._tail = tuple(blocks), tuple(starts), tuple(tail)
        self.count = sum(block.height for block in self._blocks) + len(self._tail)

    def __call__(self) -> pl.DataFrame:
        """Every run of the series, unsorted (RUNS_SCHEMA)."""
        runs = self.every_row()
        if self.excluded:
            runs = runs.filter(self.included())
        return with_run_ids(runs)

    def matching(self, wanted: pl.Expr) -> pl.DataFrame:
        """The runs of the series of which an expression holds, unsorted (RUNS_SCHEMA); for few of them.

        The expression is not over run_id, which is null here where it is the folder.
        """
        runs = self.every_row()
        places = runs.select(wanted).to_series().arg_true()
        if self.excluded:
            places = pl.Series([at for at in places if at not in self.excluded], dtype=places.dtype)
        return with_run_ids(runs[places])

    def with_labels(self) -> pl.DataFrame:
        """Every run of a file that is there, duplicates too, with `job` and `attempt` as `Labels.frame` gives them."""
        runs = with_run_ids(self.every_row())
        if self.labels is None:
            labels = pl.DataFrame().select(
                pl.repeat(0, self.count).alias("job"), pl.repeat(-1, self.count).alias("attempt")
            )
        else:
            labels = self.labels.frame(self.count)
        gone = sorted(self.excluded - self.duplicates)
        there = pl.repeat(True, self.count, eager=True).scatter(gone, False)
        return runs.hstack(labels).filter(there)

    def labelled(self) -> pl.DataFrame:
        """Every run of the series, unsorted: RUNS_SCHEMA, then `job` and `attempt` as `Labels.columns` gives them."""
        runs = with_run_ids(self.every_row()).hstack(self.label_columns())
        return runs.filter(self.included()) if self.excluded else runs

    def label_columns(self) -> pl.DataFrame:
        """`job` and `attempt` of every row, by its place (`Labels.columns`)."""
        if self.labels is not None:
            return self.labels.columns(self.count)
        return pl.DataFrame(schema=LABEL_SCHEMA).clear(self.count)

    def label(self, place: int) -> Label:
        """What the artifact of the row at this place says of job and attempt."""
        return NO_LABEL if self.labels is None else self.labels.at(place)

    def labels_at(self, places: Iterable[int]) -> pl.DataFrame:
        """`job` and `attempt` of the rows at these places, in their order (LABEL_SCHEMA)."""
        return pl.DataFrame([self.label(place) for place in places], schema=LABEL_SCHEMA, orient="row")

    def jobs_in(self, folders: Collection[str]) -> dict[str, str]:
        """Folder -> job of those of these runs of the series that name one."""
        if self.labels is None or not self.labels.names_jobs or not folders:
            return {}
        wanted = pl.Series(sorted(folders), dtype=pl.String).implode()
        found = self.every_row()["folder"].is_in(wanted).arg_true()
        standing = [place for place in found if place not in self.excluded]
        jobs = ((row[7], self.label(place).job) for place, row in zip(standing, self.rows(standing), strict=True))
        return {folder: job for folder, job in jobs if job is not None}

    def every_row(self) -> pl.DataFrame:
        """Every row by its place, also those that are no part of the series; run_id is null where it is the folder.

        Shares its memory with the store.
        """
        return pl.concat([*self._blocks, frame_of(self._tail)])

    def included(self) -> pl.Series:
        """For every row whether it is a part of the series."""
        return pl.repeat(True, self.count, eager=True).scatter(sorted(self.excluded), False)

    def rows(self, places: Iterable[int]) -> list[Row]:
        """The rows at these places, in their order."""
        return [self._row(at) for at in places]

    def since(self, earlier: FrozenRuns) -> Change | None:
        """What changed since an earlier moment of the same store; None when that cannot be told."""
        if self.epoch is not earlier.epoch or self.count < earlier.count:
            return None
        entered = [at for at in range(earlier.count, self.count) if at not in self.excluded]
        if self.excluded is earlier.excluded:
            return Change(entered, [])
        left = [at for at in self.excluded - earlier.excluded if at < earlier.count]
        return Change(sorted(earlier.excluded - self.excluded) + entered, sorted(left))

    def _row(self, at: int) -> Row:
        framed = self.count - len(self._tail)
        if at >= framed:
            return self._tail[at - framed]
        index = bisect_right(self._starts, at) - 1
        return next(rows_of(self._blocks[index].slice(at - self._starts[index], 1)))


def labelled(runs: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """A Snapshot's runs with `job` and `attempt` (LABEL_SCHEMA), which a frame made by hand may lack: then null."""
    if isinstance(runs, FrozenRuns):
        return runs.labelled()
    frame = runs()
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in LABEL_SCHEMA.items() if name not in frame.columns]
    return frame.with_columns(missing)


def jobs_of(runs: Callable[[], pl.DataFrame] | None, folders: Collection[str]) -> dict[str, str]:
    """Folder -> job of those of these runs of a Snapshot that name one. Looks at every run: not for the event loop."""
    return runs.jobs_in(folders) if isinstance(runs, FrozenRuns) else {}
