"""One root as it stands: scan, intake, series and whitelist kept true to the disk. No thread, no clock, no sleep.

Passes over the tree are generators that the owner runs in slices; each step leaves everything consistent, so figures
can be had between any two.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gateconsole.artifacts.pending_and_rejected import ArtifactDecoder
from gateconsole.artifacts.scan import Change, Scan
from gateconsole.engine.alert_evaluator import AlertEvaluator, ahead_banner, silence_banner
from gateconsole.engine.ledger_follower import Desk, QueueOptions
from gateconsole.engine.series import Series
from gateconsole.judgement.alerts import SILENCE, adoptions
from gateconsole.judgement.limits import DEFAULT_LIMITS, ReadinessLimits
from gateconsole.model import WHITELIST_NAME, Completeness, Diagnostic, Diagnostics
from gateconsole.snapshot import Banner, Mode, Phase, Snapshot
from gateconsole.statistics.frozen_runs import jobs_of
from gateconsole.text import counted, printable
from gateconsole.whitelist.file import FollowedWhitelist

if TYPE_CHECKING:
    from gateconsole.judgement.operator_acts import Acts
    from gateconsole.patch_queue.overview import Board

log = logging.getLogger("gateconsole")

_SETTLE_EVERY = 8192


class Root:
    """What is known of one root. Times are microseconds since 1970 UTC."""

    def __init__(
        self,
        path: Path,
        whitelist: Path | FollowedWhitelist | None = None,
        queue: QueueOptions | None = None,
        yardstick: ReadinessLimits = DEFAULT_LIMITS,
        naive_zone: tzinfo = UTC,
    ) -> None:
        """`whitelist`: the file to use instead of the one in the root, or what is known of it already.

        `naive_zone`: of timestamps that name none.
        """
        self.path = path
        self.desk = Desk(path, queue or QueueOptions())
        self.scan = Scan(path)
        self.intake = ArtifactDecoder(naive_zone)
        self.series = Series(yardstick.rules)
        self.standing = AlertEvaluator(yardstick.silence)
        self.yardstick = yardstick
        if not isinstance(whitelist, FollowedWhitelist):
            whitelist = FollowedWhitelist(path / WHITELIST_NAME if whitelist is None else whitelist)
        self.whitelist = whitelist
        self.series.judge_by(whitelist.current)
        self._board: Board | None = None
        self._acts: Acts | None = None
        self._ledger_fault: str | None = None
        self._unsettled = 0

    def work(self, batches: Iterable[list[Change]], now: Callable[[], int]) -> Iterator[None]:
        """Run a pass of the scan; pauses after every batch."""
        for batch in batches:
            if batch:
                moment = now()
                self.intake.take(batch, moment, self.series.put, self.series.drop, self.desk.claim)
                self._unsettled += len(batch)
                if self._unsettled >= _SETTLE_EVERY:
                    self.settle(moment)
            yield

    @property
    def unsettled(self) -> bool:
        """Whether work was done that the figures do not show yet."""
        return self._unsettled > 0

    def settle(self, now: int) -> None:
        """Bring the figures up to date with the work done."""
        self._unsettled = 0
        self.series.settle(now)

    def look_at_whitelist(self, now: int) -> bool:
        """Read the whitelist if its file may be another one than last time; true when it says something else."""
        changed = self.whitelist.look(now)
        if changed:
            self.series.judge_by(self.whitelist.current)
        return changed

    def look_at_ledger(self, now: int) -> bool:
        """Book what artifacts report and see what others did; true when anything changed.

        No fault of the ledger is one of the artifacts: whatever it is, it is shown, and ingest goes on.
        """
        before, notes = (self._board, self._acts, self.ledger_problem), self.desk.notes()
        try:
            self._board, self._acts = self.desk.look(now), self.desk.acts()
            self._ledger_fault = None
        except Exception as error:
            if self._ledger_fault is None:
                log.exception("the ledger cannot be followed")
            self._ledger_fault = f"the ledger cannot be followed: {printable(repr(error))}: please report it"
        if self._acts is not None and self._acts is not before[1]:
            self.standing.acts = self._acts
            self.series.adopt(adoptions(self._acts.alerts))
        same = self._board is before[0] and self._acts is before[1] and self.ledger_problem == before[2]
        return not same or self.desk.notes() != notes

    @property
    def ledger_problem(self) -> str | None:
        """Why what is shown of the ledger is not what is in it; printable."""
        return self._ledger_fault or self.desk.problem

    def judge(self, now: Callable[[], int]) -> Iterator[None]:
        """Judge what is behind its runs, in slices; the series settles before its runs are read."""
        return self.series.catch_up(now)

    def ages(self, now: int) -> bool:
        """Whether something shown would be another only because time has passed."""
        return self.series.ages(now) or self.standing.turns(now)

    def completeness(self) -> Completeness:
        """Where every file stands (rule G29); one whose run is held while it is pending counts as pending."""
        held, held_duplicate = self.series.held_in(self.intake.pending_files())
        parsed, duplicate = self.series.parsed - held, self.series.duplicates - held_duplicate
        pending, rejected = self.intake.n_pending, self.intake.n_rejected
        return Completeness(
            seen=parsed + pending + rejected + duplicate,
            parsed=parsed,
            pending=pending,
            rejected=rejected,
            duplicate=duplicate,
            gone=self.intake.gone,
            unreadable_folders=len(self.scan.unreadable_folders),
            conflicting=self.series.conflicting,
            misnamed=self.scan.misnamed[0],
        )

    def snapshot(self, *, generation: int, phase: Phase, mode: Mode, banners: tuple[Banner, ...], now: int) -> Snapshot:
        """Freeze what is known now, settled."""
        self.settle(now)
        policies = self.series.policies(now)
        completeness = self.completeness()
        spikes = self.series.spikes()
        whitelist = self.whitelist.current
        if whitelist.problem is not None:
            text = printable(whitelist.problem)
            banners += (Banner("whitelist_broken", text, self.whitelist.meanwhile),)
        if self.series.hidden_fails:
            banners += (_hidden_banner(self.series.hidden_fails),)
        if self.ledger_problem is not None:
            banners += (Banner("queue_unusable", self.ledger_problem, self.desk.meanwhile),)
        pulse = self.series.pulse(now)
        runs = self.series.runs()
        alerts = self.standing.alerts_at(
            spikes, pulse, whitelist, now, phase=phase, policies=policies, jobs_of=partial(jobs_of, runs)
        )
        banners += ahead_banner(self.series.ahead)
        banners += tuple(silence_banner(alert) for alert in alerts if alert.class_name == SILENCE)
        return Snapshot(
            generation=generation,
            root=self.path.absolute().name or "/",
            phase=phase,
            mode=mode,
            completeness=completeness,
            progress=(completeness.seen, max(self.scan.expected, completeness.seen)) if phase == "loading" else None,
            banners=banners,
            newest=max((policy.newest for policy in policies if policy.newest is not None), default=None),
            taken_at=now,
            policies=policies,
            rejected=self.intake.rejected(),
            pending=self.intake.pending(),
            duplicates=self.series.lost(),
            diagnostics=self._diagnostics(),
            refused=self.desk.notes(),
            unreadable_folders=self.scan.unreadable_folders,
            misnamed=self.scan.misnamed[1],
            whitelist=whitelist,
            runs=runs,
            queue=self._board,
            spikes=spikes,
            judging=self.series.judging,
            alerts=alerts,
            acts=self._acts,
            yardstick=self.yardstick,
        )

    def _diagnostics(self) -> Callable[[], Diagnostics]:
        """A way to get what was unusable in kept files, and what only series and queue show, sorted by path."""
        in_files, in_series, in_queue = self.intake.diagnostics(), self.series.notes(), self.desk.notes()

        def read() -> Diagnostics:
            found: dict[str, tuple[Diagnostic, ...]] = dict(in_files())
            for path, note in (*in_series, *in_queue):
                if all(note[:2] != other[:2] for other in found.get(path, ())):
                    found[path] = (*found.get(path, ()), note)
            return tuple(sorted(found.items()))

        return read


def _hidden_banner(fails: int) -> Banner:
    """FAIL signals that count nowhere because another run has their id, policy and stratum (rule G6)."""
    be = "is" if fails == 1 else "are"
    text = f"{counted(fails, 'FAIL signal')} {be} in no figure: another run has the same run_id, policy and stratum"
    return Banner("runs_hidden", text, 'let each job write its own name: "job": "fedora"')
