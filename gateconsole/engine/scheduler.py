"""The engine's work: which passes over the tree run when, in slices of at most 100 ms, and when a Snapshot goes out."""

from __future__ import annotations

import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Final

from gateconsole.artifacts.scan import Change, RootState
from gateconsole.artifacts.watch import Watch
from gateconsole.engine.ledger_follower import QueueOptions
from gateconsole.engine.root_losses import Losses
from gateconsole.engine.root_state import Root
from gateconsole.judgement.alerts import Alert
from gateconsole.judgement.limits import DEFAULT_LIMITS, ReadinessLimits
from gateconsole.model import WHITELIST_NAME
from gateconsole.snapshot import EMPTY, Banner, Mode, Phase, Snapshot
from gateconsole.text import printable, shown_path
from gateconsole.whitelist.file import FollowedWhitelist

SLICE: Final = 0.1
"""Seconds of work at most before hints are looked at and a Snapshot can go out."""

PUBLISH_EVERY: Final = 0.03
"""Seconds between two Snapshots at least; twice the time one takes to make if that is longer."""

LOADING_EVERY: Final = 0.25
"""The same while the first scan runs."""

LOOK_EVERY: Final = 2.0
"""Seconds between two looks for folders that changed; 50 times the last look's duration if that is longer."""

ROOT_EVERY: Final = 1.0
"""Seconds between two looks at the root itself."""

OTHERS_EVERY: Final = 0.25
"""Seconds between two looks at what people do: whitelist and ledger. An operator waits for an act to show."""

VERIFY_WITHIN: Final = 60.0
"""Seconds within which every known file is looked at again."""

_SETTLE_AFTER: Final = 0.02
_REREAD_AFTER: Final = 0.1
_COARSE_AFTER: Final = 2.1
"""Seconds after which a file with time stamps of two seconds (FAT) or less shows that it was written again."""

_ORDER: Final = ("touch", "settle", "pending", "reread", "first", "judge", "look", "verify")
_PATIENT: Final = frozenset({"first", "judge", "look", "verify"})
_DONE: Final = object()


@dataclass(frozen=True, slots=True)
class Options:
    """What to watch. `whitelist` None is the file in the root; `poll` asks for no events of the operating system.

    `naive_zone`: of timestamps that name none (rule G4).
    """

    root: Path
    whitelist: Path | None = None
    poll: bool = False
    queue: QueueOptions = field(default_factory=QueueOptions)
    yardstick: ReadinessLimits = DEFAULT_LIMITS
    naive_zone: tzinfo = UTC


def wall_clock() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def root_problem(root: Path, state: RootState, fault: str | None = None) -> Banner | None:
    """What is wrong with ROOT and what to do, or None. `fault`: what the system said of it."""
    name = shown_path(root)
    if state is RootState.MISSING:
        return Banner("root_missing", f"{name}: no such folder", "create or mount it, or name another ROOT")
    if state is RootState.NOT_A_FOLDER:
        return Banner("root_missing", f"{name} is not a folder", "name the folder that holds the artifacts as ROOT")
    if state is RootState.UNREADABLE:
        what = f"{name} cannot be read{f' ({printable(fault)})' if fault else ''}"
        return Banner("root_missing", what, "check its permissions and its mount")
    return None


