"""The runs held: appended in blocks, one winner a run key (rule G6), nothing else computed.

A file has at most one row. Rows that share a key (run_id, job, policy_hash, stratum) form a group in which one wins;
the others wait, and one of them takes over when the winner's file goes. What enters and leaves the series is handed out
by `flush` as two frames, so every statistic follows by adding and taking back.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import polars as pl

from gateconsole.model import FAIL_SIGNALS, Duplicate, Run, artifact_path
from gateconsole.statistics.frozen_runs import FrozenRuns, Labels
from gateconsole.statistics.run_key_index import KeyIndex
from gateconsole.statistics.runs_frame import Row, RunKey, frame_of, rows_of, with_run_ids, without_run_ids
from gateconsole.text import join_list

_BLOCK: Final = 8192
_BULK: Final = 64


class Delta(NamedTuple):
    """What entered and what left the series since the last flush: two frames of RUNS_SCHEMA."""

    entered: pl.DataFrame
    left: pl.DataFrame


class RunStore:
    """Every run held, by file; which of them are the series."""

    def __init__(self) -> None:
        self._blocks: list[pl.DataFrame] = []
        self._starts: list[int] = []
        self._tail: list[Row] = []
        self._count = 0
        self._row_of = array("I")
        self._dead: set[int] = set()
        self._labels = Labels()
        self._groups: dict[RunKey, list[int]] = {}
        self._losers: set[int] = set()
        self._conflicting: dict[int, bool] = {}
        self._excluded: frozenset[int] | None = None
        self._lost: tuple[Duplicate, ...] | None = ()
        self._index = KeyIndex()
        self._new: dict[int, int] = {}
        self._again: list[tuple[int, int]] = []
        self._entered: dict[int, None] = {}
        self._left: dict[int, None] = {}
        self._joined: dict[tuple[str, ...], str] = {}
        self._epoch = object()

    @property
    def runs_held(self) -> int:
        """Files with a run: those of the series and the duplicates."""
        return self._count - len(self._dead)

    @property
    def duplicates(self) -> int:
        """Files whose run lost to another one of the same key."""
        return len(self._losers)

    def held_in(self, files: Iterable[int]) -> tuple[int, int]:
        """How many of these files hold a run of the series, and how many a duplicate; to be asked after `flush`."""
        rows = [self._row_of[file] - 1 for file in files if file < len(self._row_of) and self._row_of[file]]
        duplicates = sum(row in self._losers for row in rows)
        return len(rows) - duplicates, duplicates

    @property
    def unsettled(self) -> bool:
        """Whether `flush` has anything to say."""
        return bool(self._new or self._entered or self._left)

    @property
    def conflicting(self) -> int:
        """How many of the duplicates differ from the run that is counted in their place (rule G6)."""
        return len(self._conflicting)

    @property
    def hidden_fails(self) -> int:
        """How many of the conflicting duplicates are FAIL signals."""
        return sum(self._conflicting.values())

    def put(self, file: int, folder: str, run: Run) -> None:
        """The run that stands in this file now; replaces what stood there."""
        row = self._as_row(folder, run)
        if file >= len(self._row_of):
            self._row_of.extend([0] * (file + 1 - len(self._row_of)))
        elif self._row_of[file]:
            at = self._row_of[file] - 1
            if self._read(at) == row and self._labels.at(at) == (run.job, run.attempt):
                return
            self.drop(file)
        at = self._count
        self._count += 1
        self._tail.append(row)
        self._labels.add(run.job, run.attempt)
        self._row_of[file] = self._count
        self._entered[at] = None
        key_hash = hash(self._key(at, row))
        if self._new.setdefault(key_hash, at) != at:
            self._again.append((key_hash, at))

    def drop(self, file: int) -> None:
        """The file is gone, or holds no run any more. A file without a run is nothing to do."""
        if file >= len(self._row_of) or not self._row_of[file]:
            return
        at = self._row_of[file] - 1
        self._row_of[file] = 0
        self._dead.add(at)
        self._excluded = self._lost = None
        if at in self._losers:
            self._losers.discard(at)
            self._conflicting.pop(at, None)
        else:
            self._leave(at)
        key = self._key(at)
        group = self._groups.get(key)
        if group and at in group:
            group.remove(at)
            self._judge(key, group)

    def flush(self) -> Delta:
        """Settle what came since the last flush, and say what entered and left the series."""
        self._find_duplicates()
        entered, left = sorted(self._entered), sorted(self._left)
        self._entered, self._left = {}, {}
        if len(self._tail) >= _BLOCK:
            self._frame_tail()
        delta = Delta(self._gather(entered), self._gather(left))
        if len(self._dead) > max(_BLOCK, self._count // 4):
            self._compact()
        return delta

    def runs(self) -> FrozenRuns:
        """The series as it is now: called, it gives every run, unsorted; later changes do not show in it."""
        if self._excluded is None:
            self._excluded = frozenset(self._dead | self._losers)
        duplicates = frozenset(self._losers)
        return FrozenRuns(
            self._epoch,
            self._blocks,
            self._starts,
            self._tail,
            self._excluded,
            duplicates=duplicates,
            labels=self._labels,
        )

    def lost(self) -> tuple[Duplicate, ...]:
        """Every duplicate, sorted by path (rule G6); the same object while nothing changed."""
        if self._lost is None:
            self._lost = tuple(sorted(self._lost_runs()))
        return self._lost

    def _lost_runs(self) -> Iterator[Duplicate]:
        for group in self._groups.values():
            winner = next(at for at in group if at not in self._losers)
            for at in group:
                if at in self._losers:
                    yield self._lost_run(at, winner)

    def _lost_run(self, at: int, winner: int) -> Duplicate:
        row, kept = self._read(at), self._read(winner)
        attempt, latest = self._labels.at(at).attempt, self._labels.at(winner).attempt
        superseded = attempt is not None and attempt != latest  # the winner's is the higher one, so it has one too
        return Duplicate(artifact_path(row[7]), artifact_path(kept[7]), row[:7] == kept[:7], superseded)

    def _compact(self) -> None:
        """Forget the rows whose file is gone."""
        self._frame_tail()
        alive = [at for at in range(self._count) if at not in self._dead]
        moved = {old: new for new, old in enumerate(alive)}
        rows = without_run_ids(self._gather(alive))
        self._row_of = array("I", (moved[at - 1] + 1 if at else 0 for at in self._row_of))
        self._groups = {key: [moved[at] for at in group] for key, group in self._groups.items()}
        self._losers = {moved[at] for at in self._losers}
        self._conflicting = {moved[at]: fails for at, fails in self._conflicting.items()}
        self._labels = self._labels.gathered(alive)
        self._dead, self._excluded, self._count = set(), None, len(alive)
        self._epoch = object()
        self._starts = list(range(0, rows.height, _BLOCK))
        self._blocks = [rows.slice(at, _BLOCK).rechunk() for at in self._starts]
        self._index = KeyIndex()
        for at, row in enumerate(rows_of(rows)):
            self._index.add(hash(self._key(at, row)), at)

    # One winner a key.

    def _find_duplicates(self) -> None:
        """Look the new rows up among the older ones, and judge every group that grew."""
        suspects: list[tuple[int, list[int]]] = []
        if len(self._new) > _BULK:
            suspects += self._index.add_new(list(self._new), list(self._new.values()))
        else:
            suspects += [(at, self._index.add(key_hash, at)) for key_hash, at in self._new.items()]
        suspects += [(at, self._index.add(key_hash, at)) for key_hash, at in self._again]
        self._new, self._again = {}, []
        grown = {self._join(at, others) for at, others in suspects if others and at not in self._dead}
        for key in grown:
            if key is not None:
                self._judge(key, self._groups[key])

    def _join(self, at: int, others: Sequence[int]) -> RunKey | None:
        """Put a row and those of the same key among `others` in one group; gives its key, None if there is no other."""
        key = self._key(at)
        group = self._groups.get(key, [])
        members = set(group)
        for other in (*others, at):
            if other not in members and other not in self._dead and self._key(other) == key:
                group.append(other)
        if len(group) < 2:
            return None
        self._groups[key] = group
        return key

    def _judge(self, key: RunKey, group: list[int]) -> None:
        """Let the best row of a group be in the series and no other: see `_standing`."""
        best = max(group, key=self._standing) if group else None
        for at in group:
            if at == best and at in self._losers:
                self._losers.discard(at)
                self._enter(at)
            elif at != best and at not in self._losers:
                self._losers.add(at)
                self._leave(at)
            self._conflicting.pop(at, None)
            if best is not None and at != best and self._lost_run(at, best).conflicting:
                self._conflicting[at] = self._read(at)[3] in FAIL_SIGNALS
        self._excluded = self._lost = None
        if len(group) < 2:
            self._groups.pop(key, None)

    def _standing(self, at: int) -> tuple[int, bool, int, str]:
        """What decides between two rows of one key: attempt, dated, later, last path (rule G6)."""
        row, attempt = self._read(at), self._labels.at(at).attempt
        return -1 if attempt is None else attempt, row[1] is not None, row[1] or 0, artifact_path(row[7])

    def _key(self, at: int, row: Row | None = None) -> RunKey:
        """The run key of a row (rule G6)."""
        run_id, _, policy_hash, _, _, _, stratum, _ = self._read(at) if row is None else row
        return run_id, self._labels.at(at).job, policy_hash, stratum

    def _enter(self, at: int) -> None:
        if at in self._left:
            del self._left[at]
        else:
            self._entered[at] = None

    def _leave(self, at: int) -> None:
        if at in self._entered:
            del self._entered[at]
        else:
            self._left[at] = None

    # Rows and blocks.

    def _as_row(self, folder: str, run: Run) -> Row:
        run_id, timestamp, policy_hash, outcome, rate, reasons, stratum = run[:7]
        joined = self._joined.get(reasons)
        if joined is None:
            if len(self._joined) > _BLOCK:
                self._joined.clear()
            joined = self._joined[reasons] = join_list(reasons)
        return run_id, timestamp, policy_hash, outcome, rate, joined, stratum, folder

    def _read(self, at: int) -> Row:
        """One row, whether framed already or not."""
        framed = self._count - len(self._tail)
        if at >= framed:
            return self._tail[at - framed]
        index = bisect_right(self._starts, at) - 1
        return next(rows_of(self._blocks[index].slice(at - self._starts[index], 1)))

    def _gather(self, wanted: list[int]) -> pl.DataFrame:
        """These rows (sorted) as a frame."""
        framed = self._count - len(self._tail)
        parts: list[pl.DataFrame] = []
        at = 0
        while at < len(wanted) and wanted[at] < framed:
            index = bisect_right(self._starts, wanted[at]) - 1
            start, block = self._starts[index], self._blocks[index]
            end = bisect_right(wanted, start + block.height - 1, lo=at)
            parts.append(block if end - at == block.height else block[[row - start for row in wanted[at:end]]])
            at = end
        parts.append(frame_of([self._tail[row - framed] for row in wanted[at:]]))
        return with_run_ids(pl.concat(parts))

    def _frame_tail(self) -> None:
        if self._tail:
            self._starts.append(self._count - len(self._tail))
            self._blocks.append(frame_of(self._tail))
            self._tail = []