class EngineLoop:
    """The thread's work: which passes over the tree run when, and when a Snapshot goes out."""

    def __init__(
        self,
        options: Options,
        publish: Callable[[Snapshot], None],
        wake: threading.Event,
        stopping: threading.Event,
    ) -> None:
        self._options = options
        self._publish = publish
        self._wake = wake
        self._stopping = stopping
        self._generation = 0
        self._losses = Losses()
        self._alerts: tuple[Alert, ...] = ()
        self._whitelist = FollowedWhitelist(options.whitelist or options.root / WHITELIST_NAME)
        self._latest = EMPTY
        self._start_anew(gone=0)

    def _start_anew(self, gone: int) -> None:
        """Forget everything read and begin with a first scan."""
        options = self._options
        self._root = Root(options.root, self._whitelist, options.queue, options.yardstick, options.naive_zone)
        self._root.standing.remember(self._alerts)
        self._root.intake.gone = gone
        self._phase: Phase = "loading"
        self._away: Banner | None = None
        self._passes: dict[str, deque[Iterator[None]]] = {}
        self._spent: dict[str, float] = {}
        self._due = dict.fromkeys(("root", "others", "look", "verify", "settle", "pending"), 0.0)
        self._rereads: dict[float, list[int]] = {}
        self._losses.begin_anew()
        self._recounted = False
        self._publish_from = 0.0
        self._waits_to_publish = False
        self._changed = True
        self._shown: tuple[object, ...] = ()

    def run(self, watch: Watch) -> None:
        """Work until asked to stop."""
        while not self._stopping.is_set():
            self._wake.clear()
            self._look_at_root()
            self._look_at_others()
            self._plan(watch)
            self._work_a_slice()
            self._publish_if_due(watch.mode)
            if not self._passes and not self._stopping.is_set():
                self._wake.wait(max(self._next_due() - time.monotonic(), 0.001))

    def close(self) -> None:
        """Let everything go."""
        self._root.desk.close()

    def failed(self, problem: Exception) -> None:
        """A fault in our own code: say so at once, above the last figures, and begin anew."""
        text = f"internal error, everything is read anew: {printable(repr(problem))}"
        self._losses.failed(text, "please report it, with what --log wrote")
        self._publish_again()
        with suppress(Exception):  # what failed may fail again
            self._root.desk.close()
        self._start_anew(gone=self._root.intake.gone)

    def _publish_again(self) -> None:
        """The last Snapshot under today's banners: no figures can be made just now."""
        banners = self._banners()
        own = {banner.code for banner in banners}
        others = tuple(banner for banner in self._latest.banners if banner.code not in own)
        self._generation += 1
        name = self._options.root.absolute().name or "/"
        self._latest = replace(self._latest, generation=self._generation, root=name, banners=banners + others)
        self._publish(self._latest)

    # The root itself (rule G7).

    def _look_at_root(self) -> None:
        """Once a second: is the root there, is it the same, did half of it go?"""
        if not self._is_due("root", ROOT_EVERY):
            return
        state = self._root.scan.check_root()
        if state is RootState.REPLACED:
            self._root.settle(wall_clock())
            counted = self._root.completeness()
            if counted.seen:
                self._losses.lost("root_replaced", counted.parsed, "root replaced", wall_clock())
            self._root.desk.close()
            self._start_anew(gone=counted.gone + counted.seen)
            state = RootState.OK
        if self._root.scan.remounted() and self._phase == "live":
            self._begin("look", self._root.scan.full(now=time.time_ns()))
        away = root_problem(self._options.root, state, self._root.scan.fault)
        if away is not None:
            self._phase = "waiting"
            self._passes.clear()
        elif self._away is not None or (self._phase == "loading" and not self._passes):
            self._phase = "loading"
            self._begin("first", self._root.scan.full(now=time.time_ns()))
        self._away = away
        self._changed |= self._root.ages(wall_clock())

    def _look_at_others(self) -> None:
        """Several times a second: did anybody change the whitelist or write to the ledger?"""
        if not self._is_due("others", OTHERS_EVERY):
            return
        there = self._away is None and os.path.isdir(self._options.root)
        if there or os.path.lexists(self._whitelist.path):  # what went with the root still holds
            self._changed |= self._root.look_at_whitelist(wall_clock())
        if there:
            self._changed |= self._root.look_at_ledger(wall_clock())
        if self._root.ledger_problem is not None:  # it may be locked, and then each look waits
            self._due["others"] = time.monotonic() + ROOT_EVERY

    def _notice_shrinking(self) -> None:
        """Compare the runs held with the most there were a short while ago (rule G7).

        A folder that was moved may be seen gone from one place before it is seen at the other, so a loss is said, and
        the next Snapshot goes out, only after a look for what came.
        """
        if self._passes.keys() - {"judge"}:
            return
        runs = self._root.series.parsed
        if not self._recounted and self._losses.shrinks(time.monotonic(), runs):
            self._recounted = True
            self._begin("look", self._root.scan.reconcile(now=time.time_ns()))
            return
        self._recounted = False
        most = self._losses.shrunk(time.monotonic(), runs, self._alerts)
        if most is not None:
            self._root.standing.remember(most.alerts)
            self._losses.lost("root_shrunk", most.runs - runs, "more than half of the runs went at once", wall_clock())

    # Passes over the tree.

    def _plan(self, watch: Watch) -> None:
        """Begin the passes that are due; the order of `_ORDER` decides which one works first."""
        scan = self._root.scan
        now = time.time_ns()
        hints = watch.take()
        if self._away is not None:
            return
        if hints.paths:
            self._begin("touch", scan.touch(hints.paths, now=now))
        if hints.overflow:
            self._due["look"] = 0.0
        if scan.unsettled and self._is_due("settle", _SETTLE_AFTER):
            self._begin("settle", scan.settle(now=now))
        self._plan_rereading(now)
        if self._phase == "loading":
            return
        if self._root.series.judging and "judge" not in self._passes:
            self._start("judge", self._root.judge(wall_clock))
        if "look" not in self._passes and self._is_due("look", self._pause("look", LOOK_EVERY)):
            self._begin("look", scan.reconcile(now=now))
        if "verify" not in self._passes and self._is_due("verify", self._pause("verify", LOOK_EVERY)):
            portion = int(scan.places * LOOK_EVERY / VERIFY_WITHIN) + 64
            self._begin("verify", scan.verify(portion, now=now))

    def _plan_rereading(self, now: int) -> None:
        """Files that may have changed unseen just after they were read, and files whose second is over."""
        scan, intake = self._root.scan, self._root.intake
        clock = time.monotonic()
        for files, after in ((scan.racy_files(), _REREAD_AFTER), (scan.coarse_files(), _COARSE_AFTER)):
            if files:  # those of a tenth of a second together
                self._rereads.setdefault(math.ceil((clock + after) * 10) / 10, []).extend(files)
        for begin in [begin for begin in self._rereads if begin <= clock]:
            self._begin("reread", scan.reread(self._rereads.pop(begin), now=now))
        if intake.n_pending and self._is_due("pending", _REREAD_AFTER):
            due = intake.due(now // 1000)
            if due:
                self._begin("pending", scan.reread(due, now=now))

    def _begin(self, name: str, batches: Iterator[list[Change]]) -> None:
        """Start a pass; one of the same name that still runs is finished first."""
        self._start(name, self._root.work(batches, wall_clock))

    def _start(self, name: str, work: Iterator[None]) -> None:
        self._spent[name] = 0.0
        self._passes.setdefault(name, deque()).append(work)

    def _work_a_slice(self) -> None:
        """Run passes, the most urgent first, until the slice is over or a hint came in."""
        end = time.monotonic() + SLICE
        while self._passes and (begin := time.monotonic()) < end and not self._stopping.is_set():
            name = min(self._passes, key=_ORDER.index)
            waiting = self._passes[name]
            if next(waiting[0], _DONE) is _DONE:
                waiting.popleft()
            self._spent[name] += time.monotonic() - begin
            if not waiting:
                del self._passes[name]
                self._finished(name)
            if self._wake.is_set() and name in _PATIENT:
                break

    def _finished(self, name: str) -> None:
        if name == "first" and self._root.scan.fault is not None:  # nothing was read: it is tried again
            self._phase = "waiting"
            self._away = root_problem(self._options.root, RootState.UNREADABLE, self._root.scan.fault)
        elif name == "first":
            now = wall_clock()
            self._root.settle(now)
            self._root.series.keep_recent(now, charts=True)
            self._root.series.keep_judging()
            self._phase = "live"
        self._changed |= name == "judge"
        if name in {"look", "verify"}:
            self._due[name] = time.monotonic() + self._pause(name, LOOK_EVERY)

    def _pause(self, name: str, least: float) -> float:
        """Seconds until a pass runs again: so long that it takes at most a fiftieth of the time."""
        return max(least, 50 * self._spent.get(name, 0.0))

    def _is_due(self, name: str, every: float) -> bool:
        """Whether something that happens at intervals is due; if so, the next time is set."""
        now = time.monotonic()
        if now < self._due[name]:
            return False
        self._due[name] = now + every
        return True

    def _next_due(self) -> float:
        """When there is something to do again, if no hint comes before."""
        due = self._due
        times = [due["root"], due["others"]]
        if self._away is None:
            times += [due["look"], due["verify"]]
            times += [due["settle"]] if self._root.scan.unsettled else []
            times += self._rereads
            times += [due["pending"]] if self._root.intake.n_pending else []
        if self._waits_to_publish:
            times.append(self._publish_from)
        return min(times)

    # Snapshots.

    def _publish_if_due(self, mode: Mode) -> None:
        """Let a Snapshot go out if anything shown changed and the last one is long enough ago."""
        now = wall_clock()
        if self._root.unsettled:  # until then duplicates count as runs
            self._changed = True
        else:
            self._notice_shrinking()
            if self._recounted:
                return
        begin = time.monotonic()
        due = self._changed or self._shows(mode) != self._shown
        self._waits_to_publish = due and begin < self._publish_from
        if self._waits_to_publish or not due:
            return
        self._root.settle(now)
        self._notice_shrinking()
        if self._recounted:
            return
        shown = self._shows(mode)
        self._generation += 1
        snapshot = self._root.snapshot(
            generation=self._generation, phase=self._phase, mode=mode, banners=self._banners(), now=now
        )
        self._changed, self._shown, self._alerts, self._latest = False, shown, snapshot.alerts, snapshot
        self._publish(snapshot)
        end = time.monotonic()
        least = LOADING_EVERY if self._phase == "loading" else PUBLISH_EVERY
        self._publish_from = end + max(least, 2 * (end - begin))

    def _banners(self) -> tuple[Banner, ...]:
        return (*self._losses.notices, *([self._away] if self._away else []))

    def _shows(self, mode: Mode) -> tuple[object, ...]:
        """What a Snapshot would show beside the figures."""
        return self._phase, mode, self._banners(), self._root.scan.unreadable_folders, self._root.scan.misnamed
